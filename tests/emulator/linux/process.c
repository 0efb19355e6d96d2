/*
 * What the program does with processes and with objects that processes share by name, on Linux. The emulator has one
 * process: itself.
 */
#include <string.h>

#include "handles.h"
#include "linux.h"

DWORD WINAPI GetCurrentProcessId(void);

EXPORT HANDLE WINAPI OpenProcess(DWORD access, BOOL inherit, DWORD pid) {
    (void)access, (void)inherit;
    if (pid == GetCurrentProcessId())
        return CreateEventW(NULL, TRUE, FALSE, NULL); /* not set: it runs */
    SetLastError(ERROR_INVALID_PARAMETER);
    return NULL;
}

/* FILETIMEs: two DWORDs each, which may lie where a uint64_t may not. */
EXPORT BOOL WINAPI GetProcessTimes(HANDLE process, void *creation, void *exit, void *kernel, void *user) {
    static uint64_t start;
    (void)process;
    if (!start)
        start = platform_filetime();
    memcpy(creation, &start, sizeof start);
    memset(exit, 0, sizeof start);
    memset(kernel, 0, sizeof start);
    memset(user, 0, sizeof start);
    return TRUE;
}

static BOOL in_job;
static DWORD job_limits, job_error;

/* For tests: puts this process into a job with these limits; `error`, unless it is 0, is why they cannot be queried. */
EXPORT void WINAPI EmulatorSetJob(BOOL inside, DWORD limits, DWORD error) {
    in_job = inside, job_limits = limits, job_error = error;
}

EXPORT BOOL WINAPI IsProcessInJob(HANDLE process, HANDLE job, BOOL *result) {
    (void)process, (void)job;
    *result = in_job;
    return TRUE;
}

/* JOBOBJECT_EXTENDED_LIMIT_INFORMATION */
struct extended_limits {
    int64_t process_time, job_time;
    DWORD limit_flags;
    uint64_t others[15];
};
_Static_assert(sizeof(struct extended_limits) == 144, "as in winnt.h");

EXPORT BOOL WINAPI QueryInformationJobObject(HANDLE job, int class, void *information, DWORD length, DWORD *written) {
    (void)written;
    DWORD error = job_error;
    if (job || !in_job)
        error = ERROR_INVALID_HANDLE;
    else if (class != 9 /* JobObjectExtendedLimitInformation */ || length != sizeof(struct extended_limits))
        error = ERROR_INVALID_PARAMETER;
    if (error) {
        SetLastError(error);
        return FALSE;
    }
    memcpy(information, &(struct extended_limits){.limit_flags = job_limits}, sizeof(struct extended_limits));
    return TRUE;
}

/* Nobody else could have made one. */
EXPORT HANDLE WINAPI OpenEventW(DWORD access, BOOL inherit, const WCHAR *name) {
    (void)access, (void)inherit, (void)name;
    SetLastError(ERROR_FILE_NOT_FOUND);
    return NULL;
}

/* Nobody to exclude: an event that lets one waiter through until it is set again. */
EXPORT HANDLE WINAPI CreateMutexW(const void *attributes, BOOL owned, const WCHAR *name) {
    (void)name;
    return CreateEventW(attributes, FALSE, !owned, NULL);
}

EXPORT BOOL WINAPI ReleaseMutex(HANDLE mutex) {
    return SetEvent(mutex);
}

/* No object here looks at its descriptor. */
EXPORT BOOL WINAPI ConvertStringSecurityDescriptorToSecurityDescriptorW(const WCHAR *text, DWORD revision,
                                                                        HANDLE *descriptor, DWORD *size) {
    static uint8_t nothing;
    (void)text, (void)revision, (void)size;
    *descriptor = &nothing;
    return TRUE;
}
