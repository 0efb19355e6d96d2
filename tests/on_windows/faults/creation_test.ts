/** How the signed wintun.dll reports a creation that fails below it, and what it cleans up. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { System } from "../../../src/windows/system.ts";
import { toWideString } from "../../../src/windows/wide_string.ts";
import { Win32Error } from "../../../src/windows/win32_error.ts";
import { Adapter } from "../../../src/wintun/adapter.ts";
import { parseGuid } from "../../../src/wire/guid.ts";
import { CALL } from "../../emulator/control.ts";
import { ask, list, must } from "../adapters.ts";
import { eventually } from "../eventually.ts";
import { traces } from "../traces.ts";
import { control, faultTest, logged, runClient, wintun } from "./fixture.ts";

const GUID = "deadbabe-cafe-beef-0123-456789abcdef";
const HRESULT = 0x8007_0000;
/** The exit code of a process that ends at the step WINTUN_WORLD_DIE_AT (stand_ins/trace.h). */
const DIED = 99;

/** Returns the error that WintunCreateAdapter itself sets. It returns 0 for an adapter, which it closes. */
function codeOfCreate(name: string, guid: Uint8Array<ArrayBuffer> | null = null): number {
  const handle = wintun.symbols.WintunCreateAdapter(toWideString(name), toWideString("T"), guid);
  const { code } = wintun.libraries.lastError("create");
  if (handle !== null) {
    wintun.symbols.WintunCloseAdapter(handle);
    return 0;
  }
  return code;
}

for (const code of [5, 183, 4319]) {
  faultTest(
    `where Windows cannot make a device, WintunCreateAdapter sets the HRESULT of ${code}, and Adapter.create() throws ${code}`,
    () => {
      control.EmulatorFailNext(CALL.createAdapter, code, 1);
      assertEquals(codeOfCreate("lab"), HRESULT + code);
      control.EmulatorFailNext(CALL.createAdapter, code, 1);
      const error = assertThrows(() => Adapter.create(wintun, "lab", "T", null), Win32Error);
      assertEquals(error.code, code);
    },
  );
}

faultTest(
  "a GUID that another adapter has is refused with 183, and that adapter stays as it is",
  async () => {
    using _first = Adapter.create(wintun, "first", "T", parseGuid(GUID)!);
    const before = await list();
    assertEquals(codeOfCreate("second", parseGuid(GUID)!), HRESULT + 183);
    assertEquals(await list(), before);
  },
);

faultTest(
  "a name that another Wintun adapter has goes to the new one, and the other is found as NAME 1; the log does not say so",
  async () => {
    using first = Adapter.create(wintun, "twin", "T", null);
    const log = await logged(() => {
      using second = Adapter.create(wintun, "twin", "T", null);
      using renamed = Adapter.open(wintun, "twin 1");
      using named = Adapter.open(wintun, "twin");
      assertEquals([renamed.luid, named.luid], [first.luid, second.luid]);
    });
    // wintun.dll cleans up in the background, and may find the adapter that is just being closed.
    const ofCreation = log.filter((line) => !line.startsWith("info: Removed orphaned adapter"));
    assertEquals(ofCreation, ["info: Using existing driver 0.14", "info: Creating adapter"]);
  },
);

faultTest(
  "create refuses a name that a network adapter of another kind has",
  async () => {
    using system = new System();
    const { alias } = system.network.list().find(({ description }) => !description.endsWith(" Tunnel"))!;
    const { code, error } = await ask("create", alias);
    assertEquals(code, 5);
    assertMatch(error.reason, /a network adapter has this name/);
  },
);

faultTest(
  "a creator that dies at any step leaves nothing that the next creation does not remove",
  async () => {
    const steps: string[] = [];
    for (let step = 1;; step++) {
      const { code, stderr } = await runClient("dying", {
        WINTUN_WORLD_TRACE: "1",
        WINTUN_WORLD_DIE_AT: `${step}`,
      });
      if (code === 0) break;
      assertEquals(code, DIED, stderr);
      steps.push(stderr.trim().split(/\r?\n/).at(-1)!);
      using adapter = Adapter.create(wintun, "dying", "T", null);
      using opened = Adapter.open(wintun, "dying");
      assertEquals(opened.luid, adapter.luid, steps.at(-1));
    }
    assertEquals(steps.length >= 15, true, steps.join("\n"));
    const devices = (): string[] => traces().filter((trace) => trace.startsWith("device "));
    assert(await eventually(() => devices().length === 0), "a device is left");
  },
);

faultTest("four creators at once each get an adapter of their own", async () => {
  const names = ["a", "b", "c", "d"];
  const ended = await Promise.all(names.map((name) => runClient(name)));
  assertEquals(ended.map(({ code }) => code), names.map(() => 0), JSON.stringify(ended));
  await must("create", "after");
  await must("delete", "after");
});
