/**
 * `text` in one line, and without what would steer a terminal: messages and lists quote what was typed and what others
 * named.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, escapeUnit);
}

/** One UTF-16 unit as JSON writes it in ASCII: `\u001b`. */
export function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
