/*
 * Requests differ in identification, sequence number or port, and content, so that no client can answer from memory.
 * The replies are made independently of the clients: their checksums follow the definition of RFC 1071, without
 * shortcuts.
 */
#include "packets.h"

#include <stdlib.h>
#include <string.h>

#define TEMPLATES 64u
#define IPV4_HEADER 20u
#define ICMP 1u
#define UDP 17u
#define SEQUENCE_AT (IPV4_HEADER + 6) /* of ICMP echo */
#define UDP_SOURCE_PORT 40000u

static void put16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static uint32_t get16(const uint8_t *at) {
    return (uint32_t)at[0] << 8 | at[1];
}

/* Returns the checksum of RFC 1071 over the bytes, and over earlier 16-bit words, whose sum is `sum`. */
static uint16_t checksum(const uint8_t *bytes, size_t count, uint64_t sum) {
    for (size_t i = 0; i + 1 < count; i += 2)
        sum += get16(bytes + i);
    if (count % 2)
        sum += (uint32_t)bytes[count - 1] << 8;
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

/* Fills in the checksums of a packet that is otherwise complete. */
static void seal(uint8_t *packet, uint32_t bytes, uint32_t protocol) {
    uint8_t *payload = packet + IPV4_HEADER;
    const uint32_t payload_bytes = bytes - IPV4_HEADER;
    put16(packet + 10, 0);
    put16(packet + 10, checksum(packet, IPV4_HEADER, 0));
    uint8_t *at = payload + (protocol == ICMP ? 2 : 6);
    uint64_t pseudo_header = 0;
    if (protocol == UDP) {
        for (int i = 12; i < 20; i += 2)
            pseudo_header += get16(packet + i);
        pseudo_header += UDP + payload_bytes;
    }
    put16(at, 0);
    const uint16_t sum = checksum(payload, payload_bytes, pseudo_header);
    put16(at, protocol == UDP && sum == 0 ? 0xFFFF : sum);
}

static void make(uint8_t *packet, uint32_t bytes, uint32_t protocol, uint32_t number, bool reply) {
    static const uint8_t client[4] = {10, 6, 7, 8}, served[4] = {10, 6, 7, 9};
    uint8_t *payload = packet + IPV4_HEADER;
    memset(packet, 0, bytes);
    packet[0] = 0x45;
    put16(packet + 2, bytes);
    put16(packet + 4, 0x1000 + number);
    packet[8] = 64;
    packet[9] = (uint8_t)protocol;
    memcpy(packet + 12, reply ? served : client, 4);
    memcpy(packet + 16, reply ? client : served, 4);
    for (uint32_t i = 8; i < bytes - IPV4_HEADER; i++)
        payload[i] = (uint8_t)(i * 7 + number);
    if (protocol == ICMP) {
        payload[0] = reply ? 0 : 8;
        put16(payload + 4, 0xBEEF);
        put16(payload + 6, number);
    } else {
        put16(payload + (reply ? 2 : 0), UDP_SOURCE_PORT + number);
        put16(payload + (reply ? 0 : 2), 7);
        put16(payload + 4, bytes - IPV4_HEADER);
    }
    seal(packet, bytes, protocol);
}

bool bench_packets_can_be(uint32_t protocol, uint32_t packet_bytes) {
    return (protocol == ICMP || protocol == UDP) && packet_bytes >= IPV4_HEADER + 8 && packet_bytes <= 0xFFFF;
}

bool bench_packets_make(struct bench_packets *packets, uint32_t protocol, uint32_t packet_bytes) {
    *packets = (struct bench_packets){
        .requests = malloc((size_t)TEMPLATES * packet_bytes),
        .replies = malloc((size_t)TEMPLATES * packet_bytes),
        .packet_bytes = packet_bytes,
        .protocol = (uint8_t)protocol,
    };
    if (!packets->requests || !packets->replies)
        return false;
    for (uint32_t i = 0; i < TEMPLATES; i++) {
        make(packets->requests + (size_t)i * packet_bytes, packet_bytes, protocol, i, false);
        make(packets->replies + (size_t)i * packet_bytes, packet_bytes, protocol, i, true);
    }
    return true;
}

void bench_packets_free(struct bench_packets *packets) {
    free(packets->requests);
    free(packets->replies);
    packets->requests = packets->replies = NULL;
}

const uint8_t *bench_packets_next(struct bench_packets *packets) {
    const uint32_t number = packets->next++ % TEMPLATES;
    return packets->requests + (size_t)number * packets->packet_bytes;
}

bool bench_packets_is_reply(const struct bench_packets *packets, const uint8_t *packet, uint32_t size) {
    if (size != packets->packet_bytes)
        return false;
    const uint8_t *ports = packet + IPV4_HEADER;
    const uint32_t number = packets->protocol == ICMP ? get16(packet + SEQUENCE_AT)
                                                      : get16(ports + 2) - UDP_SOURCE_PORT;
    return number < TEMPLATES && !memcmp(packet, packets->replies + (size_t)number * size, size);
}
