import { assert, assertEquals } from "@std/assert";
import { SessionRecords } from "../../src/tun/windows/session_records.ts";
import { System } from "../../src/windows/system.ts";
import { MIN_RING_CAPACITY } from "../../src/wintun/symbols.ts";
import { control, libraries } from "./fixture.ts";
import { assertHostError, hostTest, infoOf } from "./host_fixture.ts";

const SESSIONS = "SOFTWARE\\wintun sessions";

function hasRecords(): boolean {
  using system = new System(libraries);
  using key = system.registry.open(SESSIONS);
  return key !== undefined;
}

hostTest(
  "stopSession() ends the session of an adapter that stays, whose record goes with it",
  async (host) => {
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
    assertEquals([(await infoOf(host, kept)).session, hasRecords()], [undefined, false]);
    assertEquals(await host.stopSession(info, 5000), undefined);
  },
);

hostTest("stopSession() reaches a command that has made its adapter before it serves it", async (host) => {
  const made = await host.create({ name: "lab", type: "T", role: "command" });
  let wasDeleted = false;
  made.stopRequested.then(() => wasDeleted = true);
  made.sessionStopRequested.then(() => made.close());
  assertEquals(await host.stopSession(await infoOf(host, made), 5000), { pid: Deno.pid });
  assertEquals([await host.list(), wasDeleted, hasRecords()], [[], false, false]);
});

hostTest("a session that another program has open is refused, and found by nobody's record", async (host) => {
  using kept = await host.create({ name: "lab", type: "T", role: "keeper" });
  const opened = await host.open("lab");
  using session = opened.openSession(MIN_RING_CAPACITY);
  using system = new System(libraries);
  system.registry.delete(`${SESSIONS}\\${kept.info.guid}`);
  const error = await assertHostError("failed", async () => host.stopSession(await infoOf(host, kept), 5000));
  assert(error.reason.includes("another program"), error.message);
  session.close();
  opened.close();
});

hostTest("stopSession() gives up when the session does not end in time", async (host) => {
  using made = await host.create({ name: "lab", type: "T", role: "command" });
  await assertHostError("timeout", async () => host.stopSession(await infoOf(host, made), 50));
});

hostTest("the record of a process that has died counts no more, and is deleted", async (host) => {
  using kept = await host.create({ name: "lab", type: "T", role: "keeper" });
  using system = new System(libraries);
  {
    using key = system.registry.createVolatile(`${SESSIONS}\\${kept.info.guid}`);
    key.setDword("Pid", Deno.pid);
    // A start time that is not this process's: the PID was another process's then.
    key.setQword("Started", 1n);
    key.setText("StopSignal", "Global\\wintun-serve-test");
  }
  const info = await infoOf(host, kept);
  assertEquals([info.session, await host.stopSession(info, 5000)], [undefined, undefined]);
  assertEquals(hasRecords(), false);
});

hostTest("a session does not take back the record of the one that came after", async () => {
  using system = new System(libraries);
  const sessions = new SessionRecords(system);
  const guid = "deadbabe-cafe-beef-0123-456789abcdef";
  const [first, second] = [sessions.record(guid), sessions.record(guid)];
  first.release();
  assert(sessions.find(guid) !== undefined);
  second.release();
  await Promise.all([first.stopSignal.wasSet, second.stopSignal.wasSet]);
  assertEquals([sessions.find(guid), hasRecords()], [undefined, false]);
});

hostTest("stopSession() needs an elevated process", async (host) => {
  using made = await host.create({ name: "lab", type: "T" });
  const info = await infoOf(host, made);
  control.EmulatorSetElevated(0);
  await assertHostError("not-elevated", () => host.stopSession(info, 50));
});
