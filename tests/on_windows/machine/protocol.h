/*
 * The protocol between the Windows side of the world (the emulator's wintun.dll, the stand-ins below the signed one, the
 * iphlpapi stand-in) and its Linux side (machine.c). The Linux side holds what is in the kernel on a real Windows machine: the adapters, their packets,
 * and the rows of the IP Helper's tables.
 *
 * It uses TCP on loopback, little-endian, with natural alignment, the same in both builds. Every message is a header
 * and `size` bytes. The client sends requests. The server answers each one once, with a Win32 error code instead of the
 * request's number.
 */
#pragma once

#include <stdint.h>

#define MACHINE_PORT 47013
#define MACHINE_NAME_UNITS 128
#define MACHINE_MAX_BODY 0x20000

enum machine_request {
    /* struct machine_adapter with name, created_name, type, guid, pid -> the same, filled in. The adapter exists as
     * long as this connection. ERROR_ALREADY_EXISTS if the GUID is in use. */
    MACHINE_CREATE = 1,
    /* struct machine_adapter with luid, name, created_name */
    MACHINE_RENAME = 2,
    /* -> struct machine_adapter for each adapter */
    MACHINE_LIST = 3,
    /* uint64_t luid. ERROR_NOT_FOUND, also for a disabled adapter; ERROR_ALREADY_INITIALIZED if it has a session. On
     * success this connection becomes the session: both sides then send only MACHINE_PACKET, and the server closes the
     * connection when the adapter is removed or disabled. */
    MACHINE_SESSION = 4,
    MACHINE_PACKET = 5,
    /* struct machine_store, key, value. ERROR_OBJECT_ALREADY_EXISTS or ERROR_NOT_FOUND, depending on `mode`. */
    MACHINE_STORE = 6,
    /* struct machine_query -> struct machine_row and its value, for each row */
    MACHINE_QUERY = 7,
    /* uint64_t luid. Removes the adapter under its creator, whose connection is closed. ERROR_NOT_FOUND. */
    MACHINE_DELETE = 8,
    /* struct machine_enable. A disabled adapter has no session: the one that it has ends as if it were removed.
     * ERROR_NOT_FOUND. */
    MACHINE_ENABLE = 9,
    /* struct machine_ping and `size` bytes of data -> struct machine_pinged and the data of the reply. The machine pings
     * an address through its kernel. The connection can take no other request. */
    MACHINE_PING = 10,
    /* On success the server sends MACHINE_CHANGED on this connection after every change, and the client sends nothing more. */
    MACHINE_WATCH = 11,
    MACHINE_CHANGED = 12,
};

struct machine_message {
    uint32_t size; /* of the data that follows */
    uint32_t code; /* enum machine_request, or the answer's Win32 error */
};

struct machine_adapter {
    uint64_t luid; /* NET_LUID: 24 reserved bits, 24 bits of index, 16 bits of interface type (low to high) */
    uint32_t if_index;
    uint32_t has_session; /* the number of the session, from 1; 0 if there is none */
    uint32_t pid; /* Windows process that created it */
    uint32_t disabled;
    uint8_t guid[16];
    uint16_t name[MACHINE_NAME_UNITS];
    uint16_t created_name[MACHINE_NAME_UNITS]; /* by which the emulator's WintunOpenAdapter finds it */
    uint16_t type[MACHINE_NAME_UNITS];
    char device[16]; /* name of the Linux network device */
};

/* The bits of `luid` that SetupAPI calls NetLuidIndex. */
static inline uint32_t machine_luid_index(uint64_t luid) { return (uint32_t)(luid >> 24) & 0xFFFFFF; }

struct machine_enable {
    uint64_t luid;
    uint32_t disabled;
    uint32_t reserved;
};

struct machine_ping {
    uint32_t version; /* 4 or 6 */
    uint32_t timeout_ms;
    uint32_t size;
    uint8_t address[16];
};

struct machine_pinged {
    uint32_t status; /* IP_STATUS, ipexport.h */
    uint32_t round_trip_ms;
};

/* What has changed of an adapter. */
enum machine_aspect { MACHINE_PRESENCE, MACHINE_MEDIA, MACHINE_ROW };

struct machine_change {
    uint64_t luid;
    uint32_t aspect; /* enum machine_aspect */
    uint32_t table;  /* of a row */
    uint32_t family; /* of a row: 4, 6, or 0 if it belongs to none */
    uint32_t reserved;
};

enum machine_mode { MACHINE_ADD, MACHINE_CHANGE, MACHINE_PUT, MACHINE_REMOVE };

/* The effect of a row on the Linux network device. */
enum machine_effect {
    MACHINE_NO_EFFECT,
    MACHINE_ADDRESS, /* address/prefix */
    MACHINE_ROUTE,   /* address/prefix through the device; gateway, unless it is all zero; value is the metric */
    MACHINE_MTU,     /* value, for the family */
};

struct machine_store {
    uint64_t luid;  /* 0: a row that the machine keeps for itself, without an effect */
    uint32_t table; /* a number that the client chooses */
    uint32_t mode;
    uint32_t key_size, value_size;
    uint32_t effect;
    uint32_t family; /* 4 or 6 */
    uint32_t prefix;
    uint32_t value;
    uint8_t address[16];
    uint8_t gateway[16];
};

struct machine_query {
    uint64_t luid; /* 0: rows of all adapters, and those of the machine itself */
    uint32_t table;
    uint32_t reserved;
};

struct machine_row {
    uint64_t luid;
    uint32_t value_size;
    uint32_t reserved;
};
