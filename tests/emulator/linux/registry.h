/* The functions of registry.c that other files of the emulator use. Paths are below HKEY_LOCAL_MACHINE. */
#pragma once

#include "platform.h"

struct open_key;

DWORD registry_set(const WCHAR *path, const WCHAR *name, DWORD type, const void *bytes, DWORD size);
void registry_delete(const WCHAR *path);
void registry_delete_tree(const WCHAR *path); /* with all keys below it */
#define GUID_TEXT_UNITS 39 /* {...} with the terminator */
/* Appends a GUID in braces, as Windows writes it into paths and values. */
void registry_append_guid(WCHAR *to, const GUID *guid, size_t units);
/* Opens an HKEY. The caller closes it by RegCloseKey. */
DWORD registry_open(const WCHAR *path, struct open_key **opened);
