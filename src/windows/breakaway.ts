import { addressOf, fixedMemory } from "./fixed_memory.ts";
import { passOnStandardHandles } from "./standard_handles.ts";
import { type BoundFunctions, systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { readWideString, toWideString } from "./wide_string.ts";

export const BREAKAWAY_FUNCTIONS = systemFunctions("kernel32", {
  ResumeThread: { parameters: ["usize" /* HANDLE hThread */], result: "u32" },
  CloseHandle: { parameters: ["usize" /* HANDLE hObject */], result: "i32" },
  GetCommandLineW: { parameters: [], result: "pointer" /* LPWSTR */ },
  InitializeProcThreadAttributeList: {
    parameters: [
      "buffer", /* LPPROC_THREAD_ATTRIBUTE_LIST lpAttributeList */
      "u32", /* DWORD dwAttributeCount */
      "u32", /* DWORD dwFlags */
      "buffer", /* PSIZE_T lpSize */
    ],
    result: "i32",
  },
  UpdateProcThreadAttribute: {
    parameters: [
      "buffer", /* LPPROC_THREAD_ATTRIBUTE_LIST lpAttributeList */
      "u32", /* DWORD dwFlags */
      "usize", /* DWORD_PTR Attribute */
      "buffer", /* PVOID lpValue, read when the process is made */
      "usize", /* SIZE_T cbSize */
      "pointer", /* PVOID lpPreviousValue */
      "pointer", /* PSIZE_T lpReturnSize */
    ],
    result: "i32",
  },
  DeleteProcThreadAttributeList: {
    parameters: ["buffer" /* LPPROC_THREAD_ATTRIBUTE_LIST lpAttributeList */],
    result: "void",
  },
  CreateProcessW: {
    parameters: [
      "buffer", /* LPCWSTR lpApplicationName */
      "buffer", /* LPWSTR lpCommandLine, which it may write to */
      "pointer", /* LPSECURITY_ATTRIBUTES lpProcessAttributes */
      "pointer", /* LPSECURITY_ATTRIBUTES lpThreadAttributes */
      "i32", /* BOOL bInheritHandles */
      "u32", /* DWORD dwCreationFlags */
      "pointer", /* LPVOID lpEnvironment */
      "pointer", /* LPCWSTR lpCurrentDirectory */
      "buffer", /* LPSTARTUPINFOW lpStartupInfo */
      "buffer", /* LPPROCESS_INFORMATION lpProcessInformation */
    ],
    result: "i32",
  },
});

/** STARTUPINFOEXW on 64-bit Windows (winbase.h). It starts with a STARTUPINFOW. */
export const STARTUPINFOEXW = {
  size: 112,
  lpAttributeList: 104,
} as const;

/** STARTUPINFOW on 64-bit Windows (processthreadsapi.h). */
export const STARTUPINFOW = {
  size: 104,
  cb: 0,
  dwFlags: 60,
  hStdInput: 80,
  hStdOutput: 88,
  hStdError: 96,
} as const;

/** PROCESS_INFORMATION on 64-bit Windows (processthreadsapi.h). */
export const PROCESS_INFORMATION = { size: 24, hProcess: 0, hThread: 8, dwProcessId: 16 } as const;

const STARTF_USESTDHANDLES = 0x100;
const PROC_THREAD_ATTRIBUTE_HANDLE_LIST = 0x2_0002n;
/**
 * CREATE_SUSPENDED, DETACHED_PROCESS, CREATE_NEW_PROCESS_GROUP, EXTENDED_STARTUPINFO_PRESENT and
 * CREATE_BREAKAWAY_FROM_JOB (winbase.h).
 */
const CREATION_FLAGS = 0x4 | 0x8 | 0x200 | 0x8_0000 | 0x100_0000;

/**
 * Starts this program again, detached and outside the job of this process. The new process gets the same command line
 * followed by `operand`, and inherits only the standard streams of this process.
 *
 * @param operand must not need quoting.
 * @param announce receives the process id before the process runs.
 * @returns `false` if the job does not allow breakaway, or Windows fails to start the process.
 */
export function restartOutsideJob(
  libraries: SystemLibraries,
  operand: string,
  announce: (pid: number) => void,
): boolean {
  const symbols = libraries.bind(BREAKAWAY_FUNCTIONS);
  const standard = passOnStandardHandles(libraries);
  const handles = new BigUint64Array(fixedMemory(standard.length * 8));
  handles.set(standard);
  const attributes = createHandleList(symbols, handles);
  const startup = new DataView(new ArrayBuffer(STARTUPINFOEXW.size));
  startup.setUint32(STARTUPINFOW.cb, STARTUPINFOEXW.size, true);
  startup.setUint32(STARTUPINFOW.dwFlags, STARTF_USESTDHANDLES, true);
  startup.setBigUint64(STARTUPINFOW.hStdInput, handles[0], true);
  startup.setBigUint64(STARTUPINFOW.hStdOutput, handles[1], true);
  startup.setBigUint64(STARTUPINFOW.hStdError, handles[2], true);
  startup.setBigUint64(STARTUPINFOEXW.lpAttributeList, addressOf(attributes), true);
  const process = new DataView(new ArrayBuffer(PROCESS_INFORMATION.size));
  const started = symbols.CreateProcessW(
    toWideString(Deno.execPath()),
    toWideString(`${readWideString(symbols.GetCommandLineW())} ${operand}`),
    null,
    null,
    1,
    CREATION_FLAGS,
    null,
    null,
    startup.buffer,
    process.buffer,
  ) !== 0;
  symbols.DeleteProcThreadAttributeList(attributes);
  if (started) {
    announce(process.getUint32(PROCESS_INFORMATION.dwProcessId, true));
    const thread = process.getBigUint64(PROCESS_INFORMATION.hThread, true);
    symbols.ResumeThread(thread);
    symbols.CloseHandle(thread);
    symbols.CloseHandle(process.getBigUint64(PROCESS_INFORMATION.hProcess, true));
  }
  return started;
}

/**
 * Creates an attribute list that makes a new process inherit only these handles. The caller keeps the list and
 * `handles` alive until the process is created.
 */
function createHandleList(
  symbols: BoundFunctions<typeof BREAKAWAY_FUNCTIONS>,
  handles: BigUint64Array<ArrayBuffer>,
): ArrayBuffer {
  const size = new BigUint64Array(1);
  symbols.InitializeProcThreadAttributeList(null, 1, 0, size);
  const list = fixedMemory(Number(size[0]));
  symbols.InitializeProcThreadAttributeList(list, 1, 0, size);
  const { byteLength } = handles;
  const attribute = PROC_THREAD_ATTRIBUTE_HANDLE_LIST;
  symbols.UpdateProcThreadAttribute(list, 0, attribute, handles, BigInt(byteLength), null, null);
  return list;
}
