import { discardLeftoverLog } from "../../keeper/keeper_log.ts";
import { type Launched, launchKeeper, type LaunchOptions, resumeKeeper } from "../../keeper/launch.ts";
import type { AdapterInfo } from "../../tun/adapter_info.ts";
import type { AdapterOrder } from "../../tun/adapter_order.ts";
import type { Host, HostOptions } from "../../tun/host.ts";
import { HostError } from "../../tun/host_error.ts";
import { SimulatedHost, type SimulatedHostOptions } from "../../tun/simulated/host.ts";
import { sleepSync } from "../../tun/sleep.ts";
import { AdapterServices } from "../../tun/windows/adapter_services.ts";
import { removeLeftRules } from "../../tun/windows/dns_rules.ts";
import { openWindowsHost } from "../../tun/windows/host.ts";
import { ConsoleControl } from "../../windows/console_control.ts";
import { System } from "../../windows/system.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { openSimulatedPlace, simulatedByVariable, type SimulatedPlace } from "./simulated_place.ts";

/** An output stream of the process. */
export interface Stream {
  readonly isTerminal: boolean;
  /** Writes all of `text`. @throws {Error} if it cannot be written; `isClosedStream` recognizes that its reader has gone. */
  write(text: string): void;
  /** Writes all of `text` without blocking this thread. Nothing else may be written until it resolves. @throws as `write`. */
  writeLater(text: string): Promise<void>;
  /** Writes at least one of `bytes` without blocking this thread. Returns how many it has written. @throws as `write`. */
  writeBytes(bytes: Uint8Array): Promise<number>;
  /** Returns the present width of the terminal in columns, or `USUAL_COLUMNS` if it is not known or there is no terminal. */
  columns(): number;
  /** Returns the present height of the terminal in rows, or `USUAL_ROWS` likewise. */
  rows(): number;
}

/** The surroundings of one run of the program. Tests, and programs that run it on another host, pass their own. */
export interface Environment {
  /** The Windows functions that the whole process uses. `undefined` on another operating system. */
  readonly system: System | undefined;
  /**
   * Opens this machine. The caller owns the host.
   * @throws {HostError} `platform` on another operating system, `library`, `not-elevated`.
   */
  openHost(options: HostOptions): Promise<Host>;
  /** The simulated machine that the user's environment chooses for every command. `undefined` if it chooses none. */
  readonly simulated: SimulatedPlace | undefined;
  /**
   * Opens a simulated machine. The caller owns the host.
   * @throws {HostError} `failed` if the user's own folder is not known.
   */
  openSimulatedHost(place: SimulatedPlace, options: SimulatedHostOptions): SimulatedHost;
  /**
   * Starts a service that creates an adapter and holds it after this process has ended.
   * @throws as `launchKeeper`; {HostError} `platform` on another operating system.
   */
  startKeeper(order: AdapterOrder, options: LaunchOptions): Promise<Launched>;
  /**
   * Waits until the service of an adapter is ready that is `starting` or `stopped`, and starts it if it is stopped.
   * @throws as `resumeKeeper`; {HostError} `platform` on another operating system.
   */
  resumeKeeper(info: AdapterInfo, options: LaunchOptions): Promise<Launched>;
  /** Deletes the log of a keeper that has died. @param guid The GUID of its adapter. */
  cleanUpAfterKeeper(guid: string): void;
  /**
   * Removes what killed processes of this program have left: services that were created and never started, and DNS rules of
   * adapters that are gone. Returns warnings.
   */
  removeLeftovers(): Promise<readonly string[]>;
  /** Reads all of stdin as text. @throws {UsageError} if it is not UTF-8, or has more than `STDIN_LIMIT` bytes. */
  readStdin(): Promise<string>;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Whether the user has asked for output without colours (https://no-color.org). */
  readonly noColor: boolean;
  /** Calls `handler` with the name of each signal that asks the program to end. The returned function stops that. */
  onSignal(handler: (signal: string) => void): () => void;
  /**
   * Calls `handler` when Windows is about to end the program, because its console is closed, its user logs off or Windows
   * shuts down. The program then has 4.5 s to end by itself. The returned function stops that.
   */
  onConsoleEnd(handler: (reason: string) => void): () => void;
  /** Returns milliseconds of a clock that never goes back. */
  now(): number;
}

/**
 * The signals that ask a program to end. Windows has SIGINT (Ctrl-C), SIGBREAK (Ctrl-Break) and SIGHUP (console closed). To
 * listen for a signal that the operating system lacks throws an error, and an error costs several milliseconds here.
 */
const END_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK", "SIGHUP"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

const WOULD_BLOCK_PAUSE_MS = 1;

/** The width in columns of a terminal that does not report it. */
export const USUAL_COLUMNS = 80;
/** The height in rows of such a terminal. */
const USUAL_ROWS = 24;

/**
 * A signal this soon after another is the same one. A runner such as `deno task` passes on the Ctrl-C of the terminal, which
 * the program has received itself already. A person needs longer for a second one.
 */
const SAME_SIGNAL_MS = 100;

/** Returns the surroundings of this process. The DLLs of Windows stay open until the process ends. */
export function processEnvironment(): Environment {
  const system = Deno.build.os === "windows" ? new System() : undefined;
  return {
    system,
    openHost: async (options) => await openWindowsHost({ ...options, system: need(system) }),
    simulated: simulatedByVariable(),
    openSimulatedHost: (place, options) =>
      new SimulatedHost({ ...options, storage: openSimulatedPlace(system, place) }),
    startKeeper: async (order, options) => await launchKeeper(need(system), order, options),
    resumeKeeper: async (info, options) => await resumeKeeper(need(system), info, options),
    cleanUpAfterKeeper: (guid) => {
      if (system !== undefined) discardLeftoverLog(system.libraries, guid);
    },
    removeLeftovers: async () => {
      if (system === undefined) return [];
      await new AdapterServices(system).removeRubbishAlone();
      return await removeLeftRules(system);
    },
    readStdin,
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

/** A state of an adapter has a few hundred bytes. */
const STDIN_LIMIT = 1024 * 1024;

async function readStdin(): Promise<string> {
  // A byte order mark, which PowerShell may write, is left out.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of Deno.stdin.readable) {
      bytes += chunk.length;
      if (bytes > STDIN_LIMIT) throw new UsageError(`Stdin has more than ${STDIN_LIMIT} bytes.`);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError("Stdin is not UTF-8.");
  }
}

/** @throws {HostError} `platform` on another operating system. */
function need(system: System | undefined): System {
  if (system !== undefined) return system;
  throw new HostError("platform", "Cannot open Wintun", "Wintun is a driver for Windows", {
    hint: "Run this on Windows, or add --simulate to try it here on a simulated machine.",
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
    // A terminal may report 0.
    columns: () => stream.isTerminal() && Deno.consoleSize().columns || USUAL_COLUMNS,
    rows: () => stream.isTerminal() && Deno.consoleSize().rows || USUAL_ROWS,
  };
}

/** Writes at least one byte. Waits for a pipe that another process, such as Node.js, has made non-blocking. */
function writeSome(stream: typeof Deno.stdout, bytes: Uint8Array): number {
  for (;;) {
    try {
      return stream.writeSync(bytes);
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      sleepSync(WOULD_BLOCK_PAUSE_MS);
    }
  }
}

/** Does the same without blocking this thread. */
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
