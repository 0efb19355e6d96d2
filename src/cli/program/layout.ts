import type { Paint } from "../process/output.ts";

/** The least width in columns. Narrower text is harder to read than lines that the terminal breaks. */
const MIN_WIDTH = 40;
/** The greatest width in columns. Longer lines are harder to read. */
const MAX_WIDTH = 100;

const INDENT = "  ";
/** Indent of the text below a term, and of the lines that continue a command. */
const DEEP_INDENT = "      ";
/** Blanks between the columns of a table. */
const GAP = 2;
/** A table whose text would have fewer columns than this puts the text below the terms instead. */
const MIN_TEXT_WIDTH = 24;

/** A term, and the text that explains it. */
export type Entry = readonly [term: string, text: string];

/** A part of a section: a paragraph, a table, terms with their text below them, or lines of code. */
export type Block =
  | string
  | { readonly table: readonly Entry[] }
  | { readonly terms: readonly Entry[] }
  | { readonly code: readonly string[] };

/** A titled part of a page. */
export interface Section {
  /** Absent: text without a heading, which begins at the left edge. */
  readonly title?: string;
  readonly body: readonly Block[];
}

/** Returns the width of help in columns on a terminal with that many columns. */
export function pageWidth(columns: number): number {
  // Some consoles begin a new line as soon as the last column is filled.
  return Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, columns - 1));
}

/**
 * Returns sections as lines, with an empty line between sections and between paragraphs. No line is wider than `width`
 * columns, unless a single word is.
 * @param heading Colours a title.
 */
export function pageLines(sections: readonly Section[], width: number, heading: Paint): string[] {
  return joinWithEmptyLines(sections.map(({ title, body }) => {
    const indent = title === undefined ? "" : INDENT;
    const lines = joinWithEmptyLines(body.map((block) => blockLines(block, width, indent)));
    return title === undefined ? lines : [...wrap(title, width, "", INDENT).map(heading), ...lines];
  }));
}

function joinWithEmptyLines(parts: readonly (readonly string[])[]): string[] {
  return parts.flatMap((lines, index) => index === 0 ? lines : ["", ...lines]);
}

function blockLines(block: Block, width: number, indent: string): string[] {
  if (typeof block === "string") return wrap(block, width, indent);
  if ("table" in block) return tableLines(block.table, width);
  if ("terms" in block) return termLines(block.terms, width);
  return block.code.flatMap((line) => wrap(line, width, INDENT, DEEP_INDENT));
}

function tableLines(entries: readonly Entry[], width: number): string[] {
  const column = INDENT.length + Math.max(...entries.map(([term]) => term.length)) + GAP;
  if (width - column < MIN_TEXT_WIDTH) return termLines(entries, width);
  return entries.flatMap(([term, text]) => {
    const [first, ...others] = wrap(text, width, " ".repeat(column));
    return [`${INDENT}${term}`.padEnd(column) + first.slice(column), ...others];
  });
}

function termLines(entries: readonly Entry[], width: number): string[] {
  return entries.flatMap(([term, text]) => [
    ...wrap(term, width, INDENT, DEEP_INDENT),
    ...wrap(text, width, DEEP_INDENT),
  ]);
}

/** Breaks text at blanks into lines of at most `width` columns. Blanks at the start of `text` deepen the indent. */
function wrap(text: string, width: number, indent: string, nextIndent = indent): string[] {
  const deeper = /^ */.exec(text)![0];
  const lines: string[] = [];
  let start = indent + deeper;
  let line = "";
  for (const word of text.slice(deeper.length).split(" ")) {
    if (line !== "" && start.length + line.length + 1 + word.length > width) {
      lines.push(start + line);
      start = nextIndent + deeper;
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, start + line];
}
