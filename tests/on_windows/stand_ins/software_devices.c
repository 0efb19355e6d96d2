/*
 * SwDeviceCreate and SwDeviceClose of cfgmgr32.dll ("Software Device API", Windows documentation). A device with a
 * hardware id gets a driver, and with it an adapter of the machine. The adapter exists as long as the process that made
 * the device holds it; afterwards the device is only remembered.
 */
#include <winsock2.h>
#include <windows.h>

#include <cfgmgr32.h>
#include <devpropdef.h>
#include <objbase.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "client.h"
#include "device_registry.h"
#include "emulator.h"
#include "properties.h"
#include "trace.h"

#define TYPE_SUFFIX L" Tunnel" /* wintun.dll appends it to the adapter's type to form the description */

/* SW_DEVICE_CREATE_INFO (swdevicedef.h) */
struct create_info {
    ULONG size;
    const WCHAR *instance_id, *hardware_ids, *compatible_ids;
    const GUID *container;
    ULONG capabilities;
    const WCHAR *description, *location;
    const void *security;
};

struct software_device;
typedef void(WINAPI *created_callback)(struct software_device *device, HRESULT result, void *context, const WCHAR *id);

struct software_device {
    WCHAR id[DEVICE_ID_UNITS];
    SOCKET owner; /* the adapter exists as long as this connection; INVALID_SOCKET for a device without a driver */
    created_callback callback;
    void *context;
    HRESULT result;
    HANDLE called;
};

static DWORD bytes_of(const WCHAR *text) {
    return (DWORD)((wcslen(text) + 1) * sizeof *text);
}

static DWORD bytes_of_list(const WCHAR *list) {
    const WCHAR *end = list;
    while (*end)
        end += wcslen(end) + 1;
    return (DWORD)((end + 1 - list) * sizeof *end);
}

/* Registers the device, or finds it registered from an earlier time. */
static HDEVINFO register_device(const WCHAR *id, const WCHAR *description, SP_DEVINFO_DATA *device) {
    HDEVINFO set = device_open(id, device);
    return set != INVALID_HANDLE_VALUE ? set : device_create(id, description, device);
}

static const WCHAR *name_property(ULONG count, const struct property *properties) {
    for (ULONG i = 0; i < count; i++)
        if (memcmp(&properties[i].key, &device_name_key, sizeof device_name_key) == 0)
            return properties[i].buffer;
    return NULL;
}

/* The adapter has a name of its own until NciSetConnectionName gives it the one that was asked for. */
static struct machine_adapter new_adapter(HKEY driver, const WCHAR *description) {
    struct machine_adapter adapter = {.pid = GetCurrentProcessId()};
    GUID guid;
    DWORD size = sizeof guid;
    if (RegQueryValueExW(driver, L"SuggestedInstanceId", NULL, NULL, (BYTE *)&guid, &size) != ERROR_SUCCESS ||
        size != sizeof guid)
        CoCreateGuid(&guid);
    memcpy(adapter.guid, &guid, sizeof guid);
    StringFromGUID2(&guid, (WCHAR *)adapter.name, MACHINE_NAME_UNITS);
    size_t units = wcslen(description);
    const size_t suffix = wcslen(TYPE_SUFFIX);
    if (units >= suffix && wcscmp(description + units - suffix, TYPE_SUFFIX) == 0)
        units -= suffix;
    memcpy(adapter.type, description, (units < MACHINE_NAME_UNITS ? units : MACHINE_NAME_UNITS - 1) * sizeof *description);
    return adapter;
}

/* What Windows does when it installs the driver for the device: a network interface, and its values in the registry. */
static DWORD set_up_network(struct software_device *created, HDEVINFO set, SP_DEVINFO_DATA *device,
                            const struct create_info *info) {
    DWORD error;
    if (fault_take(EMULATOR_CREATE_ADAPTER, &error))
        return error;
    HKEY driver = device_driver_key(set, device);
    if (driver == INVALID_HANDLE_VALUE)
        return GetLastError();
    struct machine_adapter adapter = new_adapter(driver, info->description);
    void *answer = NULL;
    uint32_t size = 0;
    created->owner = machine_connect();
    error = created->owner == INVALID_SOCKET
                ? ERROR_SERVICE_NOT_ACTIVE
                : machine_ask(created->owner, MACHINE_CREATE, &adapter, sizeof adapter, &answer, &size);
    if (error == ERROR_SUCCESS && !device_set_driver_version(set, device))
        error = GetLastError();
    if (error == ERROR_SUCCESS && size == sizeof adapter) {
        memcpy(&adapter, answer, sizeof adapter);
        device_set_network(driver, (const GUID *)adapter.guid, adapter.luid);
        device_set_connection_name((const GUID *)adapter.guid, (const WCHAR *)adapter.name);
    }
    free(answer);
    RegCloseKey(driver);
    return error;
}

static DWORD make_device(struct software_device *created, const struct create_info *info, const WCHAR *name) {
    SP_DEVINFO_DATA device;
    HDEVINFO set = register_device(created->id, info->description, &device);
    if (set == INVALID_HANDLE_VALUE)
        return GetLastError();
    DWORD error = ERROR_SUCCESS;
    if (name && !device_set_name(set, &device, name))
        error = GetLastError();
    if (error == ERROR_SUCCESS && info->hardware_ids && *info->hardware_ids) {
        SetupDiSetDeviceRegistryPropertyW(set, &device, SPDRP_HARDWAREID, (const BYTE *)info->hardware_ids,
                                          bytes_of_list(info->hardware_ids));
        SetupDiSetDeviceRegistryPropertyW(set, &device, SPDRP_FRIENDLYNAME, (const BYTE *)info->description,
                                          bytes_of(info->description));
        error = set_up_network(created, set, &device, info);
    }
    SetupDiDestroyDeviceInfoList(set);
    return error;
}

static DWORD WINAPI call_back(void *parameter) {
    struct software_device *device = parameter;
    device->callback(device, device->result, device->context, device->result == S_OK ? device->id : NULL);
    SetEvent(device->called);
    return 0;
}

EXPORT HRESULT WINAPI software_device_create(const WCHAR *enumerator, const WCHAR *parent, const struct create_info *info,
                                             ULONG count, const struct property *properties, created_callback callback,
                                             void *context, struct software_device **out) {
    (void)parent;
    if (!enumerator || !info || info->size != sizeof *info || !info->instance_id || !callback || !out)
        return E_INVALIDARG;
    struct software_device *created = calloc(1, sizeof *created);
    if (!created)
        return E_OUTOFMEMORY;
    created->owner = INVALID_SOCKET;
    created->callback = callback;
    created->context = context;
    created->called = CreateEventW(NULL, TRUE, FALSE, NULL);
    _snwprintf(created->id, DEVICE_ID_UNITS - 1, L"SWD\\%ls\\%ls", enumerator, info->instance_id);
    const DWORD error = make_device(created, info, name_property(count, properties));
    trace("software device %ls, hardware ids \"%ls\": %lu", created->id, info->hardware_ids, error);
    created->result = HRESULT_FROM_WIN32(error);
    *out = created;
    QueueUserWorkItem(call_back, created, WT_EXECUTEDEFAULT);
    return S_OK;
}

EXPORT void WINAPI software_device_close(struct software_device *device) {
    if (!device)
        return;
    trace("close software device %ls", device->id);
    WaitForSingleObject(device->called, INFINITE);
    if (device->owner != INVALID_SOCKET) {
        char byte; /* waits for the end of the connection, so that the adapter is gone when this returns */
        shutdown(device->owner, SD_SEND);
        while (recv(device->owner, &byte, 1, 0) > 0) {
        }
        closesocket(device->owner);
    }
    CloseHandle(device->called);
    free(device);
}
