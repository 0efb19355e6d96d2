/*
 * The functions of iphlpapi for interfaces, on Linux. They know only the emulator's adapters. A setting is stored with
 * the adapter, and applied to its network device if there is one. The functions return their error and do not change
 * the last error.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iphlpapi_rows.h"
#include "linux.h"
#include "notifications.h"
#include "wide.h"

#define MIN_MTU_IPV4 576u  /* minimum of Windows; RFC 791 would allow less */
#define MIN_MTU_IPV6 1280u /* RFC 8200 */
#define MAX_MTU 65535u

#define LINK_SPEED 100000000000u /* as reported by Wintun's driver */

struct platform_lock linux_settings;

/* ---- Tables ---- */

static _Atomic uint32_t live_tables;

uint32_t platform_count_mib_tables(void) {
    return live_tables;
}

void *linux_table_allocate(size_t bytes) {
    void *table = calloc(1, bytes);
    if (table)
        live_tables++;
    return table;
}

EXPORT void WINAPI FreeMibTable(void *table) {
    if (!table)
        return;
    free(table);
    live_tables--;
}

/* ---- Finding the adapter. Rows have a LUID and an index; the index applies if the LUID is 0. ---- */

uint64_t linux_luid_of_index(uint32_t index) {
    return (uint64_t)IF_TYPE_PROP_VIRTUAL << 48 | (uint64_t)(index & 0xFFFFFF) << 24;
}

struct device *linux_device_of_row(uint64_t luid, uint32_t index) {
    return device_find_by_luid(luid ? luid : linux_luid_of_index(index));
}

bool linux_family_is_off(const struct device *device, uint16_t family) {
    if (family != WINDOWS_AF_INET6 || device->platform->tun < 0)
        return false;
    char path[80];
    snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6", device->platform->name);
    FILE *file = fopen(path, "r");
    if (!file) /* the machine has no IPv6, or the device's MTU is too small for it */
        return access("/proc/net/if_inet6", F_OK) != 0;
    const bool off = fgetc(file) == '1';
    fclose(file);
    return off;
}

EXPORT DWORD WINAPI ConvertInterfaceLuidToIndex(const uint64_t *luid, uint32_t *index) {
    struct device *device = luid && index ? device_find_by_luid(*luid) : NULL;
    if (!device)
        return ERROR_INVALID_PARAMETER;
    *index = device->identity.luid_index; /* the index of the TUN device, if there is one */
    device_release(device);
    return ERROR_SUCCESS;
}

EXPORT DWORD WINAPI ConvertInterfaceLuidToGuid(const uint64_t *luid, GUID *guid) {
    struct device *device = luid && guid ? device_find_by_luid(*luid) : NULL;
    if (!device)
        return ERROR_INVALID_PARAMETER;
    *guid = device->identity.guid;
    device_release(device);
    return ERROR_SUCCESS;
}

EXPORT DWORD WINAPI ConvertInterfaceLuidToAlias(const uint64_t *luid, WCHAR *alias, size_t units) {
    struct device *device = luid && alias ? device_find_by_luid(*luid) : NULL;
    if (!device)
        return ERROR_INVALID_PARAMETER;
    const bool fits = wide_length(device->identity.name) < units;
    if (fits)
        wide_copy(alias, device->identity.name, units);
    device_release(device);
    return fits ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
}

EXPORT DWORD WINAPI ConvertInterfaceAliasToLuid(const WCHAR *alias, uint64_t *luid) {
    struct device *device = alias && luid ? device_find_by_name(alias) : NULL;
    if (!device)
        return ERROR_INVALID_PARAMETER;
    *luid = device_luid(device);
    device_release(device);
    return ERROR_SUCCESS;
}

/* ---- Interfaces ---- */

EXPORT void WINAPI InitializeIpInterfaceEntry(struct MIB_IPINTERFACE_ROW *row) {
    memset(row, 0, sizeof *row);
    /* Every setting has the value that means "unchanged": the highest value of its type. */
    row->AdvertisingEnabled = row->ForwardingEnabled = row->WeakHostSend = row->WeakHostReceive = UINT8_MAX;
    row->UseAutomaticMetric = row->UseNeighborUnreachabilityDetection = UINT8_MAX;
    row->ManagedAddressConfigurationSupported = row->OtherStatefulConfigurationSupported = UINT8_MAX;
    row->AdvertiseDefaultRoute = row->DisableDefaultRoutes = UINT8_MAX;
    row->RouterDiscoveryBehavior = row->DadTransmits = row->BaseReachableTime = UINT32_MAX;
    row->RetransmitTime = row->PathMtuDiscoveryTimeout = UINT32_MAX;
    row->LinkLocalAddressBehavior = row->LinkLocalAddressTimeout = UINT32_MAX;
    row->SitePrefixLength = row->Metric = row->NlMtu = UINT32_MAX;
}

/* Returns the settings for the row's family. */
static struct linux_interface *interface_of(struct device *device, uint16_t family) {
    return family == WINDOWS_AF_INET ? &device->platform->ipv4 : &device->platform->ipv6;
}

static struct device *device_of_interface(const struct MIB_IPINTERFACE_ROW *row, DWORD *code) {
    *code = ERROR_INVALID_PARAMETER;
    if (!row || (row->Family != WINDOWS_AF_INET && row->Family != WINDOWS_AF_INET6))
        return NULL;
    /* "GetIpInterfaceEntry function" (Windows documentation): 2 if the interface does not exist, 1168 if it does not
     * have that family. */
    *code = ERROR_FILE_NOT_FOUND;
    struct device *device = linux_device_of_row(row->InterfaceLuid, row->InterfaceIndex);
    if (!device || !linux_family_is_off(device, row->Family))
        return device;
    device_release(device);
    *code = ERROR_NOT_FOUND;
    return NULL;
}

EXPORT DWORD WINAPI GetIpInterfaceEntry(struct MIB_IPINTERFACE_ROW *row) {
    DWORD code;
    const bool is_ipv6 = row && row->Family == WINDOWS_AF_INET6;
    if (fault_take(is_ipv6 ? EMULATOR_GET_IPV6_INTERFACE : EMULATOR_GET_IPV4_INTERFACE, &code))
        return code;
    struct device *device = device_of_interface(row, &code);
    if (!device)
        return code;
    const uint16_t family = row->Family;
    const struct linux_interface *interface = interface_of(device, family);
    memset(row, 0, sizeof *row);
    row->Family = family;
    row->InterfaceLuid = device_luid(device);
    row->InterfaceIndex = device->identity.luid_index;
    row->UseAutomaticMetric = interface->automatic_metric;
    row->ForwardingEnabled = interface->forwarding;
    row->DadTransmits = family == WINDOWS_AF_INET ? 3 : 1;
    row->SitePrefixLength = 64; /* for IPv4 too, although setting this value is refused: a known trap */
    row->Metric = interface->metric;
    row->NlMtu = interface->mtu;
    row->Connected = device->session != NULL;
    device_release(device);
    return ERROR_SUCCESS;
}

/* Linux has one MTU per device, which is used for IPv4 here, and an MTU for IPv6 that is smaller or equal. */
static DWORD apply_mtu(const struct device *device) {
    const struct platform_device *platform = device->platform;
    if (platform->tun < 0)
        return ERROR_SUCCESS;
    const uint32_t link_mtu = platform->ipv4.mtu;
    const DWORD code = linux_error_of(netlink_set_mtu((int)device->identity.luid_index, link_mtu));
    if (code != ERROR_SUCCESS || link_mtu < MIN_MTU_IPV6)
        return code;
    char path[64];
    snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/mtu", platform->name);
    FILE *file = fopen(path, "w");
    if (!file)
        return ERROR_SUCCESS; /* the host has no IPv6 */
    fprintf(file, "%u\n", platform->ipv6.mtu < link_mtu ? platform->ipv6.mtu : link_mtu);
    return fclose(file) == 0 ? ERROR_SUCCESS : linux_error_of(errno);
}

static DWORD set_interface(struct device *device, const struct MIB_IPINTERFACE_ROW *row) {
    struct linux_interface *interface = interface_of(device, row->Family);
    const bool ipv4 = row->Family == WINDOWS_AF_INET;
    if (ipv4 && row->SitePrefixLength != 0) /* "SetIpInterfaceEntry function" (Microsoft) */
        return ERROR_INVALID_PARAMETER;
    if (row->NlMtu != UINT32_MAX) {
        if (row->NlMtu < (ipv4 ? MIN_MTU_IPV4 : MIN_MTU_IPV6) || row->NlMtu > MAX_MTU)
            return ERROR_INVALID_PARAMETER;
        interface->mtu = row->NlMtu;
    }
    if (row->ForwardingEnabled != UINT8_MAX)
        interface->forwarding = row->ForwardingEnabled != 0;
    if (row->UseAutomaticMetric != UINT8_MAX)
        interface->automatic_metric = row->UseAutomaticMetric != 0;
    if (interface->automatic_metric)
        interface->metric = DEFAULT_METRIC;
    else if (row->Metric != UINT32_MAX)
        interface->metric = row->Metric;
    return apply_mtu(device);
}

EXPORT DWORD WINAPI SetIpInterfaceEntry(struct MIB_IPINTERFACE_ROW *row) {
    DWORD code;
    if (fault_take(EMULATOR_SET_IP_INTERFACE, &code))
        return code;
    struct device *device = device_of_interface(row, &code);
    if (!device)
        return code;
    platform_lock_enter(&linux_settings);
    code = set_interface(device, row);
    platform_lock_leave(&linux_settings);
    notify_change(NOTIFIED_INTERFACE, device_luid(device), device->identity.luid_index, row->Family,
                  MIB_PARAMETER_NOTIFICATION);
    device_release(device);
    return code;
}

static void describe(const struct device *device, struct MIB_IF_ROW2 *row) {
    const bool connected = device->session != NULL;
    memset(row, 0, sizeof *row);
    row->InterfaceLuid = device_luid(device);
    row->InterfaceIndex = device->identity.luid_index;
    row->InterfaceGuid = device->identity.guid;
    wide_copy(row->Alias, device->identity.name, 257);
    wide_copy(row->Description, device->identity.type, 257);
    wide_append_ascii(row->Description, " Tunnel", 257);
    row->Mtu = MAX_MTU;
    row->Type = IF_TYPE_PROP_VIRTUAL;
    row->MediaType = 19;                                       /* NdisMediumIP */
    row->AccessType = 2;                                       /* NET_IF_ACCESS_BROADCAST */
    row->OperStatus = connected ? 1 : 2;                       /* up, down */
    row->AdminStatus = 1;                                      /* up */
    row->MediaConnectState = connected ? 1 : 2;                /* connected, disconnected */
    row->InterfaceAndOperStatusFlags = connected ? 0 : 1 << 4; /* NotMediaConnected */
    row->ConnectionType = 1;                                   /* NET_IF_CONNECTION_DEDICATED */
    row->TransmitLinkSpeed = row->ReceiveLinkSpeed = LINK_SPEED;
    row->InOctets = row->InUcastOctets = device->received_bytes;
    row->InUcastPkts = device->received_packets;
    row->InDiscards = device->received_discards;
    row->OutOctets = row->OutUcastOctets = device->sent_bytes;
    row->OutUcastPkts = device->sent_packets;
    row->OutDiscards = device->sent_discards;
}

EXPORT DWORD WINAPI GetIfEntry2(struct MIB_IF_ROW2 *row) {
    if (!row || (!row->InterfaceLuid && !row->InterfaceIndex))
        return ERROR_INVALID_PARAMETER;
    DWORD code;
    if (fault_take(EMULATOR_GET_INTERFACE, &code))
        return code;
    struct device *device = linux_device_of_row(row->InterfaceLuid, row->InterfaceIndex);
    if (!device)
        return ERROR_FILE_NOT_FOUND;
    describe(device, row);
    device_release(device);
    return ERROR_SUCCESS;
}

struct interface_listing {
    struct MIB_IF_TABLE2 *table;
    uint32_t room;
};

static void list_interface(struct device *device, void *context) {
    struct interface_listing *listing = context;
    if (listing->table->NumEntries < listing->room)
        describe(device, &listing->table->Table[listing->table->NumEntries++]);
}

EXPORT DWORD WINAPI GetIfTable2(struct MIB_IF_TABLE2 **table) {
    if (!table)
        return ERROR_INVALID_PARAMETER;
    struct interface_listing listing = {.room = live_adapters};
    listing.table = linux_table_allocate(sizeof *listing.table + listing.room * sizeof(struct MIB_IF_ROW2));
    if (!listing.table)
        return ERROR_NOT_ENOUGH_MEMORY;
    device_visit(list_interface, &listing);
    *table = listing.table;
    return ERROR_SUCCESS;
}
