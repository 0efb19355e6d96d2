/*
 * The ICMP functions of iphlpapi, on Linux: they ping through the kernel, so that pings pass through the adapters' TUN
 * devices. A request with an event is done before the function returns, which a caller cannot tell from a fast reply.
 */
#include <string.h>

#include "iphlpapi_rows.h"
#include "linux.h"
#include "linux_ping.h"

#define ERROR_IO_PENDING 997u
#define HANDLE_OF_ICMP ((HANDLE)(uintptr_t)0x1C3B)

struct ICMP_ECHO_REPLY {
    uint8_t Address[4];
    uint32_t Status, RoundTripTime;
    uint16_t DataSize, Reserved;
    void *Data;
    uint8_t Options[16];
};
_Static_assert(sizeof(struct ICMP_ECHO_REPLY) == 40, "ICMP_ECHO_REPLY");

struct ICMPV6_ECHO_REPLY {
    uint8_t Address[26];
    uint32_t Status, RoundTripTime;
};
_Static_assert(sizeof(struct ICMPV6_ECHO_REPLY) == 36, "ICMPV6_ECHO_REPLY");

EXPORT HANDLE WINAPI IcmpCreateFile(void) {
    return HANDLE_OF_ICMP;
}

EXPORT HANDLE WINAPI Icmp6CreateFile(void) {
    return HANDLE_OF_ICMP;
}

EXPORT BOOL WINAPI IcmpCloseHandle(HANDLE handle) {
    return handle == HANDLE_OF_ICMP;
}

/* Returns what a function returns that has begun a request, or has done it if there is no event. */
static DWORD finish(HANDLE event, uint32_t status) {
    if (event)
        SetEvent(event);
    SetLastError(event ? ERROR_IO_PENDING : status);
    return !event && status == PING_SUCCESS;
}

EXPORT DWORD WINAPI IcmpSendEcho2(HANDLE handle, HANDLE event, void *routine, void *context, uint32_t address,
                                  const void *data, WORD size, const void *options, void *buffer, DWORD room,
                                  DWORD timeout) {
    (void)routine, (void)context, (void)options;
    struct ICMP_ECHO_REPLY *reply = buffer;
    if (handle != HANDLE_OF_ICMP || size > PING_MAX_DATA || room < sizeof *reply + size) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    struct ping ping = {.version = 4, .timeout_ms = timeout, .size = size};
    memcpy(ping.address, &address, sizeof address);
    const struct ping_result result = linux_ping(&ping, data, reply + 1);
    *reply = (struct ICMP_ECHO_REPLY){.Status = result.status,
                                      .RoundTripTime = result.round_trip_ms,
                                      .DataSize = (uint16_t)result.size,
                                      .Data = reply + 1};
    memcpy(reply->Address, &address, sizeof address);
    return finish(event, result.status);
}

EXPORT DWORD WINAPI Icmp6SendEcho2(HANDLE handle, HANDLE event, void *routine, void *context,
                                   const union SOCKADDR_INET *source, const union SOCKADDR_INET *destination,
                                   const void *data, WORD size, const void *options, void *buffer, DWORD room,
                                   DWORD timeout) {
    (void)routine, (void)context, (void)options, (void)source;
    struct ICMPV6_ECHO_REPLY *reply = buffer;
    if (handle != HANDLE_OF_ICMP || size > PING_MAX_DATA || room < sizeof *reply + size ||
        destination->si_family != WINDOWS_AF_INET6) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    struct ping ping = {.version = 6, .timeout_ms = timeout, .size = size};
    memcpy(ping.address, destination->Ipv6.sin6_addr, sizeof ping.address);
    const struct ping_result result = linux_ping(&ping, data, reply + 1);
    *reply = (struct ICMPV6_ECHO_REPLY){.Status = result.status, .RoundTripTime = result.round_trip_ms};
    return finish(event, result.status);
}
