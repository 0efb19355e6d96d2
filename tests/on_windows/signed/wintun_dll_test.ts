import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { SystemLibraries } from "../../../src/windows/system_libraries.ts";
import { ERROR_FILE_NOT_FOUND, Win32Error } from "../../../src/windows/win32_error.ts";
import { Adapter } from "../../../src/wintun/adapter.ts";
import { openWintun, runningDriverVersion } from "../../../src/wintun/library.ts";
import type { LogLine } from "../../../src/wintun/log_line.ts";
import { Logger } from "../../../src/wintun/logger.ts";
import { WINTUN_SYMBOLS } from "../../../src/wintun/symbols.ts";
import { isWindowsWorld, signedPath } from "../libraries.ts";
import { run } from "../program.ts";

/**
 * What stops the signed DLL under Wine: there are no private namespaces, which guard Wintun's list of adapters. Wine sets no error
 * code of its own for that, so only the log tells.
 */
const NO_PRIVATE_NAMESPACES = "Failed to create boundary descriptor";

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
      assertEquals(wintun.symbols.WintunGetRunningDriverVersion(), 0);
      const error = wintun.libraries.lastError("Cannot read the driver's version");
      assertEquals(error.code, ERROR_FILE_NOT_FOUND, `in call ${count}`);
      kept.push({ count, bytes: new Uint8Array(512) });
    }
    assertEquals(kept.length, 5000);
  },
});

Deno.test({
  name: "the signed wintun.dll that cannot create an adapter gives its reason through the logger",
  ignore: !isWindowsWorld, // on Windows it can
  fn: async () => {
    const messages: LogLine[] = [];
    const logger = await Logger.open(wintun, (message) => messages.push(message));
    assertThrows(
      () => Adapter.create(wintun, "lab", "Wintun", null),
      Win32Error,
      'Cannot create adapter "lab"',
    );
    await logger.close();
    assert(
      messages.some(({ message }) => message.startsWith(NO_PRIVATE_NAMESPACES)),
      JSON.stringify(messages),
    );
  },
});

Deno.test({
  name:
    "serve on the signed wintun.dll that cannot create an adapter ends with 1, and passes on what the DLL says",
  ignore: !isWindowsWorld,
  fn: async () => {
    const { code, stderr } = await run(["serve", "lab", "--address", "10.77.7.7/24"], { dll: signedPath });
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, 'error: Cannot create adapter "lab": ');
    assertStringIncludes(stderr, `wintun.dll: ${NO_PRIVATE_NAMESPACES}`);
  },
});
