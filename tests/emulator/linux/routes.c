/*
 * The functions of iphlpapi for routes, on Linux; see iphlpapi.c.
 */
#include <errno.h>
#include <string.h>

#include "iphlpapi_rows.h"
#include "linux.h"
#include "notifications.h"

#define ROUTE_ORIGIN_MANUAL 0u /* NL_ROUTE_ORIGIN */
#define ROUTE_ORIGIN_WELL_KNOWN 1u

#define FILETIME_UNITS_PER_SECOND 10000000u

EXPORT void WINAPI InitializeIpForwardEntry(struct MIB_IPFORWARD_ROW2 *row) {
    *row = (struct MIB_IPFORWARD_ROW2){
        .SitePrefixLength = UINT8_MAX, /* this, metric and protocol are documented as "an illegal value" */
        .Metric = UINT32_MAX,
        .Protocol = UINT32_MAX,
        .ValidLifetime = UINT32_MAX,
        .PreferredLifetime = UINT32_MAX,
        .Loopback = TRUE,
        .AutoconfigureAddress = TRUE,
        .Publish = TRUE,
        .Immortal = TRUE,
    };
}

/* Clears the bits after the prefix. */
static void clear_host_bits(uint8_t bytes[16], uint8_t prefix_length) {
    for (unsigned i = 0; i < 16; i++) {
        const unsigned kept = prefix_length <= i * 8 ? 0 : prefix_length - i * 8;
        if (kept < 8)
            bytes[i] &= (uint8_t)(0xFF00u >> kept);
    }
}

/* Reads the route of a row. Returns the error if the row is not valid. */
static DWORD route_of_row(const struct MIB_IPFORWARD_ROW2 *row, struct linux_route *route) {
    const uint16_t family = row->DestinationPrefix.Prefix.si_family;
    uint8_t network[16];
    *route = (struct linux_route){
        .family = family,
        .prefix_length = row->DestinationPrefix.PrefixLength,
        .metric = row->Metric,
        .protocol = row->Protocol,
        .created = platform_filetime(),
    };
    if (!row->InterfaceLuid && !row->InterfaceIndex)
        return ERROR_INVALID_PARAMETER;
    if (!sockaddr_read(&row->DestinationPrefix.Prefix, route->bytes) || !sockaddr_read(&row->NextHop, route->next_hop))
        return ERROR_INVALID_PARAMETER;
    if (row->NextHop.si_family != family || route->prefix_length > sockaddr_bytes(family) * 8)
        return ERROR_INVALID_PARAMETER;
    memcpy(network, route->bytes, sizeof network);
    clear_host_bits(network, route->prefix_length);
    return memcmp(network, route->bytes, sizeof network) == 0 ? ERROR_SUCCESS : ERROR_INVALID_PARAMETER;
}

/* Windows tells the routes of an interface apart by network and gateway. */
static bool same_route(const struct linux_route *a, const struct linux_route *b) {
    return a->family == b->family && a->prefix_length == b->prefix_length && !memcmp(a->bytes, b->bytes, 16) &&
           !memcmp(a->next_hop, b->next_hop, 16);
}

/* Returns the index of the route among the stored routes, or their number if it is not one of them. */
static uint32_t find_route(const struct platform_device *platform, const struct linux_route *wanted) {
    uint32_t i = 0;
    while (i < platform->route_count && !same_route(&platform->routes[i], wanted))
        i++;
    return i;
}

/* Returns the route to the network of an address. It is one of the routes that Windows adds for the address. */
static struct linux_route route_of_address(const struct linux_address *address) {
    struct linux_route route = {
        .family = address->family,
        .prefix_length = address->prefix_length,
        .metric = 256, /* the metric of Windows */
        .protocol = PROTOCOL_LOCAL,
        .created = address->created,
    };
    memcpy(route.bytes, address->bytes, sizeof route.bytes);
    clear_host_bits(route.bytes, route.prefix_length);
    return route;
}

/* Returns the address for which Windows added the route, or NULL if there is none. */
static struct linux_address *address_of_route(struct platform_device *platform, const struct linux_route *wanted) {
    for (uint32_t i = 0; i < platform->address_count; i++) {
        const struct linux_route made = route_of_address(&platform->addresses[i]);
        if (!platform->addresses[i].route_removed && same_route(&made, wanted))
            return &platform->addresses[i];
    }
    return NULL;
}

/* Adds or removes the route on the network device, if there is one. Returns 0 or an errno. */
static int apply(const struct device *device, const struct linux_route *route, bool add) {
    return device->platform->tun < 0 ? 0 : netlink_change_route((int)device->identity.luid_index, route, add);
}

static DWORD add_route(struct device *device, const struct linux_route *route) {
    struct platform_device *platform = device->platform;
    if (find_route(platform, route) < platform->route_count || address_of_route(platform, route))
        return ERROR_OBJECT_ALREADY_EXISTS;
    if (platform->route_count == MAX_ROUTES)
        return ERROR_NOT_ENOUGH_MEMORY;
    const DWORD code = linux_error_of(apply(device, route, true));
    if (code == ERROR_SUCCESS)
        platform->routes[platform->route_count++] = *route;
    return code;
}

static DWORD remove_route(struct device *device, const struct linux_route *wanted) {
    struct platform_device *platform = device->platform;
    const uint32_t place = find_route(platform, wanted);
    if (place == platform->route_count) {
        struct linux_address *address = address_of_route(platform, wanted);
        if (!address)
            return ERROR_NOT_FOUND;
        address->route_removed = true;
        const struct linux_route made = route_of_address(address);
        return linux_error_of(apply(device, &made, false));
    }
    const DWORD code = linux_error_of(apply(device, wanted, false));
    platform->routes[place] = platform->routes[--platform->route_count];
    return code;
}

static DWORD set_route(struct device *device, const struct linux_route *wanted) {
    struct platform_device *platform = device->platform;
    const uint32_t place = find_route(platform, wanted);
    if (place == platform->route_count)
        return ERROR_NOT_FOUND;
    int code = apply(device, &platform->routes[place], false);
    if (code == 0)
        code = apply(device, wanted, true);
    if (code == 0)
        platform->routes[place] = *wanted;
    return linux_error_of(code);
}

/* Linux removes all IPv4 routes of a device with its last IPv4 address. Windows keeps them. */
DWORD linux_restore_ipv4_routes(const struct device *device) {
    int code = 0;
    for (uint32_t i = 0; i < device->platform->route_count && (code == 0 || code == EEXIST); i++)
        if (device->platform->routes[i].family == WINDOWS_AF_INET)
            code = apply(device, &device->platform->routes[i], true);
    return code == EEXIST ? ERROR_SUCCESS : linux_error_of(code);
}

static DWORD change_route(const struct MIB_IPFORWARD_ROW2 *row, const struct linux_route *route,
                          DWORD (*change)(struct device *, const struct linux_route *)) {
    struct device *device = linux_device_of_row(row->InterfaceLuid, row->InterfaceIndex);
    if (!device)
        return ERROR_NOT_FOUND;
    platform_lock_enter(&linux_settings);
    const DWORD code =
        linux_family_is_off(device, route->family) ? ERROR_NOT_FOUND : change(device, route);
    platform_lock_leave(&linux_settings);
    notify_change(NOTIFIED_ROUTE, device_luid(device), device->identity.luid_index, route->family,
                  change == add_route      ? MIB_ADD_INSTANCE
                  : change == remove_route ? MIB_DELETE_INSTANCE
                                           : MIB_PARAMETER_NOTIFICATION);
    device_release(device);
    return code;
}

/* Writes the route of the row with `write`. Returns the error if the row has values that cannot be written. */
static DWORD write_route(const struct MIB_IPFORWARD_ROW2 *row,
                         DWORD (*write)(struct device *, const struct linux_route *)) {
    struct linux_route route;
    if (!row || row->Metric == UINT32_MAX || row->Protocol == UINT32_MAX ||
        row->SitePrefixLength > row->DestinationPrefix.PrefixLength || row->PreferredLifetime > row->ValidLifetime)
        return ERROR_INVALID_PARAMETER;
    const DWORD code = route_of_row(row, &route);
    return code == ERROR_SUCCESS ? change_route(row, &route, write) : code;
}

EXPORT DWORD WINAPI CreateIpForwardEntry2(const struct MIB_IPFORWARD_ROW2 *row) {
    return write_route(row, add_route);
}

EXPORT DWORD WINAPI SetIpForwardEntry2(const struct MIB_IPFORWARD_ROW2 *row) {
    return write_route(row, set_route);
}

/* Removes a route that CreateIpForwardEntry2 or an address created. */
EXPORT DWORD WINAPI DeleteIpForwardEntry2(const struct MIB_IPFORWARD_ROW2 *row) {
    struct linux_route route;
    const DWORD code = row ? route_of_row(row, &route) : ERROR_INVALID_PARAMETER;
    return code == ERROR_SUCCESS ? change_route(row, &route, remove_route) : code;
}

struct route_listing {
    uint16_t family;
    struct MIB_IPFORWARD_TABLE2 *table;
    uint32_t room;
};

static void list_route(struct route_listing *listing, const struct device *device, const struct linux_route *route) {
    if (listing->family != WINDOWS_AF_UNSPEC && listing->family != route->family)
        return;
    if (listing->table->NumEntries == listing->room)
        return;
    struct MIB_IPFORWARD_ROW2 *row = &listing->table->Table[listing->table->NumEntries++];
    *row = (struct MIB_IPFORWARD_ROW2){
        .InterfaceLuid = device_luid(device),
        .InterfaceIndex = device->identity.luid_index,
        .DestinationPrefix.PrefixLength = route->prefix_length,
        .ValidLifetime = UINT32_MAX,
        .PreferredLifetime = UINT32_MAX,
        .Metric = route->metric,
        .Protocol = route->protocol,
        .Immortal = TRUE,
        .Age = (uint32_t)((platform_filetime() - route->created) / FILETIME_UNITS_PER_SECOND),
        .Origin = route->protocol == PROTOCOL_LOCAL ? ROUTE_ORIGIN_WELL_KNOWN : ROUTE_ORIGIN_MANUAL,
    };
    sockaddr_write(&row->DestinationPrefix.Prefix, route->family, route->bytes);
    sockaddr_write(&row->NextHop, route->family, route->next_hop);
}

static void list_routes(struct device *device, void *listing) {
    const struct platform_device *platform = device->platform;
    for (uint32_t i = 0; i < platform->address_count; i++) {
        const struct linux_route made = route_of_address(&platform->addresses[i]);
        if (!platform->addresses[i].route_removed)
            list_route(listing, device, &made);
    }
    for (uint32_t i = 0; i < platform->route_count; i++)
        list_route(listing, device, &platform->routes[i]);
}

EXPORT DWORD WINAPI GetIpForwardTable2(uint16_t family, struct MIB_IPFORWARD_TABLE2 **table) {
    if (!table || (family != WINDOWS_AF_UNSPEC && !sockaddr_bytes(family)))
        return ERROR_INVALID_PARAMETER;
    struct route_listing listing = {family, NULL, live_adapters * (MAX_ADDRESSES + MAX_ROUTES)};
    listing.table = linux_table_allocate(sizeof *listing.table +
                                         listing.room * sizeof(struct MIB_IPFORWARD_ROW2));
    if (!listing.table)
        return ERROR_NOT_ENOUGH_MEMORY;
    platform_lock_enter(&linux_settings);
    device_visit(list_routes, &listing);
    platform_lock_leave(&linux_settings);
    *table = listing.table;
    return ERROR_SUCCESS;
}
