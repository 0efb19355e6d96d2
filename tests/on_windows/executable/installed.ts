/** Copies of the finished executable in folders of a world, each with what a test puts beside it. */

import { programFolder } from "../world/command_line.ts";
import { linuxPath } from "../world/executable.ts";
import type { ProgramOptions } from "../world/world.ts";
import { enterWorld, worldTest } from "../world_under_test.ts";

export const world = await enterWorld();

/** The folder of the embedded wintun.dll and of the logs. */
export const dataFolder = "C:\\ProgramData\\wintun";

/** The path of the embedded wintun.dll once it is extracted. */
export const extractedPath = `${dataFolder}\\wintun-0.14.1-amd64.dll`;

/** Turns of the event loop, of 5 ms each, in which this process reads what is in a pipe. Time alone says nothing on a busy machine. */
const DRAIN_TURNS = 20;
/** What Wine itself rarely says while a process with several threads ends. */
const WINES_OWN = /^wine client error:.*\n/gm;
const PIPED = { stdin: "null", stdout: "piped", stderr: "piped" } as const;

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Returns the path by which this process reads a file on the world's drive C. */
export const file = (path: string): string => world.file(linuxPath(path));

/** The archive's files, as they were unpacked. */
export const unpacked = (name: string): Uint8Array<ArrayBuffer> =>
  Deno.readFileSync(file(`${programFolder}\\${name}`));

/** Registers a test that has the folder `C:\…` with wintun.exe in it. Nothing of the program is left in ProgramData before and after. */
export function installedTest(
  name: string,
  body: (folder: string) => Promise<void>,
  { folder = `C:\\test ${crypto.randomUUID()}` } = {},
): void {
  worldTest(name, async () => {
    await remove(dataFolder);
    try {
      await Deno.mkdir(file(folder), { recursive: true });
      // The same file by another name: not a byte of it is another.
      await Deno.link(file(`${programFolder}\\wintun.exe`), file(`${folder}\\wintun.exe`));
      await body(folder);
    } finally {
      await remove(folder);
      await remove(dataFolder);
    }
  });
}

/** Removes a file or folder, if it is there. */
export async function remove(path: string): Promise<void> {
  await Deno.remove(file(path), { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/** Whether a ping from the world's network is answered. */
export async function isPinged(address: string): Promise<boolean> {
  const command = world.linux("ping", ["-c", "1", "-W", "5", "-q", address], { stdout: "null" });
  return (await command.output()).success;
}

/** Runs the executable in `folder` to its end. */
export async function run(
  folder: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Ended> {
  return await ended(world.launch(`${folder}\\wintun.exe`, args, { ...PIPED, ...options }).spawn());
}

/** Runs the lines of a batch file to its end, from an administrator's prompt in `folder`. */
export async function batch(folder: string, lines: readonly string[]): Promise<Ended> {
  const path = `${folder}\\lines.cmd`;
  await Deno.writeTextFile(file(path), ["@echo off", ...lines, ""].join("\r\n"));
  return await ended(world.launch("C:\\windows\\system32\\cmd.exe", ["/c", path], PIPED).spawn());
}

/**
 * Follows a program to its end. Wine keeps the Unix end of its output open in every process that it has started, keepers
 * too, so nobody waits for the end of the output.
 */
export async function ended(child: Deno.ChildProcess): Promise<Ended> {
  const [stdout, stderr] = [new Collected(child.stdout), new Collected(child.stderr)];
  const { code } = await child.status;
  return { code, stdout: await stdout.rest(), stderr: (await stderr.rest()).replace(WINES_OWN, "") };
}

/** What a stream has brought so far. */
class Collected {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";
  #isDone = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.#collect();
  }

  /** Reads what is in the pipe when the program has ended, and closes it. */
  async rest(): Promise<string> {
    for (let turn = 0; turn < DRAIN_TURNS && !this.#isDone; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await this.#reader.cancel();
    return this.#text;
  }

  async #collect(): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) {
        this.#isDone = true;
        return;
      }
      this.#text += decoder.decode(value, { stream: true });
    }
  }
}
