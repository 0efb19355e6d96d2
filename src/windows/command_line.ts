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

/** Puts an operand in quotation marks if it needs them. Backslashes are doubled before a quotation mark only. */
function quoteOperand(operand: string): string {
  if (operand !== "" && !/[\s"]/.test(operand)) return operand;
  return `"${
    operand.replaceAll(/(\\*)("|$)/g, (_, slashes, quote) => slashes.repeat(2) + (quote && '\\"'))
  }"`;
}
