import type { Finding } from "../../tun/findings.ts";
import { refuseOperands } from "../arguments/operands.ts";
import { flag } from "../arguments/options.ts";
import { timeoutOption } from "../arguments/timeout.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { type Command, defineCommand } from "../command.ts";
import { openChosenHost, readHostChoice, SIMULATE_OPTION } from "../host.ts";
import { exitCodeOf } from "../process/errors.ts";
import { EXIT } from "../process/exit_codes.ts";
import { InterruptedError, unlessInterrupted, untilConsoleEnds } from "../process/interrupts.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";
import { runSelfTest, type SelfTestEnd } from "./self_test/run.ts";

type Result = Finding["result"];

const MARKS: Readonly<Record<Result, readonly [text: string, color: "green" | "yellow" | "red"]>> = {
  ok: ["ok", "green"],
  warning: ["warning", "yellow"],
  failed: ["failed", "red"],
};
const MARK_WIDTH = 7;

const DEFAULT_TIMEOUT_S = 60;

export const doctor: Command = defineCommand({
  name: "doctor",
  summary: "Check everything that this program needs",
  usage: "[options]",
  description: [
    "Checks the functions that the program needs of Windows, elevation, who can change this program, wintun.dll and its " +
    "signature, the driver, and the services of adapters. It also finds devices of old releases, processes that have lost " +
    "their adapter, and DNS rules of adapters that are gone. It changes nothing, but it loads wintun.dll, and may copy " +
    "it from the executable to %ProgramData%\\wintun.",
    "With --self-test it then proves on this machine that adapters work. It makes an adapter for some seconds, serves it as " +
    "wintun serve does, and reads its settings back. It pings the adapter's networks through Windows' own ICMP, small and " +
    "large, IPv4 and IPv6, and measures the round trips. At the end it removes the adapter, also after an error or Ctrl-C, and " +
    "checks that nothing of it is left.",
    "The exit code is 1 if something will not work. Warnings alone give 0, and with --strict 1. An error that ends the " +
    "self-test early gives its own code.",
  ],
  options: {
    "self-test": flag(
      "Also make an adapter, serve it, ping it and remove it. Needs an administrator. Its addresses are of the networks for " +
        "documentation (RFC 5737) and unique local ones (RFC 4193), of which it chooses some that this machine does not use.",
    ),
    strict: flag("Exit with 1 if there is a warning, too."),
    timeout: timeoutOption(
      "Longest time for the self-test. It waits longer for what Windows has begun, such as the creation of the adapter.",
      DEFAULT_TIMEOUT_S,
    ),
    ...SIMULATE_OPTION,
  },
  examples: [
    { command: "wintun doctor", does: "Show what was found and what to do about it" },
    { command: "wintun doctor --self-test", does: "Prove that adapters work on this machine" },
    {
      command: "wintun doctor --self-test --strict --quiet",
      does: "The same in a script: nothing is written and the exit code is 0 if all is well",
    },
    {
      command: "wintun doctor --self-test --json > doctor.json",
      does: "Write all figures into a file, for example for a bug report",
    },
  ],
  notes: [
    {
      title: "Output",
      text: [
        "A line for each check, with advice on a second line where there is some. With --quiet, only what is not ok.",
        "With --json one object: result (ok, warning or failed: the worst of all), findings, and with --self-test selfTest, " +
        "which has the figures. wintun help json doctor explains the fields.",
      ],
    },
  ],
  exitCodes: [3, 5, 6, 7, 8, 9, 10],
  endsItself: true,
  async run(context, { values, operands }): Promise<number> {
    refuseOperands(operands, "doctor");
    const { output } = context;
    const { "self-test": isTest, strict, timeout } = values;
    if (timeout !== undefined && !isTest) {
      throw new UsageError("--timeout has no effect without --self-test.", "Add --self-test.");
    }
    const choice = readHostChoice(values);
    await using host = await openChosenHost(context, choice);
    if (isTest) host.requireElevation("Cannot make an adapter for the self-test");
    const findings: Finding[] = [];
    const report = (finding: Finding): void => {
      findings.push(finding);
      if (!output.json) writeFinding(output, finding);
    };
    const interruption = new InterruptedError("Interrupted before the command was done.");
    for (const one of await unlessInterrupted(context.interrupted, () => host.examine(), interruption)) {
      report(one);
    }
    const test = !isTest ? undefined : await untilConsoleEnds(
      context.environment,
      context.interrupted,
      async (interrupted) =>
        await runSelfTest({ ...context, interrupted }, host, choice, {
          timeoutMs: (timeout ?? DEFAULT_TIMEOUT_S) * 1000,
          report,
        }),
    );
    const result = worst(findings);
    if (output.json) {
      output.resultJson({
        result,
        findings: findings.map(findingFields),
        ...(test === undefined ? {} : { selfTest: test.figures }),
      });
    }
    return exitCode(result, strict, test);
  },
});

function worst(findings: readonly Finding[]): Result {
  const has = (wanted: Result): boolean => findings.some(({ result }) => result === wanted);
  return has("failed") ? "failed" : has("warning") ? "warning" : "ok";
}

function exitCode(result: Result, isStrict: boolean, test: SelfTestEnd | undefined): number {
  if (test?.error !== undefined) return exitCodeOf(test.error);
  return result === "failed" || (isStrict && result === "warning") ? EXIT.failed : EXIT.done;
}

function findingFields({ check, result, message, hint }: Finding): Record<string, unknown> {
  return { check, result, message, hint: hint === "" ? null : hint };
}

function writeFinding(output: Output, { result, message, hint }: Finding): void {
  if (output.quiet && result === "ok") return;
  const [text, color] = MARKS[result];
  output.result(`${output.paint(color)(text.padEnd(MARK_WIDTH))}  ${printable(message)}`);
  if (hint !== "") output.result(`${" ".repeat(MARK_WIDTH)}  ${hint}`);
}
