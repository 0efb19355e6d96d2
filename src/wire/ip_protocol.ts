/** Protocol and next-header numbers (IANA, "Assigned Internet Protocol Numbers"). Both families share this registry. */

export const PROTOCOL_HOP_BY_HOP = 0;
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_IGMP = 2;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ROUTING = 43;
export const PROTOCOL_FRAGMENT = 44;
export const PROTOCOL_ESP = 50;
export const PROTOCOL_AH = 51;
export const PROTOCOL_ICMPV6 = 58;
export const PROTOCOL_NO_NEXT_HEADER = 59;
export const PROTOCOL_DESTINATION_OPTIONS = 60;

const NAMES: Readonly<Record<number, string>> = {
  [PROTOCOL_HOP_BY_HOP]: "hop-by-hop options",
  [PROTOCOL_ICMP]: "ICMP",
  [PROTOCOL_IGMP]: "IGMP",
  4: "IPv4-in-IP",
  [PROTOCOL_TCP]: "TCP",
  8: "EGP",
  9: "IGP",
  [PROTOCOL_UDP]: "UDP",
  33: "DCCP",
  41: "IPv6-in-IP",
  [PROTOCOL_ROUTING]: "routing header",
  [PROTOCOL_FRAGMENT]: "fragment header",
  46: "RSVP",
  47: "GRE",
  [PROTOCOL_ESP]: "ESP",
  [PROTOCOL_AH]: "AH",
  [PROTOCOL_ICMPV6]: "ICMPv6",
  [PROTOCOL_NO_NEXT_HEADER]: "no next header",
  [PROTOCOL_DESTINATION_OPTIONS]: "destination options",
  88: "EIGRP",
  89: "OSPF",
  103: "PIM",
  108: "IPComp",
  112: "VRRP",
  115: "L2TP",
  132: "SCTP",
  136: "UDP-Lite",
  137: "MPLS-in-IP",
};

/** Returns the usual name of a protocol, or `protocol 253` if it has no name. */
export function protocolName(protocol: number): string {
  return NAMES[protocol] ?? `protocol ${protocol}`;
}
