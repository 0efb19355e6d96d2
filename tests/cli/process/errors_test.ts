import { assert, assertEquals } from "@std/assert";
import { reportError } from "../../../src/cli/process/errors.ts";
import { EXIT_MEANINGS, HOST_ERROR_EXIT } from "../../../src/cli/process/exit_codes.ts";
import { InterruptedError } from "../../../src/cli/process/interrupts.ts";
import { Output } from "../../../src/cli/process/output.ts";
import { UsageError } from "../../../src/cli/arguments/usage_error.ts";
import { HostError, type HostErrorKind } from "../../../src/tun/host_error.ts";
import { Win32Error } from "../../../src/windows/win32_error.ts";
import { CapturedStream } from "../fake_environment.ts";

function report(
  error: unknown,
  options: { json?: boolean; verbose?: boolean } = {},
): { code: number; stderr: CapturedStream } {
  const stderr = new CapturedStream();
  const output = new Output(new CapturedStream(), stderr, {
    json: false,
    verbose: false,
    quiet: true,
    ...options,
  });
  return { code: reportError(error, output), stderr };
}

const EXPECTED: Readonly<Record<HostErrorKind, number>> = {
  "failed": 1,
  "invalid": 2,
  "not-elevated": 3,
  "not-found": 4,
  "exists": 5,
  "library": 6,
  "platform": 7,
  "busy": 8,
  "timeout": 9,
  "removed": 10,
};

for (const [kind, code] of Object.entries(EXPECTED) as [HostErrorKind, number][]) {
  Deno.test(`reportError() gives exit code ${code} to a host's "${kind}"`, () => {
    assertEquals(report(new HostError(kind, "Cannot open", "no")).code, code);
    assert(code in EXIT_MEANINGS);
  });
}

Deno.test("reportError() knows all kinds of host errors", () => {
  assertEquals(HOST_ERROR_EXIT, EXPECTED);
});

Deno.test("reportError() writes operation, reason, code and hint on one line", () => {
  const cause = new Win32Error(5, `Cannot create adapter "lab"`);
  const error = new HostError("not-elevated", cause.operation, "access is denied (ERROR_ACCESS_DENIED, 5)", {
    hint: "Run from an elevated prompt.",
    cause,
  });
  assertEquals(
    report(error).stderr.text,
    `error: Cannot create adapter "lab": access is denied (ERROR_ACCESS_DENIED, 5). Run from an elevated prompt.\n`,
  );
});

Deno.test("reportError() finds the Windows code in the cause of the cause", () => {
  const win32 = new Win32Error(1168, "Cannot open adapter");
  const error = new HostError("not-found", "Cannot serve", "it is not there", {
    hint: "Create it.",
    cause: new Error("between", { cause: win32 }),
  });
  const { code, stderr } = report(error, { json: true });
  assertEquals(code, 4);
  assertEquals(stderr.objects, [{
    schema: 1,
    error: {
      operation: "Cannot serve",
      message: "Cannot serve: it is not there",
      reason: "it is not there",
      win32: 1168,
      symbol: "ERROR_NOT_FOUND",
      hint: "Create it.",
      exitCode: 4,
    },
  }]);
});

Deno.test("reportError() gives a Windows error without a name its number, and exit code 1", () => {
  const { code, stderr } = report(new Win32Error(4_000_000_000, "Cannot wait"), { json: true });
  const [{ error }] = stderr.objects;
  assertEquals([code, error.win32, error.symbol, error.operation], [1, 4_000_000_000, null, "Cannot wait"]);
  assertEquals([error.reason, error.message], [
    "Windows reports error 0xEE6B2800",
    "Cannot wait: Windows reports error 0xEE6B2800",
  ]);
});

Deno.test("reportError() gives usage errors 2 and interruptions 130", () => {
  assertEquals(report(new UsageError("Wrong.", "Do right.")).code, 2);
  assertEquals(report(new UsageError("Wrong.", "Do right.")).stderr.text, "error: Wrong. Do right.\n");
  assertEquals(report(new InterruptedError("Interrupted.")).code, 130);
});

Deno.test("reportError() writes the message of an unexpected error, and its stack only with --verbose", () => {
  const error = new TypeError("oops", { cause: new Error("deep down") });
  const { code, stderr } = report(error);
  assertEquals([code, stderr.text], [1, "error: oops\n"]);
  const verbose = report(error, { verbose: true }).stderr.text;
  assert(verbose.startsWith("error: oops\n"));
  assert(verbose.includes("errors_test.ts") && verbose.includes("deep down"), verbose);
  assertEquals(report("a string").stderr.text, "error: a string\n");
});

Deno.test("reportError() gives no stack of an error that is to be expected, not even with --verbose", () => {
  const error = new HostError("not-found", "Cannot open", "it is not there");
  assertEquals(report(error, { verbose: true }).stderr.text, "error: Cannot open: it is not there\n");
});

Deno.test("reportError() takes Windows' own refusal of access for a process that is not elevated", () => {
  const denied = report(new Win32Error(5, "Cannot open the registry key"), { json: true });
  const [{ error }] = denied.stderr.objects;
  assertEquals([denied.code, error.exitCode, error.win32], [3, 3, 5]);
  assertEquals(error.hint, "Run it from an administrator's prompt.");
  assertEquals(report(new Win32Error(87, "Cannot open the registry key")).code, 1);
  const wrapped = new HostError("failed", "Cannot write", "no", { cause: new Win32Error(5, "Cannot write") });
  assertEquals(report(wrapped).code, 1);
});
