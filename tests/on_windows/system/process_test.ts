import { assert, assertEquals } from "@std/assert";
import { System } from "../../../src/windows/system.ts";
import { systemFunctions } from "../../../src/windows/system_functions.ts";
import type { SystemLibraries } from "../../../src/windows/system_libraries.ts";
import { readWideString, toWideString } from "../../../src/windows/wide_string.ts";

const FUNCTIONS = systemFunctions("kernel32", {
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "pointer" },
  GetProcessTimes: { parameters: ["pointer", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  OpenEventW: { parameters: ["u32", "i32", "buffer"], result: "pointer" },
  CloseHandle: { parameters: ["pointer"], result: "i32" },
});
const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;
const READ_CONTROL = 0x2_0000;

Deno.test("a process is told from an ended one, and from another that has its number", async () => {
  using system = new System();
  const { processes } = system;
  const self = processes.self();
  assertEquals(self.pid, Deno.pid);
  assertEquals(processes.state(self), "running");
  assertEquals(processes.state({ pid: self.pid, started: self.started! - 1n }), "ended");
  assertEquals(processes.state({ pid: self.pid, started: undefined }), "unknown");
  assertEquals(processes.state({ pid: 0xFFFF_FFF0, started: self.started }), "ended");

  const symbols = system.libraries.bind(FUNCTIONS);
  // Reads commands until its input ends.
  const child = new Deno.Command("cmd", { args: ["/q"], stdin: "piped", stdout: "null" }).spawn();
  // As long as it is held, Windows keeps an ended process, which can be opened.
  const handle = symbols.OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, child.pid);
  assert(handle !== null);
  const [started, ...rest] = [0, 1, 2, 3].map(() => new BigUint64Array(1));
  assert(symbols.GetProcessTimes(handle, started, rest[0], rest[1], rest[2]) !== 0);
  const identity = { pid: child.pid, started: started[0] };
  assertEquals(processes.state(identity), "running");
  await child.stdin.close();
  await child.status;
  const held = symbols.OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, child.pid);
  assert(held !== null, "the ended process is not there to be asked about");
  assertEquals(processes.state(identity), "ended");
  for (const one of [handle, held]) symbols.CloseHandle(one);
});

Deno.test("a signal is for administrators and the system alone", async () => {
  using system = new System();
  const name = `Global\\wintun test ${crypto.randomUUID()}`;
  const signal = system.namedObjects.createSignal(name);
  const symbols = system.libraries.bind(FUNCTIONS);
  const handle = symbols.OpenEventW(READ_CONTROL, 0, toWideString(name));
  assert(handle !== null);
  const sddl = accessOf(handle, system.libraries);
  symbols.CloseHandle(handle);
  signal.close();
  // Its thread closes the handle, and needs the system's DLLs for that.
  await signal.wasSet;
  assertEquals(Array.from(sddl.matchAll(/\((.*?)\)/g), ([, entry]) => entry.split(";").at(-1)).toSorted(), [
    "BA",
    "SY",
  ], sddl);
});

/** The access list of a kernel object, in SDDL. */
function accessOf(handle: Deno.PointerObject, libraries: SystemLibraries): string {
  const symbols = libraries.bind(systemFunctions("advapi32", {
    GetSecurityInfo: {
      parameters: ["pointer", "i32", "u32", "pointer", "pointer", "pointer", "pointer", "buffer"],
      result: "u32",
    },
    ConvertSecurityDescriptorToStringSecurityDescriptorW: {
      parameters: ["pointer", "u32", "u32", "buffer", "pointer"],
      result: "i32",
    },
  }));
  const [SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION, SDDL_REVISION_1] = [6, 4, 1];
  const [descriptor, text] = [new BigUint64Array(1), new BigUint64Array(1)];
  const code = symbols.GetSecurityInfo(
    handle,
    SE_KERNEL_OBJECT,
    DACL_SECURITY_INFORMATION,
    null,
    null,
    null,
    null,
    descriptor,
  );
  assertEquals(code, 0);
  const done = symbols.ConvertSecurityDescriptorToStringSecurityDescriptorW(
    Deno.UnsafePointer.create(descriptor[0]),
    SDDL_REVISION_1,
    DACL_SECURITY_INFORMATION,
    text,
    null,
  );
  assert(done !== 0);
  return readWideString(Deno.UnsafePointer.create(text[0]));
}

Deno.test("a signal reaches the process that waits for it, by name, and nobody else's name is one", async () => {
  using system = new System();
  const name = `Global\\wintun test ${crypto.randomUUID()}`;
  assertEquals(system.namedObjects.setSignal(name), false);
  const signal = system.namedObjects.createSignal(name);
  assertEquals(system.namedObjects.setSignal(name), true);
  assertEquals(await signal.wasSet, true);
  signal.close();
  assertEquals(system.namedObjects.setSignal(name), false);
});

Deno.test("a signal that is closed was not set", async () => {
  using system = new System();
  const signal = system.namedObjects.createSignal(`Global\\wintun test ${crypto.randomUUID()}`);
  signal.close();
  assertEquals(await signal.wasSet, false);
});

Deno.test("what runs exclusively gives its turn back, also when it fails", async () => {
  using system = new System();
  const name = `wintun test ${crypto.randomUUID()}`;
  const failed = await system.namedObjects.exclusively(name, 1000, () => Promise.reject(new Error("no")))
    .catch((error) => error.message);
  assertEquals(failed, "no");
  assertEquals(await system.namedObjects.exclusively(name, 1000, () => Promise.resolve(1)), 1);
});
