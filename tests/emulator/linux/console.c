/* Console control handlers. Windows calls the one that was added last first, on a thread of its own, and holds a lock
 * meanwhile, so that handlers cannot be added or removed. */
#include <pthread.h>

#include "linux.h"

#define MAX_HANDLERS 16u
#define NO_ANSWER 0xFFFFFFFFu

typedef BOOL (WINAPI *handler_routine)(DWORD event);

static pthread_mutex_t console_lock = PTHREAD_MUTEX_INITIALIZER;
static handler_routine handlers[MAX_HANDLERS];
static uint32_t handler_count;
static _Atomic DWORD answer;

EXPORT BOOL WINAPI SetConsoleCtrlHandler(handler_routine handler, BOOL add) {
    BOOL done = FALSE;
    pthread_mutex_lock(&console_lock);
    if (add) {
        done = handler_count < MAX_HANDLERS;
        if (done)
            handlers[handler_count++] = handler;
    } else {
        for (uint32_t i = handler_count; i-- && !done;) {
            if (handlers[i] != handler)
                continue;
            for (uint32_t j = i + 1; j < handler_count; j++)
                handlers[j - 1] = handlers[j];
            handler_count--;
            done = TRUE;
        }
    }
    pthread_mutex_unlock(&console_lock);
    if (!done)
        SetLastError(87 /* ERROR_INVALID_PARAMETER */);
    return done;
}

static void *dispatch(void *event) {
    BOOL is_handled = FALSE;
    pthread_mutex_lock(&console_lock);
    for (uint32_t i = handler_count; i-- && !is_handled;)
        is_handled = handlers[i]((DWORD)(uintptr_t)event);
    if (is_handled)
        handler_count = 0; /* Windows ends the process */
    pthread_mutex_unlock(&console_lock);
    answer = (DWORD)is_handled;
    return NULL;
}

/* For tests: how many handlers there are. */
EXPORT DWORD WINAPI EmulatorConsoleHandlers(void) {
    pthread_mutex_lock(&console_lock);
    const DWORD count = handler_count;
    pthread_mutex_unlock(&console_lock);
    return count;
}

/* For tests: begins to tell the handlers of an event. */
EXPORT BOOL WINAPI EmulatorConsoleEvent(DWORD event) {
    pthread_t thread;
    answer = NO_ANSWER;
    if (pthread_create(&thread, NULL, dispatch, (void *)(uintptr_t)event))
        return FALSE;
    pthread_detach(thread);
    return TRUE;
}

/* For tests: whether a handler took the last event; NO_ANSWER while one holds it up. */
EXPORT DWORD WINAPI EmulatorConsoleAnswer(void) {
    return answer;
}
