/*
 * The header that signatures_test.ts compiles. For every function that src/ binds, it checks that the Windows headers
 * declare it with the C types of the comments in src/, and that the Deno type of each parameter and result has the same
 * size and kind.
 */
#pragma once

#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <aclapi.h>
#include <devpropdef.h>
#include <iphlpapi.h>
#include <icmpapi.h>
#include <sddl.h>
#include <setupapi.h>
#include <shlobj.h>
#include <softpub.h>
#include <wintrust.h>

#include "dns_settings.h"
#include "wintun_api.h"

/* setupapi.h of Windows declares this function; that of mingw-w64 10 does not. */
WINSETUPAPI BOOL WINAPI SetupDiGetDevicePropertyW(HDEVINFO set, PSP_DEVINFO_DATA device, const DEVPROPKEY *key,
                                                  DEVPROPTYPE *type, PBYTE buffer, DWORD size, PDWORD required, DWORD flags);

/* The same holds for this one. */
WINSETUPAPI BOOL WINAPI SetupDiSetDevicePropertyW(HDEVINFO set, PSP_DEVINFO_DATA device, const DEVPROPKEY *key,
                                                  DEVPROPTYPE type, const BYTE *buffer, DWORD size, DWORD flags);

/* No header declares this function of nci.dll, which wintun.dll uses. */
DWORD WINAPI NciSetConnectionName(const GUID *guid, const WCHAR *name);

/* The exported function of kernel32.dll. The headers define the name as a macro for C. */
#undef RtlMoveMemory
VOID WINAPI RtlMoveMemory(VOID *destination, const VOID *source, SIZE_T length);

#define ANY(type) (*(type *)0)
#define IS_POINTER(type) (__builtin_classify_type(ANY(type)) == 5)
#define IS_NUMBER(type, bytes) (!IS_POINTER(type) && sizeof(type) == (bytes))

#define FFI_pointer(type) IS_POINTER(type)
#define FFI_buffer(type) IS_POINTER(type)
#define FFI_usize(type) (sizeof(type) == 8)
#define FFI_isize(type) (sizeof(type) == 8)
#define FFI_u64(type) IS_NUMBER(type, 8)
#define FFI_u32(type) (IS_NUMBER(type, 4) && !__builtin_types_compatible_p(type, int) && !__builtin_types_compatible_p(type, long))
/* This compiler treats enumerations as unsigned; Windows treats them as int. */
#define FFI_i32(type) (IS_NUMBER(type, 4) && !__builtin_types_compatible_p(type, unsigned long))
#define FFI_u16(type) IS_NUMBER(type, 2)
#define FFI_u8(type) IS_NUMBER(type, 1)
#define FFI_bool(type) IS_NUMBER(type, 1)
#define FFI_guid(type) __builtin_types_compatible_p(type, GUID)
#define FFI_void(type) __builtin_types_compatible_p(type, void)
