/* The function of nci.dll that names network connections, on Linux. It knows the emulator's adapters. */
#include <string.h>

#include "emulator.h"
#include "wide.h"

#define ERROR_DUP_NAME 52u

struct renaming {
    const GUID *guid;
    const WCHAR *name;
    bool is_there, is_taken;
};

static bool is_meant(const struct device *device, const struct renaming *renaming) {
    return memcmp(&device->identity.guid, renaming->guid, sizeof *renaming->guid) == 0;
}

static void look(struct device *device, void *context) {
    struct renaming *renaming = context;
    if (is_meant(device, renaming))
        renaming->is_there = true;
    else if (wide_same_name(device->identity.name, renaming->name))
        renaming->is_taken = true;
}

static void give_name(struct device *device, void *context) {
    const struct renaming *renaming = context;
    if (!is_meant(device, renaming))
        return;
    wide_copy(device->identity.name, renaming->name, ADAPTER_NAME_UNITS);
    platform_interface_changed(&device->identity, PLATFORM_RENAMED);
}

EXPORT DWORD WINAPI NciSetConnectionName(const GUID *guid, const WCHAR *name) {
    struct renaming renaming = {.guid = guid, .name = name};
    if (!fault_is_elevated())
        return ERROR_ACCESS_DENIED;
    device_visit(look, &renaming);
    if (!renaming.is_there || renaming.is_taken)
        return renaming.is_taken ? ERROR_DUP_NAME : ERROR_NOT_FOUND;
    device_visit(give_name, &renaming);
    return ERROR_SUCCESS;
}
