/**
 * Structures of the IP Helper API on 64-bit Windows (netioapi.h, ws2ipdef.h, ws2def.h): the sizes, and the byte offsets
 * of the fields that this program uses, named as in the headers. Fields are little-endian, except ports and addresses,
 * which are in network byte order.
 */

export const SOCKADDR_IN = { size: 16, sin_addr: 4 } as const;

export const SOCKADDR_IN6 = { size: 28, sin6_addr: 8 } as const;

/** A union of the two above. */
export const SOCKADDR_INET = { size: 28, si_family: 0 } as const;

export const IP_ADDRESS_PREFIX = { size: 32, Prefix: 0, PrefixLength: 28 } as const;

export const MIB_UNICASTIPADDRESS_ROW = {
  size: 80,
  Address: 0,
  InterfaceLuid: 32,
  PrefixOrigin: 44,
  OnLinkPrefixLength: 60,
  DadState: 64,
} as const;

/** The rows start at `Table` and follow each other. `size` is the size in C, with one row. */
export const MIB_UNICASTIPADDRESS_TABLE = { size: 88, NumEntries: 0, Table: 8 } as const;

export const MIB_IPINTERFACE_ROW = {
  size: 168,
  Family: 0,
  InterfaceLuid: 8,
  ForwardingEnabled: 41,
  UseAutomaticMetric: 44,
  SitePrefixLength: 144,
  Metric: 148,
  NlMtu: 152,
} as const;

export const MIB_IF_ROW2 = {
  size: 1352,
  InterfaceLuid: 0,
  InterfaceIndex: 8,
  InterfaceGuid: 12,
  Alias: 28,
  Description: 542,
  Mtu: 1124,
  OperStatus: 1156,
  MediaConnectState: 1164,
  InOctets: 1208,
  InUcastPkts: 1216,
  InNUcastPkts: 1224,
  InDiscards: 1232,
  InErrors: 1240,
  OutOctets: 1280,
  OutUcastPkts: 1288,
  OutNUcastPkts: 1296,
  OutDiscards: 1304,
  OutErrors: 1312,
} as const;

export const MIB_IF_TABLE2 = { size: 1360, NumEntries: 0, Table: 8 } as const;

export const MIB_IPFORWARD_ROW2 = {
  size: 104,
  InterfaceLuid: 0,
  DestinationPrefix: 12,
  NextHop: 44,
  SitePrefixLength: 72,
  Metric: 84,
  Protocol: 88,
} as const;

export const MIB_IPFORWARD_TABLE2 = { size: 112, NumEntries: 0, Table: 8 } as const;

export const DNS_INTERFACE_SETTINGS = {
  size: 64,
  Version: 0,
  Flags: 8,
  Domain: 16,
  NameServer: 24,
  SearchList: 32,
  RegistrationEnabled: 40,
} as const;

/** ipexport.h. */
export const ICMP_ECHO_REPLY = { size: 40, Status: 4, DataSize: 12, Data: 16 } as const;

/** ipexport.h. The data of the reply follows it ("Icmp6SendEcho2 function", Windows documentation). */
export const ICMPV6_ECHO_REPLY = { size: 36, Status: 28 } as const;
