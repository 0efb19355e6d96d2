import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { ProcessRecords } from "../../src/tun/windows/process_records.ts";
import { System } from "../../src/windows/system.ts";
import { ERROR_ALREADY_EXISTS, Win32Error } from "../../src/windows/win32_error.ts";
import { Adapter } from "../../src/wintun/adapter.ts";
import { CALL, SURPRISE, THING } from "../emulator/control.ts";
import { control, emulatorTest, libraries, wintun } from "./fixture.ts";
import { assertHostError, hostTest, infoOf, openHurriedHost } from "./host_fixture.ts";

const GUID = "deadbabe-cafe-beef-0123-456789abcdef";

hostTest(
  "create() refuses a taken name, whatever its case, and leaves the other adapter its name",
  async (host) => {
    using first = await host.create({ name: "lab", type: "T" });
    await assertHostError("exists", () => host.create({ name: "LAB", type: "T" }));
    assertEquals((await infoOf(host, first)).name, "lab");
  },
);

hostTest("create() refuses a taken GUID", async (host) => {
  using first = await host.create({ name: "lab", type: "T" });
  await assertHostError("exists", () => host.create({ name: "other", type: "T", guid: first.info.guid }));
  assertEquals((await host.list()).length, 1);
});

for (const name of ["", " lab", "a/b", 'a"b', "a\tb", "n".repeat(128)]) {
  hostTest(`create() refuses the name ${JSON.stringify(name.slice(0, 10))}`, async (host) => {
    await assertHostError("invalid", () => host.create({ name, type: "T" }));
  });
}

hostTest("create() tries again when the adapter is still being removed (183)", async (host) => {
  control.EmulatorFailNext(CALL.createAdapter, 183, 2);
  using adapter = await host.create({ name: "lab", type: "T" });
  assertEquals(adapter.info.name, "lab");
});

hostTest("create() passes a failure of the driver on, and leaves no record", async (host) => {
  control.EmulatorFailNext(CALL.createAdapter, 1169, 1);
  const error = await assertRejects(() => host.create({ name: "lab", type: "T" }), Win32Error);
  assertEquals(error.code, 1169);
  using system = new System(libraries);
  assertEquals(system.registry.open("SOFTWARE\\wintun adapters"), undefined);
});

for (const code of [258, 4319]) {
  hostTest(
    `create() of a device that Windows does not start in time (${code}) is a timeout`,
    async (host) => {
      control.EmulatorFailNext(CALL.createAdapter, code, 1);
      await assertHostError("timeout", () => host.create({ name: "lab", type: "T" }));
    },
  );
}

hostTest("create() reads the code in an HRESULT: 0x800700B7 is 183", async (host) => {
  control.EmulatorFailNext(CALL.createAdapter, 0x8007_00B7, 1);
  using adapter = await host.create({ name: "lab", type: "T" });
  assertEquals(adapter.info.name, "lab");
});

hostTest(
  "create() tries again after an attempt for which Wintun took its 15 s",
  async (host) => {
    control.EmulatorFailNext(CALL.createAdapter, ERROR_ALREADY_EXISTS, 1);
    using adapter = await host.create({ name: "lab", type: "T" });
    assertEquals(adapter.info.name, "lab");
  },
  // The clock jumps past the deadline as soon as the first attempt has failed.
  () => ({ now: () => performance.now() + (control.EmulatorCount(THING.failures) === 0 ? 15_000 : 0) }),
);

hostTest(
  "create() has recorded the owner before the adapter is there, so that it is never seen without",
  async (host) => {
    using system = new System(libraries);
    const records = new ProcessRecords(system);
    // Wintun fails until the adapter is created at the second attempt.
    control.EmulatorFailNext(CALL.createAdapter, ERROR_ALREADY_EXISTS, 1);
    const creating = host.create({ name: "lab", type: "T", role: "keeper" });
    for (let tries = 0; tries < 30_000 && records.list().length === 0; tries++) {
      await new Promise((wake) => setTimeout(wake, 1));
    }
    const [{ made, pid }] = records.list();
    assertEquals([made, pid], [{ name: "lab", type: "T", role: "keeper" }, Deno.pid]);
    assertEquals(await host.list(), []);
    using _adapter = await creating;
  },
);

hostTest("create() that Wintun refuses with 5 says that this process is not elevated", async (host) => {
  control.EmulatorFailNext(CALL.createAdapter, 5, 1);
  const error = await assertHostError("not-elevated", () => host.create({ name: "lab", type: "T" }));
  assert(error.hint.includes("administrator"));
});

emulatorTest(
  "create() refuses an adapter that Windows gives another name, and leaves neither it nor a record",
  async () => {
    await using host = await openHurriedHost();
    control.EmulatorSurpriseNext(SURPRISE.otherName);
    const create = (): Promise<unknown> => host.create({ name: "lab", type: "T" });
    const error = await assertHostError("exists", create);
    assert(error.message.includes('"lab 2"'), error.message);
    using system = new System(libraries);
    assertEquals([await host.list(), new ProcessRecords(system).list()], [[], []]);
  },
);

hostTest(
  "create() records the GUID that Windows gave instead, tells it, and forgets the one that was asked for",
  async (host) => {
    using system = new System(libraries);
    const records = new ProcessRecords(system);
    control.EmulatorSurpriseNext(SURPRISE.otherGuid);
    using adapter = await host.create({ name: "lab", type: "T", guid: GUID, role: "keeper" });
    assertNotEquals(adapter.info.guid, GUID);
    assertEquals(records.list().map(({ guid, made }) => [guid, made?.role]), [[adapter.info.guid, "keeper"]]);
    assertEquals((await infoOf(host, adapter)).owner, { pid: Deno.pid, ours: true, role: "keeper" });
  },
);

emulatorTest(
  "create() looks again when it is its turn, and leaves the name to whoever took it meanwhile",
  async () => {
    control.EmulatorSetLegacyDevices(1);
    let other: Adapter | undefined;
    try {
      await using host = await openWindowsHost({
        libraries,
        removeLegacy: true,
        // The warning comes after the first check, and before this process waits for others.
        log: () => other ??= Adapter.create(wintun, "lab", "Other", null),
      });
      await assertHostError("exists", () => host.create({ name: "lab", type: "T", guid: GUID }));
      assertEquals((await host.list()).map(({ name, type }) => [name, type]), [["lab", "Other"]]);
    } finally {
      other?.close();
    }
  },
);

hostTest("create() and check() refuse what is no GUID", async (host) => {
  for (const guid of ["", "lab", "deadbabe-cafe-beef-0123-456789abcde"]) {
    const request = { name: "lab", type: "T", guid };
    for (const call of [() => host.create(request), () => host.check(request)]) {
      const error = await assertHostError("invalid", call);
      assertEquals(error.reason, `"${guid}" is not a GUID`);
    }
  }
});
