/*
 * The part of setupapi that finds Wintun's devices, on Linux. It knows the emulator's adapters, and devices below
 * ROOT\NET that are not adapters (EmulatorSetLegacyDevices), followed by the legacy adapters (EmulatorMakeLegacy).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulator.h"
#include "registry.h"
#include "wide.h"

#define INVALID_SET ((struct device_set *)(intptr_t)-1)
#define INVALID_KEY ((struct open_key *)(intptr_t)-1)

#define DIGCF_PRESENT 0x2u
#define SPDRP_DEVICEDESC 0x0u
#define SPDRP_HARDWAREID 0x1u
#define SPDRP_FRIENDLYNAME 0xCu
#define DEVPROP_TYPE_STRING 0x12u
#define REG_SZ 1u
#define REG_DWORD 4u
#define REG_MULTI_SZ 7u


/* A snapshot of the devices. The first ones below ROOT\NET are identified only by their index. */
struct device_set {
    bool is_root;
    uint32_t room, count;
    uint32_t counted; /* number of devices that have only an index, which come first */
    uint32_t orphans; /* number of remembered devices, which come last */
    struct device_identity devices[];
};

struct SP_DEVINFO_DATA {
    DWORD cbSize;
    GUID ClassGuid;
    DWORD DevInst; /* index in the set, from 1 */
    uintptr_t Reserved;
};
_Static_assert(sizeof(struct SP_DEVINFO_DATA) == 32, "SP_DEVINFO_DATA");

struct DEVPROPKEY {
    GUID fmtid;
    DWORD pid;
};
_Static_assert(sizeof(struct DEVPROPKEY) == 20, "DEVPROPKEY");

static const GUID name_property = {0x3361c968, 0x2f2e, 0x4660, {0xb4, 0x7e, 0x69, 0x9c, 0xdc, 0x4c, 0x32, 0xb9}};
#define NAME_PROPERTY_ID 3u
/* DEVPKEY_Device_DriverVersion (devpkey.h) */
static const GUID driver_version_property = {
    0xa8b865dd, 0x2e3d, 0x4094, {0xad, 0x97, 0xe5, 0x93, 0xa7, 0x0c, 0x75, 0xd6}};
#define DRIVER_VERSION_PROPERTY_ID 3u

static _Atomic uint32_t live_sets;

uint32_t platform_count_device_lists(void) {
    return live_sets;
}

static BOOL fail(DWORD code) {
    SetLastError(code);
    return FALSE;
}

static void copy_device(struct device *device, void *context) {
    struct device_set *set = context;
    /* the number may have grown since they were counted */
    if (device->identity.legacy == set->is_root && set->count < set->room)
        set->devices[set->count++] = device->identity;
}

struct device_count {
    bool legacy;
    uint32_t devices;
};

static void count_device(struct device *device, void *context) {
    struct device_count *count = context;
    count->devices += device->identity.legacy == count->legacy;
}

/* Adds the remembered devices of adapters that are gone. They have numbered GUIDs and names, and no network
 * interface. */
static void add_orphans(struct device_set *set) {
    for (; set->count < set->room; set->count++, set->orphans++) {
        struct device_identity *orphan = &set->devices[set->count];
        orphan->guid.Data1 = 0xDEAD0000u + set->orphans;
        wide_append_ascii(orphan->created_name, "gone", ADAPTER_NAME_UNITS);
        wide_append_ascii(orphan->type, "Wintun", ADAPTER_NAME_UNITS);
    }
}

EXPORT struct device_set *WINAPI SetupDiGetClassDevsExW(const GUID *class, const WCHAR *enumerator, HANDLE window,
                                                        DWORD flags, struct device_set *existing,
                                                        const WCHAR *machine, void *reserved) {
    (void)class, (void)window, (void)existing, (void)machine, (void)reserved;
    const bool is_root = wide_same_name(enumerator, u"ROOT\\NET");
    const uint32_t orphans = is_root || flags & DIGCF_PRESENT ? 0 : fault_orphaned_devices();
    const uint32_t counted = is_root ? 1 + fault_legacy_devices() : 0;
    struct device_count adapters = {.legacy = is_root};
    if (is_root || wide_same_name(enumerator, u"SWD\\Wintun"))
        device_visit(count_device, &adapters);
    const uint32_t room = counted + adapters.devices + orphans;
    if (!is_root && !room) {
        SetLastError(ERROR_INVALID_DATA); /* Windows reports this for an enumerator without devices */
        return INVALID_SET;
    }
    struct device_set *set = calloc(1, sizeof *set + room * sizeof(struct device_identity));
    if (!set) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return INVALID_SET;
    }
    live_sets++;
    set->is_root = is_root;
    set->count = set->counted = counted;
    set->room = counted + adapters.devices;
    device_visit(copy_device, set);
    set->room = set->count + orphans;
    add_orphans(set);
    return set;
}

EXPORT BOOL WINAPI SetupDiDestroyDeviceInfoList(struct device_set *set) {
    free(set);
    live_sets--;
    return TRUE;
}

EXPORT BOOL WINAPI SetupDiEnumDeviceInfo(const struct device_set *set, DWORD index, struct SP_DEVINFO_DATA *data) {
    if (data->cbSize != sizeof *data)
        return fail(ERROR_INVALID_PARAMETER);
    if (index >= set->count)
        return fail(ERROR_NO_MORE_ITEMS);
    data->DevInst = index + 1;
    return TRUE;
}

static const struct device_identity *device_of(const struct device_set *set, const struct SP_DEVINFO_DATA *data) {
    return &set->devices[data->DevInst - 1];
}

static BOOL give(const void *value, DWORD size, void *buffer, DWORD bytes, DWORD *needed) {
    if (needed)
        *needed = size;
    if (size > bytes)
        return fail(ERROR_INSUFFICIENT_BUFFER);
    memcpy(buffer, value, size);
    return TRUE;
}

/* Copies a string with its terminator. Sizes are in bytes. */
static BOOL give_text(const WCHAR *text, void *buffer, DWORD bytes, DWORD *needed) {
    return give(text, (DWORD)((wide_length(text) + 1) * sizeof(WCHAR)), buffer, bytes, needed);
}

/* Copies strings with their terminators. The last string is empty. */
static BOOL give_hardware_ids(const WCHAR *ids, DWORD *type, void *buffer, DWORD bytes, DWORD *needed) {
    size_t units = 1;
    for (const WCHAR *id = ids; *id; id += wide_length(id) + 1)
        units += wide_length(id) + 1;
    if (type)
        *type = REG_MULTI_SZ;
    return give(ids, (DWORD)(units * sizeof(WCHAR)), buffer, bytes, needed);
}

EXPORT BOOL WINAPI SetupDiGetDeviceInstanceIdW(const struct device_set *set, const struct SP_DEVINFO_DATA *data,
                                               WCHAR *id, DWORD units, DWORD *needed) {
    WCHAR text[64] = u"SWD\\Wintun\\";
    if (set->is_root) {
        char ascii[64];
        snprintf(ascii, sizeof ascii, "ROOT\\NET\\%04u", data->DevInst - 1);
        *text = 0;
        wide_append_ascii(text, ascii, 64);
    } else
        registry_append_guid(text, &device_of(set, data)->guid, 64);
    DWORD bytes;
    const BOOL done = give_text(text, id, units * sizeof(WCHAR), &bytes);
    if (needed)
        *needed = bytes / sizeof(WCHAR);
    return done;
}

EXPORT BOOL WINAPI SetupDiGetDeviceRegistryPropertyW(const struct device_set *set,
                                                     const struct SP_DEVINFO_DATA *data, DWORD property,
                                                     DWORD *type, void *buffer, DWORD bytes, DWORD *needed) {
    WCHAR text[ADAPTER_NAME_UNITS + 8] = {0};
    if (property == SPDRP_HARDWAREID)
        return give_hardware_ids(!set->is_root ? u"Wintun\0" : data->DevInst == 1 ? u"tap0901\0" : u"ROOT\\NET\0Wintun\0",
                                 type, buffer, bytes, needed);
    if (data->DevInst <= set->counted)
        return fail(ERROR_INVALID_DATA);
    else if (property == SPDRP_DEVICEDESC || property == SPDRP_FRIENDLYNAME) {
        wide_copy(text, device_of(set, data)->type, ADAPTER_NAME_UNITS);
        wide_append_ascii(text, " Tunnel", sizeof text / sizeof *text);
    } else
        return fail(ERROR_INVALID_DATA);
    if (type)
        *type = REG_SZ;
    return give_text(text, buffer, bytes, needed);
}

static bool is_key(const struct DEVPROPKEY *key, const GUID *format, DWORD id) {
    return memcmp(&key->fmtid, format, sizeof *format) == 0 && key->pid == id;
}

/* Returns whether Windows has installed a driver for the device. It has none for a device that it only remembers. */
static bool has_driver(const struct device_set *set, const struct SP_DEVINFO_DATA *data) {
    return data->DevInst > set->counted && data->DevInst <= set->count - set->orphans;
}

EXPORT BOOL WINAPI SetupDiGetDevicePropertyW(const struct device_set *set, const struct SP_DEVINFO_DATA *data,
                                             const struct DEVPROPKEY *key, DWORD *type, void *buffer, DWORD bytes,
                                             DWORD *needed, DWORD flags) {
    (void)flags;
    *type = DEVPROP_TYPE_STRING;
    if (has_driver(set, data) && is_key(key, &driver_version_property, DRIVER_VERSION_PROPERTY_ID))
        return give_text(set->is_root ? u"0.13.0.0" : u"0.14.0.0", buffer, bytes, needed);
    if (set->is_root || !is_key(key, &name_property, NAME_PROPERTY_ID))
        return fail(ERROR_NOT_FOUND);
    return give_text(device_of(set, data)->created_name, buffer, bytes, needed);
}

struct naming {
    const GUID *guid;
    const WCHAR *name;
};

static void set_created_name(struct device *device, void *context) {
    const struct naming *naming = context;
    if (memcmp(&device->identity.guid, naming->guid, sizeof *naming->guid) == 0)
        wide_copy(device->identity.created_name, naming->name, ADAPTER_NAME_UNITS);
}

EXPORT BOOL WINAPI SetupDiSetDevicePropertyW(const struct device_set *set, const struct SP_DEVINFO_DATA *data,
                                             const struct DEVPROPKEY *key, DWORD type, const void *buffer, DWORD bytes,
                                             DWORD flags) {
    (void)bytes, (void)flags;
    if (!fault_is_elevated())
        return fail(ERROR_ACCESS_DENIED);
    if (set->is_root || type != DEVPROP_TYPE_STRING || !is_key(key, &name_property, NAME_PROPERTY_ID))
        return fail(ERROR_NOT_SUPPORTED);
    struct naming naming = {&device_of(set, data)->guid, buffer};
    device_visit(set_created_name, &naming);
    return TRUE;
}

/* Creates the driver's key with its current values, and opens it. */
EXPORT struct open_key *WINAPI SetupDiOpenDevRegKey(const struct device_set *set, const struct SP_DEVINFO_DATA *data,
                                                    DWORD scope, DWORD profile, DWORD kind, DWORD access) {
    (void)scope, (void)profile, (void)kind, (void)access;
    static const DWORD interface_type = IF_TYPE_PROP_VIRTUAL;
    if (!has_driver(set, data)) {
        SetLastError(ERROR_FILE_NOT_FOUND);
        return INVALID_KEY;
    }
    const struct device_identity *device = device_of(set, data);
    WCHAR path[] = u"SYSTEM\\CurrentControlSet\\Control\\Class\\Wintun";
    WCHAR guid[GUID_TEXT_UNITS] = {0};
    struct open_key *key;
    registry_append_guid(guid, &device->guid, GUID_TEXT_UNITS);
    DWORD code = registry_set(path, u"NetCfgInstanceId", REG_SZ, guid, sizeof guid);
    if (code == ERROR_SUCCESS)
        code = registry_set(path, u"NetLuidIndex", REG_DWORD, &device->luid_index, sizeof(DWORD));
    if (code == ERROR_SUCCESS)
        code = registry_set(path, u"*IfType", REG_DWORD, &interface_type, sizeof interface_type);
    if (code == ERROR_SUCCESS)
        code = registry_open(path, &key);
    if (code == ERROR_SUCCESS)
        return key;
    SetLastError(code);
    return INVALID_KEY;
}

/* ---- Removal ---- */

#define DIF_REMOVE 5u
#define DI_REMOVEDEVICE_GLOBAL 1u

struct SP_REMOVEDEVICE_PARAMS {
    DWORD cbSize, InstallFunction; /* SP_CLASSINSTALL_HEADER */
    DWORD Scope, HwProfile;
};

EXPORT BOOL WINAPI SetupDiSetClassInstallParamsW(const struct device_set *set, const struct SP_DEVINFO_DATA *data,
                                                 const struct SP_REMOVEDEVICE_PARAMS *params, DWORD bytes) {
    (void)set, (void)data;
    if (bytes != sizeof *params || params->cbSize != 2 * sizeof(DWORD) || params->InstallFunction != DIF_REMOVE ||
        params->Scope != DI_REMOVEDEVICE_GLOBAL)
        return fail(ERROR_INVALID_PARAMETER);
    return TRUE;
}

static void remove_device(struct device *device, void *context) {
    const GUID *guid = context;
    if (memcmp(&device->identity.guid, guid, sizeof *guid) == 0)
        device_remove(device);
}

/* For devices that are only a number, only the last one can be removed, so that the others keep their index. */
EXPORT BOOL WINAPI SetupDiCallClassInstaller(DWORD function, struct device_set *set, const struct SP_DEVINFO_DATA *data) {
    if (function != DIF_REMOVE)
        return fail(ERROR_NOT_SUPPORTED);
    if (!fault_is_elevated())
        return fail(ERROR_ACCESS_DENIED);
    if (has_driver(set, data)) {
        device_visit(remove_device, &set->devices[data->DevInst - 1].guid);
        return TRUE;
    }
    if (data->DevInst != (set->is_root ? set->counted : set->count))
        return fail(ERROR_NOT_SUPPORTED);
    if (set->is_root)
        EmulatorSetLegacyDevices(fault_legacy_devices() - 1);
    else
        EmulatorSetOrphanedDevices(fault_orphaned_devices() - 1);
    return TRUE;
}
