import { assertEquals } from "@std/assert";
import { Win32Error } from "../../src/windows/win32_error.ts";

Deno.test("Win32Error says what failed, why, and the code with its name", () => {
  const error = new Win32Error(5, 'Cannot create adapter "lab"');
  assertEquals(error.message, 'Cannot create adapter "lab": access is denied (ERROR_ACCESS_DENIED, 5)');
  assertEquals([error.code, error.symbol, error.reason], [5, "ERROR_ACCESS_DENIED", "access is denied"]);
});

Deno.test("Win32Error of a code that the program does not know has the number alone", () => {
  const error = new Win32Error(0xE000_0203, "Cannot remove the driver");
  assertEquals(error.symbol, "");
  assertEquals(error.message, "Cannot remove the driver: Windows reports error 0xE0000203");
  assertEquals(new Win32Error(1359, "Cannot wait").reason, "Windows reports error 1359");
});

// winerror.h, by hand: what the rest of the program compares with must be what Windows means by it.
for (
  const [code, symbol] of [
    [2, "ERROR_FILE_NOT_FOUND"],
    [13, "ERROR_INVALID_DATA"],
    [38, "ERROR_HANDLE_EOF"],
    [87, "ERROR_INVALID_PARAMETER"],
    [111, "ERROR_BUFFER_OVERFLOW"],
    [183, "ERROR_ALREADY_EXISTS"],
    [258, "WAIT_TIMEOUT"],
    [259, "ERROR_NO_MORE_ITEMS"],
    [1168, "ERROR_NOT_FOUND"],
    [1247, "ERROR_ALREADY_INITIALIZED"],
    [4319, "ERROR_DEVICE_NOT_AVAILABLE"],
    [5010, "ERROR_OBJECT_ALREADY_EXISTS"],
  ] as const
) {
  Deno.test(`Win32Error knows ${code} as ${symbol}`, () => {
    assertEquals(new Win32Error(code, "x").symbol, symbol);
  });
}
