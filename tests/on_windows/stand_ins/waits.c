/* platform_set_wait_hook of the emulator's platform.h: waits for events go by here first. */
#include "stand_ins.h"

#include "platform.h"

void *real_wait_for_single_object, *real_wait_for_multiple_objects;

static platform_wait_hook *_Atomic wait_hook;

bool platform_set_wait_hook(platform_wait_hook *hook) {
    wait_hook = hook;
    return true;
}

static DWORD ask_hook(const HANDLE *handles, DWORD count) {
    platform_wait_hook *hook = wait_hook;
    return hook ? hook(handles, count) : count;
}

DWORD WINAPI hooked_wait_for_single_object(HANDLE handle, DWORD milliseconds) {
    if (ask_hook(&handle, 1) == 0)
        return WAIT_OBJECT_0;
    return ((__typeof__(WaitForSingleObject) *)real_wait_for_single_object)(handle, milliseconds);
}

DWORD WINAPI hooked_wait_for_multiple_objects(DWORD count, const HANDLE *handles, BOOL all, DWORD milliseconds) {
    const DWORD ended = ask_hook(handles, count);
    if (ended < count)
        return WAIT_OBJECT_0 + ended;
    return ((__typeof__(WaitForMultipleObjects) *)real_wait_for_multiple_objects)(count, handles, all, milliseconds);
}
