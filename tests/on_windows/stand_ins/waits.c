/* platform_set_wait_hook of the emulator's platform.h: waits for events go by here first. */
#include "stand_ins.h"

#include "platform.h"

void *real_wait_for_single_object, *real_wait_for_multiple_objects;

static void (*volatile wait_hook)(const HANDLE *handles, DWORD count);

bool platform_set_wait_hook(void (*hook)(const HANDLE *handles, DWORD count)) {
    wait_hook = hook;
    return true;
}

DWORD WINAPI hooked_wait_for_single_object(HANDLE handle, DWORD milliseconds) {
    if (wait_hook)
        wait_hook(&handle, 1);
    return ((__typeof__(WaitForSingleObject) *)real_wait_for_single_object)(handle, milliseconds);
}

DWORD WINAPI hooked_wait_for_multiple_objects(DWORD count, const HANDLE *handles, BOOL all, DWORD milliseconds) {
    if (wait_hook)
        wait_hook(handles, count);
    return ((__typeof__(WaitForMultipleObjects) *)real_wait_for_multiple_objects)(count, handles, all, milliseconds);
}
