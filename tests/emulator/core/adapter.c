/*
 * Adapters of wintun.h. A device is an adapter of the machine; an adapter here is a handle to it. Closing the handle
 * that created the device removes the device, even if others still have it open.
 */
#include <stdlib.h>
#include <string.h>

#include "emulator.h"
#include "wide.h"

/* The error of SetupUninstallOEMInf while a device uses the driver. */
#ifndef ERROR_INF_IN_USE_BY_DEVICES
#define ERROR_INF_IN_USE_BY_DEVICES 0xE000023Du
#endif

/* When Windows cannot make the device, wintun.dll returns the error as an HRESULT. */
#define HRESULT_OF(code) (0x80070000u | (code))

/* Wintun stops here when it searches a free number for a name in use. */
#define MAX_NAME_SUFFIX 1000u

static struct device *devices;

uint64_t device_luid(const struct device *device) {
    return (uint64_t)IF_TYPE_PROP_VIRTUAL << 48 | (uint64_t)(device->identity.luid_index & 0xFFFFFF) << 24;
}

/* The platform layer may have removed the device. */
static bool device_is_there(const struct device *device) {
    return device->present && platform_device_is_there(device->platform);
}

static struct device *device_named(const WCHAR *name) {
    for (struct device *device = devices; device; device = device->next)
        if (device_is_there(device) && wide_same_name(device->identity.name, name))
            return device;
    return NULL;
}

static struct device *device_created_as(const WCHAR *name) {
    for (struct device *device = devices; device; device = device->next)
        if (device->present && wide_same_name(device->identity.created_name, name))
            return device;
    return NULL;
}

struct device *device_find_by_name(const WCHAR *name) {
    platform_registry_enter();
    struct device *found = device_named(name);
    if (found)
        found->references++;
    platform_registry_leave();
    return found;
}

struct device *device_find_by_luid(uint64_t luid) {
    struct device *found = NULL;
    platform_registry_enter();
    for (struct device *device = devices; device && !found; device = device->next)
        if (device_is_there(device) && device_luid(device) == luid)
            found = device;
    if (found)
        found->references++;
    platform_registry_leave();
    return found;
}

void device_visit(void (*visit)(struct device *device, void *context), void *context) {
    platform_registry_enter();
    for (struct device *device = devices; device; device = device->next)
        if (device_is_there(device))
            visit(device, context);
    platform_registry_leave();
}

static void device_drop(struct device *device) {
    if (--device->references)
        return;
    if (device->present) { /* the last handle to an adapter of another process */
        device->present = false;
        platform_device_remove(device->platform);
        live_adapters--;
    }
    platform_device_free(device->platform);
    for (struct device **link = &devices; *link; link = &(*link)->next)
        if (*link == device) {
            *link = device->next;
            break;
        }
    free(device);
}

void device_release(struct device *device) {
    platform_registry_enter();
    device_drop(device);
    platform_registry_leave();
}

void device_remove(struct device *device) {
    if (!device->present)
        return;
    device->present = false;
    if (device->session)
        driver_stop(&device->session->driver);
    platform_device_remove(device->platform);
    live_adapters--;
    platform_interface_changed(&device->identity, PLATFORM_REMOVED);
}

/* Frees a name as Wintun does: the adapter that has it gets the name with a number appended, and the new adapter gets
 * the name. */
static void device_make_name_free(const WCHAR *name) {
    WCHAR numbered[ADAPTER_NAME_UNITS];
    struct device *other = device_named(name);
    if (!other)
        return;
    for (unsigned number = 1; number <= MAX_NAME_SUFFIX; number++) {
        char suffix[8] = " ";
        char digits[5];
        size_t count = 0;
        for (unsigned rest = number; rest; rest /= 10)
            digits[count++] = (char)('0' + rest % 10);
        for (size_t i = 0; i < count; i++)
            suffix[1 + i] = digits[count - 1 - i];
        wide_copy(numbered, name, ADAPTER_NAME_UNITS - count - 1);
        wide_append_ascii(numbered, suffix, ADAPTER_NAME_UNITS);
        if (device_named(numbered))
            continue;
        wide_copy(other->identity.name, numbered, ADAPTER_NAME_UNITS);
        wide_copy(other->identity.created_name, numbered, ADAPTER_NAME_UNITS);
        platform_device_rename(other->platform, numbered);
        platform_interface_changed(&other->identity, PLATFORM_RENAMED);
        return;
    }
}

/* Adds a device with one reference to the list. */
static struct device *device_add(const struct device_identity *identity, struct platform_device *platform) {
    struct device *device = calloc(1, sizeof *device);
    if (!device)
        return NULL;
    device->identity = *identity;
    device->platform = platform;
    device->references = 1;
    device->present = true;
    device->next = devices;
    devices = device;
    live_adapters++;
    return device;
}

static DWORD device_create(const WCHAR *name, const WCHAR *type, const GUID *guid, struct device **created) {
    if (wide_length(name) >= ADAPTER_NAME_UNITS || wide_length(type) >= ADAPTER_NAME_UNITS)
        return ERROR_BUFFER_OVERFLOW;
    if (!*name)
        return ERROR_INVALID_PARAMETER;
    struct device_identity identity = {0};
    wide_copy(identity.name, name, ADAPTER_NAME_UNITS);
    wide_copy(identity.created_name, name, ADAPTER_NAME_UNITS);
    wide_copy(identity.type, type, ADAPTER_NAME_UNITS);
    if (guid)
        identity.guid = *guid;
    else
        platform_random_guid(&identity.guid);
    for (struct device *device = devices; device; device = device->next)
        if (device_is_there(device) && !memcmp(&device->identity.guid, &identity.guid, sizeof(GUID)))
            return HRESULT_OF(ERROR_ALREADY_EXISTS);
    device_make_name_free(name);
    const DWORD surprise = fault_take_surprise();
    if (surprise == EMULATOR_OTHER_GUID)
        platform_random_guid(&identity.guid);
    if (surprise == EMULATOR_OTHER_NAME)
        wide_append_ascii(identity.name, " 2", ADAPTER_NAME_UNITS);
    struct platform_device *platform;
    DWORD code = platform_device_create(&identity, fault_link_is_wanted(), &platform);
    if (code != ERROR_SUCCESS)
        return HRESULT_OF(code);
    *created = device_add(&identity, platform);
    if (*created) {
        platform_interface_changed(&identity, PLATFORM_ADDED);
        return ERROR_SUCCESS;
    }
    platform_device_remove(platform);
    platform_device_free(platform);
    return ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD device_open(const WCHAR *name, struct device **opened) {
    *opened = device_created_as(name);
    if (*opened) {
        (*opened)->references++;
        return ERROR_SUCCESS;
    }
    struct device_identity identity = {0};
    struct platform_device *platform;
    DWORD code = platform_device_find(name, &identity, &platform);
    if (code != ERROR_SUCCESS)
        return code;
    *opened = device_add(&identity, platform);
    if (*opened)
        return ERROR_SUCCESS;
    platform_device_remove(platform);
    platform_device_free(platform);
    return ERROR_NOT_ENOUGH_MEMORY;
}

/* Returns the handle of a create or open that ended with `code`. */
static struct adapter *adapter_finish(DWORD code, struct device *device, bool created, const char *failure,
                                      const WCHAR *name) {
    struct adapter *adapter = code == ERROR_SUCCESS ? malloc(sizeof *adapter) : NULL;
    if (!adapter) {
        if (code == ERROR_SUCCESS) {
            platform_registry_enter();
            if (created)
                device_remove(device);
            device_drop(device);
            platform_registry_leave();
            code = ERROR_NOT_ENOUGH_MEMORY;
        }
        log_error(code, failure, name);
        SetLastError(code);
        return NULL;
    }
    adapter->device = device;
    adapter->created = created;
    live_handles++;
    return adapter;
}

EXPORT struct adapter *WINAPI WintunCreateAdapter(const WCHAR *name, const WCHAR *type, const GUID *guid) {
    struct device *device = NULL;
    DWORD code = ERROR_SUCCESS;
    const DWORD delay_ms = fault_take_creation_delay();
    if (delay_ms)
        platform_sleep(delay_ms * 1000000ull);
    if (!name || !type)
        code = ERROR_INVALID_PARAMETER;
    else if (!fault_is_elevated())
        code = ERROR_ACCESS_DENIED;
    else if (!fault_take(EMULATOR_CREATE_ADAPTER, &code)) {
        log_message(EMULATOR_LOG_INFO, "Creating adapter", name);
        platform_registry_enter();
        code = device_create(name, type, guid, &device);
        platform_registry_leave();
    }
    return adapter_finish(code, device, true, "Failed to create adapter", name);
}

EXPORT struct adapter *WINAPI WintunOpenAdapter(const WCHAR *name) {
    struct device *device = NULL;
    DWORD code = ERROR_SUCCESS;
    if (!name)
        code = ERROR_INVALID_PARAMETER;
    else if (!fault_is_elevated())
        code = ERROR_ACCESS_DENIED;
    else {
        platform_registry_enter();
        code = device_open(name, &device);
        platform_registry_leave();
    }
    return adapter_finish(code, device, false, "Failed to find matching adapter name", name);
}

EXPORT void WINAPI WintunCloseAdapter(struct adapter *adapter) {
    if (!adapter)
        return;
    platform_registry_enter();
    if (adapter->created)
        device_remove(adapter->device);
    device_drop(adapter->device);
    platform_registry_leave();
    free(adapter);
    live_handles--;
}

/* The driver is the machine's: the adapters of every process use it. */
static bool driver_is_in_use(void) {
    return live_adapters != 0 || platform_others_have_adapters();
}

EXPORT BOOL WINAPI WintunDeleteDriver(void) {
    DWORD code = ERROR_SUCCESS;
    if (!fault_is_elevated())
        code = ERROR_ACCESS_DENIED;
    else if (!fault_take(EMULATOR_DELETE_DRIVER, &code) && driver_is_in_use())
        code = ERROR_INF_IN_USE_BY_DEVICES;
    if (code == ERROR_SUCCESS)
        return TRUE;
    log_error(code, "Unable to remove driver", NULL);
    SetLastError(code);
    return FALSE;
}

EXPORT void WINAPI WintunGetAdapterLUID(struct adapter *adapter, uint64_t *luid) {
    *luid = device_luid(adapter->device);
}

EXPORT DWORD WINAPI WintunGetRunningDriverVersion(void) {
    const DWORD version = fault_driver_version(driver_is_in_use());
    if (!version)
        SetLastError(ERROR_FILE_NOT_FOUND);
    return version;
}
