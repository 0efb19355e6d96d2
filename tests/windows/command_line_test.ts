import { assertEquals, assertThrows } from "@std/assert";
import { commandLine } from "../../src/windows/command_line.ts";

/** An operand, and what a program must find on its command line to read it ("CommandLineToArgvW function"). */
const OPERANDS: readonly (readonly [operand: string, encoded: string])[] = [
  ["plain", "plain"],
  ["C:\\a\\b\\", "C:\\a\\b\\"],
  ["", '""'],
  ["two words", '"two words"'],
  ["tab\tinside", '"tab\tinside"'],
  ["ends with \\", '"ends with \\\\"'],
  ['a "quote"', '"a \\"quote\\""'],
  ['"', '"\\""'],
  ['\\"', '"\\\\\\""'],
  ["a\\b c\\\\", '"a\\b c\\\\\\\\"'],
];

for (const [operand, encoded] of OPERANDS) {
  Deno.test(`commandLine() writes the operand ${JSON.stringify(operand)} as ${encoded}`, () => {
    assertEquals(commandLine("p.exe", operand), `"p.exe" ${encoded}`);
  });
}

Deno.test("commandLine() quotes the program always, and joins its operands", () => {
  assertEquals(
    commandLine("C:\\Program Files\\wintun\\wintun.exe", "service", "wintun$x"),
    '"C:\\Program Files\\wintun\\wintun.exe" service wintun$x',
  );
  assertEquals(commandLine("C:\\wintun.exe"), '"C:\\wintun.exe"');
});

Deno.test("commandLine() refuses a program with a quote in its path", () => {
  assertThrows(() => commandLine('C:\\a".exe'), TypeError);
});
