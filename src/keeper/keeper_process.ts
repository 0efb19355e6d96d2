import type { Host, HostOptions } from "../tun/host.ts";
import type { System } from "../windows/system.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";
import { keepAdapter } from "./keep.ts";
import { KeeperLog } from "./keeper_log.ts";
import { leaveJob } from "./leave_job.ts";
import { encodeMessage, type KeeperMessage } from "./message.ts";
import { type KeeperOrder, readOrder } from "./order.ts";

/** The environment of a keeper's process. */
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
 * Runs the keeper's process: reads the order from standard input, creates the adapter, reports the outcome on standard
 * output, and then holds the adapter until another process asks to release it. Returns `true` if the adapter was ready, or if
 * the keeper goes on as another process (`leaveJob`).
 *
 * @throws as `readOrder` and `keepAdapter` do, after the error was reported. The exit code shows it too.
 */
export async function runKeeperProcess(
  { environment, interrupted, hasMoved = false }: KeeperSurroundings,
): Promise<boolean> {
  const libraries = environment.system?.libraries;
  const starter = new Starter();
  const job = leaveJob(libraries, hasMoved, (message) => starter.send(message));
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
        starter.send({ type: "log", level, message });
      },
    });
    wasReady = await keepAdapter(host, order, ({ info, configured }) => {
      log?.write("info", `holding adapter "${info.name}" {${info.guid}}`);
      starter.send({
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
    const wasSent = starter.send({ type: "failed", error });
    starter.leave();
    log?.write("error", error.message);
    // If the starter did not receive the error, only the log can show it.
    if (wasSent) log?.discard();
    else log?.close();
    throw error;
  }
  log?.discard();
  return wasReady;
}

/** Opens the log. A keeper also works without one: the starter then receives a warning. */
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
    starter.send({ type: "log", level: "warning", message: `The keeper writes no log: ${reason}.` });
    return undefined;
  }
}

/** The process that started this keeper. It reads messages from standard output until the keeper is ready or has failed. */
class Starter {
  #listens = true;

  /** Sends a message. Returns `false` if the starter no longer listens, or has ended. */
  send(message: KeeperMessage): boolean {
    if (!this.#listens) return false;
    let rest = new TextEncoder().encode(`${encodeMessage(message)}\n`);
    try {
      while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
    } catch {
      this.#listens = false;
    }
    return this.#listens;
  }

  /** Sends no more messages: the starter has received the last one that it waits for, and may have ended. */
  leave(): void {
    this.#listens = false;
  }
}
