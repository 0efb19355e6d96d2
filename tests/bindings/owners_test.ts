import { assert, assertEquals } from "@std/assert";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { findWithOwner, listWithOwners } from "../../src/tun/windows/inventory.ts";
import { isPresent } from "../../src/tun/windows/devices.ts";
import { type OwnerRecord, OwnerRecords, type Ownership } from "../../src/tun/windows/owner_records.ts";
import { endOwner, stopOwner } from "../../src/tun/windows/stopping.ts";
import { System } from "../../src/windows/system.ts";
import { emulatorTest, libraries } from "./fixture.ts";

const GUID = "deadbabe-cafe-beef-0123-456789abcdef";
const ADAPTER = { guid: GUID, name: "lab", type: "T" };

/** Registers a test with the records of owners. All records must be gone at its end. */
function ownersTest(name: string, body: (owners: OwnerRecords, system: System) => Promise<void>): void {
  emulatorTest(name, async () => {
    using system = new System(libraries);
    const owners = new OwnerRecords(system);
    await body(owners, system);
    assertEquals(owners.list(), []);
  });
}

ownersTest("an owner does not take back the record of the one who came after", async (owners) => {
  const [first, second] = [owners.record(ADAPTER, "command"), owners.record(ADAPTER, "keeper")];
  await first.release();
  assertEquals(owners.find(GUID)?.role, "keeper");
  await second.release();
});

ownersTest(
  "create() waits until the owner before has taken its record back, and then has its own",
  async (owners) => {
    const before = owners.record(ADAPTER, "command");
    await using host = await openWindowsHost({ libraries });
    const creating = host.create({ name: "lab", type: "T", guid: GUID, role: "keeper" });
    await new Promise((wake) => setTimeout(wake, 100));
    assertEquals([owners.find(GUID)?.role, (await host.list()).length], ["command", 0]);
    await before.release();
    using _adapter = await creating;
    assertEquals((await host.find("lab"))?.owner, { pid: Deno.pid, ours: true, role: "keeper" });
  },
);

ownersTest("a GUID in capitals is the same GUID, and its record is kept", async (owners) => {
  await using host = await openWindowsHost({ libraries });
  using adapter = await host.create({ name: "lab", type: "T", guid: GUID.toUpperCase() });
  assertEquals(adapter.info.guid, GUID);
  assert(owners.find(GUID) !== undefined);
});

ownersTest("create() deletes the record of a process that died while it wrote it", async (_, system) => {
  const unfinished = "SOFTWARE\\wintun adapters\\00000000-cafe-beef-0123-456789abcdef";
  system.registry.createVolatile(unfinished)[Symbol.dispose]();
  await using host = await openWindowsHost({ libraries });
  using _adapter = await host.create({ name: "lab", type: "T", guid: GUID });
  assertEquals(system.registry.open(unfinished), undefined);
});

ownersTest(
  "an adapter that goes while its owner is looked up is none, and not another program's",
  async (_, system) => {
    await using host = await openWindowsHost({ libraries });
    const adapters = [
      await host.create({ name: "lab", type: "T" }),
      await host.create({ name: "lan", type: "T" }),
    ];
    class LateOwners extends OwnerRecords {
      override find(guid: string): OwnerRecord | undefined {
        adapters.pop()?.close();
        return super.find(guid);
      }
    }
    const owners = new LateOwners(system);
    assertEquals(findWithOwner(system, owners, "lan", false), undefined);
    assertEquals(listWithOwners(system, owners, false), []);
  },
);

/** Records whose owner is replaced by another one as soon as it is asked to release its adapter. */
class ReplacedOwners extends OwnerRecords {
  successor: Ownership | undefined;
  readonly #listens: boolean;

  constructor(system: System, listens: boolean) {
    super(system);
    this.#listens = listens;
  }

  override askToStop(record: OwnerRecord): boolean {
    this.successor = this.record(ADAPTER, record.role);
    return this.#listens;
  }
}

/** A clock that runs a thousand times as fast. */
const hurried = (): number => performance.now() * 1000;

ownersTest("stop() leaves the adapter that another process creates again meanwhile", async (_, system) => {
  await using host = await openWindowsHost({ libraries });
  using adapter = await host.create({ ...ADAPTER });
  const owners = new ReplacedOwners(system, true);
  await stopOwner(system, owners, adapter.info, 30_000, hurried, () => {});
  assert(isPresent(system, adapter.info.instanceId));
  await owners.successor!.release();
});

ownersTest(
  "giving up an owner that does not listen leaves the record of the one who came after",
  async (owners, system) => {
    const before = owners.record(ADAPTER, "keeper");
    const replaced = new ReplacedOwners(system, false);
    assertEquals(await endOwner(replaced, owners.find(GUID)!, 30_000, hurried), "silent");
    assert(owners.find(GUID) !== undefined);
    await Promise.all([before.release(), replaced.successor!.release()]);
  },
);
