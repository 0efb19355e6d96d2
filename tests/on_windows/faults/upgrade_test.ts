/** The signed wintun.dll on a machine with the driver of an older Wintun, which an adapter uses. */

import { assert, assertEquals } from "@std/assert";
import { Adapter } from "../../../src/wintun/adapter.ts";
import { runningDriverVersion } from "../../../src/wintun/library.ts";
import { ENDED } from "../../../src/wintun/device.ts";
import { attachRings } from "../../../src/wintun/rings.ts";
import { MIN_RING_CAPACITY } from "../../../src/wintun/symbols.ts";
import { adapterTest, list } from "../adapters.ts";
import { eventually } from "../eventually.ts";
import { logged, wintun } from "./fixture.ts";
import { installOldDriver } from "./old_driver.ts";

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
    assert(
      await eventually(() => rings.receiveFirst() === ENDED),
      "the session of the adapter in use does not end",
    );
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
