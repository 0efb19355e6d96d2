import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeProcessStatus,
  encodeStatus,
  SERVICE_STATUS,
  SERVICE_STATUS_PROCESS,
  type ServiceStatus,
} from "../../../src/windows/services/service_status.ts";

const STATUS: ServiceStatus = {
  state: "starting",
  accepts: 5,
  win32ExitCode: 1066,
  specificExitCode: 0xFFFF_FFFF,
  checkPoint: 7,
  waitHintMs: 10_000,
};

/** The memory of a SERVICE_STATUS_PROCESS that begins with `status`. */
function withPid(status: ArrayBuffer, pid: number): ArrayBuffer {
  const memory = new Uint8Array(SERVICE_STATUS_PROCESS.size);
  memory.set(new Uint8Array(status));
  new DataView(memory.buffer).setUint32(SERVICE_STATUS_PROCESS.dwProcessId, pid, true);
  return memory.buffer;
}

Deno.test("encodeStatus() writes SERVICE_STATUS of a process of its own", () => {
  assertEquals(
    new Uint32Array(encodeStatus(STATUS)),
    Uint32Array.of(0x10, 2, 5, 1066, 0xFFFF_FFFF, 7, 10_000),
  );
});

for (const [index, state] of (["stopped", "starting", "stopping", "running"] as const).entries()) {
  Deno.test(`a service that is ${state} has the state ${index + 1} of winsvc.h, and is read back so`, () => {
    const encoded = encodeStatus({ ...STATUS, state });
    assertEquals(new DataView(encoded).getUint32(SERVICE_STATUS.dwCurrentState, true), index + 1);
    assertEquals(decodeProcessStatus(withPid(encoded, 4711)), { ...STATUS, state, pid: 4711 });
  });
}

Deno.test("decodeProcessStatus() refuses a state that winsvc.h does not have", () => {
  for (const state of [0, 8]) {
    const memory = withPid(encodeStatus(STATUS), 1);
    new DataView(memory).setUint32(SERVICE_STATUS.dwCurrentState, state, true);
    assertThrows(() => decodeProcessStatus(memory), RangeError, `${state}`);
  }
});
