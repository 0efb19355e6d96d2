/* Shared by the files of the emulator's core. */
#pragma once

#include "emulator_control.h"
#include "platform.h"
#include "ring.h"

#define IF_TYPE_PROP_VIRTUAL 53
/* Version 0.14 as WintunGetRunningDriverVersion gives it: major << 16 | minor. */
#define DRIVER_VERSION 14u

/* One adapter as the machine has it. Handles and a session refer to it; it outlives its removal until the last of
 * them is closed. Guarded by the registry lock, but for the counters. */
struct device {
    struct device_identity identity;
    struct platform_device *platform;
    uint32_t references;
    bool present;
    struct session *session;
    struct device *next;
    _Atomic uint64_t received_packets, received_bytes; /* from the client, so into Windows */
    _Atomic uint64_t sent_packets, sent_bytes;         /* to the client, so out of Windows */
    _Atomic uint64_t received_discards, sent_discards;
};

/* An adapter handle of wintun.h. */
struct adapter {
    struct device *device;
    bool created;
};

/* The driver's half of a session. `lock` orders those who put packets into the incoming ring; the outgoing
 * ring has one reader at a time. */
struct driver {
    struct device *device;
    uint32_t capacity;
    struct ring *incoming, *outgoing;
    HANDLE read_event, send_event;
    struct platform_lock lock;
    uint32_t staged_tail; /* behind the last packet put, published or not */
    uint32_t taken_head;
    bool disconnected; /* guarded by `lock` */
    _Atomic bool stopping, paused;
    struct platform_link *link;
    struct platform_thread *reader, *writer;
};

/* The client's position in one ring. */
struct cursor {
    uint32_t next;        /* the next packet to hand out */
    uint32_t released;    /* the first packet that is still out */
    uint32_t outstanding; /* packets handed out and not given back in order */
    struct platform_lock lock;
};

/* A session handle of wintun.h. */
struct session {
    uint32_t capacity;
    struct cursor receive, send;
    struct ring *incoming, *outgoing;
    HANDLE read_event, send_event;
    struct device *device;
    struct driver driver;
};

/* adapter.c */
uint64_t device_luid(const struct device *device);
/* The present device of that LUID, with a reference that device_release() gives back; NULL if there is none. */
struct device *device_find_by_luid(uint64_t luid);
struct device *device_find_by_name(const WCHAR *name);
/* Calls `visit` for each present device, inside the registry lock. */
void device_visit(void (*visit)(struct device *device, void *context), void *context);
void device_release(struct device *device);
/* As when Windows removes the device under its users. Only inside the registry lock. */
void device_remove(struct device *device);

/* driver.c */
DWORD driver_start(struct driver *driver, struct session *session);
/* Ends the driver's threads. Afterwards the rings say that the adapter is gone. */
void driver_stop(struct driver *driver);
/* Puts one packet behind the others without showing it; false if the ring is full or gone. Inside driver->lock. */
bool driver_stage(struct driver *driver, const void *packet, uint32_t size);
/* Shows what was staged and sets the read event once. Inside driver->lock. */
void driver_publish(struct driver *driver);
/* Free bytes of the incoming ring, staged packets counted as there. */
uint32_t driver_space(const struct driver *driver);

enum driver_taken { DRIVER_EMPTY, DRIVER_PACKET, DRIVER_DEAD };
/* Looks at the next packet that the client sent. A size that cannot be kills the ring, as the real driver does. */
enum driver_taken driver_peek(struct driver *driver, const uint8_t **packet, uint32_t *size);
/* Gives the peeked packet's room back. */
void driver_advance(struct driver *driver, uint32_t size);
/* IPv4 of 20 bytes and more, or IPv6 of 40 and more: what the real driver passes on. */
bool driver_accepts(const uint8_t *packet, uint32_t size);

/* logger.c: `name`, if not NULL, is quoted behind the text. Keep the last error as it was. */
void log_message(enum EmulatorLogLevel level, const char *text, const WCHAR *name);
void log_error(DWORD code, const char *text, const WCHAR *name);
uint32_t log_foreign_threads(void);

/* control.c */
/* True if this call shall fail; then `*code` is how. */
bool fault_take(enum EmulatorCall call, DWORD *code);
bool fault_is_elevated(void);
DWORD fault_driver_version(bool loaded);
DWORD fault_legacy_devices(void);
DWORD fault_orphaned_devices(void);
bool fault_link_local_is_wanted(void);
/* How the adapter that is being created shall differ: enum EmulatorSurprise. */
DWORD fault_take_surprise(void);
bool fault_link_is_wanted(void);
uint64_t fault_take_region_base(void);

/* What EmulatorCount tells. */
extern _Atomic uint32_t live_adapters, live_handles, live_sessions, live_regions;

/* measurement.c: ends a measurement that runs on the session. */
void bench_abandon(const struct session *session);
