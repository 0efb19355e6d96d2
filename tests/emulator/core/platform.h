/*
 * The functions of the operating system that the emulator's core needs. The core (this folder, and measurement.c of the
 * bench) includes only these system headers, and uses Win32 for events and errors: on Windows that is kernel32, on other
 * systems the functions of the same names in linux/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef _WIN32
#include <winsock2.h>
#include <windows.h>
#define EXPORT __declspec(dllexport)
struct platform_lock {
    CRITICAL_SECTION section;
};
#else
#include "win32.h"
#define EXPORT __attribute__((visibility("default")))
struct platform_lock {
    _Atomic int state; /* 0 free, 1 held, 2 held and waited for */
    int recursion;
    void *_Atomic owner;
};
#endif

/* Locks: recursive critical sections. They must cost as much as on Windows, because wintun.dll takes one in every call
 * for a packet. */
void platform_lock_init(struct platform_lock *lock);
void platform_lock_destroy(struct platform_lock *lock);
void platform_lock_enter(struct platform_lock *lock);
void platform_lock_leave(struct platform_lock *lock);
/* True while a thread is inside the lock: a session must not end then. */
bool platform_lock_is_held(struct platform_lock *lock);

/* The lock around the adapters of this process. Needs no initialisation. */
void platform_registry_enter(void);
void platform_registry_leave(void);

/* Allocates memory for a session's two rings. It is zeroed, and its base is on a 64 KiB boundary, as from VirtualAlloc.
 * `wanted_base` requests an address (0: any). Returns NULL and sets the last error on failure. */
void *platform_region_allocate(size_t bytes, uint64_t wanted_base);
void platform_region_release(void *base);

struct platform_thread;
struct platform_thread *platform_thread_start(void (*body)(void *context), void *context);
void platform_thread_join(struct platform_thread *thread);
/* Runs `body` on a detached thread. */
bool platform_thread_detached(void (*body)(void *context), void *context);
/* Binds the calling thread to the machine's last processor, if the platform can do that. */
void platform_thread_use_last_processor(void);
void platform_yield(void);
void platform_sleep(uint64_t nanoseconds);

/* The current time in units of 100 ns since 1601-01-01 UTC. */
uint64_t platform_filetime(void);
uint64_t platform_nanoseconds(void);
void platform_random_guid(GUID *guid);
bool platform_process_is_elevated(void);
/* An environment variable, or NULL. */
const char *platform_environment(const char *name);

/* Called at the start of a wait for events, in the waiting thread. Returns the index of the handle with which the wait
 * ends at once, or `count` if the thread shall wait. */
typedef DWORD platform_wait_hook(const HANDLE *handles, DWORD count);
/* Calls `hook` at the start of every wait. NULL ends this. Returns false where waits cannot be intercepted. */
bool platform_set_wait_hook(platform_wait_hook *hook);

/* The number of open kernel handles, address tables, registry keys and device lists, where the platform is emulated;
 * otherwise 0. */
uint32_t platform_count_handles(void);
uint32_t platform_count_mib_tables(void);
uint32_t platform_count_registry_keys(void);
uint32_t platform_count_device_lists(void);

/* ---- Adapters as the rest of the machine sees them ---- */

#define ADAPTER_NAME_UNITS 128 /* UTF-16 units with the terminator, MAX_ADAPTER_NAME of wintun.h */

struct device_identity {
    WCHAR name[ADAPTER_NAME_UNITS];
    WCHAR created_name[ADAPTER_NAME_UNITS]; /* by which WintunOpenAdapter finds it, whatever `name` is by now */
    WCHAR type[ADAPTER_NAME_UNITS];
    GUID guid;
    uint32_t luid_index; /* 24 bits */
    bool legacy;         /* EmulatorMakeLegacy */
};

struct platform_device;

/* Creates the adapter on the machine and sets its luid_index. `with_link` requests an adapter that carries packets. */
DWORD platform_device_create(struct device_identity *identity, bool with_link, struct platform_device **device);
/* Finds an adapter that another process created. ERROR_NOT_FOUND where adapters are visible only in their process. */
DWORD platform_device_find(const WCHAR *name, struct device_identity *identity, struct platform_device **device);
/* Returns true if another process has an adapter. False if adapters stay inside their process. */
bool platform_others_have_adapters(void);
void platform_device_rename(struct platform_device *device, const WCHAR *name);
/* Notifies those who watch the machine's interfaces and connections. Does nothing where the machine does that itself. */
enum platform_change { PLATFORM_CHANGED, PLATFORM_ADDED, PLATFORM_REMOVED, PLATFORM_RENAMED };
void platform_interface_changed(const struct device_identity *identity, enum platform_change change);
/* False if somebody outside this process has removed the adapter. */
bool platform_device_is_there(const struct platform_device *device);
/* Releases this process's hold on the adapter. The adapter disappears if this process created it. */
void platform_device_remove(struct platform_device *device);
/* Frees the result of platform_device_create or platform_device_find. Call it after platform_device_remove(). */
void platform_device_free(struct platform_device *device);

/* The packets of one session. `*link` is NULL if the device carries none. ERROR_ALREADY_INITIALIZED if another process
 * has a session on the device. Opening the link changes the media state to connected. */
struct platform_link;
DWORD platform_link_open(struct platform_device *device, struct platform_link **link);
void platform_link_close(struct platform_link *link);
/* Returns the size of the packet read into `buffer`; 0 if there is no packet; -1 if the device is gone. */
int platform_link_receive(struct platform_link *link, void *buffer, uint32_t capacity);
/* Blocks until a packet arrives, the device is gone, or platform_link_interrupt() is called. */
void platform_link_wait(struct platform_link *link);
void platform_link_interrupt(struct platform_link *link);
void platform_link_send(struct platform_link *link, const void *packet, uint32_t size);
