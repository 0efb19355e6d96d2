/* The functions of iphlpapi for unicast addresses, on Linux; see iphlpapi.c. */
#include <string.h>

#include "iphlpapi_rows.h"
#include "linux.h"
#include "notifications.h"

#define PREFIX_ORIGIN_WELL_KNOWN 2u
#define SUFFIX_ORIGIN_LINK_LAYER_ADDRESS 4u
#define ORIGIN_UNCHANGED 16u
#define DAD_STATE_PREFERRED 4u

EXPORT void WINAPI InitializeUnicastIpAddressEntry(struct MIB_UNICASTIPADDRESS_ROW *row) {
    *row = (struct MIB_UNICASTIPADDRESS_ROW){
        .PrefixOrigin = ORIGIN_UNCHANGED,
        .SuffixOrigin = ORIGIN_UNCHANGED,
        .ValidLifetime = UINT32_MAX,
        .PreferredLifetime = UINT32_MAX,
        .OnLinkPrefixLength = UINT8_MAX, /* documented as "an illegal value" */
    };
}

/* Reads the address of the row. Returns false if the row has no valid address. */
static bool address_of_row(const struct MIB_UNICASTIPADDRESS_ROW *row, struct linux_address *address) {
    static const uint8_t none[16];
    *address = (struct linux_address){
        .family = row->Address.si_family,
        .prefix_length = row->OnLinkPrefixLength,
        .valid_lifetime = row->ValidLifetime,
        .preferred_lifetime = row->PreferredLifetime,
        .skip_as_source = row->SkipAsSource,
        .prefix_origin = ORIGIN_MANUAL,
        .suffix_origin = ORIGIN_MANUAL,
        .created = platform_filetime(),
    };
    if (!sockaddr_read(&row->Address, address->bytes))
        return false;
    const size_t bytes = sockaddr_bytes(address->family);
    if (address->prefix_length == UINT8_MAX)
        address->prefix_length = (uint8_t)(bytes * 8);
    return address->prefix_length <= bytes * 8 && memcmp(address->bytes, none, bytes) != 0;
}

static bool same_address(const struct linux_address *a, const struct linux_address *b) {
    return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

static struct linux_address *find_address(struct platform_device *platform, const struct linux_address *wanted) {
    for (uint32_t i = 0; i < platform->address_count; i++)
        if (same_address(&platform->addresses[i], wanted))
            return &platform->addresses[i];
    return NULL;
}

void linux_add_link_local(struct platform_device *device) {
    device->addresses[device->address_count++] = (struct linux_address){
        .family = WINDOWS_AF_INET6,
        .bytes = {0xFE, 0x80, [15] = 1},
        .prefix_length = 64,
        .valid_lifetime = UINT32_MAX,
        .preferred_lifetime = UINT32_MAX,
        .prefix_origin = PREFIX_ORIGIN_WELL_KNOWN,
        .suffix_origin = SUFFIX_ORIGIN_LINK_LAYER_ADDRESS,
        .created = platform_filetime(),
    };
}

struct address_search {
    const struct linux_address *wanted;
    bool found;
};

static void search_device(struct device *device, void *context) {
    struct address_search *search = context;
    search->found = search->found || find_address(device->platform, search->wanted);
}

static DWORD add_address(struct device *device, const struct linux_address *address) {
    /* The same address on two adapters is also refused. */
    struct address_search search = {address, false};
    device_visit(search_device, &search);
    if (search.found)
        return ERROR_OBJECT_ALREADY_EXISTS;
    struct platform_device *platform = device->platform;
    if (platform->address_count == MAX_ADDRESSES)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (platform->tun >= 0) {
        const DWORD code = linux_error_of(netlink_change_address((int)device->identity.luid_index, address, true));
        if (code != ERROR_SUCCESS)
            return code;
    }
    platform->addresses[platform->address_count++] = *address;
    return ERROR_SUCCESS;
}

static DWORD remove_address(struct device *device, const struct linux_address *wanted) {
    struct platform_device *platform = device->platform;
    struct linux_address *address = find_address(platform, wanted);
    if (!address)
        return ERROR_NOT_FOUND;
    const DWORD code = platform->tun < 0 ? ERROR_SUCCESS
                                         : linux_error_of(netlink_change_address((int)device->identity.luid_index,
                                                                           address, false));
    *address = platform->addresses[--platform->address_count];
    const bool ipv4 = wanted->family == WINDOWS_AF_INET;
    return code == ERROR_SUCCESS && ipv4 ? linux_restore_ipv4_routes(device) : code;
}

static DWORD change_address(const struct MIB_UNICASTIPADDRESS_ROW *row,
                            DWORD (*change)(struct device *, const struct linux_address *)) {
    struct linux_address address;
    if (!row || !address_of_row(row, &address))
        return ERROR_INVALID_PARAMETER;
    struct device *device = linux_device_of_row(row->InterfaceLuid, row->InterfaceIndex);
    if (!device)
        return ERROR_NOT_FOUND;
    platform_lock_enter(&linux_settings);
    const DWORD code =
        linux_family_is_off(device, address.family) ? ERROR_NOT_FOUND : change(device, &address);
    platform_lock_leave(&linux_settings);
    notify_change(NOTIFIED_ADDRESS, device_luid(device), device->identity.luid_index, address.family,
                  change == add_address ? MIB_ADD_INSTANCE : MIB_DELETE_INSTANCE);
    device_release(device);
    return code;
}

EXPORT DWORD WINAPI CreateUnicastIpAddressEntry(const struct MIB_UNICASTIPADDRESS_ROW *row) {
    DWORD code;
    return fault_take(EMULATOR_CREATE_UNICAST_ADDRESS, &code) ? code : change_address(row, add_address);
}

EXPORT DWORD WINAPI DeleteUnicastIpAddressEntry(const struct MIB_UNICASTIPADDRESS_ROW *row) {
    return change_address(row, remove_address);
}

struct address_listing {
    uint16_t family;
    struct MIB_UNICASTIPADDRESS_TABLE *table;
    uint32_t room;
};

static void list_addresses(struct device *device, void *context) {
    struct address_listing *listing = context;
    for (uint32_t i = 0; i < device->platform->address_count; i++) {
        const struct linux_address *address = &device->platform->addresses[i];
        if (listing->family != WINDOWS_AF_UNSPEC && listing->family != address->family)
            continue;
        if (listing->table->NumEntries == listing->room)
            return;
        struct MIB_UNICASTIPADDRESS_ROW *row = &listing->table->Table[listing->table->NumEntries++];
        *row = (struct MIB_UNICASTIPADDRESS_ROW){
            .InterfaceLuid = device_luid(device),
            .InterfaceIndex = device->identity.luid_index,
            .PrefixOrigin = address->prefix_origin,
            .SuffixOrigin = address->suffix_origin,
            .ValidLifetime = address->valid_lifetime,
            .PreferredLifetime = address->preferred_lifetime,
            .OnLinkPrefixLength = address->prefix_length,
            .SkipAsSource = address->skip_as_source,
            .DadState = DAD_STATE_PREFERRED,
            .CreationTimeStamp = address->created,
        };
        sockaddr_write(&row->Address, address->family, address->bytes);
    }
}

EXPORT DWORD WINAPI GetUnicastIpAddressTable(uint16_t family, struct MIB_UNICASTIPADDRESS_TABLE **table) {
    if (!table || (family != WINDOWS_AF_UNSPEC && family != WINDOWS_AF_INET && family != WINDOWS_AF_INET6))
        return ERROR_INVALID_PARAMETER;
    struct address_listing listing = {family, NULL, live_adapters * MAX_ADDRESSES};
    listing.table = linux_table_allocate(sizeof *listing.table +
                                         listing.room * sizeof(struct MIB_UNICASTIPADDRESS_ROW));
    if (!listing.table)
        return ERROR_NOT_ENOUGH_MEMORY;
    platform_lock_enter(&linux_settings);
    device_visit(list_addresses, &listing);
    platform_lock_leave(&linux_settings);
    *table = listing.table;
    return ERROR_SUCCESS;
}
