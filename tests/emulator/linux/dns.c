/*
 * The functions of iphlpapi for the DNS settings of an interface, on Linux; see iphlpapi.c. The settings are stored, but have
 * no effect. As on Windows they are kept under the GUID, also while no adapter has it.
 */
#include <string.h>

#include "iphlpapi_rows.h"
#include "linux.h"
#include "wide.h"

#define DNS_INTERFACE_SETTINGS_VERSION1 1u
#define DNS_SETTING_IPV6 0x1u
#define DNS_SETTING_NAMESERVER 0x2u

#define DNS_UNITS 1024 /* UTF-16 units of a list of DNS servers, with the terminator */
#define MAX_REMEMBERED 256

/* The settings of one GUID and IP version. */
struct remembered {
    GUID guid;
    bool ipv6;
    WCHAR name_server[DNS_UNITS];
};

static struct remembered all[MAX_REMEMBERED];
static uint32_t remembered_count;

/* Returns the settings of a GUID. With `add`, makes them if there are none; NULL if there is no room. */
static struct remembered *find(const GUID *guid, bool ipv6, bool add) {
    for (uint32_t i = 0; i < remembered_count; i++)
        if (!memcmp(&all[i].guid, guid, sizeof *guid) && all[i].ipv6 == ipv6)
            return &all[i];
    if (!add || remembered_count == MAX_REMEMBERED)
        return NULL;
    all[remembered_count] = (struct remembered){.guid = *guid, .ipv6 = ipv6};
    return &all[remembered_count++];
}

struct guid_search {
    const GUID *guid;
    bool found;
};

static void compare_guid(struct device *device, void *context) {
    struct guid_search *search = context;
    search->found = search->found || !memcmp(&device->identity.guid, search->guid, sizeof *search->guid);
}

static bool is_adapter(const GUID *guid) {
    struct guid_search search = {.guid = guid};
    device_visit(compare_guid, &search);
    return search.found;
}

static DWORD set_settings(const GUID *guid, const struct DNS_INTERFACE_SETTINGS *settings) {
    struct remembered *remembered = find(guid, settings->Flags & DNS_SETTING_IPV6, true);
    if (!remembered)
        return ERROR_NOT_ENOUGH_MEMORY;
    wide_copy(remembered->name_server, settings->NameServer, DNS_UNITS);
    return ERROR_SUCCESS;
}

EXPORT DWORD WINAPI SetInterfaceDnsSettings(GUID guid, const struct DNS_INTERFACE_SETTINGS *settings) {
    if (!settings || settings->Version != DNS_INTERFACE_SETTINGS_VERSION1)
        return ERROR_INVALID_PARAMETER;
    if (!(settings->Flags & DNS_SETTING_NAMESERVER))
        return ERROR_NOT_SUPPORTED; /* other settings are not known here */
    if (!settings->NameServer || wide_length(settings->NameServer) >= DNS_UNITS)
        return ERROR_INVALID_PARAMETER;
    if (!is_adapter(&guid))
        return ERROR_FILE_NOT_FOUND;
    platform_lock_enter(&linux_settings);
    const DWORD code = set_settings(&guid, settings);
    platform_lock_leave(&linux_settings);
    return code;
}

EXPORT DWORD WINAPI GetInterfaceDnsSettings(GUID guid, struct DNS_INTERFACE_SETTINGS *settings) {
    if (!settings || settings->Version != DNS_INTERFACE_SETTINGS_VERSION1)
        return ERROR_INVALID_PARAMETER;
    if (!is_adapter(&guid))
        return ERROR_FILE_NOT_FOUND;
    /* The result counts as a table, so that the tests notice one that is not freed. */
    WCHAR *name_server = linux_table_allocate(DNS_UNITS * sizeof(WCHAR));
    if (!name_server)
        return ERROR_NOT_ENOUGH_MEMORY;
    platform_lock_enter(&linux_settings);
    const struct remembered *remembered = find(&guid, settings->Flags & DNS_SETTING_IPV6, false);
    if (remembered)
        wide_copy(name_server, remembered->name_server, DNS_UNITS);
    platform_lock_leave(&linux_settings);
    *settings = (struct DNS_INTERFACE_SETTINGS){.Version = DNS_INTERFACE_SETTINGS_VERSION1,
                                                .Flags = settings->Flags | DNS_SETTING_NAMESERVER,
                                                .NameServer = name_server};
    return ERROR_SUCCESS;
}

EXPORT void WINAPI FreeInterfaceDnsSettings(struct DNS_INTERFACE_SETTINGS *settings) {
    FreeMibTable(settings->NameServer);
    settings->NameServer = NULL;
}
