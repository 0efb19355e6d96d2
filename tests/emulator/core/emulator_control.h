/*
 * The control functions of the emulator. They let a test do things that no Windows program can do. They are exported
 * together with the functions of wintun.h. Structs have fixed-width fields at natural alignment, the same in every
 * build.
 *
 * BOOL functions return nonzero on success. On failure they set the last error.
 */
#pragma once

#include "platform.h"

struct adapter;
struct session;

/* ---- Kinds of link: the source and destination of an adapter's packets ---- */

enum EmulatorLink {
    EMULATOR_LINK_NONE = 0, /* only EmulatorInject and EmulatorTake: no driver thread, nothing outside the process */
    EMULATOR_LINK_TUN = 1,  /* a network device of the host system, created and removed with the adapter */
};

/* Sets the kind of link of the adapters created from now on. The initial kind is TUN or NONE as WINTUN_EMULATOR_LINK
 * says ("tun" or "none"). Without that variable it is TUN in the Windows world, and NONE elsewhere. */
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
    EMULATOR_GET_PROCESS_TIMES = 10,
    EMULATOR_CREATE_NETWORK_LIST = 11, /* CoCreateInstance returns the code, an HRESULT; no effect on Windows */
    EMULATOR_SET_CATEGORY = 12,        /* INetwork::SetCategory returns the code, an HRESULT; no effect on Windows */
    EMULATOR_GET_CATEGORY = 13,        /* INetwork::GetCategory returns the code, an HRESULT; no effect on Windows */
    EMULATOR_GET_NETWORK_TIMES = 14, /* INetwork::GetTimeCreatedAndConnected returns the code, an HRESULT; no effect on Windows */
    EMULATOR_CALLS = 15,
};

/* Makes the next `count` calls of that function fail with `code` and without any effect. For EMULATOR_CREATE_ADAPTER the
 * emulator returns `code` as it is. Below the signed DLL it is the Win32 error with which Windows fails to make the
 * device, and the DLL returns it as an HRESULT. ERROR_INVALID_PARAMETER for an unknown call. */
EXPORT BOOL WINAPI EmulatorFailNext(DWORD call, DWORD code, DWORD count);
/* Makes the next call of WintunCreateAdapter take so many milliseconds longer, as Windows may. */
EXPORT void WINAPI EmulatorDelayNextCreate(DWORD ms);
/* 0: not elevated (create, open and delete driver fail with 5; TokenElevation is 0). 1: elevated. Other values: the
 * same as the process. */
EXPORT void WINAPI EmulatorSetElevated(DWORD elevated);
/* Sets the result of WintunGetRunningDriverVersion; 0 means "not loaded" (error 2). EMULATOR_VERSION_AUTOMATIC: 0.14
 * while an adapter exists, because Windows loads and unloads the driver with the adapters. */
#define EMULATOR_VERSION_AUTOMATIC 0xFFFFFFFFu
EXPORT void WINAPI EmulatorSetDriverVersion(DWORD version);
/* Makes the rings of the next session begin at this address, a multiple of 64 KiB, if it is free. A test can use
 * this to make them cross a 4 GiB boundary. */
EXPORT void WINAPI EmulatorSetNextRegionBase(uint64_t base);
/* Removes the adapter while it is in use: the session's receive and allocate fail with 38, and the read event is set.
 * The handles must still be closed. */
EXPORT BOOL WINAPI EmulatorRemoveAdapter(struct adapter *adapter);
/* Puts a packet with an impossible size into the receive ring, and sets the read event: receive fails with 13 from
 * there on. */
EXPORT BOOL WINAPI EmulatorCorruptReceiveRing(struct session *session);
/* Nonzero: the driver takes no more sent packets, so the send ring fills up (111). 0: the driver continues. Without a
 * link, only EmulatorTake takes packets. */
EXPORT BOOL WINAPI EmulatorPauseDriver(struct session *session, BOOL paused);
/* Sets the number of Wintun 0.13 devices on the machine: ROOT\NET\0001 and so on. They follow ROOT\NET\0000 of another
 * driver, which always exists. The real DLL removes such devices when it is loaded; these come afterwards, and stay. No
 * effect on Windows, which has real devices. */
EXPORT void WINAPI EmulatorSetLegacyDevices(DWORD count);
/* Renames the connection as a user does. WintunOpenAdapter finds the adapter by its old name only. */
EXPORT void WINAPI EmulatorRenameConnection(struct adapter *adapter, const WCHAR *name);
/* Makes the adapter one of Wintun 0.13: from now on its device is below ROOT\NET, and it keeps its network interface. No
 * effect on Windows. */
EXPORT void WINAPI EmulatorMakeLegacy(struct adapter *adapter);
/* Sets the number of remembered devices whose adapters are gone: {DEAD0000-...} and so on, listed only without
 * DIGCF_PRESENT. No effect on Windows. */
EXPORT void WINAPI EmulatorSetOrphanedDevices(DWORD count);

enum EmulatorSurprise {
    EMULATOR_AS_ASKED = 0,
    EMULATOR_OTHER_GUID = 1,
    EMULATOR_OTHER_NAME = 2, /* the name with " 2" appended; Windows does that if a hidden connection has the name */
};
/* Makes the next created adapter differ from the request. */
EXPORT void WINAPI EmulatorSurpriseNext(DWORD surprise);
/* Nonzero: adapters created from now on have the address fe80::1/64, as Windows would assign it, and the tables report
 * it. Only for adapters without a link; no effect on Windows. */
EXPORT void WINAPI EmulatorSetLinkLocal(BOOL wanted);
/* Cancels all faults above that wait for a call, and resets elevation, driver version, devices and link-local
 * addresses. The kind of link does not change. */
EXPORT void WINAPI EmulatorResetFaults(void);

/* ---- Packets, for sessions without a link ---- */

/* Puts `count` packets into the receive ring as one batch, and sets the read event once. The packets follow each other
 * in `packets`. Puts all packets or none: 111 if the ring is too full, 38 if the adapter is gone. */
EXPORT BOOL WINAPI EmulatorInject(struct session *session, const uint8_t *packets, const uint32_t *sizes,
                                  DWORD count);
/* Takes the next sent packet and returns its size. Returns 0 and sets an error otherwise. 259: no packet was sent. 122:
 * the packet is longer than `capacity` (it stays). 13: its size is impossible (the driver has then closed the ring, and
 * allocate fails with 38). Packets that are neither IPv4 nor IPv6 are discarded, as in the driver. */
EXPORT DWORD WINAPI EmulatorTake(struct session *session, uint8_t *buffer, DWORD capacity);

/* ---- The logger ---- */

enum EmulatorLogLevel { EMULATOR_LOG_INFO = 0, EMULATOR_LOG_WARN = 1, EMULATOR_LOG_ERROR = 2 };

/* Logs the text in the calling thread. If `foreign` is nonzero, logs it in a new thread and does not wait for it. */
EXPORT BOOL WINAPI EmulatorLog(DWORD level, const WCHAR *text, BOOL foreign);

/* ---- Counters and state ---- */

enum EmulatorThing {
    EMULATOR_ADAPTERS = 0,        /* adapters that the machine has */
    EMULATOR_ADAPTER_HANDLES = 1, /* handles not yet closed by WintunCloseAdapter */
    EMULATOR_SESSIONS = 2,
    EMULATOR_REGIONS = 3,     /* ring memory */
    EMULATOR_HANDLES = 4,     /* open kernel handles: events and tokens (0 on Windows) */
    EMULATOR_MIB_TABLES = 5,  /* tables not yet freed by FreeMibTable (0 on Windows) */
    EMULATOR_LOG_THREADS = 6, /* foreign threads still inside EmulatorLog's callback */
    EMULATOR_REGISTRY_KEYS = 7, /* keys not yet closed by RegCloseKey (0 on Windows) */
    EMULATOR_DEVICE_LISTS = 8,  /* lists not yet freed by SetupDiDestroyDeviceInfoList (0 on Windows) */
    EMULATOR_FAILURES = 9,      /* calls that EmulatorFailNext will still make fail */
};
EXPORT DWORD WINAPI EmulatorCount(DWORD thing);
/* Writes the current name of the adapter to `name`, which has room for 128 UTF-16 units. */
EXPORT void WINAPI EmulatorGetAdapterName(struct adapter *adapter, WCHAR *name);

/* ---- Measuring an echo loop ---- */

enum EmulatorBenchMode {
    /* The waiting thread does the driver's work inside the client's wait call. That work is measured separately. */
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
    uint32_t batch;        /* 12: packets put together as one batch (not for latency) */
    uint64_t packets;      /* 16: packets to measure */
    uint64_t warmup;       /* 24: packets before those, which are not measured */
    uint32_t gap_us;       /* 32: pause between a reply and the next packet (latency), or between batches (inline) */
    uint32_t verify_every; /* 36: one reply in this many is compared byte by byte; 1: every reply */
};
_Static_assert(sizeof(struct EmulatorBenchPlan) == 40, "layout is part of the interface");

struct EmulatorBenchFigures {
    uint64_t packets;        /* 0: replies counted in the measured part */
    uint64_t lost;           /* 8: packets without reply in the measured part */
    uint64_t verified;       /* 16: replies compared */
    uint64_t invalid;        /* 24: compared replies that were wrong */
    uint64_t total_ns;       /* 32: duration of the measured part */
    uint64_t driver_ns;      /* 40: part of total_ns spent in the driver's work (inline) */
    uint64_t client_ns;      /* 48: total_ns - driver_ns */
    uint64_t waits;          /* 56: wait calls (inline), or settings of the read event (thread, latency) */
    uint64_t latency_min_ns; /* 64: from here on only for latency, over `packets` samples */
    uint64_t latency_p50_ns; /* 72 */
    uint64_t latency_p90_ns; /* 80 */
    uint64_t latency_p99_ns; /* 88 */
    uint64_t latency_max_ns; /* 96 */
    uint64_t latency_mean_ns; /* 104 */
};
_Static_assert(sizeof(struct EmulatorBenchFigures) == 112, "layout is part of the interface");

/* Starts a measurement on a session without a link. The client then runs its loop and waits for {read event, done}.
 * `done` is an event of the caller, which is set after the last reply has been counted. Only one measurement at a time:
 * ERROR_BUSY. Inline mode fails with ERROR_NOT_SUPPORTED where waits cannot be intercepted. */
EXPORT BOOL WINAPI EmulatorBenchBegin(struct session *session, const struct EmulatorBenchPlan *plan, HANDLE done);
/* Returns the figures after `done` was set, and ends the measurement. ERROR_IO_INCOMPLETE before that. */
EXPORT BOOL WINAPI EmulatorBenchEnd(struct EmulatorBenchFigures *figures);
