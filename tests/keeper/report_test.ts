import { assert, assertEquals, assertThrows } from "@std/assert";
import { decodeMessage, encodeMessage, type KeeperMessage } from "../../src/keeper/report.ts";
import { HostError } from "../../src/tun/host_error.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { validate } from "../validation.ts";

function throughTheReport(message: KeeperMessage): KeeperMessage {
  const line = encodeMessage(message);
  assert(!line.includes("\n"), "a message is one line");
  validate("report", JSON.parse(line));
  return decodeMessage(line);
}

function failedWith(error: Error): Error {
  const message = throughTheReport({ type: "failed", error });
  assert(message.type === "failed");
  return message.error;
}

Deno.test("ready brings what was configured, and the name of the log", () => {
  const changes = [{ setting: "mtu", before: ["65535"], after: ["1400"] }] as const;
  const message: KeeperMessage = {
    type: "ready",
    guid: "deadbabe-cafe-beef-0123-456789abcdef",
    configured: { changed: true, changes, warnings: ["IPv6 is off."] },
    log: "C:\\ProgramData\\wintun\\keeper.log",
  };
  assertEquals(throughTheReport(message), message);
});

Deno.test("log brings level and text", () => {
  const message: KeeperMessage = { type: "log", level: "warning", message: "two\nlines" };
  assertEquals(throughTheReport(message), message);
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
