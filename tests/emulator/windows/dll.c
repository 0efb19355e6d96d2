/* The part of windows/ that only the emulator's DLL has. The stand-ins below the signed DLL contain the other files too. */
#include "device.h"
#include "device_registry.h"

/* Wintun 0.14 removes the devices of older versions as soon as an elevated process loads it. */
BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved) {
    (void)reserved;
    if (reason != DLL_PROCESS_ATTACH)
        return TRUE;
    DisableThreadLibraryCalls(module);
    if (platform_process_is_elevated())
        device_remove_legacy();
    return TRUE;
}

bool platform_set_wait_hook(platform_wait_hook *hook) {
    (void)hook; /* kernel32 does the waits */
    return false;
}
