/* The functions of iphlpapi for DNS servers, on Linux; see iphlpapi.c. The servers are stored, but have no effect. */
#include <string.h>

#include "iphlpapi_rows.h"
#include "linux.h"
#include "wide.h"

#define DNS_INTERFACE_SETTINGS_VERSION1 1u
#define DNS_SETTING_IPV6 0x1u
#define DNS_SETTING_NAMESERVER 0x2u

struct dns_search {
    GUID guid;
    bool ipv6, found;
    const WCHAR *set; /* NULL to get */
    WCHAR *get;       /* DNS_UNITS */
};

static void exchange_dns(struct device *device, void *context) {
    struct dns_search *search = context;
    if (memcmp(&device->identity.guid, &search->guid, sizeof search->guid) != 0)
        return;
    search->found = true;
    WCHAR *dns = search->ipv6 ? device->platform->ipv6.dns : device->platform->ipv4.dns;
    if (search->set)
        wide_copy(dns, search->set, DNS_UNITS);
    else
        wide_copy(search->get, dns, DNS_UNITS);
}

EXPORT DWORD WINAPI SetInterfaceDnsSettings(GUID guid, const struct DNS_INTERFACE_SETTINGS *settings) {
    if (!settings || settings->Version != DNS_INTERFACE_SETTINGS_VERSION1)
        return ERROR_INVALID_PARAMETER;
    if (!(settings->Flags & DNS_SETTING_NAMESERVER))
        return ERROR_NOT_SUPPORTED; /* other settings are not known here */
    if (!settings->NameServer || wide_length(settings->NameServer) >= DNS_UNITS)
        return ERROR_INVALID_PARAMETER;
    struct dns_search search = {
        .guid = guid, .ipv6 = settings->Flags & DNS_SETTING_IPV6, .set = settings->NameServer};
    device_visit(exchange_dns, &search);
    return search.found ? ERROR_SUCCESS : ERROR_FILE_NOT_FOUND;
}

EXPORT DWORD WINAPI GetInterfaceDnsSettings(GUID guid, struct DNS_INTERFACE_SETTINGS *settings) {
    if (!settings || settings->Version != DNS_INTERFACE_SETTINGS_VERSION1)
        return ERROR_INVALID_PARAMETER;
    /* The result counts as a table, so that the tests notice one that is not freed. */
    struct dns_search search = {.guid = guid,
                                .ipv6 = settings->Flags & DNS_SETTING_IPV6,
                                .get = linux_table_allocate(DNS_UNITS * sizeof(WCHAR))};
    if (!search.get)
        return ERROR_NOT_ENOUGH_MEMORY;
    device_visit(exchange_dns, &search);
    if (!search.found) {
        FreeMibTable(search.get);
        return ERROR_FILE_NOT_FOUND;
    }
    *settings = (struct DNS_INTERFACE_SETTINGS){.Version = DNS_INTERFACE_SETTINGS_VERSION1,
                                                .Flags = settings->Flags | DNS_SETTING_NAMESERVER,
                                                .NameServer = search.get};
    return ERROR_SUCCESS;
}

EXPORT void WINAPI FreeInterfaceDnsSettings(struct DNS_INTERFACE_SETTINGS *settings) {
    FreeMibTable(settings->NameServer);
    settings->NameServer = NULL;
}
