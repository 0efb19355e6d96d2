/*
 * The echo loop in C that ours is measured against: the same functions of the same library for the same work, as a
 * careful C program does it. It opens the library as a Windows program opens wintun.dll, and answers ICMPv4 echo and
 * UDP: reply built in place in the received packet, then one copy into the send ring.
 *
 * usage: echo_loop LIBRARY inline|thread|latency icmp|udp BYTES BATCH PACKETS WARMUP GAP_US VERIFY_EVERY
 * Prints struct EmulatorBenchFigures as one JSON object.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../emulator/emulator_control.h"

#define RING_CAPACITY 0x400000u
#define IPV4_HEADER 20u
#define PROTOCOL_ICMP 1
#define PROTOCOL_UDP 17

/* The functions the loop calls, resolved one by one as from a DLL. */
static struct {
    struct adapter *(*create_adapter)(const WCHAR *, const WCHAR *, const GUID *);
    void (*close_adapter)(struct adapter *);
    struct session *(*start_session)(struct adapter *, DWORD);
    void (*end_session)(struct session *);
    HANDLE (*read_wait_event)(struct session *);
    BYTE *(*receive)(struct session *, DWORD *);
    void (*release)(struct session *, const BYTE *);
    BYTE *(*allocate)(struct session *, DWORD);
    void (*send)(struct session *, const BYTE *);
    void (*move)(void *, const void *, size_t);
    DWORD (*last_error)(void);
    DWORD (*wait)(DWORD, const HANDLE *, BOOL, DWORD);
    HANDLE (*create_event)(const void *, BOOL, BOOL, const WCHAR *);
    BOOL (*close_handle)(HANDLE);
    BOOL (*bench_begin)(struct session *, const struct EmulatorBenchPlan *, HANDLE);
    BOOL (*bench_end)(struct EmulatorBenchFigures *);
} api;

static void resolve(const char *path) {
    static const char *const names[] = {
        "WintunCreateAdapter",       "WintunCloseAdapter",       "WintunStartSession", "WintunEndSession",
        "WintunGetReadWaitEvent",    "WintunReceivePacket",      "WintunReleaseReceivePacket",
        "WintunAllocateSendPacket",  "WintunSendPacket",         "RtlMoveMemory",      "GetLastError",
        "WaitForMultipleObjects",    "CreateEventW",             "CloseHandle",        "EmulatorBenchBegin",
        "EmulatorBenchEnd",
    };
    _Static_assert(sizeof api == sizeof names / sizeof names[0] * sizeof(void *), "one name a function");
    void *library = dlopen(path, RTLD_NOW);
    if (!library) {
        fprintf(stderr, "echo_loop: %s\n", dlerror());
        exit(1);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        void *function = dlsym(library, names[i]);
        if (!function) {
            fprintf(stderr, "echo_loop: %s has no %s\n", path, names[i]);
            exit(1);
        }
        memcpy((char *)&api + i * sizeof function, &function, sizeof function);
    }
}

static uint32_t get16(const uint8_t *at) {
    return (uint32_t)at[0] << 8 | at[1];
}

static void put16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* RFC 1624, equation 3: the checksum after one 16-bit word has changed. */
static uint32_t updated(uint32_t checksum, uint32_t old_word, uint32_t new_word) {
    uint32_t sum = (~checksum & 0xFFFF) + (~old_word & 0xFFFF) + new_word;
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    return ~sum & 0xFFFF;
}

/* Unicast as far as the address alone tells: not "this network", not multicast, not class E with broadcast. */
static bool is_host(const uint8_t *address) {
    return address[0] != 0 && address[0] < 224;
}

/* Makes an echo request its own reply. Gives the reply's length, or 0 for what has none. */
static uint32_t answer(uint8_t *packet, uint32_t size) {
    if (size < IPV4_HEADER || packet[0] >> 4 != 4)
        return 0;
    const uint32_t header = (packet[0] & 15u) * 4, total = get16(packet + 2);
    if (header < IPV4_HEADER || total > size || total < header + 8)
        return 0;
    if (!is_host(packet + 12) || !is_host(packet + 16))
        return 0;
    if (get16(packet + 6) & 0x1FFF) /* a later fragment has no ICMP or UDP header */
        return 0;
    uint8_t *payload = packet + header;
    if (packet[9] == PROTOCOL_ICMP) {
        if (payload[0] != 8 || payload[1] != 0)
            return 0;
        payload[0] = 0;
        put16(payload + 2, updated(get16(payload + 2), 0x0800, 0));
    } else if (packet[9] == PROTOCOL_UDP) {
        const uint32_t length = get16(payload + 4);
        if (length < 8 || length > total - header)
            return 0;
        const uint32_t source = get16(payload), destination = get16(payload + 2);
        put16(payload, destination);
        put16(payload + 2, source);
    } else
        return 0;
    uint8_t source[4];
    memcpy(source, packet + 12, 4);
    memcpy(packet + 12, packet + 16, 4);
    memcpy(packet + 16, source, 4);
    const uint32_t old_word = get16(packet + 8);
    packet[8] = 64;
    put16(packet + 10, updated(get16(packet + 10), old_word, get16(packet + 8)));
    return total;
}

static uint64_t dropped;

static void serve(struct session *session, HANDLE quit) {
    const HANDLE waits[] = {api.read_wait_event(session), quit};
    for (;;) {
        DWORD size;
        uint8_t *packet = api.receive(session, &size);
        if (packet) {
            const uint32_t reply_size = answer(packet, size);
            if (reply_size) {
                uint8_t *reply = api.allocate(session, reply_size);
                if (reply) {
                    api.move(reply, packet, reply_size);
                    api.send(session, reply);
                } else
                    dropped++;
            }
            api.release(session, packet);
        } else if (api.last_error() != ERROR_NO_MORE_ITEMS) {
            fprintf(stderr, "echo_loop: receive failed with %u\n", (unsigned)api.last_error());
            exit(1);
        } else if (api.wait(2, waits, FALSE, INFINITE) != WAIT_OBJECT_0)
            return;
    }
}

static void print_figures(const struct EmulatorBenchFigures *figures) {
    printf("{\"packets\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"dropped\":%" PRIu64 ",\"verified\":%" PRIu64
           ",\"invalid\":%" PRIu64 ",\"totalNs\":%" PRIu64 ",\"driverNs\":%" PRIu64 ",\"clientNs\":%" PRIu64
           ",\"waits\":%" PRIu64 ",\"latencyNs\":{\"min\":%" PRIu64 ",\"p50\":%" PRIu64 ",\"p90\":%" PRIu64
           ",\"p99\":%" PRIu64 ",\"max\":%" PRIu64 ",\"mean\":%" PRIu64 "}}\n",
           figures->packets, figures->lost, dropped, figures->verified, figures->invalid, figures->total_ns,
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

/* The place of `text` among the names; a usage error if it is none of them. */
static uint32_t choice(const char *text, const char *const *names) {
    for (uint32_t i = 0; names[i]; i++)
        if (!strcmp(text, names[i]))
            return i;
    fprintf(stderr, "echo_loop: unknown: %s\n", text);
    exit(2);
}

int main(int count, char **arguments) {
    static const char *const modes[] = {"inline", "thread", "latency", NULL}, *const protocols[] = {"icmp", "udp", NULL};
    if (count != 10) {
        fprintf(stderr, "usage: echo_loop LIBRARY inline|thread|latency icmp|udp BYTES BATCH PACKETS WARMUP GAP_US "
                        "VERIFY_EVERY\n");
        return 2;
    }
    const struct EmulatorBenchPlan plan = {
        .mode = choice(arguments[2], modes),
        .protocol = choice(arguments[3], protocols) ? PROTOCOL_UDP : PROTOCOL_ICMP,
        .packet_bytes = number(arguments[4]),
        .batch = number(arguments[5]),
        .packets = number(arguments[6]),
        .warmup = number(arguments[7]),
        .gap_us = number(arguments[8]),
        .verify_every = number(arguments[9]),
    };
    resolve(arguments[1]);
    struct adapter *adapter = api.create_adapter(u"bench", u"Wintun", NULL);
    struct session *session = adapter ? api.start_session(adapter, RING_CAPACITY) : NULL;
    const HANDLE quit = session ? api.create_event(NULL, TRUE, FALSE, NULL) : NULL;
    struct EmulatorBenchFigures figures;
    if (!quit || !api.bench_begin(session, &plan, quit)) {
        fprintf(stderr, "echo_loop: cannot start: error %u\n", (unsigned)api.last_error());
        return 1;
    }
    serve(session, quit);
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
