/* The rows of netioapi.h with the layout of 64-bit Windows. Names are those of the SDK. */
#pragma once

#include <string.h>

#include "platform.h"

#define WINDOWS_AF_UNSPEC 0
#define WINDOWS_AF_INET 2
#define WINDOWS_AF_INET6 23

union SOCKADDR_INET {
    struct {
        uint16_t sin_family, sin_port;
        uint8_t sin_addr[4];
        uint8_t sin_zero[8];
    } Ipv4;
    struct {
        uint16_t sin6_family, sin6_port;
        uint32_t sin6_flowinfo;
        uint8_t sin6_addr[16];
        uint32_t sin6_scope_id;
    } Ipv6;
    uint16_t si_family;
};
_Static_assert(sizeof(union SOCKADDR_INET) == 28, "SOCKADDR_INET");

/* Returns the number of bytes of an address of that family, or 0 if it is neither IPv4 nor IPv6. */
static inline size_t sockaddr_bytes(uint16_t family) {
    return family == WINDOWS_AF_INET ? 4 : family == WINDOWS_AF_INET6 ? 16 : 0;
}

/* Writes all 16 bytes of `bytes`: an IPv4 address is followed by zeros. Returns false if it is neither IPv4 nor
 * IPv6. */
static inline bool sockaddr_read(const union SOCKADDR_INET *from, uint8_t bytes[16]) {
    const size_t size = sockaddr_bytes(from->si_family);
    memset(bytes, 0, 16);
    memcpy(bytes, size == 4 ? from->Ipv4.sin_addr : from->Ipv6.sin6_addr, size);
    return size != 0;
}

static inline void sockaddr_write(union SOCKADDR_INET *to, uint16_t family, const uint8_t bytes[16]) {
    *to = (union SOCKADDR_INET){.si_family = family};
    memcpy(family == WINDOWS_AF_INET ? to->Ipv4.sin_addr : to->Ipv6.sin6_addr, bytes, sockaddr_bytes(family));
}

struct MIB_UNICASTIPADDRESS_ROW {
    union SOCKADDR_INET Address;
    uint64_t InterfaceLuid;
    uint32_t InterfaceIndex;
    uint32_t PrefixOrigin;
    uint32_t SuffixOrigin;
    uint32_t ValidLifetime;
    uint32_t PreferredLifetime;
    uint8_t OnLinkPrefixLength;
    uint8_t SkipAsSource;
    uint32_t DadState;
    uint32_t ScopeId;
    uint64_t CreationTimeStamp;
};
_Static_assert(sizeof(struct MIB_UNICASTIPADDRESS_ROW) == 80, "MIB_UNICASTIPADDRESS_ROW");
_Static_assert(offsetof(struct MIB_UNICASTIPADDRESS_ROW, InterfaceLuid) == 32, "MIB_UNICASTIPADDRESS_ROW");
_Static_assert(offsetof(struct MIB_UNICASTIPADDRESS_ROW, OnLinkPrefixLength) == 60, "MIB_UNICASTIPADDRESS_ROW");
_Static_assert(offsetof(struct MIB_UNICASTIPADDRESS_ROW, DadState) == 64, "MIB_UNICASTIPADDRESS_ROW");
_Static_assert(offsetof(struct MIB_UNICASTIPADDRESS_ROW, CreationTimeStamp) == 72, "MIB_UNICASTIPADDRESS_ROW");

struct MIB_UNICASTIPADDRESS_TABLE {
    uint32_t NumEntries;
    struct MIB_UNICASTIPADDRESS_ROW Table[];
};
_Static_assert(offsetof(struct MIB_UNICASTIPADDRESS_TABLE, Table) == 8, "MIB_UNICASTIPADDRESS_TABLE");

struct MIB_IPINTERFACE_ROW {
    uint16_t Family;
    uint64_t InterfaceLuid;
    uint32_t InterfaceIndex;
    uint32_t MaxReassemblySize;
    uint64_t InterfaceIdentifier;
    uint32_t MinRouterAdvertisementInterval;
    uint32_t MaxRouterAdvertisementInterval;
    uint8_t AdvertisingEnabled;
    uint8_t ForwardingEnabled;
    uint8_t WeakHostSend;
    uint8_t WeakHostReceive;
    uint8_t UseAutomaticMetric;
    uint8_t UseNeighborUnreachabilityDetection;
    uint8_t ManagedAddressConfigurationSupported;
    uint8_t OtherStatefulConfigurationSupported;
    uint8_t AdvertiseDefaultRoute;
    uint32_t RouterDiscoveryBehavior;
    uint32_t DadTransmits;
    uint32_t BaseReachableTime;
    uint32_t RetransmitTime;
    uint32_t PathMtuDiscoveryTimeout;
    uint32_t LinkLocalAddressBehavior;
    uint32_t LinkLocalAddressTimeout;
    uint32_t ZoneIndices[16];
    uint32_t SitePrefixLength;
    uint32_t Metric;
    uint32_t NlMtu;
    uint8_t Connected;
    uint8_t SupportsWakeUpPatterns;
    uint8_t SupportsNeighborDiscovery;
    uint8_t SupportsRouterDiscovery;
    uint32_t ReachableTime;
    uint8_t TransmitOffload;
    uint8_t ReceiveOffload;
    uint8_t DisableDefaultRoutes;
};
_Static_assert(sizeof(struct MIB_IPINTERFACE_ROW) == 168, "MIB_IPINTERFACE_ROW");
_Static_assert(offsetof(struct MIB_IPINTERFACE_ROW, InterfaceLuid) == 8, "MIB_IPINTERFACE_ROW");
_Static_assert(offsetof(struct MIB_IPINTERFACE_ROW, UseAutomaticMetric) == 44, "MIB_IPINTERFACE_ROW");
_Static_assert(offsetof(struct MIB_IPINTERFACE_ROW, SitePrefixLength) == 144, "MIB_IPINTERFACE_ROW");
_Static_assert(offsetof(struct MIB_IPINTERFACE_ROW, Metric) == 148, "MIB_IPINTERFACE_ROW");
_Static_assert(offsetof(struct MIB_IPINTERFACE_ROW, NlMtu) == 152, "MIB_IPINTERFACE_ROW");
_Static_assert(offsetof(struct MIB_IPINTERFACE_ROW, Connected) == 156, "MIB_IPINTERFACE_ROW");

struct MIB_IF_ROW2 {
    uint64_t InterfaceLuid;
    uint32_t InterfaceIndex;
    GUID InterfaceGuid;
    WCHAR Alias[257];
    WCHAR Description[257];
    uint32_t PhysicalAddressLength;
    uint8_t PhysicalAddress[32];
    uint8_t PermanentPhysicalAddress[32];
    uint32_t Mtu;
    uint32_t Type;
    uint32_t TunnelType;
    uint32_t MediaType;
    uint32_t PhysicalMediumType;
    uint32_t AccessType;
    uint32_t DirectionType;
    uint8_t InterfaceAndOperStatusFlags;
    uint32_t OperStatus;
    uint32_t AdminStatus;
    uint32_t MediaConnectState;
    GUID NetworkGuid;
    uint32_t ConnectionType;
    uint64_t TransmitLinkSpeed, ReceiveLinkSpeed;
    uint64_t InOctets, InUcastPkts, InNUcastPkts, InDiscards, InErrors, InUnknownProtos;
    uint64_t InUcastOctets, InMulticastOctets, InBroadcastOctets;
    uint64_t OutOctets, OutUcastPkts, OutNUcastPkts, OutDiscards, OutErrors;
    uint64_t OutUcastOctets, OutMulticastOctets, OutBroadcastOctets, OutQLen;
};
_Static_assert(sizeof(struct MIB_IF_ROW2) == 1352, "MIB_IF_ROW2");
_Static_assert(offsetof(struct MIB_IF_ROW2, Alias) == 28, "MIB_IF_ROW2");
_Static_assert(offsetof(struct MIB_IF_ROW2, Mtu) == 1124, "MIB_IF_ROW2");
_Static_assert(offsetof(struct MIB_IF_ROW2, InterfaceAndOperStatusFlags) == 1152, "MIB_IF_ROW2");
_Static_assert(offsetof(struct MIB_IF_ROW2, OperStatus) == 1156, "MIB_IF_ROW2");
_Static_assert(offsetof(struct MIB_IF_ROW2, NetworkGuid) == 1168, "MIB_IF_ROW2");
_Static_assert(offsetof(struct MIB_IF_ROW2, InOctets) == 1208, "MIB_IF_ROW2");
_Static_assert(offsetof(struct MIB_IF_ROW2, OutQLen) == 1344, "MIB_IF_ROW2");

struct MIB_IF_TABLE2 {
    uint32_t NumEntries;
    struct MIB_IF_ROW2 Table[];
};
_Static_assert(offsetof(struct MIB_IF_TABLE2, Table) == 8, "MIB_IF_TABLE2");

struct IP_ADDRESS_PREFIX {
    union SOCKADDR_INET Prefix;
    uint8_t PrefixLength;
};
_Static_assert(sizeof(struct IP_ADDRESS_PREFIX) == 32, "IP_ADDRESS_PREFIX");

struct MIB_IPFORWARD_ROW2 {
    uint64_t InterfaceLuid;
    uint32_t InterfaceIndex;
    struct IP_ADDRESS_PREFIX DestinationPrefix;
    union SOCKADDR_INET NextHop;
    uint8_t SitePrefixLength;
    uint32_t ValidLifetime;
    uint32_t PreferredLifetime;
    uint32_t Metric;
    uint32_t Protocol;
    uint8_t Loopback;
    uint8_t AutoconfigureAddress;
    uint8_t Publish;
    uint8_t Immortal;
    uint32_t Age;
    uint32_t Origin;
};
_Static_assert(sizeof(struct MIB_IPFORWARD_ROW2) == 104, "MIB_IPFORWARD_ROW2");
_Static_assert(offsetof(struct MIB_IPFORWARD_ROW2, DestinationPrefix) == 12, "MIB_IPFORWARD_ROW2");
_Static_assert(offsetof(struct MIB_IPFORWARD_ROW2, NextHop) == 44, "MIB_IPFORWARD_ROW2");
_Static_assert(offsetof(struct MIB_IPFORWARD_ROW2, SitePrefixLength) == 72, "MIB_IPFORWARD_ROW2");
_Static_assert(offsetof(struct MIB_IPFORWARD_ROW2, Metric) == 84, "MIB_IPFORWARD_ROW2");
_Static_assert(offsetof(struct MIB_IPFORWARD_ROW2, Protocol) == 88, "MIB_IPFORWARD_ROW2");
_Static_assert(offsetof(struct MIB_IPFORWARD_ROW2, Immortal) == 95, "MIB_IPFORWARD_ROW2");
_Static_assert(offsetof(struct MIB_IPFORWARD_ROW2, Origin) == 100, "MIB_IPFORWARD_ROW2");

struct MIB_IPFORWARD_TABLE2 {
    uint32_t NumEntries;
    struct MIB_IPFORWARD_ROW2 Table[];
};
_Static_assert(offsetof(struct MIB_IPFORWARD_TABLE2, Table) == 8, "MIB_IPFORWARD_TABLE2");

struct DNS_INTERFACE_SETTINGS {
    uint32_t Version;
    uint64_t Flags;
    WCHAR *Domain;
    WCHAR *NameServer;
    WCHAR *SearchList;
    uint32_t RegistrationEnabled;
    uint32_t RegisterAdapterName;
    uint32_t EnableLLMNR;
    uint32_t QueryAdapterName;
    WCHAR *ProfileNameServer;
};
_Static_assert(sizeof(struct DNS_INTERFACE_SETTINGS) == 64, "DNS_INTERFACE_SETTINGS");
_Static_assert(offsetof(struct DNS_INTERFACE_SETTINGS, Flags) == 8, "DNS_INTERFACE_SETTINGS");
_Static_assert(offsetof(struct DNS_INTERFACE_SETTINGS, NameServer) == 24, "DNS_INTERFACE_SETTINGS");
_Static_assert(offsetof(struct DNS_INTERFACE_SETTINGS, ProfileNameServer) == 56, "DNS_INTERFACE_SETTINGS");
