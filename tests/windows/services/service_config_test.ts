import { assertEquals, assertThrows } from "@std/assert";
import { addressOf, fixedMemory } from "../../../src/windows/fixed_memory.ts";
import {
  decodeConfig,
  encodeFailureActions,
  QUERY_SERVICE_CONFIGW,
  SERVICE_FAILURE_ACTIONSW,
} from "../../../src/windows/services/service_config.ts";
import { toWideString } from "../../../src/windows/wide_string.ts";

Deno.test("encodeFailureActions() restarts after each of the times, and does nothing from then on", () => {
  const { structure, pointedTo } = encodeFailureActions({
    restartAfterMs: [5_000, 30_000],
    resetAfterS: 86_400,
  });
  const view = new DataView(structure);
  assertEquals(view.getUint32(SERVICE_FAILURE_ACTIONSW.dwResetPeriod, true), 86_400);
  assertEquals(view.getUint32(SERVICE_FAILURE_ACTIONSW.cActions, true), 3);
  assertEquals(view.getBigUint64(SERVICE_FAILURE_ACTIONSW.lpsaActions, true), addressOf(pointedTo));
  const [NONE, RESTART] = [0, 1];
  assertEquals(new Uint32Array(pointedTo), Uint32Array.of(RESTART, 5_000, RESTART, 30_000, NONE, 0));
});

Deno.test("decodeConfig() follows the pointers to the strings of a configuration", () => {
  const memory = fixedMemory(QUERY_SERVICE_CONFIGW.size);
  const view = new DataView(memory);
  const texts = {
    lpBinaryPathName: toWideString('"C:\\Program Files\\wintun\\wintun.exe" service x'),
    lpServiceStartName: toWideString("LocalSystem"),
    lpDisplayName: toWideString("Wintun adapter: Käfig"),
  };
  for (const [field, units] of Object.entries(texts)) {
    view.setBigUint64(QUERY_SERVICE_CONFIGW[field as keyof typeof texts], addressOf(units.buffer), true);
  }
  for (const [code, startType] of [[2, "auto"], [3, "demand"], [4, "disabled"]] as const) {
    view.setUint32(QUERY_SERVICE_CONFIGW.dwStartType, code, true);
    assertEquals(decodeConfig(memory), {
      startType,
      commandLine: '"C:\\Program Files\\wintun\\wintun.exe" service x',
      account: "LocalSystem",
      displayName: "Wintun adapter: Käfig",
    });
  }
});

Deno.test("decodeConfig() refuses the start type of a driver", () => {
  assertThrows(() => decodeConfig(fixedMemory(QUERY_SERVICE_CONFIGW.size)), RangeError);
});
