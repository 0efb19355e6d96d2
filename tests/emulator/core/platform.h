/*
 * What the emulator's core asks of the operating system. The core (adapter.c, session.c, driver.c, logger.c,
 * control.c, measurement.c) includes no other system header than these, and speaks Win32 for events and errors:
 * on Windows that is kernel32, elsewhere the functions of the same names in linux/kernel32.c.
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

/* Locks: critical sections, recursive, and at their cost, since wintun.dll takes one in every call for a packet. */
void platform_lock_init(struct platform_lock *lock);
void platform_lock_destroy(struct platform_lock *lock);
void platform_lock_enter(struct platform_lock *lock);
void platform_lock_leave(struct platform_lock *lock);
/* True while some thread is inside: a session must not end then. */
bool platform_lock_is_held(struct platform_lock *lock);

/* The lock around the adapters of this process. Needs no initialisation. */
void platform_registry_enter(void);
void platform_registry_leave(void);

/* Memory for a session's two rings: zeroed, its base on a 64 KiB boundary as VirtualAlloc gives it.
 * `wanted_base` asks for an address (0: anywhere). NULL with the last error set on failure. */
void *platform_region_allocate(size_t bytes, uint64_t wanted_base);
void platform_region_release(void *base);

struct platform_thread;
struct platform_thread *platform_thread_start(void (*body)(void *context), void *context);
void platform_thread_join(struct platform_thread *thread);
/* Runs `body` on a thread that nobody waits for. */
bool platform_thread_detached(void (*body)(void *context), void *context);
/* Keeps the calling thread on the machine's last processor, where the platform can. */
void platform_thread_use_last_processor(void);
void platform_yield(void);
void platform_sleep(uint64_t nanoseconds);

/* 100 ns intervals since 1601-01-01 UTC. */
uint64_t platform_filetime(void);
uint64_t platform_nanoseconds(void);
void platform_random_guid(GUID *guid);
bool platform_process_is_elevated(void);
/* A setting of the environment, or NULL. */
const char *platform_environment(const char *name);

/* Where the hook is possible, calls `hook` at the start of every wait for events, in the waiting thread;
 * NULL ends it. False where waits cannot be intercepted. */
bool platform_set_wait_hook(void (*hook)(const HANDLE *handles, DWORD count));

/* Open kernel handles, address tables, registry keys and lists of devices, where the platform is ours; else 0. */
uint32_t platform_count_handles(void);
uint32_t platform_count_mib_tables(void);
uint32_t platform_count_registry_keys(void);
uint32_t platform_count_device_lists(void);

/* ---- Adapters as the rest of the machine sees them ---- */

#define ADAPTER_NAME_UNITS 128 /* UTF-16 units with the terminator, MAX_ADAPTER_NAME of wintun.h */

struct device_identity {
    WCHAR name[ADAPTER_NAME_UNITS];
    WCHAR type[ADAPTER_NAME_UNITS];
    GUID guid;
    uint32_t luid_index; /* 24 bits */
};

struct platform_device;

/* Makes the adapter appear and fills in its luid_index. `with_link` asks for one that carries packets. */
DWORD platform_device_create(struct device_identity *identity, bool with_link, struct platform_device **device);
/* Finds an adapter that another process created. ERROR_NOT_FOUND where adapters stay inside their process. */
DWORD platform_device_find(const WCHAR *name, struct device_identity *identity, struct platform_device **device);
void platform_device_rename(struct platform_device *device, const WCHAR *name);
/* Whether nobody has removed it from outside of this process. */
bool platform_device_is_there(const struct platform_device *device);
/* Gives up this process's hold; the adapter disappears if this process created it. */
void platform_device_remove(struct platform_device *device);
/* Frees what platform_device_create or platform_device_find gave, after platform_device_remove(). */
void platform_device_free(struct platform_device *device);

/* The packets of one session. `*link` is NULL when the device carries none. ERROR_ALREADY_INITIALIZED when another
 * process has a session on it. Opening is what turns the media to connected. */
struct platform_link;
DWORD platform_link_open(struct platform_device *device, struct platform_link **link);
void platform_link_close(struct platform_link *link);
/* Size of the packet read into `buffer`; 0 when none waits; -1 when the device is gone. */
int platform_link_receive(struct platform_link *link, void *buffer, uint32_t capacity);
/* Blocks until a packet waits, the device is gone, or platform_link_interrupt() was called. */
void platform_link_wait(struct platform_link *link);
void platform_link_interrupt(struct platform_link *link);
void platform_link_send(struct platform_link *link, const void *packet, uint32_t size);
