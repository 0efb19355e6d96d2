import type { Kept } from "../../keeper/keep.ts";
import type { Launched } from "../../keeper/launch.ts";
import type { AdapterInfo } from "../../tun/adapter_info.ts";
import { type Change, changesBetween } from "../../tun/changes.ts";
import type { CreatePlan } from "../../tun/host.ts";
import { HostError } from "../../tun/host_error.ts";
import { NEW_SETTINGS } from "../../tun/settings/settings.ts";
import type { Output } from "../process/output.ts";
import type { CreateOrder } from "./holder.ts";
import { describeAfter, reportAdapter } from "./report.ts";

/** Reports an adapter that is created and held. Warns where it differs from the plan. */
export function reportCreated(output: Output, kept: Kept & Partial<Launched>, plan: CreatePlan): void {
  for (const warning of kept.configured.warnings) output.warning(warning);
  if (kept.info.guid !== plan.guid) {
    output.warning(`Windows gave the adapter the GUID ${kept.info.guid} instead of ${plan.guid}.`);
  }
  const fields = { changed: true, created: true, dryRun: false, ...planFields(plan), log: kept.log ?? null };
  reportAdapter(output, kept.info, fields, "created");
  if (kept.log !== undefined) output.detail(`The keeper writes its log to ${kept.log}.`);
}

function planFields({ guid, removes }: CreatePlan): Record<string, unknown> {
  return { requestedGuid: guid, changes: [], removes };
}

/** Reports an adapter that `create` has found, and what it changed, or would change with `dryRun`. */
export function reportExisting(
  output: Output,
  info: AdapterInfo,
  { changed, dryRun, changes }: ExistingResult,
  outcome: string,
): void {
  const fields = { changed, created: false, dryRun, requestedGuid: null, changes, removes: [], log: null };
  reportAdapter(output, info, fields, outcome);
}

/** What `create` did with an adapter that it has found. */
interface ExistingResult {
  readonly changed: boolean;
  readonly dryRun: boolean;
  readonly changes: readonly Change[];
}

/** Reports the plan of `create`, for --dry-run. */
export function reportPlan(
  output: Output,
  { request: { name, type, persistent = false }, settings }: CreateOrder,
  plan: CreatePlan,
): void {
  const { guid, removes } = plan;
  if (output.json) {
    output.resultJson({
      changed: true,
      created: true,
      dryRun: true,
      ...planFields(plan),
      log: null,
      adapter: null,
    });
    return;
  }
  if (removes.length > 0) {
    output.result(`Would remove devices of Wintun 0.13 or older: ${removes.join(", ")}.`);
  }
  const kind = persistent ? "persistent adapter" : "adapter";
  const values = changesBetween(NEW_SETTINGS, settings).map((change) => `, ${describeAfter(change)}`);
  output.result(`Would create ${kind} "${name}" of type "${type}" with GUID ${guid}${values.join("")}.`);
}

/** Returns the error for an adapter that was created but whose result could not be written. The adapter stays. */
export function unreportedError({ name }: AdapterInfo, error: unknown): HostError {
  const reason = error instanceof Error ? error.message : String(error);
  return new HostError(
    "failed",
    `Adapter "${name}" was created, but the result could not be written`,
    reason,
    {
      hint: "wintun list shows the adapter, and wintun delete removes it.",
      cause: error,
    },
  );
}
