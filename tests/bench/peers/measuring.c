/*
 * Makes the emulator a wintun.dll that measures any program that uses it, without that program knowing. The measurement
 * begins with the first session. With the last reply, its figures go to stdout as one line of JSON, and the process ends.
 * BENCH_PLAN holds the size of a packet, the number of packets to measure, and the number of those before.
 *
 * Wine's functions for waits begin with a jump to this file, in this process only: a measurement is inline, and programs
 * find these functions in different ways. The same jump replaces Wine's RtlMoveMemory, which copies byte by byte.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulator.h"
#include <psapi.h>

/* The build gives session.c's function this other name. */
EXPORT struct session *WINAPI EmulatedStartSession(struct adapter *adapter, DWORD capacity);
#undef WintunStartSession
EXPORT struct session *WINAPI WintunStartSession(struct adapter *adapter, DWORD capacity);

#define PROTOCOL_ICMP 1
#define BATCH 256

static platform_wait_hook *_Atomic wait_hook;
static HANDLE done;

bool platform_set_wait_hook(platform_wait_hook *hook) {
    wait_hook = hook;
    return true;
}

static DWORD WINAPI wait_for_many(DWORD count, const HANDLE *handles, BOOL all, DWORD milliseconds) {
    platform_wait_hook *hook = wait_hook;
    const DWORD ended = hook ? hook(handles, count) : count;
    return ended < count ? WAIT_OBJECT_0 + ended : WaitForMultipleObjectsEx(count, handles, all, milliseconds, FALSE);
}

static DWORD WINAPI wait_for_one(HANDLE handle, DWORD milliseconds) {
    return wait_for_many(1, &handle, FALSE, milliseconds);
}

/* Two functions of iphlpapi.dll that the Rust crate asks, where Wine does not know the emulator's adapters. */
static DWORD WINAPI alias_to_luid(const WCHAR *alias, uint64_t *luid) {
    (void)alias;
    *luid = (uint64_t)IF_TYPE_PROP_VIRTUAL << 48 | (uint64_t)1 << 24;
    return NO_ERROR;
}

static DWORD WINAPI luid_to_index(const uint64_t *luid, DWORD *index) {
    (void)luid;
    *index = 1;
    return NO_ERROR;
}

static void fail(const char *what) {
    fprintf(stderr, "measuring: %s: error %lu\n", what, GetLastError());
    fflush(stderr);
    TerminateProcess(GetCurrentProcess(), 1);
}

/* Writes mov rax, target; jmp rax over the start of a function of Wine. */
static void redirect(const WCHAR *dll, const char *name, void *target) {
    uint8_t code[12] = {0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xE0};
    memcpy(code + 2, &target, sizeof target);
    HMODULE module = LoadLibraryExW(dll, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    void *function = module ? (void *)GetProcAddress(module, name) : NULL;
    DWORD protection;
    if (!function || !VirtualProtect(function, sizeof code, PAGE_EXECUTE_READWRITE, &protection))
        fail(name);
    memcpy(function, code, sizeof code);
    VirtualProtect(function, sizeof code, protection, &protection);
    FlushInstructionCache(GetCurrentProcess(), function, sizeof code);
}

static DWORD WINAPI report(void *unused) {
    (void)unused;
    WaitForSingleObjectEx(done, INFINITE, FALSE);
    const double now_ms = (double)(platform_filetime() - 116444736000000000u) / 1e4; /* since 1970 */
    struct EmulatorBenchFigures figures;
    PROCESS_MEMORY_COUNTERS memory = {.cb = sizeof memory};
    if (!GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof memory) || !EmulatorBenchEnd(&figures))
        fail("no figures");
    printf("{\"packets\":%llu,\"lost\":%llu,\"invalid\":%llu,\"clientNs\":%llu,\"peakBytes\":%llu,\"endedAtMs\":%.3f}\n",
           (unsigned long long)figures.packets, (unsigned long long)figures.lost, (unsigned long long)figures.invalid,
           (unsigned long long)figures.client_ns, (unsigned long long)memory.PeakWorkingSetSize, now_ms);
    fflush(stdout);
    TerminateProcess(GetCurrentProcess(), 0);
    return 0;
}

static void begin(struct session *session) {
    const char *text = platform_environment("BENCH_PLAN");
    struct EmulatorBenchPlan plan = {
        .mode = EMULATOR_BENCH_INLINE, .protocol = PROTOCOL_ICMP, .batch = BATCH, .verify_every = 1000};
    unsigned long long packets, warmup;
    if (!text || sscanf(text, "%u %llu %llu", &plan.packet_bytes, &packets, &warmup) != 3)
        fail("BENCH_PLAN is not BYTES PACKETS WARMUP");
    plan.packets = packets;
    plan.warmup = warmup;
    done = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE thread = done ? CreateThread(NULL, 0, report, NULL, 0, NULL) : NULL;
    if (!thread || !EmulatorBenchBegin(session, &plan, done))
        fail("cannot begin");
    CloseHandle(thread);
}

EXPORT struct session *WINAPI WintunStartSession(struct adapter *adapter, DWORD capacity) {
    struct session *session = EmulatedStartSession(adapter, capacity);
    if (session)
        begin(session);
    return session;
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved) {
    (void)reserved;
    if (reason != DLL_PROCESS_ATTACH)
        return TRUE;
    DisableThreadLibraryCalls(module);
    EmulatorSetElevated(1); /* these programs have no manifest */
    redirect(L"kernelbase.dll", "WaitForSingleObject", wait_for_one);
    redirect(L"kernelbase.dll", "WaitForMultipleObjects", wait_for_many);
    redirect(L"ntdll.dll", "RtlMoveMemory", memmove);
    redirect(L"iphlpapi.dll", "ConvertInterfaceAliasToLuid", alias_to_luid);
    redirect(L"iphlpapi.dll", "ConvertInterfaceLuidToIndex", luid_to_index);
    return TRUE;
}
