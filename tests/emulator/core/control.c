/* The control functions of emulator_control.h for a session: what a driver does with its rings. */
#include <string.h>

#include "emulator.h"

static BOOL succeed_or_fail(DWORD code) {
    if (code == ERROR_SUCCESS)
        return TRUE;
    SetLastError(code);
    return FALSE;
}

EXPORT BOOL WINAPI EmulatorCorruptReceiveRing(struct session *handle) {
    struct session *session = session_from_handle(handle);
    if (!session)
        return FALSE;
    struct driver *driver = &session->driver;
    DWORD code = ERROR_SUCCESS;
    platform_lock_enter(&driver->lock);
    if (driver->disconnected)
        code = ERROR_HANDLE_EOF;
    else if (driver_space(driver) < packet_room(0))
        code = ERROR_BUFFER_OVERFLOW;
    else {
        ring_packet(driver->incoming, driver->staged_tail)->size = RING_MAX_PACKET + 1;
        driver->staged_tail = ring_wrap(driver->staged_tail + packet_room(0), driver->capacity);
        driver_publish(driver);
    }
    platform_lock_leave(&driver->lock);
    return succeed_or_fail(code);
}

EXPORT BOOL WINAPI EmulatorPauseDriver(struct session *handle, BOOL paused) {
    struct session *session = session_from_handle(handle);
    if (!session)
        return FALSE;
    session->driver.paused = paused != 0;
    return SetEvent(session->send_event); /* wakes a sleeping writer, which then checks the ring */
}

EXPORT BOOL WINAPI EmulatorInject(struct session *handle, const uint8_t *packets, const uint32_t *sizes, DWORD count) {
    struct session *session = session_from_handle(handle);
    if (!session)
        return FALSE;
    struct driver *driver = &session->driver;
    uint64_t room = 0;
    DWORD code = ERROR_SUCCESS;
    for (DWORD i = 0; i < count; i++) {
        room += packet_room(sizes[i]);
        if (sizes[i] > RING_MAX_PACKET)
            code = ERROR_INVALID_PARAMETER;
    }
    platform_lock_enter(&driver->lock);
    if (driver->disconnected)
        code = ERROR_HANDLE_EOF;
    else if (driver_space(driver) < room)
        code = ERROR_BUFFER_OVERFLOW;
    if (code == ERROR_SUCCESS) {
        for (DWORD i = 0; i < count; packets += sizes[i++])
            driver_stage(driver, packets, sizes[i]);
        driver_publish(driver);
    }
    platform_lock_leave(&driver->lock);
    return succeed_or_fail(code);
}

EXPORT DWORD WINAPI EmulatorTake(struct session *handle, uint8_t *buffer, DWORD capacity) {
    struct session *session = session_from_handle(handle);
    if (!session)
        return 0;
    struct driver *driver = &session->driver;
    if (driver->link) {
        SetLastError(ERROR_NOT_SUPPORTED);
        return 0;
    }
    const uint8_t *packet;
    uint32_t size;
    enum driver_taken taken;
    while ((taken = driver_peek(driver, &packet, &size)) == DRIVER_PACKET && !driver_accepts(packet, size)) {
        driver->device->received_discards++;
        driver_advance(driver, size);
    }
    if (taken == DRIVER_PACKET && size <= capacity) {
        memcpy(buffer, packet, size);
        driver_advance(driver, size);
        driver->device->received_packets++;
        driver->device->received_bytes += size;
        return size;
    }
    SetLastError(taken == DRIVER_EMPTY    ? ERROR_NO_MORE_ITEMS
                 : taken == DRIVER_PACKET ? ERROR_INSUFFICIENT_BUFFER
                                          : ERROR_INVALID_DATA);
    return 0;
}
