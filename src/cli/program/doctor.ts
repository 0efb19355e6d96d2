import type { Finding } from "../../tun/host.ts";
import { refuseOperands } from "../arguments/operands.ts";
import { type Command, defineCommand } from "../command.ts";
import { openCommandHost, SIMULATE_OPTION } from "../host.ts";
import { EXIT } from "../process/exit_codes.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";

const MARKS: Readonly<Record<Finding["result"], readonly [text: string, color: "green" | "yellow" | "red"]>> =
  {
    ok: ["ok", "green"],
    warning: ["warning", "yellow"],
    failed: ["failed", "red"],
  };
const MARK_WIDTH = 7;

export const doctor: Command = defineCommand({
  name: "doctor",
  summary: "Check everything that this program needs",
  usage: "[options]",
  description: [
    "Checks which functions this Windows lacks, who can change this program, elevation, wintun.dll and its signature, the driver, devices of old releases, " +
    "the services of adapters, and processes that have lost their adapter. It changes nothing, but it loads wintun.dll, which may first be copied from " +
    "the executable to %ProgramData%\\wintun.",
    "The exit code is 1 if something will not work. Warnings alone give 0.",
  ],
  options: SIMULATE_OPTION,
  examples: [{ command: "wintun doctor", does: "Show what was found and what to do about it" }],
  exitCodes: [7],
  async run(context, { values, operands }): Promise<number> {
    refuseOperands(operands, "doctor");
    await using host = await openCommandHost(context, values);
    const findings = await host.examine();
    if (context.output.json) context.output.resultJson({ findings: findings.map(findingFields) });
    else writeFindings(context.output, findings);
    return findings.some(({ result }) => result === "failed") ? EXIT.failed : EXIT.done;
  },
});

function findingFields({ check, result, message, hint }: Finding): Record<string, unknown> {
  return { check, result, message, hint: hint === "" ? null : hint };
}

function writeFindings(output: Output, findings: readonly Finding[]): void {
  for (const { result, message, hint } of findings) {
    const [text, color] = MARKS[result];
    output.result(`${output.paint(color)(text.padEnd(MARK_WIDTH))}  ${printable(message)}`);
    if (hint !== "") output.result(`${" ".repeat(MARK_WIDTH)}  ${hint}`);
  }
}
