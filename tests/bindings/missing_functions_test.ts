import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { main } from "../cli/validated_main.ts";
import type { Finding } from "../../src/tun/findings.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { MissingFunctionError } from "../../src/windows/system_functions.ts";
import { SystemLibraries } from "../../src/windows/system_libraries.ts";
import { Adapter } from "../../src/wintun/adapter.ts";
import { openWintun } from "../../src/wintun/library.ts";
import { attachRings } from "../../src/wintun/rings.ts";
import { MIN_RING_CAPACITY } from "../../src/wintun/symbols.ts";
import { FakeEnvironment } from "../cli/fake_environment.ts";
import { emulatorWithout, type OldEmulator } from "./emulator_without.ts";
import { cidrs } from "./host_fixture.ts";

/** Runs a command on the machine of an emulator. Returns its exit code and the object that it wrote. */
// deno-lint-ignore no-explicit-any
async function run({ libraries }: OldEmulator, ...args: string[]): Promise<{ code: number; answer: any }> {
  const environment = new FakeEnvironment();
  environment.host = (options) => openWindowsHost({ ...options, libraries });
  const code = await main([...args, "--json"], environment);
  return { code, answer: JSON.parse(environment.stdout.text || environment.stderr.text) };
}

Deno.test("list and delete work on a Windows that cannot change addresses", async () => {
  using old = await emulatorWithout(
    "DeleteUnicastIpAddressEntry",
    "CreateUnicastIpAddressEntry",
    "SetIpInterfaceEntry",
  );
  using libraries = new SystemLibraries(old.libraries);
  // Of another program: this process would have to let go of one of its own.
  using _adapter = Adapter.create(openWintun(old.libraries.wintun, libraries), "lab", "T", null);
  const list = await run(old, "list", "--all");
  assertEquals([list.code, list.answer.adapters[0].name], [0, "lab"]);
  const deleted = await run(old, "delete", "lab", "--force");
  assertEquals([deleted.code, deleted.answer.changed], [0, true]);
});

Deno.test("a setting that needs a missing function fails, and names function, DLL and Windows", async () => {
  using old = await emulatorWithout("SetIpInterfaceEntry");
  await using host = await openWindowsHost({ libraries: old.libraries });
  using adapter = await host.create({ name: "lab", type: "T" });
  const { luid } = adapter.info;
  await host.configure(luid, { addresses: cidrs("10.6.7.7/24") });
  await assertRejects(
    () => host.configure(luid, { mtu: 1400 }),
    MissingFunctionError,
    "iphlpapi.dll has no function SetIpInterfaceEntry; Windows 10 version 1809 and later have it",
  );
});

Deno.test("attachRings() reports a function that is missing, instead of the first packet that needs it", async () => {
  for (const name of ["VirtualQuery", "RtlMoveMemory"]) {
    using old = await emulatorWithout(name);
    using libraries = new SystemLibraries(old.libraries);
    using adapter = Adapter.create(openWintun(old.libraries.wintun, libraries), "lab", "T", null);
    using session = adapter.startSession(MIN_RING_CAPACITY);
    assertThrows(() => attachRings(session.attachment), MissingFunctionError, name);
  }
});

Deno.test("a command that needs a missing function ends with 1, names it, and points to doctor", async () => {
  using old = await emulatorWithout("GetUnicastIpAddressTable");
  const { code, answer: { error } } = await run(old, "list");
  assertEquals([code, error.exitCode], [1, 1]);
  assertStringIncludes(error.message, "iphlpapi.dll has no function GetUnicastIpAddressTable");
  assertEquals(error.hint, "wintun doctor lists everything that this Windows lacks.");
});

Deno.test("doctor lists what is missing, what that means, and goes on with its other checks", async () => {
  using old = await emulatorWithout(
    "SetInterfaceDnsSettings",
    "GetUnicastIpAddressTable",
    "OpenProcessToken",
  );
  const { code, answer } = await run(old, "doctor");
  const findings = new Map<string, Finding>(answer.findings.map((one: Finding) => [one.check, one]));
  const functions = findings.get("functions")!;
  assertEquals([code, functions.result], [1, "failed"]);
  for (
    const sentence of [
      "iphlpapi.dll has no GetUnicastIpAddressTable. This program needs them. Windows 10 version 1809 and later have them.",
      "iphlpapi.dll has no SetInterfaceDnsSettings. The DNS settings of adapters can be neither set nor listed. " +
      "Windows 10 version 2004 and later have them.",
    ]
  ) assertStringIncludes(functions.message, sentence);
  assertEquals(functions.hint, "This program is made for Windows 10 version 1809 and later.");
  const elevation = findings.get("elevation")!;
  assertEquals(elevation.result, "failed");
  assertStringIncludes(elevation.message, "advapi32.dll has no function OpenProcessToken");
  assertEquals(findings.get("library")!.result, "ok");
});
