import { assert, assertEquals, assertThrows } from "@std/assert";
import { decodeMessage, encodeMessage, type KeeperMessage } from "../../src/keeper/message.ts";
import type { AdapterInfo } from "../../src/tun/host.ts";
import { HostError } from "../../src/tun/host_error.ts";
import { parseCidr } from "../../src/wire/cidr.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";

const INFO: AdapterInfo = {
  name: "Käfig 🦊\n2",
  type: "Wintun",
  guid: "deadbabe-cafe-beef-0123-456789abcdef",
  luid: 0x35_0000_8000_0000_00n,
  ifIndex: 7,
  instanceId: "SWD\\Wintun\\{DEADBABE-CAFE-BEEF-0123-456789ABCDEF}",
  state: "down",
  mtu: 1400,
  metric: 5,
  addresses: [parseCidr("10.6.7.7/24"), parseCidr("fd00::7/64")],
  owner: { pid: 4711, ours: true, role: "keeper" },
};

function throughThePipe(message: KeeperMessage): KeeperMessage {
  const line = encodeMessage(message);
  assert(!line.includes("\n"), "a message is one line");
  return decodeMessage(line);
}

function failedWith(error: Error): Error {
  const message = throughThePipe({ type: "failed", error });
  assert(message.type === "failed");
  return message.error;
}

Deno.test("ready brings the adapter, its LUID and addresses in full", () => {
  const message: KeeperMessage = {
    type: "ready",
    info: INFO,
    configured: { changed: true, changes: [], warnings: ["IPv6 is off."] },
    endsWithJob: true,
    log: "C:\\ProgramData\\wintun\\keeper.log",
  };
  assertEquals(throughThePipe(message), message);
});

Deno.test("moved brings the process id", () => {
  assertEquals(throughThePipe({ type: "moved", pid: 4711 }), { type: "moved", pid: 4711 });
});

Deno.test("log brings level and text", () => {
  const message: KeeperMessage = { type: "log", level: "warning", message: "two\nlines" };
  assertEquals(throughThePipe(message), message);
});

Deno.test("failed brings a HostError with its kind, hint and the Windows error behind it", () => {
  const error = new HostError("exists", 'Cannot create adapter "lab"', "the name is taken: really", {
    hint: "Choose another name.",
    cause: new Win32Error(183, "Cannot create adapter"),
  });
  const back = failedWith(error);
  assert(back instanceof HostError && back.cause instanceof Win32Error);
  assertEquals([back.kind, back.operation, back.reason, back.hint, back.message], [
    error.kind,
    error.operation,
    error.reason,
    error.hint,
    error.message,
  ]);
  assertEquals([back.cause.code, back.cause.symbol], [183, "ERROR_ALREADY_EXISTS"]);
});

Deno.test("failed brings a Win32Error with code and operation", () => {
  const back = failedWith(new Win32Error(4319, 'Cannot create adapter "lab"'));
  assert(back instanceof Win32Error);
  assertEquals([back.code, back.message], [
    4319,
    new Win32Error(4319, 'Cannot create adapter "lab"').message,
  ]);
});

Deno.test("failed brings the message of any other error", () => {
  assertEquals(failedWith(new TypeError("oops")).message, "oops");
});

for (const line of ["", "hello", "null", "{}", '{"type":"dance"}']) {
  Deno.test(`decodeMessage() refuses ${JSON.stringify(line)}`, () => {
    assertThrows(() => decodeMessage(line), SyntaxError);
  });
}
