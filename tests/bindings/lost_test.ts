import { assert, assertEquals } from "@std/assert";
import { main } from "../cli/validated_main.ts";
import type { Host } from "../../src/tun/host.ts";
import { type Libraries, openWindowsHost } from "../../src/tun/windows/host.ts";
import { type OwnRecord, ProcessRecords } from "../../src/tun/windows/process_records.ts";
import { System } from "../../src/windows/system.ts";
import { FakeEnvironment } from "../cli/fake_environment.ts";
import { CALL } from "../emulator/control.ts";
import { control, emulatorTest, libraries } from "./fixture.ts";
import { assertHostError } from "./host_fixture.ts";

const GUID = "deadbabe-cafe-beef-0123-456789abcdef";
const RECORDS = "SOFTWARE\\wintun adapters";
const MADE = { name: "lab", type: "T", role: "command" } as const;
/** A process that the emulator lets no other process query. */
const SYSTEM_PID = 4;

/** Runs a command on the emulator. */
async function run(...args: string[]): Promise<FakeEnvironment & { code: number }> {
  const environment = new FakeEnvironment();
  environment.host = (options) => openWindowsHost({ ...options, libraries: libraries as Libraries });
  const code = await main([...args, "--json"], environment);
  return Object.assign(environment, { code });
}

async function stateOf(host: Host, name: string): Promise<string | undefined> {
  return (await host.find(name))?.state;
}

/** The owner of an adapter whose device is gone. It releases its record when it is asked to, unless it hangs. */
class LostOwner implements AsyncDisposable {
  readonly #record: OwnRecord;

  constructor(system: System, { hangs = false } = {}) {
    // The role is not keeper: stop() waits for the end of a keeper's process, which is the process of this test.
    this.#record = new ProcessRecords(system).record(GUID, MADE);
    this.#record.setHasAdapter(true);
    if (!hangs) this.#record.demand.then(() => this.#record.release());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#record.release();
    await this.#record.demand;
  }
}

function hasRecords(system: System): boolean {
  using key = system.registry.open(RECORDS);
  return key !== undefined;
}

/** Registers a test with an owner that has lost its adapter. */
function lostTest(
  name: string,
  body: (host: Host, system: System) => Promise<void>,
  options: { readonly hangs?: boolean; readonly now?: () => number } = {},
): void {
  emulatorTest(name, async () => {
    using system = new System(libraries);
    await using host = await openWindowsHost({ libraries, ...(options.now ? { now: options.now } : {}) });
    await using _owner = new LostOwner(system, options);
    await body(host, system);
  });
}

lostTest(
  "an adapter whose device is gone and whose owner runs is listed, found and reported as lost",
  async (host) => {
    const shown = (await host.list()).map(({ name, state, owner }) => [name, state, owner?.pid]);
    assertEquals(shown, [["lab", "lost", Deno.pid]]);
    assertEquals([await stateOf(host, "LAB"), await stateOf(host, `{${GUID}}`)], ["lost", "lost"]);
    const finding = (await host.examine()).find(({ check }) => check === "owners");
    assertEquals(finding, {
      check: "owners",
      result: "warning",
      message: "Somebody has removed these adapters, and their processes still run: lab.",
      hint: "wintun delete NAME removes what is left.",
    });
  },
);

emulatorTest("an adapter is not lost while its owner makes it or lets go of it", async () => {
  using system = new System(libraries);
  await using host = await openWindowsHost({ libraries });
  const record = new ProcessRecords(system).record(GUID, { ...MADE, role: "keeper" });
  assertEquals([await host.list(), await host.find("lab")], [[], undefined]);
  record.setHasAdapter(true);
  assertEquals(await stateOf(host, "lab"), "lost");
  record.setHasAdapter(false);
  assertEquals([await host.list(), await host.find("lab")], [[], undefined]);
  record.release();
  await record.demand;
});

for (const args of [["lab"], [GUID], ["--all"]]) {
  lostTest(`delete ${args} ends the owner of a lost adapter, and is 0`, async (host, system) => {
    const { code, stdout, stderr } = await run("delete", ...args);
    assertEquals([code, stderr.text], [0, ""]);
    assertEquals(stdout.objects[0].deleted, [{ name: "lab", guid: GUID }]);
    assertEquals([await host.list(), hasRecords(system)], [[], false]);
  });
}

lostTest("create of a lost adapter ends its owner first, and then makes the adapter", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T", guid: GUID });
  assertEquals([adapter.info.guid, await stateOf(host, "lab")], [GUID, "down"]);
});

lostTest(
  "create by the name of a lost adapter with another GUID ends its owner too",
  async (host, system) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    assertEquals([(await host.list()).length, adapter.info.name], [1, "lab"]);
    assertEquals(new ProcessRecords(system).maker(GUID), undefined);
  },
);

lostTest("create --if-not-exists does not take a lost adapter for one that exists", async (host) => {
  const { code, stdout } = await run("create", "lab", "--if-not-exists", "--dry-run");
  assertEquals([code, stdout.objects[0].created], [0, true]);
  assertEquals(await stateOf(host, "lab"), "lost");
});

lostTest("set on a lost adapter is 4, says so, and names the ways out", async () => {
  const { code, stderr } = await run("set", "lab", "--mtu", "1400");
  const { reason, hint } = stderr.objects[0].error;
  assertEquals([code, reason], [4, "it is lost"]);
  assertEquals(
    hint,
    "Somebody has removed it. wintun create makes it again, and wintun delete removes what is left.",
  );
});

const hurried = { hangs: true, now: () => performance.now() * 1000 };

lostTest(
  "an owner that hangs keeps its lost adapter until delete --force gives up on it",
  async (host, system) => {
    const request = { name: "lab", type: "T", guid: GUID };
    const { message, hint } = await assertHostError("timeout", () => host.create(request));
    assertEquals([message, hint], [
      `Cannot create adapter "lab": process ${Deno.pid} has lost the adapter that it held, was asked to end, and has not`,
      'wintun delete "lab" --force gives up on that process.',
    ]);
    assertEquals((await run("delete", "lab", "--timeout", "0.1")).code, 9);
    assertEquals((await run("delete", "lab", "--timeout", "0.1", "--force")).code, 0);
    assertEquals(hasRecords(system), false);
    using _adapter = await host.create(request);
  },
  hurried,
);

/** Writes the record of an owner that does not listen: no process keeps its signal open. */
function recordOf(system: System, pid: number, started: bigint): void {
  using key = system.registry.createVolatile(`${RECORDS}\\${GUID},${pid},${started},${crypto.randomUUID()}`);
  for (const [name, text] of [["Name", "lab"], ["Type", "T"], ["Role", "keeper"]]) key.setText(name, text);
  key.setDword("HasAdapter", 1);
}

for (
  const [what, pid] of [["into which this one may not look", SYSTEM_PID], [
    "whose start Windows does not tell",
    Deno.pid,
  ]] as const
) {
  emulatorTest(`a process ${what} is no owner when nobody keeps the owner's signal`, async () => {
    control.EmulatorFailNext(CALL.getProcessTimes, 31, 1_000_000);
    using system = new System(libraries);
    await using host = await openWindowsHost({ libraries });
    recordOf(system, pid, 0n);
    assertEquals([await host.list(), (await run("delete", "lab")).code], [[], 4]);
    using _adapter = await host.create({ name: "lab", type: "T", guid: GUID });
    assertEquals(new ProcessRecords(system).list().length, 1);
  });
}

emulatorTest(
  "a process whose start Windows does not tell is the owner while it keeps the owner's signal",
  async () => {
    control.EmulatorFailNext(CALL.getProcessTimes, 31, 1_000_000);
    await using host = await openWindowsHost({ libraries });
    using _adapter = await host.create({ name: "lab", type: "T" });
    assertEquals(await stateOf(host, "lab"), "down");
  },
);

emulatorTest(
  "stop() of an owner that runs and does not listen takes 3 seconds, and says what was found",
  async () => {
    using system = new System(libraries);
    const log: string[] = [];
    let nowMs = 0;
    // Each reading advances this clock by a quarter of a second.
    const now = (): number => nowMs += 250;
    await using host = await openWindowsHost({ libraries, now, log: ({ message }) => log.push(message) });
    recordOf(system, Deno.pid, system.processes.self().started!);
    const info = (await host.find("lab"))!;
    assertEquals(info.state, "lost");
    await host.stop(info, 30_000);
    assert(nowMs >= 3_000 && nowMs < 6_000, `${nowMs} ms`);
    assertEquals(log, [`Process ${Deno.pid}, which made adapter "lab", runs and does not listen any more.`]);
    assertEquals(await host.list(), []);
  },
);
