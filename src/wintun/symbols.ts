/**
 * The 14 functions of wintun.dll 0.14, as wintun.h declares them. Handles and strings are pointers. ring_packets.ts
 * binds the functions of the hot path a second time.
 */
export const WINTUN_SYMBOLS = {
  WintunCreateAdapter: {
    parameters: [
      "buffer", /* LPCWSTR Name */
      "buffer", /* LPCWSTR TunnelType */
      "buffer", /* const GUID *RequestedGUID, may be NULL */
    ],
    result: "pointer", /* WINTUN_ADAPTER_HANDLE */
  },
  WintunOpenAdapter: {
    parameters: ["buffer" /* LPCWSTR Name */],
    result: "pointer", /* WINTUN_ADAPTER_HANDLE */
  },
  WintunCloseAdapter: { parameters: ["pointer" /* WINTUN_ADAPTER_HANDLE Adapter */], result: "void" },
  WintunDeleteDriver: { parameters: [], result: "i32" /* BOOL */ },
  WintunGetAdapterLUID: {
    parameters: ["pointer", /* WINTUN_ADAPTER_HANDLE Adapter */ "buffer" /* NET_LUID *Luid */],
    result: "void",
  },
  WintunGetRunningDriverVersion: { parameters: [], result: "u32" /* DWORD */ },
  WintunSetLogger: {
    parameters: ["pointer" /* WINTUN_LOGGER_CALLBACK NewLogger, may be NULL */],
    result: "void",
  },
  WintunStartSession: {
    parameters: ["pointer", /* WINTUN_ADAPTER_HANDLE Adapter */ "u32" /* DWORD Capacity */],
    result: "pointer", /* WINTUN_SESSION_HANDLE */
  },
  WintunEndSession: { parameters: ["pointer" /* WINTUN_SESSION_HANDLE Session */], result: "void" },
  WintunGetReadWaitEvent: {
    parameters: ["pointer" /* WINTUN_SESSION_HANDLE Session */],
    result: "pointer", /* HANDLE, owned by the session */
  },
  WintunReceivePacket: {
    parameters: ["pointer", /* WINTUN_SESSION_HANDLE Session */ "pointer" /* DWORD *PacketSize */],
    result: "pointer", /* BYTE * */
  },
  WintunReleaseReceivePacket: {
    parameters: ["pointer", /* WINTUN_SESSION_HANDLE Session */ "pointer" /* const BYTE *Packet */],
    result: "void",
  },
  WintunAllocateSendPacket: {
    parameters: ["pointer", /* WINTUN_SESSION_HANDLE Session */ "u32" /* DWORD PacketSize */],
    result: "pointer", /* BYTE * */
  },
  WintunSendPacket: {
    parameters: ["pointer", /* WINTUN_SESSION_HANDLE Session */ "pointer" /* const BYTE *Packet */],
    result: "void",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** Smallest and largest capacity of a ring in bytes. A capacity is also a power of two (wintun.h). */
export const MIN_RING_CAPACITY = 0x20000;
export const MAX_RING_CAPACITY = 0x4000000;

/** Longest adapter name and tunnel type in UTF-16 units, without the NUL (MAX_ADAPTER_NAME - 1, wintun.h). */
export const MAX_NAME_UNITS = 127;
