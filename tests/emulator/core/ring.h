/*
 * The memory that a Wintun session shares with the driver. It is one region with two rings: first the packets from the
 * driver to the client, then the packets from the client to the driver.
 *
 * A ring is a header of three words, followed by the data. `head` and `tail` are byte offsets into the data, multiples
 * of 4 below the capacity. A value at or above the capacity means that the writer of that word is gone. The data has
 * room for one more packet after the capacity, so that no packet wraps.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define RING_MIN_CAPACITY 0x20000u
#define RING_MAX_CAPACITY 0x4000000u
#define RING_MAX_PACKET 0xFFFFu
#define RING_ALIGNMENT 4u
#define RING_GONE UINT32_MAX

/* This flag is set in a packet's size from AllocateSendPacket until SendPacket, and again from ReleaseReceivePacket
 * on. */
#define PACKET_BUSY 0x80000000u

struct packet {
    uint32_t size;
    uint8_t data[];
};

struct ring {
    _Atomic uint32_t head;
    _Atomic uint32_t tail;
    _Atomic int32_t alertable; /* the reader of the ring sleeps and needs the event */
    uint8_t data[];
};

/* The bytes that a packet occupies in a ring. */
static inline uint32_t packet_room(uint32_t size) {
    return ((uint32_t)sizeof(struct packet) + size + RING_ALIGNMENT - 1) & ~(RING_ALIGNMENT - 1);
}

static inline uint32_t ring_bytes(uint32_t capacity) {
    return (uint32_t)sizeof(struct ring) + capacity + packet_room(RING_MAX_PACKET) - RING_ALIGNMENT;
}

static inline uint32_t ring_wrap(uint32_t offset, uint32_t capacity) {
    return offset & (capacity - 1);
}

static inline bool ring_capacity_is_valid(uint32_t capacity) {
    return capacity >= RING_MIN_CAPACITY && capacity <= RING_MAX_CAPACITY && !(capacity & (capacity - 1));
}

static inline struct packet *ring_packet(struct ring *ring, uint32_t offset) {
    return (struct packet *)(ring->data + offset);
}
