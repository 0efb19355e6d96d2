/*
 * The functions that stand_ins.c puts beside those of Wine's kernel32.dll, ntdll.dll, setupapi.dll, version.dll and
 * iphlpapi.dll, or in their place. Each has the parameters of the function that it stands in for. A `real_...` is
 * Wine's own.
 */
#pragma once

#include <winsock2.h>
#include <windows.h>

/* A lock. Not an SRW lock: at the end of a process a thread that holds one may be killed, and wintun.dll, which still
 * cleans up then, would wait for it forever. Nobody waits for a critical section then. */
#define STAND_IN_LOCK(name) static CRITICAL_SECTION name = {.LockCount = -1}

/* namespaces.c */
extern void *real_create_mutex, *real_open_mutex;
HANDLE WINAPI boundary_create(const WCHAR *name, ULONG flags);
BOOL WINAPI boundary_add_sid(HANDLE *boundary, PSID sid);
void WINAPI boundary_delete(HANDLE boundary);
HANDLE WINAPI namespace_create(SECURITY_ATTRIBUTES *security, void *boundary, const WCHAR *alias);
HANDLE WINAPI namespace_open(void *boundary, const WCHAR *alias);
BOOLEAN WINAPI namespace_close(HANDLE handle, ULONG flags);
HANDLE WINAPI namespace_create_mutex(SECURITY_ATTRIBUTES *security, BOOL owned, const WCHAR *name);
HANDLE WINAPI namespace_open_mutex(DWORD access, BOOL inherit, const WCHAR *name);

/* device_file.c */
extern void *real_create_file, *real_device_io_control, *real_close_handle, *real_virtual_alloc;
HANDLE WINAPI device_create_file(const WCHAR *path, DWORD access, DWORD share, SECURITY_ATTRIBUTES *security,
                                 DWORD disposition, DWORD attributes, HANDLE template);
BOOL WINAPI device_io_control(HANDLE handle, DWORD code, void *input, DWORD input_size, void *output, DWORD output_size,
                              DWORD *returned, OVERLAPPED *overlapped);
BOOL WINAPI device_close_handle(HANDLE handle);
void *WINAPI device_virtual_alloc(void *address, SIZE_T size, DWORD type, DWORD protection);

/* waits.c */
extern void *real_wait_for_single_object, *real_wait_for_multiple_objects;
DWORD WINAPI hooked_wait_for_single_object(HANDLE handle, DWORD milliseconds);
DWORD WINAPI hooked_wait_for_multiple_objects(DWORD count, const HANDLE *handles, BOOL all, DWORD milliseconds);

/* kernel_modules.c */
extern void *real_query_system_information, *real_version_size, *real_version;
LONG NTAPI modules_query(int information, void *buffer, ULONG size, ULONG *needed);
DWORD WINAPI modules_version_size(const WCHAR *file, DWORD *zero);
BOOL WINAPI modules_version(const WCHAR *file, DWORD zero, DWORD size, void *data);

/* setup.c */
extern void *real_enum_driver_info, *real_copy_oem_inf, *real_get_class_devs, *real_call_class_installer,
    *real_uninstall_oem_inf;
void *WINAPI setup_get_class_devs(const GUID *class, const WCHAR *enumerator, HWND window, DWORD flags, void *set,
                                  const WCHAR *machine, void *reserved);
BOOL WINAPI setup_set_class_install_params(void *set, void *device, void *params, DWORD size);
BOOL WINAPI setup_call_class_installer(DWORD function, void *set, void *device);
BOOL WINAPI setup_enum_driver_info(void *set, void *device, DWORD type, DWORD index, void *driver);
BOOL WINAPI setup_copy_oem_inf(const WCHAR *source, const WCHAR *location, DWORD type, DWORD style, WCHAR *destination,
                               DWORD destination_size, DWORD *needed, WCHAR **component);
BOOL WINAPI setup_uninstall_oem_inf(const WCHAR *inf, DWORD flags, void *reserved);

/*
 * faults.c: returns whether this machine has the fault. WINTUN_WORLD_FAULTS names its faults, with commas between them:
 * no-interface          A device never gets a network interface.
 * driver-stays-loaded   The driver stays loaded although no enabled device uses it.
 */
BOOL world_has_fault(const char *name);
