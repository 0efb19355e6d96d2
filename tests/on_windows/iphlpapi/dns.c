/* DNS settings of an interface. Windows keeps them under its GUID, also while there is no such interface. */
#include "standin.h"

#include "dns_settings.h"

#include <stdlib.h>
#include <wchar.h>

#define TEXT_UNITS 512

struct dns_key {
    GUID guid;
    uint32_t version;
};

struct dns_row {
    struct dns_key key;
    uint32_t no_registration;
    WCHAR name_server[TEXT_UNITS], search_list[TEXT_UNITS], domain[TEXT_UNITS];
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

/* Returns the settings of a GUID and IP version. They are empty if there are none. */
static struct dns_row find_row(const struct dns_key *key) {
    struct dns_row found = {.key = *key};
    uint32_t count;
    struct dns_row *rows = query_rows(DNS, 0, sizeof *rows, &count);
    for (uint32_t i = 0; i < count; i++)
        if (!memcmp(&rows[i].key, key, sizeof *key))
            found = rows[i];
    free(rows);
    return found;
}

/* Writes a value where Windows keeps it, so that whoever watches the registry is told. */
static void keep(const struct dns_key *key, const WCHAR *value, DWORD type, const void *data, size_t bytes) {
    WCHAR path[160];
    const GUID *guid = &key->guid;
    swprintf(path, 160,
             L"SYSTEM\\CurrentControlSet\\Services\\%ls\\Parameters\\Interfaces\\"
             L"{%08lX-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}",
             key->version == 6 ? L"Tcpip6" : L"Tcpip", guid->Data1, guid->Data2, guid->Data3, guid->Data4[0], guid->Data4[1],
             guid->Data4[2], guid->Data4[3], guid->Data4[4], guid->Data4[5], guid->Data4[6], guid->Data4[7]);
    RegSetKeyValueW(HKEY_LOCAL_MACHINE, path, value, type, data, (DWORD)bytes);
}

static void keep_text(const struct dns_key *key, const WCHAR *value, const WCHAR *text) {
    keep(key, value, REG_SZ, text, (wcslen(text) + 1) * sizeof *text);
}

/* Stores a text if it is set. Returns false if it cannot be. */
static bool take_text(WCHAR to[TEXT_UNITS], const DNS_INTERFACE_SETTINGS *settings, ULONG64 flag, const WCHAR *text) {
    if (!(settings->Flags & flag))
        return true;
    if (!text || wcslen(text) >= TEXT_UNITS)
        return false;
    wcscpy(to, text);
    return true;
}

static DWORD set_settings(const GUID *guid, const DNS_INTERFACE_SETTINGS *settings) {
    const struct dns_key key = key_of(guid, settings);
    if (settings->Version != DNS_INTERFACE_SETTINGS_VERSION1)
        return ERROR_INVALID_PARAMETER;
    if (!is_adapter(guid))
        return ERROR_FILE_NOT_FOUND;
    struct dns_row row = find_row(&key);
    if (!take_text(row.name_server, settings, DNS_SETTING_NAMESERVER, settings->NameServer) ||
        !take_text(row.search_list, settings, DNS_SETTING_SEARCHLIST, settings->SearchList) ||
        !take_text(row.domain, settings, DNS_SETTING_DOMAIN, settings->Domain))
        return ERROR_INVALID_PARAMETER;
    if (settings->Flags & DNS_SETTING_REGISTRATION_ENABLED)
        row.no_registration = !settings->RegistrationEnabled;
    struct machine_store store = {.table = DNS, .mode = MACHINE_PUT};
    const DWORD error = store_row(&store, &row.key, sizeof row.key, &row, sizeof row);
    const DWORD registration = !row.no_registration;
    if (error != NO_ERROR)
        return error;
    keep_text(&key, L"NameServer", row.name_server);
    keep_text(&key, L"SearchList", row.search_list);
    keep_text(&key, L"Domain", row.domain);
    keep(&key, L"RegistrationEnabled", REG_DWORD, &registration, sizeof registration);
    return NO_ERROR;
}

/* Converts a text that is set; "" for one that is not. */
static const char *set_text(const DNS_INTERFACE_SETTINGS *settings, ULONG64 flag, const WCHAR *text, char out[TEXT_UNITS]) {
    out[0] = 0;
    if (settings->Flags & flag && text)
        WideCharToMultiByte(CP_UTF8, 0, text, -1, out, TEXT_UNITS, NULL, NULL);
    return out;
}

EXPORT DWORD WINAPI SetInterfaceDnsSettings(GUID guid, const DNS_INTERFACE_SETTINGS *settings) {
    char server[TEXT_UNITS], search[TEXT_UNITS], domain[TEXT_UNITS];
    return record(set_settings(&guid, settings), "SetInterfaceDnsSettings",
                  "\"guid\":\"%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x\",\"flags\":%llu,\"nameServer\":\"%s\","
                  "\"searchList\":\"%s\",\"domain\":\"%s\",\"registration\":%lu,",
                  guid.Data1, guid.Data2, guid.Data3, guid.Data4[0], guid.Data4[1], guid.Data4[2], guid.Data4[3],
                  guid.Data4[4], guid.Data4[5], guid.Data4[6], guid.Data4[7], settings->Flags,
                  set_text(settings, DNS_SETTING_NAMESERVER, settings->NameServer, server),
                  set_text(settings, DNS_SETTING_SEARCHLIST, settings->SearchList, search),
                  set_text(settings, DNS_SETTING_DOMAIN, settings->Domain, domain), settings->RegistrationEnabled);
}

/* Returns a copy of a text, or NULL if it is empty. */
static PWSTR copy_text(const WCHAR *text) {
    PWSTR copy = text[0] ? HeapAlloc(GetProcessHeap(), 0, TEXT_UNITS * sizeof *text) : NULL;
    if (copy)
        wcscpy(copy, text);
    return copy;
}

EXPORT DWORD WINAPI GetInterfaceDnsSettings(GUID guid, DNS_INTERFACE_SETTINGS *settings) {
    if (settings->Version != DNS_INTERFACE_SETTINGS_VERSION1)
        return ERROR_INVALID_PARAMETER;
    if (!is_adapter(&guid))
        return ERROR_FILE_NOT_FOUND;
    const struct dns_key key = key_of(&guid, settings);
    const struct dns_row row = find_row(&key);
    *settings = (DNS_INTERFACE_SETTINGS){
        .Version = DNS_INTERFACE_SETTINGS_VERSION1,
        .Flags = settings->Flags | DNS_SETTING_NAMESERVER | DNS_SETTING_SEARCHLIST | DNS_SETTING_DOMAIN |
                 DNS_SETTING_REGISTRATION_ENABLED,
        .Domain = copy_text(row.domain),
        .NameServer = copy_text(row.name_server),
        .SearchList = copy_text(row.search_list),
        .RegistrationEnabled = !row.no_registration,
    };
    return NO_ERROR;
}

EXPORT VOID WINAPI FreeInterfaceDnsSettings(DNS_INTERFACE_SETTINGS *settings) {
    HeapFree(GetProcessHeap(), 0, settings->Domain);
    HeapFree(GetProcessHeap(), 0, settings->NameServer);
    HeapFree(GetProcessHeap(), 0, settings->SearchList);
    settings->Domain = settings->NameServer = settings->SearchList = NULL;
}
