/*
 * What Wine's sechost.dll does not do for services: it keeps neither who may use a service nor what is done when one
 * fails. These functions keep both in the registry, in the values where Windows keeps them below the service's key.
 * service_failures.exe does what is to be done.
 */
#define _ADVAPI32_ /* its functions are defined here, not imported */
#include <windows.h>
#include <sddl.h>

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

/* Windows gives this list to a service that is created ("Service Security and Access Rights"). */
#define DEFAULT_SECURITY                                                                                               \
    L"D:(A;;CCLCSWRPWPDTLOCRRC;;;SY)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;;CCLCSWLOCRRC;;;IU)(A;;CCLCSWLOCRRC;;;SU)"

#define SECURITY_KEY L"\\Security"

/* The names of the services for which this process has opened handles. A handle may be used again after it was closed. */
struct opened {
    struct opened *next;
    SC_HANDLE handle;
    WCHAR *name;
};
static struct opened *all_opened;
static SRWLOCK lock = SRWLOCK_INIT;

static FARPROC wine_function(const char *name) {
    static HMODULE wine;
    if (!wine)
        wine = LoadLibraryW(L"sechost_wine.dll");
    FARPROC function = wine ? GetProcAddress(wine, name) : NULL;
    if (!function) {
        fprintf(stderr, "sechost stand-in: Wine has no %s\n", name);
        abort();
    }
    return function;
}

#define WINE(name) ((__typeof__(&name))(void *)wine_function(#name))

static SC_HANDLE remember(SC_HANDLE handle, const WCHAR *name) {
    if (!handle)
        return NULL;
    AcquireSRWLockExclusive(&lock);
    struct opened *each = all_opened;
    while (each && each->handle != handle)
        each = each->next;
    if (!each) {
        each = calloc(1, sizeof *each);
        each->next = all_opened;
        all_opened = each;
    }
    free(each->name);
    each->handle = handle;
    each->name = _wcsdup(name);
    ReleaseSRWLockExclusive(&lock);
    return handle;
}

SC_HANDLE WINAPI CreateServiceW(SC_HANDLE manager, LPCWSTR name, LPCWSTR display, DWORD access, DWORD type, DWORD start,
                                DWORD error, LPCWSTR path, LPCWSTR group, LPDWORD tag, LPCWSTR dependencies,
                                LPCWSTR account, LPCWSTR password) {
    return remember(WINE(CreateServiceW)(manager, name, display, access, type, start, error, path, group, tag,
                                         dependencies, account, password),
                    name);
}

SC_HANDLE WINAPI OpenServiceW(SC_HANDLE manager, LPCWSTR name, DWORD access) {
    return remember(WINE(OpenServiceW)(manager, name, access), name);
}

/* Writes the path of a service's key, or of a key below it. */
static LONG find_key(SC_HANDLE service, const WCHAR *below, WCHAR path[400]) {
    AcquireSRWLockShared(&lock);
    struct opened *each = all_opened;
    while (each && each->handle != service)
        each = each->next;
    if (each)
        _snwprintf(path, 400, L"SYSTEM\\CurrentControlSet\\Services\\%ls%ls", each->name, below);
    ReleaseSRWLockShared(&lock);
    return each ? ERROR_SUCCESS : ERROR_INVALID_HANDLE;
}

static BOOL set_value(SC_HANDLE service, const WCHAR *below, const WCHAR *name, DWORD type, const void *data, DWORD size) {
    WCHAR path[400];
    LONG error = find_key(service, below, path);
    if (error == ERROR_SUCCESS)
        error = RegSetKeyValueW(HKEY_LOCAL_MACHINE, path, name, type, data, size);
    SetLastError((DWORD)error);
    return error == ERROR_SUCCESS;
}

/* The structure of 32-bit Windows, with the offset of the actions as their address. */
static BOOL set_failure_actions(SC_HANDLE service, const SERVICE_FAILURE_ACTIONSW *actions) {
    enum { HEADER = 5, MOST = 16 };
    DWORD stored[HEADER + 2 * MOST] = {actions->dwResetPeriod, 0, 0, actions->cActions, HEADER * sizeof(DWORD)};
    if (actions->cActions > MOST) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    for (DWORD i = 0; i < actions->cActions; i++) {
        stored[HEADER + 2 * i] = actions->lpsaActions[i].Type;
        stored[HEADER + 2 * i + 1] = actions->lpsaActions[i].Delay;
    }
    return set_value(service, L"", L"FailureActions", REG_BINARY, stored,
                     (HEADER + 2 * actions->cActions) * (DWORD)sizeof *stored);
}

BOOL WINAPI ChangeServiceConfig2W(SC_HANDLE service, DWORD level, LPVOID information) {
    switch (level) {
    case SERVICE_CONFIG_FAILURE_ACTIONS:
        return set_failure_actions(service, information);
    case SERVICE_CONFIG_FAILURE_ACTIONS_FLAG:
        return set_value(service, L"", L"FailureActionsOnNonCrashFailures", REG_DWORD, information, sizeof(DWORD));
    default:
        return WINE(ChangeServiceConfig2W)(service, level, information);
    }
}

BOOL WINAPI SetServiceObjectSecurity(SC_HANDLE service, SECURITY_INFORMATION what, PSECURITY_DESCRIPTOR descriptor) {
    const SECURITY_DESCRIPTOR_RELATIVE *relative = descriptor;
    if (what != DACL_SECURITY_INFORMATION || !(relative->Control & SE_SELF_RELATIVE)) {
        SetLastError(ERROR_CALL_NOT_IMPLEMENTED);
        return FALSE;
    }
    return set_value(service, SECURITY_KEY, L"Security", REG_BINARY, descriptor, GetSecurityDescriptorLength(descriptor));
}

BOOL WINAPI QueryServiceObjectSecurity(SC_HANDLE service, SECURITY_INFORMATION what, PSECURITY_DESCRIPTOR descriptor,
                                       DWORD size, LPDWORD needed) {
    WCHAR path[400];
    LONG error = what == DACL_SECURITY_INFORMATION ? find_key(service, SECURITY_KEY, path) : ERROR_CALL_NOT_IMPLEMENTED;
    *needed = size;
    if (error == ERROR_SUCCESS)
        error = RegGetValueW(HKEY_LOCAL_MACHINE, path, L"Security", RRF_RT_REG_BINARY, NULL, descriptor, needed);
    if (error == ERROR_SUCCESS && *needed > size) /* without memory it gives the size only */
        error = ERROR_MORE_DATA;
    if (error == ERROR_FILE_NOT_FOUND) {
        PSECURITY_DESCRIPTOR usual;
        WINE(ConvertStringSecurityDescriptorToSecurityDescriptorW)(DEFAULT_SECURITY, SDDL_REVISION_1, &usual, needed);
        error = *needed <= size ? ERROR_SUCCESS : ERROR_MORE_DATA;
        if (error == ERROR_SUCCESS)
            memcpy(descriptor, usual, *needed);
        LocalFree(usual);
    }
    SetLastError(error == ERROR_MORE_DATA ? ERROR_INSUFFICIENT_BUFFER : (DWORD)error);
    return error == ERROR_SUCCESS;
}
