/** The service that holds an adapter: how it is set up, and what becomes of everything when a process dies at any step. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { SERVICE_COMMAND } from "../../../src/tun/service_name.ts";
import { type AdapterService, AdapterServices } from "../../../src/tun/windows/adapter_services.ts";
import { commandLine } from "../../../src/windows/command_line.ts";
import { System } from "../../../src/windows/system.ts";
import { adapterTest, ask, list, must } from "../adapters.ts";
import { endProcess } from "../end_process.ts";
import { eventually } from "../eventually.ts";
import { program, programLine } from "../program.ts";
import { traces } from "../traces.ts";

const GUID = "deadbabe-cafe-beef-0123-456789abcdef";
const CREATE = ["create", "lab", "--guid", GUID, "--address", "10.77.0.1/24", "--json"];

const system = new System();
const services = new AdapterServices(system);

/** Waits, with hardly a pause, until `condition` holds for the service, or for `undefined` if there is none. */
async function seen(
  condition: (service: AdapterService | undefined) => boolean,
): Promise<AdapterService | undefined> {
  for (const end = performance.now() + 30_000;;) {
    const service = services.find(GUID);
    if (condition(service)) return service;
    assert(performance.now() < end, `the service is ${service?.state}`);
    await new Promise((wake) => setTimeout(wake, 1));
  }
}

/** Whether there is a key of the service, also of one that is rubbish. */
function hasKey(): boolean {
  using key = system.registry.open(`SYSTEM\\CurrentControlSet\\Services\\wintun$${GUID}`);
  return key !== undefined;
}

adapterTest(
  "the service runs this program by its quoted path, and everybody may ask whether it runs",
  async () => {
    const { adapter } = await must(...CREATE);
    const [executable] = programLine([]);
    using service = services.open(GUID, "readConfig", "readSecurity", "status")!;
    const { commandLine, ...config } = service.config();
    assert(commandLine.startsWith(`"${executable}" `), commandLine);
    assertMatch(commandLine, new RegExp(`\\bservice "?${GUID}"?$`));
    assertEquals(config, { startType: "demand", account: "LocalSystem", displayName: "Wintun adapter: lab" });
    assertMatch(service.security(), /\(A;;CCLCRC;;;AU\)/);
    assertEquals([adapter.service, adapter.persistent], [`wintun$${GUID}`, false]);
    assertEquals(service.status().pid, adapter.owner.pid);
    service.close();
    await must("delete", "lab");
  },
);

for (
  const [step, isReached] of [
    ["as soon as its service exists", () => hasKey()],
    ["while its service starts", () => (services.find(GUID)?.pid ?? 0) !== 0],
    ["when its service runs", () => services.find(GUID)?.state === "running"],
  ] as const
) {
  adapterTest(`create that is killed ${step} leaves a whole adapter or none`, async () => {
    const before = `${traces()}`;
    const creating = program(CREATE).spawn();
    const ended = creating.output();
    await seen(() => isReached());
    creating.kill("SIGKILL");
    await ended;
    // The service does not need it.
    await seen((service) => service === undefined || service.state === "running");
    const listed = await list();
    assertEquals(
      listed.map(({ name, addresses }) => [name, addresses]),
      listed.map(() => ["lab", ["10.77.0.1/24"]]),
    );
    assertEquals((await must(...CREATE, "--if-not-exists")).created, listed.length === 0);
    await must("delete", "lab");
    assert(await eventually(() => `${traces()}` === before));
  });
}

adapterTest(
  "a service that was created and never started is not shown, and create and delete remove it",
  async () => {
    const request = { name: "lab", type: "Wintun", guid: GUID };
    const order = { request, settings: {}, removeLegacy: false };
    const abandon = (): void => {
      const created = services.create(order, commandLine("C:\\never.exe", SERVICE_COMMAND, GUID));
      if (typeof created === "string") throw new Error(created);
      created.close();
    };
    abandon();
    assertEquals(await list(), []);
    assertEquals((await must(...CREATE)).created, true);
    await must("delete", "lab");
    abandon();
    await ask("delete", GUID);
    assert(await eventually(() => !hasKey()));
  },
);

adapterTest(
  "create whose service is killed while it starts fails soon, and works the next time",
  async () => {
    const creating = ask(...CREATE);
    const starting = await seen((service) => service?.state === "starting" && service.pid !== 0);
    await endProcess(starting!.pid);
    const { code, error } = await creating;
    assertEquals([code, error.reason], [1, "its service ended and did not report why"]);
    await must(...CREATE);
    await must("delete", "lab");
  },
);

adapterTest(
  "an adapter whose service is killed is gone, with its service, and create makes it again",
  async () => {
    const { adapter } = await must(...CREATE);
    await endProcess(adapter.owner.pid);
    await seen((service) => service === undefined);
    assertEquals(await list(), []);
    assert(await eventually(() => !hasKey()));
    assertEquals((await must(...CREATE)).adapter.guid, GUID);
    await must("delete", "lab");
  },
);

adapterTest("of two creates of one GUID at once, one makes it and the other is refused", async () => {
  const answers = await Promise.all(["a", "b"].map((name) => ask("create", name, "--guid", GUID)));
  assertEquals(answers.map(({ code }) => code).sort(), [0, 5], JSON.stringify(answers));
  assertEquals((await list()).length, 1);
  await must("delete", GUID);
});
