/* Device nodes of cfgmgr32.dll. */
#pragma once

#include "client.h"

/* Returns whether the device has an adapter of the machine now. */
BOOL node_is_present(DWORD node);
/* Finds the adapter of the device. Returns false if the device is only remembered. */
BOOL node_adapter(DWORD node, struct machine_adapter *adapter);
/* Writes the list of the device's network interfaces: one, or none. Returns its length in UTF-16 units. */
ULONG node_interface_list(const WCHAR *id, WCHAR list[400]);
