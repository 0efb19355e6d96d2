/*
 * The part of COM that the program uses, on Linux: one class, the Network List Manager, with the methods that are called. Its
 * tables have the slots of netlistmgr.h; the others are empty. An adapter with a session has a network, which Windows has
 * identified at once; each session has a new one, which is public.
 *
 * Objects, and each use of COM, count as tables, so that the tests notice one that is not released. Every call may come on another
 * thread.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "linux.h"

#define S_OK 0u
#define S_FALSE 1u
#define E_NOTIMPL 0x80004001u
#define E_OUTOFMEMORY 0x8007000Eu
#define E_ACCESSDENIED 0x80070005u
#define E_FAIL 0x80004005u
#define CO_E_NOTINITIALIZED 0x800401F0u
#define REGDB_E_CLASSNOTREG 0x80040154u

#define NLM_NETWORK_CATEGORY_DOMAIN_AUTHENTICATED 2u
#define MAX_CONNECTIONS 64

/* {DCB00nnn-570F-4A9B-8D69-199FDBA5723B} */
#define NLM_GUID(low) {0xDCB00000u | (low), 0x570F, 0x4A9B, {0x8D, 0x69, 0x19, 0x9F, 0xDB, 0xA5, 0x72, 0x3B}}
static const GUID class_id = NLM_GUID(0xC01), manager_id = NLM_GUID(0);

/* An object of any of the interfaces. */
struct object {
    void *const *methods;
    _Atomic uint32_t references;
    GUID adapters[MAX_CONNECTIONS]; /* a connection and a network have one */
    uint32_t count, next;
};

static DWORD create(void *const *methods, const GUID *adapters, uint32_t count, struct object **created) {
    struct object *object = linux_table_allocate(sizeof *object);
    if (!object)
        return E_OUTOFMEMORY;
    *object = (struct object){.methods = methods, .references = 1, .count = count};
    for (uint32_t i = 0; i < count; i++)
        object->adapters[i] = adapters[i];
    *created = object;
    return S_OK;
}

static uint32_t WINAPI release(struct object *object) {
    const uint32_t left = --object->references;
    if (!left)
        FreeMibTable(object);
    return left;
}

/* ---- INetwork ---- */

struct category_of {
    const GUID *adapter;
    DWORD *read;           /* NULL: it is written */
    DWORD written;
    bool found;
};

static void visit_category(struct device *device, void *context) {
    struct category_of *category = context;
    if (!device->session || memcmp(&device->identity.guid, category->adapter, sizeof(GUID)))
        return;
    category->found = true;
    if (category->read)
        *category->read = device->network_category;
    else
        device->network_category = category->written;
}

static DWORD WINAPI get_category(struct object *network, DWORD *read) {
    struct category_of category = {.adapter = network->adapters, .read = read};
    DWORD code;
    if (fault_take(EMULATOR_GET_CATEGORY, &code))
        return code;
    device_visit(visit_category, &category);
    return category.found ? S_OK : E_FAIL;
}

static DWORD WINAPI set_category(struct object *network, DWORD written) {
    DWORD code, present;
    if (fault_take(EMULATOR_SET_CATEGORY, &code))
        return code;
    if (!fault_is_elevated())
        return E_ACCESSDENIED;
    code = get_category(network, &present);
    if (code != S_OK)
        return code;
    if (written >= NLM_NETWORK_CATEGORY_DOMAIN_AUTHENTICATED || present == NLM_NETWORK_CATEGORY_DOMAIN_AUTHENTICATED)
        return E_FAIL;
    device_visit(visit_category, &(struct category_of){.adapter = network->adapters, .written = written});
    return S_OK;
}

/* The adapter has the same network in every session. */
static DWORD WINAPI get_network_id(struct object *network, GUID *id) {
    *id = network->adapters[0];
    return S_OK;
}

struct identifications_of {
    const GUID *adapter;
    bool adds;
    uint32_t count;
};

static void visit_identifications(struct device *device, void *context) {
    struct identifications_of *identifications = context;
    if (memcmp(&device->identity.guid, identifications->adapter, sizeof(GUID)))
        return;
    if (identifications->adds) {
        device->identifications++;
        device->network_category = 0;
    }
    identifications->count = device->identifications;
}

/* The times are the numbers of the first and of the last identification. */
static DWORD WINAPI get_times(struct object *network, DWORD *low_created, DWORD *high_created, DWORD *low_connected,
                              DWORD *high_connected) {
    struct identifications_of identifications = {.adapter = network->adapters};
    DWORD code;
    if (fault_take(EMULATOR_GET_NETWORK_TIMES, &code))
        return code;
    device_visit(visit_identifications, &identifications);
    *low_created = 1;
    *low_connected = identifications.count;
    *high_created = *high_connected = 0;
    return S_OK;
}

static void *const network_methods[] = {
    [2] = release, [11] = get_network_id, [14] = get_times, [18] = get_category, [19] = set_category};

/* ---- INetworkConnection ---- */

static DWORD WINAPI get_network(struct object *connection, struct object **network) {
    return create(network_methods, connection->adapters, 1, network);
}

static DWORD WINAPI get_adapter_id(struct object *connection, GUID *adapter) {
    *adapter = connection->adapters[0];
    return S_OK;
}

static void *const connection_methods[] = {[2] = release, [7] = get_network, [12] = get_adapter_id};

/* ---- IEnumNetworkConnections ---- */

static DWORD WINAPI next(struct object *list, DWORD wanted, struct object **connection, DWORD *fetched) {
    *fetched = 0;
    if (wanted != 1)
        return E_NOTIMPL;
    if (list->next == list->count)
        return S_FALSE;
    const DWORD code = create(connection_methods, &list->adapters[list->next], 1, connection);
    if (code == S_OK)
        list->next++, *fetched = 1;
    return code;
}

static void *const list_methods[] = {[2] = release, [8] = next};

/* ---- INetworkListManager ---- */

static void add_connection(struct device *device, void *context) {
    struct object *list = context;
    if (device->session && list->count < MAX_CONNECTIONS)
        list->adapters[list->count++] = device->identity.guid;
}

static DWORD WINAPI get_network_connections(struct object *manager, struct object **list) {
    const DWORD code = create(list_methods, manager->adapters, 0, list);
    if (code == S_OK)
        device_visit(add_connection, *list);
    return code;
}

static void *const manager_methods[] = {[2] = release, [9] = get_network_connections};

/* ---- COM ---- */

static _Atomic uint32_t uses;

EXPORT DWORD WINAPI CoIncrementMTAUsage(void **cookie) {
    *cookie = linux_table_allocate(1);
    if (!*cookie)
        return E_OUTOFMEMORY;
    uses++;
    return S_OK;
}

EXPORT DWORD WINAPI CoDecrementMTAUsage(void *cookie) {
    uses--;
    FreeMibTable(cookie);
    return S_OK;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t goes_on = PTHREAD_COND_INITIALIZER;
static bool hangs;

EXPORT void WINAPI EmulatorHangNetworkList(BOOL wanted) {
    pthread_mutex_lock(&lock);
    hangs = wanted;
    pthread_cond_broadcast(&goes_on);
    pthread_mutex_unlock(&lock);
}

static void wait_while_it_hangs(void) {
    pthread_mutex_lock(&lock);
    while (hangs)
        pthread_cond_wait(&goes_on, &lock);
    pthread_mutex_unlock(&lock);
}

EXPORT DWORD WINAPI CoCreateInstance(const GUID *wanted, void *outer, DWORD context, const GUID *interface,
                                     struct object **created) {
    DWORD code;
    (void)outer, (void)context;
    if (!uses)
        return CO_E_NOTINITIALIZED;
    wait_while_it_hangs();
    if (fault_take(EMULATOR_CREATE_NETWORK_LIST, &code))
        return code;
    if (memcmp(wanted, &class_id, sizeof class_id) || memcmp(interface, &manager_id, sizeof manager_id))
        return REGDB_E_CLASSNOTREG;
    return create(manager_methods, NULL, 0, created);
}

EXPORT void WINAPI EmulatorIdentifyNetwork(struct adapter *adapter) {
    device_visit(visit_identifications,
                 &(struct identifications_of){.adapter = &adapter->device->identity.guid, .adds = true});
}

EXPORT void WINAPI EmulatorSetCategory(struct adapter *adapter, DWORD category) {
    device_visit(visit_category,
                 &(struct category_of){.adapter = &adapter->device->identity.guid, .written = category});
}
