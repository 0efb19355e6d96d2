/*
 * The driver's half of a session. It moves packets from the link into the incoming ring, and from the outgoing ring to
 * the link. With a link it has two threads. Without a link it has none: tests and benchmarks put and take the packets.
 */
#include <string.h>

#include "emulator.h"

#define LINK_BATCH 64
/* How long the writer looks for more packets before it declares itself asleep: 1/10 ms, as in the real driver. */
#define SPIN_NS 100000u

bool driver_accepts(const uint8_t *packet, uint32_t size) {
    return (size >= 20 && packet[0] >> 4 == 4) || (size >= 40 && packet[0] >> 4 == 6);
}

uint32_t driver_space(const struct driver *driver) {
    const uint32_t head = atomic_load_explicit(&driver->incoming->head, memory_order_acquire);
    if (head >= driver->capacity || driver->disconnected)
        return 0;
    return ring_wrap(head - driver->staged_tail - RING_ALIGNMENT, driver->capacity);
}

bool driver_stage(struct driver *driver, const void *data, uint32_t size) {
    if (driver_space(driver) < packet_room(size)) {
        driver->device->sent_discards++;
        return false;
    }
    struct packet *packet = ring_packet(driver->incoming, driver->staged_tail);
    packet->size = size;
    memcpy(packet->data, data, size);
    driver->staged_tail = ring_wrap(driver->staged_tail + packet_room(size), driver->capacity);
    atomic_fetch_add_explicit(&driver->device->sent_packets, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&driver->device->sent_bytes, size, memory_order_relaxed);
    return true;
}

bool driver_show(struct driver *driver) {
    if (driver->disconnected ||
        atomic_load_explicit(&driver->incoming->tail, memory_order_relaxed) == driver->staged_tail)
        return false;
    atomic_store_explicit(&driver->incoming->tail, driver->staged_tail, memory_order_release);
    return true;
}

void driver_publish(struct driver *driver) {
    if (driver_show(driver))
        SetEvent(driver->read_event);
}

/* Makes the client's sends fail from now on, because the adapter is gone. Call it only from the thread that takes
 * packets, or after that thread has ended. */
static void close_outgoing(struct driver *driver) {
    driver->taken_head = RING_GONE;
    atomic_store_explicit(&driver->outgoing->head, RING_GONE, memory_order_release);
}

enum driver_taken driver_peek(struct driver *driver, const uint8_t **data, uint32_t *size) {
    struct ring *ring = driver->outgoing;
    if (driver->taken_head >= driver->capacity)
        return DRIVER_DEAD;
    const uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    if (tail == driver->taken_head)
        return DRIVER_EMPTY;
    const uint32_t content = ring_wrap(tail - driver->taken_head, driver->capacity);
    const struct packet *packet = ring_packet(ring, driver->taken_head);
    if (tail >= driver->capacity || content < sizeof(struct packet) || packet->size > RING_MAX_PACKET ||
        packet_room(packet->size) > content) {
        close_outgoing(driver);
        return DRIVER_DEAD;
    }
    *data = packet->data;
    *size = packet->size;
    return DRIVER_PACKET;
}

void driver_advance(struct driver *driver, uint32_t size) {
    driver->taken_head = ring_wrap(driver->taken_head + packet_room(size), driver->capacity);
    atomic_store_explicit(&driver->outgoing->head, driver->taken_head, memory_order_release);
}

/* Makes the client's receives fail from now on, because the adapter is gone. */
static void close_incoming(struct driver *driver) {
    platform_lock_enter(&driver->lock);
    driver->disconnected = true;
    atomic_store_explicit(&driver->incoming->tail, RING_GONE, memory_order_release);
    SetEvent(driver->read_event);
    platform_lock_leave(&driver->lock);
}

static void read_link(void *context) {
    struct driver *driver = context;
    uint8_t packet[RING_MAX_PACKET];
    int size = 0;
    while (!driver->stopping && size >= 0) {
        platform_link_wait(driver->link);
        platform_lock_enter(&driver->lock);
        for (int count = 0; count < LINK_BATCH; count++) {
            size = platform_link_receive(driver->link, packet, sizeof packet);
            if (size <= 0)
                break;
            driver_stage(driver, packet, (uint32_t)size);
        }
        driver_publish(driver);
        platform_lock_leave(&driver->lock);
    }
    if (!driver->stopping) { /* the device was removed */
        driver->stopping = true;
        close_incoming(driver);
        SetEvent(driver->send_event);
    }
}

/* Waits for a packet of the client. Returns false when the session ends or the ring is dead. */
static bool writer_has_packet(struct driver *driver, const uint8_t **packet, uint32_t *size) {
    struct ring *ring = driver->outgoing;
    uint64_t spin_until = platform_nanoseconds() + SPIN_NS;
    while (!driver->stopping) {
        enum driver_taken taken = driver->paused ? DRIVER_EMPTY : driver_peek(driver, packet, size);
        if (taken != DRIVER_EMPTY)
            return taken == DRIVER_PACKET;
        if (!driver->paused && platform_nanoseconds() < spin_until) {
            platform_yield();
            continue;
        }
        atomic_store(&ring->alertable, 1);
        if (driver->paused || atomic_load(&ring->tail) == driver->taken_head)
            WaitForSingleObject(driver->send_event, INFINITE);
        atomic_store(&ring->alertable, 0);
        spin_until = platform_nanoseconds() + SPIN_NS;
    }
    return false;
}

static void write_link(void *context) {
    struct driver *driver = context;
    const uint8_t *packet;
    uint32_t size;
    while (writer_has_packet(driver, &packet, &size)) {
        if (driver_accepts(packet, size)) {
            platform_link_send(driver->link, packet, size);
            driver->device->received_packets++;
            driver->device->received_bytes += size;
        } else
            driver->device->received_discards++;
        driver_advance(driver, size);
    }
    close_outgoing(driver);
}

DWORD driver_start(struct driver *driver, struct session *session) {
    driver->device = session->device;
    driver->capacity = session->capacity;
    driver->incoming = session->incoming;
    driver->outgoing = session->outgoing;
    driver->read_event = session->read_event;
    driver->send_event = session->send_event;
    DWORD code = platform_link_open(session->device->platform, &driver->link);
    if (code == ERROR_SUCCESS && driver->link) {
        driver->reader = platform_thread_start(read_link, driver);
        driver->writer = platform_thread_start(write_link, driver);
        if (!driver->reader || !driver->writer) {
            code = ERROR_NOT_ENOUGH_MEMORY;
            driver_stop(driver);
        }
    }
    return code;
}

void driver_stop(struct driver *driver) {
    driver->stopping = true;
    if (driver->link) {
        SetEvent(driver->send_event);
        platform_link_interrupt(driver->link);
        platform_thread_join(driver->reader);
        platform_thread_join(driver->writer);
        platform_link_close(driver->link);
        driver->link = NULL;
    }
    close_incoming(driver);
    close_outgoing(driver);
}
