import type { PingReply } from "../../../echo/network/ping_reply.ts";
import type { Link, NetworkPlan, PingPlan } from "../../../echo/network/plan.ts";
import type { HostTotals, NetworkTotals } from "../../../echo/network/statistics.ts";
import { formatIpAddress, type IpAddress } from "../../../wire/ip_address.ts";
import { groupDigits } from "../../process/group_digits.ts";
import { bytes as sizeOf } from "../quantities.ts";
import type { PingFigures } from "./figures.ts";
import { formatAddressRange } from "./ranges.ts";
import { formatPart, formatRate, formatTime } from "./units.ts";

/** The most ranges, or routers, that a sentence names. */
const MOST_NAMED = 8;

/** Returns a network as it is at the beginning, in sentences for people. */
export function describePlan(plan: NetworkPlan): string[] {
  const { hosts, unreachable, routers, hops, pathMtu, refuse, link, changes, ping } = plan;
  const others = unreachable ? "a router reports all others as unreachable" : "all others are silent";
  const way = [...describeLink(link), ...(pathMtu === undefined ? [] : [`path MTU ${pathMtu}`])];
  const later = changes.filter(({ atMs }) => atMs > 0);
  const last = formatTime(1000 * Math.max(0, ...later.map(({ atMs }) => atMs)));
  return [
    ...(hosts === undefined ? [] : [`Hosts: ${list(hosts.map(formatAddressRange))}; ${others}.`]),
    ...(hops === 0 ? [] : [`Routers on the way: ${hops} (${describeRouters(routers)}).`]),
    ...(way.length === 0 ? [] : [`Link: ${way.join(", ")}.`]),
    ...(refuse ? ["TCP is refused, and so is UDP to ports without echo."] : []),
    ...(later.length === 0 ? [] : [`Changes: ${groupDigits(later.length)}, the last at ${last}.`]),
    ...(ping === undefined ? [] : [
      `Pings ${formatIpAddress(ping.target)} from ${formatIpAddress(ping.source)} every ${
        formatTime(1000 * ping.intervalMs)
      }.`,
    ]),
  ];
}

function describeLink({ delayUs, jitterUs, loss, duplicate, reorder, rateBitsPerSecond }: Link): string[] {
  const parts = Object.entries({ loss, duplicate, reorder }).filter(([, part]) => part > 0);
  const jitter = jitterUs === 0 ? "" : ` ± ${formatTime(jitterUs)}`;
  return [
    ...(delayUs === 0 ? [] : [`delay ${formatTime(delayUs)}${jitter}`]),
    ...parts.map(([name, part]) => `${name} ${formatPart(part)}`),
    ...(rateBitsPerSecond === undefined ? [] : [`rate ${formatRate(rateBitsPerSecond)}`]),
  ];
}

/** Returns the routers of each family. */
function describeRouters(routers: readonly IpAddress[]): string {
  return ([4, 6] as const).map((family) => routers.filter((router) => router.family === family))
    .filter(({ length }) => length > 0).map((some) => list(some.map(formatIpAddress))).join("; ");
}

function list(names: readonly string[]): string {
  if (names.length === 0) return "none";
  if (names.length <= MOST_NAMED) return names.join(", ");
  return `${names.slice(0, MOST_NAMED).join(", ")} and ${names.length - MOST_NAMED} more`;
}

/** Returns the line for the reply to a ping of the network. */
export function describeReply({ target }: PingPlan, reply: PingReply): string {
  const { bytes, sequence, timeToLive, roundTripUs, isDuplicate } = reply;
  return `${bytes} bytes from ${formatIpAddress(target)}: seq ${sequence} ttl ${timeToLive} time ${
    ms(roundTripUs)
  } ms${isDuplicate ? " (duplicate)" : ""}`;
}

/** Returns what to do if nothing answers pings, in sentences for the user. */
export function describeSilence({ target, source }: PingPlan): string {
  const message = target.family === 4 ? "-Protocol ICMPv4 -IcmpType 8" : "-Protocol ICMPv6 -IcmpType 128";
  return `Nothing has answered the pings to ${
    formatIpAddress(target)
  }. Windows Firewall drops them unless a rule allows ` +
    `them. In PowerShell: New-NetFirewallRule -DisplayName "wintun ping" -Direction Inbound -Action Allow ${message} ` +
    `-RemoteAddress ${formatIpAddress(source)}`;
}

/** Returns the sum of the network's pings, as a sentence. */
export function describePings({ plan: { target, source }, summary }: PingFigures): string {
  const { sent, received, lost, duplicates, roundTripUs } = summary;
  const part = sent === 0 ? "" : ` (${formatPart(Number((lost / sent).toFixed(3)))})`;
  const twice = duplicates === 0 ? "" : `, ${groupDigits(duplicates)} duplicates`;
  const times = roundTripUs === undefined
    ? ""
    : `; min/avg/max/mdev ${
      [roundTripUs.min, roundTripUs.average, roundTripUs.max, roundTripUs.mdev].map(ms).join("/")
    } ms`;
  return `Pinged ${formatIpAddress(target)} from ${formatIpAddress(source)}: ${groupDigits(sent)} sent, ${
    groupDigits(received)
  } received, ${groupDigits(lost)} lost${part}${twice}${times}.`;
}

function ms(us: number): string {
  return (us / 1000).toFixed(3);
}

const LINK_WORDS: Partial<Record<keyof NetworkTotals, string>> = {
  lost: "lost",
  duplicated: "sent twice",
  reordered: "sent ahead of others",
  delayed: "delayed",
  waiting: "still waiting",
  queueFull: "without room in the queue",
  noHost: "to no host",
};

const ERROR_WORDS: Partial<Record<keyof NetworkTotals, string>> = {
  hostUnreachable: "host unreachable",
  portUnreachable: "port unreachable",
  timeExceeded: "time exceeded",
  tooBig: "too big",
  tcpReset: "TCP reset",
};

/** Returns what the network did on purpose, and which errors it sent, as parts of a sentence. Both are "" for nothing. */
export function describeTotals(
  totals: NetworkTotals,
): { readonly onPurpose: string; readonly errors: string } {
  const countsOf = (words: Partial<Record<keyof NetworkTotals, string>>): string =>
    Object.entries(words).map(([name, word]) => ({ count: totals[name as keyof NetworkTotals], word }))
      .filter(({ count }) => count > 0).map(({ count, word }) => `${groupDigits(count)} ${word}`).join(", ");
  return { onPurpose: countsOf(LINK_WORDS), errors: countsOf(ERROR_WORDS) };
}

/** Returns the totals of one host, as a line. */
export function describeHost({ address, packets, bytes, answered, lost, dropped }: HostTotals): string {
  const size = sizeOf(bytes);
  const drops = dropped === 0 ? "" : `, ${groupDigits(dropped)} dropped`;
  const count = packets === 1 ? "1 packet" : `${groupDigits(packets)} packets`;
  return `${formatIpAddress(address)}: ${count} (${size}), ${groupDigits(answered)} answered, ${
    groupDigits(lost)
  } lost${drops}`;
}
