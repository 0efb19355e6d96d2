/* Jobs on Linux. This process is in a job if a test requested it. */
#include <string.h>

#include "emulator.h"

static BOOL in_job;
static DWORD job_limits, job_error;

/* For tests: puts this process into a job with these limits. If `error` is not 0, querying the limits fails with it. */
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
