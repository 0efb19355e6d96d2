/*
 * Events, mutexes, timers and waits of kernel32, on Linux. One lock guards all objects. A thread that must wait adds a block to
 * each object, and sleeps on a futex that only it uses, so that waking costs only a futex call. An auto-reset event or
 * a mutex goes directly to the thread that it wakes. A mutex belongs to its thread, as on Windows. The end of that
 * thread is not noticed here, so no mutex is ever abandoned. No thread runs for a timer: who waits for it sees that it is
 * due, so a timer is set only by the thread that waits for it.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "emulator.h"
#include "objects.h"

struct wait_block {
    struct waiter *waiter;
    struct wait_block *previous, *next;
};

/* An event, a mutex or a timer. */
struct waitable {
    struct object object;
    bool set;               /* mutex: it has no owner */
    bool manual_reset;      /* not a mutex */
    bool armed;             /* timer: it is due at `due`, and not set yet */
    struct timespec due;
    pthread_t owner;        /* mutex: valid while it is not set */
    uint32_t times_owned;   /* mutex: how often the owner must release it */
    struct wait_block head; /* head of a ring of waiters */
};

struct waiter {
    _Atomic int sleeping; /* the futex: 1 until woken */
    DWORD result;
    bool wait_all;
    pthread_t thread;
    DWORD count;
    struct waitable *objects[MAXIMUM_WAIT_OBJECTS];
    struct wait_block blocks[MAXIMUM_WAIT_OBJECTS];
};

static platform_wait_hook *_Atomic wait_hook;

static BOOL fail(DWORD code) {
    SetLastError(code);
    return FALSE;
}

/* Returns the object of the handle if it has that kind. Inside the lock. */
static struct waitable *waitable_of(HANDLE handle, enum object_kind kind) {
    struct object *object = object_of(handle);
    return object && object->kind == kind ? (struct waitable *)object : NULL;
}

/* ---- Creating and opening ---- */

/* Returns a handle of the object with that name, or of a new object like `initial`. Always sets the last error. */
static HANDLE create(const struct waitable *initial, const WCHAR *name) {
    DWORD code = ERROR_SUCCESS; /* Windows clears it on success */
    HANDLE handle = NULL;
    pthread_mutex_lock(&objects_lock);
    struct object *existing = name ? object_named(name) : NULL;
    struct waitable *made = existing ? NULL : malloc(sizeof *made);
    if (name && !namespace_holds(name))
        code = ERROR_PATH_NOT_FOUND;
    else if (existing && existing->kind != initial->object.kind)
        code = ERROR_INVALID_HANDLE;
    else if (existing) {
        handle = object_open(existing);
        code = handle ? ERROR_ALREADY_EXISTS : ERROR_NOT_ENOUGH_MEMORY;
    } else if (made) {
        *made = *initial;
        made->head.next = made->head.previous = &made->head;
        handle = object_add(&made->object, name);
    }
    if (!existing && !handle) {
        free(made);
        code = code == ERROR_SUCCESS ? ERROR_NOT_ENOUGH_MEMORY : code;
    }
    pthread_mutex_unlock(&objects_lock);
    SetLastError(code);
    return handle;
}

EXPORT HANDLE WINAPI CreateEventW(const void *attributes, BOOL manual_reset, BOOL initial_state, const WCHAR *name) {
    (void)attributes;
    DWORD code;
    if (fault_take(EMULATOR_CREATE_EVENT, &code)) {
        SetLastError(code);
        return NULL;
    }
    return create(&(struct waitable){{.kind = OBJECT_EVENT}, .set = initial_state, .manual_reset = manual_reset}, name);
}

EXPORT HANDLE WINAPI CreateMutexW(const void *attributes, BOOL owned, const WCHAR *name) {
    (void)attributes;
    return create(&(struct waitable){
                      {.kind = OBJECT_MUTEX}, .set = !owned, .owner = pthread_self(), .times_owned = owned ? 1 : 0},
                  name);
}

/* Every timer is as exact as one that has CREATE_WAITABLE_TIMER_HIGH_RESOLUTION. */
EXPORT HANDLE WINAPI CreateWaitableTimerExW(const void *attributes, const WCHAR *name, DWORD flags, DWORD access) {
    (void)attributes, (void)access;
    return create(&(struct waitable){{.kind = OBJECT_TIMER},
                                     .manual_reset = flags & CREATE_WAITABLE_TIMER_MANUAL_RESET},
                  name);
}

EXPORT HANDLE WINAPI OpenEventW(DWORD access, BOOL inherit, const WCHAR *name) {
    (void)access, (void)inherit;
    pthread_mutex_lock(&objects_lock);
    struct object *object = object_named(name);
    DWORD code = !object                        ? ERROR_FILE_NOT_FOUND
                 : object->kind != OBJECT_EVENT ? ERROR_INVALID_HANDLE
                                                : ERROR_SUCCESS;
    HANDLE handle = code == ERROR_SUCCESS ? object_open(object) : NULL;
    pthread_mutex_unlock(&objects_lock);
    if (!handle)
        SetLastError(code == ERROR_SUCCESS ? ERROR_NOT_ENOUGH_MEMORY : code);
    return handle;
}

/* ---- Setting ---- */

static bool is_set_for(const struct waitable *object, const struct waiter *waiter) {
    /* The owner of a mutex may take it again. */
    return object->set || (object->object.kind == OBJECT_MUTEX && pthread_equal(object->owner, waiter->thread));
}

static void take(struct waitable *object, const struct waiter *waiter) {
    if (object->object.kind == OBJECT_MUTEX) {
        object->set = false;
        object->owner = waiter->thread;
        object->times_owned++;
    } else if (!object->manual_reset)
        object->set = false;
}

/* Returns true if the waiter can continue. It has then taken the object that it waited for. */
static bool try_satisfy(struct waiter *waiter) {
    DWORD first = 0, set = 0;
    for (DWORD i = waiter->count; i-- > 0;)
        if (is_set_for(waiter->objects[i], waiter)) {
            first = i;
            set++;
        }
    if (!set || (waiter->wait_all && set < waiter->count))
        return false;
    for (DWORD i = waiter->wait_all ? 0 : first; i < (waiter->wait_all ? waiter->count : first + 1); i++)
        take(waiter->objects[i], waiter);
    waiter->result = WAIT_OBJECT_0 + (waiter->wait_all ? 0 : first);
    return true;
}

static void hang(struct waiter *waiter) {
    for (DWORD i = 0; i < waiter->count; i++) {
        struct wait_block *head = &waiter->objects[i]->head;
        waiter->blocks[i] = (struct wait_block){waiter, head->previous, head};
        head->previous->next = &waiter->blocks[i];
        head->previous = &waiter->blocks[i];
        waiter->objects[i]->object.waiters++;
    }
}

static void unhang(struct waiter *waiter) {
    for (DWORD i = 0; i < waiter->count; i++) {
        struct wait_block *block = &waiter->blocks[i];
        block->previous->next = block->next;
        block->next->previous = block->previous;
        waiter->objects[i]->object.waiters--;
    }
}

/* Sets an object. The caller holds the lock, which this function releases. */
static void set_and_leave(struct waitable *object) {
    struct waiter *woken[8];
    int woken_count = 0;
    object->set = true;
    for (struct wait_block *block = object->head.next; object->set && block != &object->head;) {
        struct waiter *waiter = block->waiter;
        block = block->next;
        if (!try_satisfy(waiter))
            continue;
        /* If the waiter waits for one event twice, the next block in this list can also be its block. */
        while (block != &object->head && block->waiter == waiter)
            block = block->next;
        unhang(waiter);
        if (woken_count < 8)
            woken[woken_count++] = waiter;
        else { /* many waiters on a manual-reset event: wake them inside the lock */
            waiter->sleeping = 0;
            syscall(SYS_futex, &waiter->sleeping, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
        }
    }
    pthread_mutex_unlock(&objects_lock);
    /* Once the waiter sees 0, its stack may be gone. The futex is then only an address, and the wake finds no
     * thread. */
    for (int i = 0; i < woken_count; i++) {
        _Atomic int *sleeping = &woken[i]->sleeping;
        atomic_store_explicit(sleeping, 0, memory_order_release);
        syscall(SYS_futex, sleeping, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
}

EXPORT BOOL WINAPI SetEvent(HANDLE handle) {
    pthread_mutex_lock(&objects_lock);
    struct waitable *event = waitable_of(handle, OBJECT_EVENT);
    if (!event) {
        pthread_mutex_unlock(&objects_lock);
        return fail(ERROR_INVALID_HANDLE);
    }
    set_and_leave(event);
    return TRUE;
}

EXPORT BOOL WINAPI ResetEvent(HANDLE handle) {
    pthread_mutex_lock(&objects_lock);
    struct waitable *event = waitable_of(handle, OBJECT_EVENT);
    if (event)
        event->set = false;
    pthread_mutex_unlock(&objects_lock);
    return event ? TRUE : fail(ERROR_INVALID_HANDLE);
}

static struct timespec after(struct timespec time, int64_t ns) {
    time.tv_sec += ns / 1000000000;
    time.tv_nsec += ns % 1000000000;
    if (time.tv_nsec >= 1000000000) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000;
    }
    return time;
}

static bool is_before(const struct timespec *one, const struct timespec *other) {
    return one->tv_sec < other->tv_sec || (one->tv_sec == other->tv_sec && one->tv_nsec < other->tv_nsec);
}

static struct timespec now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time;
}

/* Only one kind of timer is known: due once, after a time (negative, in 100 ns). */
EXPORT BOOL WINAPI SetWaitableTimer(HANDLE handle, const int64_t *due, int32_t period, void *routine, void *argument,
                                    BOOL resume) {
    (void)argument;
    pthread_mutex_lock(&objects_lock);
    struct waitable *timer = waitable_of(handle, OBJECT_TIMER);
    const bool known = due && *due <= 0 && !period && !routine && !resume;
    const DWORD code = !timer ? ERROR_INVALID_HANDLE : known ? ERROR_SUCCESS : ERROR_INVALID_PARAMETER;
    if (code == ERROR_SUCCESS) {
        timer->set = false;
        timer->armed = true;
        timer->due = after(now(), -*due * 100);
    }
    pthread_mutex_unlock(&objects_lock);
    return code == ERROR_SUCCESS ? TRUE : fail(code);
}

EXPORT BOOL WINAPI ReleaseMutex(HANDLE handle) {
    pthread_mutex_lock(&objects_lock);
    struct waitable *mutex = waitable_of(handle, OBJECT_MUTEX);
    const DWORD code = !mutex                                                        ? ERROR_INVALID_HANDLE
                       : mutex->set || !pthread_equal(mutex->owner, pthread_self()) ? ERROR_NOT_OWNER
                                                                                     : ERROR_SUCCESS;
    if (code == ERROR_SUCCESS && --mutex->times_owned == 0) {
        set_and_leave(mutex);
        return TRUE;
    }
    pthread_mutex_unlock(&objects_lock);
    return code == ERROR_SUCCESS ? TRUE : fail(code);
}

/* ---- Waits ---- */

bool platform_set_wait_hook(platform_wait_hook *hook) {
    wait_hook = hook;
    return true;
}

/* Sleeps until it is woken (true) or the deadline has passed. */
static bool sleep_until(struct waiter *waiter, const struct timespec *deadline) {
    while (atomic_load_explicit(&waiter->sleeping, memory_order_acquire)) {
        /* FUTEX_WAIT_BITSET takes an absolute time, so an interruption does not extend the wait. */
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

/* Sets the timers that are due. Inside the lock. */
static void expire_timers(const struct waiter *waiter) {
    for (DWORD i = 0; i < waiter->count; i++) {
        struct waitable *timer = waiter->objects[i];
        if (!timer->armed)
            continue;
        const struct timespec time = now();
        if (is_before(&time, &timer->due))
            continue;
        timer->armed = false;
        timer->set = true;
    }
}

/* Returns the earliest of `end` and the times at which timers are due, or NULL if there is none. */
static const struct timespec *deadline_of(const struct waiter *waiter, const struct timespec *end) {
    const struct timespec *earliest = end;
    for (DWORD i = 0; i < waiter->count; i++) {
        const struct waitable *timer = waiter->objects[i];
        if (timer->armed && (!earliest || is_before(&timer->due, earliest)))
            earliest = &timer->due;
    }
    return earliest;
}

static DWORD wait_for(struct waiter *waiter, DWORD timeout_ms) {
    const struct timespec end = after(now(), timeout_ms * INT64_C(1000000));
    for (;;) {
        if (sleep_until(waiter, deadline_of(waiter, timeout_ms == INFINITE ? NULL : &end)))
            return waiter->result;
        pthread_mutex_lock(&objects_lock);
        /* Meanwhile another thread may have chosen this waiter. It is then in no list any more, and is about to be
         * woken. */
        const bool chosen = waiter->result != WAIT_TIMEOUT;
        bool ended = false;
        if (!chosen) {
            expire_timers(waiter);
            const struct timespec time = now();
            ended = try_satisfy(waiter) || (timeout_ms != INFINITE && !is_before(&time, &end));
            if (ended)
                unhang(waiter);
        }
        pthread_mutex_unlock(&objects_lock);
        if (chosen)
            sleep_until(waiter, NULL);
        if (chosen || ended)
            return waiter->result;
    }
}

EXPORT DWORD WINAPI WaitForMultipleObjects(DWORD count, const HANDLE *handles, BOOL wait_all, DWORD timeout_ms) {
    platform_wait_hook *hook = wait_hook;
    if (count == 0 || count > MAXIMUM_WAIT_OBJECTS || !handles) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return WAIT_FAILED;
    }
    const DWORD ended = hook ? hook(handles, count) : count;
    if (ended < count)
        return WAIT_OBJECT_0 + ended;
    struct waiter waiter;
    waiter.sleeping = 1;
    waiter.result = WAIT_TIMEOUT;
    waiter.wait_all = wait_all != 0;
    waiter.thread = pthread_self();
    waiter.count = count;
    pthread_mutex_lock(&objects_lock);
    for (DWORD i = 0; i < count; i++) {
        waiter.objects[i] = (struct waitable *)object_of(handles[i]);
        if (!waiter.objects[i] || waiter.objects[i]->object.kind == OBJECT_TOKEN) {
            pthread_mutex_unlock(&objects_lock);
            SetLastError(ERROR_INVALID_HANDLE);
            return WAIT_FAILED;
        }
    }
    expire_timers(&waiter);
    if (try_satisfy(&waiter) || timeout_ms == 0) {
        pthread_mutex_unlock(&objects_lock);
        return waiter.result;
    }
    hang(&waiter);
    pthread_mutex_unlock(&objects_lock);
    return wait_for(&waiter, timeout_ms);
}

EXPORT DWORD WINAPI WaitForSingleObject(HANDLE handle, DWORD timeout_ms) {
    return WaitForMultipleObjects(1, &handle, FALSE, timeout_ms);
}
