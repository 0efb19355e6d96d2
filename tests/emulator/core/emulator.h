/* Declarations that the files of the emulator's core share. */
#pragma once

#include "emulator_control.h"
#include "platform.h"
#include "ring.h"

#define IF_TYPE_PROP_VIRTUAL 53
/* Version 0.14 as WintunGetRunningDriverVersion returns it: major << 16 | minor. */
#define DRIVER_VERSION 14u

/* One adapter of the machine. Handles and a session refer to it. After its removal it stays allocated until the last of
 * them is closed. The registry lock guards everything except the counters. */
struct device {
    struct device_identity identity;
    struct platform_device *platform;
    uint32_t references;
    bool present;
    struct session *session;
    uint32_t network_category; /* NLM_NETWORK_CATEGORY of the network that it has while it has a session */
    uint32_t identifications;  /* how often Windows has identified a network of it */
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

/* The driver's half of a session. `lock` serialises the threads that put packets into the incoming ring. Only one
 * thread at a time reads the outgoing ring. */
struct driver {
    struct device *device;
    uint32_t capacity;
    struct ring *incoming, *outgoing;
    HANDLE read_event, send_event;
    struct platform_lock lock;
    uint32_t staged_tail; /* after the last packet put, published or not */
    uint32_t taken_head;
    bool disconnected; /* guarded by `lock` */
    _Atomic bool stopping, paused;
    struct platform_link *link;
    struct platform_thread *reader, *writer;
};

/* The client's position in one ring. */
struct cursor {
    uint32_t next;        /* the next packet to hand out */
    uint32_t released;    /* the first packet that the ring has not yet advanced over */
    uint32_t outstanding; /* number of packets from `released` to `next` */
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
/* Returns the present device of that LUID with a reference, which the caller returns by device_release(). NULL if there
 * is none. */
struct device *device_find_by_luid(uint64_t luid);
struct device *device_find_by_name(const WCHAR *name);
/* Calls `visit` for each present device, inside the registry lock. */
void device_visit(void (*visit)(struct device *device, void *context), void *context);
void device_release(struct device *device);
/* Removes the device while it is in use, as Windows can. Call it only inside the registry lock. */
void device_remove(struct device *device);

/* driver.c */
DWORD driver_start(struct driver *driver, struct session *session);
/* Ends the driver's threads. Afterwards the rings report that the adapter is gone. */
void driver_stop(struct driver *driver);
/* Puts one packet after the others, without publishing it. Returns false if the ring is full or gone. Inside
 * driver->lock. */
bool driver_stage(struct driver *driver, const void *packet, uint32_t size);
/* Publishes the staged packets without setting the read event. Returns false if there are none. Inside driver->lock. */
bool driver_show(struct driver *driver);
/* Publishes the staged packets and sets the read event once. Inside driver->lock. */
void driver_publish(struct driver *driver);
/* Returns the free bytes of the incoming ring. Staged packets count as used. */
uint32_t driver_space(const struct driver *driver);

enum driver_taken { DRIVER_EMPTY, DRIVER_PACKET, DRIVER_DEAD };
/* Returns the next packet that the client sent, without removing it. A packet with an impossible size kills the ring,
 * as in the real driver. */
enum driver_taken driver_peek(struct driver *driver, const uint8_t **packet, uint32_t *size);
/* Releases the room of the packet that driver_peek() returned. */
void driver_advance(struct driver *driver, uint32_t size);
/* Returns true for IPv4 of at least 20 bytes and IPv6 of at least 40 bytes: the packets that the real driver passes
 * on. */
bool driver_accepts(const uint8_t *packet, uint32_t size);

/* logger.c: `name`, unless it is NULL, is appended to the text in quotes. These functions do not change the last
 * error. */
void log_message(enum EmulatorLogLevel level, const char *text, const WCHAR *name);
void log_error(DWORD code, const char *text, const WCHAR *name);
uint32_t log_foreign_threads(void);

/* session.c */
/* Returns the session of a client's handle. NULL with ERROR_INVALID_HANDLE if there is none. */
struct session *session_from_handle(struct session *handle);

/* faults.c */
/* Returns true if this call must fail, with the error in `*code`. */
bool fault_take(enum EmulatorCall call, DWORD *code);
bool fault_is_elevated(void);
DWORD fault_driver_version(bool loaded);
DWORD fault_legacy_devices(void);
DWORD fault_orphaned_devices(void);
bool fault_link_local_is_wanted(void);
/* Returns how the adapter that is being created must differ from the request: enum EmulatorSurprise. */
DWORD fault_take_surprise(void);
DWORD fault_take_creation_delay(void); /* in milliseconds */
bool fault_link_is_wanted(void);
uint64_t fault_take_region_base(void);
/* Returns how many calls will still be made to fail. */
DWORD fault_count(void);

/* adapter_control.c: the counters of EmulatorCount. */
extern _Atomic uint32_t live_adapters, live_handles, live_sessions, live_regions;

/* measurement.c: ends a measurement that is running on the session. */
void bench_abandon(const struct session *session);
