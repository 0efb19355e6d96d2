import { unicodeWidth } from "@std/cli/unicode-width";
import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";
import { cutColumns } from "./columns.ts";
import type { Stream } from "./environment.ts";
import { LineQueue } from "./line_queue.ts";
import { osErrorCode } from "./os_error.ts";
import { escapeUnit, printable } from "./printable.ts";

/** Version of every JSON object that the program writes. It grows when a field changes its meaning or is removed. */
const SCHEMA = 1;

/** At the end, a stream that accepts nothing for so long is given up, because nobody reads it. */
const STALLED_MS = 2000;

/** Paints text for one stream, or leaves it as it is. */
export type Paint = (text: string) => string;

export type Color = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

export type Paints = Readonly<Record<Color, Paint>>;

/** The colours of a terminal. */
export const PAINTS: Paints = { bold, dim, red, yellow, green, cyan };

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
  /** The stream for results: stdout, or stderr after `giveStdoutAway()`. */
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

  /** Calls `listener` once when a result finds stdout closed. A command that only writes results may end then. */
  onResultsClosed(listener: () => void): void {
    this.#closedListener = listener;
  }

  /** Leaves stdout to the caller, such as for a capture. Results go to stderr from now on. */
  giveStdoutAway(): void {
    this.#results = this.#stderr;
  }

  /**
   * Writes without blocking this thread from now on, so that a reader that stalls holds up nothing. The caller has to
   * await `flushQueues()` before the process ends. Terminals are still written directly: a person who stops the output
   * sees that it is stopped, and both streams have to stay in step.
   *
   * @param onError receives the reason why stdout cannot be written, unless its reader has closed it.
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

  /** Whether results are read so slowly that the caller should leave out those of which there are many. */
  get isBehind(): boolean {
    return this.#queues.get(this.#results)?.isFull ?? false;
  }

  /**
   * Waits until the queues are written. A reader that stalls is given up. Resolves to false if that is the reader of
   * the results.
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

  /** Whether a live line can be shown: results go to a terminal, as text. */
  get hasLive(): boolean {
    return !this.json && this.#results.isTerminal;
  }

  /** Shows a line below all other lines, in place of the one before. "" removes it. */
  live(line: string): void {
    // A line that fills the terminal would go on in the next one, which cannot be erased.
    const text = cutColumns(line, this.#results.columns() - 1);
    const erased = this.#erased();
    this.#live = text;
    this.#writeTo(this.#results, erased + text);
  }

  /** Writes a line of a result for people. */
  result(line: string): void {
    this.#write(this.#results, `${line}\n`);
  }

  /** Writes a result for programs: one JSON object on one line. Bigints become strings of decimal digits. */
  resultJson(fields: Readonly<Record<string, unknown>>): void {
    this.#write(this.#results, `${toJson(fields)}\n`);
  }

  /** Writes progress, for people only. Not with `--quiet`. */
  note(line: string): void {
    if (!this.quiet && !this.json) this.#write(this.#stderr, `${line}\n`);
  }

  /** Writes a detail. With `--verbose` only. */
  detail(message: string): void {
    if (!this.verbose) return;
    if (this.json) this.#write(this.#stderr, `${toJson({ detail: { message } })}\n`);
    else this.#write(this.#stderr, `${this.paintNote("dim")(printable(message))}\n`);
  }

  /** Writes what did not go as asked but does not stop the command. Not with `--quiet`. */
  warning(message: string): void {
    if (this.quiet) return;
    if (this.json) this.#write(this.#stderr, `${toJson({ warning: { message } })}\n`);
    else this.#write(this.#stderr, `${this.paintNote("yellow")("warning:")} ${printable(message)}\n`);
  }

  /** Writes why the command fails. */
  error(message: string): void {
    this.#write(this.#stderr, `${this.paintNote("red")("error:")} ${printable(message)}\n`);
  }

  /** Writes why the command fails, for programs. */
  errorJson(error: Readonly<Record<string, unknown>>): void {
    this.#write(this.#stderr, `${toJson({ error })}\n`);
  }

  /** Returns a paint for `result` lines. */
  paint(color: Color): Paint {
    return this.#paintOn(this.#results, color);
  }

  /** Returns a paint for `note` lines. */
  paintNote(color: Color): Paint {
    return this.#paintOn(this.#stderr, color);
  }

  #paintOn(stream: Stream, color: Color): Paint {
    return this.#paints !== undefined && stream.isTerminal ? this.#paints[color] : (text) => text;
  }

  #write(stream: Stream, text: string): void {
    // If both streams are terminals, they are the same one.
    this.#writeTo(stream, stream.isTerminal ? this.#erased() + text + this.#live : text);
  }

  /** Returns the text that erases the live line. It needs no escape sequences, so every terminal understands it. */
  #erased(): string {
    return this.#live === "" ? "" : `\r${" ".repeat(unicodeWidth(this.#live))}\r`;
  }

  #writeTo(stream: Stream, text: string): void {
    if (stream === this.#results && this.#resultsClosed) return;
    const queue = this.#queues.get(stream);
    if (queue !== undefined) {
      // The caller leaves out results while `isBehind`, so they never fill the queue.
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
    // A failure of stderr cannot be reported anywhere, and is no reason to end the command.
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

/** Returns JSON in ASCII: Windows PowerShell decodes a program's output by the code page of the console. */
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
  return error instanceof Deno.errors.BrokenPipe || [109, 232, 233].includes(osErrorCode(error) ?? 0);
}
