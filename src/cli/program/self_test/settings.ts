import type { Change } from "../../../tun/changes.ts";
import { failed, type Finding, ok, warning } from "../../../tun/findings.ts";
import type { Host } from "../../../tun/host.ts";
import { ALL_SETTINGS, type Settings } from "../../../tun/settings/settings.ts";
import { describeChanges } from "../../adapters/report.ts";

/** A setting, with the name of its option and the values as that takes them. */
export interface GivenSetting {
  readonly setting: string;
  readonly values: readonly string[];
}

/** The settings that the adapter was given, and those that Windows does not report as they were given. */
export interface SettingsFigures {
  readonly given: readonly GivenSetting[];
  readonly differences: readonly Change[];
}

/** Reads the settings of the adapter with that NET_LUID back. @param settings Those that it was given. */
export async function checkSettings(
  host: Host,
  luid: bigint,
  settings: Settings,
): Promise<{ readonly figures: SettingsFigures; readonly finding: Finding }> {
  const given = ALL_SETTINGS.flatMap(([key, { name, format }]): GivenSetting[] => {
    const value = settings[key];
    return value === undefined ? [] : [{ setting: name, values: format(value) }];
  });
  const { changes: differences, warnings } = await host.configure(luid, settings, { dryRun: true });
  return { figures: { given, differences }, finding: judge(differences, warnings) };
}

function judge(differences: readonly Change[], warnings: readonly string[]): Finding {
  const check = "self-test-settings";
  if (differences.length > 0) {
    const changes = describeChanges(differences);
    return failed(
      check,
      `The adapter's settings are not as they were given. This would change: ${changes}.`,
      "Another program, a policy or a VPN may have changed them at once.",
    );
  }
  const names = "addresses, routes, MTU, metric and DNS servers";
  if (warnings.length === 0) return ok(check, `The adapter has its ${names}, as they were given.`);
  return warning(check, `The adapter has its ${names} but for this: ${warnings.join(" ")}`, "");
}
