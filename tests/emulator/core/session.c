/*
 * Sessions of wintun.h: the client's half of the two rings. For each packet it does the same as wintun.dll: the same
 * lock, the same checks in the same order, and the same error codes. A call therefore costs a client about as much here
 * as there.
 *
 * A client may return packets in another order than it received them. The busy flag in a packet's size marks the
 * packets that are not yet sent (sending) or already released (receiving). The ring advances only over the longest
 * finished stretch: a packet that is allocated and never sent blocks all packets after it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "emulator.h"

static struct session *sessions[64];

/* A program that breaks these rules corrupts memory on Windows, perhaps much later. Here the process stops at once. */
static void stop_process(const char *rule) {
    fprintf(stderr, "wintun emulator: %s\n", rule);
    abort();
}

struct session *session_from_handle(struct session *handle) {
    for (size_t i = 0; i < sizeof sessions / sizeof sessions[0]; i++)
        if (handle && sessions[i] == handle)
            return handle;
    SetLastError(ERROR_INVALID_HANDLE);
    return NULL;
}

static bool session_exchange(struct session *from, struct session *to) {
    for (size_t i = 0; i < sizeof sessions / sizeof sessions[0]; i++)
        if (sessions[i] == from) {
            sessions[i] = to;
            return true;
        }
    return false;
}

static void session_free_parts(struct session *session) {
    if (session->read_event)
        CloseHandle(session->read_event);
    if (session->send_event)
        CloseHandle(session->send_event);
    platform_lock_destroy(&session->receive.lock);
    platform_lock_destroy(&session->send.lock);
    platform_lock_destroy(&session->driver.lock);
    platform_region_release(session->incoming);
}

static DWORD session_open(struct session *session, struct adapter *adapter, DWORD capacity) {
    struct device *device = adapter->device;
    if (!device->present)
        return ERROR_FILE_NOT_FOUND; /* the device object is gone */
    if (device->session)
        return ERROR_ALREADY_INITIALIZED;
    if (!ring_capacity_is_valid(capacity))
        return ERROR_INVALID_PARAMETER;
    const uint32_t bytes = ring_bytes(capacity);
    uint8_t *region = platform_region_allocate((size_t)bytes * 2, fault_take_region_base());
    if (!region)
        return GetLastError();
    session->capacity = capacity;
    session->incoming = (struct ring *)region;
    session->outgoing = (struct ring *)(region + bytes);
    session->device = device;
    platform_lock_init(&session->receive.lock);
    platform_lock_init(&session->send.lock);
    platform_lock_init(&session->driver.lock);
    session->read_event = CreateEventW(NULL, FALSE, FALSE, NULL);
    session->send_event = CreateEventW(NULL, FALSE, FALSE, NULL);
    DWORD code = session->read_event && session->send_event ? driver_start(&session->driver, session)
                                                             : GetLastError();
    if (code == ERROR_SUCCESS && !session_exchange(NULL, session)) {
        driver_stop(&session->driver);
        code = ERROR_NOT_ENOUGH_MEMORY;
    }
    if (code != ERROR_SUCCESS) {
        session_free_parts(session);
        return code;
    }
    device->session = session;
    device->network_category = 0; /* public, as Windows decides for a network that it has not met */
    device->identifications++;
    device->references++;
    platform_interface_changed(&device->identity, PLATFORM_CHANGED);
    return ERROR_SUCCESS;
}

EXPORT struct session *WINAPI WintunStartSession(struct adapter *adapter, DWORD capacity) {
    DWORD code = ERROR_SUCCESS;
    struct session *session = NULL;
    if (!adapter)
        code = ERROR_INVALID_PARAMETER;
    else if (!fault_take(EMULATOR_START_SESSION, &code)) {
        session = calloc(1, sizeof *session);
        if (!session)
            code = ERROR_NOT_ENOUGH_MEMORY;
        else {
            platform_registry_enter();
            code = session_open(session, adapter, capacity);
            platform_registry_leave();
        }
    }
    if (code != ERROR_SUCCESS) {
        free(session);
        log_error(code, "Failed to register rings", NULL);
        SetLastError(code);
        return NULL;
    }
    live_sessions++;
    return session;
}

EXPORT void WINAPI WintunEndSession(struct session *session) {
    bench_abandon(session);
    platform_registry_enter();
    if (!session || !session_exchange(session, NULL))
        stop_process("WintunEndSession: not a live session (ended twice?)");
    if (platform_lock_is_held(&session->receive.lock) || platform_lock_is_held(&session->send.lock))
        stop_process("WintunEndSession: a call on the session is still in flight");
    driver_stop(&session->driver);
    session->device->session = NULL;
    platform_interface_changed(&session->device->identity, PLATFORM_CHANGED);
    platform_registry_leave();
    session_free_parts(session);
    device_release(session->device);
    free(session);
    live_sessions--;
}

EXPORT HANDLE WINAPI WintunGetReadWaitEvent(struct session *session) {
    return session->read_event;
}

EXPORT BYTE *WINAPI WintunReceivePacket(struct session *session, DWORD *size) {
    struct cursor *cursor = &session->receive;
    const uint32_t capacity = session->capacity;
    DWORD code;
    platform_lock_enter(&cursor->lock);
    const uint32_t tail = cursor->next < capacity
                              ? atomic_load_explicit(&session->incoming->tail, memory_order_acquire)
                              : RING_GONE;
    if (tail >= capacity) {
        code = ERROR_HANDLE_EOF;
        goto nothing;
    }
    if (tail == cursor->next) {
        code = ERROR_NO_MORE_ITEMS;
        goto nothing;
    }
    code = ERROR_INVALID_DATA;
    const uint32_t content = ring_wrap(tail - cursor->next, capacity);
    if (content < sizeof(struct packet))
        goto nothing;
    struct packet *packet = ring_packet(session->incoming, cursor->next);
    const uint32_t bytes = packet->size;
    if (bytes > RING_MAX_PACKET || packet_room(bytes) > content)
        goto nothing;
    *size = bytes;
    cursor->next = ring_wrap(cursor->next + packet_room(bytes), capacity);
    cursor->outstanding++;
    platform_lock_leave(&cursor->lock);
    return packet->data;
nothing:
    platform_lock_leave(&cursor->lock);
    SetLastError(code);
    return NULL;
}

EXPORT void WINAPI WintunReleaseReceivePacket(struct session *session, const BYTE *data) {
    struct cursor *cursor = &session->receive;
    platform_lock_enter(&cursor->lock);
    ((struct packet *)(data - offsetof(struct packet, data)))->size |= PACKET_BUSY;
    for (; cursor->outstanding; cursor->outstanding--) {
        const uint32_t size = ring_packet(session->incoming, cursor->released)->size;
        if (!(size & PACKET_BUSY))
            break;
        cursor->released = ring_wrap(cursor->released + packet_room(size & ~PACKET_BUSY), session->capacity);
    }
    atomic_store_explicit(&session->incoming->head, cursor->released, memory_order_release);
    platform_lock_leave(&cursor->lock);
}

EXPORT BYTE *WINAPI WintunAllocateSendPacket(struct session *session, DWORD size) {
    struct cursor *cursor = &session->send;
    const uint32_t capacity = session->capacity;
    DWORD code;
    platform_lock_enter(&cursor->lock);
    const uint32_t head = cursor->next < capacity
                              ? atomic_load_explicit(&session->outgoing->head, memory_order_acquire)
                              : RING_GONE;
    if (head >= capacity) {
        code = ERROR_HANDLE_EOF;
        goto nothing;
    }
    /* One alignment unit stays free, because otherwise a full ring would look empty. The size itself is not checked. */
    if (packet_room(size) > ring_wrap(head - cursor->next - RING_ALIGNMENT, capacity)) {
        code = ERROR_BUFFER_OVERFLOW;
        goto nothing;
    }
    struct packet *packet = ring_packet(session->outgoing, cursor->next);
    packet->size = size | PACKET_BUSY;
    cursor->next = ring_wrap(cursor->next + packet_room(size), capacity);
    cursor->outstanding++;
    platform_lock_leave(&cursor->lock);
    return packet->data;
nothing:
    platform_lock_leave(&cursor->lock);
    SetLastError(code);
    return NULL;
}

EXPORT void WINAPI WintunSendPacket(struct session *session, const BYTE *data) {
    struct cursor *cursor = &session->send;
    struct ring *ring = session->outgoing;
    platform_lock_enter(&cursor->lock);
    ((struct packet *)(data - offsetof(struct packet, data)))->size &= ~PACKET_BUSY;
    for (; cursor->outstanding; cursor->outstanding--) {
        const uint32_t size = ring_packet(ring, cursor->released)->size;
        if (size & PACKET_BUSY)
            break;
        cursor->released = ring_wrap(cursor->released + packet_room(size), session->capacity);
    }
    if (atomic_load_explicit(&ring->tail, memory_order_relaxed) != cursor->released) {
        atomic_store_explicit(&ring->tail, cursor->released, memory_order_release);
        atomic_thread_fence(memory_order_seq_cst); /* the driver sets alertable, then checks the tail again */
        if (atomic_load_explicit(&ring->alertable, memory_order_acquire))
            SetEvent(session->send_event);
    }
    platform_lock_leave(&cursor->lock);
}
