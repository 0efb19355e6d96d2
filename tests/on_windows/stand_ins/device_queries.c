/* DevCreateObjectQuery and DevCloseObjectQuery of cfgmgr32.dll: a query that reports the interface of a device once it is there. */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "device_nodes.h"
#include "device_registry.h"
#include "properties.h"
#include "trace.h"

#define EXPORT __declspec(dllexport)
#define POLL_MS 20

static const DEVPROPKEY INSTANCE_ID_KEY = { /* DEVPKEY_Device_InstanceId */
    {0x78c34fc8, 0x104a, 0x4aca, {0x9e, 0xa4, 0x52, 0x4d, 0x52, 0x99, 0x6e, 0x57}}, 256};

/* devquerydef.h */
enum { DEVICE_INTERFACE = 1 };
enum { RESULT_STATE, RESULT_ADD };

struct filter {
    ULONG operator;
    struct property property;
};

struct action {
    ULONG action;
    union {
        ULONG state;
        struct {
            ULONG type;
            const WCHAR *id;
            ULONG property_count;
            const struct property *properties;
        } object;
    } data;
};

struct query;
typedef void(WINAPI *query_callback)(struct query *query, void *context, const struct action *action);

struct query {
    WCHAR id[DEVICE_ID_UNITS];
    query_callback callback;
    void *context;
    HANDLE stop, thread;
};

static DWORD WINAPI watch(void *parameter) {
    struct query *query = parameter;
    do {
        WCHAR list[400];
        if (node_interface_list(query->id, list) > 1) {
            const struct action action = {.action = RESULT_ADD, .data.object = {.type = DEVICE_INTERFACE, .id = list}};
            trace("query: %ls is there", list);
            query->callback(query, query->context, &action);
            break;
        }
    } while (WaitForSingleObject(query->stop, POLL_MS) == WAIT_TIMEOUT);
    return 0;
}

EXPORT HRESULT WINAPI query_create(ULONG type, ULONG flags, ULONG wanted_count, const void *wanted, ULONG filter_count,
                                   const struct filter *filters, query_callback callback, void *context,
                                   struct query **out) {
    (void)flags, (void)wanted_count, (void)wanted;
    if (type != DEVICE_INTERFACE || !callback || !out)
        return E_INVALIDARG;
    struct query *query = calloc(1, sizeof *query);
    if (!query)
        return E_OUTOFMEMORY;
    for (ULONG i = 0; i < filter_count; i++)
        if (memcmp(&filters[i].property.key, &INSTANCE_ID_KEY, sizeof INSTANCE_ID_KEY) == 0)
            wcsncpy(query->id, filters[i].property.buffer, DEVICE_ID_UNITS - 1);
    query->callback = callback;
    query->context = context;
    query->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    *out = query;
    query->thread = CreateThread(NULL, 0, watch, query, 0, NULL);
    return S_OK;
}

EXPORT void WINAPI query_close(struct query *query) {
    SetEvent(query->stop);
    WaitForSingleObject(query->thread, INFINITE);
    CloseHandle(query->thread);
    CloseHandle(query->stop);
    free(query);
}
