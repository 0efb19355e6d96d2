import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";
import type { Stream } from "./environment.ts";
import { LiveLines, type TerminalSize } from "./live_lines.ts";
import { LineQueue } from "./line_queue.ts";
import { osErrorCode } from "./os_error.ts";
import { escapeUnit, printable } from "./printable.ts";

/** The version of all JSON objects that the program writes. It grows when a field changes its meaning or is removed. */
export const SCHEMA = 1;

/** At the end of the program, a stream that accepts nothing for this time is given up. */
const STALLED_MS = 2000;

/** Adds a colour to text for one stream, or returns the text unchanged. */
export type Paint = (text: string) => string;

/** The colours and the weights of text. */
export type Color = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

/** A function for each colour. */
export type Paints = Readonly<Record<Color, Paint>>;

/** The colours of a terminal. */
export const PAINTS: Paints = { bold, dim, red, yellow, green, cyan };

/** The form of the output, as the options of every command choose it. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** The colours for terminals. Absent: output has no colours. */
  readonly paints?: Paints | undefined;
}

/**
 * Writes all text of the program. Results go to stdout. Notes, warnings and errors go to stderr, so that a program can read
 * the results while a person reads the rest.
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
  #isSimulated = false;
  #closedListener: () => void = () => {};
  readonly #queues = new Map<Stream, LineQueue>();
  readonly #live = new LiveLines(() => this.size);

  constructor(stdout: Stream, stderr: Stream, options: OutputOptions) {
    this.#results = stdout;
    this.#stderr = stderr;
    this.#paints = options.paints;
    this.json = options.json;
    this.quiet = options.quiet;
    this.verbose = options.verbose;
  }

  /** From now on every JSON object says that nothing of what it reports is real. */
  markSimulated(): void {
    this.#isSimulated = true;
  }

  /** Calls `listener` once if a result cannot be written because stdout is closed. A command that only writes results can then end. */
  onResultsClosed(listener: () => void): void {
    this.#closedListener = listener;
  }

  /** Leaves stdout to the caller, for example for a capture. Results go to stderr from now on. */
  giveStdoutAway(): void {
    this.#results = this.#stderr;
  }

  /**
   * From now on writes do not block this thread, so a reader that stalls does not block the program. The caller has to await
   * `flushQueues()` before the process ends. Writes to a terminal still block: a person who pauses the output sees that it is
   * paused, and the lines of both streams keep their order.
   *
   * @param onError Receives the error if stdout cannot be written, unless its reader has closed it.
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

  /** Whether results are read so slowly that the caller should leave out frequent ones, such as packets. */
  get isBehind(): boolean {
    return this.#queues.get(this.#results)?.isFull ?? false;
  }

  /**
   * Waits until the queues are written. A reader that accepts nothing for 2 s is given up. Resolves to `false` if that is the
   * reader of the results.
   */
  async flushQueues(): Promise<boolean> {
    const flushes = [...this.#queues].map(async ([stream, queue]) =>
      await queue.flush(STALLED_MS) || stream !== this.#results
    );
    return (await Promise.all(flushes)).every(Boolean);
  }

  /** The size of the stream for results: see `Stream`. */
  get size(): TerminalSize {
    return { columns: this.#results.columns(), rows: this.#results.rows() };
  }

  /** Whether live lines can be shown: results are text and go to a terminal. */
  get hasLive(): boolean {
    return !this.json && this.#results.isTerminal;
  }

  /**
   * Shows lines below all other lines, in place of the previous live lines. Those that the terminal is too small for are cut
   * off. Without an argument it removes them.
   */
  live(...lines: readonly string[]): void {
    this.#writeTo(this.#results, this.#live.show(lines));
  }

  /** Writes a line of a result for people. */
  result(line: string): void {
    this.#write(this.#results, `${line}\n`);
  }

  /** Writes a result for programs: one JSON object on one line. Bigints become strings of decimal digits. */
  resultJson(fields: Readonly<Record<string, unknown>>): void {
    this.#write(this.#results, `${this.#toJson(fields)}\n`);
  }

  /** Writes progress for people, unless `--quiet` or `--json` is given. */
  note(line: string): void {
    if (!this.quiet && !this.json) this.#write(this.#stderr, `${line}\n`);
  }

  /** Writes a detail of the work, with `--verbose` only. */
  detail(message: string): void {
    if (!this.verbose) return;
    if (this.json) this.#write(this.#stderr, `${this.#toJson({ detail: { message } })}\n`);
    else this.#write(this.#stderr, `${this.paintNote("dim")(printable(message))}\n`);
  }

  /** Writes a problem that does not end the command, unless `--quiet` is given. */
  warning(message: string): void {
    if (this.quiet) return;
    if (this.json) this.#write(this.#stderr, `${this.#toJson({ warning: { message } })}\n`);
    else this.#write(this.#stderr, `${this.paintNote("yellow")("warning:")} ${printable(message)}\n`);
  }

  /** Writes for people why the command fails. */
  error(message: string): void {
    this.#write(this.#stderr, `${this.paintNote("red")("error:")} ${printable(message)}\n`);
  }

  /** Writes for programs why the command fails. */
  errorJson(error: Readonly<Record<string, unknown>>): void {
    this.#write(this.#stderr, `${this.#toJson({ error })}\n`);
  }

  /**
   * Writes a message as Microsoft DSC reads it: an object with the level as its name. DSC shows it to the user. Of another line
   * it shows nothing, and of a failure then only what the manifest says about the exit code.
   */
  trace(level: "warn" | "error", message: string): void {
    this.#write(this.#stderr, `${toJson({ [level]: message })}\n`);
  }

  /** Returns the function that colours text of `result` lines. */
  paint(color: Color): Paint {
    return this.#paintOn(this.#results, color);
  }

  /** Returns the function that colours text of `note` lines. */
  paintNote(color: Color): Paint {
    return this.#paintOn(this.#stderr, color);
  }

  #toJson(fields: Readonly<Record<string, unknown>>): string {
    return toJson({ schema: SCHEMA, ...(this.#isSimulated ? { simulated: true } : {}), ...fields });
  }

  #paintOn(stream: Stream, color: Color): Paint {
    return this.#paints !== undefined && stream.isTerminal ? this.#paints[color] : (text) => text;
  }

  #write(stream: Stream, text: string): void {
    // If both streams are terminals, they are the same one.
    this.#writeTo(stream, stream.isTerminal ? this.#live.erased + text + this.#live.text : text);
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

  /** Handles a write that failed. @throws {Error} if results cannot be written for another reason than a closed stdout. */
  #afterFailure(stream: Stream, error: unknown): void {
    // A failure of stderr cannot be reported, and the command need not end for it.
    if (stream !== this.#results || stream === this.#stderr) return;
    if (!isClosedStream(error)) {
      throw new Error(`Cannot write to stdout: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
    // A reader such as `head` closes stdout when it has enough.
    this.#resultsClosed = true;
    this.#closedListener();
  }
}

/** Returns JSON in ASCII, because Windows PowerShell decodes a program's output with the code page of the console. */
function toJson(fields: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(
    fields,
    (_, value) => typeof value === "bigint" ? value.toString() : value,
  );
  return text.replace(/[\u007f-\uffff]/g, escapeUnit);
}

/**
 * Returns whether a write failed because the reader has closed the stream. Of the Windows codes for that, Deno has a class
 * only for ERROR_BROKEN_PIPE (109). ERROR_NO_DATA (232) means a pipe that is being closed, and ERROR_PIPE_NOT_CONNECTED (233)
 * a pipe without a process at its other end ("System Error Codes", Windows documentation). On other operating systems no
 * write to a stream fails with these numbers.
 */
export function isClosedStream(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || [109, 232, 233].includes(osErrorCode(error) ?? 0);
}
