import { keepAdapter, type Kept } from "../../keeper/keep.ts";
import type { AdapterInfo } from "../../tun/adapter_info.ts";
import { sameName } from "../../tun/adapter_name.ts";
import type { Host } from "../../tun/host.ts";
import { cannot, HostError } from "../../tun/host_error.ts";
import { ownerKind } from "../../tun/ownership.ts";
import { onlyOperand } from "../arguments/operands.ts";
import { flag, type GLOBAL_OPTIONS, type Values } from "../arguments/options.ts";
import { timeoutOption } from "../arguments/timeout.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { readAdapterName } from "../arguments/values.ts";
import { type Command, type Context, defineCommand } from "../command.ts";
import { openCommandHost, REMOVE_LEGACY_OPTION, SIMULATE_OPTION } from "../host.ts";
import { EXIT } from "../process/exit_codes.ts";
import { untilConsoleEnds } from "../process/interrupts.ts";
import { CREATION_OPTIONS, DEFAULT_TYPE, warnOfIgnored } from "./creation_options.ts";
import { CreationWait } from "./creation_wait.ts";
import { reportCreated, reportExisting, reportPlan, unreportedError } from "./creation_report.ts";
import {
  type CreateOrder,
  DEFAULT_TIMEOUT_S,
  interruptedEarly,
  resumeHolder,
  startHolder,
} from "./holder.ts";
import { noteIfPending } from "./pending_category.ts";
import { warnOfRename } from "./renamed.ts";
import { describeChanges } from "./report.ts";
import { readSettings, SETTINGS_OPTIONS } from "./settings.ts";

const CREATE_OPTIONS = {
  ...SETTINGS_OPTIONS,
  ...CREATION_OPTIONS,
  "if-not-exists": flag(
    "Accept an adapter of that name that exists. The settings that are given are applied to it, and the exit code " +
      "is 0. wintun create must have made it: an adapter of another program or of a running wintun serve does not stay, so it " +
      "is refused with exit code 5. If it is persistent and its service does not run, the service is started. If the adapter " +
      "was renamed in Windows, a warning gives its present name.",
  ),
  persistent: flag(
    "Let the adapter come back when Windows starts. It has its settings then, until wintun delete. Windows starts this " +
      "program as the system for that, so it is refused if anybody but administrators could replace the program or the DLL.",
  ),
  foreground: flag(
    "Hold the adapter here, not in a service. The command runs until Ctrl-C or wintun delete.",
  ),
  "dry-run": flag(
    "Check and show what would be done, and do nothing. With --if-not-exists it shows which settings would change. " +
      "The exit code is then 0 whether or not something would change; changed in the result of --json says whether.",
  ),
  timeout: timeoutOption(
    "Longest wait until the adapter is ready. Windows may need more than a minute.",
    DEFAULT_TIMEOUT_S,
  ),
  ...REMOVE_LEGACY_OPTION,
  ...SIMULATE_OPTION,
} as const;

type CreateValues = Values<typeof CREATE_OPTIONS & typeof GLOBAL_OPTIONS>;

export const create: Command = defineCommand({
  name: "create",
  summary: "Make an adapter that stays until it is deleted",
  usage: "NAME [options]",
  description: [
    "Makes a Wintun adapter with that name. The adapter stays until wintun delete or until Windows stops; with --persistent it " +
    "comes back when Windows starts.",
    "Wintun removes an adapter when the process that made it ends. So this command makes a service of Windows that holds the " +
    "adapter. The command ends when the adapter is ready. wintun help adapters explains more.",
    "A name or GUID that is in use is refused.",
  ],
  options: CREATE_OPTIONS,
  examples: [
    { command: "wintun create lab --address 10.6.7.7/24", does: "Make an adapter with an address" },
    {
      command: "wintun create lab --address 10.6.7.7/24 --mtu 1400 --if-not-exists --json",
      does:
        'The same in a script that may run twice. "changed" in the result says whether it changed anything',
    },
    {
      command: "wintun create lab --address 10.6.7.7/24 --persistent",
      does: "Make an adapter that comes back when Windows starts",
    },
    {
      command: "wintun create lab --address 10.6.7.7/24 --dry-run",
      does: "Check whether it would work, and show the GUID",
    },
  ],
  exitCodes: [3, 5, 6, 7, 9, 10],
  endsItself: true,
  async run(context, { values, operands }): Promise<number> {
    if (values.persistent && values.foreground) {
      throw new UsageError("--persistent and --foreground exclude each other.", "Leave out one of them.");
    }
    const order: CreateOrder = {
      request: {
        name: readAdapterName(onlyOperand(operands, "create")),
        type: values.type ?? DEFAULT_TYPE,
        ...(values.guid === undefined ? {} : { guid: values.guid }),
        ...(values.persistent ? { persistent: true } : {}),
      },
      settings: readSettings(values),
    };
    await using host = await openCommandHost(context, values);
    host.requireElevation(cannot("create", order.request.name));
    const existing = await findUsable(host, order, values);
    if (existing !== undefined) return await alignExisting(context, host, values, order, existing);
    try {
      return await createNew(context, host, values, order);
    } catch (error) {
      // Another process may have created it meanwhile. --if-not-exists accepts that one too.
      const isTaken = error instanceof HostError && error.kind === "exists";
      const other = isTaken ? await findUsable(host, order, values) : undefined;
      if (other === undefined) throw error;
      return await alignExisting(context, host, values, order, other);
    }
  },
});

/** Returns the adapter that --if-not-exists accepts in place of a new one. */
async function findUsable(
  host: Host,
  { request }: CreateOrder,
  values: CreateValues,
): Promise<AdapterInfo | undefined> {
  if (!values["if-not-exists"]) return undefined;
  const { name } = request;
  const found = await host.find(name);
  if (found !== undefined && stays(found)) return found;
  // The adapter may have a new name since, and another adapter its old one.
  return (await host.list()).find((info) => stays(info) && sameName(info.createdAs ?? "", name));
}

/** Returns whether this program holds the adapter until somebody deletes it, or can do so again. */
function stays(info: AdapterInfo): boolean {
  return ownerKind(info) === "kept" && info.state !== "lost";
}

/** Applies the settings to an adapter that exists. Before that, its service is started if it does not run. */
async function alignExisting(
  context: Context,
  host: Host,
  values: CreateValues,
  { request, settings }: CreateOrder,
  found: AdapterInfo,
): Promise<number> {
  const { output } = context;
  const dryRun = values["dry-run"];
  warnOfRename(request.name, found, output);
  warnOfIgnored(values, found, output);
  const isReady = found.state === "up" || found.state === "down";
  const wasStarted = found.state === "stopped";
  if (!isReady && dryRun) {
    const { changes } = wasStarted ? await host.reorder(found, settings, { dryRun }) : { changes: [] };
    const what = [
      "exists already",
      wasStarted ? "would start its service" : "starts",
      ...(changes.length === 0 ? [] : [`would change ${describeChanges(changes)}`]),
    ];
    reportExisting(output, found, { changed: wasStarted, dryRun, changes }, what.join("; "));
    return EXIT.done;
  }
  const existing = isReady ? found : await resume(context, host, values, found);
  const configured = host.configure(existing.luid, settings, { dryRun }).catch((error) => {
    if (wasStarted) output.warning(`Adapter "${existing.name}" was started before this failed, and stays.`);
    throw error;
  });
  const { changed, changes, warnings } = await configured;
  for (const warning of warnings) output.warning(warning);
  if (dryRun) {
    const would = changed ? `exists already; would change ${describeChanges(changes)}` : "exists already";
    reportExisting(output, existing, { changed, dryRun, changes }, would);
    return EXIT.done;
  }
  const info = await host.find(existing.guid) ?? existing;
  noteIfPending(output, settings, info);
  const what = [
    "exists already",
    ...(wasStarted ? ["started"] : []),
    ...(changed ? [`changed ${describeChanges(changes)}`] : []),
  ];
  reportExisting(output, info, { changed: changed || wasStarted, dryRun, changes }, what.join("; "));
  return EXIT.done;
}

async function resume(
  context: Context,
  host: Host,
  values: CreateValues,
  found: AdapterInfo,
): Promise<AdapterInfo> {
  using _wait = new CreationWait(context, found, { isRemoved: false });
  const { info, configured } = await resumeHolder(context, host, values, found);
  for (const warning of configured.warnings) context.output.warning(warning);
  return info;
}

async function createNew(
  context: Context,
  host: Host,
  values: CreateValues,
  order: CreateOrder,
): Promise<number> {
  const { environment, output, interrupted } = context;
  // Settings are checked for --dry-run only: without it Windows reports a taken address when the address is set.
  const plan = await host.check(order.request, values["dry-run"] ? order.settings : {});
  if (values["dry-run"]) {
    reportPlan(output, order, plan);
    return EXIT.done;
  }
  const planned = { ...order, request: { ...order.request, guid: plan.guid } };
  using wait = new CreationWait(context, order.request);
  if (values.foreground) {
    const onReady = async ({ info, configured }: Kept): Promise<void> => {
      wait.end();
      const found = await host.find(info.guid) ?? info;
      reportCreated(output, { info: found, configured }, plan);
      noteIfPending(output, order.settings, found);
      output.note("This process holds the adapter until Ctrl-C or wintun delete.");
    };
    const wasReady = await untilConsoleEnds(
      environment,
      interrupted,
      (ended) => keepAdapter(host, planned, onReady, ended),
    );
    if (!wasReady) throw interruptedEarly();
    return EXIT.done;
  }
  if (environment.stderr.isTerminal && !output.hasLive) {
    output.note(`Creating adapter "${order.request.name}" ...`);
  }
  const launched = await startHolder(context, host, values, planned);
  wait.end();
  try {
    reportCreated(output, launched, plan);
    noteIfPending(output, order.settings, launched.info);
  } catch (error) {
    throw unreportedError(launched.info, error);
  }
  return EXIT.done;
}
