/* Pings through the kernel of this Linux machine, for the stand-ins of Windows' ICMP. */
#pragma once

#include <stdint.h>

/* IP_STATUS of ipexport.h. */
#define PING_SUCCESS 0
#define PING_NET_UNREACHABLE 11002
#define PING_HOST_UNREACHABLE 11003
#define PING_PACKET_TOO_BIG 11009
#define PING_TIMED_OUT 11010
#define PING_GENERAL_FAILURE 11050

#define PING_MAX_DATA 65500 /* the limit of ping.exe */

struct ping {
    uint32_t version;    /* 4 or 6 */
    uint32_t timeout_ms;
    uint32_t size;       /* bytes of data, at most PING_MAX_DATA */
    uint8_t address[16]; /* 4 of them for IPv4 */
};

struct ping_result {
    uint32_t status; /* an IP_STATUS */
    uint32_t round_trip_ms;
    uint32_t size; /* bytes of the reply's data */
};

/* Sends an echo request with a raw socket, and blocks until its reply is there or the time is over. Needs root. `reply`
 * has room for `ping->size` bytes; a longer reply is cut off. */
struct ping_result linux_ping(const struct ping *ping, const void *data, void *reply);
