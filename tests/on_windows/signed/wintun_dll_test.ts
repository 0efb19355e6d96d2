import { assertEquals } from "@std/assert";
import { SystemLibraries } from "../../../src/windows/system_libraries.ts";
import { ERROR_FILE_NOT_FOUND } from "../../../src/windows/win32_error.ts";
import { openWintun, runningDriverVersion } from "../../../src/wintun/library.ts";
import { WINTUN_SYMBOLS } from "../../../src/wintun/symbols.ts";
import { isWindowsWorld, signedPath } from "../libraries.ts";

const wintun = openWintun(signedPath, new SystemLibraries());

Deno.test("the signed wintun.dll loads, and all 14 functions are in it", () => {
  assertEquals(Object.keys(WINTUN_SYMBOLS).length, 14);
  for (const name of Object.keys(WINTUN_SYMBOLS)) {
    assertEquals(typeof wintun.symbols[name as keyof typeof WINTUN_SYMBOLS], "function", name);
  }
});

Deno.test({
  name: "the signed wintun.dll says that no driver is loaded",
  ignore: !isWindowsWorld, // a machine with WireGuard on it has one
  fn: () => assertEquals(runningDriverVersion(wintun), undefined),
});

Deno.test({
  name: "the signed wintun.dll gives the same error code in 5000 failing calls, with allocation between",
  ignore: !isWindowsWorld,
  fn: () => {
    const kept: unknown[] = [];
    for (let count = 0; count < 5000; count++) {
      const version = wintun.symbols.WintunGetRunningDriverVersion();
      // In the statement after the call: an assertion allocates, and V8 asks Windows for memory.
      const { code } = wintun.libraries.lastError("Cannot read the driver's version");
      assertEquals([version, code], [0, ERROR_FILE_NOT_FOUND], `in call ${count}`);
      kept.push({ count, bytes: new Uint8Array(512) });
    }
    assertEquals(kept.length, 5000);
  },
});
