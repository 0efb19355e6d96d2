/*
 * The echo loop in C that our loop is compared with. It does the same work with the same functions of the same
 * libraries, as a careful C program does it. It opens them as a Windows program opens wintun.dll, and answers
 * ICMPv4 echo and UDP: it builds the reply in place in the received packet, then copies it once into the send ring. It
 * makes the same checks of such a packet as our loop under load, keeps the same counters, and polls its quit event as
 * often.
 *
 * usage: echo_loop WINTUN KERNEL32 CONTROL inline|thread|latency icmp|udp BYTES BATCH PACKETS WARMUP GAP_US VERIFY_EVERY
 * CONTROL is the library with the emulator's control functions. On Linux, all three are the emulator.
 * Prints struct EmulatorBenchFigures as one JSON object.
 *
 * usage: echo_loop WINTUN KERNEL32 CONTROL
 * Serves until it is ended, for a library that measures by itself (peers/measuring.c).
 */
#ifdef _WIN32
#include <winsock2.h>
#include <windows.h>
#else
#include <dlfcn.h>
#endif
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulator_control.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define PACKETS_PER_QUIT_CHECK 1024
#define RING_CAPACITY 0x400000u
#define IPV4_HEADER 20u
#define PROTOCOL_ICMP 1
#define PROTOCOL_UDP 17

/* The functions that the loop calls, resolved one by one as from a DLL, in the order of resolve_all(). */
static struct {
    BOOL (*bench_begin)(struct session *, const struct EmulatorBenchPlan *, HANDLE);
    BOOL (*bench_end)(struct EmulatorBenchFigures *);
    void (*move)(void *, const void *, size_t);
    DWORD (*last_error)(void);
    DWORD (*wait)(DWORD, const HANDLE *, BOOL, DWORD);
    HANDLE (*create_event)(const void *, BOOL, BOOL, const WCHAR *);
    BOOL (*close_handle)(HANDLE);
    struct adapter *(*create_adapter)(const WCHAR *, const WCHAR *, const GUID *);
    void (*close_adapter)(struct adapter *);
    struct session *(*start_session)(struct adapter *, DWORD);
    void (*end_session)(struct session *);
    HANDLE (*read_wait_event)(struct session *);
    BYTE *(*receive)(struct session *, DWORD *);
    void (*release)(struct session *, const BYTE *);
    BYTE *(*allocate)(struct session *, DWORD);
    void (*send)(struct session *, const BYTE *);
} api;

#ifdef _WIN32
static void *open_library(const char *path) {
    return (void *)LoadLibraryA(path);
}

static void *find(void *library, const char *name) {
    return (void *)GetProcAddress(library, name);
}
#else
static void *open_library(const char *path) {
    return dlopen(path, RTLD_NOW);
}

static void *find(void *library, const char *name) {
    return dlsym(library, name);
}
#endif

/* Opens a library and appends its functions to those in `api`, `*next` of which are there. */
static void resolve(const char *path, const char *const *names, size_t count, size_t *next) {
    void *library = open_library(path);
    if (!library) {
        fprintf(stderr, "echo_loop: cannot open %s\n", path);
        exit(1);
    }
    for (size_t i = 0; i < count; i++) {
        void *function = find(library, names[i]);
        if (!function) {
            fprintf(stderr, "echo_loop: %s has no %s\n", path, names[i]);
            exit(1);
        }
        memcpy((char *)&api + (*next)++ * sizeof function, &function, sizeof function);
    }
}

/* In the Windows world, the library of the control functions gives wintun.dll what Wine lacks, so it comes first. */
static void resolve_all(const char *wintun, const char *kernel32, const char *control) {
    static const char *const control_names[] = {"EmulatorBenchBegin", "EmulatorBenchEnd"};
    static const char *const kernel32_names[] = {
        "RtlMoveMemory", "GetLastError", "WaitForMultipleObjects", "CreateEventW", "CloseHandle",
    };
    static const char *const wintun_names[] = {
        "WintunCreateAdapter",    "WintunCloseAdapter",  "WintunStartSession",         "WintunEndSession",
        "WintunGetReadWaitEvent", "WintunReceivePacket", "WintunReleaseReceivePacket", "WintunAllocateSendPacket",
        "WintunSendPacket",
    };
    _Static_assert(sizeof api == sizeof control_names + sizeof kernel32_names + sizeof wintun_names, "one name a function");
    size_t next = 0;
    resolve(control, control_names, COUNT(control_names), &next);
    resolve(kernel32, kernel32_names, COUNT(kernel32_names), &next);
    resolve(wintun, wintun_names, COUNT(wintun_names), &next);
}

static uint32_t get16(const uint8_t *at) {
    return (uint32_t)at[0] << 8 | at[1];
}

static void put16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* Returns the checksum after a change of one 16-bit word (RFC 1624, equation 3). */
static uint32_t updated(uint32_t checksum, uint32_t old_word, uint32_t new_word) {
    uint32_t sum = (~checksum & 0xFFFF) + (~old_word & 0xFFFF) + new_word;
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    return ~sum & 0xFFFF;
}

/* True if the header's checksum is right (RFC 1071). The sum must be all ones, so the byte order does not matter. */
static bool header_checksum_holds(const uint8_t *header, uint32_t length) {
    uint64_t sum = 0;
    for (uint32_t at = 0; at < length; at += 4) {
        uint32_t word;
        memcpy(&word, header + at, 4);
        sum += word;
    }
    sum = (sum & 0xFFFFFFFF) + (sum >> 32);
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    return (sum & 0xFFFF) + (sum >> 16) == 0xFFFF;
}

/* True if the address can be a host's: not "this network", loopback, multicast, or class E with broadcast. */
static bool is_host(const uint8_t *address) {
    return address[0] != 0 && address[0] != 127 && address[0] < 224;
}

/* True for the ports of services that answer every datagram: the two sides would answer each other without end. */
static bool answers_by_itself(uint32_t port) {
    return port == 7 || port == 13 || port == 17 || port == 19 || port == 37;
}

enum verdict { IGNORED, REPLY, MALFORMED };

/* Turns an echo request into its reply, in place and of the same size. */
static enum verdict answer(uint8_t *packet, uint32_t size) {
    if (size < IPV4_HEADER || packet[0] >> 4 != 4)
        return MALFORMED;
    const uint32_t header = (packet[0] & 15u) * 4, total = get16(packet + 2);
    if (header < IPV4_HEADER || total > size || total < header || !header_checksum_holds(packet, header))
        return MALFORMED;
    if (header != IPV4_HEADER || get16(packet + 6) & 0x3FFF) /* the measurements have neither options nor fragments */
        return IGNORED;
    if (!is_host(packet + 12) || !is_host(packet + 16) || !memcmp(packet + 12, packet + 16, 4))
        return IGNORED;
    if (total < header + 8)
        return MALFORMED;
    uint8_t *payload = packet + header;
    if (packet[9] == PROTOCOL_ICMP) {
        if (payload[0] != 8 || payload[1] != 0)
            return IGNORED;
        payload[0] = 0;
        put16(payload + 2, updated(get16(payload + 2), 0x0800, 0));
    } else if (packet[9] == PROTOCOL_UDP) {
        const uint32_t length = get16(payload + 4), source = get16(payload), destination = get16(payload + 2);
        if (length < 8 || length > total - header)
            return MALFORMED;
        if (source == 0 || destination == 0 || answers_by_itself(source))
            return IGNORED;
        put16(payload, destination);
        put16(payload + 2, source);
    } else
        return IGNORED;
    uint8_t source[4];
    memcpy(source, packet + 12, 4);
    memcpy(packet + 12, packet + 16, 4);
    memcpy(packet + 16, source, 4);
    const uint32_t old_word = get16(packet + 8);
    packet[8] = 64;
    put16(packet + 10, updated(get16(packet + 10), old_word, get16(packet + 8)));
    return REPLY;
}

/* Atomic, so that another thread could read them, as in our program. Here, no thread does. */
static struct {
    _Atomic uint64_t received, received_bytes, replied, replied_bytes, ignored, malformed, dropped;
} counters;

static void count(_Atomic uint64_t *counter, uint64_t by) {
    /* There is one writer, so the addition needs no lock. */
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by, memory_order_relaxed);
}

static void reply(struct session *session, const uint8_t *packet, uint32_t size) {
    uint8_t *room = api.allocate(session, size);
    if (!room) {
        count(&counters.dropped, 1);
        return;
    }
    api.move(room, packet, size);
    api.send(session, room);
    count(&counters.replied, 1);
    count(&counters.replied_bytes, size);
}

static void serve(struct session *session, HANDLE quit) {
    const HANDLE waits[] = {quit, api.read_wait_event(session)};
    uint32_t until_quit_check = PACKETS_PER_QUIT_CHECK;
    for (;;) {
        DWORD size;
        uint8_t *packet = api.receive(session, &size);
        if (packet) {
            const enum verdict verdict = answer(packet, size);
            count(&counters.received, 1);
            count(&counters.received_bytes, size);
            if (verdict == REPLY)
                reply(session, packet, size);
            else
                count(verdict == IGNORED ? &counters.ignored : &counters.malformed, 1);
            api.release(session, packet);
            if (--until_quit_check)
                continue;
        } else if (api.last_error() != ERROR_NO_MORE_ITEMS) {
            fprintf(stderr, "echo_loop: receive failed with %u\n", (unsigned)api.last_error());
            exit(1);
        }
        until_quit_check = PACKETS_PER_QUIT_CHECK;
        if (api.wait(2, waits, FALSE, packet ? 0 : INFINITE) == WAIT_OBJECT_0)
            return;
    }
}

static void print_figures(const struct EmulatorBenchFigures *figures) {
    printf("{\"packets\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"dropped\":%" PRIu64 ",\"verified\":%" PRIu64
           ",\"invalid\":%" PRIu64 ",\"totalNs\":%" PRIu64 ",\"driverNs\":%" PRIu64 ",\"clientNs\":%" PRIu64
           ",\"waits\":%" PRIu64 ",\"latencyNs\":{\"min\":%" PRIu64 ",\"p50\":%" PRIu64 ",\"p90\":%" PRIu64
           ",\"p99\":%" PRIu64 ",\"max\":%" PRIu64 ",\"mean\":%" PRIu64 "}}\n",
           figures->packets, figures->lost, (uint64_t)counters.dropped, figures->verified, figures->invalid, figures->total_ns,
           figures->driver_ns, figures->client_ns, figures->waits, figures->latency_min_ns, figures->latency_p50_ns,
           figures->latency_p90_ns, figures->latency_p99_ns, figures->latency_max_ns, figures->latency_mean_ns);
}

static uint32_t number(const char *text) {
    char *end;
    const unsigned long long value = strtoull(text, &end, 10);
    if (*end || !*text || value > UINT32_MAX) {
        fprintf(stderr, "echo_loop: not a number: %s\n", text);
        exit(2);
    }
    return (uint32_t)value;
}

/* Returns the index of `text` among the names. Ends the program with a usage error if it is none of them. */
static uint32_t choice(const char *text, const char *const *names) {
    for (uint32_t i = 0; names[i]; i++)
        if (!strcmp(text, names[i]))
            return i;
    fprintf(stderr, "echo_loop: unknown: %s\n", text);
    exit(2);
}

static struct EmulatorBenchPlan read_plan(char **arguments) {
    static const char *const modes[] = {"inline", "thread", "latency", NULL}, *const protocols[] = {"icmp", "udp", NULL};
    return (struct EmulatorBenchPlan){
        .mode = choice(arguments[0], modes),
        .protocol = choice(arguments[1], protocols) ? PROTOCOL_UDP : PROTOCOL_ICMP,
        .packet_bytes = number(arguments[2]),
        .batch = number(arguments[3]),
        .packets = number(arguments[4]),
        .warmup = number(arguments[5]),
        .gap_us = number(arguments[6]),
        .verify_every = number(arguments[7]),
    };
}

int main(int count, char **arguments) {
    const bool measures = count == 12;
    if (!measures && count != 4) {
        fprintf(stderr, "usage: echo_loop WINTUN KERNEL32 CONTROL [inline|thread|latency icmp|udp BYTES BATCH PACKETS WARMUP "
                        "GAP_US VERIFY_EVERY]\n");
        return 2;
    }
    const struct EmulatorBenchPlan plan = measures ? read_plan(arguments + 4) : (struct EmulatorBenchPlan){0};
    resolve_all(arguments[1], arguments[2], arguments[3]);
    struct adapter *adapter = api.create_adapter(u"bench", u"Wintun", NULL);
    struct session *session = adapter ? api.start_session(adapter, RING_CAPACITY) : NULL;
    const HANDLE quit = session ? api.create_event(NULL, TRUE, FALSE, NULL) : NULL;
    if (!quit || (measures && !api.bench_begin(session, &plan, quit))) {
        fprintf(stderr, "echo_loop: cannot start: error %u\n", (unsigned)api.last_error());
        return 1;
    }
    serve(session, quit);
    struct EmulatorBenchFigures figures;
    if (!api.bench_end(&figures)) {
        fprintf(stderr, "echo_loop: no figures: error %u\n", (unsigned)api.last_error());
        return 1;
    }
    print_figures(&figures);
    api.end_session(session);
    api.close_adapter(adapter);
    api.close_handle(quit);
    return 0;
}
