import { assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "../../cli/validated_main.ts";
import type { Finding } from "../../../src/tun/findings.ts";
import { openWindowsHost } from "../../../src/tun/windows/host.ts";
import { FakeEnvironment } from "../../cli/fake_environment.ts";
import { emulatorPath, isWindowsWorld, signedPath, wineIphlpapiPath } from "../libraries.ts";

/** Runs a command on this machine, perhaps with another iphlpapi.dll than the system's. */
// deno-lint-ignore no-explicit-any
async function run(iphlpapi: string | undefined, ...args: string[]): Promise<{ code: number; answer: any }> {
  const environment = new FakeEnvironment();
  const wintun = isWindowsWorld ? emulatorPath : signedPath;
  const libraries = iphlpapi === undefined ? { wintun } : { wintun, iphlpapi };
  environment.host = (options) => openWindowsHost({ ...options, libraries });
  const code = await main([...args, "--json"], environment);
  return { code, answer: JSON.parse(environment.stdout.text || environment.stderr.text) };
}

async function functionsFound(iphlpapi?: string): Promise<Finding> {
  const { answer } = await run(iphlpapi, "doctor");
  return answer.findings.find(({ check }: Finding) => check === "functions");
}

Deno.test({
  name: "doctor finds that this Windows has every function of the program",
  fn: async () => {
    const { result, message } = await functionsFound();
    assertEquals(result, "ok", message);
  },
});

Deno.test({
  name: "list works with an iphlpapi.dll that changes nothing, of which doctor lists what it lacks",
  ignore: !isWindowsWorld,
  fn: async () => {
    assertEquals((await run(wineIphlpapiPath, "list")).code, 0);
    const { result, message } = await functionsFound(wineIphlpapiPath);
    assertEquals(result, "failed");
    for (const name of ["CreateUnicastIpAddressEntry", "SetIpInterfaceEntry", "SetInterfaceDnsSettings"]) {
      assertStringIncludes(message, name);
    }
    assertEquals(message.includes("GetUnicastIpAddressTable"), false, message);
  },
});
