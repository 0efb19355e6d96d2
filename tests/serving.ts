import { validateLines } from "./validation.ts";

/** One line of `serve --json`. */
// deno-lint-ignore no-explicit-any
export type ServeEvent = { readonly event: string } & Record<string, any>;

/** What `validateLines` has to know of the command line. */
const SERVE: readonly string[] = ["serve", "--json"];

/** How a `serve` ended. */
export interface ServeEnd {
  readonly code: number;
  /** Its last event, where it got as far. */
  readonly stopped: ServeEvent | undefined;
  readonly stderr: string;
}

/** A `wintun serve … --json` that runs in a process of its own. Killed at the end of its scope if it still runs. */
export class Serving implements AsyncDisposable {
  readonly child: Deno.ChildProcess;
  /** The events so far, oldest first. */
  readonly events: ServeEvent[] = [];
  /** The `ready` event. Rejects when the program ends without it. */
  readonly ready: Promise<ServeEvent>;
  readonly ended: Promise<ServeEnd>;
  readonly #ready = Promise.withResolvers<ServeEvent>();
  readonly #args: readonly string[];

  /**
   * Follows a program whose stdout and stderr are pipes.
   * @param args The command and its arguments, if that is another one with events, such as `watch`.
   */
  constructor(child: Deno.ChildProcess, args: readonly string[] = SERVE) {
    this.child = child;
    this.#args = args;
    this.ready = this.#ready.promise;
    // It may be left unread by a test that waits for the end alone.
    this.ready.catch(() => {});
    this.ended = this.#follow();
  }

  /** Starts the program, whose stdout and stderr are pipes, and returns when it reads packets. */
  static async start(command: Deno.Command, args?: readonly string[]): Promise<Serving> {
    const serving = new Serving(command.spawn(), args);
    await serving.ready;
    return serving;
  }

  /** Sends a signal, Ctrl-C unless told, and waits for the end. */
  stop(signal: Deno.Signal = "SIGINT"): Promise<ServeEnd> {
    this.child.kill(signal);
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.ended;
  }

  async #follow(): Promise<ServeEnd> {
    try {
      return await this.#read();
    } catch (error) {
      this.#ready.reject(error);
      throw error;
    }
  }

  async #read(): Promise<ServeEnd> {
    const errors = new Response(this.child.stderr).text();
    let rest = "";
    for await (const chunk of this.child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      validateLines(this.#args, lines.join("\n"));
      for (const line of lines) this.#take(JSON.parse(line));
    }
    const { code } = await this.child.status;
    const stderr = await errors;
    validateLines(this.#args, stderr);
    this.#ready.reject(new Error(`${this.#args[0]} ended with ${code} before it was ready\n${stderr}`));
    return { code, stopped: this.events.find(({ event }) => event === "stopped"), stderr };
  }

  #take(event: ServeEvent): void {
    this.events.push(event);
    if (event.event === "ready") this.#ready.resolve(event);
  }
}
