/* Processes on Linux. The emulator knows two: this process, and number 4, which nobody may open, as the kernel's on Windows. */
#include <string.h>
#include <unistd.h>

#include "emulator.h"

#define SYSTEM_PID 4u

EXPORT HANDLE WINAPI GetCurrentProcess(void) {
    return (HANDLE)(intptr_t)-1;
}

EXPORT DWORD WINAPI GetCurrentProcessId(void) {
    return (DWORD)getpid();
}

EXPORT HANDLE WINAPI OpenProcess(DWORD access, BOOL inherit, DWORD pid) {
    (void)access, (void)inherit;
    if (pid == GetCurrentProcessId())
        return CreateEventW(NULL, TRUE, FALSE, NULL); /* not set: the process runs */
    SetLastError(pid == SYSTEM_PID ? ERROR_ACCESS_DENIED : ERROR_INVALID_PARAMETER);
    return NULL;
}

/* A FILETIME has two DWORDs, so it may have an alignment that a uint64_t must not have. */
EXPORT BOOL WINAPI GetProcessTimes(HANDLE process, void *creation, void *exit, void *kernel, void *user) {
    static uint64_t start;
    DWORD code;
    (void)process;
    if (fault_take(EMULATOR_GET_PROCESS_TIMES, &code)) {
        SetLastError(code);
        return FALSE;
    }
    if (!start)
        start = platform_filetime();
    memcpy(creation, &start, sizeof start);
    memset(exit, 0, sizeof start);
    memset(kernel, 0, sizeof start);
    memset(user, 0, sizeof start);
    return TRUE;
}
