import { runKeeper } from "../../keeper/keeper_service.ts";
import { startKeeperThread } from "../../keeper/keeper_thread.ts";
import { HostError } from "../../tun/host_error.ts";
import { SERVICE_COMMAND, serviceName } from "../../tun/service_name.ts";
import { cancelValue } from "../../tun/windows/service_keys.ts";
import { normalGuid } from "../../wire/guid.ts";
import { enterService } from "../../windows/services/service_process.ts";
import { onlyOperand } from "../arguments/operands.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { type Command, defineCommand } from "../command.ts";
import type { Environment } from "../process/environment.ts";
import { exitCodeOf } from "../process/errors.ts";
import { EXIT } from "../process/exit_codes.ts";

/** The command that Windows starts as the service that holds an adapter. */
export const service: Command = defineCommand({
  name: SERVICE_COMMAND,
  summary: "Hold an adapter; started by Windows",
  usage: "GUID",
  description: [
    "Holds the adapter with that GUID as a service. wintun create makes the service, and Windows starts it.",
  ],
  options: {},
  examples: [],
  isService: true,
  async run({ environment }, { operands }): Promise<number> {
    const guid = normalGuid(onlyOperand(operands, SERVICE_COMMAND));
    if (guid === undefined) throw new UsageError("service needs the GUID of an adapter.");
    const { system } = environment;
    if (system === undefined) throw notStarted();
    const thread = startKeeperThread();
    // Windows waits 30 seconds for this, whatever else the program has to do.
    const entered = await enterService(system.libraries, thread, serviceName(guid), cancelValue(guid));
    if (entered === undefined) throw notStarted();
    let exitCode: number = EXIT.done;
    try {
      const openHost: Environment["openHost"] = (options) =>
        environment.openHost({ ...options, logThread: thread });
      await runKeeper(guid, entered, { system, openHost, now: environment.now });
    } catch (error) {
      // A service has nobody to write to. The report and the log have the error.
      exitCode = exitCodeOf(error);
    }
    await entered.end(exitCode);
    return exitCode;
  },
});

function notStarted(): HostError {
  const reason = "Windows has not started this process as one";
  return new HostError("failed", "Cannot run as a service", reason, {
    hint: "wintun create makes the service of an adapter and starts it.",
  });
}
