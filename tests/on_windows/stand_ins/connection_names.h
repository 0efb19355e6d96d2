/* The names of network connections. */
#pragma once

#include <winsock2.h>
#include <windows.h>

/* NciSetConnectionName of nci.dll. ERROR_DUP_NAME if another network adapter has the name. */
__declspec(dllexport) DWORD WINAPI connection_set_name(const GUID *guid, const WCHAR *name);
