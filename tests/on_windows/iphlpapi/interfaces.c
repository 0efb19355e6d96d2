/* Interfaces: the properties of an emulated adapter, and its settings for each IP version. */
#include "standin.h"

#include <stddef.h>
#include <stdlib.h>
#include <wchar.h>

#define DEFAULT_MTU 65535 /* the MTU of Wintun's driver */
#define DEFAULT_METRIC 5

static void fill_row(const struct machine_adapter *adapter, MIB_IF_ROW2 *row) {
    memset(row, 0, sizeof *row);
    row->InterfaceLuid.Value = adapter->luid;
    row->InterfaceIndex = adapter->if_index;
    memcpy(&row->InterfaceGuid, adapter->guid, sizeof row->InterfaceGuid);
    wcsncpy(row->Alias, (const WCHAR *)adapter->name, IF_MAX_STRING_SIZE);
    wcsncpy(row->Description, (const WCHAR *)adapter->type, IF_MAX_STRING_SIZE - 8);
    wcscat(row->Description, L" Tunnel");
    row->Mtu = DEFAULT_MTU;
    row->Type = IF_TYPE_PROP_VIRTUAL;
    row->TunnelType = TUNNEL_TYPE_NONE;
    row->MediaType = NdisMediumIP;
    row->PhysicalMediumType = NdisPhysicalMediumUnspecified;
    row->AccessType = NET_IF_ACCESS_POINT_TO_POINT;
    row->DirectionType = NET_IF_DIRECTION_SENDRECEIVE;
    row->OperStatus = adapter->has_session ? IfOperStatusUp : IfOperStatusDown;
    row->AdminStatus = NET_IF_ADMIN_STATUS_UP;
    row->MediaConnectState = adapter->has_session ? MediaConnectStateConnected : MediaConnectStateDisconnected;
    row->ConnectionType = NET_IF_CONNECTION_DEDICATED;
    row->TransmitLinkSpeed = row->ReceiveLinkSpeed = 100000000000;
}

EXPORT DWORD WINAPI GetIfEntry2(PMIB_IF_ROW2 row) {
    struct machine_adapter adapter;
    if (find_adapter(row->InterfaceLuid, row->InterfaceIndex, &adapter)) {
        fill_row(&adapter, row);
        return NO_ERROR;
    }
    return WINE(GetIfEntry2)(row);
}

EXPORT DWORD WINAPI GetIfTable2(PMIB_IF_TABLE2 *table) {
    PMIB_IF_TABLE2 wine;
    DWORD error = WINE(GetIfTable2)(&wine);
    if (error)
        return error;
    uint32_t count;
    struct machine_adapter *adapters = machine_list(&count);
    *table = new_mib_table(wine->NumEntries + count, offsetof(MIB_IF_TABLE2, Table), sizeof(MIB_IF_ROW2));
    for (ULONG i = 0; i < wine->NumEntries; i++)
        if (!is_hidden(adapters, count, wine->Table[i].InterfaceIndex))
            (*table)->Table[(*table)->NumEntries++] = wine->Table[i];
    for (uint32_t i = 0; i < count; i++)
        fill_row(&adapters[i], &(*table)->Table[(*table)->NumEntries++]);
    FreeMibTable(wine);
    free(adapters);
    return NO_ERROR;
}

EXPORT DWORD WINAPI ConvertInterfaceAliasToLuid(const WCHAR *alias, PNET_LUID luid) {
    uint32_t count;
    struct machine_adapter *adapters = machine_list(&count);
    DWORD error = ERROR_INVALID_PARAMETER;
    for (uint32_t i = 0; i < count && error; i++)
        if (!_wcsicmp((const WCHAR *)adapters[i].name, alias)) {
            luid->Value = adapters[i].luid;
            error = NO_ERROR;
        }
    free(adapters);
    return error ? WINE(ConvertInterfaceAliasToLuid)(alias, luid) : error;
}

EXPORT DWORD WINAPI ConvertInterfaceLuidToAlias(const NET_LUID *luid, PWSTR alias, SIZE_T length) {
    struct machine_adapter adapter;
    if (!find_adapter(*luid, 0, &adapter))
        return WINE(ConvertInterfaceLuidToAlias)(luid, alias, length);
    if (wcslen((const WCHAR *)adapter.name) >= length)
        return ERROR_NOT_ENOUGH_MEMORY;
    wcscpy(alias, (const WCHAR *)adapter.name);
    return NO_ERROR;
}

EXPORT DWORD WINAPI ConvertInterfaceLuidToIndex(const NET_LUID *luid, PNET_IFINDEX index) {
    struct machine_adapter adapter;
    if (!find_adapter(*luid, 0, &adapter))
        return WINE(ConvertInterfaceLuidToIndex)(luid, index);
    *index = adapter.if_index;
    return NO_ERROR;
}

EXPORT DWORD WINAPI ConvertInterfaceLuidToGuid(const NET_LUID *luid, GUID *guid) {
    struct machine_adapter adapter;
    if (!find_adapter(*luid, 0, &adapter))
        return WINE(ConvertInterfaceLuidToGuid)(luid, guid);
    memcpy(guid, adapter.guid, sizeof *guid);
    return NO_ERROR;
}

/* ---- Settings for one IP version ---- */

struct interface_key {
    uint32_t version;
};

static void default_ip_row(const struct machine_adapter *adapter, ADDRESS_FAMILY family, MIB_IPINTERFACE_ROW *row) {
    memset(row, 0, sizeof *row);
    row->Family = family;
    row->InterfaceLuid.Value = adapter->luid;
    row->InterfaceIndex = adapter->if_index;
    row->UseAutomaticMetric = TRUE;
    row->Metric = DEFAULT_METRIC;
    row->NlMtu = DEFAULT_MTU;
    row->DadTransmits = family == AF_INET ? 3 : 1;
    row->SitePrefixLength = 64; /* for IPv4 too, although SetIpInterfaceEntry refuses this value there */
    row->Connected = adapter->has_session != 0;
}

EXPORT VOID WINAPI InitializeIpInterfaceEntry(PMIB_IPINTERFACE_ROW row) {
    /* "Unchanged" is a nonzero value in every field, so that no caller can rely on zeros. */
    memset(row, 0xFF, sizeof *row);
    row->Family = AF_UNSPEC;
    row->InterfaceLuid.Value = 0;
    row->InterfaceIndex = 0;
}

EXPORT DWORD WINAPI GetIpInterfaceEntry(PMIB_IPINTERFACE_ROW row) {
    struct machine_adapter adapter;
    const ADDRESS_FAMILY family = row->Family;
    if (!version_of(family))
        return ERROR_INVALID_PARAMETER;
    if (!find_adapter(row->InterfaceLuid, row->InterfaceIndex, &adapter))
        return ERROR_FILE_NOT_FOUND;
    uint32_t count;
    MIB_IPINTERFACE_ROW *rows = query_rows(INTERFACES, adapter.luid, sizeof *rows, &count);
    default_ip_row(&adapter, family, row);
    for (uint32_t i = 0; i < count; i++)
        if (rows[i].Family == family) {
            *row = rows[i];
            row->SitePrefixLength = 64;
            row->Connected = adapter.has_session != 0;
        }
    free(rows);
    return NO_ERROR;
}

static DWORD set_ip_interface(MIB_IPINTERFACE_ROW row) {
    struct machine_adapter adapter;
    const uint32_t version = version_of(row.Family);
    const ULONG smallest = version == 4 ? 576 : 1280;
    if (!version || (version == 4 ? row.SitePrefixLength != 0 : row.SitePrefixLength > 128))
        return ERROR_INVALID_PARAMETER;
    if (!find_adapter(row.InterfaceLuid, row.InterfaceIndex, &adapter))
        return ERROR_FILE_NOT_FOUND;
    if (row.NlMtu < smallest || row.NlMtu > 65535)
        return ERROR_INVALID_PARAMETER;
    row.InterfaceLuid.Value = adapter.luid;
    row.InterfaceIndex = adapter.if_index;
    if (row.UseAutomaticMetric)
        row.Metric = DEFAULT_METRIC;
    struct interface_key key = {version};
    struct machine_store store = {.luid = adapter.luid, .table = INTERFACES, .mode = MACHINE_PUT};
    store.effect = MACHINE_MTU;
    store.family = version;
    store.value = row.NlMtu;
    return store_row(&store, &key, sizeof key, &row, sizeof row);
}

EXPORT DWORD WINAPI SetIpInterfaceEntry(PMIB_IPINTERFACE_ROW row) {
    return record(set_ip_interface(*row), "SetIpInterfaceEntry",
                  "\"luid\":\"%llu\",\"version\":%u,\"mtu\":%lu,\"metric\":%lu,\"automaticMetric\":%s,\"forwarding\":%u,"
                  "\"sitePrefixLength\":%lu,",
                  row->InterfaceLuid.Value, version_of(row->Family), row->NlMtu, row->Metric,
                  row->UseAutomaticMetric ? "true" : "false", row->ForwardingEnabled, row->SitePrefixLength);
}
