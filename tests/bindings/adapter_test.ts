import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { formatGuid, parseGuid } from "../../src/wire/guid.ts";
import { toWideString } from "../../src/windows/wide_string.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { Adapter } from "../../src/wintun/adapter.ts";
import { deleteDriver, runningDriverVersion } from "../../src/wintun/library.ts";
import { CALL } from "../emulator/control.ts";
import { control, counts, emulatorTest, switchingTest, wintun } from "./fixture.ts";

const GUID = parseGuid("deadbabe-cafe-beef-0123-456789abcdef")!;
/** ERROR_INF_IN_USE_BY_DEVICES */
const IN_USE = 0xE000023D;

function assertCode(code: number, call: () => unknown): Win32Error {
  const error = assertThrows(call, Win32Error);
  assertEquals(error.code, code, error.message);
  return error;
}

emulatorTest("create() makes an adapter that close() removes", () => {
  const before = counts().adapters;
  const adapter = Adapter.create(wintun, "lab", "Wintun", GUID);
  assertEquals(counts().adapters, before + 1);
  adapter.close();
  assertEquals(counts().adapters, before);
  adapter.close();
  assertEquals(counts().adapters, before);
});

emulatorTest("create() passes name and GUID as they are, beyond ASCII too", () => {
  const name = "Käfig 🦊 網";
  const [wideName, wideType] = [toWideString(name), toWideString("Wintun")];
  const handle = wintun.symbols.WintunCreateAdapter(wideName, wideType, GUID);
  assertNotEquals(handle, null);
  const units = new Uint16Array(128);
  control.EmulatorGetAdapterName(handle, units);
  assertEquals(units.subarray(0, name.length + 1), wideName);
  assertCode(183, () => Adapter.create(wintun, "other", "Wintun", GUID));
  wintun.symbols.WintunCloseAdapter(handle);
});

switchingTest("create() fails with 5 when the process is not elevated", () => {
  control.EmulatorSetElevated(0);
  const error = assertCode(5, () => Adapter.create(wintun, "lab", "Wintun", null));
  assertEquals(error.symbol, "ERROR_ACCESS_DENIED");
});

emulatorTest("create() fails with 111 for a name of 128 units, and takes 127", () => {
  assertCode(111, () => Adapter.create(wintun, "n".repeat(128), "Wintun", null));
  Adapter.create(wintun, "n".repeat(127), "Wintun", null).close();
});

switchingTest("create() fails with 87 for an empty name", () => {
  assertCode(87, () => Adapter.create(wintun, "", "Wintun", null));
});

for (const code of [183, 258, 4319]) {
  emulatorTest(`create() gives ${code} as the DLL does, and works again afterwards`, () => {
    control.EmulatorFailNext(CALL.createAdapter, code, 1);
    assertCode(code, () => Adapter.create(wintun, "lab", "Wintun", null));
    Adapter.create(wintun, "lab", "Wintun", null).close();
  });
}

emulatorTest("create() refuses a name with NUL before the DLL would cut it", () => {
  assertThrows(() => Adapter.create(wintun, "a\0b", "Wintun", null), TypeError);
});

emulatorTest("open() finds an adapter whatever the case of its name", () => {
  using created = Adapter.create(wintun, "Lab", "Wintun", null);
  using opened = Adapter.open(wintun, "lAB");
  assertEquals(opened.luid, created.luid);
});

emulatorTest("open() fails with 1168 for a name that no adapter has", () => {
  const error = assertCode(1168, () => Adapter.open(wintun, "nobody"));
  assertEquals(error.message, 'Cannot open adapter "nobody": it was not found (ERROR_NOT_FOUND, 1168)');
});

switchingTest("open() fails with 5 when the process is not elevated", () => {
  control.EmulatorSetElevated(0);
  assertCode(5, () => Adapter.open(wintun, "lab"));
});

emulatorTest("closing the creator's handle removes the adapter under one that opened it", () => {
  const created = Adapter.create(wintun, "lab", "Wintun", null);
  using opened = Adapter.open(wintun, "lab");
  created.close();
  assertCode(1168, () => Adapter.open(wintun, "lab"));
  assertNotEquals(opened.luid, 0n);
});

emulatorTest("closing a handle that open() gave leaves the adapter", () => {
  using created = Adapter.create(wintun, "lab", "Wintun", null);
  Adapter.open(wintun, "lab").close();
  using again = Adapter.open(wintun, "lab");
  assertEquals(again.luid, created.luid);
});

emulatorTest("luid has interface type 53 in its upper 16 bits, and 24 reserved bits of zero", () => {
  using adapter = Adapter.create(wintun, "lab", "Wintun", null);
  assertEquals(adapter.luid >> 48n, 53n);
  assertEquals(adapter.luid & 0xFF_FFFFn, 0n);
});

emulatorTest("a closed adapter refuses to be used", () => {
  const adapter = Adapter.create(wintun, "lab", "Wintun", null);
  adapter.close();
  assertThrows(() => adapter.luid, TypeError, "closed");
  assertThrows(() => adapter.startSession(0x20000), TypeError, "closed");
});

switchingTest("runningDriverVersion() is undefined (2) without a driver, and major.minor with one", () => {
  control.EmulatorSetDriverVersion(0);
  assertEquals(runningDriverVersion(wintun), undefined);
  control.EmulatorSetDriverVersion(0x0001_000F);
  assertEquals(runningDriverVersion(wintun), { major: 1, minor: 15 });
});

emulatorTest("deleteDriver() succeeds without adapters and fails while one is there", () => {
  deleteDriver(wintun);
  using _adapter = Adapter.create(wintun, "lab", "Wintun", null);
  assertCode(IN_USE, () => deleteDriver(wintun));
});

switchingTest("deleteDriver() fails with 5 when the process is not elevated", () => {
  control.EmulatorSetElevated(0);
  assertCode(5, () => deleteDriver(wintun));
});

switchingTest("an error code is right in thousands of failing calls, with allocation in between", () => {
  const garbage: unknown[] = [];
  for (let round = 0; round < 5000; round++) {
    assertCode(1168, () => Adapter.open(wintun, `nobody ${round}`));
    control.EmulatorFailNext(CALL.createAdapter, 1000 + round, 1);
    assertCode(1000 + round, () => Adapter.create(wintun, "lab", "Wintun", null));
    garbage.push({ round, text: formatGuid(GUID) });
  }
});
