import { unicodeWidth } from "@std/cli/unicode-width";

/** Appends spaces until `text` is that many columns of a terminal wide. A wide character takes two columns. */
export function padColumns(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - unicodeWidth(text)));
}

/** Cuts `text` off before the first character that does not fit into that many columns of a terminal. */
export function cutColumns(text: string, columns: number): string {
  let end = 0;
  let width = 0;
  for (const character of text) {
    width += unicodeWidth(character);
    if (width > columns) break;
    end += character.length;
  }
  return text.slice(0, end);
}
