/*
 * The device nodes of cfgmgr32.dll, as far as wintun.dll uses them. Wine's setupapi.dll keeps the registered devices in
 * the registry. A device is present as long as the Linux side of the world has its adapter.
 */
#include "device_nodes.h"

#include <cfgmgr32.h>
#include <objbase.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "device_registry.h"
#include "stand_ins.h"
#include "trace.h"

#define EXPORT __declspec(dllexport)
#define NET_INTERFACE L"{cac88484-7515-4c03-82e6-71a87abac361}" /* GUID_DEVINTERFACE_NET */
#define ROOT_ID L"HTREE\\ROOT\\0"
/* The nodes of this file have numbers from here on. Those of Wine's setupapi.dll are smaller. */
#define FIRST_OWN_NODE 0x40000000u

STAND_IN_LOCK(lock);
static WCHAR (*nodes)[DEVICE_ID_UNITS];
static unsigned node_count;

static BOOL is_registered(const WCHAR *id) {
    SP_DEVINFO_DATA device;
    HDEVINFO set = device_open(id, &device);
    if (set == INVALID_HANDLE_VALUE)
        return FALSE;
    SetupDiDestroyDeviceInfoList(set);
    return TRUE;
}

/* Returns the index of the device in `nodes`; `node_count` if there is no memory. A new device takes the place of one that
 * is no longer registered. Inside the lock. */
static unsigned place_of(const WCHAR *id) {
    unsigned unused = node_count;
    for (unsigned i = 0; i < node_count; i++) {
        if (_wcsicmp(nodes[i], id) == 0)
            return i;
        if (unused == node_count && wcscmp(nodes[i], ROOT_ID) != 0 && !is_registered(nodes[i]))
            unused = i;
    }
    if (unused == node_count) {
        void *grown = realloc(nodes, (node_count + 1) * sizeof *nodes);
        if (!grown)
            return node_count;
        nodes = grown;
        node_count++;
    }
    wcscpy(nodes[unused], id);
    return unused;
}

EXPORT CONFIGRET WINAPI node_locate(DEVINST *node, const WCHAR *id, ULONG flags) {
    (void)flags;
    if (!id)
        id = ROOT_ID;
    else if (wcslen(id) >= DEVICE_ID_UNITS || !is_registered(id))
        return CR_NO_SUCH_DEVNODE;
    EnterCriticalSection(&lock);
    const unsigned place = place_of(id);
    const CONFIGRET result = place < node_count ? CR_SUCCESS : CR_OUT_OF_MEMORY;
    LeaveCriticalSection(&lock);
    *node = FIRST_OWN_NODE + place;
    trace("locate %ls: %lu", id, result);
    return result;
}

EXPORT CONFIGRET WINAPI node_device_id(DEVINST node, WCHAR *id, ULONG length, ULONG flags) {
    if (node < FIRST_OWN_NODE) {
        /* Not by the import library, whose name for it leads back to here. */
        CONFIGRET(WINAPI * real)(DEVINST, WCHAR *, ULONG, ULONG);
        real = (void *)GetProcAddress(GetModuleHandleW(L"setupapi.dll"), "CM_Get_Device_IDW");
        return real(node, id, length, flags);
    }
    CONFIGRET result = CR_INVALID_DEVNODE;
    EnterCriticalSection(&lock);
    if (node - FIRST_OWN_NODE < node_count) {
        const WCHAR *known = nodes[node - FIRST_OWN_NODE];
        result = wcslen(known) >= length ? CR_BUFFER_SMALL : CR_SUCCESS;
        if (result == CR_SUCCESS)
            wcscpy(id, known);
    }
    LeaveCriticalSection(&lock);
    return result;
}

EXPORT CONFIGRET WINAPI node_open_key(DEVINST node, REGSAM access, ULONG profile, REGDISPOSITION disposition, HKEY *key,
                                      ULONG flags) {
    WCHAR id[DEVICE_ID_UNITS];
    SP_DEVINFO_DATA device;
    (void)profile;
    const CONFIGRET result = node_device_id(node, id, DEVICE_ID_UNITS, 0);
    if (result != CR_SUCCESS || flags != CM_REGISTRY_SOFTWARE)
        return result != CR_SUCCESS ? result : CR_INVALID_FLAG;
    HDEVINFO set = device_open(id, &device);
    if (set == INVALID_HANDLE_VALUE)
        return CR_NO_SUCH_DEVNODE;
    *key = disposition == RegDisposition_OpenAlways
               ? device_driver_key(set, &device)
               : SetupDiOpenDevRegKey(set, &device, DICS_FLAG_GLOBAL, 0, DIREG_DRV, access);
    SetupDiDestroyDeviceInfoList(set);
    trace("software key of %ls: %p", id, *key);
    return *key == INVALID_HANDLE_VALUE ? CR_NO_SUCH_REGISTRY_KEY : CR_SUCCESS;
}

static BOOL read_interface_guid(const WCHAR *id, GUID *guid) {
    SP_DEVINFO_DATA device;
    WCHAR text[48] = L"";
    DWORD size = sizeof text;
    HDEVINFO set = device_open(id, &device);
    if (set == INVALID_HANDLE_VALUE)
        return FALSE;
    HKEY key = SetupDiOpenDevRegKey(set, &device, DICS_FLAG_GLOBAL, 0, DIREG_DRV, KEY_READ);
    SetupDiDestroyDeviceInfoList(set);
    if (key == INVALID_HANDLE_VALUE)
        return FALSE;
    const LONG error = RegQueryValueExW(key, L"NetCfgInstanceId", NULL, NULL, (BYTE *)text, &size);
    RegCloseKey(key);
    return error == ERROR_SUCCESS && CLSIDFromString(text, guid) == S_OK;
}

static BOOL adapter_of(const WCHAR *id, struct machine_adapter *adapter) {
    GUID guid;
    return read_interface_guid(id, &guid) && machine_find(&guid, 0, NULL, adapter);
}

BOOL node_adapter(DWORD node, struct machine_adapter *adapter) {
    WCHAR id[DEVICE_ID_UNITS];
    return node_device_id(node, id, DEVICE_ID_UNITS, 0) == CR_SUCCESS && adapter_of(id, adapter);
}

BOOL node_is_present(DWORD node) {
    struct machine_adapter adapter;
    return node_adapter(node, &adapter);
}

EXPORT CONFIGRET WINAPI node_status(ULONG *status, ULONG *problem, DEVINST node, ULONG flags) {
    struct machine_adapter adapter;
    (void)flags;
    const BOOL present = node_adapter(node, &adapter);
    trace("status of device %lu: %s", node, !present ? "absent" : adapter.disabled ? "disabled" : "started");
    if (!present)
        return CR_NO_SUCH_DEVNODE;
    *status = DN_DISABLEABLE | DN_REMOVABLE | DN_NT_ENUMERATOR | DN_NT_DRIVER |
              (adapter.disabled ? DN_HAS_PROBLEM : DN_DRIVER_LOADED | DN_STARTED);
    *problem = adapter.disabled ? CM_PROB_DISABLED : 0;
    return CR_SUCCESS;
}

ULONG node_interface_list(const WCHAR *id, WCHAR list[400]) {
    struct machine_adapter adapter;
    WCHAR guid[48];
    list[0] = list[1] = 0;
    if (!id || !adapter_of(id, &adapter) || adapter.disabled || world_has_fault("no-interface"))
        return 1;
    StringFromGUID2((const GUID *)adapter.guid, guid, 48);
    const int length = _snwprintf(list, 398, L"\\\\?\\%ls#" NET_INTERFACE L"\\%ls", id, guid);
    for (WCHAR *at = list + 4; *at && *at != L'#'; at++)
        if (*at == L'\\')
            *at = L'#';
    list[length + 1] = 0;
    return (ULONG)length + 2;
}

EXPORT CONFIGRET WINAPI node_interface_list_size(ULONG *length, GUID *class, WCHAR *id, ULONG flags) {
    WCHAR list[400];
    (void)class, (void)flags;
    *length = node_interface_list(id, list);
    trace("interface of %ls: %ls", id, list);
    return CR_SUCCESS;
}

EXPORT CONFIGRET WINAPI node_interfaces(GUID *class, WCHAR *id, WCHAR *buffer, ULONG length, ULONG flags) {
    WCHAR list[400];
    (void)class, (void)flags;
    const ULONG needed = node_interface_list(id, list);
    if (length < needed)
        return CR_BUFFER_SMALL;
    memcpy(buffer, list, needed * sizeof *list);
    return CR_SUCCESS;
}

/* Returns `otherwise` for a result without a Win32 error ("CM_MapCrToWin32Err function", Windows documentation). */
EXPORT DWORD WINAPI node_map_error(CONFIGRET result, DWORD otherwise) {
    switch (result) {
    case CR_SUCCESS:
        return ERROR_SUCCESS;
    case CR_OUT_OF_MEMORY:
        return ERROR_NOT_ENOUGH_MEMORY;
    case CR_INVALID_FLAG:
        return ERROR_INVALID_FLAGS;
    case CR_INVALID_DEVNODE:
        return ERROR_INVALID_DATA;
    case CR_NO_SUCH_DEVNODE:
        return ERROR_NOT_FOUND;
    case CR_BUFFER_SMALL:
        return ERROR_INSUFFICIENT_BUFFER;
    case CR_NO_SUCH_REGISTRY_KEY:
        return ERROR_FILE_NOT_FOUND;
    default:
        return otherwise;
    }
}
