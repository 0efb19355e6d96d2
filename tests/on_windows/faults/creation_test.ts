/** What the signed wintun.dll makes of a creation that goes wrong below it. */

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { System } from "../../../src/windows/system.ts";
import { Win32Error } from "../../../src/windows/win32_error.ts";
import { Adapter } from "../../../src/wintun/adapter.ts";
import { parseGuid } from "../../../src/wire/guid.ts";
import { CALL } from "../../emulator/control.ts";
import { adapterTest, ask, list, must, traces } from "../adapters.ts";
import { control, eventually, logged, runClient, wintun } from "./fixture.ts";

const GUID = "deadbabe-cafe-beef-0123-456789abcdef";
const HRESULT = 0x8007_0000;

/** The codes of WintunCreateAdapter as they come out of the DLL. */
function codeOfCreate(name: string, guid: Uint8Array<ArrayBuffer> | null = null): number {
  const handle = wintun.symbols.WintunCreateAdapter(
    new Uint16Array([...name, "\0"].map((one) => one.charCodeAt(0))),
    new Uint16Array([84, 0]),
    guid,
  );
  const { code } = wintun.libraries.lastError("create");
  if (handle !== null) {
    wintun.symbols.WintunCloseAdapter(handle);
    return 0;
  }
  return code;
}

for (const code of [5, 183, 4319]) {
  adapterTest(
    `wintun.dll passes on the failure ${code} of a device as an HRESULT, and ours is the code`,
    () => {
      control.EmulatorFailNext(CALL.createAdapter, code, 1);
      assertEquals(codeOfCreate("lab"), HRESULT + code);
      control.EmulatorFailNext(CALL.createAdapter, code, 1);
      const error = assertThrows(() => Adapter.create(wintun, "lab", "T", null), Win32Error);
      assertEquals(error.code, code);
      return Promise.resolve();
    },
  );
}

adapterTest(
  "a GUID that another adapter has is refused with 183, and that adapter stays as it is",
  async () => {
    using _first = Adapter.create(wintun, "first", "T", parseGuid(GUID)!);
    const before = await list();
    assertEquals(codeOfCreate("second", parseGuid(GUID)!), HRESULT + 183);
    assertEquals(await list(), before);
  },
);

adapterTest(
  "a name that another Wintun adapter has is taken from it, on its device too, and the log is silent",
  async () => {
    using first = Adapter.create(wintun, "twin", "T", null);
    const log = await logged(() => {
      using second = Adapter.create(wintun, "twin", "T", null);
      using renamed = Adapter.open(wintun, "twin 1");
      using named = Adapter.open(wintun, "twin");
      assertEquals([renamed.luid, named.luid], [first.luid, second.luid]);
    });
    // wintun.dll cleans up in the background, and may meet the adapter that is just closing.
    const ofCreation = log.filter((line) => !line.startsWith("info: Removed orphaned adapter"));
    assertEquals(ofCreation, ["info: Using existing driver 0.14", "info: Creating adapter"]);
  },
);

adapterTest(
  "a name that an adapter of another kind has is taken from it neither, and create refuses it",
  async () => {
    using system = new System();
    const { alias } = system.network.list().find(({ description }) => !description.endsWith(" Tunnel"))!;
    const { code, error } = await ask("create", alias);
    assertEquals(code, 5);
    assertMatch(error.reason, /a network adapter has this name/);
  },
);

adapterTest(
  "a creator that dies at any step leaves nothing that the next creation does not remove",
  async () => {
    const steps: string[] = [];
    for (let step = 1;; step++) {
      const { code, stderr } = await runClient("dying", {
        WINTUN_WORLD_TRACE: "1",
        WINTUN_WORLD_DIE_AT: `${step}`,
      });
      if (code === 0) break;
      steps.push(stderr.trim().split(/\r?\n/).at(-1)!);
      using adapter = Adapter.create(wintun, "dying", "T", null);
      using opened = Adapter.open(wintun, "dying");
      assertEquals(opened.luid, adapter.luid, steps.at(-1));
    }
    assertEquals(steps.length >= 15, true, steps.join("\n"));
    await eventually(() => !/\{/.test(JSON.stringify(JSON.parse(traces()).devices)), "a device is left");
  },
);

adapterTest("four creators at once each get an adapter of their own", async () => {
  const names = ["a", "b", "c", "d"];
  const ended = await Promise.all(names.map((name) => runClient(name)));
  assertEquals(ended.map(({ code }) => code), names.map(() => 0), JSON.stringify(ended));
  await must("create", "after");
  await must("delete", "after");
});
