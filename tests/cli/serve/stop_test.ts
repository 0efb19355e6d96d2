import { assertEquals, assertMatch } from "@std/assert";
import { main } from "../validated_main.ts";
import { FakeEnvironment } from "../fake_environment.ts";
import { type Machine, machineTest, other } from "../machine.ts";
import { withoutWindowsOwn } from "../../states.ts";
import { onHost } from "./runs.ts";

/** A `serve` that runs in this process. */
interface Served {
  readonly code: Promise<number>;
  readonly environment: FakeEnvironment;
}

/** Starts `serve lab` on the machine, and returns when it reads packets. */
async function startServe(machine: Machine, ...options: string[]): Promise<Served> {
  const environment = new FakeEnvironment();
  onHost(machine.host)(environment);
  const code = main(["serve", "lab", "--json", ...options], environment);
  while (!environment.stdout.text.includes('"ready"')) await new Promise((wake) => setTimeout(wake, 5));
  return { code, environment };
}

async function hasStopped({ code, environment }: Served): Promise<boolean> {
  const last = environment.stdout.objects.at(-1);
  return await code === 0 && last.event === "stopped" && last.reason === "stopped";
}

machineTest("stop ends the serve of an adapter that stays, and the adapter is as it was", async (machine) => {
  await machine.run("create", "lab", "--address", "10.6.7.7/24");
  const before = await machine.host.find("lab");
  const serving = await startServe(machine);
  const [{ session, owner }] = (await machine.ask("list")).adapters;
  assertEquals([session, owner.role], [{ pid: Deno.pid }, "keeper"]);
  assertEquals(serving.environment.stdout.objects[0].pid, Deno.pid);
  const stopped = { name: "lab", guid: before!.guid, pid: Deno.pid };
  assertEquals(await machine.ask("stop", "LAB"), { schema: 1, changed: true, stopped });
  assertEquals([await hasStopped(serving), withoutWindowsOwn((await machine.host.find("lab"))!)], [
    true,
    withoutWindowsOwn(before!),
  ]);
});

machineTest("stop removes an adapter that the serve made for itself", async (machine) => {
  const serving = await startServe(machine, "--address", "10.6.7.7/24");
  assertEquals((await machine.ask("stop", "lab")).changed, true);
  assertEquals([await hasStopped(serving), await machine.host.list()], [true, []]);
});

machineTest("stop of an adapter that nobody serves changes nothing, and is 0", async (machine) => {
  await machine.run("create", "lab");
  const before = await machine.host.find("lab");
  assertEquals(await machine.ask("stop", "lab"), { schema: 1, changed: false, stopped: null });
  assertEquals(await machine.run("stop", "lab"), 0);
  assertEquals(machine.environment.stdout.text, "lab (not served)\n");
  assertEquals(await machine.host.find("lab"), before);
});

machineTest("stop of an adapter that is not there is 4, and with --ignore-missing 0", async (machine) => {
  assertEquals(await machine.run("stop", "lab"), 4);
  assertMatch(machine.environment.stderr.text, /there is no such adapter.*--ignore-missing/);
  const ignored = await machine.ask("stop", "lab", "--ignore-missing");
  assertEquals(ignored, { schema: 1, changed: false, stopped: null });
});

machineTest("stop of a network adapter that is none of Wintun's is refused", async (machine) => {
  machine.others = [other({ name: "Ethernet", state: "foreign" })];
  assertEquals(await machine.run("stop", "Ethernet"), 1);
  assertMatch(machine.environment.stderr.text, /not a Wintun adapter/);
});

machineTest("stop of a serve that does not end in time is 9", async (machine) => {
  await machine.run("create", "lab");
  using adapter = await machine.host.open("lab");
  adapter.openSession(0x20000);
  assertEquals(await machine.run("stop", "lab", "--timeout", "0.05"), 9);
  assertMatch(machine.environment.stderr.text, new RegExp(`process ${Deno.pid} was asked to end`));
});

machineTest("list names the serve behind the owner if that is another process", async (machine) => {
  const owner = { pid: 336, ours: true, role: "keeper" } as const;
  machine.others = [
    other({ name: "lab", owner, session: { pid: 1204 } }),
    other({ name: "new", owner: { ...owner, role: "command" }, session: { pid: 336 } }),
  ];
  await machine.run("list");
  const [, lab, own] = machine.environment.stdout.lines;
  assertMatch(lab, /keeper \(process 336\), serve \(process 1204\)$/);
  assertMatch(own, / \S+ \(process 336\)$/);
});
