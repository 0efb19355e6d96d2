#define _GNU_SOURCE
#include "linux_ping.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Both versions have the same header: type, code, checksum, identifier, sequence (RFC 792, RFC 4443). */
struct echo_header {
    uint8_t type, code;
    uint16_t checksum, identifier, sequence;
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint16_t checksum_of(const uint8_t *bytes, size_t size) {
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += (uint32_t)bytes[i] << (i % 2 ? 0 : 8);
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return htons((uint16_t)~sum);
}

static uint32_t status_of(int error) {
    switch (error) {
    case ENETUNREACH:
        return PING_NET_UNREACHABLE;
    case EHOSTUNREACH:
        return PING_HOST_UNREACHABLE;
    case EMSGSIZE:
        return PING_PACKET_TOO_BIG;
    default:
        return PING_GENERAL_FAILURE;
    }
}

/* Opens a socket that is connected to the address. Returns -1 on failure. */
static int open_socket(const struct ping *ping) {
    struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
    memcpy(&ipv4.sin_addr, ping->address, 4);
    memcpy(&ipv6.sin6_addr, ping->address, 16);
    const bool is_ipv6 = ping->version == 6;
    int fd = socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, is_ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
    if (fd < 0)
        return -1;
    /* The kernel checks and calculates the checksums of ICMPv6 itself. A connected socket gets the address's packets only. */
    int connected = is_ipv6 ? connect(fd, (struct sockaddr *)&ipv6, sizeof ipv6)
                            : connect(fd, (struct sockaddr *)&ipv4, sizeof ipv4);
    if (connected == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Returns the size of the data of our reply in `packet`, and moves it to `*data`; -1 if it is another packet. */
static ssize_t data_of_reply(const struct ping *ping, const struct echo_header *request, const uint8_t *packet,
                             ssize_t size, const uint8_t **data) {
    /* A raw IPv4 socket gets the IP header too. */
    const ssize_t before = ping->version == 4 ? (packet[0] & 15) * 4 : 0;
    struct echo_header header;
    if (size < before + (ssize_t)sizeof header)
        return -1;
    memcpy(&header, packet + before, sizeof header);
    if (header.type != (ping->version == 6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) ||
        header.identifier != request->identifier || header.sequence != request->sequence)
        return -1;
    *data = packet + before + sizeof header;
    return size - before - (ssize_t)sizeof header;
}

static struct ping_result await_reply(int fd, const struct ping *ping, const struct echo_header *request, uint8_t *packet,
                                      size_t room, void *reply) {
    const int64_t sent = now_ms();
    for (;;) {
        const int64_t left = sent + ping->timeout_ms - now_ms();
        if (left <= 0 || poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, (int)left) == 0)
            return (struct ping_result){.status = PING_TIMED_OUT};
        ssize_t size = recv(fd, packet, room, 0);
        if (size < 0 && errno != EINTR)
            return (struct ping_result){.status = status_of(errno)};
        const uint8_t *data;
        ssize_t received = size < 0 ? -1 : data_of_reply(ping, request, packet, size, &data);
        if (received < 0)
            continue;
        struct ping_result result = {.round_trip_ms = (uint32_t)(now_ms() - sent), .size = (uint32_t)received};
        if (result.size > ping->size)
            result.size = ping->size;
        memcpy(reply, data, result.size);
        return result;
    }
}

struct ping_result linux_ping(const struct ping *ping, const void *data, void *reply) {
    static _Atomic uint32_t pings;
    const uint32_t number = pings++;
    struct echo_header request = {
        .type = ping->version == 6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO,
        /* Several processes may ping at once. */
        .identifier = htons((uint16_t)(getpid() + (number >> 16))),
        .sequence = htons((uint16_t)number),
    };
    const size_t size = sizeof request + ping->size, room = size + 60 /* the longest IPv4 header */;
    uint8_t *packet = malloc(room);
    int fd = packet ? open_socket(ping) : -1;
    struct ping_result result = {.status = status_of(errno)};
    if (fd >= 0) {
        memcpy(packet, &request, sizeof request);
        memcpy(packet + sizeof request, data, ping->size);
        const uint16_t checksum = ping->version == 6 ? 0 : checksum_of(packet, size);
        memcpy(packet + offsetof(struct echo_header, checksum), &checksum, sizeof checksum);
        if (send(fd, packet, size, 0) < 0)
            result.status = status_of(errno);
        else
            result = await_reply(fd, ping, &request, packet, room, reply);
        close(fd);
    }
    free(packet);
    return result;
}
