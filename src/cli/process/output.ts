import { unicodeWidth } from "@std/cli/unicode-width";
import { cutColumns } from "./columns.ts";
import type { Stream } from "./environment.ts";
import { LineQueue } from "./line_queue.ts";
import { escapeUnit, printable } from "./printable.ts";

/** Version of every JSON object that the program writes. Grows when a field changes its meaning or goes away. */
const SCHEMA = 1;

/** At the end, a stream that takes nothing for so long is given up: nobody reads it. */
const STALLED_MS = 2000;

/** Paints text for one stream, or leaves it as it is. */
export type Paint = (text: string) => string;

export type Color = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

export type Paints = Readonly<Record<Color, Paint>>;

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** How to paint what goes to a terminal; absent: not at all. */
  readonly paints?: Paints | undefined;
}

/**
 * The only way out for text. Results go to stdout; notes, warnings and errors go to stderr, so that a program can
 * read the one and a person the other.
 */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Where results go: stdout, unless that was given away. */
  #results: Stream;
  readonly #stderr: Stream;
  readonly #paints: Paints | undefined;
  #resultsClosed = false;
  #closedListener: () => void = () => {};
  readonly #queues = new Map<Stream, LineQueue>();
  /** The live line as it stands on the terminal. */
  #live = "";

  constructor(stdout: Stream, stderr: Stream, options: OutputOptions) {
    this.#results = stdout;
    this.#stderr = stderr;
    this.#paints = options.paints;
    this.json = options.json;
    this.quiet = options.quiet;
    this.verbose = options.verbose;
  }

  /** Whether stdout was closed by its reader; results go nowhere since. */
  get resultsClosed(): boolean {
    return this.#resultsClosed;
  }

  /** Calls `listener` once when a result finds stdout closed. A command that only writes results may end then. */
  onResultsClosed(listener: () => void): void {
    this.#closedListener = listener;
  }

  /** Gives stdout away: results go to stderr from now on. */
  giveStdoutAway(): void {
    this.#results = this.#stderr;
  }

  /**
   * Writes without blocking this thread from now on, so that a reader that stalls holds up nothing; `flushQueues()` is
   * due before the process ends. Not to terminals: there, whoever stops the output sees that it is stopped, and both
   * streams have to stay in step.
   *
   * @param onError is told why stdout cannot be written, unless it was closed.
   */
  startQueues(onError: (error: unknown) => void): void {
    for (const stream of new Set([this.#results, this.#stderr])) {
      if (stream.isTerminal) continue;
      const queue = new LineQueue((text) => stream.writeLater(text), (error) => {
        try {
          this.#afterFailure(stream, error);
        } catch (failure) {
          onError(failure);
        }
      });
      this.#queues.set(stream, queue);
    }
  }

  /** Whether results are read so slowly that those of which there are many should be left out. */
  get isBehind(): boolean {
    return this.#queues.get(this.#results)?.isFull ?? false;
  }

  /**
   * Waits for what is queued, but not for a reader that stalls: nothing more is written for it. Resolves to false if
   * that is the reader of the results.
   */
  async flushQueues(): Promise<boolean> {
    const flushes = [...this.#queues].map(async ([stream, queue]) =>
      await queue.flush(STALLED_MS) || stream !== this.#results
    );
    return (await Promise.all(flushes)).every(Boolean);
  }

  /** How many columns results have: see `Stream.columns`. */
  get columns(): number {
    return this.#results.columns();
  }

  /** Whether there is a live line: results are for people, on a terminal. */
  get hasLive(): boolean {
    return !this.json && this.#results.isTerminal;
  }

  /** Shows a line that the next one takes the place of, and that stays below all other lines; "" takes it away. */
  live(line: string): void {
    // A line that fills the terminal would go on in the next one, out of reach.
    const text = cutColumns(line, this.#results.columns() - 1);
    const erased = this.#erased();
    this.#live = text;
    this.#writeTo(this.#results, erased + text);
  }

  /** A line of result for people. */
  result(line: string): void {
    this.#write(this.#results, `${line}\n`);
  }

  /** A result for programs: one JSON object, one line. Bigints become strings of decimal digits. */
  resultJson(fields: Readonly<Record<string, unknown>>): void {
    this.#write(this.#results, `${toJson(fields)}\n`);
  }

  /** What happens, said by the way, for people only. Not with `--quiet`. */
  note(line: string): void {
    if (!this.quiet && !this.json) this.#write(this.#stderr, `${line}\n`);
  }

  /** What happens in detail. With `--verbose` only. */
  detail(message: string): void {
    if (!this.verbose) return;
    if (this.json) this.#write(this.#stderr, `${toJson({ detail: { message } })}\n`);
    else this.#write(this.#stderr, `${this.paintNote("dim")(printable(message))}\n`);
  }

  /** Something that did not go as asked and does not stop the command. Not with `--quiet`. */
  warning(message: string): void {
    if (this.quiet) return;
    if (this.json) this.#write(this.#stderr, `${toJson({ warning: { message } })}\n`);
    else this.#write(this.#stderr, `${this.paintNote("yellow")("warning:")} ${printable(message)}\n`);
  }

  /** Why the command fails. */
  error(message: string): void {
    this.#write(this.#stderr, `${this.paintNote("red")("error:")} ${printable(message)}\n`);
  }

  /** Why the command fails, for programs. */
  errorJson(error: Readonly<Record<string, unknown>>): void {
    this.#write(this.#stderr, `${toJson({ error })}\n`);
  }

  /** A paint for `result` lines. */
  paint(color: Color): Paint {
    return this.#paintOn(this.#results, color);
  }

  /** A paint for `note` lines. */
  paintNote(color: Color): Paint {
    return this.#paintOn(this.#stderr, color);
  }

  #paintOn(stream: Stream, color: Color): Paint {
    return this.#paints !== undefined && stream.isTerminal ? this.#paints[color] : (text) => text;
  }

  #write(stream: Stream, text: string): void {
    // The two streams have one terminal, if they have any.
    this.#writeTo(stream, stream.isTerminal ? this.#erased() + text + this.#live : text);
  }

  /** What brings the cursor back to the start of a terminal's line, empty again: plain text, for any terminal. */
  #erased(): string {
    return this.#live === "" ? "" : `\r${" ".repeat(unicodeWidth(this.#live))}\r`;
  }

  #writeTo(stream: Stream, text: string): void {
    if (stream === this.#results && this.#resultsClosed) return;
    const queue = this.#queues.get(stream);
    if (queue !== undefined) {
      // Results are few, or left out before.
      if (!queue.isFull || stream === this.#results) queue.push(text);
      return;
    }
    try {
      stream.write(text);
    } catch (error) {
      this.#afterFailure(stream, error);
    }
  }

  /** @throws {Error} when it matters that the stream cannot be written. */
  #afterFailure(stream: Stream, error: unknown): void {
    // Of stderr, on a full disk too, there is nothing to tell it with, and no reason to end what goes on.
    if (stream !== this.#results || stream === this.#stderr) return;
    if (!isClosedStream(error)) {
      throw new Error(`Cannot write to stdout: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
    // The reader has left, as `head` does.
    this.#resultsClosed = true;
    this.#closedListener();
  }
}

/** JSON in ASCII alone: Windows PowerShell reads a program's output by the code page of the console. */
function toJson(fields: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(
    { schema: SCHEMA, ...fields },
    (_, value) => typeof value === "bigint" ? value.toString() : value,
  );
  return text.replace(/[\u007f-\uffff]/g, escapeUnit);
}

/**
 * Whether an error of writing says that nobody reads any more. For the codes that Deno gives no class, its text has to be
 * read: it has the number nowhere else. Of Windows' codes Deno maps only ERROR_BROKEN_PIPE (109);
 * ERROR_NO_DATA (232) is a pipe that is being closed, ERROR_PIPE_NOT_CONNECTED (233) one without a process at its other
 * end ("System Error Codes", Windows documentation). No write to a stream gives these numbers elsewhere.
 */
export function isClosedStream(error: unknown): boolean {
  if (error instanceof Deno.errors.BrokenPipe) return true;
  return error instanceof Error && /os error (109|232|233)\b/.test(error.message);
}
