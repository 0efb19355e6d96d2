/** What happens to adapters and to the processes that hold them, from a test that runs under deno.exe. */

import { assertEquals } from "@std/assert";
import { parseGuid } from "../../src/wire/guid.ts";
import { toWideString } from "../../src/windows/wide_string.ts";
import { removeDevice } from "../../src/tun/windows/devices.ts";
import { System } from "../../src/windows/system.ts";

const KERNEL32 = {
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "pointer" },
  WaitForSingleObject: { parameters: ["pointer", "u32"], result: "u32", nonblocking: true },
  IsEnded: { name: "WaitForSingleObject", parameters: ["pointer", "u32"], result: "u32" },
  GetExitCodeProcess: { parameters: ["pointer", "buffer"], result: "i32" },
  CloseHandle: { parameters: ["pointer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;
const NTDLL = {
  NtSuspendProcess: { parameters: ["pointer"], result: "i32" },
  NtResumeProcess: { parameters: ["pointer"], result: "i32" },
  RtlAdjustPrivilege: { parameters: ["u32", "u8", "u8", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;
const ACCESS = 0x10_0000 | 0x1000 | 0x800; // SYNCHRONIZE, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SUSPEND_RESUME
const SE_DEBUG_PRIVILEGE = 20;
/** How long to wait for the end of a process, which takes a second or two, and longer on a busy machine. */
const PATIENCE_MS = 30_000;

/** A process that a test looks at, and can make hang. */
export class Holder implements Disposable {
  readonly #kernel32 = Deno.dlopen("kernel32.dll", KERNEL32);
  readonly #ntdll = Deno.dlopen("ntdll.dll", NTDLL);
  readonly #handle: Deno.PointerValue;

  constructor(pid: number) {
    // Administrators may suspend a process of LocalSystem only with this privilege, which is off at first.
    assertEquals(this.#ntdll.symbols.RtlAdjustPrivilege(SE_DEBUG_PRIVILEGE, 1, 0, new Uint8Array(1)), 0);
    this.#handle = this.#kernel32.symbols.OpenProcess(ACCESS, 0, pid);
    if (this.#handle === null) throw new Error(`cannot open process ${pid}`);
  }

  hang(): void {
    assertEquals(this.#ntdll.symbols.NtSuspendProcess(this.#handle), 0);
  }

  goOn(): void {
    assertEquals(this.#ntdll.symbols.NtResumeProcess(this.#handle), 0);
  }

  hasEnded(): boolean {
    return this.#kernel32.symbols.IsEnded(this.#handle, 0) === 0;
  }

  /** Waits until it ends, for half a minute at most, and returns its exit code. */
  async exitCode(): Promise<number | undefined> {
    const { WaitForSingleObject, GetExitCodeProcess } = this.#kernel32.symbols;
    if (await WaitForSingleObject(this.#handle, PATIENCE_MS) !== 0) return undefined;
    const code = new Uint32Array(1);
    GetExitCodeProcess(this.#handle, code);
    return code[0];
  }

  [Symbol.dispose](): void {
    this.#kernel32.symbols.CloseHandle(this.#handle);
    this.#kernel32.close();
    this.#ntdll.close();
  }
}

/** Removes a device as Device Manager does. */
export function removeAsOthersDo(instanceId: string): void {
  using system = new System();
  assertEquals(removeDevice(system, instanceId), true);
}

/** Renames an adapter's connection as a user does, by the function behind `netsh interface set interface newname=`. */
export function renameAsUsersDo(guid: string, name: string): void {
  const nci = Deno.dlopen("C:\\Windows\\System32\\nci.dll", {
    NciSetConnectionName: { parameters: ["buffer", "buffer"], result: "u32" },
  });
  assertEquals(nci.symbols.NciSetConnectionName(parseGuid(guid)!, toWideString(name)), 0);
  nci.close();
}
