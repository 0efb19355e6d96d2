import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { MissingFunctionError, SystemDllError, systemFunctions } from "../../src/windows/system_functions.ts";
import { SystemLibraries } from "../../src/windows/system_libraries.ts";
import { openWintun } from "../../src/wintun/library.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { CALL } from "../emulator/control.ts";
import { control, emulatorTest, libraries } from "./fixture.ts";

const SYMBOLS = {
  SetEvent: { parameters: ["pointer"], result: "i32" },
  NoSuchFunction: { parameters: [], result: "void" },
  other: { name: "NorThisOne", parameters: [], result: "void" },
} as const;
const FUNCTIONS = systemFunctions("kernel32", SYMBOLS);
const OF_TOMORROW = systemFunctions("kernel32", SYMBOLS, { since: "Windows 12" });
const OF_CRYPT32 = systemFunctions("crypt32", SYMBOLS);

emulatorTest("a function that a DLL lacks fails only who calls it, and names the Windows that has it", () => {
  using system = new SystemLibraries(libraries);
  const table = system.bind(OF_TOMORROW);
  assertEquals(table.SetEvent(null), 0);
  assertThrows(
    () => table.NoSuchFunction(),
    MissingFunctionError,
    "kernel32.dll has no function NoSuchFunction; Windows 12 and later have it",
  );
  assertEquals(table.SetEvent(null), 0);
});

emulatorTest(
  "a missing function is named with the oldest supported Windows, if no later one is known to have it first",
  () => {
    using system = new SystemLibraries(libraries);
    assertThrows(
      () => system.bind(FUNCTIONS).other(),
      MissingFunctionError,
      "kernel32.dll has no function NorThisOne; Windows 10 version 1809 and later have it",
    );
  },
);

emulatorTest("missing() names the functions that a DLL lacks, and binds none", () => {
  using system = new SystemLibraries(libraries);
  assertEquals(system.missing(FUNCTIONS), ["NoSuchFunction", "NorThisOne"]);
  assertEquals(system.bind(FUNCTIONS).SetEvent(null), 0);
});

emulatorTest("a DLL is opened when one of its functions is called, and named if it cannot be", () => {
  using system = new SystemLibraries({ ...libraries, crypt32: "/nowhere/crypt32.dll" });
  const table = system.bind(OF_CRYPT32);
  assertThrows(() => table.SetEvent(null), SystemDllError, "/nowhere/crypt32.dll cannot be opened");
  assertThrows(() => system.missing(OF_CRYPT32), SystemDllError, "/nowhere/crypt32.dll cannot be opened");
});

emulatorTest("binding a function does not change the error of the first call", () => {
  using system = new SystemLibraries(libraries);
  const ERROR_INVALID_HANDLE = 6;
  const result = system.bind(FUNCTIONS).SetEvent(null);
  const { code } = system.lastError("Cannot set an event");
  assertEquals([result, code], [0, ERROR_INVALID_HANDLE]);
});

emulatorTest("one table is bound once", () => {
  using system = new SystemLibraries(libraries);
  assertStrictEquals(system.bind(FUNCTIONS), system.bind(FUNCTIONS));
  assertStrictEquals(
    system.bind(FUNCTIONS).SetEvent,
    system.bind(FUNCTIONS).SetEvent,
  );
});

emulatorTest("a function is not called any more once the DLLs are closed", () => {
  const system = new SystemLibraries(libraries);
  const table = system.bind(FUNCTIONS);
  assertEquals(table.SetEvent(null), 0);
  system.close();
  system.close();
  assertThrows(() => table.SetEvent(null), Error, "SetEvent is called after the system's DLLs were closed");
});

emulatorTest(
  "no DLL is opened where the search for DLLs cannot be closed, but for kernel32.dll",
  async () => {
    const ERROR_GEN_FAILURE = 31;
    const others = systemFunctions("advapi32", { SetEvent: { parameters: ["pointer"], result: "i32" } });
    const expected = "Cannot close the search for DLLs";
    control.EmulatorFailNext(CALL.closeDllSearch, ERROR_GEN_FAILURE, 3);
    using system = new SystemLibraries(libraries);
    assertEquals(system.bind(FUNCTIONS).SetEvent(null), 0);
    assertThrows(() => system.bind(others).SetEvent(null), Win32Error, expected);
    assertThrows(() => openWintun(libraries.wintun, system), Win32Error, expected);
    await using host = await openWindowsHost({ libraries });
    await assertRejects(() => host.list(), Win32Error, expected);
    await host.list();
  },
);
