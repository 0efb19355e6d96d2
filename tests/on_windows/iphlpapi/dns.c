/* DNS servers of an interface. Windows keeps them under its GUID, also while there is no such interface. */
#include "standin.h"

#include "dns_settings.h"

#include <stdlib.h>
#include <wchar.h>

#define SERVER_UNITS 512

struct dns_key {
    GUID guid;
    uint32_t version;
};

struct dns_row {
    struct dns_key key;
    WCHAR name_server[SERVER_UNITS];
};

static bool is_adapter(const GUID *guid) {
    uint32_t count;
    struct machine_adapter *adapters = machine_list(&count);
    bool found = false;
    for (uint32_t i = 0; i < count && !found; i++)
        found = !memcmp(adapters[i].guid, guid, sizeof *guid);
    free(adapters);
    return found;
}

static struct dns_key key_of(const GUID *guid, const DNS_INTERFACE_SETTINGS *settings) {
    return (struct dns_key){*guid, settings->Flags & DNS_SETTING_IPV6 ? 6 : 4};
}

static DWORD set_settings(const GUID *guid, const DNS_INTERFACE_SETTINGS *settings) {
    struct dns_row row = {.key = key_of(guid, settings)};
    if (settings->Version != DNS_INTERFACE_SETTINGS_VERSION1)
        return ERROR_INVALID_PARAMETER;
    if (!is_adapter(guid))
        return ERROR_FILE_NOT_FOUND;
    if (!(settings->Flags & DNS_SETTING_NAMESERVER))
        return NO_ERROR;
    if (!settings->NameServer || wcslen(settings->NameServer) >= SERVER_UNITS)
        return ERROR_INVALID_PARAMETER;
    wcscpy(row.name_server, settings->NameServer);
    struct machine_store store = {.table = DNS, .mode = MACHINE_PUT};
    return store_row(&store, &row.key, sizeof row.key, &row, sizeof row);
}

EXPORT DWORD WINAPI SetInterfaceDnsSettings(GUID guid, const DNS_INTERFACE_SETTINGS *settings) {
    char server[SERVER_UNITS] = "";
    if (settings->Flags & DNS_SETTING_NAMESERVER && settings->NameServer)
        WideCharToMultiByte(CP_UTF8, 0, settings->NameServer, -1, server, sizeof server, NULL, NULL);
    return record(set_settings(&guid, settings), "SetInterfaceDnsSettings",
                  "\"guid\":\"%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x\",\"flags\":%llu,\"nameServer\":\"%s\",",
                  guid.Data1, guid.Data2, guid.Data3, guid.Data4[0], guid.Data4[1], guid.Data4[2], guid.Data4[3],
                  guid.Data4[4], guid.Data4[5], guid.Data4[6], guid.Data4[7], settings->Flags, server);
}

EXPORT DWORD WINAPI GetInterfaceDnsSettings(GUID guid, DNS_INTERFACE_SETTINGS *settings) {
    if (settings->Version != DNS_INTERFACE_SETTINGS_VERSION1)
        return ERROR_INVALID_PARAMETER;
    if (!is_adapter(&guid))
        return ERROR_FILE_NOT_FOUND;
    const struct dns_key key = key_of(&guid, settings);
    uint32_t count;
    struct dns_row *rows = query_rows(DNS, 0, sizeof *rows, &count);
    *settings = (DNS_INTERFACE_SETTINGS){.Version = DNS_INTERFACE_SETTINGS_VERSION1, .Flags = settings->Flags};
    for (uint32_t i = 0; i < count; i++)
        if (!memcmp(&rows[i].key, &key, sizeof key) && rows[i].name_server[0]) {
            settings->Flags |= DNS_SETTING_NAMESERVER;
            settings->NameServer = HeapAlloc(GetProcessHeap(), 0, sizeof rows[i].name_server);
            if (settings->NameServer)
                wcscpy(settings->NameServer, rows[i].name_server);
        }
    free(rows);
    return NO_ERROR;
}

EXPORT VOID WINAPI FreeInterfaceDnsSettings(DNS_INTERFACE_SETTINGS *settings) {
    HeapFree(GetProcessHeap(), 0, settings->NameServer);
    settings->NameServer = NULL;
}
