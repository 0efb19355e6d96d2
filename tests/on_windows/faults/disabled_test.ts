/** An adapter that somebody disables and enables, as the signed wintun.dll sees it. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Win32Error } from "../../../src/windows/win32_error.ts";
import { Adapter } from "../../../src/wintun/adapter.ts";
import { ENDED } from "../../../src/wintun/device.ts";
import { attachRings } from "../../../src/wintun/rings.ts";
import { MIN_RING_CAPACITY } from "../../../src/wintun/symbols.ts";
import { adapterTest, list } from "../adapters.ts";
import { eventually } from "../eventually.ts";
import { setDeviceEnabled } from "../device_state.ts";
import { serve } from "../program.ts";
import { wintun } from "./fixture.ts";

adapterTest(
  "a session of a disabled adapter ends with 38, and a new one starts once it is enabled",
  async () => {
    using adapter = Adapter.create(wintun, "lab", "T", null);
    const [{ instanceId }] = await list();
    {
      using session = adapter.startSession(MIN_RING_CAPACITY);
      setDeviceEnabled(instanceId, false);
      using rings = attachRings(session.attachment);
      assert(await eventually(() => rings.receiveFirst() === ENDED), "the session does not end");
    }
    assertThrows(() => adapter.startSession(MIN_RING_CAPACITY), Win32Error);
    setDeviceEnabled(instanceId, true);
    adapter.startSession(MIN_RING_CAPACITY).close();
  },
);

adapterTest("serve ends when somebody disables its adapter, and says so", async () => {
  await using serving = await serve("lab", "--address", "10.77.7.7/24");
  const [{ instanceId }] = await list();
  setDeviceEnabled(instanceId, false);
  const { code, stopped, stderr } = await serving.ended;
  assertEquals([code, stopped?.reason], [10, "removed"], stderr);
});
