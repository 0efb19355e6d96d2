import { dirname } from "@std/path";
import { HostError } from "../tun/host_error.ts";
import { keepStandardHandles } from "../windows/standard_handles.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";
import { decodeMessage, type KeeperMessage } from "./message.ts";
import { encodeOrder, type KeeperOrder } from "./order.ts";
import type { Kept } from "./keep.ts";
import type { LogLine } from "../wintun/log_line.ts";

/** The hidden command that runs this program as a keeper. */
export const KEEPER_COMMAND = "keeper";

export interface LaunchOptions {
  /** Milliseconds that the keeper may take to be ready. */
  readonly timeoutMs: number;
  /**
   * Aborted when the user no longer wants the adapter. If that is before the start, no keeper is started; before the keeper
   * is ready, the keeper is ended; in both cases `launchKeeper` throws. Once the keeper is ready, the signal has no effect.
   */
  readonly interrupted?: AbortSignal;
  /** Receives the log lines of the keeper's host until the keeper is ready. */
  readonly log: (line: LogLine) => void;
}

/** A keeper that is ready. */
export interface Launched extends Kept {
  /** Path of the keeper's log; absent if it could not create one. */
  readonly log?: string;
  /** Whether Windows ends the keeper, and so the adapter, with the job of this process. sshd makes such a job a command. */
  readonly endsWithJob: boolean;
}

/** A program and its first arguments. */
export interface Program {
  readonly path: string;
  readonly args: readonly string[];
}

/**
 * Starts a keeper, which is this program in another process, detached from this one, and waits until it holds the adapter.
 *
 * The order goes through a pipe: it needs no quoting, and no other user can read or change it. A keeper that is ready sends
 * no more messages and does not depend on this process.
 *
 * @param libraries The libraries of Windows; `undefined` on another operating system.
 * @throws the error that the keeper reported; {HostError} `timeout`, and `failed` when the keeper ended without a report or
 * `options.interrupted` was aborted. In each case the keeper has ended, and its adapter is gone.
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
    // Windows cannot delete the working folder of a process, so the keeper must not use the caller's.
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
    // The pipe closes when the last process that has it ends.
    await conversation.catch(() => {});
    await child.status;
    throw error;
  } finally {
    clearTimeout(timer);
    options.interrupted?.removeEventListener("abort", onInterrupt);
  }
}

/** The process that was started, and the PID of the process outside the job that has replaced it (`leaveJob`). */
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
  // A keeper that ends at once breaks the pipe; its messages, which are read below, give the reason.
  await writer.write(new TextEncoder().encode(encodeOrder(order))).catch(() => {});
  await writer.close().catch(() => {});
  let failure: Error | undefined;
  for await (const message of messagesOf(child.stdout)) {
    if (message.type === "ready") return message;
    if (message.type === "moved") {
      keeper.movedTo = message.pid;
      if (keeper.state === "stopped") end(keeper);
    } else if (message.type === "log") log(message);
    // Do not end the keeper here: it still has to delete its log.
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

/** Ends the keeper, unless it has ended already: Windows may have given its PID to another process. */
function end(keeper: Keeper): void {
  if (keeper.state === "ended") return;
  keeper.state = "stopped";
  try {
    if (keeper.movedTo === undefined) keeper.child.kill("SIGKILL");
    else Deno.kill(keeper.movedTo, "SIGKILL");
  } catch {
    // The keeper has ended by itself.
  }
}

/** Returns how to start this program: the executable, or Deno with the main module and the permissions granted now. */
function ownProgram(): Program {
  if (Deno.build.standalone) return { path: Deno.execPath(), args: [] };
  const kinds = ["read", "write", "env", "run", "ffi", "sys", "net"] as const;
  const granted = kinds.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
  return {
    path: Deno.execPath(),
    args: ["run", "--quiet", "--no-prompt", ...granted.map((name) => `--allow-${name}`), Deno.mainModule],
  };
}
