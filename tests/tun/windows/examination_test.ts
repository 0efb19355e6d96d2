import { assertEquals } from "@std/assert";
import { describeWriters } from "../../../src/tun/windows/examination.ts";
import { ERROR_ACCESS_DENIED, Win32Error } from "../../../src/windows/win32_error.ts";

const PROGRAM = "C:\\tools\\wintun.exe";

Deno.test("doctor is content with a program that only administrators can change", () => {
  const { check, result, message } = describeWriters(PROGRAM, () => []);
  assertEquals([check, result], ["folder", "ok"]);
  assertEquals(message, "Only administrators can change C:\\tools\\wintun.exe and what lies beside it.");
});

Deno.test("doctor warns of everybody else who can change the program, by name where it has one", () => {
  const { result, message } = describeWriters(PROGRAM, () => [
    { path: "C:\\tools", account: "AU" },
    { path: "C:\\tools", account: "BU" },
    { path: "C:\\", account: "S-1-5-21-1" },
  ]);
  assertEquals(result, "warning");
  assertEquals(message, "C:\\tools can be changed by all users; C:\\ can be changed by S-1-5-21-1.");
});

Deno.test("doctor warns when Windows does not say who can change the program", () => {
  const { result, message } = describeWriters(PROGRAM, () => {
    throw new Win32Error(ERROR_ACCESS_DENIED, "Cannot open C:\\tools");
  });
  assertEquals(result, "warning");
  assertEquals(
    message,
    "It is not known who can change C:\\tools\\wintun.exe: Cannot open C:\\tools: access is denied (ERROR_ACCESS_DENIED, 5).",
  );
});
