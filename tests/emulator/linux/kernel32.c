/*
 * Handles, events and waits of kernel32, on Linux. One mutex guards all events; a thread that must wait hangs a block on
 * each event, and sleeps on a futex of its own, so that waking costs what a futex costs. An auto-reset event is handed
 * straight to the thread that it wakes.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "handles.h"
#include "linux.h"

struct wait_block {
    struct waiter *waiter;
    struct wait_block *previous, *next;
};

struct event {
    struct object object;
    bool manual_reset;
    bool set;
    struct wait_block waiters; /* the head of a ring */
};

struct waiter {
    _Atomic int sleeping; /* the futex: 1 until woken */
    DWORD result;
    bool wait_all;
    DWORD count;
    struct event *events[MAXIMUM_WAIT_OBJECTS];
    struct wait_block blocks[MAXIMUM_WAIT_OBJECTS];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local DWORD last_error;
static void (*_Atomic wait_hook)(const HANDLE *handles, DWORD count);

EXPORT DWORD WINAPI GetLastError(void) {
    return last_error;
}

EXPORT void WINAPI SetLastError(DWORD code) {
    last_error = code;
}

static BOOL fail(DWORD code) {
    SetLastError(code);
    return FALSE;
}

/* ---- The handle table: a handle is four times its place, as on Windows, and never 0 ---- */

#define MAX_HANDLES 65536

static struct object *table[MAX_HANDLES];
static uint32_t free_places[MAX_HANDLES];
static uint32_t free_count, used_places = 1;
static _Atomic uint32_t open_handles;

uint32_t platform_count_handles(void) {
    return open_handles;
}

/* Inside the mutex. */
static struct object *object_of(HANDLE handle, enum object_kind kind) {
    const uintptr_t place = (uintptr_t)handle / 4;
    if ((uintptr_t)handle % 4 || place >= used_places || !table[place] || table[place]->kind != kind)
        return NULL;
    return table[place];
}

HANDLE handle_open(struct object *object) {
    HANDLE handle = NULL;
    pthread_mutex_lock(&mutex);
    const uint32_t place = free_count          ? free_places[--free_count]
                           : used_places < MAX_HANDLES ? used_places++
                                                       : 0;
    if (place) {
        table[place] = object;
        handle = (HANDLE)(uintptr_t)(place * 4);
        open_handles++;
    }
    pthread_mutex_unlock(&mutex);
    return handle;
}

bool handle_is(HANDLE handle, enum object_kind kind) {
    pthread_mutex_lock(&mutex);
    const bool is = object_of(handle, kind) != NULL;
    pthread_mutex_unlock(&mutex);
    return is;
}

EXPORT BOOL WINAPI CloseHandle(HANDLE handle) {
    struct object *object = NULL;
    pthread_mutex_lock(&mutex);
    for (int kind = 0; kind < OBJECT_KINDS && !object; kind++)
        object = object_of(handle, (enum object_kind)kind);
    if (object) {
        const uint32_t place = (uint32_t)((uintptr_t)handle / 4);
        table[place] = NULL;
        free_places[free_count++] = place;
        open_handles--;
        if (object->kind == OBJECT_EVENT && ((struct event *)object)->waiters.next != &((struct event *)object)->waiters)
            abort(); /* closed under a waiting thread: undefined on Windows */
    }
    pthread_mutex_unlock(&mutex);
    if (!object)
        return fail(ERROR_INVALID_HANDLE);
    free(object);
    return TRUE;
}

/* ---- Events ---- */

EXPORT HANDLE WINAPI CreateEventW(const void *attributes, BOOL manual_reset, BOOL initial_state, const WCHAR *name) {
    (void)attributes, (void)name; /* no other process could find it by its name */
    DWORD code = ERROR_SUCCESS;
    HANDLE handle = NULL;
    if (!fault_take(EMULATOR_CREATE_EVENT, &code)) {
        struct event *event = calloc(1, sizeof *event);
        if (event) {
            event->object.kind = OBJECT_EVENT;
            event->manual_reset = manual_reset != 0;
            event->set = initial_state != 0;
            event->waiters.next = event->waiters.previous = &event->waiters;
            handle = handle_open(&event->object);
        }
        if (!handle) {
            free(event);
            code = ERROR_NOT_ENOUGH_MEMORY;
        }
    }
    SetLastError(code); /* Windows clears it on success */
    return handle;
}

/* True if the waiter can go on now; then its auto-reset events are consumed. */
static bool try_satisfy(struct waiter *waiter) {
    DWORD first = 0, set = 0;
    for (DWORD i = waiter->count; i-- > 0;)
        if (waiter->events[i]->set) {
            first = i;
            set++;
        }
    if (!set || (waiter->wait_all && set < waiter->count))
        return false;
    for (DWORD i = waiter->wait_all ? 0 : first; i < (waiter->wait_all ? waiter->count : first + 1); i++)
        if (!waiter->events[i]->manual_reset)
            waiter->events[i]->set = false;
    waiter->result = WAIT_OBJECT_0 + (waiter->wait_all ? 0 : first);
    return true;
}

static void unhang(struct waiter *waiter) {
    for (DWORD i = 0; i < waiter->count; i++) {
        struct wait_block *block = &waiter->blocks[i];
        block->previous->next = block->next;
        block->next->previous = block->previous;
    }
}

EXPORT BOOL WINAPI SetEvent(HANDLE handle) {
    struct waiter *woken[8];
    int woken_count = 0;
    pthread_mutex_lock(&mutex);
    struct event *event = (struct event *)object_of(handle, OBJECT_EVENT);
    if (!event) {
        pthread_mutex_unlock(&mutex);
        return fail(ERROR_INVALID_HANDLE);
    }
    event->set = true;
    for (struct wait_block *block = event->waiters.next; event->set && block != &event->waiters;) {
        struct waiter *waiter = block->waiter;
        block = block->next;
        if (!try_satisfy(waiter))
            continue;
        /* Its own blocks may be next in this list, if it waits on one event twice. */
        while (block != &event->waiters && block->waiter == waiter)
            block = block->next;
        unhang(waiter);
        if (woken_count < 8)
            woken[woken_count++] = waiter;
        else { /* a crowd on a manual-reset event: wake it inside the mutex */
            waiter->sleeping = 0;
            syscall(SYS_futex, &waiter->sleeping, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
        }
    }
    pthread_mutex_unlock(&mutex);
    /* The waiter's stack may be gone once it sees 0: the futex then is a mere address, and the wake finds nobody. */
    for (int i = 0; i < woken_count; i++) {
        _Atomic int *sleeping = &woken[i]->sleeping;
        atomic_store_explicit(sleeping, 0, memory_order_release);
        syscall(SYS_futex, sleeping, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
    return TRUE;
}

/* ---- Waits ---- */

bool platform_set_wait_hook(void (*hook)(const HANDLE *handles, DWORD count)) {
    wait_hook = hook;
    return true;
}

/* Sleeps until woken (true) or the deadline. */
static bool sleep_until(struct waiter *waiter, const struct timespec *deadline) {
    while (atomic_load_explicit(&waiter->sleeping, memory_order_acquire)) {
        /* FUTEX_WAIT_BITSET takes an absolute time, which survives interruptions. */
        const long result = syscall(SYS_futex, &waiter->sleeping, FUTEX_WAIT_BITSET_PRIVATE, 1, deadline, NULL,
                                    FUTEX_BITSET_MATCH_ANY);
        if (result == 0 || !deadline)
            continue;
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec > deadline->tv_sec || (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec))
            return !atomic_load_explicit(&waiter->sleeping, memory_order_acquire);
    }
    return true;
}

static DWORD wait_for(struct waiter *waiter, DWORD timeout_ms) {
    struct timespec deadline;
    if (timeout_ms != INFINITE) {
        clock_gettime(CLOCK_MONOTONIC, &deadline);
        deadline.tv_sec += timeout_ms / 1000;
        deadline.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
        if (deadline.tv_nsec >= 1000000000) {
            deadline.tv_sec++;
            deadline.tv_nsec -= 1000000000;
        }
    }
    if (sleep_until(waiter, timeout_ms == INFINITE ? NULL : &deadline))
        return waiter->result;
    pthread_mutex_lock(&mutex);
    /* A SetEvent may have chosen this waiter since: then it is off the lists, and about to be woken. */
    const bool chosen = waiter->result != WAIT_TIMEOUT;
    if (!chosen)
        unhang(waiter);
    pthread_mutex_unlock(&mutex);
    if (chosen)
        sleep_until(waiter, NULL);
    return waiter->result;
}

EXPORT DWORD WINAPI WaitForMultipleObjects(DWORD count, const HANDLE *handles, BOOL wait_all, DWORD timeout_ms) {
    void (*hook)(const HANDLE *, DWORD) = wait_hook;
    if (count == 0 || count > MAXIMUM_WAIT_OBJECTS || !handles) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return WAIT_FAILED;
    }
    if (hook)
        hook(handles, count);
    struct waiter waiter;
    waiter.sleeping = 1;
    waiter.result = WAIT_TIMEOUT;
    waiter.wait_all = wait_all != 0;
    waiter.count = count;
    pthread_mutex_lock(&mutex);
    for (DWORD i = 0; i < count; i++) {
        waiter.events[i] = (struct event *)object_of(handles[i], OBJECT_EVENT);
        if (!waiter.events[i]) {
            pthread_mutex_unlock(&mutex);
            SetLastError(ERROR_INVALID_HANDLE);
            return WAIT_FAILED;
        }
    }
    if (try_satisfy(&waiter) || timeout_ms == 0) {
        pthread_mutex_unlock(&mutex);
        return waiter.result;
    }
    for (DWORD i = 0; i < count; i++) {
        struct wait_block *head = &waiter.events[i]->waiters;
        waiter.blocks[i] = (struct wait_block){&waiter, head->previous, head};
        head->previous->next = &waiter.blocks[i];
        head->previous = &waiter.blocks[i];
    }
    pthread_mutex_unlock(&mutex);
    return wait_for(&waiter, timeout_ms);
}

EXPORT DWORD WINAPI WaitForSingleObject(HANDLE handle, DWORD timeout_ms) {
    return WaitForMultipleObjects(1, &handle, FALSE, timeout_ms);
}
