/* The other functions of kernel32 and advapi32 that the program calls, on Linux. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "linux.h"

static _Thread_local DWORD last_error;

EXPORT DWORD WINAPI GetLastError(void) {
    return last_error;
}

EXPORT void WINAPI SetLastError(DWORD code) {
    last_error = code;
}

static BOOL fail(DWORD code) {
    SetLastError(code);
    return FALSE;
}

/* ---- Memory ---- */

#define PAGE_READWRITE 0x04u
#define MEM_COMMIT 0x1000u
#define MEM_FREE 0x10000u
#define MEM_PRIVATE 0x20000u

struct memory_basic_information {
    uint8_t *BaseAddress;
    uint8_t *AllocationBase;
    DWORD AllocationProtect;
    WORD PartitionId;
    size_t RegionSize;
    DWORD State;
    DWORD Protect;
    DWORD Type;
};
_Static_assert(sizeof(struct memory_basic_information) == 48, "MEMORY_BASIC_INFORMATION of 64-bit Windows");
_Static_assert(offsetof(struct memory_basic_information, RegionSize) == 24, "MEMORY_BASIC_INFORMATION");
_Static_assert(offsetof(struct memory_basic_information, State) == 32, "MEMORY_BASIC_INFORMATION");

/* Knows the rings of sessions; every other page is free. For a free page, AllocationBase is not changed, as on
 * Windows. */
EXPORT size_t WINAPI VirtualQuery(const void *address, struct memory_basic_information *information, size_t bytes) {
    uint8_t *base;
    size_t region_bytes;
    if (bytes < sizeof *information) {
        SetLastError(24 /* ERROR_BAD_LENGTH */);
        return 0;
    }
    uint8_t *page = (uint8_t *)((uintptr_t)address & ~(uintptr_t)4095);
    if (!linux_region_of(address, &base, &region_bytes)) {
        information->BaseAddress = page;
        information->RegionSize = 65536;
        information->State = MEM_FREE;
        return sizeof *information;
    }
    *information = (struct memory_basic_information){
        .BaseAddress = page,
        .AllocationBase = base,
        .AllocationProtect = PAGE_READWRITE,
        .RegionSize = (size_t)(base + region_bytes - page),
        .State = MEM_COMMIT,
        .Protect = PAGE_READWRITE,
        .Type = MEM_PRIVATE,
    };
    return sizeof *information;
}

EXPORT void WINAPI RtlMoveMemory(void *to, const void *from, size_t bytes) {
    memmove(to, from, bytes);
}

EXPORT HANDLE WINAPI LocalFree(HANDLE memory) {
    free(memory);
    return NULL;
}

/* ---- Modules, time ---- */

EXPORT BOOL WINAPI SetDefaultDllDirectories(DWORD flags) {
    DWORD code;
    if (fault_take(EMULATOR_CLOSE_DLL_SEARCH, &code))
        return fail(code);
    return flags == 0x800 /* LOAD_LIBRARY_SEARCH_SYSTEM32 */ ? TRUE : fail(ERROR_INVALID_PARAMETER);
}

EXPORT BOOL WINAPI GetModuleHandleExW(DWORD flags, const WCHAR *name, HANDLE *module) {
    (void)flags, (void)name;
    if (!module)
        return fail(ERROR_INVALID_PARAMETER);
    *module = (HANDLE)(uintptr_t)&GetModuleHandleExW;
    return TRUE;
}

EXPORT uint64_t WINAPI GetTickCount64(void) {
    return platform_nanoseconds() / 1000000;
}

/* A FILETIME has two DWORDs, so it may have an alignment that a uint64_t must not have. */
EXPORT void WINAPI GetSystemTimePreciseAsFileTime(void *time) {
    const uint64_t now = platform_filetime();
    memcpy(time, &now, sizeof now);
}

EXPORT void WINAPI Sleep(DWORD milliseconds) {
    struct timespec left = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0) {
    }
}
