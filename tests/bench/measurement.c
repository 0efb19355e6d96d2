/*
 * Measures a client's echo loop. The emulator makes the packets, counts the replies and reads the clock, so that the
 * same code measures loops in different languages.
 */
#include <stdlib.h>
#include <string.h>

#include "packets.h"
#include "emulator.h"

#define LOST_AFTER_NS 100000000u /* a reply that takes longer is lost */

static struct {
    struct session *_Atomic session; /* NULL: no measurement */
    struct EmulatorBenchPlan plan;
    struct EmulatorBenchFigures figures;
    struct bench_packets packets;
    HANDLE done;
    struct platform_thread *thread;
    _Atomic bool abandoned, finished;
    uint64_t injected, answered; /* of the present part: warm-up or measurement */
    bool measuring;
    uint64_t part_started_ns;
    uint64_t driver_ns;  /* inline: of the present part */
    uint64_t next_batch; /* inline: the time when it is due */
    uint32_t *latencies;
} bench;

static uint64_t part_packets(void) {
    return bench.measuring ? bench.plan.packets : bench.plan.warmup;
}

static void begin_part(bool measuring, uint64_t now) {
    bench.measuring = measuring;
    bench.injected = bench.answered = bench.driver_ns = 0;
    bench.figures = (struct EmulatorBenchFigures){0};
    bench.part_started_ns = now;
}

/* Puts up to `wanted` packets into the receive ring, without setting the read event. Returns false if there is no room. */
static bool put(uint64_t wanted) {
    struct driver *driver = &bench.session->driver;
    const uint32_t room = packet_room(bench.plan.packet_bytes);
    platform_lock_enter(&driver->lock);
    uint64_t space = driver_space(driver) / room;
    for (; wanted && space; wanted--, space--) {
        driver_stage(driver, bench_packets_next(&bench.packets), bench.plan.packet_bytes);
        bench.injected++;
    }
    const bool shown = driver_show(driver);
    platform_lock_leave(&driver->lock);
    return shown;
}

/* Puts them as one batch. */
static void inject(uint64_t wanted) {
    if (put(wanted))
        SetEvent(bench.session->driver.read_event);
}

/* Takes the replies out of the send ring, and counts and verifies them. */
static void collect(void) {
    struct driver *driver = &bench.session->driver;
    const uint8_t *packet;
    uint32_t size;
    while (driver_peek(driver, &packet, &size) == DRIVER_PACKET) {
        if (bench.answered % bench.plan.verify_every == 0) {
            bench.figures.verified++;
            if (!bench_packets_is_reply(&bench.packets, packet, size))
                bench.figures.invalid++;
        }
        bench.answered++;
        driver_advance(driver, size);
    }
}

static void finish(uint64_t now) {
    struct EmulatorBenchFigures *figures = &bench.figures;
    figures->packets = bench.answered;
    figures->lost = bench.injected > bench.answered ? bench.injected - bench.answered : 0;
    figures->total_ns = now - bench.part_started_ns;
    figures->driver_ns = bench.driver_ns;
    figures->client_ns = figures->total_ns - bench.driver_ns;
    bench.finished = true;
    SetEvent(bench.done);
}

/* ---- Inline: the driver's work inside the client's wait ---- */

/* Waits until the next batch is due. With a gap, the rate is steady: a late batch does not delay the others. */
static void wait_for_batch(uint64_t now) {
    if (!bench.plan.gap_us)
        return;
    if (bench.injected == 0)
        bench.next_batch = now;
    if (now < bench.next_batch)
        platform_sleep(bench.next_batch - now);
    bench.next_batch += (uint64_t)bench.plan.gap_us * 1000;
}

/* The wait for the read event ends here, and the event is never set: Wine would ask another process for both, which
 * takes as long as a hundred packets. */
static DWORD work_inline(const HANDLE *handles, DWORD count) {
    const struct session *session = bench.session;
    DWORD readable = 0;
    while (readable < count && !(session && handles[readable] == session->read_event))
        readable++;
    if (readable == count || bench.finished)
        return count;
    const uint64_t entered = platform_nanoseconds();
    bool ended = false;
    if (!bench.part_started_ns)
        begin_part(bench.plan.warmup == 0, entered);
    bench.figures.waits++;
    collect(); /* the client waits, so a reply that is missing now is lost */
    if (bench.injected == part_packets()) {
        ended = bench.measuring;
        if (!ended)
            begin_part(true, entered);
    }
    if (ended) {
        finish(entered);
        return count;
    }
    const uint64_t left = part_packets() - bench.injected;
    wait_for_batch(entered);
    const bool shown = put(left < bench.plan.batch ? left : bench.plan.batch);
    bench.driver_ns += platform_nanoseconds() - entered;
    return shown ? readable : count;
}

/* ---- A driver thread ---- */

static bool may_go_on(void) {
    return !bench.abandoned && !bench.session->driver.stopping;
}

/* Runs one part at full speed. Returns false if the measurement was abandoned. */
static bool run_part(void) {
    uint64_t progress_ns = platform_nanoseconds();
    const uint64_t packets = part_packets();
    const uint32_t batch_room = packet_room(bench.plan.packet_bytes) * bench.plan.batch;
    while (bench.answered < packets) {
        const uint64_t before = bench.injected + bench.answered;
        collect();
        const uint64_t left = packets - bench.injected;
        if (left && driver_space(&bench.session->driver) >= batch_room) {
            inject(left < bench.plan.batch ? left : bench.plan.batch);
            bench.figures.waits++;
        }
        if (bench.injected + bench.answered != before)
            progress_ns = platform_nanoseconds();
        else if (!may_go_on())
            return false;
        else if (platform_nanoseconds() - progress_ns > LOST_AFTER_NS && !left)
            return true;
        else
            platform_yield();
    }
    return true;
}

static void run_throughput(void *unused) {
    (void)unused;
    platform_thread_use_last_processor();
    begin_part(bench.plan.warmup == 0, platform_nanoseconds());
    if (!bench.measuring) {
        if (!run_part())
            return;
        begin_part(true, platform_nanoseconds());
    }
    if (run_part())
        finish(platform_nanoseconds());
}

/* Sends one packet and waits for its reply. Returns the nanoseconds, or 0 if it is lost or the measurement abandoned. */
static uint64_t measure_one(void) {
    const uint64_t answered = bench.answered;
    const uint64_t started = platform_nanoseconds();
    inject(1);
    bench.figures.waits++;
    for (;;) {
        collect();
        const uint64_t now = platform_nanoseconds();
        if (bench.answered != answered)
            return now - started;
        if (now - started > LOST_AFTER_NS || !may_go_on())
            return 0;
    }
}

static int compare(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void summarise_latencies(size_t count) {
    if (!count)
        return;
    const uint32_t *sorted = bench.latencies;
    uint64_t sum = 0;
    qsort(bench.latencies, count, sizeof *bench.latencies, compare);
    for (size_t i = 0; i < count; i++)
        sum += sorted[i];
    bench.figures.latency_min_ns = sorted[0];
    bench.figures.latency_p50_ns = sorted[count / 2];
    bench.figures.latency_p90_ns = sorted[count * 90 / 100];
    bench.figures.latency_p99_ns = sorted[count * 99 / 100];
    bench.figures.latency_max_ns = sorted[count - 1];
    bench.figures.latency_mean_ns = sum / count;
}

static void run_latency(void *unused) {
    (void)unused;
    size_t samples = 0;
    platform_thread_use_last_processor();
    for (int part = bench.plan.warmup ? 0 : 1; part < 2; part++) {
        begin_part(part == 1, platform_nanoseconds());
        while (bench.injected < part_packets()) {
            const uint64_t next = platform_nanoseconds() + (uint64_t)bench.plan.gap_us * 1000;
            while (platform_nanoseconds() < next)
                platform_yield();
            if (!may_go_on())
                return;
            const uint64_t taken = measure_one();
            if (taken && bench.measuring)
                bench.latencies[samples++] = (uint32_t)taken;
        }
    }
    const uint64_t now = platform_nanoseconds();
    summarise_latencies(samples);
    finish(now);
}

/* ---- Begin and end ---- */

static void clear(void) {
    platform_set_wait_hook(NULL);
    platform_thread_join(bench.thread);
    free(bench.latencies);
    bench_packets_free(&bench.packets);
    bench.thread = NULL;
    bench.latencies = NULL;
    bench.session = NULL;
}

void bench_abandon(const struct session *session) {
    if (!session || bench.session != session)
        return;
    bench.abandoned = true;
    clear();
}

static DWORD begin(void) {
    const struct EmulatorBenchPlan *plan = &bench.plan;
    if (!bench_packets_make(&bench.packets, plan->protocol, plan->packet_bytes))
        return ERROR_NOT_ENOUGH_MEMORY;
    if (plan->mode == EMULATOR_BENCH_INLINE)
        return platform_set_wait_hook(work_inline) ? ERROR_SUCCESS : ERROR_NOT_SUPPORTED;
    if (plan->mode == EMULATOR_BENCH_LATENCY) {
        bench.latencies = malloc((size_t)plan->packets * sizeof *bench.latencies);
        if (!bench.latencies)
            return ERROR_NOT_ENOUGH_MEMORY;
    }
    bench.thread = platform_thread_start(plan->mode == EMULATOR_BENCH_THREAD ? run_throughput : run_latency, NULL);
    return bench.thread ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
}

EXPORT BOOL WINAPI EmulatorBenchBegin(struct session *handle, const struct EmulatorBenchPlan *plan, HANDLE done) {
    struct session *session = session_from_handle(handle);
    DWORD code = ERROR_SUCCESS;
    if (!session)
        return FALSE;
    if (bench.session)
        code = ERROR_BUSY;
    else if (!plan || !done || plan->mode > EMULATOR_BENCH_LATENCY || !plan->packets || !plan->batch ||
             !plan->verify_every || session->driver.link || plan->packets > UINT32_MAX ||
             !bench_packets_can_be(plan->protocol, plan->packet_bytes) ||
             (uint64_t)packet_room(plan->packet_bytes) * plan->batch >= session->capacity)
        code = ERROR_INVALID_PARAMETER;
    else {
        bench.plan = *plan;
        bench.done = done;
        bench.abandoned = bench.finished = false;
        bench.part_started_ns = 0;
        bench.session = session;
        code = begin();
        if (code != ERROR_SUCCESS)
            clear();
    }
    if (code == ERROR_SUCCESS)
        return TRUE;
    SetLastError(code);
    return FALSE;
}

EXPORT BOOL WINAPI EmulatorBenchEnd(struct EmulatorBenchFigures *figures) {
    if (!bench.session || !bench.finished) {
        SetLastError(ERROR_IO_INCOMPLETE);
        return FALSE;
    }
    clear();
    *figures = bench.figures;
    return TRUE;
}
