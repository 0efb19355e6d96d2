/* An adapter in Windows' device manager, registered with SetupAPI. Other programs find it when they list network
 * devices. */
#pragma once

#include <stdint.h>
#include <winsock2.h>
#include <windows.h>

#include <devpropdef.h>
#include <setupapi.h>

/* The longest device instance id, with its terminator (cfgmgr32.h: MAX_DEVICE_ID_LEN). */
#define DEVICE_ID_UNITS 200

/* Opens a registered network device by its instance id. The caller destroys the set. INVALID_HANDLE_VALUE if there is none. */
HDEVINFO device_open(const WCHAR *id, SP_DEVINFO_DATA *device);
/* Registers a network device without a driver. Returns as device_open(), with the last error. */
HDEVINFO device_create(const WCHAR *id, const WCHAR *description, SP_DEVINFO_DATA *device);
/* Returns the key of the device's driver, which the caller closes. INVALID_HANDLE_VALUE with the last error on failure. */
HKEY device_driver_key(HDEVINFO set, SP_DEVINFO_DATA *device);
/* A property that Wintun defines for its devices: the name for WintunOpenAdapter. */
extern const DEVPROPKEY device_name_key;
/* Sets that name. */
BOOL device_set_name(HDEVINFO set, SP_DEVINFO_DATA *device, const WCHAR *name);
/* Reads the name of Wintun's device with that GUID. Returns FALSE if there is no such device, or its name is longer than
 * `units`, with the terminator. */
BOOL device_read_name(const GUID *guid, WCHAR *name, DWORD units);
/* Sets the version of its driver, as Windows does when it installs the driver. */
BOOL device_set_driver_version(HDEVINFO set, SP_DEVINFO_DATA *device);
/* Writes the values that Windows writes when it gives the device a network interface. */
void device_set_network(HKEY driver, const GUID *guid, uint64_t luid);

/* Registers SWD\Wintun\{guid}, which must not exist. */
DWORD device_register(const GUID *guid, const WCHAR *type);
/* Gives the device the names and the network interface of its adapter. */
DWORD device_describe(const GUID *guid, const WCHAR *name, const WCHAR *type, uint64_t luid);
/* Sets the name for WintunOpenAdapter, and the name of the device's network connection. */
void device_rename(const GUID *guid, const WCHAR *name);
/* Removes the device with all its registry data. Does nothing if it does not exist. */
void device_unregister(const GUID *guid);
/* Returns whether the device exists. */
BOOL device_is_registered(const GUID *guid);
/* Sets the name of the device's network connection. */
void device_set_connection_name(const GUID *guid, const WCHAR *name);
/* Removes the devices that are only remembered: Wintun's devices without an adapter of the machine. */
void device_forget_absent(void);
/* Removes the devices of Wintun 0.13 and older. */
void device_remove_legacy(void);
