import { FAMILIES } from "./settings/setting.ts";
import { mergeSettings, NEW_SETTINGS, type Settings } from "./settings/settings.ts";
import type { AdapterInfo, AdapterOwner } from "./adapter_info.ts";
import { type Change, changesBetween } from "./changes.ts";

/** All settings. None may be left out, since nobody would notice that it changes. */
type AllSettings = { readonly [Key in keyof Settings]-?: Settings[Key] | undefined };

/**
 * Returns what differs between two looks at one adapter: its `name`, `state`, `reason` (why its service does not run), `owner`,
 * `session`, whether it is `persistent`, and its settings. Counters of traffic, and a category that Windows itself gives a
 * network, are no change. An adapter that is stopped has the settings that it gets at its start. Another one without a network
 * interface has no settings to compare.
 */
export function adapterChanges(before: AdapterInfo, after: AdapterInfo): readonly Change[] {
  const [old, now] = [aspectsOf(before), aspectsOf(after)];
  const changes = Object.keys(now).flatMap((setting) => {
    const change = { setting, before: old[setting], after: now[setting] };
    return change.before.join() === change.after.join() ? [] : [change];
  });
  if (after.details === undefined && after.startSettings === undefined) return changes;
  return [...changes, ...changesBetween(completeSettings(before), completeSettings(after))];
}

function aspectsOf(info: AdapterInfo): Readonly<Record<string, readonly string[]>> {
  const { name, state, owner, session, persistent = false, end } = info;
  return {
    name: [name],
    state: [state],
    reason: end === undefined ? [] : [end.reason],
    owner: owner === undefined ? [] : [ownerText(owner)],
    session: session === undefined ? [] : [`process ${session.pid}`],
    persistent: [persistent ? "yes" : "no"],
  };
}

function ownerText({ pid, ours, role }: AdapterOwner): string {
  const who = ours ? role ?? "command" : "another program";
  return pid === undefined ? who : `${who} (process ${pid})`;
}

/**
 * Returns the settings of an adapter. Those that Windows does not have, such as those of an IP version that it has not added yet,
 * have the values of a new adapter.
 */
function completeSettings(info: AdapterInfo): Settings {
  const settings = info.startSettings ?? settingsOf(info);
  const known = Object.entries(settings).filter(([, value]) => value !== undefined);
  return mergeSettings(NEW_SETTINGS, Object.fromEntries(known));
}

/** Returns the settings that a look at an adapter has shown. */
function settingsOf({ addresses, details }: AdapterInfo): AllSettings {
  const families = FAMILIES.filter((family) => details?.ip[family] !== undefined);
  const valueOf = <T>(read: (ip: IpValues) => T): Partial<Record<4 | 6, T>> =>
    Object.fromEntries(families.map((family) => [family, read(details!.ip[family]!)]));
  return {
    mtu: valueOf(({ mtu }) => mtu),
    metric: valueOf(({ metric, automaticMetric }) => automaticMetric ? 0 : metric),
    forwarding: valueOf(({ forwarding }) => forwarding),
    addresses,
    routes: details?.routes,
    dns: details?.dns,
    dnsSuffix: details?.dnsSuffix,
    dnsSearch: details?.dnsSearch,
    dnsRegistration: details?.dnsRegistration,
    category: details?.givenCategory,
    dnsFor: details?.dnsFor,
  };
}

type IpValues = NonNullable<NonNullable<AdapterInfo["details"]>["ip"][4]>;
