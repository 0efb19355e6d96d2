/** Names of ICMP messages as people write them (IANA, "ICMP Parameters" and "ICMPv6 Parameters"). */

const ICMP_NAMES: Readonly<Record<number, string>> = {
  0: "echo reply",
  3: "destination unreachable",
  4: "source quench",
  5: "redirect",
  8: "echo request",
  9: "router advertisement",
  10: "router solicitation",
  11: "time exceeded",
  12: "parameter problem",
  13: "timestamp request",
  14: "timestamp reply",
  17: "address mask request",
  18: "address mask reply",
  42: "extended echo request",
  43: "extended echo reply",
};

const ICMPV6_NAMES: Readonly<Record<number, string>> = {
  1: "destination unreachable",
  2: "packet too big",
  3: "time exceeded",
  4: "parameter problem",
  128: "echo request",
  129: "echo reply",
  130: "multicast listener query",
  131: "multicast listener report",
  132: "multicast listener done",
  133: "router solicitation",
  134: "router advertisement",
  135: "neighbor solicitation",
  136: "neighbor advertisement",
  137: "redirect",
  143: "multicast listener report v2",
  160: "extended echo request",
  161: "extended echo reply",
};

/** Names that depend on both type and code: RFC 792, RFC 1122, RFC 1812. */
const ICMP_CODE_NAMES: Readonly<Record<number, readonly string[]>> = {
  3: [
    "network unreachable",
    "host unreachable",
    "protocol unreachable",
    "port unreachable",
    "fragmentation needed",
    "source route failed",
    "network unknown",
    "host unknown",
    "source host isolated",
    "network prohibited",
    "host prohibited",
    "network unreachable for this type of service",
    "host unreachable for this type of service",
    "communication prohibited",
    "host precedence violation",
    "precedence cutoff",
  ],
  11: ["time exceeded in transit", "time exceeded in reassembly"],
};

/** Names that depend on both type and code: RFC 4443. */
const ICMPV6_CODE_NAMES: Readonly<Record<number, readonly string[]>> = {
  1: [
    "no route to destination",
    "communication prohibited",
    "destination beyond the scope of the source",
    "address unreachable",
    "port unreachable",
    "source address failed policy",
    "route to destination rejected",
  ],
  3: ["hop limit exceeded in transit", "time exceeded in reassembly"],
  4: ["erroneous header field", "unrecognized next header", "unrecognized IPv6 option"],
};

/** Returns the name of an ICMP (family 4) or ICMPv6 (family 6) message, or `type 44 code 0` if it has no name. */
export function icmpName(family: 4 | 6, type: number, code: number): string {
  const codeNames = family === 4 ? ICMP_CODE_NAMES : ICMPV6_CODE_NAMES;
  const byCode = codeNames[type]?.[code];
  if (byCode !== undefined) return byCode;
  const name = (family === 4 ? ICMP_NAMES : ICMPV6_NAMES)[type];
  if (name === undefined) return `type ${type} code ${code}`;
  return code === 0 ? name : `${name} code ${code}`;
}

/** Returns whether a message is an error. An error carries the start of the packet that caused it. */
export function isIcmpError(family: 4 | 6, type: number): boolean {
  // ICMPv6 errors are the types below 128 (RFC 4443 section 2.1).
  return family === 6 ? type < 128 : type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
}
