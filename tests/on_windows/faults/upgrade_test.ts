/** The signed wintun.dll on a machine with the driver of an older Wintun, which an adapter uses. */

import { assert, assertEquals } from "@std/assert";
import { Adapter } from "../../../src/wintun/adapter.ts";
import { toWideString } from "../../../src/windows/wide_string.ts";
import { runningDriverVersion } from "../../../src/wintun/library.ts";
import { ENDED } from "../../../src/wintun/device.ts";
import { attachRings } from "../../../src/wintun/rings.ts";
import { MIN_RING_CAPACITY } from "../../../src/wintun/symbols.ts";
import { adapterTest, list } from "../adapters.ts";
import { eventually, logged, wintun } from "./fixture.ts";

const SUOI_FORCEDELETE = 1;

const INF = `[Version]
Signature = "$Windows NT$"
Class = Net
ClassGUID = {4D36E972-E325-11CE-BFC1-08002BE10318}
Provider = "older Wintun"
DriverVer = 01/27/2021, 0.13.0.0

[Manufacturer]
"older Wintun" = Older, NTamd64

[Older.NTamd64]
"older Wintun" = Install, Wintun

[Install.NTamd64]
`;

/** Puts the driver 0.13 in the place of the one that is there. */
async function installOldDriver(): Promise<void> {
  const setupapi = Deno.dlopen("C:\\Windows\\System32\\setupapi.dll", {
    SetupCopyOEMInfW: {
      parameters: ["buffer", "pointer", "u32", "u32", "pointer", "u32", "pointer", "pointer"],
      result: "i32",
    },
    SetupUninstallOEMInfW: { parameters: ["buffer", "u32", "pointer"], result: "i32" },
  });
  for (const { name } of Deno.readDirSync("C:\\windows\\inf")) {
    if (/^(oem\d+|wintun)\.inf$/i.test(name)) {
      setupapi.symbols.SetupUninstallOEMInfW(toWideString(name), SUOI_FORCEDELETE, null);
    }
  }
  const folder = await Deno.makeTempDir();
  const path = `${folder}\\wintun.inf`;
  await Deno.writeTextFile(path, INF.replaceAll("\n", "\r\n"));
  assert(
    setupapi.symbols.SetupCopyOEMInfW(toWideString(path), null, 0, 0, null, 0, null, null) !== 0,
  );
  setupapi.close();
  await Deno.remove(folder, { recursive: true });
}

adapterTest(
  "an older driver is replaced although an adapter uses it, which loses its session and stays",
  async () => {
    using used = Adapter.create(wintun, "in use", "T", null);
    using session = used.startSession(MIN_RING_CAPACITY);
    using rings = attachRings(session.attachment);
    await installOldDriver();
    assertEquals(runningDriverVersion(wintun), { major: 0, minor: 13 });
    const [before] = await list();
    const log = await logged(() => Adapter.create(wintun, "new", "T", null).close());
    assertEquals(runningDriverVersion(wintun), { major: 0, minor: 14 }, log.join("\n"));
    await eventually(() => rings.receiveFirst() === ENDED, "the session of the adapter in use does not end");
    rings.close();
    session.close();
    used.startSession(MIN_RING_CAPACITY).close();
    const [after] = await list();
    assertEquals([after.name, after.guid, after.luid], [before.name, before.guid, before.luid]);
    for (
      const step of [/Disabling adapter "in use/, /Removing existing driver 0.13/, /Enabling adapter "in use/]
    ) {
      assert(log.some((line) => step.test(line)), `${step} in\n${log.join("\n")}`);
    }
  },
);
