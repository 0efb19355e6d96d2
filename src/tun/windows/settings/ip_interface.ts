import type { IpSettings, IpSettingsChange } from "../../../windows/network/ip_interface.ts";
import type { Family } from "../../../windows/network/sockaddr_inet.ts";
import { HostError } from "../../host_error.ts";
import { mergeSettings, SETTINGS, type Settings } from "../../settings/settings.ts";
import type { SettingsChange, Subject } from "./subject.ts";

type Values = { readonly [Key in keyof IpSettingsChange]-?: IpSettingsChange[Key] | undefined };

/** The values of the interface that Windows has for each IP version. */
export const ipInterfaceSubject: Subject = {
  settings: ["mtu", "metric", "forwarding"],

  read: (found, families) =>
    families.reduce<Settings>((all, family) => {
      const settings = found.ip(family).settings();
      return settings === undefined ? all : mergeSettings(all, settingsOf(settings, family));
    }, {}),

  write(change): void {
    for (const family of change.families) writeFamily(change, family);
  },
};

/** Returns what Windows has for one IP version as settings. */
function settingsOf(settings: IpSettings, family: Family): Settings {
  const { mtu, metric, automaticMetric, forwarding } = settings;
  return {
    mtu: { [family]: mtu },
    metric: { [family]: automaticMetric ? 0 : metric },
    forwarding: { [family]: forwarding },
  };
}

/** Returns the values of the settings that one IP version has. An absent one is `undefined`. */
function valuesOf({ mtu = {}, metric = {}, forwarding = {} }: Settings, family: Family): Values {
  return {
    mtu: SETTINGS.mtu.spread(mtu)[family],
    metric: SETTINGS.metric.spread(metric)[family],
    forwarding: SETTINGS.forwarding.spread(forwarding)[family],
  };
}

/** Makes one change of all values that differ. @throws {HostError} `failed` if Windows sets another MTU. */
function writeFamily({ found, present, wanted, operation, attempt }: SettingsChange, family: Family): void {
  const before = valuesOf(present, family);
  const values = Object.entries(valuesOf(wanted, family))
    .filter(([key, value]) => value !== undefined && value !== before[key as keyof Values]);
  if (values.length === 0) return;
  const change: IpSettingsChange = Object.fromEntries(values);
  attempt(`cannot set the IPv${family} interface`, () => found.ip(family).change(change));
  if (change.mtu === undefined) return;
  const now = found.ip(family).settings()?.mtu;
  if (now === change.mtu) return;
  throw new HostError("failed", operation, `Windows changed the IPv${family} MTU ${change.mtu} to ${now}`);
}
