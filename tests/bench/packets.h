/* The packets of a measurement, and what a right reply to them is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench_packets {
    uint8_t *requests, *replies; /* bench_packets_count() of each, in order */
    uint32_t packet_bytes;
    uint32_t next;
    uint8_t protocol;
};

/* 28 bytes are an IPv4 header and the header of ICMP echo or UDP. */
bool bench_packets_can_be(uint32_t protocol, uint32_t packet_bytes);
bool bench_packets_make(struct bench_packets *packets, uint32_t protocol, uint32_t packet_bytes);
void bench_packets_free(struct bench_packets *packets);
const uint8_t *bench_packets_next(struct bench_packets *packets);
/* True if these bytes are the one right reply to some request. */
bool bench_packets_is_reply(const struct bench_packets *packets, const uint8_t *packet, uint32_t size);
