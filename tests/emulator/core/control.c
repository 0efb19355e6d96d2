/* The control functions of emulator_control.h, except those of the logger and the benchmark. */
#include <string.h>

#include "emulator.h"
#include "wide.h"

_Atomic uint32_t live_adapters, live_handles, live_sessions, live_regions;

static struct {
    _Atomic DWORD code, count;
} failures[EMULATOR_CALLS];

#define AS_IT_IS 2u
static _Atomic DWORD elevated = AS_IT_IS;
static _Atomic DWORD driver_version = EMULATOR_VERSION_AUTOMATIC;
static _Atomic DWORD legacy_devices, orphaned_devices;
static _Atomic DWORD next_surprise = EMULATOR_AS_ASKED;
static _Atomic DWORD next_creation_delay;
static _Atomic bool link_local;
static _Atomic uint64_t next_region_base;

#define LINK_FROM_ENVIRONMENT 0xFFFFFFFFu
static _Atomic DWORD wanted_link = LINK_FROM_ENVIRONMENT;

static BOOL succeed_or_fail(DWORD code) {
    if (code == ERROR_SUCCESS)
        return TRUE;
    SetLastError(code);
    return FALSE;
}

bool fault_take(enum EmulatorCall call, DWORD *code) {
    DWORD left = failures[call].count;
    while (left && !atomic_compare_exchange_weak(&failures[call].count, &left, left - 1)) {
    }
    if (left)
        *code = failures[call].code;
    return left != 0;
}

bool fault_is_elevated(void) {
    const DWORD state = elevated;
    return state == AS_IT_IS ? platform_process_is_elevated() : state == 1;
}

DWORD fault_driver_version(bool loaded) {
    const DWORD version = driver_version;
    return version == EMULATOR_VERSION_AUTOMATIC ? (loaded ? DRIVER_VERSION : 0) : version;
}

bool fault_link_is_wanted(void) {
    if (wanted_link == LINK_FROM_ENVIRONMENT) {
        const char *link = platform_environment("WINTUN_EMULATOR_LINK");
        wanted_link = link && !strcmp(link, "tun") ? EMULATOR_LINK_TUN : EMULATOR_LINK_NONE;
    }
    return wanted_link == EMULATOR_LINK_TUN;
}

DWORD fault_legacy_devices(void) {
    return legacy_devices;
}

DWORD fault_orphaned_devices(void) {
    return orphaned_devices;
}

bool fault_link_local_is_wanted(void) {
    return link_local;
}

DWORD fault_take_surprise(void) {
    return atomic_exchange(&next_surprise, EMULATOR_AS_ASKED);
}

DWORD fault_take_creation_delay(void) {
    return atomic_exchange(&next_creation_delay, 0);
}

uint64_t fault_take_region_base(void) {
    return atomic_exchange(&next_region_base, 0);
}

EXPORT void WINAPI EmulatorSetLink(DWORD link) {
    wanted_link = link;
}

EXPORT BOOL WINAPI EmulatorFailNext(DWORD call, DWORD code, DWORD count) {
    if (call >= EMULATOR_CALLS)
        return succeed_or_fail(ERROR_INVALID_PARAMETER);
    failures[call].code = code;
    failures[call].count = count;
    return TRUE;
}

EXPORT void WINAPI EmulatorSetElevated(DWORD state) {
    elevated = state > 1 ? AS_IT_IS : state;
}

EXPORT void WINAPI EmulatorSetDriverVersion(DWORD version) {
    driver_version = version;
}

EXPORT void WINAPI EmulatorSetLegacyDevices(DWORD count) {
    legacy_devices = count;
}

EXPORT void WINAPI EmulatorSetOrphanedDevices(DWORD count) {
    orphaned_devices = count;
}

EXPORT void WINAPI EmulatorSurpriseNext(DWORD surprise) {
    next_surprise = surprise;
}

EXPORT void WINAPI EmulatorDelayNextCreate(DWORD ms) {
    next_creation_delay = ms;
}

EXPORT void WINAPI EmulatorSetLinkLocal(BOOL wanted) {
    link_local = wanted != 0;
}

EXPORT void WINAPI EmulatorSetNextRegionBase(uint64_t base) {
    next_region_base = base;
}

EXPORT void WINAPI EmulatorResetFaults(void) {
    for (size_t i = 0; i < EMULATOR_CALLS; i++)
        failures[i].count = 0;
    elevated = AS_IT_IS;
    driver_version = EMULATOR_VERSION_AUTOMATIC;
    legacy_devices = orphaned_devices = 0;
    next_surprise = EMULATOR_AS_ASKED;
    next_creation_delay = 0;
    link_local = false;
    next_region_base = 0;
}

EXPORT BOOL WINAPI EmulatorRemoveAdapter(struct adapter *adapter) {
    platform_registry_enter();
    const bool present = adapter->device->present;
    device_remove(adapter->device);
    platform_registry_leave();
    return succeed_or_fail(present ? ERROR_SUCCESS : ERROR_FILE_NOT_FOUND);
}

EXPORT void WINAPI EmulatorMakeLegacy(struct adapter *adapter) {
    platform_registry_enter();
    adapter->device->identity.legacy = true;
    platform_registry_leave();
}

EXPORT BOOL WINAPI EmulatorCorruptReceiveRing(struct session *session) {
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

EXPORT BOOL WINAPI EmulatorPauseDriver(struct session *session, BOOL paused) {
    session->driver.paused = paused != 0;
    return SetEvent(session->send_event); /* wakes a sleeping writer, which then checks the ring */
}

EXPORT BOOL WINAPI EmulatorInject(struct session *session, const uint8_t *packets, const uint32_t *sizes,
                                  DWORD count) {
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

EXPORT DWORD WINAPI EmulatorTake(struct session *session, uint8_t *buffer, DWORD capacity) {
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

EXPORT void WINAPI EmulatorGetAdapterName(struct adapter *adapter, WCHAR *name) {
    platform_registry_enter();
    wide_copy(name, adapter->device->identity.name, ADAPTER_NAME_UNITS);
    platform_registry_leave();
}

EXPORT DWORD WINAPI EmulatorCount(DWORD thing) {
    switch (thing) {
    case EMULATOR_ADAPTERS:
        return live_adapters;
    case EMULATOR_ADAPTER_HANDLES:
        return live_handles;
    case EMULATOR_SESSIONS:
        return live_sessions;
    case EMULATOR_REGIONS:
        return live_regions;
    case EMULATOR_HANDLES:
        return platform_count_handles();
    case EMULATOR_MIB_TABLES:
        return platform_count_mib_tables();
    case EMULATOR_REGISTRY_KEYS:
        return platform_count_registry_keys();
    case EMULATOR_DEVICE_LISTS:
        return platform_count_device_lists();
    case EMULATOR_LOG_THREADS:
        return log_foreign_threads();
    case EMULATOR_FAILURES: {
        DWORD left = 0;
        for (size_t i = 0; i < EMULATOR_CALLS; i++)
            left += failures[i].count;
        return left;
    }
    default:
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
}
