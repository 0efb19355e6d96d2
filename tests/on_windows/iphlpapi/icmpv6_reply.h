/* The reply to an ICMPv6 echo request as ipexport.h of Windows declares it. That of mingw-w64 lacks it, and does not
 * pack the address. */
#pragma once

#include <windows.h>

#pragma pack(push, 1)
struct icmpv6_address {
    USHORT sin6_port;
    ULONG sin6_flowinfo;
    USHORT sin6_addr[8];
    ULONG sin6_scope_id;
};
#pragma pack(pop)

typedef struct icmpv6_echo_reply_lh {
    struct icmpv6_address Address;
    ULONG Status;
    unsigned int RoundTripTime;
} ICMPV6_ECHO_REPLY;
