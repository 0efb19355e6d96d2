/* Unicast addresses. */
#include "standin.h"

#include <stddef.h>
#include <stdlib.h>

struct address_key {
    uint32_t version;
    uint8_t address[16];
};

static struct address_key key_of(const SOCKADDR_INET *address) {
    struct address_key key = {.version = version_of(address->si_family)};
    if (key.version == 4)
        memcpy(key.address, &address->Ipv4.sin_addr, 4);
    else
        memcpy(key.address, &address->Ipv6.sin6_addr, 16);
    return key;
}

static uint32_t bits_of(const SOCKADDR_INET *address) {
    return address->si_family == AF_INET ? 32 : 128;
}

EXPORT VOID WINAPI InitializeUnicastIpAddressEntry(PMIB_UNICASTIPADDRESS_ROW row) {
    memset(row, 0, sizeof *row);
    row->PrefixOrigin = IpPrefixOriginUnchanged;
    row->SuffixOrigin = IpSuffixOriginUnchanged;
    row->ValidLifetime = row->PreferredLifetime = 0xFFFFFFFF;
    row->OnLinkPrefixLength = 255;
}

/* Returns whether any emulated adapter has the address: only one interface of a machine can have it. */
static bool is_taken(const SOCKADDR_INET *address) {
    const struct address_key wanted = key_of(address);
    uint32_t count;
    MIB_UNICASTIPADDRESS_ROW *rows = query_rows(ADDRESSES, 0, sizeof *rows, &count);
    bool taken = false;
    for (uint32_t i = 0; i < count && !taken; i++) {
        const struct address_key other = key_of(&rows[i].Address);
        taken = !memcmp(&wanted, &other, sizeof wanted);
    }
    free(rows);
    return taken;
}

static DWORD change(const MIB_UNICASTIPADDRESS_ROW *wanted, enum machine_mode mode) {
    static const struct address_key unspecified[] = {{.version = 4}, {.version = 6}};
    MIB_UNICASTIPADDRESS_ROW row = *wanted;
    const uint32_t bits = bits_of(&row.Address);
    struct machine_adapter adapter;
    if (!version_of(row.Address.si_family))
        return ERROR_INVALID_PARAMETER;
    const struct address_key key = key_of(&row.Address);
    if (!memcmp(&key, &unspecified[key.version == 6], sizeof key))
        return ERROR_INVALID_PARAMETER;
    if (mode != MACHINE_REMOVE && row.OnLinkPrefixLength == 255)
        row.OnLinkPrefixLength = (UINT8)bits;
    if (mode != MACHINE_REMOVE && row.OnLinkPrefixLength > bits)
        return ERROR_INVALID_PARAMETER;
    if (!find_adapter(row.InterfaceLuid, row.InterfaceIndex, &adapter))
        return ERROR_NOT_FOUND;
    if (mode == MACHINE_ADD && is_taken(&row.Address))
        return ERROR_OBJECT_ALREADY_EXISTS;
    uint32_t count;
    MIB_UNICASTIPADDRESS_ROW *present = query_rows(ADDRESSES, adapter.luid, sizeof *present, &count);
    for (uint32_t i = 0; mode == MACHINE_REMOVE && i < count; i++) {
        const struct address_key other = key_of(&present[i].Address);
        if (!memcmp(&key, &other, sizeof key)) /* Windows removes by address; Linux also needs the prefix */
            row.OnLinkPrefixLength = present[i].OnLinkPrefixLength;
    }
    free(present);
    row.InterfaceLuid.Value = adapter.luid;
    row.InterfaceIndex = adapter.if_index;
    row.PrefixOrigin = IpPrefixOriginManual;
    row.SuffixOrigin = IpSuffixOriginManual;
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    row.CreationTimeStamp.LowPart = now.dwLowDateTime;
    row.CreationTimeStamp.HighPart = (LONG)now.dwHighDateTime;
    struct machine_store store = {.luid = adapter.luid, .table = ADDRESSES, .mode = mode};
    set_effect(&store, MACHINE_ADDRESS, &row.Address, row.OnLinkPrefixLength);
    return store_row(&store, &key, sizeof key, &row, mode == MACHINE_REMOVE ? 0 : sizeof row);
}

static DWORD record_row(DWORD result, const char *call, const MIB_UNICASTIPADDRESS_ROW *row) {
    char address[INET6_ADDRSTRLEN];
    return record(result, call,
                  "\"luid\":\"%llu\",\"address\":\"%s\",\"prefix\":%u,\"dadState\":%d,\"validLifetime\":%lu,"
                  "\"preferredLifetime\":%lu,\"skipAsSource\":%u,",
                  row->InterfaceLuid.Value, address_text(&row->Address, address), row->OnLinkPrefixLength, row->DadState,
                  row->ValidLifetime, row->PreferredLifetime, row->SkipAsSource);
}

EXPORT DWORD WINAPI CreateUnicastIpAddressEntry(const MIB_UNICASTIPADDRESS_ROW *row) {
    return record_row(change(row, MACHINE_ADD), "CreateUnicastIpAddressEntry", row);
}

EXPORT DWORD WINAPI SetUnicastIpAddressEntry(const MIB_UNICASTIPADDRESS_ROW *row) {
    return record_row(change(row, MACHINE_CHANGE), "SetUnicastIpAddressEntry", row);
}

EXPORT DWORD WINAPI DeleteUnicastIpAddressEntry(const MIB_UNICASTIPADDRESS_ROW *row) {
    return record_row(change(row, MACHINE_REMOVE), "DeleteUnicastIpAddressEntry", row);
}

EXPORT DWORD WINAPI GetUnicastIpAddressTable(ADDRESS_FAMILY family, PMIB_UNICASTIPADDRESS_TABLE *table) {
    PMIB_UNICASTIPADDRESS_TABLE wine;
    DWORD error = WINE(GetUnicastIpAddressTable)(family, &wine);
    if (error)
        return error;
    uint32_t adapter_count, count;
    struct machine_adapter *adapters = machine_list(&adapter_count);
    MIB_UNICASTIPADDRESS_ROW *rows = query_rows(ADDRESSES, 0, sizeof *rows, &count);
    *table = new_mib_table(wine->NumEntries + count, offsetof(MIB_UNICASTIPADDRESS_TABLE, Table), sizeof *rows);
    for (ULONG i = 0; i < wine->NumEntries; i++)
        if (!is_hidden(adapters, adapter_count, wine->Table[i].InterfaceIndex))
            (*table)->Table[(*table)->NumEntries++] = wine->Table[i];
    for (uint32_t i = 0; i < count; i++)
        if (family == AF_UNSPEC || rows[i].Address.si_family == family)
            (*table)->Table[(*table)->NumEntries++] = rows[i];
    FreeMibTable(wine);
    free(rows);
    free(adapters);
    return NO_ERROR;
}

EXPORT DWORD WINAPI GetUnicastIpAddressEntry(PMIB_UNICASTIPADDRESS_ROW row) {
    struct machine_adapter adapter;
    if (!find_adapter(row->InterfaceLuid, row->InterfaceIndex, &adapter))
        return WINE(GetUnicastIpAddressEntry)(row);
    if (!version_of(row->Address.si_family))
        return ERROR_INVALID_PARAMETER;
    const struct address_key wanted = key_of(&row->Address);
    uint32_t count;
    MIB_UNICASTIPADDRESS_ROW *rows = query_rows(ADDRESSES, adapter.luid, sizeof *rows, &count);
    DWORD error = ERROR_NOT_FOUND;
    for (uint32_t i = 0; i < count && error; i++) {
        const struct address_key other = key_of(&rows[i].Address);
        if (memcmp(&wanted, &other, sizeof wanted))
            continue;
        *row = rows[i];
        error = NO_ERROR;
    }
    free(rows);
    return error;
}
