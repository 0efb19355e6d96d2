import type { PortRange } from "../../echo/network/plan.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { formatPortRange, parsePortRange } from "./network/ranges.ts";

/** The kinds of packets that are answered. */
export interface EchoKinds {
  readonly icmp: boolean;
  readonly udp: boolean;
  /** The ports on which UDP is answered. Absent: all. */
  readonly udpPorts?: readonly PortRange[];
}

/**
 * Reads kinds: `icmp`, `udp`, `udp:7,5000-5010`, several of them with commas, or `none`.
 * @throws {UsageError} for anything else.
 */
export function readEcho(text: string): EchoKinds {
  let [icmp, udp, isEveryPort, takesPorts] = [false, false, false, false];
  const udpPorts: PortRange[] = [];
  for (const word of text.toLowerCase() === "none" ? [] : text.toLowerCase().split(",")) {
    const first = /^udp:(.*)$/.exec(word)?.[1];
    if (word === "icmp" || word === "udp") {
      icmp ||= word === "icmp";
      udp ||= word === "udp";
      isEveryPort ||= word === "udp";
      takesPorts = false;
      continue;
    }
    takesPorts ||= first !== undefined;
    if (!takesPorts) throw new UsageError(`${text}: must be icmp, udp, icmp,udp or none.`, PORTS_HINT);
    const ports = parsePortRange(first ?? word);
    if (ports === undefined) {
      throw new UsageError(
        `${text}: ${JSON.stringify(first ?? word)} is neither a port from 1 to 65535 nor a range of ports.`,
        PORTS_HINT,
      );
    }
    udp = true;
    udpPorts.push(ports);
  }
  return { icmp, udp, ...(isEveryPort || udpPorts.length === 0 ? {} : { udpPorts }) };
}

const PORTS_HINT = "UDP on some ports only is udp:7,5000-5010.";

/** Returns the names of the kinds that are answered, as `--echo` takes them. */
export function echoNames({ icmp, udp, udpPorts }: EchoKinds): string[] {
  const ports = udpPorts === undefined ? "" : `:${udpPorts.map(formatPortRange).join(",")}`;
  return [...(icmp ? ["icmp"] : []), ...(udp ? [`udp${ports}`] : [])];
}
