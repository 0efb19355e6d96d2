/*
 * The part of the Service Control Manager that does what a service's failure actions say, which Wine's never does
 * ("SERVICE_FAILURE_ACTIONSW structure", Windows documentation). It knows one action, the restart. A service has failed
 * if its process ended and it was not STOPPED, or, where FailureActionsOnNonCrashFailures asks for that, if it was STOPPED
 * with an exit code. It runs in the background as long as the machine.
 */
#include <windows.h>

#include <stdlib.h>
#include <wchar.h>

#define SERVICES L"SYSTEM\\CurrentControlSet\\Services"
#define LOOK_MS 100
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

static BOOL has_failed(HKEY key, const SERVICE_STATUS *status) {
    DWORD also_in_order = 0, size = sizeof also_in_order;
    if (status->dwWin32ExitCode == ERROR_PROCESS_ABORTED)
        return TRUE;
    RegGetValueW(key, NULL, L"FailureActionsOnNonCrashFailures", RRF_RT_REG_DWORD, NULL, &also_in_order, &size);
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

static void look_at(SC_HANDLE manager, HKEY all, const WCHAR *name) {
    struct actions actions = {0};
    DWORD size = sizeof actions;
    HKEY key;
    if (RegGetValueW(all, name, L"FailureActions", RRF_RT_REG_BINARY, NULL, &actions, &size) != ERROR_SUCCESS ||
        RegOpenKeyExW(all, name, 0, KEY_READ, &key) != ERROR_SUCCESS)
        return;
    struct service *service = service_named(name);
    SC_HANDLE handle = OpenServiceW(manager, name, SERVICE_QUERY_STATUS | SERVICE_START);
    SERVICE_STATUS status;
    if (service && handle && QueryServiceStatus(handle, &status)) {
        const BOOL has_stopped = status.dwCurrentState == SERVICE_STOPPED && service->state != SERVICE_STOPPED;
        service->state = status.dwCurrentState;
        if (has_stopped && has_failed(key, &status))
            count_failure(service, &actions);
        if (service->restart_at && GetTickCount64() >= service->restart_at) {
            service->restart_at = 0;
            if (StartServiceW(handle, 0, NULL))
                service->state = SERVICE_START_PENDING;
        }
    }
    if (handle)
        CloseServiceHandle(handle);
    RegCloseKey(key);
}

int main(void) {
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    HKEY all;
    if (!manager || RegOpenKeyExW(HKEY_LOCAL_MACHINE, SERVICES, 0, KEY_READ, &all) != ERROR_SUCCESS)
        return 1;
    for (;; Sleep(LOOK_MS)) {
        WCHAR name[257];
        for (DWORD index = 0, units = 257; !RegEnumKeyExW(all, index, name, &units, NULL, NULL, NULL, NULL); index++, units = 257)
            look_at(manager, all, name);
    }
}
