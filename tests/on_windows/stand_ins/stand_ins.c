/*
 * bcryptprimitives.dll for the Windows world: its one function, and the parts of Windows that wintun.dll needs and Wine
 * lacks. deno.exe imports this DLL, so it is loaded before any code of deno.exe runs. It gives Wine's DLLs other export
 * directories, in this process only. cfgmgr32.dll and nci.dll of the world only lead to here.
 */
#include "stand_ins.h"

#include <string.h>

#include "exports.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The name of this function in advapi32.dll. */
#define RtlGenRandom SystemFunction036
BOOLEAN NTAPI RtlGenRandom(PVOID buffer, ULONG size);

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *data, SIZE_T size) {
    while (size) {
        const ULONG part = size > 0x10000000 ? 0x10000000 : (ULONG)size;
        if (!RtlGenRandom(data, part))
            return FALSE;
        data += part;
        size -= part;
    }
    return TRUE;
}

static const struct export_entry kernel32[] = {
    {"CreateBoundaryDescriptorW", boundary_create, NULL},
    {"AddSIDToBoundaryDescriptor", boundary_add_sid, NULL},
    {"DeleteBoundaryDescriptor", boundary_delete, NULL},
    {"CreatePrivateNamespaceW", namespace_create, NULL},
    {"OpenPrivateNamespaceW", namespace_open, NULL},
    {"ClosePrivateNamespace", namespace_close, NULL},
    {"CreateMutexW", namespace_create_mutex, &real_create_mutex},
    {"OpenMutexW", namespace_open_mutex, &real_open_mutex},
    {"CreateFileW", device_create_file, &real_create_file},
    {"DeviceIoControl", device_io_control, &real_device_io_control},
    {"CloseHandle", device_close_handle, &real_close_handle},
    {"VirtualAlloc", device_virtual_alloc, &real_virtual_alloc},
    {"WaitForSingleObject", hooked_wait_for_single_object, &real_wait_for_single_object},
    {"WaitForMultipleObjects", hooked_wait_for_multiple_objects, &real_wait_for_multiple_objects},
};

static const struct export_entry ntdll[] = {
    {"NtQuerySystemInformation", modules_query, &real_query_system_information},
    {"RtlMoveMemory", memmove, NULL}, /* Wine's copies byte by byte, that of Windows does not */
};

static const struct export_entry setupapi[] = {
    {"SetupDiEnumDriverInfoW", setup_enum_driver_info, &real_enum_driver_info},
    {"SetupCopyOEMInfW", setup_copy_oem_inf, &real_copy_oem_inf},
    {"SetupUninstallOEMInfW", setup_uninstall_oem_inf, &real_uninstall_oem_inf},
    {"SetupDiGetClassDevsExW", setup_get_class_devs, &real_get_class_devs},
    {"SetupDiSetClassInstallParamsW", setup_set_class_install_params, NULL},
    {"SetupDiCallClassInstaller", setup_call_class_installer, &real_call_class_installer},
};

static const struct export_entry version[] = {
    {"GetFileVersionInfoSizeW", modules_version_size, &real_version_size},
    {"GetFileVersionInfoW", modules_version, &real_version},
};

/* setupapi.dll is there because this DLL imports it. */
BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved) {
    (void)reserved;
    if (reason != DLL_PROCESS_ATTACH)
        return TRUE;
    DisableThreadLibraryCalls(module);
    return exports_overlay(GetModuleHandleW(L"kernel32.dll"), kernel32, COUNT(kernel32)) &&
           exports_overlay(GetModuleHandleW(L"ntdll.dll"), ntdll, COUNT(ntdll)) &&
           exports_overlay(GetModuleHandleW(L"setupapi.dll"), setupapi, COUNT(setupapi)) &&
           exports_overlay(LoadLibraryExW(L"version.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32), version, COUNT(version));
}
