/* The functions of wintun.dll 0.14, as a program uses them. */
#pragma once

#include <winsock2.h>
#include <windows.h>
#include <ifdef.h>

typedef struct wintun_adapter *WINTUN_ADAPTER_HANDLE;
typedef struct wintun_session *WINTUN_SESSION_HANDLE;
typedef enum { WINTUN_LOG_INFO, WINTUN_LOG_WARN, WINTUN_LOG_ERR } WINTUN_LOGGER_LEVEL;
typedef void(CALLBACK *WINTUN_LOGGER_CALLBACK)(WINTUN_LOGGER_LEVEL level, DWORD64 timestamp, LPCWSTR message);

WINTUN_ADAPTER_HANDLE WINAPI WintunCreateAdapter(LPCWSTR name, LPCWSTR tunnel_type, const GUID *requested_guid);
WINTUN_ADAPTER_HANDLE WINAPI WintunOpenAdapter(LPCWSTR name);
void WINAPI WintunCloseAdapter(WINTUN_ADAPTER_HANDLE adapter);
BOOL WINAPI WintunDeleteDriver(void);
void WINAPI WintunGetAdapterLUID(WINTUN_ADAPTER_HANDLE adapter, NET_LUID *luid);
DWORD WINAPI WintunGetRunningDriverVersion(void);
void WINAPI WintunSetLogger(WINTUN_LOGGER_CALLBACK logger);
WINTUN_SESSION_HANDLE WINAPI WintunStartSession(WINTUN_ADAPTER_HANDLE adapter, DWORD capacity);
void WINAPI WintunEndSession(WINTUN_SESSION_HANDLE session);
HANDLE WINAPI WintunGetReadWaitEvent(WINTUN_SESSION_HANDLE session);
BYTE *WINAPI WintunReceivePacket(WINTUN_SESSION_HANDLE session, DWORD *packet_size);
void WINAPI WintunReleaseReceivePacket(WINTUN_SESSION_HANDLE session, const BYTE *packet);
BYTE *WINAPI WintunAllocateSendPacket(WINTUN_SESSION_HANDLE session, DWORD packet_size);
void WINAPI WintunSendPacket(WINTUN_SESSION_HANDLE session, const BYTE *packet);
