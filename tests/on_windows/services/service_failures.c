/*
 * The part of the Service Control Manager that deals with services that fail, as far as Wine's does not. It runs in the
 * background as long as the machine, and looks at the services whose names begin with "wintun".
 *
 * - The process of a service ends while the service is starting or stopping: it has stopped, with ERROR_PROCESS_ABORTED.
 * - A service fails that has failure actions ("SERVICE_FAILURE_ACTIONSW structure", Windows documentation): it does what
 *   they say, of which it knows the restart. A service has failed if its process ended before it was STOPPED, or, where
 *   FailureActionsOnNonCrashFailures asks for that, if it was STOPPED with an exit code.
 */
#include <windows.h>

#include <stdlib.h>
#include <wchar.h>

#define SERVICES L"SYSTEM\\CurrentControlSet\\Services"
#define PREFIX L"wintun"
#define LOOK_MS 100
#ifndef SERVICE_SET_STATUS
#define SERVICE_SET_STATUS 0x8000 /* winsvc.h of Wine; that of Windows does not declare it */
#endif
enum { HEADER = 5, MOST = 16 };

struct service {
    struct service *next;
    WCHAR name[257];
    DWORD state;
    DWORD failures;
    ULONGLONG failed_at, restart_at; /* in ms of GetTickCount64; restart_at is 0 if no restart is due */
};

/* As sechost.c keeps them. */
struct actions {
    DWORD header[HEADER]; /* reset period in s, two addresses, count, offset */
    DWORD list[2 * MOST]; /* type, delay in ms */
};

static struct service *services;

static struct service *service_named(const WCHAR *name) {
    struct service *each = services;
    while (each && _wcsicmp(each->name, name))
        each = each->next;
    if (!each && (each = calloc(1, sizeof *each))) {
        wcscpy(each->name, name);
        each->state = SERVICE_STOPPED;
        each->next = services;
        services = each;
    }
    return each;
}

/* Wine lets everybody set the status of a service that runs. */
static void stop_if_dead(SC_HANDLE service, SERVICE_STATUS_PROCESS *status) {
    if (status->dwCurrentState != SERVICE_START_PENDING && status->dwCurrentState != SERVICE_STOP_PENDING)
        return;
    HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, status->dwProcessId);
    const BOOL is_dead = status->dwProcessId && (!process || WaitForSingleObject(process, 0) == WAIT_OBJECT_0);
    if (process)
        CloseHandle(process);
    SERVICE_STATUS stopped = {
        .dwServiceType = status->dwServiceType,
        .dwCurrentState = SERVICE_STOPPED,
        .dwWin32ExitCode = ERROR_PROCESS_ABORTED,
    };
    if (is_dead && SetServiceStatus((SERVICE_STATUS_HANDLE)service, &stopped)) {
        status->dwCurrentState = stopped.dwCurrentState;
        status->dwWin32ExitCode = stopped.dwWin32ExitCode;
    }
}

static BOOL has_failed(HKEY all, const WCHAR *name, const SERVICE_STATUS_PROCESS *status) {
    DWORD also_in_order = 0, size = sizeof also_in_order;
    if (status->dwWin32ExitCode == ERROR_PROCESS_ABORTED)
        return TRUE;
    RegGetValueW(all, name, L"FailureActionsOnNonCrashFailures", RRF_RT_REG_DWORD, NULL, &also_in_order, &size);
    return also_in_order && status->dwWin32ExitCode != NO_ERROR && status->dwWin32ExitCode != ERROR_SERVICE_NEVER_STARTED;
}

static void count_failure(struct service *service, const struct actions *actions) {
    const ULONGLONG now = GetTickCount64();
    if (now - service->failed_at >= (ULONGLONG)actions->header[0] * 1000)
        service->failures = 0;
    service->failed_at = now;
    const DWORD count = actions->header[3];
    const DWORD index = service->failures < count ? service->failures : count - 1;
    service->failures++;
    if (count && actions->list[2 * index] == SC_ACTION_RESTART)
        service->restart_at = now + actions->list[2 * index + 1];
}

static void follow(HKEY all, struct service *service, SC_HANDLE handle, const SERVICE_STATUS_PROCESS *status) {
    struct actions actions = {0};
    DWORD size = sizeof actions;
    const BOOL has_stopped = status->dwCurrentState == SERVICE_STOPPED && service->state != SERVICE_STOPPED;
    service->state = status->dwCurrentState;
    if (RegGetValueW(all, service->name, L"FailureActions", RRF_RT_REG_BINARY, NULL, &actions, &size) != ERROR_SUCCESS)
        return;
    if (has_stopped && has_failed(all, service->name, status))
        count_failure(service, &actions);
    if (!service->restart_at || GetTickCount64() < service->restart_at)
        return;
    service->restart_at = 0;
    if (StartServiceW(handle, 0, NULL))
        service->state = SERVICE_START_PENDING;
}

static void look_at(SC_HANDLE manager, HKEY all, const WCHAR *name) {
    SC_HANDLE handle = OpenServiceW(manager, name, SERVICE_QUERY_STATUS | SERVICE_START | SERVICE_SET_STATUS);
    SERVICE_STATUS_PROCESS status;
    DWORD needed;
    if (!handle)
        return;
    struct service *service = service_named(name);
    if (service && QueryServiceStatusEx(handle, SC_STATUS_PROCESS_INFO, (BYTE *)&status, sizeof status, &needed)) {
        stop_if_dead(handle, &status);
        follow(all, service, handle, &status);
    }
    CloseServiceHandle(handle);
}

int main(void) {
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    HKEY all;
    if (!manager || RegOpenKeyExW(HKEY_LOCAL_MACHINE, SERVICES, 0, KEY_READ, &all) != ERROR_SUCCESS)
        return 1;
    for (;; Sleep(LOOK_MS)) {
        WCHAR name[257];
        for (DWORD index = 0, units = 257; !RegEnumKeyExW(all, index, name, &units, NULL, NULL, NULL, NULL); index++, units = 257)
            if (!_wcsnicmp(name, PREFIX, wcslen(PREFIX)))
                look_at(manager, all, name);
    }
}
