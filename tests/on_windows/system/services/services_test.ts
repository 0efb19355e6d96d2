import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { commandLine } from "../../../../src/windows/command_line.ts";
import type { Service } from "../../../../src/windows/services/service.ts";
import { ServiceManager } from "../../../../src/windows/services/service_manager.ts";
import type { ServiceProcessStatus } from "../../../../src/windows/services/service_status.ts";
import { System } from "../../../../src/windows/system.ts";
import { Win32Error } from "../../../../src/windows/win32_error.ts";
import { endProcess } from "../../end_process.ts";
import { eventually } from "../../eventually.ts";
import { isWindowsWorld } from "../../libraries.ts";
import { type Behaviour, reportKey } from "./small_service.ts";

const PROGRAM = fromFileUrl(new URL("./small_service.ts", import.meta.url));
const ERROR_ACCESS_DENIED = 5;
const ERROR_SERVICE_SPECIFIC_ERROR = 1066;
const ERROR_PROCESS_ABORTED = 1067;
const ERROR_SERVICE_MARKED_FOR_DELETE = 1072;

interface Fixture {
  readonly system: System;
  readonly manager: ServiceManager;
  readonly name: string;
  /** All rights. */
  readonly service: Service;
}

/** Runs `body` with a new service that does not run yet. Afterwards it is stopped and deleted. */
async function withService(
  behaviour: readonly [Behaviour, number?],
  body: (fixture: Fixture) => void | Promise<void>,
): Promise<void> {
  using system = new System();
  using manager = ServiceManager.connectToCreate(system.libraries);
  const name = `wintun test ${crypto.randomUUID()}`;
  const operands = ["run", "-A", "--no-check", PROGRAM, name, ...behaviour.map(String)];
  using service = manager.create({
    name,
    displayName: `Display name of ${name}`,
    commandLine: commandLine(Deno.execPath(), ...operands),
    startType: "demand",
    dependencies: [],
  }) as Service;
  assert(typeof service !== "string", `${service}`);
  try {
    await body({ system, manager, name, service });
  } finally {
    service.close();
    using left = manager.open(name, "stop", "delete");
    left?.markForDeletion();
    await left?.stop();
  }
}

/** Waits until the service has that state, and returns its status. */
async function becomes(
  service: Service,
  state: ServiceProcessStatus["state"],
): Promise<ServiceProcessStatus> {
  let status = service.status();
  assert(
    await eventually(() => (status = service.status()).state === state),
    `${state}: ${JSON.stringify(status)}`,
  );
  return status;
}

function isGone(manager: ServiceManager, name: string): boolean {
  using service = manager.open(name, "status");
  return service === undefined;
}

Deno.test("a service runs in a process of its own, and ends when it is asked to stop", async () => {
  await withService(["run"], async ({ system, name, service }) => {
    assertEquals([service.status().state, service.status().pid], ["stopped", 0]);
    assertEquals(service.start(), true);
    const { pid } = await becomes(service, "running");
    assert(pid !== 0 && pid !== Deno.pid);
    assertEquals(service.start(), false);
    assertEquals(await service.stop(), "asked");
    const { win32ExitCode } = await becomes(service, "stopped");
    assertEquals(win32ExitCode, 0);
    assertEquals(await service.stop(), "stopped");
    using report = system.registry.open(reportKey(name));
    assertEquals(report?.text("StoppedBy"), "stop");
  });
});

Deno.test("a service that fails leaves the exit code of the program as its own", async () => {
  await withService(["fail", 5], async ({ service }) => {
    service.start();
    const { win32ExitCode, specificExitCode } = await becomes(service, "stopped");
    assertEquals([win32ExitCode, specificExitCode], [ERROR_SERVICE_SPECIFIC_ERROR, 5]);
  });
});

Deno.test("a service whose main thread blocks goes on reporting checkpoints, and comes to run afterwards", async () => {
  await withService(["block", 5_000], async ({ service }) => {
    service.start();
    const checkPoints = new Set<number>();
    assert(
      await eventually(() => {
        const { state, checkPoint } = service.status();
        if (state === "starting") checkPoints.add(checkPoint);
        return state === "running";
      }),
    );
    assert(checkPoints.size >= 4, `only the checkpoints ${[...checkPoints]} were seen`);
  });
});

Deno.test("a service that is starting refuses to stop, and stops when its registry value asks it to", async () => {
  await withService(["block", 4_000], async ({ system, name, service }) => {
    service.start();
    assertEquals((await becomes(service, "starting")).accepts, 0);
    assertEquals(await service.stop(), "starting");
    {
      using report = system.registry.createVolatile(reportKey(name));
      report.setText("Cancel", "");
    }
    await becomes(service, "stopping");
    assertEquals(await service.stop(), "stopping");
    const { win32ExitCode } = await becomes(service, "stopped");
    assertEquals(win32ExitCode, 0);
    using report = system.registry.open(reportKey(name));
    assertEquals(report?.text("StoppedBy"), "cancel");
  });
});

Deno.test("a service that is marked for deletion still stops, and then is gone with its key", async () => {
  await withService(["run"], async ({ system, manager, name, service }) => {
    service.start();
    await becomes(service, "running");
    assertEquals([service.markForDeletion(), service.markForDeletion()], [true, false]);
    assertEquals(await service.stop(), "asked");
    await becomes(service, "stopped");
    service.close();
    // Whoever looks at services may have it open for a moment.
    assert(await eventually(() => isGone(manager, name)));
    assertEquals(system.registry.open(`SYSTEM\\CurrentControlSet\\Services\\${name}`), undefined);
  });
});

Deno.test({
  name: "a service that is marked for deletion cannot be started",
  ignore: isWindowsWorld, // Wine starts it.
  fn: async () => {
    await withService(["run"], ({ service }) => {
      service.markForDeletion();
      const error = assertThrows(() => service.start(), Win32Error);
      assertEquals(error.code, ERROR_SERVICE_MARKED_FOR_DELETE);
    });
  },
});

Deno.test("a service that is marked for deletion is gone once its process is killed", async () => {
  await withService(["run"], async ({ manager, name, service }) => {
    service.start();
    const { pid } = await becomes(service, "running");
    service.markForDeletion();
    service.close();
    await endProcess(pid);
    assert(await eventually(() => isGone(manager, name)));
  });
});

Deno.test("a service whose process is killed has stopped with the code for that", async () => {
  await withService(["run"], async ({ service }) => {
    service.start();
    const { pid } = await becomes(service, "running");
    await endProcess(pid);
    assertEquals((await becomes(service, "stopped")).win32ExitCode, ERROR_PROCESS_ABORTED);
    assertEquals(await service.stop(), "stopped");
  });
});

Deno.test("a service whose process is killed while it is starting has stopped with the code for that", async () => {
  await withService(["block", 60_000], async ({ service }) => {
    service.start();
    const { pid } = await becomes(service, "starting");
    await endProcess(pid);
    assertEquals((await becomes(service, "stopped")).win32ExitCode, ERROR_PROCESS_ABORTED);
  });
});

Deno.test("there is one service of a name, in any case of its letters, and one of a display name", async () => {
  await withService(["run"], async ({ manager, name, service }) => {
    const { displayName } = service.config();
    const another = { commandLine: "x", startType: "demand", dependencies: [] } as const;
    const create = (name: string, displayName: string): unknown =>
      manager.create({ name, displayName, ...another });
    assertEquals(create(name.toUpperCase(), "Another"), "exists");
    assertEquals(create(`${name} 2`, displayName.toUpperCase()), "display name taken");
    service.start();
    await becomes(service, "running");
    service.markForDeletion();
    assertEquals(create(name, "Another"), "being deleted");
  });
});

Deno.test("a service is opened for what is asked, and not found under a name that it does not have", async () => {
  await withService(["run"], ({ manager, name }) => {
    assertEquals(manager.open(`${name} 2`, "status"), undefined);
    using reader = manager.open(name, "status", "readConfig");
    assertEquals(reader?.status().state, "stopped");
    assertEquals(assertThrows(() => reader?.start(), Win32Error).code, ERROR_ACCESS_DENIED);
    assertEquals(assertThrows(() => reader?.markForDeletion(), Win32Error).code, ERROR_ACCESS_DENIED);
  });
});

Deno.test("the configuration of a service is read back", async () => {
  await withService(["run"], ({ name, service }) => {
    const { commandLine, ...rest } = service.config();
    assert(commandLine.startsWith(`"${Deno.execPath()}" run -A --no-check `), commandLine);
    assert(commandLine.endsWith(` "${name}" run`), commandLine);
    const account = "LocalSystem";
    assertEquals(rest, { startType: "demand", account, displayName: `Display name of ${name}` });
  });
});

Deno.test("a service takes a description, what happens when it fails, and who may use it", async () => {
  await withService(["run"], ({ service }) => {
    service.setDescription("A service of the tests.");
    service.setFailureActions({ restartAfterMs: [5_000, 30_000], resetAfterS: 86_400 });
    const sddl = "D:P(A;;CCLCSWRPWPDTLOCRRC;;;SY)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;;CCLCRC;;;AU)";
    service.setSecurity(sddl);
    assertEquals(service.security(), sddl);
  });
});

Deno.test("a service that fails is restarted as often as its failure actions say, and no more", async () => {
  // One fails with an exit code, in good order; the process of the other is killed.
  await withService(["fail", 5], async ({ service: failing }) => {
    await withService(["run"], async ({ service: killed }) => {
      for (const service of [failing, killed]) {
        service.setFailureActions({ restartAfterMs: [200, 400], resetAfterS: 3_600 });
        service.start();
      }
      const pids = new Set<number>();
      for (const _ of ["first", "restarted", "restarted again"]) {
        const { pid } = await becomes(killed, "running");
        pids.add(pid);
        await endProcess(pid);
        await becomes(killed, "stopped");
      }
      assertEquals(pids.size, 3);
      // Both have had their last restart when this time is over.
      await new Promise((wake) => setTimeout(wake, 2_000));
      assertEquals([failing.status().state, killed.status().state], ["stopped", "stopped"]);
    });
  });
});

Deno.test("a program that a user starts by hand hears that it is no service", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", PROGRAM, "wintun test by hand", "run"],
    stdin: "null",
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr).trim()], [1, "not started by Windows"]);
});
