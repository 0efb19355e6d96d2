/* The packets of a measurement, and the right replies to them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench_packets {
    uint8_t *requests, *replies; /* as many of each, in the same order */
    uint32_t packet_bytes;
    uint32_t next;
    uint8_t protocol;
};

/* True for ICMP or UDP and a size from 28 (an IPv4 header and the header of ICMP echo or UDP) to 65535 bytes. */
bool bench_packets_can_be(uint32_t protocol, uint32_t packet_bytes);
/* Makes the requests and their replies. Returns false without memory. bench_packets_free() is due in both cases. */
bool bench_packets_make(struct bench_packets *packets, uint32_t protocol, uint32_t packet_bytes);
void bench_packets_free(struct bench_packets *packets);
/* Returns the next request, of packet_bytes, which stays the property of `packets`. */
const uint8_t *bench_packets_next(struct bench_packets *packets);
/* True if these bytes are the right reply to one of the requests. */
bool bench_packets_is_reply(const struct bench_packets *packets, const uint8_t *packet, uint32_t size);
