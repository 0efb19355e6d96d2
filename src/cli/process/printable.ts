/**
 * Returns `text` on one line, with an escape sequence for each character that would control a terminal. Messages and lists
 * need this, because they quote what the user typed and names that other programs gave.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, escapeUnit);
}

/** Returns a UTF-16 unit as JSON writes it in ASCII: `\u001b`. */
export function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
