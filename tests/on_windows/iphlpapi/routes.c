/* Routes. */
#include "standin.h"

#include <stddef.h>
#include <stdlib.h>

struct route_key {
    uint32_t version, prefix;
    uint8_t destination[16], next_hop[16];
};

static void copy_address(uint8_t to[16], const SOCKADDR_INET *address) {
    if (address->si_family == AF_INET)
        memcpy(to, &address->Ipv4.sin_addr, 4);
    else
        memcpy(to, &address->Ipv6.sin6_addr, 16);
}

EXPORT VOID WINAPI InitializeIpForwardEntry(PMIB_IPFORWARD_ROW2 row) {
    memset(row, 0, sizeof *row);
    row->ValidLifetime = row->PreferredLifetime = 0xFFFFFFFF;
    /* The Windows documentation calls these three values "illegal values". */
    row->SitePrefixLength = 255;
    row->Metric = 0xFFFFFFFF;
    row->Protocol = (NL_ROUTE_PROTOCOL)0xFFFFFFFF;
    row->Loopback = row->AutoconfigureAddress = row->Publish = row->Immortal = TRUE;
}

/* Returns whether the address has nonzero bits after the prefix. */
static bool has_host_bits(const uint8_t address[16], uint32_t prefix) {
    for (uint32_t bit = prefix; bit < 128; bit++)
        if (address[bit / 8] & 0x80 >> bit % 8)
            return true;
    return false;
}

static DWORD change(const MIB_IPFORWARD_ROW2 *wanted, enum machine_mode mode) {
    MIB_IPFORWARD_ROW2 row = *wanted;
    struct machine_adapter adapter;
    struct route_key key = {.version = version_of(row.DestinationPrefix.Prefix.si_family),
                            .prefix = row.DestinationPrefix.PrefixLength};
    if (!key.version || row.NextHop.si_family != row.DestinationPrefix.Prefix.si_family ||
        key.prefix > (key.version == 4 ? 32u : 128u))
        return ERROR_INVALID_PARAMETER;
    if (mode != MACHINE_REMOVE &&
        (row.Metric == 0xFFFFFFFF || (uint32_t)row.Protocol == 0xFFFFFFFF || row.SitePrefixLength > key.prefix ||
         row.PreferredLifetime > row.ValidLifetime))
        return ERROR_INVALID_PARAMETER;
    copy_address(key.destination, &row.DestinationPrefix.Prefix);
    copy_address(key.next_hop, &row.NextHop);
    if (has_host_bits(key.destination, key.prefix))
        return ERROR_INVALID_PARAMETER;
    if (!find_adapter(row.InterfaceLuid, row.InterfaceIndex, &adapter))
        return ERROR_NOT_FOUND;
    row.InterfaceLuid.Value = adapter.luid;
    row.InterfaceIndex = adapter.if_index;
    struct machine_store store = {.luid = adapter.luid, .table = ROUTES, .mode = mode};
    set_effect(&store, MACHINE_ROUTE, &row.DestinationPrefix.Prefix, key.prefix);
    memcpy(store.gateway, key.next_hop, sizeof store.gateway);
    store.value = row.Metric;
    return store_row(&store, &key, sizeof key, &row, mode == MACHINE_REMOVE ? 0 : sizeof row);
}

static DWORD record_row(DWORD result, const char *call, const MIB_IPFORWARD_ROW2 *row) {
    char destination[INET6_ADDRSTRLEN], next_hop[INET6_ADDRSTRLEN];
    return record(result, call,
                  "\"luid\":\"%llu\",\"destination\":\"%s\",\"prefix\":%u,\"nextHop\":\"%s\",\"metric\":%lu,\"protocol\":%d,"
                  "\"sitePrefixLength\":%u,",
                  row->InterfaceLuid.Value, address_text(&row->DestinationPrefix.Prefix, destination),
                  row->DestinationPrefix.PrefixLength, address_text(&row->NextHop, next_hop), row->Metric, row->Protocol,
                  row->SitePrefixLength);
}

EXPORT DWORD WINAPI CreateIpForwardEntry2(const MIB_IPFORWARD_ROW2 *row) {
    return record_row(change(row, MACHINE_ADD), "CreateIpForwardEntry2", row);
}

EXPORT DWORD WINAPI SetIpForwardEntry2(const MIB_IPFORWARD_ROW2 *row) {
    return record_row(change(row, MACHINE_CHANGE), "SetIpForwardEntry2", row);
}

EXPORT DWORD WINAPI DeleteIpForwardEntry2(const MIB_IPFORWARD_ROW2 *row) {
    return record_row(change(row, MACHINE_REMOVE), "DeleteIpForwardEntry2", row);
}

EXPORT DWORD WINAPI GetIpForwardTable2(ADDRESS_FAMILY family, PMIB_IPFORWARD_TABLE2 *table) {
    PMIB_IPFORWARD_TABLE2 wine;
    DWORD error = WINE(GetIpForwardTable2)(family, &wine);
    if (error)
        return error;
    uint32_t adapter_count, count;
    struct machine_adapter *adapters = machine_list(&adapter_count);
    MIB_IPFORWARD_ROW2 *rows = query_rows(ROUTES, 0, sizeof *rows, &count);
    *table = new_mib_table(wine->NumEntries + count, offsetof(MIB_IPFORWARD_TABLE2, Table), sizeof *rows);
    for (ULONG i = 0; i < wine->NumEntries; i++)
        if (!is_hidden(adapters, adapter_count, wine->Table[i].InterfaceIndex))
            (*table)->Table[(*table)->NumEntries++] = wine->Table[i];
    for (uint32_t i = 0; i < count; i++)
        if (family == AF_UNSPEC || rows[i].DestinationPrefix.Prefix.si_family == family)
            (*table)->Table[(*table)->NumEntries++] = rows[i];
    FreeMibTable(wine);
    free(rows);
    free(adapters);
    return NO_ERROR;
}
