/* What other files of the emulator do with the registry of registry.c. Paths lie below HKEY_LOCAL_MACHINE. */
#pragma once

#include "platform.h"

struct open_key;

DWORD registry_set(const WCHAR *path, const WCHAR *name, DWORD type, const void *bytes, DWORD size);
void registry_delete(const WCHAR *path);
/* An HKEY, closed with RegCloseKey. */
DWORD registry_open(const WCHAR *path, struct open_key **opened);
