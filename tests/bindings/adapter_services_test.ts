import { assert, assertEquals, assertMatch } from "@std/assert";
import { launchKeeper } from "../../src/keeper/launch.ts";
import { ServiceManager } from "../../src/windows/services/service_manager.ts";
import { NEW_SETTINGS } from "../../src/tun/settings/settings.ts";
import type { Finding } from "../../src/tun/findings.ts";
import { serviceName } from "../../src/tun/service_name.ts";
import { SERVICE_SECURITY } from "../../src/tun/windows/adapter_services.ts";
import { REASON_VALUE, reportKey } from "../../src/tun/windows/service_keys.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { removeLeftover } from "../../src/tun/windows/devices.ts";
import type { Host } from "../../src/tun/host.ts";
import { buildOf, PROGRAM_VERSION } from "../../src/tun/program_version.ts";
import type { System } from "../../src/windows/system.ts";
import { control, libraries } from "./fixture.ts";
import { assertHostError, OtherProgram } from "./host_fixture.ts";
import {
  createService,
  delayNextAnswer,
  GUID,
  orderOf,
  PROGRAM,
  programFor,
  servicesTest,
  setState,
} from "./services.ts";

const SERVICE_KEY = `SYSTEM\\CurrentControlSet\\Services\\${serviceName(GUID)}`;

function hasService(system: System): boolean {
  using key = system.registry.open(SERVICE_KEY);
  return key !== undefined;
}

async function stateOf(host: Host, name: string): Promise<string | undefined> {
  return (await host.find(name))?.state;
}

servicesTest("a new service is closed to others, follows its order, and starts on demand", (services) => {
  const order = orderOf({ persistent: true });
  createService(services, order);
  assertEquals(services.orders.read(GUID), order);
  using service = services.open(GUID, "readConfig", "readSecurity");
  assertEquals(service!.config(), {
    startType: "demand",
    commandLine: PROGRAM,
    account: "LocalSystem",
    displayName: "Wintun adapter: lab",
  });
  assertEquals(service!.security(), SERVICE_SECURITY);
});

servicesTest(
  "a service that was never started is rubbish: not listed, and removed by the next",
  (services, system) => {
    createService(services);
    assertEquals([services.list(), services.find(GUID), hasService(system)], [[], undefined, true]);
    services.removeRubbish();
    assertEquals(hasService(system), false);
    // Its creator died before it wrote the order.
    createService(services);
    system.registry.delete(`${SERVICE_KEY}\\Parameters`);
    services.removeRubbish();
    assertEquals(hasService(system), false);
  },
);

servicesTest("a new service does not take over what lies in its key already", (services, system) => {
  for (const value of ["Persistent", "Cancel"]) {
    using key = system.registry.create(`${SERVICE_KEY}\\Parameters`);
    if (value === "Persistent") key.setDword(value, 1);
    else key.setText(value, "");
  }
  createService(services);
  using key = system.registry.open(`${SERVICE_KEY}\\Parameters`);
  assertEquals([services.isPersistent(GUID), key?.text("Cancel")], [false, undefined]);
});

servicesTest("what runs and what is persistent is no rubbish", (services, system) => {
  createService(services);
  setState("running");
  services.removeRubbish();
  services.makePersistent(GUID);
  setState("stopped");
  services.removeRubbish();
  assertEquals([services.find(GUID)?.state, hasService(system)], ["stopped", true]);
});

servicesTest("a service cannot be created twice, nor another one for the same name", (services) => {
  createService(services);
  assertEquals(services.create(orderOf(), PROGRAM), "exists");
  const other = orderOf({ name: "LAB", guid: "11111111-2222-3333-4444-555555555555" });
  assertEquals(services.create(other, programFor(other.request.guid)), "display name taken");
});

servicesTest("find() tells what a service does, and why it has ended", (services, system) => {
  createService(services);
  services.makePersistent(GUID);
  services.noteProgram(GUID);
  const { end, startSettings, ...never } = services.find(GUID)!;
  assertEquals(startSettings, NEW_SETTINGS);
  assertEquals(never, {
    guid: GUID,
    service: serviceName(GUID),
    name: "lab",
    type: "T",
    state: "stopped",
    pid: 0,
    persistent: true,
    version: PROGRAM_VERSION,
    build: buildOf(Deno.execPath()),
  });
  assertEquals(end, {
    exitCode: undefined,
    reason: "the service has not been started since Windows started",
  });
  for (const state of ["starting", "running", "stopping"] as const) {
    setState(state);
    assertEquals([services.find(GUID)?.state, services.find(GUID)?.pid], [state, Deno.pid]);
  }
  setState("stopped");
  assertEquals(services.find(GUID)?.end, { exitCode: 0, reason: "somebody stopped its service" });
  setState("stopped", { win32ExitCode: 1067 });
  assertEquals(services.find(GUID)?.end, { exitCode: undefined, reason: "the process ended unexpectedly" });
  setState("stopped", { exitCode: 6 });
  assertEquals(services.find(GUID)?.end, { exitCode: 6, reason: "it ended with code 6" });
  using report = system.registry.createVolatile(reportKey(GUID));
  report.setText(REASON_VALUE, "wintun.dll is missing");
  assertEquals(services.find(GUID)?.end, { exitCode: 6, reason: "wintun.dll is missing" });
});

servicesTest(
  "a service whose order cannot be read is listed by the name of the service",
  (services, system) => {
    createService(services);
    services.makePersistent(GUID);
    spoilOrder(system);
    assertEquals(services.list().map(({ name, type }) => [name, type]), [[serviceName(GUID), ""]]);
  },
);

/** Gives the service an order that is none. */
function spoilOrder(system: System): void {
  using key = system.registry.create(`${SERVICE_KEY}\\Parameters`);
  key.setText("Order", "{");
}

servicesTest(
  "what needs an order that cannot be read says so, and changes nothing",
  async (services, system) => {
    await using host = await openWindowsHost({ libraries });
    createService(services);
    services.makePersistent(GUID);
    spoilOrder(system);
    const info = (await host.find(GUID))!;
    assertEquals([info.state, info.startSettings], ["stopped", undefined]);
    for (const options of [{}, { dryRun: true }, { name: "office" }]) {
      const { operation, hint } = await assertHostError(
        "failed",
        () => host.reorder(info, { mtu: 1300 }, options),
      );
      assertEquals(operation, `Cannot read the order of the service ${serviceName(GUID)}`);
      assertEquals(hint, "Delete the adapter, and create it again with this program.");
    }
    using key = system.registry.open(`${SERVICE_KEY}\\Parameters`);
    assertEquals(key?.text("Order"), "{");
    await host.stop(info, 1000);
    assertEquals(hasService(system), false);
  },
);

servicesTest(
  "a service of another program with the name of ours is not listed, stays, and is in the way of an adapter",
  async (services, system) => {
    using manager = ServiceManager.connectToCreate(system.libraries);
    const others = manager.create({
      name: serviceName(GUID),
      displayName: "Other",
      commandLine: '"C:\\other.exe" service x',
      startType: "demand",
      dependencies: [],
    });
    assert(typeof others !== "string");
    try {
      for (const isPersistent of [0, 1]) {
        using key = system.registry.create(`${SERVICE_KEY}\\Parameters`);
        key.setDword("Persistent", isPersistent);
        assertEquals([services.list(), services.find(GUID)], [[], undefined]);
        services.removeRubbish();
        assertEquals(hasService(system), true);
      }
      const error = await assertHostError(
        "exists",
        () => launchKeeper(system, orderOf(), { timeoutMs: 1000, log: () => {} }, PROGRAM),
      );
      assertEquals(error.reason, `another program has a service called ${serviceName(GUID)}`);
      assertEquals(hasService(system), true);
    } finally {
      others.markForDeletion();
      others.close();
    }
  },
);

servicesTest("a service that is marked for deletion goes as soon as it does not run", (services, system) => {
  createService(services);
  services.makePersistent(GUID);
  setState("running");
  services.markForDeletion(GUID);
  assertEquals([services.find(GUID)?.persistent, services.find(GUID)?.state], [false, "running"]);
  setState("stopped");
  assertEquals([services.find(GUID), hasService(system)], [undefined, false]);
});

servicesTest("an adapter is starting while its service is, and is taken by then", async (services) => {
  await using host = await openWindowsHost({ libraries });
  createService(services);
  setState("starting");
  const [info] = await host.list();
  assertEquals([info.name, info.state, info.owner], ["lab", "starting", {
    pid: Deno.pid + 0,
    ours: true,
    role: "keeper",
  }]);
  assertEquals(info.service, serviceName(GUID));
  setState("starting", { pid: 4 });
  for (const request of [{ name: "lab", type: "T" }, { name: "other", type: "T", guid: GUID }]) {
    await assertHostError("exists", () => host.check(request));
  }
});

servicesTest(
  "an adapter is stopped while its service does not run, and delete removes it",
  async (services, system) => {
    await using host = await openWindowsHost({ libraries });
    createService(services);
    services.makePersistent(GUID);
    setState("stopped", { exitCode: 10 });
    const info = (await host.find("LAB"))!;
    assertEquals([info.state, info.persistent, info.owner, info.end?.exitCode], [
      "stopped",
      true,
      { ours: true, role: "keeper" },
      10,
    ]);
    const error = await assertHostError("exists", () => host.create({ name: "lab", type: "T" }));
    assert(error.hint.includes("--if-not-exists"), error.hint);
    await host.stop(info, 1000);
    assertEquals([await host.list(), hasService(system)], [[], false]);
  },
);

servicesTest("an adapter whose service runs is lost when its device is gone", async (services) => {
  await using host = await openWindowsHost({ libraries });
  createService(services);
  setState("running", { pid: 4 });
  assertEquals(await stateOf(host, "lab"), "lost");
  setState("stopping", { pid: 4 });
  assertEquals(await stateOf(host, "lab"), undefined);
});

servicesTest(
  "the service that this process is creates its adapter without a record",
  async (services, system) => {
    await using host = await openWindowsHost({ libraries });
    createService(services);
    setState("starting");
    using adapter = await host.create({ name: "lab", type: "T", guid: GUID, role: "keeper" });
    assertEquals(system.registry.open("SOFTWARE\\wintun adapters"), undefined);
    assertEquals(await stateOf(host, "lab"), "starting");
    setState("running");
    const info = (await host.find("lab"))!;
    assertEquals([info.state, info.service, info.owner?.pid], ["down", serviceName(GUID), Deno.pid]);
    assert(adapter.created);
  },
);

servicesTest(
  "configure() writes the settings into the order of a persistent adapter of another process",
  async (services) => {
    await using host = await openWindowsHost({ libraries });
    createService(services);
    setState("starting");
    using adapter = await host.create({ name: "lab", type: "T", guid: GUID, role: "keeper" });
    setState("running");
    await host.configure(adapter.info.luid, { mtu: 1400 });
    services.makePersistent(GUID);
    await host.configure(adapter.info.luid, { mtu: 1300 });
    assertEquals(services.orders.read(GUID)?.settings, {});
    setState("running", { pid: 4 });
    await using other = await openWindowsHost({ libraries });
    await other.configure(adapter.info.luid, { mtu: 1200 }, { dryRun: true });
    assertEquals(services.orders.read(GUID)?.settings, {});
    await other.configure(adapter.info.luid, { mtu: 1200 });
    await other.configure(adapter.info.luid, { metric: 7 });
    assertEquals(services.orders.read(GUID)?.settings, { mtu: { 4: 1200 }, metric: 7 });
  },
);

servicesTest(
  "reorder() changes what the service of a stopped adapter will set, and tells the changes",
  async (services) => {
    await using host = await openWindowsHost({ libraries });
    createService(services);
    services.makePersistent(GUID);
    const info = (await host.find("lab"))!;
    assertEquals((await host.reorder(info, { mtu: 1200 })).changes, [{
      setting: "mtu",
      before: ["65535"],
      after: ["ipv4=1200", "ipv6=65535"],
    }]);
    assertEquals((await host.reorder(info, { mtu: 1200 })).changed, false);
    assertEquals(services.orders.read(GUID)?.settings, { mtu: { 4: 1200 } });
    assertEquals((await host.reorder(info, { metric: 7 }, { dryRun: true })).changed, true);
    assertEquals(services.orders.read(GUID)?.settings, { mtu: { 4: 1200 } });
    services.markForDeletion(GUID);
    await assertHostError("not-found", () => host.reorder(info, { mtu: 1300 }));
    control.EmulatorSetElevated(0);
    await assertHostError("not-elevated", () => host.reorder(info, { mtu: 1300 }));
  },
);

servicesTest("removeLeftover() removes a device without an interface, and no adapter", (_, system) => {
  control.EmulatorSetOrphanedDevices(1);
  using other = new OtherProgram("wg0");
  const [guid] = system.network.list().filter(({ alias }) => alias === "wg0").map(({ guid }) => guid);
  assertEquals(removeLeftover(system, guid), false);
  assertEquals(removeLeftover(system, "dead0000-0000-0000-0000-000000000000"), true);
  assertEquals(removeLeftover(system, "dead0000-0000-0000-0000-000000000000"), false);
  assert(other.handle !== null);
});

servicesTest(
  "stop() of an adapter whose service does not answer goes on, and names what hangs",
  async (services) => {
    await using host = await openWindowsHost({ libraries });
    createService(services);
    for (const [pid, holder] of [[4, "process 4"], [0, `the service ${serviceName(GUID)}`]] as const) {
      setState("starting", { pid });
      const info = (await host.find(GUID))!;
      delayNextAnswer({ stop: 300 });
      let hasGoneOn = false;
      setTimeout(() => hasGoneOn = true, 10);
      const { reason } = await assertHostError("timeout", () => host.stop(info, 100));
      assertEquals([hasGoneOn, reason], [true, `${holder} was asked to release it, but still holds it`]);
    }
    // The answers come before the emulator is asked what is still open.
    await new Promise((wake) => setTimeout(wake, 500));
  },
);

/** What doctor says of the services. */
async function examined(host: Host): Promise<Finding> {
  return (await host.examine()).find(({ check }) => check === "services")!;
}

servicesTest("examine() finds nothing wrong with a service whose program is there", async (services) => {
  await using host = await openWindowsHost({ libraries });
  const { result } = await examined(host);
  assertEquals(result, "ok");
  createService(services, orderOf(), programFor(GUID, `"${Deno.execPath()}"`));
  services.makePersistent(GUID);
  services.noteProgram(GUID);
  setState("running");
  assertEquals(await examined(host), {
    check: "services",
    result: "ok",
    message: "Services that hold adapters: 1.",
    hint: "",
  });
});

servicesTest(
  "examine() warns of a persistent adapter whose service does not run, with the reason",
  async (services) => {
    await using host = await openWindowsHost({ libraries });
    createService(services, orderOf(), programFor(GUID, `"${Deno.execPath()}"`));
    services.makePersistent(GUID);
    setState("stopped", { win32ExitCode: 1067 });
    assertEquals(await examined(host), {
      check: "services",
      result: "warning",
      message: 'Adapter "lab" is stopped: the process ended unexpectedly.',
      hint: 'wintun create "lab" --if-not-exists starts it, and wintun delete removes it.',
    });
    setState("starting");
    assertEquals((await examined(host)).result, "ok");
  },
);

servicesTest(
  "examine() fails for a persistent adapter whose order cannot be read",
  async (services, system) => {
    await using host = await openWindowsHost({ libraries });
    createService(services, orderOf(), programFor(GUID, `"${Deno.execPath()}"`));
    services.makePersistent(GUID);
    setState("running");
    spoilOrder(system);
    const { result, message } = await examined(host);
    assertEquals(result, "failed");
    assertMatch(message, /^The service of adapter "wintun\$\S+" has an order that cannot be read: .+\.$/);
    using key = system.registry.create(`${SERVICE_KEY}\\Parameters`);
    key.deleteValue("Order");
    assertMatch((await examined(host)).message, /has no order\.$/);
  },
);

servicesTest("examine() fails for a service whose program is missing", async (services) => {
  await using host = await openWindowsHost({ libraries });
  createService(services);
  services.makePersistent(GUID);
  const { result, message, hint } = await examined(host);
  assertEquals(result, "failed");
  assertEquals(
    message,
    'The service of adapter "lab" runs C:\\Program Files\\wintun\\wintun.exe, which does not exist.',
  );
  assert(hint.includes("create it again"), hint);
});

servicesTest(
  "examine() warns of a service that others can change, and of a path without quotes",
  async (services) => {
    await using host = await openWindowsHost({ libraries });
    createService(services, orderOf(), programFor(GUID, Deno.execPath()));
    services.makePersistent(GUID);
    setState("running");
    {
      using service = services.open(GUID, "writeSecurity");
      service!.setSecurity(`${SERVICE_SECURITY}(A;;DC;;;BU)`);
    }
    const { result, message } = await examined(host);
    assertEquals([result, message], [
      "warning",
      'The service of adapter "lab" can be changed by all users. The service of adapter "lab" has a path without quotes.',
    ]);
  },
);

servicesTest(
  "examine() names the adapters whose service still runs another version or build",
  async (services, system) => {
    await using host = await openWindowsHost({ libraries });
    createService(services, orderOf(), programFor(GUID, `"${Deno.execPath()}"`));
    services.makePersistent(GUID);
    services.noteProgram(GUID);
    for (const [value, of] of [["Build", "another build"], ["Version", "version 0.0.1"]]) {
      setState("running", { pid: 4 });
      assertEquals((await examined(host)).result, of === "another build" ? "ok" : "warning");
      using key = system.registry.create(`${SERVICE_KEY}\\Parameters`);
      key.setText(value, "0.0.1");
      const { result, message } = await examined(host);
      const expected = `The service of adapter "lab" still runs ${of} of this program.`;
      assertEquals([result, message], ["warning", expected]);
      setState("stopped");
      assert(!(await examined(host)).message.includes("still runs"));
    }
  },
);
