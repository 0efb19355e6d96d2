/* The sessions of this process, for the control functions. */
#pragma once

#include <stdint.h>
#include <winsock2.h>
#include <windows.h>

/* Ends the sessions of an adapter, as when Windows removes the device under its users. Returns false if it has none. */
BOOL device_take_away(uint64_t luid);
DWORD device_count_sessions(void);
/* adapter_control.c: a function of wintun.h. NULL if this process has not loaded wintun.dll. */
void *wintun_function(const char *name);
