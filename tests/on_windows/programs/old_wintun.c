/*
 * An unsigned DLL with the exports of a wintun.dll before 0.14. If it is ever loaded, it creates a file with its path
 * and the extension .ran.
 */
#include <windows.h>
#include <wchar.h>

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved) {
    WCHAR path[MAX_PATH + 8];
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH && GetModuleFileNameW(module, path, MAX_PATH)) {
        HANDLE file = CreateFileW(wcscat(path, L".ran"), GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
        if (file != INVALID_HANDLE_VALUE)
            CloseHandle(file);
    }
    return TRUE;
}

#define EXPORT(name)                                                                                                   \
    __declspec(dllexport) BOOL WINAPI name(void) {                                                                     \
        SetLastError(ERROR_NOT_SUPPORTED);                                                                             \
        return FALSE;                                                                                                  \
    }

EXPORT(WintunAllocateSendPacket)
EXPORT(WintunCreateAdapter)
EXPORT(WintunDeleteAdapter)
EXPORT(WintunDeletePoolDriver)
EXPORT(WintunEndSession)
EXPORT(WintunEnumAdapters)
EXPORT(WintunFreeAdapter)
EXPORT(WintunGetAdapterLUID)
EXPORT(WintunGetAdapterName)
EXPORT(WintunGetReadWaitEvent)
EXPORT(WintunGetRunningDriverVersion)
EXPORT(WintunOpenAdapter)
EXPORT(WintunReceivePacket)
EXPORT(WintunReleaseReceivePacket)
EXPORT(WintunSendPacket)
EXPORT(WintunSetAdapterName)
EXPORT(WintunSetLogger)
EXPORT(WintunStartSession)
