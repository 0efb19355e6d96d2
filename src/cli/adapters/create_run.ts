import { keepAdapter, type Kept } from "../../keeper/keep.ts";
import type { Launched } from "../../keeper/launch.ts";
import type { AdapterInfo, AdapterRequest, CreatePlan, Host, Settings } from "../../tun/host.ts";
import { HostError } from "../../tun/host_error.ts";
import { adapterFields, describeAdapter } from "./report.ts";
import type { Context } from "../command.ts";
import { chosenDll, onlyOperand, openCommandHost, writeLog } from "../host.ts";
import type { CREATE_OPTIONS } from "./create.ts";
import { DEFAULT_TYPE, warnOfIgnored } from "./creation_options.ts";
import { EXIT } from "../process/exit_codes.ts";
import { InterruptedError } from "../process/interrupts.ts";
import type { GLOBAL_OPTIONS, Values } from "../arguments/options.ts";
import { readSettings } from "./settings.ts";
import { readAdapterName } from "../arguments/values.ts";

const DEFAULT_TIMEOUT_S = 120;

type CreateValues = Values<typeof CREATE_OPTIONS & typeof GLOBAL_OPTIONS>;

/** Does what `create` was asked for, and returns the exit code. */
export async function runCreate(
  context: Context,
  values: CreateValues,
  operands: readonly string[],
): Promise<number> {
  const request: AdapterRequest = {
    name: readAdapterName(onlyOperand(operands, "create")),
    type: values.type ?? DEFAULT_TYPE,
    ...(values.guid === undefined ? {} : { guid: values.guid }),
  };
  return await new CreateRun(context, values, request, readSettings(values)).run();
}

class CreateRun {
  readonly #context: Context;
  readonly #values: CreateValues;
  readonly #request: AdapterRequest;
  readonly #settings: Settings;

  constructor(context: Context, values: CreateValues, request: AdapterRequest, settings: Settings) {
    this.#context = context;
    this.#values = values;
    this.#request = request;
    this.#settings = settings;
  }

  async run(): Promise<number> {
    await using host = await openCommandHost(this.#context, this.#values);
    const existing = await this.#usable(host);
    if (existing !== undefined) return await this.#align(host, existing);
    try {
      return await this.#create(host);
    } catch (error) {
      // Somebody else was quicker, which is as good.
      const isTaken = error instanceof HostError && error.kind === "exists";
      const other = isTaken ? await this.#usable(host) : undefined;
      if (other === undefined) throw error;
      return await this.#align(host, other);
    }
  }

  /** The adapter that may stand for the one that is asked for, with --if-not-exists. */
  async #usable(host: Host): Promise<AdapterInfo | undefined> {
    if (!this.#values["if-not-exists"]) return undefined;
    const found = await host.find(this.#request.name);
    return found?.state === "up" || found?.state === "down" ? found : undefined;
  }

  async #align(host: Host, existing: AdapterInfo): Promise<number> {
    const { output } = this.#context;
    warnOfIgnored(this.#values, existing, output);
    if (this.#values["dry-run"]) {
      this.#report(existing, { changed: false, created: false, dryRun: true }, "exists already");
      return EXIT.done;
    }
    const { changed, warnings } = await host.configure(existing.luid, this.#settings);
    for (const warning of warnings) output.warning(warning);
    const info = await host.find(existing.guid) ?? existing;
    this.#report(info, { changed, created: false }, changed ? "exists already; changed" : "exists already");
    return EXIT.done;
  }

  async #create(host: Host): Promise<number> {
    const plan = await host.check(this.#request);
    if (this.#values["dry-run"]) {
      this.#reportPlan(plan);
      return EXIT.done;
    }
    if (this.#values.foreground) return await this.#hold(host, plan);
    this.#progress();
    const launched = await this.#launch(host, plan);
    try {
      this.#reportKept(launched, plan);
    } catch (error) {
      throw unreported(launched.info, error);
    }
    return EXIT.done;
  }

  async #launch(host: Host, { guid }: CreatePlan): Promise<Launched> {
    const { environment, output, interrupted } = this.#context;
    const request = { ...this.#request, guid };
    if (this.#values.simulate) {
      const adapter = await host.create({ ...request, role: "keeper" });
      const configured = await host.configure(adapter.info.luid, this.#settings);
      return { info: await host.find(guid) ?? adapter.info, configured, endsWithJob: false };
    }
    try {
      return await environment.startKeeper(
        {
          request,
          settings: this.#settings,
          ...await chosenDll(this.#values),
          removeLegacy: this.#values["remove-legacy"],
        },
        {
          timeoutMs: (this.#values.timeout ?? DEFAULT_TIMEOUT_S) * 1000,
          interrupted,
          log: (line) => writeLog(output, line),
        },
      );
    } catch (error) {
      const isTimeout = error instanceof HostError && error.kind === "timeout";
      if (interrupted.aborted || isTimeout) await this.#cleanUp(host, guid);
      if (!interrupted.aborted) throw error;
      throw new InterruptedError("Interrupted before the adapter was ready; nothing of it is left.");
    }
  }

  /** Removes what a keeper leaves that was ended before it was ready, unless somebody else has the adapter by now. */
  async #cleanUp(host: Host, guid: string): Promise<void> {
    const left = await host.find(guid);
    if (left?.state === "stale") await host.remove(left);
    else if (left !== undefined) return;
    await this.#context.environment.cleanUpAfterKeeper(guid);
  }

  /** --foreground */
  async #hold(host: Host, plan: CreatePlan): Promise<number> {
    const { output, interrupted } = this.#context;
    const order = { request: { ...this.#request, guid: plan.guid }, settings: this.#settings };
    const wasReady = await keepAdapter(host, order, (kept) => {
      this.#reportKept(kept, plan);
      output.note("It is held by this process, until Ctrl-C or wintun delete.");
    }, interrupted);
    if (!wasReady) {
      throw new InterruptedError("Interrupted before the adapter was ready; nothing of it is left.");
    }
    return EXIT.done;
  }

  #progress(): void {
    const { environment, output } = this.#context;
    if (environment.stderr.isTerminal) output.note(`Creating adapter "${this.#request.name}" ...`);
  }

  #reportKept(kept: Kept & Partial<Launched>, plan: CreatePlan): void {
    const { output } = this.#context;
    for (const warning of kept.configured.warnings) output.warning(warning);
    if (kept.info.guid !== plan.guid) {
      output.warning(`Windows gave it the GUID ${kept.info.guid}, instead of ${plan.guid}.`);
    }
    if (kept.endsWithJob) {
      output.warning(
        `Adapter "${kept.info.name}" goes when this session or job ends, as an ssh session does, and its keeper with it. ` +
          "To keep it, run create from a scheduled task or a service, or leave create --foreground running.",
      );
    }
    const fields = { changed: true, created: true, requestedGuid: plan.guid, log: kept.log ?? null };
    this.#report(kept.info, fields, "created");
    if (kept.log !== undefined) output.detail(`Its keeper writes to ${kept.log}.`);
  }

  #report(info: AdapterInfo, fields: Record<string, unknown>, what: string): void {
    const { output } = this.#context;
    if (output.json) output.resultJson({ ...fields, adapter: adapterFields(info) });
    else output.result(`${describeAdapter(info)} (${what})`);
  }

  #reportPlan({ guid, removes }: CreatePlan): void {
    const { output } = this.#context;
    const { name, type } = this.#request;
    if (output.json) {
      output.resultJson({
        changed: true,
        created: true,
        dryRun: true,
        requestedGuid: guid,
        name,
        type,
        removes,
      });
      return;
    }
    if (removes.length > 0) {
      output.result(`Would remove the devices of an old Wintun: ${removes.join(", ")}.`);
    }
    output.result(`Would create adapter "${name}" of type "${type}" with GUID ${guid}.`);
  }
}

/** That nobody can be told of the adapter, which stays. */
function unreported({ name }: AdapterInfo, error: unknown): HostError {
  const reason = error instanceof Error ? error.message : String(error);
  return new HostError("failed", `Adapter "${name}" is created, but its result is lost`, reason, {
    hint: "wintun list shows the adapter, and wintun delete removes it.",
    cause: error,
  });
}
