/*
 * The Windows types, constants and functions that the emulator uses, for a compiler without the Windows headers. A
 * build for Windows includes <windows.h> instead. Values are those of the Windows SDK for x64.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <uchar.h>

#define WINAPI

typedef uint8_t BYTE;
typedef uint16_t WORD;
typedef uint32_t DWORD;
typedef int32_t BOOL;
typedef uint64_t DWORD64;
typedef char16_t WCHAR;
typedef void *HANDLE;

typedef struct {
    uint32_t Data1;
    uint16_t Data2;
    uint16_t Data3;
    uint8_t Data4[8];
} GUID;

_Static_assert(sizeof(GUID) == 16, "GUID is 16 bytes");

#define TRUE 1
#define FALSE 0
#define INFINITE 0xFFFFFFFFu

#define WAIT_OBJECT_0 0u
#define WAIT_TIMEOUT 258u
#define WAIT_FAILED 0xFFFFFFFFu
#define MAXIMUM_WAIT_OBJECTS 64
#define CREATE_WAITABLE_TIMER_MANUAL_RESET 0x1u

#define ERROR_SUCCESS 0u
#define ERROR_FILE_NOT_FOUND 2u
#define ERROR_PATH_NOT_FOUND 3u
#define ERROR_ACCESS_DENIED 5u
#define ERROR_INVALID_HANDLE 6u
#define ERROR_NOT_ENOUGH_MEMORY 8u
#define ERROR_INVALID_DATA 13u
#define ERROR_GEN_FAILURE 31u
#define ERROR_HANDLE_EOF 38u
#define ERROR_NOT_SUPPORTED 50u
#define ERROR_INVALID_PARAMETER 87u
#define ERROR_BUFFER_OVERFLOW 111u
#define ERROR_INSUFFICIENT_BUFFER 122u
#define ERROR_BUSY 170u
#define ERROR_ALREADY_EXISTS 183u
#define ERROR_NO_MORE_ITEMS 259u
#define ERROR_NOT_OWNER 288u
#define ERROR_IO_INCOMPLETE 996u
#define ERROR_NOT_FOUND 1168u
#define ERROR_ALREADY_INITIALIZED 1247u
#define ERROR_OBJECT_ALREADY_EXISTS 5010u

DWORD WINAPI GetLastError(void);
void WINAPI SetLastError(DWORD code);
HANDLE WINAPI CreateEventW(const void *attributes, BOOL manual_reset, BOOL initial_state, const WCHAR *name);
BOOL WINAPI SetEvent(HANDLE event);
BOOL WINAPI CloseHandle(HANDLE handle);
DWORD WINAPI WaitForSingleObject(HANDLE handle, DWORD timeout_ms);
DWORD WINAPI WaitForMultipleObjects(DWORD count, const HANDLE *handles, BOOL wait_all, DWORD timeout_ms);
