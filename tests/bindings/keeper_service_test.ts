import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type KeeperEnvironment, type KeeperService, runKeeper } from "../../src/keeper/keeper_service.ts";
import { type KeeperMessage, ReportReader } from "../../src/keeper/report.ts";
import { encodeOrder } from "../../src/tun/adapter_order.ts";
import type { AdapterServices } from "../../src/tun/windows/adapter_services.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { HostError } from "../../src/tun/host_error.ts";
import type { System } from "../../src/windows/system.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { CALL } from "../emulator/control.ts";
import { control, libraries } from "./fixture.ts";
import { createService, GUID, orderOf, servicesTest, setState } from "./services.ts";

const PARAMETERS = `SYSTEM\\CurrentControlSet\\Services\\wintun$${GUID}\\Parameters`;

/** A service on the emulator, which a test stops. */
class TestService implements KeeperService {
  readonly #stop = new AbortController();
  readonly isRunning: Promise<void>;
  readonly #running = Promise.withResolvers<void>();

  constructor() {
    this.isRunning = this.#running.promise;
    setState("starting");
  }

  get stopRequested(): AbortSignal {
    return this.#stop.signal;
  }

  running(): void {
    setState("running");
    this.#running.resolve();
  }

  stop(): void {
    this.#stop.abort("stop");
  }
}

function environmentOf(system: System, now = (): number => performance.now()): KeeperEnvironment {
  return { system, openHost: (options) => openWindowsHost({ ...options, system, libraries }), now };
}

function reported(system: System): KeeperMessage[] {
  return new ReportReader(system, GUID).next();
}

/** Fails as many creations as a number says. */
function failCreations(count: number): void {
  control.EmulatorFailNext(CALL.createAdapter, 1169, count);
}

async function mustFail(services: AdapterServices, system: System, now?: () => number): Promise<Win32Error> {
  const running = runKeeper(GUID, new TestService(), environmentOf(system, now));
  const error = await assertRejects(() => running, Win32Error);
  const last = reported(system).at(-1);
  assert(last?.type === "failed" && last.error.message === error.message, JSON.stringify(last));
  setState("stopped", { exitCode: 1 });
  assertEquals(services.find(GUID)?.end?.reason ?? error.message, error.message);
  return error;
}

servicesTest(
  "a keeper makes the adapter, reports it, holds it, and leaves nothing when it stops",
  async (services, system) => {
    createService(services, { ...orderOf(), settings: { mtu: 1400 } });
    const service = new TestService();
    const keeping = runKeeper(GUID, service, environmentOf(system));
    await service.isRunning;
    await using host = await openWindowsHost({ libraries });
    const info = (await host.find("lab"))!;
    assertEquals([info.guid, info.mtu, info.state, info.owner?.role], [GUID, 1400, "down", "keeper"]);
    const ready = reported(system).at(-1)!;
    assert(ready.type === "ready", JSON.stringify(ready));
    assertEquals([ready.guid, ready.configured.changed], [GUID, true]);
    service.stop();
    await keeping;
    setState("stopped");
    assertEquals([await host.list(), services.open(GUID, "status")], [[], undefined]);
  },
);

servicesTest("a keeper is marked for deletion before it makes anything", async (services, system) => {
  createService(services);
  failCreations(1);
  await mustFail(services, system);
  assertEquals(services.open(GUID, "status"), undefined);
});

servicesTest(
  "a keeper becomes persistent when its adapter is ready, and not before",
  async (services, system) => {
    createService(services, { ...orderOf({ persistent: true }), removeLegacy: true });
    failCreations(1);
    await mustFail(services, system);
    assertEquals(services.find(GUID), undefined);
    const service = new TestService();
    const keeping = runKeeper(GUID, service, environmentOf(system));
    await service.isRunning;
    assertEquals(services.find(GUID)?.persistent, true);
    using opened = services.open(GUID, "readConfig");
    assertEquals(opened?.config().startType, "auto");
    // The user allowed it for the first start only.
    assertEquals(services.orders.read(GUID)?.removeLegacy, false);
    service.stop();
    await keeping;
    setState("stopped");
    assertEquals(services.find(GUID)?.state, "stopped");
  },
);

servicesTest(
  "a keeper that was asked to stop before it started creates nothing, and may start the next time",
  async (services, system) => {
    createService(services, orderOf({ persistent: true }));
    services.makePersistent(GUID);
    services.requestStop(GUID);
    const error = await assertRejects(
      () => runKeeper(GUID, new TestService(), environmentOf(system)),
      HostError,
    );
    assertEquals([error.kind, system.network.find("lab"), services.isStopRequested(GUID)], [
      "removed",
      undefined,
      false,
    ]);
    const service = new TestService();
    const keeping = runKeeper(GUID, service, environmentOf(system));
    await service.isRunning;
    service.stop();
    await keeping;
  },
);

servicesTest(
  "a persistent keeper tries again while Windows starts, and says what went wrong",
  async (services, system) => {
    createService(services, orderOf({ persistent: true }));
    services.makePersistent(GUID);
    failCreations(1);
    const service = new TestService();
    const keeping = runKeeper(GUID, service, environmentOf(system));
    await service.isRunning;
    const warnings = reported(system).flatMap((line) =>
      line.type === "log" && line.level === "warning" ? [line.message] : []
    );
    assert(warnings.some((message) => message.includes("1169")), warnings.join("\n"));
    service.stop();
    await keeping;
  },
);

servicesTest(
  "a persistent keeper gives up after 15 seconds, and stays with its reason",
  async (services, system) => {
    createService(services, orderOf({ persistent: true }));
    services.makePersistent(GUID);
    failCreations(1_000);
    let nowMs = 0;
    await mustFail(services, system, () => nowMs += 8_000);
    assertEquals(services.find(GUID)?.state, "stopped");
  },
);

servicesTest(
  "a keeper that is stopped before it is ready has not failed, and says that it was deleted",
  async (services, system) => {
    createService(services);
    const service = new TestService();
    service.stop();
    await runKeeper(GUID, service, environmentOf(system));
    const last = reported(system).at(-1)!;
    assert(last.type === "failed" && last.error instanceof HostError);
    assertEquals(last.error.kind, "removed");
  },
);

servicesTest(
  "a keeper whose adapter somebody removes fails with removed, of which its report has the reason",
  async (services, system) => {
    createService(services, orderOf({ persistent: true }));
    const service = new TestService();
    const keeping = runKeeper(GUID, service, environmentOf(system));
    await service.isRunning;
    await using host = await openWindowsHost({ libraries });
    await host.remove((await host.find("lab"))!);
    assertEquals((await assertRejects(() => keeping, HostError)).kind, "removed");
    setState("stopped", { exitCode: 10 });
    assertEquals(services.find(GUID)?.end, { exitCode: 10, reason: "it was removed" });
  },
);

const OTHER = "11111111-2222-3333-4444-555555555555";

for (
  const [what, order, reason] of [
    ["no order", undefined, "its service has no order"],
    ["rubbish for an order", "rubbish", "the order of its service is wrong: "],
    [
      "the order of another",
      encodeOrder(orderOf({ guid: OTHER, persistent: true })),
      `the order of its service is wrong: it is for the adapter ${OTHER}`,
    ],
    [
      "a wrong address in its order",
      encodeOrder(orderOf()).replace('"settings":{', '"settings":{"addresses":["x"]'),
      "the order of its service is wrong: ",
    ],
  ] as const
) {
  servicesTest(`a keeper with ${what} fails, reports that, and does not stay`, async (services, system) => {
    createService(services);
    const service = new TestService();
    {
      using key = system.registry.create(PARAMETERS);
      if (order === undefined) key.deleteValue("Order");
      else key.setText("Order", order);
    }
    const running = runKeeper(GUID, service, environmentOf(system));
    const error = await assertRejects(() => running, HostError);
    assertStringIncludes(error.reason, reason);
    const last = reported(system).at(-1);
    assert(last?.type === "failed" && last.error.message === error.message, JSON.stringify(last));
    setState("stopped", { exitCode: 1 });
    assertEquals(services.open(GUID, "status"), undefined);
  });
}
