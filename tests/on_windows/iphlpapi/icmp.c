/*
 * Pings. IPv4 goes through Wine's own ICMP and IPv6, which Wine lacks, through the machine. Each request with an event
 * has a thread of its own: Wine 10 writes the IO_STATUS_BLOCK of such a request onto the stack of a function that has
 * returned.
 */
#include "standin.h"

#include <icmpapi.h>
#include <stdlib.h>

#include "icmpv6_reply.h"

struct request {
    HANDLE handle, event;
    bool is_ipv6;
    IPAddr ipv4;
    struct sockaddr_in6 ipv6;
    void *data, *reply;
    WORD size;
    PIP_OPTION_INFORMATION options;
    DWORD room, timeout;
};

static DWORD ping_ipv4(const struct request *request) {
    DWORD replies = WINE(IcmpSendEcho2)(request->handle, NULL, NULL, NULL, request->ipv4, request->data, request->size,
                                        request->options, request->reply, request->room, request->timeout);
    ICMP_ECHO_REPLY *reply = request->reply;
    if (!replies)
        *reply = (ICMP_ECHO_REPLY){.Address = request->ipv4, .Status = GetLastError()};
    return reply->Status;
}

static DWORD ping_ipv6(const struct request *request) {
    ICMPV6_ECHO_REPLY *reply = request->reply;
    struct machine_ping ping = {.version = 6, .timeout_ms = request->timeout, .size = request->size};
    memcpy(ping.address, &request->ipv6.sin6_addr, sizeof ping.address);
    const uint32_t size = (uint32_t)sizeof ping + request->size;
    char *body = malloc(size);
    *reply = (ICMPV6_ECHO_REPLY){.Status = IP_GENERAL_FAILURE};
    if (!body)
        return reply->Status;
    memcpy(body, &ping, sizeof ping);
    memcpy(body + sizeof ping, request->data, request->size);
    void *answer;
    uint32_t answered = 0;
    DWORD error = machine_ask_once(MACHINE_PING, body, size, &answer, &answered);
    const struct machine_pinged *pinged = answer;
    if (error == ERROR_SUCCESS && answered >= sizeof *pinged) {
        reply->Status = pinged->status;
        reply->RoundTripTime = pinged->round_trip_ms;
        memcpy(reply + 1, pinged + 1, answered - sizeof *pinged);
    }
    free(answer);
    free(body);
    return reply->Status;
}

static DWORD ping(const struct request *request) {
    return request->is_ipv6 ? ping_ipv6(request) : ping_ipv4(request);
}

static DWORD WINAPI ping_on_thread(void *context) {
    struct request *request = context;
    ping(request);
    SetEvent(request->event);
    free(request);
    return 0;
}

/* Takes the request over, which is allocated. */
static DWORD begin(struct request *request) {
    if (!request->event) {
        DWORD status = ping(request);
        free(request);
        SetLastError(status);
        return status == IP_SUCCESS;
    }
    ResetEvent(request->event);
    if (!QueueUserWorkItem(ping_on_thread, request, WT_EXECUTELONGFUNCTION)) {
        free(request);
        return 0;
    }
    SetLastError(ERROR_IO_PENDING);
    return 0;
}

static struct request *new_request(struct request request) {
    struct request *copy = malloc(sizeof *copy);
    if (copy)
        *copy = request;
    else
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return copy;
}

EXPORT DWORD WINAPI IcmpSendEcho2(HANDLE handle, HANDLE event, FARPROC routine, PVOID context, IPAddr address, LPVOID data,
                                  WORD size, PIP_OPTION_INFORMATION options, LPVOID reply, DWORD room, DWORD timeout) {
    (void)routine, (void)context;
    struct request *request = new_request((struct request){.handle = handle,
                                                           .event = event,
                                                           .ipv4 = address,
                                                           .data = data,
                                                           .size = size,
                                                           .options = options,
                                                           .reply = reply,
                                                           .room = room,
                                                           .timeout = timeout});
    return request ? begin(request) : 0;
}

/* IcmpCloseHandle is Wine's, so the handle is one of Wine's too. */
EXPORT HANDLE WINAPI Icmp6CreateFile(VOID) {
    return WINE(IcmpCreateFile)();
}

EXPORT DWORD WINAPI Icmp6SendEcho2(HANDLE handle, HANDLE event, FARPROC routine, PVOID context, struct sockaddr_in6 *source,
                                   struct sockaddr_in6 *destination, LPVOID data, WORD size,
                                   PIP_OPTION_INFORMATION options, LPVOID reply, DWORD room, DWORD timeout) {
    (void)routine, (void)context, (void)source;
    if (destination->sin6_family != AF_INET6 || room < sizeof(ICMPV6_ECHO_REPLY) + size) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    struct request *request = new_request((struct request){.handle = handle,
                                                           .event = event,
                                                           .is_ipv6 = true,
                                                           .ipv6 = *destination,
                                                           .data = data,
                                                           .size = size,
                                                           .options = options,
                                                           .reply = reply,
                                                           .room = room,
                                                           .timeout = timeout});
    return request ? begin(request) : 0;
}
