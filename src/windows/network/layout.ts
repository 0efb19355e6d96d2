/**
 * Structures of the IP Helper API on 64-bit Windows (netioapi.h, ws2ipdef.h, ws2def.h): byte offsets by the headers'
 * field names. Fields are little-endian but for ports and addresses, which are in network byte order.
 */

export const SOCKADDR_IN = { size: 16, sin_family: 0, sin_port: 2, sin_addr: 4 } as const;

export const SOCKADDR_IN6 = {
  size: 28,
  sin6_family: 0,
  sin6_port: 2,
  sin6_flowinfo: 4,
  sin6_addr: 8,
  sin6_scope_id: 24,
} as const;

/** A union of the two above. */
export const SOCKADDR_INET = { size: 28, si_family: 0 } as const;

export const IP_ADDRESS_PREFIX = { size: 32, Prefix: 0, PrefixLength: 28 } as const;

export const MIB_UNICASTIPADDRESS_ROW = {
  size: 80,
  Address: 0,
  InterfaceLuid: 32,
  InterfaceIndex: 40,
  PrefixOrigin: 44,
  SuffixOrigin: 48,
  ValidLifetime: 52,
  PreferredLifetime: 56,
  OnLinkPrefixLength: 60,
  SkipAsSource: 61,
  DadState: 64,
  ScopeId: 68,
  CreationTimeStamp: 72,
} as const;

/** Rows follow each other from `Table`. `size` counts one of them, as C does. */
export const MIB_UNICASTIPADDRESS_TABLE = { size: 88, NumEntries: 0, Table: 8 } as const;

export const MIB_IPINTERFACE_ROW = {
  size: 168,
  Family: 0,
  InterfaceLuid: 8,
  InterfaceIndex: 16,
  MaxReassemblySize: 20,
  InterfaceIdentifier: 24,
  MinRouterAdvertisementInterval: 32,
  MaxRouterAdvertisementInterval: 36,
  AdvertisingEnabled: 40,
  ForwardingEnabled: 41,
  WeakHostSend: 42,
  WeakHostReceive: 43,
  UseAutomaticMetric: 44,
  UseNeighborUnreachabilityDetection: 45,
  ManagedAddressConfigurationSupported: 46,
  OtherStatefulConfigurationSupported: 47,
  AdvertiseDefaultRoute: 48,
  RouterDiscoveryBehavior: 52,
  DadTransmits: 56,
  BaseReachableTime: 60,
  RetransmitTime: 64,
  PathMtuDiscoveryTimeout: 68,
  LinkLocalAddressBehavior: 72,
  LinkLocalAddressTimeout: 76,
  ZoneIndices: 80,
  SitePrefixLength: 144,
  Metric: 148,
  NlMtu: 152,
  Connected: 156,
  SupportsWakeUpPatterns: 157,
  SupportsNeighborDiscovery: 158,
  SupportsRouterDiscovery: 159,
  ReachableTime: 160,
  TransmitOffload: 164,
  ReceiveOffload: 165,
  DisableDefaultRoutes: 166,
} as const;

export const MIB_IF_ROW2 = {
  size: 1352,
  InterfaceLuid: 0,
  InterfaceIndex: 8,
  InterfaceGuid: 12,
  Alias: 28,
  Description: 542,
  Mtu: 1124,
  Type: 1128,
  OperStatus: 1156,
  AdminStatus: 1160,
  MediaConnectState: 1164,
} as const;

export const MIB_IF_TABLE2 = { size: 1360, NumEntries: 0, Table: 8 } as const;

export const MIB_IPFORWARD_ROW2 = {
  size: 104,
  InterfaceLuid: 0,
  InterfaceIndex: 8,
  DestinationPrefix: 12,
  NextHop: 44,
  SitePrefixLength: 72,
  ValidLifetime: 76,
  PreferredLifetime: 80,
  Metric: 84,
  Protocol: 88,
  Loopback: 92,
  AutoconfigureAddress: 93,
  Publish: 94,
  Immortal: 95,
  Age: 96,
  Origin: 100,
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
  RegisterAdapterName: 44,
  EnableLLMNR: 48,
  QueryAdapterName: 52,
  ProfileNameServer: 56,
} as const;
