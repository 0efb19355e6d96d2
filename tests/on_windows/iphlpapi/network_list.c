/*
 * The Network List Manager, a COM class. Wine's says of every network that it is public, and cannot change that. An adapter with
 * a session has a network, which Windows has identified at once; each session has a new one, which is public. The class lies in
 * this library because it needs the adapters of the machine too. While there is the file HANGS, the class hangs.
 */
#define CINTERFACE /* interfaces as tables of methods */
#include "standin.h"

#include <initguid.h>
#include <netlistmgr.h>
#include <stdlib.h>

/* An object of any of the interfaces. */
struct object {
    const void *methods;
    LONG references;
    uint32_t count, next; /* of the adapters; a connection and a network have one */
    GUID adapters[];
};

static HRESULT create(const void *methods, const GUID *adapters, uint32_t count, void *created) {
    struct object *object = calloc(1, sizeof *object + count * sizeof *adapters);
    if (!object)
        return E_OUTOFMEMORY;
    object->methods = methods;
    object->references = 1;
    object->count = count;
    for (uint32_t i = 0; i < count; i++)
        object->adapters[i] = adapters[i];
    *(struct object **)created = object;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE add_reference(void *object) {
    return (ULONG)InterlockedIncrement(&((struct object *)object)->references);
}

static ULONG STDMETHODCALLTYPE release(void *object) {
    const LONG left = InterlockedDecrement(&((struct object *)object)->references);
    if (!left)
        free(object);
    return (ULONG)left;
}

static const GUID *adapter_of(const void *object) { return ((const struct object *)object)->adapters; }

/* The methods of IUnknown, for a table of any interface. */
#define UNKNOWN .AddRef = (void *)add_reference, .Release = (void *)release

/* ---- INetwork ---- */

/* The category of the network of one session. */
struct category_row {
    GUID adapter;
    uint32_t session;
    NLM_NETWORK_CATEGORY category;
};

/* Returns the number of the adapter's session, or 0 if it has no network. */
static uint32_t session_of(const GUID *adapter) {
    struct machine_adapter found;
    return machine_find(adapter, 0, NULL, &found) ? found.has_session : 0;
}

static HRESULT STDMETHODCALLTYPE get_category(INetwork *network, NLM_NETWORK_CATEGORY *category) {
    const GUID *adapter = adapter_of(network);
    const uint32_t session = session_of(adapter);
    if (!session)
        return E_FAIL;
    *category = NLM_NETWORK_CATEGORY_PUBLIC;
    uint32_t count;
    struct category_row *rows = query_rows(NETWORKS, 0, sizeof *rows, &count);
    for (uint32_t i = 0; i < count; i++)
        if (!memcmp(&rows[i].adapter, adapter, sizeof *adapter) && rows[i].session == session)
            *category = rows[i].category;
    free(rows);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE set_category(INetwork *network, NLM_NETWORK_CATEGORY category) {
    const struct category_row row = {*adapter_of(network), session_of(adapter_of(network)), category};
    struct machine_store store = {.table = NETWORKS, .mode = MACHINE_PUT};
    const bool is_settable = category == NLM_NETWORK_CATEGORY_PUBLIC || category == NLM_NETWORK_CATEGORY_PRIVATE;
    DWORD error = !row.session ? ERROR_NOT_FOUND : is_settable ? NO_ERROR : ERROR_INVALID_PARAMETER;
    if (!error)
        error = store_row(&store, &row.adapter, sizeof row.adapter, &row, sizeof row);
    record(error, "SetCategory", "\"category\":%u,", category);
    return HRESULT_FROM_WIN32(error);
}

/* An adapter has the same network in every session. */
static HRESULT STDMETHODCALLTYPE get_network_id(INetwork *network, GUID *id) {
    *id = *adapter_of(network);
    return S_OK;
}

/* The number of the session stands for the time at which it began. */
static HRESULT STDMETHODCALLTYPE get_times(INetwork *network, DWORD *low_created, DWORD *high_created, DWORD *low_connected,
                                           DWORD *high_connected) {
    *low_created = *high_created = *high_connected = 0;
    *low_connected = session_of(adapter_of(network));
    return *low_connected ? S_OK : E_FAIL;
}

static const INetworkVtbl network_methods = {UNKNOWN, .GetNetworkId = get_network_id, .GetTimeCreatedAndConnected = get_times,
                                             .GetCategory = get_category, .SetCategory = set_category};

/* ---- INetworkConnection ---- */

static HRESULT STDMETHODCALLTYPE get_network(INetworkConnection *connection, INetwork **network) {
    return create(&network_methods, adapter_of(connection), 1, network);
}

static HRESULT STDMETHODCALLTYPE get_adapter_id(INetworkConnection *connection, GUID *adapter) {
    *adapter = *adapter_of(connection);
    return S_OK;
}

static const INetworkConnectionVtbl connection_methods = {
    UNKNOWN, .GetNetwork = get_network, .GetAdapterId = get_adapter_id};

/* ---- IEnumNetworkConnections ---- */

static HRESULT STDMETHODCALLTYPE next(IEnumNetworkConnections *list, ULONG wanted, INetworkConnection **connection,
                                      ULONG *fetched) {
    struct object *object = (struct object *)list;
    *fetched = 0;
    if (wanted != 1)
        return E_NOTIMPL;
    if (object->next == object->count)
        return S_FALSE;
    const HRESULT result = create(&connection_methods, &object->adapters[object->next], 1, connection);
    if (result == S_OK)
        object->next++, *fetched = 1;
    return result;
}

static const IEnumNetworkConnectionsVtbl list_methods = {UNKNOWN, .Next = next};

/* ---- INetworkListManager ---- */

static HRESULT STDMETHODCALLTYPE get_network_connections(INetworkListManager *manager, IEnumNetworkConnections **list) {
    (void)manager;
    uint32_t count, connected = 0;
    struct machine_adapter *adapters = machine_list(&count);
    GUID *guids = calloc(count + 1, sizeof *guids);
    for (uint32_t i = 0; guids && i < count; i++)
        if (adapters[i].has_session)
            memcpy(&guids[connected++], adapters[i].guid, sizeof *guids);
    const HRESULT result = guids ? create(&list_methods, guids, connected, list) : E_OUTOFMEMORY;
    free(guids);
    free(adapters);
    return result;
}

static const INetworkListManagerVtbl manager_methods = {UNKNOWN, .GetNetworkConnections = get_network_connections};

/* ---- The class ---- */

#define HANGS "Z:\\world\\network_list_hangs"

static HRESULT STDMETHODCALLTYPE create_manager(IClassFactory *class, IUnknown *outer, REFIID wanted, void **created) {
    (void)class;
    while (GetFileAttributesA(HANGS) != INVALID_FILE_ATTRIBUTES)
        Sleep(20);
    if (outer)
        return CLASS_E_NOAGGREGATION;
    return IsEqualGUID(wanted, &IID_INetworkListManager) ? create(&manager_methods, NULL, 0, created) : E_NOINTERFACE;
}

static const IClassFactoryVtbl class_methods = {UNKNOWN, .CreateInstance = create_manager};

/* Wine calls it to create an object, as Windows does. */
EXPORT HRESULT WINAPI DllGetClassObject(REFCLSID class, REFIID wanted, void **created) {
    if (!IsEqualGUID(class, &CLSID_NetworkListManager))
        return CLASS_E_CLASSNOTAVAILABLE;
    return IsEqualGUID(wanted, &IID_IClassFactory) ? create(&class_methods, NULL, 0, created) : E_NOINTERFACE;
}
