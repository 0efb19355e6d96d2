/**
 * Encodes arguments as a command line, by the rules by which a program reads it ("CommandLineToArgvW function", Windows
 * documentation). The first argument, the program, is always quoted: Windows would try each part up to a space of a path
 * without quotes as the program.
 *
 * @param program the path of the program.
 * @throws {TypeError} if `program` contains a quote, which no path can.
 */
export function commandLine(program: string, ...operands: readonly string[]): string {
  if (program.includes('"')) throw new TypeError("the path of a program must not contain a quote");
  return [`"${program}"`, ...operands.map(quoteOperand)].join(" ");
}

/** Backslashes count double before a quote only, of which one encloses the operand. */
function quoteOperand(operand: string): string {
  if (operand !== "" && !/[\s"]/.test(operand)) return operand;
  return `"${
    operand.replaceAll(/(\\*)("|$)/g, (_, slashes, quote) => slashes.repeat(2) + (quote && '\\"'))
  }"`;
}
