/*
 * The control functions of the emulator: what a test does that no Windows program can. They are exported beside
 * the functions of wintun.h. Structs hold fixed-width fields at natural alignment, the same in every build.
 *
 * BOOL functions give nonzero on success, and otherwise set the last error.
 */
#pragma once

#include "platform.h"

struct adapter;
struct session;

/* ---- Kinds of link: where the packets of an adapter come from and go to ---- */

enum EmulatorLink {
    EMULATOR_LINK_NONE = 0, /* EmulatorInject and EmulatorTake; no driver thread, nothing outside the process */
    EMULATOR_LINK_TUN = 1,  /* a network device of the host system, made and removed with the adapter */
};

/* Kind of link of the adapters created from now on. At first: TUN if the environment has WINTUN_EMULATOR_LINK=tun,
 * otherwise NONE. */
EXPORT void WINAPI EmulatorSetLink(DWORD link);

/* ---- Faults ---- */

enum EmulatorCall {
    EMULATOR_CREATE_ADAPTER = 0,
    EMULATOR_START_SESSION = 1,
    EMULATOR_DELETE_DRIVER = 2,
    EMULATOR_CREATE_UNICAST_ADDRESS = 3, /* CreateUnicastIpAddressEntry returns the code */
    EMULATOR_SET_IP_INTERFACE = 4,       /* SetIpInterfaceEntry returns the code */
    EMULATOR_GET_IPV4_INTERFACE = 5,     /* GetIpInterfaceEntry returns the code, for that family */
    EMULATOR_GET_IPV6_INTERFACE = 6,
    EMULATOR_GET_INTERFACE = 7, /* GetIfEntry2 returns the code */
    EMULATOR_CREATE_EVENT = 8,
    EMULATOR_CLOSE_DLL_SEARCH = 9, /* SetDefaultDllDirectories */
    EMULATOR_CALLS = 10,
};

/* The next `count` calls of that function fail with `code`, having done nothing. ERROR_INVALID_PARAMETER for an
 * unknown call. */
EXPORT BOOL WINAPI EmulatorFailNext(DWORD call, DWORD code, DWORD count);
/* 0: not elevated (create, open and delete driver fail with 5; TokenElevation is 0). 1: elevated. Otherwise: as the
 * process is. */
EXPORT void WINAPI EmulatorSetElevated(DWORD elevated);
/* What WintunGetRunningDriverVersion gives; 0 is "not loaded" (error 2). EMULATOR_VERSION_AUTOMATIC: 0.14 while there
 * is an adapter, as a driver that Windows loads and unloads. */
#define EMULATOR_VERSION_AUTOMATIC 0xFFFFFFFFu
EXPORT void WINAPI EmulatorSetDriverVersion(DWORD version);
/* The next session's rings begin at this address, a multiple of 64 KiB, if it is free (to make them cross a 4 GiB
 * line). */
EXPORT void WINAPI EmulatorSetNextRegionBase(uint64_t base);
/* Removes the adapter under its users: the session's receive and allocate give 38, and the read event is set. The
 * handles stay to be closed. */
EXPORT BOOL WINAPI EmulatorRemoveAdapter(struct adapter *adapter);
/* Puts a packet with an impossible size into the receive ring, and sets the read event: receive gives 13 from there
 * on. */
EXPORT BOOL WINAPI EmulatorCorruptReceiveRing(struct session *session);
/* Nonzero: the driver takes no more sent packets, so that the send ring fills (111). 0: it goes on. Without a link
 * nothing is taken but by EmulatorTake. */
EXPORT BOOL WINAPI EmulatorPauseDriver(struct session *session, BOOL paused);
/* How many devices of Wintun 0.13 the machine has: ROOT\NET\0001 and on, behind ROOT\NET\0000 of another driver, which is
 * always there. Loading the emulator does not remove them, as the real DLL would. No effect on Windows, which keeps its
 * own devices. */
EXPORT void WINAPI EmulatorSetLegacyDevices(DWORD count);
/* How many devices of adapters that are gone Windows remembers: {DEAD0000-...} and on, listed without DIGCF_PRESENT only. No
 * effect on Windows. */
EXPORT void WINAPI EmulatorSetOrphanedDevices(DWORD count);

enum EmulatorSurprise {
    EMULATOR_AS_ASKED = 0,
    EMULATOR_OTHER_GUID = 1,
    EMULATOR_OTHER_NAME = 2, /* the name with " 2" behind it, as Windows does with one that a hidden connection has */
};
/* How the next adapter that is created differs from what was asked for. */
EXPORT void WINAPI EmulatorSurpriseNext(DWORD surprise);
/* Nonzero: adapters created from now on have fe80::1/64, which Windows gives them, and the tables tell so. For adapters
 * without a link; no effect on Windows. */
EXPORT void WINAPI EmulatorSetLinkLocal(BOOL wanted);
/* Ends all faults above that wait for a call, and sets elevation, driver version, devices and link-local addresses back. The
 * link stays. */
EXPORT void WINAPI EmulatorResetFaults(void);

/* ---- Packets, for sessions without a link ---- */

/* Puts `count` packets, whose bytes follow each other in `packets`, into the receive ring as one batch with one
 * setting of the read event. All or none: 111 if the ring is too full, 38 if the adapter is gone. */
EXPORT BOOL WINAPI EmulatorInject(struct session *session, const uint8_t *packets, const uint32_t *sizes,
                                  DWORD count);
/* Takes the next sent packet and gives its size. 0 and an error otherwise: 259 nothing was sent, 122 it is longer than
 * `capacity` (and stays), 13 its size is impossible (the driver has then closed the ring, and allocate gives 38). Packets
 * that are neither IPv4 nor IPv6 are discarded on the way, as by the driver. */
EXPORT DWORD WINAPI EmulatorTake(struct session *session, uint8_t *buffer, DWORD capacity);

/* ---- The logger ---- */

enum EmulatorLogLevel { EMULATOR_LOG_INFO = 0, EMULATOR_LOG_WARN = 1, EMULATOR_LOG_ERROR = 2 };

/* Logs the text, in the calling thread, or (`foreign` nonzero) in a thread of its own without waiting for it. */
EXPORT BOOL WINAPI EmulatorLog(DWORD level, const WCHAR *text, BOOL foreign);

/* ---- What there is ---- */

enum EmulatorThing {
    EMULATOR_ADAPTERS = 0,        /* adapters that the machine has */
    EMULATOR_ADAPTER_HANDLES = 1, /* handles not yet closed by WintunCloseAdapter */
    EMULATOR_SESSIONS = 2,
    EMULATOR_REGIONS = 3,     /* ring memory */
    EMULATOR_HANDLES = 4,     /* open kernel handles: events and tokens (0 on Windows) */
    EMULATOR_MIB_TABLES = 5,  /* tables not yet given to FreeMibTable (0 on Windows) */
    EMULATOR_LOG_THREADS = 6, /* foreign threads still inside EmulatorLog's callback */
    EMULATOR_REGISTRY_KEYS = 7, /* not yet given to RegCloseKey (0 on Windows) */
    EMULATOR_DEVICE_LISTS = 8,  /* not yet given to SetupDiDestroyDeviceInfoList (0 on Windows) */
    EMULATOR_FAILURES = 9,      /* calls that EmulatorFailNext still makes fail */
};
EXPORT DWORD WINAPI EmulatorCount(DWORD thing);
/* The adapter's present name, into 128 UTF-16 units. */
EXPORT void WINAPI EmulatorGetAdapterName(struct adapter *adapter, WCHAR *name);

/* ---- Measuring an echo loop ---- */

enum EmulatorBenchMode {
    /* The driver's work is done inside the client's wait call, by the waiting thread, and timed apart. */
    EMULATOR_BENCH_INLINE = 0,
    /* A driver thread on its own processor keeps the receive ring full. */
    EMULATOR_BENCH_THREAD = 1,
    /* A driver thread sends one packet at a time and waits for the reply. */
    EMULATOR_BENCH_LATENCY = 2,
};

struct EmulatorBenchPlan {
    uint32_t mode;         /* 0: EmulatorBenchMode */
    uint32_t protocol;     /* 4: 1 ICMP echo, 17 UDP to port 7 */
    uint32_t packet_bytes; /* 8: whole IPv4 packet, 28 to 65535 */
    uint32_t batch;        /* 12: packets put at once (not for latency) */
    uint64_t packets;      /* 16: measured */
    uint64_t warmup;       /* 24: before those, not measured */
    uint32_t gap_us;       /* 32: pause between reply and next packet (latency), from batch to batch (inline) */
    uint32_t verify_every; /* 36: every so many replies one is compared byte by byte; 1: each */
};
_Static_assert(sizeof(struct EmulatorBenchPlan) == 40, "layout is part of the interface");

struct EmulatorBenchFigures {
    uint64_t packets;        /* 0: replies counted in the measured part */
    uint64_t lost;           /* 8: packets without reply in the measured part */
    uint64_t verified;       /* 16: replies compared */
    uint64_t invalid;        /* 24: of those, wrong */
    uint64_t total_ns;       /* 32: the measured part by the clock */
    uint64_t driver_ns;      /* 40: of that, in the driver's work (inline) */
    uint64_t client_ns;      /* 48: total_ns - driver_ns */
    uint64_t waits;          /* 56: wait calls (inline), read events set (thread, latency) */
    uint64_t latency_min_ns; /* 64: from here on latency only, over `packets` samples */
    uint64_t latency_p50_ns; /* 72 */
    uint64_t latency_p90_ns; /* 80 */
    uint64_t latency_p99_ns; /* 88 */
    uint64_t latency_max_ns; /* 96 */
    uint64_t latency_mean_ns; /* 104 */
};
_Static_assert(sizeof(struct EmulatorBenchFigures) == 112, "layout is part of the interface");

/* Starts a measurement on a session without a link. The client then runs its loop, waiting on {read event, done}; `done`, an
 * event of the caller, is set when the last reply has been counted. One measurement at a time: ERROR_BUSY. Inline is
 * ERROR_NOT_SUPPORTED where waits cannot be intercepted. */
EXPORT BOOL WINAPI EmulatorBenchBegin(struct session *session, const struct EmulatorBenchPlan *plan, HANDLE done);
/* The figures, after `done` was set: ERROR_IO_INCOMPLETE before. Ends the measurement. */
EXPORT BOOL WINAPI EmulatorBenchEnd(struct EmulatorBenchFigures *figures);
