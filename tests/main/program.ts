/** The program in processes of its own, on simulated machines. */

import { fromFileUrl } from "@std/path";

const MAIN = fromFileUrl(new URL("../../src/main.ts", import.meta.url));
const PERMISSIONS = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-env"];

/** What a process has written, and its exit code. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process is started. */
export interface Start {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Default: all that the program needs. */
  readonly permissions?: readonly string[];
  /** What `run` lets it read from stdin. Default: nothing. */
  readonly stdin?: Uint8Array;
}

/** Starts the program. Its machine is the one of WINTUN_SIMULATE in `env`. */
export function spawn(
  args: readonly string[],
  { env = {}, cwd, permissions = PERMISSIONS, stdin }: Start = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...permissions, MAIN, ...args],
    ...(cwd === undefined ? {} : { cwd }),
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...env },
  }).spawn();
}

/** Runs the program to its end. */
export async function run(args: readonly string[], start: Start = {}): Promise<Ended> {
  const process = spawn(args, start);
  if (start.stdin !== undefined) await new Blob([start.stdin.slice()]).stream().pipeTo(process.stdin);
  const { code, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A process whose output is collected while it runs. */
export class Running {
  readonly process: Deno.ChildProcess;
  /** Resolves at its end. */
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";
  #look = (): void => {};

  constructor(args: readonly string[], start: Start = {}) {
    this.process = spawn(args, start);
    this.ended = this.#collect();
  }

  /** Resolves when the text of both streams matches. @throws {Error} if the process ends before. */
  async written(pattern: RegExp): Promise<void> {
    const matches = new Promise<void>((resolve) => {
      this.#look = () => pattern.test(this.#stdout + this.#stderr) && resolve();
      this.#look();
    });
    await Promise.race([matches, this.ended]);
    if (pattern.test(this.#stdout + this.#stderr)) return;
    throw new Error(`the process ended without ${pattern}: ${this.#stdout}${this.#stderr}`);
  }

  async #collect(): Promise<Ended> {
    const { stdout, stderr } = this.process;
    const read = async (stream: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) {
        add(text);
        this.#look();
      }
    };
    await Promise.all([
      read(stdout, (text) => this.#stdout += text),
      read(stderr, (text) => this.#stderr += text),
    ]);
    const { code } = await this.process.status;
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }
}
