import { unicodeWidth } from "@std/cli/unicode-width";
import { cutColumns } from "./columns.ts";

/** The size of a terminal, in columns and rows. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * The lines at the bottom of a terminal that are written again and again. The texts that the methods return are written to
 * the terminal in their order.
 */
export class LiveLines {
  readonly #size: () => TerminalSize;
  #lines: readonly string[] = [];

  /** @param size Returns the present size of the terminal. */
  constructor(size: () => TerminalSize) {
    this.#size = size;
  }

  /** Returns the text that shows `lines` in the place of those before. They are cut off at the size of the terminal. */
  show(lines: readonly string[]): string {
    const { columns, rows } = this.#size();
    const erased = this.erased;
    // A line that fills the terminal would continue on the next row. One row is left for other text.
    this.#lines = lines.slice(0, Math.max(1, rows - 1)).map((line) => cutColumns(line, columns - 1));
    return erased + this.text;
  }

  /** The lines as they are written again after they were erased. */
  get text(): string {
    return this.#lines.join("\n");
  }

  /**
   * The text that erases the lines. It has escape sequences only if they take more than one row, as they also do after the
   * terminal has become narrower: it then breaks them.
   */
  get erased(): string {
    if (this.#lines.length === 0) return "";
    const { columns } = this.#size();
    const widths = this.#lines.map((line) => unicodeWidth(line));
    const rows = widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    if (rows === 1) return `\r${" ".repeat(widths[0])}\r`;
    return `\r${cursorUp(rows - 1)}${ERASE_TO_END}`;
  }
}

// "Console Virtual Terminal Sequences" (Windows documentation): CUU and ED of ECMA-48. Deno enables them in a console of
// Windows when it starts.
const ERASE_TO_END = "\x1b[J";
const cursorUp = (rows: number): string => `\x1b[${rows}A`;
