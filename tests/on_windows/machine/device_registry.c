#include "device_registry.h"

#include "client.h"

#include <initguid.h>
#include <devpropdef.h>
#include <objbase.h>
#include <stdio.h>
#include <wchar.h>

DEFINE_GUID(NET_CLASS, 0x4d36e972, 0xe325, 0x11ce, 0xbf, 0xc1, 0x08, 0x00, 0x2b, 0xe1, 0x03, 0x18);
const DEVPROPKEY device_name_key = {
    {0x3361c968, 0x2f2e, 0x4660, {0xb4, 0x7e, 0x69, 0x9c, 0xdc, 0x4c, 0x32, 0xb9}}, 3};

/* DEVPKEY_Device_DriverVersion (devpkey.h), and the version that the INF file of wintun.dll has */
static const DEVPROPKEY driver_version_key = {
    {0xa8b865dd, 0x2e3d, 0x4094, {0xad, 0x97, 0xe5, 0x93, 0xa7, 0x0c, 0x75, 0xd6}}, 3};
static const WCHAR driver_version[] = L"0.14.0.0";

/* setupapi.h of Windows declares this function; that of mingw-w64 in Debian 12 does not. */
WINSETUPAPI BOOL WINAPI SetupDiSetDevicePropertyW(HDEVINFO set, PSP_DEVINFO_DATA device, const DEVPROPKEY *key,
                                                  DEVPROPTYPE type, const BYTE *buffer, DWORD size, DWORD flags);

#define GUID_FORMAT L"{%08lX-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}"
#define GUID_FIELDS(g)                                                                                                 \
    (g)->Data1, (g)->Data2, (g)->Data3, (g)->Data4[0], (g)->Data4[1], (g)->Data4[2], (g)->Data4[3], (g)->Data4[4],     \
        (g)->Data4[5], (g)->Data4[6], (g)->Data4[7]

static void network_key(const GUID *guid, const WCHAR *behind, WCHAR path[160]) {
    _snwprintf(path, 160,
               L"SYSTEM\\CurrentControlSet\\Control\\Network\\{4D36E972-E325-11CE-BFC1-08002BE10318}\\" GUID_FORMAT L"%ls",
               GUID_FIELDS(guid), behind);
}

static void instance_id(const GUID *guid, WCHAR id[80]) {
    _snwprintf(id, 80, L"SWD\\Wintun\\" GUID_FORMAT, GUID_FIELDS(guid));
}

static DWORD bytes_of(const WCHAR *text) {
    return (DWORD)((wcslen(text) + 1) * sizeof *text);
}

static void set_text(HKEY key, const WCHAR *value, const WCHAR *text) {
    RegSetValueExW(key, value, 0, REG_SZ, (const BYTE *)text, bytes_of(text));
}

static void set_number(HKEY key, const WCHAR *value, DWORD number) {
    RegSetValueExW(key, value, 0, REG_DWORD, (const BYTE *)&number, sizeof number);
}

void device_set_connection_name(const GUID *guid, const WCHAR *name) {
    WCHAR path[160];
    HKEY key;
    network_key(guid, L"\\Connection", path);
    if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL) != ERROR_SUCCESS)
        return;
    set_text(key, L"Name", name);
    RegCloseKey(key);
}

HDEVINFO device_open(const WCHAR *id, SP_DEVINFO_DATA *device) {
    HDEVINFO set = SetupDiCreateDeviceInfoList(&NET_CLASS, NULL);
    *device = (SP_DEVINFO_DATA){.cbSize = sizeof *device};
    if (set != INVALID_HANDLE_VALUE && !SetupDiOpenDeviceInfoW(set, id, NULL, 0, device)) {
        SetupDiDestroyDeviceInfoList(set);
        set = INVALID_HANDLE_VALUE;
    }
    return set;
}

HDEVINFO device_create(const WCHAR *id, const WCHAR *description, SP_DEVINFO_DATA *device) {
    HDEVINFO set = SetupDiCreateDeviceInfoList(&NET_CLASS, NULL);
    *device = (SP_DEVINFO_DATA){.cbSize = sizeof *device};
    if (set != INVALID_HANDLE_VALUE && (!SetupDiCreateDeviceInfoW(set, id, &NET_CLASS, description, NULL, 0, device) ||
                                        !SetupDiRegisterDeviceInfo(set, device, 0, NULL, NULL, NULL))) {
        const DWORD error = GetLastError();
        SetupDiDestroyDeviceInfoList(set);
        SetLastError(error);
        set = INVALID_HANDLE_VALUE;
    }
    return set;
}

HKEY device_driver_key(HDEVINFO set, SP_DEVINFO_DATA *device) {
    HKEY key = SetupDiOpenDevRegKey(set, device, DICS_FLAG_GLOBAL, 0, DIREG_DRV, KEY_ALL_ACCESS);
    return key != INVALID_HANDLE_VALUE ? key
                                       : SetupDiCreateDevRegKeyW(set, device, DICS_FLAG_GLOBAL, 0, DIREG_DRV, NULL, NULL);
}

static BOOL set_property(HDEVINFO set, SP_DEVINFO_DATA *device, const DEVPROPKEY *key, const WCHAR *text) {
    return SetupDiSetDevicePropertyW(set, device, key, DEVPROP_TYPE_STRING, (const BYTE *)text, bytes_of(text), 0);
}

BOOL device_set_name(HDEVINFO set, SP_DEVINFO_DATA *device, const WCHAR *name) {
    return set_property(set, device, &device_name_key, name);
}

BOOL device_read_name(const GUID *guid, WCHAR *name, DWORD units) {
    WCHAR id[80];
    SP_DEVINFO_DATA device;
    DEVPROPTYPE type;
    instance_id(guid, id);
    HDEVINFO set = device_open(id, &device);
    if (set == INVALID_HANDLE_VALUE)
        return FALSE;
    const BOOL found = SetupDiGetDevicePropertyW(set, &device, &device_name_key, &type, (BYTE *)name,
                                                 units * sizeof *name, NULL, 0);
    SetupDiDestroyDeviceInfoList(set);
    return found;
}

BOOL device_set_driver_version(HDEVINFO set, SP_DEVINFO_DATA *device) {
    return set_property(set, device, &driver_version_key, driver_version);
}

void device_set_network(HKEY driver, const GUID *guid, uint64_t luid) {
    WCHAR text[48];
    _snwprintf(text, 48, GUID_FORMAT, GUID_FIELDS(guid));
    set_text(driver, L"NetCfgInstanceId", text);
    set_number(driver, L"NetLuidIndex", machine_luid_index(luid));
    set_number(driver, L"*IfType", (DWORD)(luid >> 48));
}

static void describe(const WCHAR *type, WCHAR description[160]) {
    _snwprintf(description, 160, L"%ls Tunnel", type);
}

DWORD device_register(const GUID *guid, const WCHAR *type) {
    WCHAR id[80], description[160];
    SP_DEVINFO_DATA device;
    instance_id(guid, id);
    describe(type, description);
    HDEVINFO set = device_create(id, description, &device);
    if (set == INVALID_HANDLE_VALUE)
        return GetLastError();
    SetupDiDestroyDeviceInfoList(set);
    return ERROR_SUCCESS;
}

DWORD device_describe(const GUID *guid, const WCHAR *name, const WCHAR *type, uint64_t luid) {
    static const WCHAR hardware_id[] = L"Wintun\0"; /* a list with one entry */
    WCHAR id[80], description[160];
    SP_DEVINFO_DATA device;
    DWORD error = ERROR_SUCCESS;
    instance_id(guid, id);
    describe(type, description);
    HDEVINFO set = device_open(id, &device);
    if (set == INVALID_HANDLE_VALUE)
        return GetLastError();
    HKEY driver = device_driver_key(set, &device);
    if (driver != INVALID_HANDLE_VALUE) {
        device_set_network(driver, guid, luid);
        RegCloseKey(driver);
    }
    if (driver == INVALID_HANDLE_VALUE ||
        !SetupDiSetDeviceRegistryPropertyW(set, &device, SPDRP_HARDWAREID, (const BYTE *)hardware_id, sizeof hardware_id) ||
        !SetupDiSetDeviceRegistryPropertyW(set, &device, SPDRP_FRIENDLYNAME, (const BYTE *)description,
                                           bytes_of(description)) ||
        !device_set_name(set, &device, name) || !device_set_driver_version(set, &device))
        error = GetLastError();
    SetupDiDestroyDeviceInfoList(set);
    device_set_connection_name(guid, name);
    return error;
}

void device_rename(const GUID *guid, const WCHAR *name) {
    WCHAR id[80];
    SP_DEVINFO_DATA device;
    instance_id(guid, id);
    HDEVINFO set = device_open(id, &device);
    if (set != INVALID_HANDLE_VALUE) {
        device_set_name(set, &device, name);
        SetupDiDestroyDeviceInfoList(set);
    }
    device_set_connection_name(guid, name);
}

BOOL device_is_registered(const GUID *guid) {
    WCHAR path[160] = L"SYSTEM\\CurrentControlSet\\Enum\\";
    instance_id(guid, path + wcslen(path));
    HKEY key;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ, &key) != ERROR_SUCCESS)
        return FALSE;
    RegCloseKey(key);
    return TRUE;
}

void device_unregister(const GUID *guid) {
    WCHAR id[80], path[160];
    instance_id(guid, id);
    SP_DEVINFO_DATA device;
    HDEVINFO set = device_open(id, &device);
    if (set != INVALID_HANDLE_VALUE) {
        SetupDiDeleteDevRegKey(set, &device, DICS_FLAG_GLOBAL, 0, DIREG_DRV);
        SetupDiRemoveDevice(set, &device);
        SetupDiDestroyDeviceInfoList(set);
    }
    network_key(guid, L"", path);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, path);
}

/* Calls `visit` with each device of an enumerator. */
static void visit_devices(const WCHAR *enumerator, void (*visit)(HDEVINFO set, SP_DEVINFO_DATA *device)) {
    HDEVINFO set = SetupDiGetClassDevsW(NULL, enumerator, NULL, DIGCF_ALLCLASSES);
    SP_DEVINFO_DATA device = {.cbSize = sizeof device};
    for (DWORD index = 0; set != INVALID_HANDLE_VALUE && SetupDiEnumDeviceInfo(set, index, &device); index++)
        visit(set, &device);
    if (set != INVALID_HANDLE_VALUE)
        SetupDiDestroyDeviceInfoList(set);
}

static void forget_if_absent(HDEVINFO set, SP_DEVINFO_DATA *device) {
    WCHAR id[DEVICE_ID_UNITS];
    GUID guid;
    struct machine_adapter adapter;
    if (SetupDiGetDeviceInstanceIdW(set, device, id, DEVICE_ID_UNITS, NULL) &&
        CLSIDFromString(wcsrchr(id, L'\\') + 1, &guid) == S_OK && !machine_find(&guid, 0, NULL, &adapter))
        device_unregister(&guid);
}

void device_forget_absent(void) {
    visit_devices(L"SWD\\Wintun", forget_if_absent);
}

static void remove_if_wintun(HDEVINFO set, SP_DEVINFO_DATA *device) {
    WCHAR hardware_id[64] = L"";
    if (SetupDiGetDeviceRegistryPropertyW(set, device, SPDRP_HARDWAREID, NULL, (BYTE *)hardware_id,
                                          sizeof hardware_id - sizeof *hardware_id, NULL) &&
        _wcsicmp(hardware_id, L"Wintun") == 0)
        SetupDiCallClassInstaller(DIF_REMOVE, set, device);
}

void device_remove_legacy(void) {
    visit_devices(L"ROOT\\NET", remove_if_wintun);
}
