import { dirname } from "@std/path";
import { HostError } from "../tun/host_error.ts";
import { keepStandardHandles } from "../windows/standard_handles.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";
import { decodeMessage, type KeeperMessage } from "./message.ts";
import { encodeOrder, type KeeperOrder } from "./order.ts";
import type { Kept } from "./keep.ts";
import type { LogLine } from "../wintun/log_line.ts";

/** The hidden command by which this program runs as a keeper. */
export const KEEPER_COMMAND = "keeper";

export interface LaunchOptions {
  /** Milliseconds that the keeper may take to be ready. */
  readonly timeoutMs: number;
  /**
   * Aborted when the user wants no adapter any more. Before the start: no keeper is started. While the keeper is not
   * ready: it is ended, and `launchKeeper` throws. Once it is ready, nothing happens.
   */
  readonly interrupted?: AbortSignal;
  /** Receives what the keeper's host logs until the keeper is ready. */
  readonly log: (line: LogLine) => void;
}

/** A keeper that is ready. */
export interface Launched extends Kept {
  /** File that it writes what happens to; absent where it cannot. */
  readonly log?: string;
  /** Windows ends it, and its adapter with it, with the job that this process is in, as sshd makes one for each command. */
  readonly endsWithJob: boolean;
}

/** A program and its first arguments. */
export interface Program {
  readonly path: string;
  readonly args: readonly string[];
}

/**
 * Starts a keeper, this program once more and detached from this process, and waits until it holds the adapter.
 *
 * The order goes through a pipe: no quoting, and no other user can read or change it. The keeper tells nothing any more
 * when it is ready, and nothing ties it to this process then.
 *
 * @param libraries Windows'; `undefined` on another operating system.
 * @throws what the keeper failed with; {HostError} `timeout`, and `failed` when it ended without a word. In each case
 * it has ended, and the adapter is gone with it.
 */
export async function launchKeeper(
  order: KeeperOrder,
  options: LaunchOptions,
  libraries: SystemLibraries | undefined,
  program: Program = ownProgram(),
): Promise<Launched> {
  const operation = `Cannot create adapter "${order.request.name}"`;
  const interrupted = (): HostError => new HostError("failed", operation, "interrupted");
  if (options.interrupted?.aborted) throw interrupted();
  if (libraries !== undefined) keepStandardHandles(libraries);
  const child = new Deno.Command(program.path, {
    args: [...program.args, KEEPER_COMMAND],
    // Not the caller's folder, which somebody may want to delete while the keeper lives.
    cwd: dirname(Deno.execPath()),
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    detached: true,
  }).spawn();
  const stop = Promise.withResolvers<HostError>();
  const timer = setTimeout(
    () =>
      stop.resolve(
        new HostError("timeout", operation, `it was not ready after ${options.timeoutMs / 1000} seconds`, {
          hint: "Allow more time with --timeout.",
        }),
      ),
    options.timeoutMs,
  );
  const keeper: Keeper = { child, state: "runs" };
  const conversation = converse(keeper, order, operation, options);
  const onInterrupt = (): void => stop.resolve(interrupted());
  options.interrupted?.addEventListener("abort", onInterrupt);
  try {
    const outcome = await Promise.race([conversation, stop.promise]);
    if (outcome instanceof HostError) throw outcome;
    child.unref();
    return outcome;
  } catch (error) {
    end(keeper);
    // The pipe ends with the last process that has it.
    await conversation.catch(() => {});
    await child.status;
    throw error;
  } finally {
    clearTimeout(timer);
    options.interrupted?.removeEventListener("abort", onInterrupt);
  }
}

/** The process that was started, and the one that it goes on as outside its job. */
interface Keeper {
  readonly child: Deno.ChildProcess;
  movedTo?: number;
  state: "runs" | "stopped" | "ended";
}

async function converse(
  keeper: Keeper,
  order: KeeperOrder,
  operation: string,
  { log }: LaunchOptions,
): Promise<Launched> {
  const { child } = keeper;
  const writer = child.stdin.getWriter();
  // A keeper that ends at once breaks the pipe; its last words say why.
  await writer.write(new TextEncoder().encode(encodeOrder(order))).catch(() => {});
  await writer.close().catch(() => {});
  let failure: Error | undefined;
  for await (const message of messagesOf(child.stdout)) {
    if (message.type === "ready") return message;
    if (message.type === "moved") {
      keeper.movedTo = message.pid;
      if (keeper.state === "stopped") end(keeper);
    } else if (message.type === "log") log(message);
    // It still deletes its log: were it ended now, that would stay.
    else failure = message.error;
  }
  const { code } = await child.status;
  keeper.state = "ended";
  throw failure ??
    new HostError("failed", operation, `its keeper ended with code ${code}`);
}

async function* messagesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<KeeperMessage> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield decodeMessage(line);
  }
}

/** Ends the keeper, unless it has: its number may be another process's then. */
function end(keeper: Keeper): void {
  if (keeper.state === "ended") return;
  keeper.state = "stopped";
  try {
    if (keeper.movedTo === undefined) keeper.child.kill("SIGKILL");
    else Deno.kill(keeper.movedTo, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** How this program is started: as one file, or its main module by Deno with the permissions that it has now. */
function ownProgram(): Program {
  if (Deno.build.standalone) return { path: Deno.execPath(), args: [] };
  const kinds = ["read", "write", "env", "run", "ffi", "sys", "net"] as const;
  const granted = kinds.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
  return {
    path: Deno.execPath(),
    args: ["run", "--quiet", "--no-prompt", ...granted.map((name) => `--allow-${name}`), Deno.mainModule],
  };
}
