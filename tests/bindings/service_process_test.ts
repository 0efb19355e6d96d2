import { assert, assertEquals } from "@std/assert";
import { startKeeperThread } from "../../src/keeper/keeper_thread.ts";
import { Registry } from "../../src/windows/registry.ts";
import { enterService, type ServiceProcess } from "../../src/windows/services/service_process.ts";
import { decodeProcessStatus, SERVICE_STATUS_PROCESS } from "../../src/windows/services/service_status.ts";
import type { ServiceProcessStatus } from "../../src/windows/services/service_status.ts";
import { SystemLibraries } from "../../src/windows/system_libraries.ts";
import { emulatorTest, libraries } from "./fixture.ts";

const NAME = "wintun$test";
const CANCEL = { key: "SOFTWARE\\wintun test\\Report", value: "Cancel" } as const;
const [STOP, INTERROGATE, SHUTDOWN, SOMETHING_ELSE] = [1, 4, 5, 128];
const [NO_ERROR, ERROR_CALL_NOT_IMPLEMENTED, NO_ANSWER] = [0, 120, 0xFFFF_FFFF];

const emulator = Deno.dlopen(libraries.advapi32!, {
  EmulatorStartAsService: { parameters: [], result: "void" },
  EmulatorLastStatus: { parameters: ["buffer"], result: "u32" },
  EmulatorSendControl: { parameters: ["u32"], result: "void" },
  EmulatorControlAnswer: { parameters: [], result: "u32" },
}).symbols;

/** The status that the service has set last. */
function lastStatus(): ServiceProcessStatus {
  const memory = new ArrayBuffer(SERVICE_STATUS_PROCESS.size);
  emulator.EmulatorLastStatus(memory);
  return decodeProcessStatus(memory);
}

async function eventually(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    assert(performance.now() < deadline, JSON.stringify(lastStatus()));
    await new Promise((wake) => setTimeout(wake, 5));
  }
}

/** Sends a control, and returns the answer of the service. */
async function answerTo(control: number): Promise<number> {
  emulator.EmulatorSendControl(control);
  await eventually(() => emulator.EmulatorControlAnswer() !== NO_ANSWER);
  return emulator.EmulatorControlAnswer();
}

/** Registers a test with a service that Windows has started. `body` ends it. */
function startedTest(
  name: string,
  body: (service: ServiceProcess, registry: Registry) => Promise<void>,
): void {
  emulatorTest(name, async () => {
    using system = new SystemLibraries(libraries);
    emulator.EmulatorStartAsService();
    const service = await enterService(system, startKeeperThread(), NAME, CANCEL);
    assert(service !== undefined);
    await body(service, new Registry(system));
  });
}

emulatorTest("a process that Windows has not started as a service is none", async () => {
  using system = new SystemLibraries(libraries);
  assertEquals(await enterService(system, startKeeperThread(), NAME, CANCEL), undefined);
});

startedTest("a service is starting, runs when it says so, and has stopped at its end", async (service) => {
  assertEquals(lastStatus().state, "starting");
  service.running();
  await eventually(() => lastStatus().state === "running");
  await service.end(0);
  assertEquals([lastStatus().state, lastStatus().win32ExitCode], ["stopped", 0]);
});

for (const [control, request] of [[STOP, "stop"], [SHUTDOWN, "shutdown"]] as const) {
  startedTest(
    `a service that runs hears of ${request}, once, and is stopping until its end`,
    async (service) => {
      service.running();
      await eventually(() => lastStatus().state === "running");
      assertEquals(service.stopRequested.aborted, false);
      assertEquals(await answerTo(control), NO_ERROR);
      await eventually(() => service.stopRequested.aborted);
      assertEquals([lastStatus().state, service.stopRequested.reason], ["stopping", request]);
      assertEquals(await answerTo(STOP), NO_ERROR);
      service.running();
      await service.end(0);
      assertEquals([lastStatus().state, service.stopRequested.reason], ["stopped", request]);
    },
  );
}

startedTest("a service answers INTERROGATE, and no control that it does not know", async (service) => {
  assertEquals(await answerTo(INTERROGATE), NO_ERROR);
  assertEquals(await answerTo(SOMETHING_ELSE), ERROR_CALL_NOT_IMPLEMENTED);
  assertEquals([lastStatus().state, service.stopRequested.aborted], ["starting", false]);
  await service.end(0);
});

startedTest("a service that is starting is stopped by its registry value", async (service, registry) => {
  {
    using key = registry.create(CANCEL.key);
    key.setText(CANCEL.value, "");
  }
  await eventually(() => service.stopRequested.aborted);
  assertEquals([lastStatus().state, service.stopRequested.reason], ["stopping", "cancel"]);
  registry.delete(CANCEL.key);
  await service.end(0);
});

startedTest("a service reports a checkpoint a second though the main thread blocks", async (service) => {
  // The test blocks as wintun.dll does.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
  assertEquals([lastStatus().state, lastStatus().checkPoint >= 2], ["starting", true]);
  await service.end(0);
});

startedTest("a service that fails leaves its own exit code", async (service) => {
  await service.end(5);
  const { state, win32ExitCode, specificExitCode } = lastStatus();
  assertEquals([state, win32ExitCode, specificExitCode], ["stopped", 1066, 5]);
});
