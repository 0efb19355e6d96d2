import { assertEquals, assertThrows } from "@std/assert";
import { Registry } from "../../src/windows/registry.ts";
import type { Service } from "../../src/windows/services/service.ts";
import { ServiceManager } from "../../src/windows/services/service_manager.ts";
import { SystemLibraries } from "../../src/windows/system_libraries.ts";
import { toWideString } from "../../src/windows/wide_string.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { control, emulatorTest, libraries } from "./fixture.ts";

const NAME = "wintun$1f2e3d4c-0000-4000-8000-000000000001";
const KEY = `SYSTEM\\CurrentControlSet\\Services\\${NAME}`;
const STATE = { stopped: 1, starting: 2, stopping: 3, running: 4 } as const;

const emulator = Deno.dlopen(libraries.advapi32!, {
  EmulatorSetServiceStatus: {
    parameters: ["buffer", /* name */ "u32", /* state */ "u32", /* pid */ "u32", /* exit code */ "u32"],
    result: "i32",
  },
}).symbols;

function setState(state: keyof typeof STATE, pid = 0, exitCode = 0, specificExitCode = 0): void {
  emulator.EmulatorSetServiceStatus(toWideString(NAME), STATE[state], pid, exitCode, specificExitCode);
}

function create(manager: ServiceManager, name = NAME, displayName = "Wintun adapter: lab"): unknown {
  const commandLine = '"C:\\wintun.exe" service x';
  return manager.create({
    name,
    displayName,
    commandLine,
    startType: "auto",
    dependencies: ["Nsi", "Tcpip"],
  });
}

/** Registers a test with a service that does not run. Afterwards it has stopped, and is deleted. */
function serviceTest(
  name: string,
  body: (service: Service, manager: ServiceManager, system: SystemLibraries) => Promise<void> | void,
): void {
  emulatorTest(name, async () => {
    using system = new SystemLibraries(libraries);
    using manager = ServiceManager.connectToCreate(system);
    using service = create(manager) as Service;
    try {
      await body(service, manager, system);
    } finally {
      setState("stopped");
      service.markForDeletion();
    }
  });
}

function codeOf(call: () => unknown): number {
  return assertThrows(call, Win32Error).code;
}

serviceTest(
  "a new service has its key in the registry, its configuration, and does not run",
  (service, _, system) => {
    using key = new Registry(system).open(KEY);
    assertEquals(key?.text("DisplayName"), "Wintun adapter: lab");
    assertEquals(service.config(), {
      startType: "auto",
      commandLine: '"C:\\wintun.exe" service x',
      account: "LocalSystem",
      displayName: "Wintun adapter: lab",
    });
    assertEquals(service.status(), {
      state: "stopped",
      accepts: 0,
      win32ExitCode: 1077,
      specificExitCode: 0,
      checkPoint: 0,
      waitHintMs: 0,
      pid: 0,
    });
  },
);

serviceTest("a name and a display name are taken, whatever the case of their letters", (service, manager) => {
  assertEquals(create(manager, NAME.toUpperCase()), "exists");
  assertEquals(create(manager, `${NAME}0`, "WINTUN ADAPTER: LAB"), "display name taken");
  service.markForDeletion();
  assertEquals(create(manager), "being deleted");
});

serviceTest("open() finds a service by its name, and none by another", (_, manager) => {
  assertEquals(manager.open(`${NAME}0`, "status"), undefined);
  using again = manager.open(NAME.toUpperCase(), "status");
  assertEquals(again?.status().state, "stopped");
});

serviceTest("a service is stopped by what it does", async (service) => {
  assertEquals(await service.stop(), "stopped");
  setState("starting", 7);
  assertEquals(await service.stop(), "starting");
  setState("running", 7);
  assertEquals([service.status().state, service.status().pid], ["running", 7]);
  assertEquals(await service.stop(), "asked");
  setState("stopping", 7);
  assertEquals(await service.stop(), "stopping");
});

serviceTest(
  "a service that takes no new parameters is told from the DNS client, which does",
  async (service, manager) => {
    assertEquals(await service.rereadParameters(), false);
    setState("running", 7);
    assertEquals(await service.rereadParameters(), false);
    using dnsClient = manager.open("Dnscache", "pauseContinue")!;
    assertEquals(await dnsClient.rereadParameters(), true);
    using reader = manager.open("Dnscache", "status")!;
    assertEquals(await reader.rereadParameters(), false);
  },
);

serviceTest("start() tells a service that runs from one that cannot be started", (service) => {
  const [ERROR_NOT_SUPPORTED, ERROR_SERVICE_MARKED_FOR_DELETE] = [50, 1072];
  assertEquals(codeOf(() => service.start()), ERROR_NOT_SUPPORTED);
  setState("running", 7);
  assertEquals(service.start(), false);
  setState("stopped");
  service.markForDeletion();
  assertEquals(codeOf(() => service.start()), ERROR_SERVICE_MARKED_FOR_DELETE);
});

serviceTest("status() says with which code a service has failed", (service) => {
  setState("stopped", 0, 1066, 5);
  const { win32ExitCode, specificExitCode } = service.status();
  assertEquals([win32ExitCode, specificExitCode], [1066, 5]);
});

emulatorTest("a service that is marked goes with its keys once it has stopped and nobody has it open", () => {
  using system = new SystemLibraries(libraries);
  const registry = new Registry(system);
  using manager = ServiceManager.connectToCreate(system);
  {
    using service = create(manager) as Service;
    registry.createVolatile(`${KEY}\\Parameters\\Report`)[Symbol.dispose]();
    setState("running", 7);
    assertEquals([service.markForDeletion(), service.markForDeletion()], [true, false]);
  }
  {
    using service = manager.open(NAME, "status");
    assertEquals(service?.status().state, "running");
  }
  setState("stopped");
  assertEquals(manager.open(NAME, "status"), undefined);
  assertEquals([KEY, `${KEY}\\Parameters\\Report`].map((key) => registry.open(key)), [undefined, undefined]);
});

serviceTest("a handle is good for what it was opened for, and for nothing else", (_, manager) => {
  const ERROR_ACCESS_DENIED = 5;
  using reader = manager.open(NAME, "status")!;
  for (
    const call of [
      () => reader.start(),
      () => reader.markForDeletion(),
      () => reader.config(),
      () => reader.security(),
      () => reader.setSecurity("D:"),
      () => reader.setDescription("x"),
    ]
  ) assertEquals(codeOf(call), ERROR_ACCESS_DENIED);
});

serviceTest("who may use a service is read back as it was set", (service) => {
  const sddl = "D:P(A;;CCLCSWRPWPDTLOCRRC;;;SY)(A;;CCLCRC;;;AU)";
  service.setSecurity(sddl);
  assertEquals(service.security(), sddl);
});

serviceTest("a service takes a description and what happens when it fails", (service) => {
  service.setDescription("Holds a Wintun adapter.");
  service.setFailureActions({ restartAfterMs: [5_000, 30_000], resetAfterS: 86_400 });
});

serviceTest("a user who is not elevated reads services, and changes none", (_, __, system) => {
  const ERROR_ACCESS_DENIED = 5;
  control.EmulatorSetElevated(0);
  assertEquals(codeOf(() => ServiceManager.connectToCreate(system)), ERROR_ACCESS_DENIED);
  using manager = ServiceManager.connect(system);
  using reader = manager.open(NAME, "status", "readConfig", "readSecurity");
  assertEquals(reader?.status().state, "stopped");
  assertEquals(codeOf(() => manager.open(NAME, "stop")), ERROR_ACCESS_DENIED);
});
