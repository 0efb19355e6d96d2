/* platform.h on Windows, except the adapters (device.c). */
#include "platform.h"

#include <stdlib.h>

#include "emulator.h"

/* The name of this function in advapi32.dll. */
#define RtlGenRandom SystemFunction036
BOOLEAN NTAPI RtlGenRandom(PVOID buffer, ULONG size);

/* ---- Locks ---- */

void platform_lock_init(struct platform_lock *lock) {
    InitializeCriticalSectionAndSpinCount(&lock->section, 4000);
}

void platform_lock_destroy(struct platform_lock *lock) {
    DeleteCriticalSection(&lock->section);
}

void platform_lock_enter(struct platform_lock *lock) {
    EnterCriticalSection(&lock->section);
}

void platform_lock_leave(struct platform_lock *lock) {
    LeaveCriticalSection(&lock->section);
}

bool platform_lock_is_held(struct platform_lock *lock) {
    return lock->section.OwningThread != NULL;
}

static SRWLOCK registry = SRWLOCK_INIT;

void platform_registry_enter(void) {
    AcquireSRWLockExclusive(&registry);
}

void platform_registry_leave(void) {
    ReleaseSRWLockExclusive(&registry);
}

/* ---- Memory ---- */

void *platform_region_allocate(size_t bytes, uint64_t wanted_base) {
    void *base = VirtualAlloc((void *)(uintptr_t)wanted_base, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (base)
        live_regions++;
    return base;
}

void platform_region_release(void *base) {
    if (base && VirtualFree(base, 0, MEM_RELEASE))
        live_regions--;
}

/* ---- Threads ---- */

struct platform_thread {
    HANDLE handle;
    void (*body)(void *context);
    void *context;
};

static DWORD WINAPI run_thread(void *parameter) {
    struct platform_thread *thread = parameter;
    thread->body(thread->context);
    return 0;
}

struct platform_thread *platform_thread_start(void (*body)(void *context), void *context) {
    struct platform_thread *thread = malloc(sizeof *thread);
    if (!thread)
        return NULL;
    thread->body = body;
    thread->context = context;
    thread->handle = CreateThread(NULL, 0, run_thread, thread, 0, NULL);
    if (thread->handle)
        return thread;
    free(thread);
    return NULL;
}

void platform_thread_join(struct platform_thread *thread) {
    if (!thread)
        return;
    WaitForSingleObject(thread->handle, INFINITE);
    CloseHandle(thread->handle);
    free(thread);
}

static DWORD WINAPI run_detached(void *parameter) {
    struct platform_thread thread = *(struct platform_thread *)parameter;
    free(parameter);
    thread.body(thread.context);
    return 0;
}

bool platform_thread_detached(void (*body)(void *context), void *context) {
    struct platform_thread *thread = malloc(sizeof *thread);
    if (!thread)
        return false;
    thread->body = body;
    thread->context = context;
    HANDLE handle = CreateThread(NULL, 0, run_detached, thread, 0, NULL);
    if (handle)
        CloseHandle(handle);
    else
        free(thread);
    return handle != NULL;
}

void platform_thread_use_last_processor(void) {
    SYSTEM_INFO system;
    GetSystemInfo(&system);
    SetThreadAffinityMask(GetCurrentThread(), (DWORD_PTR)1 << (system.dwNumberOfProcessors - 1));
}

void platform_yield(void) {
    SwitchToThread();
}

void platform_sleep(uint64_t nanoseconds) {
    Sleep((DWORD)(nanoseconds / 1000000u));
}

/* ---- The rest ---- */

uint64_t platform_filetime(void) {
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    return (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
}

uint64_t platform_nanoseconds(void) {
    LARGE_INTEGER counter, frequency;
    QueryPerformanceCounter(&counter);
    QueryPerformanceFrequency(&frequency);
    const uint64_t ticks = (uint64_t)counter.QuadPart, rate = (uint64_t)frequency.QuadPart;
    return ticks / rate * 1000000000u + ticks % rate * 1000000000u / rate;
}

void platform_random_guid(GUID *guid) {
    RtlGenRandom(guid, sizeof *guid);
    guid->Data3 = (guid->Data3 & 0x0FFF) | 0x4000; /* RFC 9562: version 4 */
    guid->Data4[0] = (guid->Data4[0] & 0x3F) | 0x80;
}

bool platform_process_is_elevated(void) {
    HANDLE token;
    TOKEN_ELEVATION elevation = {0};
    DWORD size;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return false;
    const BOOL known = GetTokenInformation(token, TokenElevation, &elevation, sizeof elevation, &size);
    CloseHandle(token);
    return known && elevation.TokenIsElevated;
}

const char *platform_environment(const char *name) {
    static char value[256];
    const DWORD length = GetEnvironmentVariableA(name, value, sizeof value);
    return length && length < sizeof value ? value : NULL;
}

uint32_t platform_count_handles(void) {
    return 0;
}

uint32_t platform_count_mib_tables(void) {
    return 0;
}

uint32_t platform_count_registry_keys(void) {
    return 0;
}

uint32_t platform_count_device_lists(void) {
    return 0;
}
