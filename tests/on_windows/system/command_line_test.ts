import { assertEquals } from "@std/assert";
import { commandLine } from "../../../src/windows/command_line.ts";
import { readWideString, toWideString } from "../../../src/windows/wide_string.ts";

const OPERANDS = [
  "plain",
  "",
  "two words",
  "tab\tin it",
  "C:\\a b\\",
  'a "quote"',
  '"',
  '\\"',
  "\\\\",
  "Käfig 🦊 ",
  "a\\\\b c",
];

Deno.test("Windows reads the arguments that commandLine() has written", () => {
  const shell32 = Deno.dlopen("shell32.dll", {
    CommandLineToArgvW: { parameters: ["buffer", "buffer"], result: "pointer" },
  });
  const count = new Int32Array(1);
  const program = "C:\\Program Files\\wintun\\wintun.exe";
  const list = shell32.symbols.CommandLineToArgvW(toWideString(commandLine(program, ...OPERANDS)), count);
  const pointers = new Deno.UnsafePointerView(list!);
  const read = Array.from({ length: count[0] }, (_, index) => readWideString(pointers.getPointer(index * 8)));
  shell32.close();
  assertEquals(read, [program, ...OPERANDS]);
});
