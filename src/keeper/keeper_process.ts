import type { Host, HostOptions } from "../tun/host.ts";
import type { System } from "../windows/system.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";
import { keepAdapter } from "./keep.ts";
import { KeeperLog } from "./keeper_log.ts";
import { leaveJob } from "./leave_job.ts";
import { encodeMessage, type KeeperMessage } from "./message.ts";
import { type KeeperOrder, readOrder } from "./order.ts";

/** What a keeper's process has around it. */
export interface KeeperSurroundings {
  readonly environment: {
    /** This machine's Windows; `undefined` on another operating system. */
    readonly system: System | undefined;
    openHost(options: HostOptions): Promise<Host>;
  };
  /** Ends the keeper. */
  readonly interrupted: AbortSignal;
  /** Whether this process goes on for one that has left its job. */
  readonly hasMoved?: boolean;
}

/**
 * The keeper's process: takes its order from standard input, says on standard output what came of it, and then holds
 * the adapter until it is asked to let go. Returns whether the adapter was ready, or this process has moved.
 *
 * @throws as `keepAdapter` does; nobody reads what this process writes by then, but its exit code tells.
 */
export async function runKeeperProcess(
  { environment, interrupted, hasMoved = false }: KeeperSurroundings,
): Promise<boolean> {
  const libraries = environment.system?.libraries;
  const starter = new Starter();
  const job = leaveJob(libraries, hasMoved, (message) => starter.tell(message));
  if (job === "moved") return true;
  let log: KeeperLog | undefined;
  let wasReady: boolean;
  try {
    const order = await readOrder(Deno.stdin.readable);
    log = openLog(libraries, order, starter);
    await using host = await environment.openHost({
      ...(order.dll === undefined ? {} : { dll: order.dll }),
      removeLegacy: order.removeLegacy,
      log: ({ level, message }) => {
        log?.write(level, message);
        starter.tell({ type: "log", level, message });
      },
    });
    wasReady = await keepAdapter(host, order, ({ info, configured }) => {
      log?.write("info", `holding adapter "${info.name}" {${info.guid}}`);
      starter.tell({
        type: "ready",
        info,
        configured,
        endsWithJob: job === "held",
        ...(log === undefined ? {} : { log: log.path }),
      });
      starter.leave();
    }, interrupted);
    log?.write("info", "asked to let go");
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const wasTold = starter.tell({ type: "failed", error });
    starter.leave();
    log?.write("error", error.message);
    // Whoever started this knows; otherwise the log is all that is left to tell.
    if (wasTold) log?.discard();
    else log?.close();
    throw error;
  }
  log?.discard();
  return wasReady;
}

/** The log is a help, not a need: an adapter is held without one too. */
function openLog(
  libraries: SystemLibraries | undefined,
  { request }: KeeperOrder,
  starter: Starter,
): KeeperLog | undefined {
  if (libraries === undefined) return undefined;
  try {
    return KeeperLog.open(libraries, request.guid);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    starter.tell({ type: "log", level: "warning", message: `The keeper writes no log: ${reason}.` });
    return undefined;
  }
}

/** The process at the other end of standard output, until it has heard what it waits for. */
class Starter {
  #listens = true;

  /** `false` when it does not listen any more, or is gone. */
  tell(message: KeeperMessage): boolean {
    if (!this.#listens) return false;
    let rest = new TextEncoder().encode(`${encodeMessage(message)}\n`);
    try {
      while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
    } catch {
      this.#listens = false;
    }
    return this.#listens;
  }

  /** Tells no more: it knows what it waits for, and may be gone. */
  leave(): void {
    this.#listens = false;
  }
}
