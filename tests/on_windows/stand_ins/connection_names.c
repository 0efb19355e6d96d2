/*
 * The names of network connections: nci.dll, and the two functions of iphlpapi.dll by which wintun.dll finds out who has
 * a name that is taken. Wine's own know nothing of the world's adapters.
 */
#include "connection_names.h"

#include <string.h>
#include <wchar.h>

#include "client.h"
#include "device_registry.h"
#include "exports.h"
#include "trace.h"

static DWORD(WINAPI *real_alias_to_luid)(const WCHAR *alias, uint64_t *luid);
static DWORD(WINAPI *real_luid_to_guid)(const uint64_t *luid, GUID *guid);

static DWORD WINAPI alias_to_luid(const WCHAR *alias, uint64_t *luid) {
    struct machine_adapter adapter;
    if (!machine_find(NULL, 0, alias, &adapter))
        return real_alias_to_luid(alias, luid);
    *luid = adapter.luid;
    return ERROR_SUCCESS;
}

static DWORD WINAPI luid_to_guid(const uint64_t *luid, GUID *guid) {
    struct machine_adapter adapter;
    if (!machine_find(NULL, *luid, NULL, &adapter))
        return real_luid_to_guid(luid, guid);
    memcpy(guid, adapter.guid, sizeof *guid);
    return ERROR_SUCCESS;
}

/* wintun.dll sets a name before it asks iphlpapi.dll for the first time. */
static BOOL CALLBACK replace_iphlpapi(INIT_ONCE *once, void *unused, void **none) {
    static const struct export_entry entries[] = {
        {"ConvertInterfaceAliasToLuid", alias_to_luid, (void **)&real_alias_to_luid},
        {"ConvertInterfaceLuidToGuid", luid_to_guid, (void **)&real_luid_to_guid},
    };
    (void)once, (void)unused, (void)none;
    return exports_overlay(LoadLibraryExW(L"iphlpapi.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32), entries, 2);
}

DWORD WINAPI connection_set_name(const GUID *guid, const WCHAR *name) {
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    struct machine_adapter adapter, other;
    uint64_t luid;
    DWORD error = ERROR_SUCCESS;
    if (!InitOnceExecuteOnce(&once, replace_iphlpapi, NULL, NULL))
        return ERROR_NOT_SUPPORTED;
    if (!machine_find(guid, 0, NULL, &adapter))
        error = ERROR_NOT_FOUND;
    else if (machine_find(NULL, 0, name, &other) ? memcmp(other.guid, guid, sizeof *guid) != 0
                                                 : real_alias_to_luid(name, &luid) == ERROR_SUCCESS)
        error = ERROR_DUP_NAME;
    else {
        memset(adapter.name, 0, sizeof adapter.name);
        wcsncpy((WCHAR *)adapter.name, name, MACHINE_NAME_UNITS - 1);
        error = machine_ask_once(MACHINE_RENAME, &adapter, sizeof adapter, NULL, NULL);
        device_set_connection_name(guid, name);
    }
    trace("name of a connection: \"%ls\": %lu", name, error);
    return error;
}
