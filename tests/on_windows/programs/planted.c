/*
 * A DLL that an attacker has put somewhere. It ends the process that loads it, with an exit code that nothing else has.
 */
#include <windows.h>

#define LOADED 77

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved) {
    (void)module;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
        TerminateProcess(GetCurrentProcess(), LOADED);
    return TRUE;
}
