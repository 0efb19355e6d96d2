import { assertEquals, assertThrows } from "@std/assert";
import { HeldAdapter } from "../../src/tun/windows/held_adapter.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { ProcessRecords } from "../../src/tun/windows/process_records.ts";
import { RemovalWatch } from "../../src/tun/windows/removal_watch.ts";
import { System } from "../../src/windows/system.ts";
import { Adapter } from "../../src/wintun/adapter.ts";
import { emulatorTest, libraries, wintun } from "./fixture.ts";

emulatorTest(
  "an adapter is removed and its holder's end is noted even if its record cannot be deleted",
  async () => {
    using system = new System(libraries);
    await using host = await openWindowsHost({ libraries });
    const adapter = Adapter.create(wintun, "lab", "T", null);
    const info = (await host.find("lab"))!;
    const record = new ProcessRecords(system).record(info.guid, { ...info, role: "command" });
    const calls: string[] = [];
    const held = new HeldAdapter(adapter, info, new RemovalWatch(() => true), {
      created: true,
      record: {
        ...record,
        release: () => {
          throw new Error("refused");
        },
      },
      makeRecord: () => record,
      beforeRemoval: () => calls.push("before removal"),
      onClose: () => calls.push("closed"),
    });
    assertThrows(() => held.close(), Error, "refused");
    assertEquals([calls, await host.list()], [["before removal", "closed"], []]);
    record.release();
    await record.demand;
  },
);
