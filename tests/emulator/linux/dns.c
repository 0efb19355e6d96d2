/*
 * The functions of iphlpapi for the DNS settings of an interface, on Linux; see iphlpapi.c. The settings are stored, but have
 * no effect. As on Windows they are kept under the GUID, also while no adapter has it.
 */
#include <string.h>

#include "iphlpapi_rows.h"
#include "linux.h"
#include "registry.h"
#include "wide.h"

#define DNS_INTERFACE_SETTINGS_VERSION1 1u
#define DNS_SETTING_IPV6 0x1u
#define DNS_SETTING_NAMESERVER 0x2u
#define DNS_SETTING_SEARCHLIST 0x4u
#define DNS_SETTING_REGISTRATION_ENABLED 0x8u
#define DNS_SETTING_DOMAIN 0x20u
#define KNOWN_FLAGS                                                                                                    \
    (DNS_SETTING_IPV6 | DNS_SETTING_NAMESERVER | DNS_SETTING_SEARCHLIST | DNS_SETTING_REGISTRATION_ENABLED |           \
     DNS_SETTING_DOMAIN)

#define REG_SZ 1u
#define REG_DWORD 4u

#define DNS_UNITS 1024 /* UTF-16 units of a domain or a list, with the terminator */
#define MAX_REMEMBERED 256

/* The settings of one GUID and IP version. */
struct remembered {
    GUID guid;
    bool ipv6;
    WCHAR name_server[DNS_UNITS], search_list[DNS_UNITS], domain[DNS_UNITS];
    bool no_registration;
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

/* Returns whether a text that is set can be stored. */
static bool is_valid(uint64_t flags, uint64_t flag, const WCHAR *text) {
    return !(flags & flag) || (text && wide_length(text) < DNS_UNITS);
}

/* Writes a value where Windows keeps it, so that whoever watches the registry is told. */
static void write_value(const struct remembered *remembered, const WCHAR *name, DWORD type, const void *bytes, DWORD size) {
    WCHAR path[256] = {0};
    wide_append_ascii(path, "SYSTEM\\CurrentControlSet\\Services\\", 256);
    wide_append_ascii(path, remembered->ipv6 ? "Tcpip6" : "Tcpip", 256);
    wide_append_ascii(path, "\\Parameters\\Interfaces\\", 256);
    registry_append_guid(path, &remembered->guid, 256);
    registry_set(path, name, type, bytes, size);
}

static void keep_text(const struct remembered *remembered, const WCHAR *name, WCHAR to[DNS_UNITS], const WCHAR *text) {
    wide_copy(to, text, DNS_UNITS);
    write_value(remembered, name, REG_SZ, to, (DWORD)((wide_length(to) + 1) * sizeof(WCHAR)));
}

static void keep_switch(struct remembered *remembered, uint32_t registration) {
    remembered->no_registration = !registration;
    write_value(remembered, u"RegistrationEnabled", REG_DWORD, &registration, sizeof registration);
}

static DWORD set_settings(const GUID *guid, const struct DNS_INTERFACE_SETTINGS *settings) {
    struct remembered *remembered = find(guid, settings->Flags & DNS_SETTING_IPV6, true);
    if (!remembered)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (settings->Flags & DNS_SETTING_NAMESERVER)
        keep_text(remembered, u"NameServer", remembered->name_server, settings->NameServer);
    if (settings->Flags & DNS_SETTING_SEARCHLIST)
        keep_text(remembered, u"SearchList", remembered->search_list, settings->SearchList);
    if (settings->Flags & DNS_SETTING_DOMAIN)
        keep_text(remembered, u"Domain", remembered->domain, settings->Domain);
    if (settings->Flags & DNS_SETTING_REGISTRATION_ENABLED)
        keep_switch(remembered, settings->RegistrationEnabled);
    return ERROR_SUCCESS;
}

EXPORT DWORD WINAPI SetInterfaceDnsSettings(GUID guid, const struct DNS_INTERFACE_SETTINGS *settings) {
    if (!settings || settings->Version != DNS_INTERFACE_SETTINGS_VERSION1)
        return ERROR_INVALID_PARAMETER;
    if (settings->Flags & ~(uint64_t)KNOWN_FLAGS)
        return ERROR_NOT_SUPPORTED; /* other settings are not known here */
    if (!is_valid(settings->Flags, DNS_SETTING_NAMESERVER, settings->NameServer) ||
        !is_valid(settings->Flags, DNS_SETTING_SEARCHLIST, settings->SearchList) ||
        !is_valid(settings->Flags, DNS_SETTING_DOMAIN, settings->Domain))
        return ERROR_INVALID_PARAMETER;
    if (!is_adapter(&guid))
        return ERROR_FILE_NOT_FOUND;
    platform_lock_enter(&linux_settings);
    const DWORD code = set_settings(&guid, settings);
    platform_lock_leave(&linux_settings);
    return code;
}

/* Returns a copy of a text, or NULL if it is empty. It counts as a table, so that the tests notice one that is not freed. */
static WCHAR *copy_text(const WCHAR *text) {
    WCHAR *copy = text[0] ? linux_table_allocate(DNS_UNITS * sizeof(WCHAR)) : NULL;
    if (copy)
        wide_copy(copy, text, DNS_UNITS);
    return copy;
}

EXPORT DWORD WINAPI GetInterfaceDnsSettings(GUID guid, struct DNS_INTERFACE_SETTINGS *settings) {
    if (!settings || settings->Version != DNS_INTERFACE_SETTINGS_VERSION1)
        return ERROR_INVALID_PARAMETER;
    if (!is_adapter(&guid))
        return ERROR_FILE_NOT_FOUND;
    static const struct remembered nothing;
    const uint64_t family = settings->Flags & DNS_SETTING_IPV6;
    platform_lock_enter(&linux_settings);
    const struct remembered *remembered = find(&guid, family, false);
    if (!remembered)
        remembered = &nothing;
    *settings = (struct DNS_INTERFACE_SETTINGS){.Version = DNS_INTERFACE_SETTINGS_VERSION1,
                                                .Flags = (KNOWN_FLAGS & ~(uint64_t)DNS_SETTING_IPV6) | family,
                                                .Domain = copy_text(remembered->domain),
                                                .NameServer = copy_text(remembered->name_server),
                                                .SearchList = copy_text(remembered->search_list),
                                                .RegistrationEnabled = !remembered->no_registration};
    platform_lock_leave(&linux_settings);
    return ERROR_SUCCESS;
}

EXPORT void WINAPI FreeInterfaceDnsSettings(struct DNS_INTERFACE_SETTINGS *settings) {
    FreeMibTable(settings->Domain);
    FreeMibTable(settings->NameServer);
    FreeMibTable(settings->SearchList);
    settings->Domain = settings->NameServer = settings->SearchList = NULL;
}
