/** The command line tool as a process of its own, from a test that runs under deno.exe. */

import { fromFileUrl } from "@std/path";
import { isWindowsWorld, signedPath } from "./libraries.ts";

const emulated = fromFileUrl(new URL("./emulated.ts", import.meta.url));
const main = fromFileUrl(new URL("../../src/main.ts", import.meta.url));

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The program with `args`: in the Windows world on the emulator, on Windows with the signed DLL and its driver. A `dll` is passed
 * with `--dll`.
 */
export function program(
  args: readonly string[],
  options: Deno.CommandOptions & { dll?: string } = {},
): Deno.Command {
  const { dll, ...rest } = options;
  return new Deno.Command(Deno.execPath(), {
    args: denoArguments(args, dll),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...rest,
  });
}

/** The same as arguments for deno.exe. */
export function denoArguments(
  args: readonly string[],
  dll: string | undefined = isWindowsWorld ? undefined : signedPath,
): string[] {
  const withDll = dll === undefined ? [] : ["--dll", dll];
  return ["run", "-A", "--no-check", isWindowsWorld ? emulated : main, ...args, ...withDll];
}

/** Runs the program to its end. */
export async function run(args: readonly string[], options: { dll?: string } = {}): Promise<Ended> {
  const { code, stdout, stderr } = await program(args, options).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

// deno-lint-ignore no-explicit-any
export type ServeEvent = { readonly event: string } & Record<string, any>;

/** `serve … --json`, running. Killed at the end of its scope if it still runs. */
export class Serving implements AsyncDisposable {
  readonly events: ServeEvent[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #ready = Promise.withResolvers<ServeEvent>();
  readonly #ended: Promise<Ended>;

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#ended = this.#follow();
    this.#ready.promise.catch(() => {});
  }

  static async start(...args: string[]): Promise<Serving> {
    const serving = new Serving(program(["serve", ...args, "--json"]).spawn());
    await serving.ready;
    return serving;
  }

  get child(): Deno.ChildProcess {
    return this.#child;
  }

  /** The `ready` event. Rejects when the program ends without it. */
  get ready(): Promise<ServeEvent> {
    return this.#ready.promise;
  }

  get ended(): Promise<Ended> {
    return this.#ended;
  }

  get stopped(): ServeEvent | undefined {
    return this.events.find(({ event }) => event === "stopped");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#ended;
  }

  async #follow(): Promise<Ended> {
    const errors = new Response(this.#child.stderr).text();
    let stdout = "";
    let rest = "";
    for await (const chunk of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      stdout += chunk;
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(JSON.parse(line));
    }
    const { code } = await this.#child.status;
    const stderr = await errors;
    this.#ready.reject(new Error(`serve ended with ${code} before it was ready\n${stderr}`));
    return { code, stdout, stderr };
  }

  #take(event: ServeEvent): void {
    this.events.push(event);
    if (event.event === "ready") this.#ready.resolve(event);
  }
}

/** Pings with Windows' own ping.exe; true when all of `count` requests were answered. */
export async function ping(address: string, count: number): Promise<boolean> {
  const { code, stdout } = await new Deno.Command("ping", { args: ["-n", `${count}`, "-w", "5000", address] })
    .output();
  const replies = new TextDecoder().decode(stdout).match(/TTL=/gi)?.length ?? 0;
  return code === 0 && replies === count;
}
