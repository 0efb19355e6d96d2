import { assertEquals, assertThrows } from "@std/assert";
import { HeldAdapter } from "../../src/tun/windows/held_adapter.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { OwnerRecords } from "../../src/tun/windows/owner_records.ts";
import { RemovalWatch } from "../../src/tun/windows/removal_watch.ts";
import { System } from "../../src/windows/system.ts";
import { Adapter } from "../../src/wintun/adapter.ts";
import { emulatorTest, libraries, wintun } from "./fixture.ts";

emulatorTest(
  "an adapter is removed and its owner's record deleted even if the session's record cannot be",
  async () => {
    using system = new System(libraries);
    await using host = await openWindowsHost({ libraries });
    const adapter = Adapter.create(wintun, "lab", "T", null);
    const info = (await host.find("lab"))!;
    const owners = new OwnerRecords(system);
    const ownership = owners.record(info, "command");
    let calls = 0;
    const held = new HeldAdapter(
      adapter,
      info,
      new RemovalWatch(() => true),
      ownership,
      () => ({
        stopSignal: ownership.stopSignal,
        release: () => {
          throw new Error("refused");
        },
      }),
      () => calls++,
    );
    held.announceSession();
    assertThrows(() => held.close(), Error, "refused");
    assertEquals([calls, owners.list(), await host.list()], [1, [], []]);
    await ownership.release();
  },
);
