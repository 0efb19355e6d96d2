/** A launch of a service whose program is none of ours, or does not do what it should. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { launchKeeper, type LaunchOptions } from "../../../src/keeper/launch.ts";
import { HostError } from "../../../src/tun/host_error.ts";
import { SERVICE_COMMAND } from "../../../src/tun/service_name.ts";
import { AdapterServices } from "../../../src/tun/windows/adapter_services.ts";
import { commandLine } from "../../../src/windows/command_line.ts";
import { System } from "../../../src/windows/system.ts";
import { adapterTest, ask, list, must } from "../adapters.ts";
import { eventually } from "../eventually.ts";

const SLOW_SERVICE = fromFileUrl(new URL("../slow_service.ts", import.meta.url));
const GUID = "deadbabe-cafe-beef-0123-456789abcdef";
const SLOW = commandLine(Deno.execPath(), "run", "-A", "--no-check", SLOW_SERVICE, SERVICE_COMMAND, GUID);
const ORDER = { request: { name: "lab", type: "T", guid: GUID }, settings: {}, removeLegacy: false };

const system = new System();
const services = new AdapterServices(system);

/** Windows keeps a service as long as somebody has it open. */
function isGone(): boolean {
  using service = services.open(GUID, "status");
  return service === undefined;
}

async function failureOf(program: string, options: Partial<LaunchOptions> = {}): Promise<HostError> {
  const launching = launchKeeper(system, ORDER, { timeoutMs: 60_000, log: () => {}, ...options }, program);
  const error = await assertRejects(() => launching, HostError);
  assert(await eventually(isGone), "the service is still there");
  return error;
}

adapterTest("a service that cannot read its program is told, and another way is named", async () => {
  const error = await failureOf(commandLine("C:\\nowhere\\wintun.exe", SERVICE_COMMAND, GUID));
  assertEquals(error.kind, "failed");
  assertStringIncludes(error.reason, "the service cannot run this program");
  assertStringIncludes(error.hint, "--foreground");
});

adapterTest("a service that is not ready in time is stopped, and create ends when it has ended", async () => {
  assertEquals((await failureOf(SLOW, { timeoutMs: 3_000 })).kind, "timeout");
});

adapterTest("a service that starts is stopped when the user interrupts create", async () => {
  const interrupt = new AbortController();
  const failing = failureOf(SLOW, { interrupted: interrupt.signal });
  assert(await eventually(() => services.find(GUID)?.state === "starting"));
  interrupt.abort();
  assertEquals((await failing).reason, "interrupted");
});

adapterTest("a service that starts is listed as starting, and delete ends it", async () => {
  const failing = failureOf(SLOW);
  assert(await eventually(() => services.find(GUID)?.state === "starting"));
  assertEquals((await list()).map(({ name, state }) => [name, state]), [["lab", "starting"]]);
  assertEquals((await ask("set", "lab", "--mtu", "1400")).code, 4);
  await must("delete", "lab");
  assertEquals((await failing).kind, "failed");
});
