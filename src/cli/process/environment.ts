import { discardLeftoverLog } from "../../keeper/keeper_log.ts";
import { type Launched, launchKeeper, type LaunchOptions } from "../../keeper/launch.ts";
import type { KeeperOrder } from "../../keeper/order.ts";
import type { Host, HostOptions } from "../../tun/host.ts";
import { HostError } from "../../tun/host_error.ts";
import { SimulatedHost, type SimulatedHostOptions } from "../../tun/simulated/host.ts";
import { openWindowsHost } from "../../tun/windows/host.ts";
import { ConsoleControl } from "../../windows/console_control.ts";
import { System } from "../../windows/system.ts";

/** Somewhere to write text to. */
export interface Stream {
  readonly isTerminal: boolean;
  /** Writes all of `text`. @throws {Deno.errors.BrokenPipe} when nobody reads it any more. */
  write(text: string): void;
  /** The same without blocking this thread. Nothing else may be written until it resolves. @throws as `write`. */
  writeLater(text: string): Promise<void>;
  /** Writes some of `bytes`, at least one, without blocking this thread; gives how many. @throws as `write`. */
  writeBytes(bytes: Uint8Array): Promise<number>;
  /** How many characters a line of the terminal has now; `USUAL_COLUMNS` if that is not known or there is no terminal. */
  columns(): number;
}

/** What a program run has around it. Tests, and programs that run the CLI on another host, bring their own. */
export interface Environment {
  /** This machine's Windows, the one that all of the process uses; `undefined` on another operating system. */
  readonly system: System | undefined;
  /**
   * Opens this machine's adapters.
   * @throws {HostError} `platform` where there are none, `library`, `not-elevated`.
   */
  openHost(options: HostOptions): Promise<Host>;
  /** Opens a simulated machine (`--simulate`). */
  openSimulatedHost(options: SimulatedHostOptions): Host;
  /** Starts a process that holds an adapter when this one has ended. */
  startKeeper(order: KeeperOrder, options: LaunchOptions): Promise<Launched>;
  /** Deletes what the dead keeper of the adapter with that GUID left besides the adapter. */
  cleanUpAfterKeeper(guid: string): void;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Whether the user has asked for output without colours (https://no-color.org). */
  readonly noColor: boolean;
  /** Calls `handler` with each signal that asks the program to end, until the returned function is called. */
  onSignal(handler: (signal: string) => void): () => void;
  /**
   * Calls `handler` when Windows is about to end the program, because its console is closed, its user logs off or Windows
   * shuts down; until the returned function is called. The program has 4.5 s then to end by itself.
   */
  onConsoleEnd(handler: (reason: string) => void): () => void;
  /** Milliseconds by a clock that never goes back. */
  now(): number;
}

/**
 * What asks a program to end. Windows has SIGINT (Ctrl-C), SIGBREAK (Ctrl-Break) and SIGHUP (console closed). Listening for one
 * that the operating system lacks would throw, and an error costs a large bundle several milliseconds at its start.
 */
const END_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK", "SIGHUP"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

const WOULD_BLOCK_PAUSE_MS = 1;

/** The width of a terminal that does not tell it. */
export const USUAL_COLUMNS = 80;

/**
 * A signal this soon after another is the same: a runner such as `deno task` passes on the terminal's Ctrl-C, which the
 * program has got itself. A person takes longer for two.
 */
const SAME_SIGNAL_MS = 100;

/** This process: its streams, signals and machine, of which Windows stays open until the process ends. */
export function processEnvironment(): Environment {
  const system = Deno.build.os === "windows" ? new System() : undefined;
  return {
    system,
    openHost: (options) => openMachineHost(system, options),
    openSimulatedHost: (options) => new SimulatedHost(options),
    startKeeper: (order, options) => launchKeeper(order, options, system?.libraries),
    cleanUpAfterKeeper: (guid) => {
      if (system !== undefined) discardLeftoverLog(system.libraries, guid);
    },
    stdout: processStream(Deno.stdout),
    stderr: processStream(Deno.stderr),
    noColor: Deno.noColor,
    onSignal: listenForSignals,
    onConsoleEnd: (handler) => {
      if (system === undefined) return () => {};
      const control = new ConsoleControl(system.libraries, handler);
      return () => control.close();
    },
    now: () => performance.now(),
  };
}

async function openMachineHost(system: System | undefined, options: HostOptions): Promise<Host> {
  if (system !== undefined) return await openWindowsHost({ ...options, system });
  throw new HostError("platform", "Cannot open Wintun", "Wintun is a driver for Windows", {
    hint: "Run this on Windows, or add --simulate to try it here with a simulated adapter.",
  });
}

function processStream(stream: typeof Deno.stdout): Stream {
  const encoder = new TextEncoder();
  return {
    isTerminal: stream.isTerminal(),
    write: (text) => {
      let rest = encoder.encode(text);
      while (rest.length > 0) rest = rest.subarray(writeSome(stream, rest));
    },
    writeLater: async (text) => {
      let rest = encoder.encode(text);
      while (rest.length > 0) rest = rest.subarray(await writeSomeAsync(stream, rest));
    },
    writeBytes: (bytes) => writeSomeAsync(stream, bytes),
    // A terminal may give 0.
    columns: () => stream.isTerminal() && Deno.consoleSize().columns || USUAL_COLUMNS,
  };
}

/** Writes at least a byte. A pipe that another process has made non-blocking, as Node.js does, is waited for. */
function writeSome(stream: typeof Deno.stdout, bytes: Uint8Array): number {
  for (;;) {
    try {
      return stream.writeSync(bytes);
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      sleep(WOULD_BLOCK_PAUSE_MS);
    }
  }
}

/** The same without blocking this thread. */
async function writeSomeAsync(stream: typeof Deno.stdout, bytes: Uint8Array): Promise<number> {
  for (;;) {
    try {
      return await stream.write(bytes);
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await new Promise((resolve) => setTimeout(resolve, WOULD_BLOCK_PAUSE_MS));
    }
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function listenForSignals(handler: (signal: string) => void): () => void {
  const listeners: [Deno.Signal, () => void][] = [];
  let lastMs = -Infinity;
  for (const signal of END_SIGNALS) {
    const listener = (): void => {
      const isSame = performance.now() - lastMs < SAME_SIGNAL_MS;
      lastMs = performance.now();
      if (!isSame) handler(signal);
    };
    Deno.addSignalListener(signal, listener);
    listeners.push([signal, listener]);
  }
  return () => {
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  };
}
