import type { AdapterInfo, SessionOwner } from "../../tun/adapter_info.ts";
import { cannotStopServing } from "../../tun/host_error.ts";
import { refuseOthers } from "../../tun/ownership.ts";
import { IGNORE_MISSING_OPTION, missingAdapter } from "../adapters/missing.ts";
import { NAME_FORMS, onlyOperand } from "../arguments/operands.ts";
import { timeoutOption } from "../arguments/timeout.ts";
import { type Command, defineCommand } from "../command.ts";
import { adapterNames, openCommandHost, SIMULATE_OPTION } from "../host.ts";
import { EXIT } from "../process/exit_codes.ts";
import { InterruptedError, unlessInterrupted } from "../process/interrupts.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";

const DEFAULT_TIMEOUT_S = 30;

export const stop: Command = defineCommand({
  name: "stop",
  summary: "End the serve of an adapter from another prompt",
  usage: "NAME [options]",
  description: [
    "Ends the wintun serve of that adapter as Ctrl-C does, and waits until it has ended. The exit code of that serve is 0, and " +
    "the reason in its JSON is stopped.",
    "An adapter that existed before the serve stays. An adapter that the serve made for itself is removed. The service of " +
    "wintun create is never ended: wintun delete does that.",
    "If nobody serves the adapter, the command does nothing, and the exit code is 0. If another program has the session, the " +
    "command fails.",
    NAME_FORMS,
  ],
  options: {
    ...IGNORE_MISSING_OPTION,
    timeout: timeoutOption("Longest wait for the end of the serve.", DEFAULT_TIMEOUT_S),
    ...SIMULATE_OPTION,
  },
  operandChoices: adapterNames,
  examples: [
    { command: "wintun stop lab", does: "End wintun serve lab, which runs in another prompt or as a task" },
    { command: "wintun stop lab --ignore-missing", does: "The same in a script that may run twice" },
  ],
  exitCodes: [3, 4, 7, 9],
  endsItself: true,
  async run(context, { values, operands }): Promise<number> {
    const name = onlyOperand(operands, "stop");
    await using host = await openCommandHost(context, values);
    host.requireElevation(cannotStopServing(name));
    const info = await host.find(name, { details: false });
    if (info === undefined && !values["ignore-missing"]) {
      throw missingAdapter(cannotStopServing(name));
    }
    // Only a serve of this program is ended, so it does not matter who made the adapter.
    if (info !== undefined) refuseOthers(cannotStopServing(name), info, { force: true });
    const timeoutMs = (values.timeout ?? DEFAULT_TIMEOUT_S) * 1000;
    const stopped = info === undefined ? undefined : await unlessInterrupted(
      context.interrupted,
      () => host.stopSession(info, timeoutMs),
      new InterruptedError(`Interrupted before the serving of adapter "${info.name}" ended.`),
    );
    report(context.output, name, info, stopped);
    return EXIT.done;
  },
});

function report(
  output: Output,
  name: string,
  info: AdapterInfo | undefined,
  stopped: SessionOwner | undefined,
): void {
  if (output.json) {
    const fields = info === undefined || stopped === undefined
      ? null
      : { name: info.name, guid: info.guid, pid: stopped.pid };
    output.resultJson({ changed: stopped !== undefined, stopped: fields });
    return;
  }
  const what = info === undefined
    ? "not found"
    : stopped === undefined
    ? "not served"
    : `stopped, was served by process ${stopped.pid}`;
  output.result(`${printable(info?.name ?? name)} (${what})`);
}
