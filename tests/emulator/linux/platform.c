/* platform.h on Linux, except the adapters (device.c) and the waits (waits.c). */
#define _GNU_SOURCE
#include "platform.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "emulator.h"
#include "linux.h"

/*
 * ---- Locks ----
 * They work like critical sections of Windows: one locked instruction each way, with owner and recursion count. A
 * contended lock spins first and then sleeps in the kernel.
 */

#define LOCK_SPINS 4000

void platform_lock_init(struct platform_lock *lock) {
    *lock = (struct platform_lock){0};
}

void platform_lock_destroy(struct platform_lock *lock) {
    (void)lock;
}

static inline void spin_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void lock_contended(struct platform_lock *lock) {
    for (int i = 0; i < LOCK_SPINS; i++) {
        int state = 0;
        if (atomic_load_explicit(&lock->state, memory_order_relaxed) == 0 &&
            atomic_compare_exchange_strong_explicit(&lock->state, &state, 1, memory_order_acquire,
                                                    memory_order_relaxed))
            return;
        spin_pause();
    }
    while (atomic_exchange_explicit(&lock->state, 2, memory_order_acquire) != 0)
        syscall(SYS_futex, &lock->state, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
}

void platform_lock_enter(struct platform_lock *lock) {
    void *self = __builtin_thread_pointer();
    int state = 0;
    if (!atomic_compare_exchange_strong_explicit(&lock->state, &state, 1, memory_order_acquire,
                                                 memory_order_relaxed)) {
        if (atomic_load_explicit(&lock->owner, memory_order_relaxed) == self) {
            lock->recursion++;
            return;
        }
        lock_contended(lock);
    }
    atomic_store_explicit(&lock->owner, self, memory_order_relaxed);
    lock->recursion = 1;
}

void platform_lock_leave(struct platform_lock *lock) {
    if (--lock->recursion)
        return;
    atomic_store_explicit(&lock->owner, NULL, memory_order_relaxed);
    if (atomic_exchange_explicit(&lock->state, 0, memory_order_release) == 2)
        syscall(SYS_futex, &lock->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

bool platform_lock_is_held(struct platform_lock *lock) {
    return lock->state != 0;
}

static struct platform_lock registry;

void platform_registry_enter(void) {
    platform_lock_enter(&registry);
}

void platform_registry_leave(void) {
    platform_lock_leave(&registry);
}

/* ---- Memory ---- */

#define REGION_ALIGNMENT 0x10000u
#define MAX_REGIONS 64

static struct {
    uint8_t *base;
    size_t bytes;
} regions[MAX_REGIONS];
static pthread_mutex_t regions_mutex = PTHREAD_MUTEX_INITIALIZER;

static size_t whole_pages(size_t bytes) {
    return (bytes + 4095) & ~(size_t)4095;
}

static uint8_t *map_aligned(size_t bytes, uint64_t wanted_base) {
    const int protection = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
    if (wanted_base) {
        void *at = mmap((void *)wanted_base, bytes, protection, flags | MAP_FIXED_NOREPLACE, -1, 0);
        return at == MAP_FAILED ? NULL : at;
    }
    uint8_t *mapped = mmap(NULL, bytes + REGION_ALIGNMENT, protection, flags, -1, 0);
    if (mapped == MAP_FAILED)
        return NULL;
    uint8_t *base = (uint8_t *)(((uintptr_t)mapped + REGION_ALIGNMENT - 1) & ~(uintptr_t)(REGION_ALIGNMENT - 1));
    if (base > mapped)
        munmap(mapped, (size_t)(base - mapped));
    munmap(base + bytes, (size_t)(mapped + REGION_ALIGNMENT - base));
    return base;
}

void *platform_region_allocate(size_t bytes, uint64_t wanted_base) {
    bytes = whole_pages(bytes);
    uint8_t *base = map_aligned(bytes, wanted_base);
    pthread_mutex_lock(&regions_mutex);
    bool recorded = false;
    for (int i = 0; base && i < MAX_REGIONS && !recorded; i++)
        if (!regions[i].base) {
            regions[i].base = base;
            regions[i].bytes = bytes;
            recorded = true;
            live_regions++;
        }
    pthread_mutex_unlock(&regions_mutex);
    if (recorded)
        return base;
    if (base)
        munmap(base, bytes);
    SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return NULL;
}

void platform_region_release(void *base) {
    pthread_mutex_lock(&regions_mutex);
    for (int i = 0; i < MAX_REGIONS; i++)
        if (base && regions[i].base == base) {
            munmap(base, regions[i].bytes);
            regions[i].base = NULL;
            live_regions--;
        }
    pthread_mutex_unlock(&regions_mutex);
}

bool linux_region_of(const void *address, uint8_t **base, size_t *bytes) {
    bool found = false;
    pthread_mutex_lock(&regions_mutex);
    for (int i = 0; i < MAX_REGIONS && !found; i++) {
        const uint8_t *start = regions[i].base;
        if (start && (const uint8_t *)address >= start && (const uint8_t *)address < start + regions[i].bytes) {
            *base = regions[i].base;
            *bytes = regions[i].bytes;
            found = true;
        }
    }
    pthread_mutex_unlock(&regions_mutex);
    return found;
}

/* ---- Threads ---- */

struct platform_thread {
    pthread_t id;
    void (*body)(void *context);
    void *context;
    bool detached;
};

static void *run_thread(void *argument) {
    struct platform_thread *thread = argument;
    thread->body(thread->context);
    if (thread->detached)
        free(thread);
    return NULL;
}

static struct platform_thread *start_thread(void (*body)(void *), void *context, bool detached) {
    struct platform_thread *thread = malloc(sizeof *thread);
    if (!thread)
        return NULL;
    *thread = (struct platform_thread){.body = body, .context = context, .detached = detached};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (detached)
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t id;
    const int failed = pthread_create(&id, &attributes, run_thread, thread);
    pthread_attr_destroy(&attributes);
    if (failed) {
        free(thread);
        return NULL;
    }
    if (!detached)
        thread->id = id;
    return thread;
}

struct platform_thread *platform_thread_start(void (*body)(void *context), void *context) {
    return start_thread(body, context, false);
}

void platform_thread_join(struct platform_thread *thread) {
    if (!thread)
        return;
    pthread_join(thread->id, NULL);
    free(thread);
}

bool platform_thread_detached(void (*body)(void *context), void *context) {
    return start_thread(body, context, true) != NULL;
}

void platform_thread_use_last_processor(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return;
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
        if (CPU_ISSET(cpu, &set)) {
            CPU_ZERO(&set);
            CPU_SET(cpu, &set);
            sched_setaffinity(0, sizeof set, &set);
            return;
        }
}

void platform_yield(void) {
    sched_yield();
}

void platform_sleep(uint64_t nanoseconds) {
    const struct timespec pause = {(time_t)(nanoseconds / 1000000000u), (long)(nanoseconds % 1000000000u)};
    nanosleep(&pause, NULL);
}

/* ---- Time and other functions ---- */

uint64_t platform_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t platform_filetime(void) {
    const uint64_t unix_epoch = 116444736000000000u; /* 1970 in FILETIME */
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return unix_epoch + (uint64_t)now.tv_sec * 10000000u + (uint64_t)now.tv_nsec / 100;
}

void platform_random_guid(GUID *guid) {
    if (getrandom(guid, sizeof *guid, 0) != sizeof *guid)
        abort();
    guid->Data3 = (uint16_t)((guid->Data3 & 0x0FFF) | 0x4000); /* RFC 9562, version 4 */
    guid->Data4[0] = (uint8_t)((guid->Data4[0] & 0x3F) | 0x80);
}

bool platform_process_is_elevated(void) {
    return geteuid() == 0;
}

const char *platform_environment(const char *name) {
    return getenv(name);
}
