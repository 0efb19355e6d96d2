/* The list of the kernel's modules, with wintun.sys in it while an adapter is enabled, and the version of that file. */
#include "stand_ins.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "client.h"
#include "trace.h"

#define SYSTEM_MODULE_INFORMATION 11
#define STATUS_INFO_LENGTH_MISMATCH ((LONG)0xC0000004)
#define DRIVER_PATH "\\SystemRoot\\System32\\drivers\\wintun.sys"
#define SYSTEM_ROOT L"\\\\?\\GLOBALROOT\\SystemRoot\\"

void *real_query_system_information, *real_version_size, *real_version;

struct module {
    HANDLE section;
    void *mapped, *image;
    ULONG image_size, flags;
    USHORT load_order, init_order, load_count, name_offset;
    char path[256];
};

struct modules {
    ULONG count;
    struct module modules[];
};

/* Windows unloads the driver with the last enabled device. */
static BOOL driver_is_loaded(void) {
    uint32_t count;
    BOOL loaded = world_has_fault("driver-stays-loaded");
    struct machine_adapter *adapters = machine_list(&count);
    for (uint32_t i = 0; i < count; i++)
        loaded = loaded || !adapters[i].disabled;
    free(adapters);
    return loaded;
}

LONG NTAPI modules_query(int information, void *buffer, ULONG size, ULONG *needed) {
    LONG(NTAPI * real)(int, void *, ULONG, ULONG *) = real_query_system_information;
    ULONG used = 0;
    const LONG status = real(information, buffer, size, &used);
    if (needed)
        *needed = used;
    if (information != SYSTEM_MODULE_INFORMATION || status < 0)
        return status;
    const BOOL loaded = driver_is_loaded();
    trace("modules of the kernel: wintun.sys is %s", loaded ? "loaded" : "not loaded");
    if (!loaded)
        return status;
    struct modules *list = buffer;
    const ULONG with_driver = (ULONG)(offsetof(struct modules, modules) + (list->count + 1) * sizeof(struct module));
    if (needed)
        *needed = with_driver;
    if (size < with_driver)
        return STATUS_INFO_LENGTH_MISMATCH;
    struct module *driver = &list->modules[list->count++];
    *driver = (struct module){.load_count = 1};
    strcpy(driver->path, DRIVER_PATH);
    driver->name_offset = (USHORT)(strrchr(DRIVER_PATH, '\\') + 1 - DRIVER_PATH);
    return status;
}

/* Wine does not follow GLOBALROOT. */
static const WCHAR *dos_path(const WCHAR *path, WCHAR changed[MAX_PATH]) {
    const size_t prefix = wcslen(SYSTEM_ROOT);
    const UINT room = GetWindowsDirectoryW(changed, MAX_PATH);
    if (_wcsnicmp(path, SYSTEM_ROOT, prefix) != 0 || room + 1 + wcslen(path + prefix) >= MAX_PATH)
        return path;
    wcscat(changed, L"\\");
    wcscat(changed, path + prefix);
    return changed;
}

DWORD WINAPI modules_version_size(const WCHAR *file, DWORD *zero) {
    WCHAR changed[MAX_PATH];
    return ((DWORD(WINAPI *)(const WCHAR *, DWORD *))real_version_size)(dos_path(file, changed), zero);
}

BOOL WINAPI modules_version(const WCHAR *file, DWORD zero, DWORD size, void *data) {
    WCHAR changed[MAX_PATH];
    return ((BOOL(WINAPI *)(const WCHAR *, DWORD, DWORD, void *))real_version)(dos_path(file, changed), zero, size, data);
}
