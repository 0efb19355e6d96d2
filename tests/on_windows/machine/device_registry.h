/* An adapter as Windows' device manager has it, made with SetupAPI: what other programs find when they list network devices. */
#pragma once

#include <windows.h>

/* Registers SWD\Wintun\{guid}; one that is there already is brought up to date. */
DWORD device_register(const GUID *guid, const WCHAR *name, const WCHAR *type, DWORD luid_index, DWORD if_type);
/* Takes it away with all that was registered. Nothing happens if it is not there. */
void device_unregister(const GUID *guid);
/* What the connection is called. */
void device_set_connection_name(const GUID *guid, const WCHAR *name);
