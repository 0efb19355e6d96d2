/* An adapter in Windows' device manager, registered with SetupAPI. Other programs find it when they list network
 * devices. */
#pragma once

#include <windows.h>

/* Registers SWD\Wintun\{guid}. Updates the device if it exists. */
DWORD device_register(const GUID *guid, const WCHAR *name, const WCHAR *type, DWORD luid_index, DWORD if_type);
/* Removes the device with all its registry data. Does nothing if it does not exist. */
void device_unregister(const GUID *guid);
/* Returns whether the device exists. */
BOOL device_is_registered(const GUID *guid);
/* Sets the name of the device's network connection. */
void device_set_connection_name(const GUID *guid, const WCHAR *name);
