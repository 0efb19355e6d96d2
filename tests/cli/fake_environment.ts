import type { Environment, Stream } from "../../src/cli/process/environment.ts";
import type { SimulatedPlace } from "../../src/cli/process/simulated_place.ts";
import type { Launched, LaunchOptions } from "../../src/keeper/launch.ts";
import type { AdapterInfo } from "../../src/tun/adapter_info.ts";
import type { AdapterOrder } from "../../src/tun/adapter_order.ts";
import type { Host, HostOptions } from "../../src/tun/host.ts";
import { HostError } from "../../src/tun/host_error.ts";
import { SimulatedHost, type SimulatedHostOptions } from "../../src/tun/simulated/host.ts";

/** The time between two pings. It is short, to keep tests quick. */
const PING_INTERVAL_MS = 4;

/** A stream that stores its text, and can be closed by its reader. */
export class CapturedStream implements Stream {
  isTerminal = false;
  text = "";
  isClosed = false;
  readonly #waiting: { pattern: RegExp; resolve: () => void }[] = [];

  write(text: string): void {
    if (this.isClosed) throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
    this.text += text;
    for (const { pattern, resolve } of this.#waiting) {
      if (pattern.test(this.text)) resolve();
    }
  }

  // deno-lint-ignore require-await -- errors must be rejections
  async writeLater(text: string): Promise<void> {
    this.write(text);
  }

  /** The bytes that were written. */
  bytes = new Uint8Array(0);

  writeBytes(bytes: Uint8Array): Promise<number> {
    if (this.isClosed) return Promise.reject(new Deno.errors.BrokenPipe("Broken pipe (os error 32)"));
    this.bytes = Uint8Array.of(...this.bytes, ...bytes);
    return Promise.resolve(bytes.length);
  }

  /** The result of `columns()`. */
  width = 80;

  columns(): number {
    return this.width;
  }

  /** The result of `rows()`. */
  height = 24;

  rows(): number {
    return this.height;
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }

  /** Each line, read as JSON. */
  // deno-lint-ignore no-explicit-any
  get objects(): any[] {
    return this.lines.map((line) => JSON.parse(line));
  }

  /** Resolves when the written text matches. */
  written(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ pattern, resolve }));
  }
}

/** An environment with captured streams, with signals that the test sends, and with the host of the test, or none. */
export class FakeEnvironment implements Environment {
  readonly system = undefined;
  /** What WINTUN_SIMULATE chooses. */
  simulated: SimulatedPlace | undefined;
  readonly stdout = new CapturedStream();
  readonly stderr = new CapturedStream();
  noColor = false;
  /** What `readStdin` returns. */
  stdin = "";

  readStdin(): Promise<string> {
    return Promise.resolve(this.stdin);
  }

  /** The host that `openHost` returns. Without it this machine has no Wintun. */
  host: ((options: HostOptions) => Host | Promise<Host>) | undefined;
  /** The simulated host that `--simulate` opened last. */
  simulatedHost: SimulatedHost | undefined;
  simulatedPlace: SimulatedPlace | undefined;
  /** The options of that host. */
  simulatedOptions: SimulatedHostOptions | undefined;
  readonly #handlers = new Set<(signal: string) => void>();

  get hasSignalHandlers(): boolean {
    return this.#handlers.size > 0;
  }

  // deno-lint-ignore require-await -- errors must be rejections
  async openHost(options: HostOptions): Promise<Host> {
    if (this.host === undefined) {
      throw new HostError("platform", "Cannot open Wintun", "not here", { hint: "Hint." });
    }
    return this.host(options);
  }

  /** Opens a machine in memory, whatever place is asked for. */
  openSimulatedHost(place: SimulatedPlace, options: SimulatedHostOptions): SimulatedHost {
    this.simulatedPlace = place;
    this.simulatedOptions = options;
    this.simulatedHost = new SimulatedHost({ pingIntervalMs: PING_INTERVAL_MS, ...options });
    return this.simulatedHost;
  }

  /** Lets a simulated service hold the adapter, or this process on a host of another kind, which stays open. */
  async startKeeper(
    { request, settings, removeLegacy }: AdapterOrder,
    options: LaunchOptions,
  ): Promise<Launched> {
    const host = await this.openHost({ ...options, removeLegacy });
    if (host instanceof SimulatedHost) return await host.startKeeper({ request, settings });
    const adapter = await host.create({ ...request, role: "keeper" });
    const configured = await host.configure(adapter.info.luid, settings);
    return { info: (await host.find(request.guid))!, configured };
  }

  /** The adapters whose services were started, or waited for. */
  readonly resumed: string[] = [];

  /** Makes the adapter, as its service would. */
  async resumeKeeper({ name, type, guid }: AdapterInfo, options: LaunchOptions): Promise<Launched> {
    this.resumed.push(name);
    const request = { name, type, guid, persistent: true };
    return await this.startKeeper({ request, settings: {}, removeLegacy: false }, options);
  }

  /** The GUIDs of adapters whose keepers' logs were deleted. */
  readonly cleanedUp: string[] = [];

  cleanUpAfterKeeper(guid: string): void {
    this.cleanedUp.push(guid);
  }

  removeLeftovers(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  now(): number {
    return performance.now();
  }

  /** Notifies the program that Windows is about to end it. Does nothing if the program does not listen. */
  endConsole: (reason: string) => void = () => {};

  onConsoleEnd(handler: (reason: string) => void): () => void {
    this.endConsole = handler;
    return () => {
      this.endConsole = () => {};
    };
  }

  onSignal(handler: (signal: string) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  signal(name: string): void {
    for (const handler of [...this.#handlers]) handler(name);
  }
}
