import type { AdapterInfo, InterfaceDetails } from "../../tun/adapter_info.ts";
import { changesBetween } from "../../tun/changes.ts";
import type { DnsRule } from "../../tun/settings/dns_rule.ts";
import { formatRoute } from "../../tun/settings/route.ts";
import { formatSwitch, NEW_SETTINGS } from "../../tun/settings/settings.ts";
import type { IpSettings } from "../../windows/network/ip_interface.ts";
import { formatCidr } from "../../wire/cidr.ts";
import { formatIpAddress } from "../../wire/ip_address.ts";
import { padColumns } from "../process/columns.ts";
import { groupDigits } from "../process/group_digits.ts";
import { printable } from "../process/printable.ts";
import { describeOwner } from "./report.ts";

/** A line of a block: what it is about, and the values, one below the other. */
type Row = readonly [title: string, values: readonly string[]];

const INDENT = "  ";

/** Returns everything about an adapter as lines for people: its name, and a line for each value below it. */
export function adapterBlock(info: AdapterInfo): string[] {
  const rows = [...generalRows(info), ...startRows(info), ...interfaceRows(info), ...identityRows(info)];
  const width = Math.max(...rows.map(([title]) => title.length));
  return [
    printable(info.name),
    ...rows.flatMap(([title, values]) =>
      values.map((value, index) => `${INDENT}${padColumns(index === 0 ? title : "", width)}  ${value}`)
    ),
  ];
}

function generalRows(info: AdapterInfo): Row[] {
  const { createdAs, persistent = false, service } = info;
  return [
    ...(createdAs === undefined ? [] : [["created as", [printable(createdAs)]] satisfies Row]),
    ["state", [info.state]],
    ["type", [printable(info.type)]],
    ["owner", [describeOwner(info)]],
    ["persistent", [persistent ? "yes" : "no"]],
    ...(service === undefined ? [] : [["service", [service]] satisfies Row]),
  ];
}

/** Returns nothing for an adapter that is not stopped. */
function startRows({ startSettings }: AdapterInfo): Row[] {
  if (startSettings === undefined) return [];
  const changes = changesBetween(NEW_SETTINGS, startSettings);
  const options = changes.flatMap(({ setting, after }) => after.map((text) => `--${setting} ${text}`));
  return [["at its start", options.length === 0 ? ["the settings of a new adapter"] : options]];
}

/** Returns nothing for an adapter without a network interface. */
function interfaceRows({ addresses, details }: AdapterInfo): Row[] {
  if (details === undefined) return [];
  const { ip, routes, dns, dnsSuffix, dnsSearch, dnsRegistration, dnsFor, traffic } = details;
  return [
    ["addresses", listed(addresses.map(formatCidr))],
    ["routes", listed(routes.map(formatRoute))],
    ["DNS", dns === undefined ? ["not reported by this Windows"] : listed(dns.map(formatIpAddress))],
    ...(dnsSuffix === undefined ? [] : [["DNS suffix", [printable(dnsSuffix) || "none"]] satisfies Row]),
    ...(dnsSearch === undefined ? [] : [["DNS search", listed(dnsSearch.map(printable))] satisfies Row]),
    ...(dnsRegistration === undefined
      ? []
      : [["DNS registration", [formatSwitch(dnsRegistration)]] satisfies Row]),
    ["category", [describeCategory(details)]],
    ...(dnsFor === undefined ? [] : [["DNS for", listed(dnsFor.map(describeDnsRule))] satisfies Row]),
    ["IPv4", [describeIp(ip[4])]],
    ["IPv6", [describeIp(ip[6])]],
    ...(traffic === undefined ? [] : [
      ["received", [
        describeTraffic(
          traffic.receivedPackets,
          traffic.receivedBytes,
          traffic.receivedErrors,
          traffic.receivedDiscards,
        ),
      ]],
      ["sent", [
        describeTraffic(traffic.sentPackets, traffic.sentBytes, traffic.sentErrors, traffic.sentDiscards),
      ]],
    ] satisfies Row[]),
  ];
}

function identityRows({ guid, luid, ifIndex, instanceId, driverVersion }: AdapterInfo): Row[] {
  return [
    ["GUID", [guid]],
    ...(ifIndex === 0 ? [] : [["LUID", [`${luid}`]], ["ifIndex", [`${ifIndex}`]]] satisfies Row[]),
    ...(instanceId === "" ? [] : [["device", [instanceId]] satisfies Row]),
    ...(driverVersion === undefined ? [] : [["driver", [printable(driverVersion)]] satisfies Row]),
  ];
}

function listed(values: readonly string[]): readonly string[] {
  return values.length === 0 ? ["none"] : values;
}

function describeDnsRule({ name, servers }: DnsRule): string {
  return `${printable(name)}: ${servers.map(formatIpAddress).join(", ")}`;
}

function describeIp(settings: IpSettings | undefined): string {
  if (settings === undefined) return "off";
  const { mtu, metric, automaticMetric, forwarding } = settings;
  return `MTU ${mtu}, metric ${metric}${automaticMetric ? " (automatic)" : ""}, forwarding ${
    formatSwitch(forwarding)
  }`;
}

/** Returns the category of the network, and the one that is set if that is another. */
function describeCategory({ category, givenCategory }: InterfaceDetails): string {
  const given = givenCategory === undefined || givenCategory === category ? "" : `, ${givenCategory} is set`;
  return `${category ?? "Windows has identified no network"}${given}`;
}

function describeTraffic(packets: number, bytes: number, errors: number, discards: number): string {
  return `${groupDigits(packets)} packets (${groupDigits(bytes)} B), ${groupDigits(errors)} errors, ` +
    `${groupDigits(discards)} discarded`;
}
