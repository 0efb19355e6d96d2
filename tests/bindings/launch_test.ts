/** Nothing starts on the emulator's Service Control Manager. So these tests wait for services that are starting already. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { launchKeeper, type LaunchOptions, resumeKeeper } from "../../src/keeper/launch.ts";
import { ReportWriter } from "../../src/keeper/report.ts";
import type { AdapterInfo } from "../../src/tun/adapter_info.ts";
import { HostError } from "../../src/tun/host_error.ts";
import { cancelValue } from "../../src/tun/windows/service_keys.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import type { System } from "../../src/windows/system.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { libraries } from "./fixture.ts";
import {
  createService,
  delayNextAnswer,
  GUID,
  orderOf,
  PROGRAM,
  servicesTest,
  setState,
} from "./services.ts";

const CONFIGURED = { changed: false, changes: [], warnings: [] };
const INFO = { name: "lab", guid: GUID } as AdapterInfo;
const INTERRUPTED = AbortSignal.abort();
/** A process of which nobody can say whether it runs. The process of this test always does. */
const SYSTEM_PID = 4;

function options(changes: Partial<LaunchOptions> = {}): LaunchOptions {
  return { timeoutMs: 20_000, log: () => {}, ...changes };
}

function wasAskedToStop(system: System): boolean {
  const { key, value } = cancelValue(GUID);
  using parameters = system.registry.open(key);
  return parameters?.text(value) !== undefined;
}

/** Long enough for a launch to have looked at the service. */
const aMoment = (): Promise<void> => new Promise((wake) => setTimeout(wake, 100));

async function failureOf(launching: Promise<unknown>): Promise<HostError> {
  return await assertRejects(() => launching, HostError);
}

servicesTest(
  "resumeKeeper() waits until the keeper is ready, and passes on what it logs",
  async (services, system) => {
    await using host = await openWindowsHost({ libraries });
    createService(services);
    setState("starting");
    const log: string[] = [];
    const resuming = resumeKeeper(system, INFO, options({ log: ({ message }) => log.push(message) }));
    using report = new ReportWriter(system, GUID);
    report.write({ type: "log", level: "info", message: "working" });
    using _adapter = await host.create({ name: "lab", type: "T", guid: GUID, role: "keeper" });
    report.write({ type: "ready", guid: GUID, configured: CONFIGURED, log: "keeper.log" });
    // It is ready only when Windows knows that it runs: list would show it as starting.
    await new Promise((wake) => setTimeout(wake, 100));
    setState("running");
    const { info, configured, log: path } = await resuming;
    assertEquals([info.name, info.state, info.guid, info.details, configured, path, log], [
      "lab",
      "down",
      GUID,
      undefined,
      CONFIGURED,
      "keeper.log",
      ["working"],
    ]);
    // Another process resumes it, too, and wants everything of it.
    const again = await resumeKeeper(system, INFO, options({ details: true }));
    assertEquals([again.info.details?.connected, again.configured], [false, CONFIGURED]);
  },
);

servicesTest("resumeKeeper() fails with what the keeper has reported", async (services, system) => {
  createService(services);
  setState("starting", { pid: SYSTEM_PID });
  const resuming = resumeKeeper(system, INFO, options());
  await aMoment();
  using report = new ReportWriter(system, GUID);
  report.write({ type: "failed", error: new HostError("exists", "Cannot", "taken", { hint: "Other." }) });
  setState("stopped", { exitCode: 5 });
  const { kind, message, hint } = await failureOf(resuming);
  assertEquals([kind, message, hint], ["exists", "Cannot: taken", "Other."]);
});

servicesTest("resumeKeeper() says so when the keeper ends without a report", async (services, system) => {
  createService(services);
  setState("starting", { pid: SYSTEM_PID });
  const resuming = resumeKeeper(system, INFO, options());
  await aMoment();
  setState("stopped", { win32ExitCode: 1067 });
  const { kind, reason, cause } = await failureOf(resuming);
  assertEquals([kind, reason], ["failed", "its service ended and did not report why"]);
  assert(cause instanceof Win32Error && cause.code === 1067);
});

servicesTest(
  "resumeKeeper() gives up after its time, and leaves the keeper that others have started",
  async (services, system) => {
    createService(services);
    setState("starting");
    assertEquals((await failureOf(resumeKeeper(system, INFO, options({ timeoutMs: 50 })))).kind, "timeout");
    assertEquals([wasAskedToStop(system), services.find(GUID)?.state], [false, "starting"]);
    const interrupt = new AbortController();
    const resuming = resumeKeeper(system, INFO, options({ interrupted: interrupt.signal }));
    interrupt.abort();
    assertEquals((await failureOf(resuming)).reason, "interrupted");
    assertEquals(wasAskedToStop(system), false);
  },
);

servicesTest("resumeKeeper() of an adapter that is deleted meanwhile finds none", async (_, system) => {
  assertEquals((await failureOf(resumeKeeper(system, INFO, options()))).kind, "removed");
});

servicesTest(
  "launchKeeper() and resumeKeeper() start nothing when they were interrupted before",
  async (services, system) => {
    const interrupted = options({ interrupted: INTERRUPTED });
    await failureOf(launchKeeper(system, orderOf(), interrupted, PROGRAM));
    assertEquals(services.open(GUID, "status"), undefined);
    createService(services);
    services.makePersistent(GUID);
    await failureOf(resumeKeeper(system, INFO, interrupted));
  },
);

servicesTest("launchKeeper() leaves no service that Windows could not start", async (services, system) => {
  // The emulator starts nothing.
  await assertRejects(() => launchKeeper(system, orderOf(), options(), PROGRAM), Win32Error);
  assertEquals(services.open(GUID, "status"), undefined);
});

servicesTest(
  "launchKeeper() hears an interrupt while Windows waits for the service's process",
  async (services, system) => {
    delayNextAnswer({ start: 300 });
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 20);
    const launching = launchKeeper(system, orderOf(), options({ interrupted: interrupt.signal }), PROGRAM);
    assertEquals((await failureOf(launching)).reason, "interrupted");
    assertEquals(services.open(GUID, "status"), undefined);
    delayNextAnswer({ start: 300 });
    const tooLong = launchKeeper(system, orderOf(), options({ timeoutMs: 50 }), PROGRAM);
    assertEquals((await failureOf(tooLong)).kind, "timeout");
  },
);

servicesTest(
  "launchKeeper() hears an interrupt while a service of its GUID is about to be deleted",
  async (services, system) => {
    createService(services);
    setState("stopping", { pid: SYSTEM_PID });
    services.markForDeletion(GUID);
    const interrupted = AbortSignal.timeout(50);
    const launching = launchKeeper(system, orderOf(), options({ interrupted }), PROGRAM);
    assertEquals((await failureOf(launching)).reason, "interrupted");
  },
);

servicesTest("launchKeeper() removes rubbish of its GUID first", async (services, system) => {
  createService(services);
  await assertRejects(() => launchKeeper(system, orderOf(), options(), PROGRAM), Win32Error);
  assertEquals(services.open(GUID, "status"), undefined);
});

servicesTest(
  "launchKeeper() refuses a GUID and a name that another service has, and leaves that alone",
  async (services, system) => {
    createService(services);
    setState("starting", { pid: 4 });
    for (const marked of [false, true]) {
      if (marked) services.markForDeletion(GUID);
      for (const request of [{}, { guid: "11111111-2222-3333-4444-555555555555", name: "LAB" }]) {
        const error = await failureOf(launchKeeper(system, orderOf(request), options(), PROGRAM));
        assertEquals([error.kind, error.reason], ["exists", "a service is creating an adapter of this name"]);
      }
    }
    assertEquals(services.find(GUID)?.state, "starting");
  },
);
