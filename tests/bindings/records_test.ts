import { assert, assertEquals } from "@std/assert";
import { isPresent } from "../../src/tun/windows/devices.ts";
import { type Holder, Holders } from "../../src/tun/windows/holders.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { findWithOwner, listWithOwners } from "../../src/tun/windows/inventory.ts";
import { type Demand, type OwnRecord, ProcessRecords } from "../../src/tun/windows/process_records.ts";
import { endHolder, stopOwner } from "../../src/tun/windows/stopping.ts";
import { System } from "../../src/windows/system.ts";
import { MIN_RING_CAPACITY } from "../../src/wintun/symbols.ts";
import { control, emulatorTest, libraries } from "./fixture.ts";
import { assertHostError, hostTest, infoOf } from "./host_fixture.ts";

const GUID = "deadbabe-cafe-beef-0123-456789abcdef";
const RECORDS = "SOFTWARE\\wintun adapters";
const MADE = { name: "lab", type: "T", role: "command" } as const;

function recordNames(system: System): string[] {
  using key = system.registry.open(RECORDS);
  return key?.subkeys() ?? [];
}

/** Registers a test with the records of processes. All must be gone at its end. */
function recordsTest(
  name: string,
  body: (records: ProcessRecords, system: System) => Promise<void> | void,
): void {
  emulatorTest(name, async () => {
    using system = new System(libraries);
    await body(new ProcessRecords(system), system);
    assertEquals(recordNames(system), []);
  });
}

/** Releases a record, and waits until this process no longer waits for its signal. */
async function release(record: OwnRecord): Promise<void> {
  record.release();
  await record.demand;
}

recordsTest(
  "a process changes and deletes its own record only, and not that of the one after",
  async (records) => {
    const [first, second] = [records.record(GUID, MADE), records.record(GUID, { ...MADE, role: "keeper" })];
    first.setHasAdapter(true);
    assertEquals(records.list().map(({ phase }) => phase).sort(), ["creating", "holding"]);
    await release(first);
    assertEquals(records.maker(GUID)?.made.role, "keeper");
    assertEquals(records.maker(GUID)?.phase, "creating");
    await release(second);
  },
);

recordsTest("a record that only serves an adapter does not make it", async (records) => {
  const record = records.record(GUID);
  assertEquals([records.maker(GUID), records.server(GUID)], [undefined, undefined]);
  record.setServes();
  assertEquals([records.maker(GUID), records.server(GUID)?.pid], [undefined, Deno.pid]);
  await release(record);
});

for (const demand of ["release", "end-session"] as const satisfies Demand[]) {
  recordsTest(`a process hears what it is asked for: ${demand}`, async (records) => {
    const record = records.record(GUID, MADE);
    assert(records.ask(records.maker(GUID)!, demand));
    assertEquals(await record.demand, demand);
    await release(record);
  });
}

recordsTest("a record that is released changes no more, and is asked for nothing", async (records) => {
  const record = records.record(GUID, MADE);
  record.release();
  record.setHasAdapter(true);
  record.setServes();
  assertEquals([await record.demand, records.list()], [undefined, []]);
});

recordsTest(
  "the record of a process that has died is ignored, and deleted with the next record",
  async (records, system) => {
    // A start time that is not this process's: the PID was another process's then.
    const dead = `${RECORDS}\\${GUID},${Deno.pid},1,00000000-0000-0000-0000-000000000000`;
    {
      using key = system.registry.createVolatile(dead);
      key.setText("Type", "T");
      key.setText("Name", "lab");
      key.setDword("Serves", 1);
    }
    assertEquals([records.list(), records.maker(GUID), records.server(GUID)], [[], undefined, undefined]);
    const record = records.record(GUID, MADE);
    assertEquals([records.list().length, recordNames(system).length], [1, 1]);
    await release(record);
  },
);

recordsTest("what is in the key of the records and no record is ignored", (records, system) => {
  const strange = `${RECORDS}\\${GUID}`;
  system.registry.createVolatile(strange)[Symbol.dispose]();
  assertEquals([records.list(), records.maker(GUID)], [[], undefined]);
  system.registry.delete(strange);
  system.registry.delete(RECORDS);
});

recordsTest(
  "create() waits until the process before has released its record, and then has its own",
  async (records) => {
    const before = records.record(GUID, MADE);
    await using host = await openWindowsHost({ libraries });
    const creating = host.create({ name: "lab", type: "T", guid: GUID, role: "keeper" });
    await new Promise((wake) => setTimeout(wake, 100));
    assertEquals([records.maker(GUID)?.made.role, (await host.list()).length], ["command", 0]);
    await release(before);
    using _adapter = await creating;
    assertEquals((await host.find("lab"))?.owner, { pid: Deno.pid, ours: true, role: "keeper" });
  },
);

recordsTest("a GUID in capitals is the same GUID, and its record is kept", async (records) => {
  await using host = await openWindowsHost({ libraries });
  using adapter = await host.create({ name: "lab", type: "T", guid: GUID.toUpperCase() });
  assertEquals(adapter.info.guid, GUID);
  assert(records.maker(GUID) !== undefined);
});

recordsTest(
  "an adapter that goes while its owner is looked up is none, and not another program's",
  async (_, system) => {
    await using host = await openWindowsHost({ libraries });
    const adapters = [
      await host.create({ name: "lab", type: "T" }),
      await host.create({ name: "lan", type: "T" }),
    ];
    class LateHolders extends Holders {
      override find(guid: string): Holder | undefined {
        adapters.pop()?.close();
        return super.find(guid);
      }

      override list(): Holder[] {
        adapters.pop()?.close();
        return super.list();
      }
    }
    const holders = new LateHolders(system);
    assertEquals(findWithOwner(system, holders, "lan", false), undefined);
    assertEquals(listWithOwners(system, holders, false), []);
  },
);

/** A clock that runs a thousand times as fast. */
const hurried = (): number => performance.now() * 1000;

/** Replaces the record of a holder by another one as soon as the holder is asked to release its adapter. */
function replaceWhenAsked({ records }: Holders, listens: boolean): { successor: OwnRecord | undefined } {
  const replaced: { successor: OwnRecord | undefined } = { successor: undefined };
  records.ask = (record) => {
    records.forget(record.id);
    replaced.successor = records.record(GUID, MADE);
    return listens;
  };
  return replaced;
}

recordsTest("stop() leaves the adapter that another process creates again meanwhile", async (_, system) => {
  await using host = await openWindowsHost({ libraries });
  using adapter = await host.create({ ...MADE, guid: GUID });
  const holders = new Holders(system);
  const replaced = replaceWhenAsked(holders, true);
  await stopOwner(system, holders, adapter.info, 30_000, hurried, () => {});
  assert(isPresent(system, adapter.info.instanceId));
  await release(replaced.successor!);
});

recordsTest(
  "giving up a process that does not listen leaves the record of the one that came after",
  async (records, system) => {
    const before = records.record(GUID, { ...MADE, role: "keeper" });
    const holders = new Holders(system);
    const replaced = replaceWhenAsked(holders, false);
    assertEquals(await endHolder(system, holders, holders.find(GUID)!, 30_000, hurried), "silent");
    assert(records.maker(GUID) !== undefined);
    await Promise.all([release(before), release(replaced.successor!)]);
  },
);

hostTest(
  "stopSession() ends the session of an adapter that stays, whose record goes with it",
  async (host) => {
    using system = new System(libraries);
    using kept = await host.create({ name: "lab", type: "T", role: "keeper" });
    assertEquals((await infoOf(host, kept)).session, undefined);
    const opened = await host.open("lab");
    const session = opened.openSession(MIN_RING_CAPACITY);
    const info = await infoOf(host, kept);
    assertEquals([info.session, info.owner?.role], [{ pid: Deno.pid }, "keeper"]);
    opened.sessionStopRequested.then(() => {
      session.close();
      opened.close();
    });
    assertEquals(await host.stopSession(info, 5000), { pid: Deno.pid });
    assertEquals([(await infoOf(host, kept)).session, recordNames(system).length], [undefined, 1]);
    assertEquals(await host.stopSession(info, 5000), undefined);
  },
);

hostTest("stopSession() reaches a command that has made its adapter before it serves it", async (host) => {
  const made = await host.create({ name: "lab", type: "T", role: "command" });
  let wasDeleted = false;
  made.stopRequested.then(() => wasDeleted = true);
  made.sessionStopRequested.then(() => made.close());
  assertEquals(await host.stopSession(await infoOf(host, made), 5000), { pid: Deno.pid });
  using system = new System(libraries);
  assertEquals([await host.list(), wasDeleted, recordNames(system)], [[], false, []]);
});

hostTest("a session that another program has open is refused, and found by nobody's record", async (host) => {
  using kept = await host.create({ name: "lab", type: "T", role: "keeper" });
  const opened = await host.open("lab");
  using session = opened.openSession(MIN_RING_CAPACITY);
  using system = new System(libraries);
  const records = new ProcessRecords(system);
  records.forget(records.server(kept.info.guid)!.id);
  const error = await assertHostError("failed", async () => host.stopSession(await infoOf(host, kept), 5000));
  assert(error.reason.includes("another program"), error.message);
  session.close();
  opened.close();
});

hostTest("stopSession() gives up when the session does not end in time", async (host) => {
  using made = await host.create({ name: "lab", type: "T", role: "command" });
  await assertHostError("timeout", async () => host.stopSession(await infoOf(host, made), 50));
});

hostTest(
  "the record of a process that has died goes when its adapter is stopped or deleted",
  async (host) => {
    using system = new System(libraries);
    using kept = await host.create({ name: "lab", type: "T" });
    const info = await infoOf(host, kept);
    const dead = `${RECORDS}\\${GUID},${Deno.pid},1,00000000-0000-0000-0000-000000000000`;
    for (const end of [() => host.stopSession(info, 1), () => host.stop(info, 1), () => host.remove(info)]) {
      system.registry.createVolatile(dead)[Symbol.dispose]();
      assertEquals(recordNames(system).length, 2);
      await end().catch(() => {});
      assertEquals(recordNames(system).length, 1);
    }
  },
);

hostTest("stopSession() needs an elevated process", async (host) => {
  using made = await host.create({ name: "lab", type: "T" });
  const info = await infoOf(host, made);
  control.EmulatorSetElevated(0);
  await assertHostError("not-elevated", () => host.stopSession(info, 50));
});
