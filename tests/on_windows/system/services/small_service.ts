/**
 * A small service for the tests: `small_service.ts NAME [BEHAVIOUR [NUMBER]]`. What it is asked to stop by is a value of
 * the volatile key `Report` below its own key.
 */

import { startKeeperThread } from "../../../../src/keeper/keeper_thread.ts";
import { System } from "../../../../src/windows/system.ts";
import { enterService } from "../../../../src/windows/services/service_process.ts";

export type Behaviour = "run" | "fail" | "block";

/** The registry key below HKEY_LOCAL_MACHINE in which a service has its report, and is cancelled. */
export const reportKey = (name: string): string => `SYSTEM\\CurrentControlSet\\Services\\${name}\\Report`;

if (import.meta.main) {
  const [name, behaviour, number] = Deno.args as [string, Behaviour, string];
  using system = new System();
  const service = await enterService(system.libraries, startKeeperThread(), name, {
    key: reportKey(name),
    value: "Cancel",
  });
  if (service === undefined) {
    Deno.stderr.writeSync(new TextEncoder().encode("not started by Windows\n"));
    Deno.exit(1);
  }
  if (behaviour === "fail") {
    await service.end(Number(number));
    Deno.exit(Number(number));
  }
  if (behaviour === "block") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(number));
  service.running();
  await new Promise((resolve) => {
    service.stopRequested.addEventListener("abort", resolve);
    if (service.stopRequested.aborted) resolve(undefined);
  });
  {
    using report = system.registry.createVolatile(reportKey(name));
    report.setText("StoppedBy", service.stopRequested.reason);
  }
  await service.end(0);
  Deno.exit(0);
}
