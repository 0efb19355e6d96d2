/* The faults of emulator_control.h: what the next calls have to do differently. */
#include <string.h>

#include "emulator.h"

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
        const bool is_tun = link ? !strcmp(link, "tun") : platform_environment("WINTUN_WINDOWS_WORLD") != NULL;
        wanted_link = is_tun ? EMULATOR_LINK_TUN : EMULATOR_LINK_NONE;
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
    if (call >= EMULATOR_CALLS) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
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

DWORD fault_count(void) {
    DWORD left = 0;
    for (size_t i = 0; i < EMULATOR_CALLS; i++)
        left += failures[i].count;
    return left;
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
