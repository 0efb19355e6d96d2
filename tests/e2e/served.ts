import { fromFileUrl } from "@std/path";
import type { NetworkNamespace } from "./network_namespace.ts";

const CLI = fromFileUrl(new URL("../emulator/cli.ts", import.meta.url));
const FAULTY_CLI = fromFileUrl(new URL("./faulty_cli.ts", import.meta.url));

/** Arguments with which deno runs `wintun serve ARGS` on the emulator. */
// Unchecked: what Deno says of checking would be on stderr too.
export function serveArguments(...args: string[]): string[] {
  return ["run", "-A", "--no-check", CLI, "serve", ...args];
}

/** The same with a fault of `faulty_cli.ts`. */
export function faultyServeArguments(fault: string, ...args: string[]): string[] {
  return ["run", "-A", "--no-check", FAULTY_CLI, fault, "serve", ...args];
}

/** One line of `serve --json`. */
// deno-lint-ignore no-explicit-any
export type ServeEvent = { readonly event: string } & Record<string, any>;

/** How a served program ended. */
export interface Ended {
  readonly code: number;
  readonly stopped: ServeEvent | undefined;
  readonly stderr: string;
}

/** `wintun serve … --json` on the emulator in a process of its own; stopped with its owner, however that ends. */
export class Served implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #events: ServeEvent[] = [];
  readonly #ready = Promise.withResolvers<ServeEvent>();
  readonly #ended: Promise<Ended>;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#ready.promise.catch(() => {});
    this.#ended = this.#follow();
  }

  /** Starts the program in `namespace` and returns when it reads packets. */
  static start(namespace: NetworkNamespace, ...args: string[]): Promise<Served> {
    return Served.#start(namespace, serveArguments(...args, "--json"));
  }

  /** The same with a fault of `faulty_cli.ts`. */
  static startFaulty(namespace: NetworkNamespace, fault: string, ...args: string[]): Promise<Served> {
    return Served.#start(namespace, faultyServeArguments(fault, ...args, "--json"));
  }

  static async #start(namespace: NetworkNamespace, args: readonly string[]): Promise<Served> {
    const command = namespace.command(Deno.execPath(), args, {
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    const served = new Served(command.spawn());
    await served.#ready.promise;
    return served;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** The events so far, oldest first. */
  get events(): readonly ServeEvent[] {
    return this.#events;
  }

  /** Sends a signal and does not wait. */
  signal(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** Waits for the program to end by itself. */
  ended(): Promise<Ended> {
    return this.#ended;
  }

  /** Sends a signal, Ctrl-C unless told, and waits for the end. */
  stop(signal: Deno.Signal = "SIGINT"): Promise<Ended> {
    this.signal(signal);
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#ended;
  }

  async #follow(): Promise<Ended> {
    const stderr = new Response(this.#process.stderr).text();
    let rest = "";
    for await (const chunk of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(JSON.parse(line));
    }
    const { code } = await this.#process.status;
    const ended = {
      code,
      stopped: this.#events.find((one) => one.event === "stopped"),
      stderr: await stderr,
    };
    this.#ready.reject(new Error(`serve ended with ${code} before it was ready\n${ended.stderr}`));
    return ended;
  }

  #take(event: ServeEvent): void {
    this.#events.push(event);
    if (event.event === "ready") this.#ready.resolve(event);
  }
}
