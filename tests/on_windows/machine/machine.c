/*
 * The Linux side of the Windows world. It is the first process of the world's namespaces. It owns the TUN devices,
 * passes packets between them and the Windows processes, and collects processes that have ended. When it ends, the
 * kernel ends every other process of the world.
 *
 * usage: machine [--stay]   Writes "ready" when it is ready. Ends at the end of standard input; with --stay, on SIGTERM.
 */
#define _GNU_SOURCE
#include "adapters.h"
#include "linux_ping.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/tcp.h>
#include <unistd.h>

#define ERROR_INVALID_PARAMETER 87
#define ERROR_NOT_FOUND 1168
#define ERROR_ALREADY_INITIALIZED 1247
#define MAX_PACKET 0xFFFF
#define PACKETS_A_TURN 64

struct connection {
    struct connection *next;
    int socket;
    bool closing;
    bool watches;            /* it is told of every change */
    struct adapter *session; /* the connection carries this adapter's packets */
    uint32_t filled;
    uint8_t input[sizeof(struct machine_message) + MACHINE_MAX_BODY];
    /* The part of the last packet that the socket has not yet taken. Until it has, the TUN device is not read. */
    uint32_t unsent, unsent_from;
    uint8_t output[sizeof(struct machine_message) + MAX_PACKET];
};

static struct connection *connections;

static void send_all(struct connection *connection, const void *data, size_t size) {
    const char *at = data;
    while (size) {
        ssize_t sent = send(connection->socket, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            poll(&(struct pollfd){.fd = connection->socket, .events = POLLOUT}, 1, 1000);
            continue;
        }
        if (sent <= 0) {
            connection->closing = true;
            return;
        }
        at += sent;
        size -= (size_t)sent;
    }
}

static void answer(struct connection *connection, uint32_t code, const void *body, uint32_t size) {
    struct machine_message header = {size, code};
    send_all(connection, &header, sizeof header);
    send_all(connection, body, size);
}

/* Tells every connection that watches. */
static void tell(uint64_t luid, enum machine_aspect aspect, uint32_t table, uint32_t family) {
    const struct machine_change change = {.luid = luid, .aspect = aspect, .table = table, .family = family};
    for (struct connection *each = connections; each; each = each->next)
        if (each->watches && !each->closing)
            answer(each, MACHINE_CHANGED, &change, sizeof change);
}

static void answer_list(struct connection *connection) {
    uint32_t count = 0;
    for (struct adapter *adapter = adapters; adapter; adapter = adapter->next)
        count++;
    struct machine_message header = {count * (uint32_t)sizeof(struct machine_adapter), 0};
    send_all(connection, &header, sizeof header);
    for (struct adapter *adapter = adapters; adapter; adapter = adapter->next) {
        adapter->about.has_session = adapter->session ? adapter->sessions : 0;
        send_all(connection, &adapter->about, sizeof adapter->about);
    }
}

static bool row_is_asked(const struct adapter *adapter, const struct row *row, const struct machine_query *query) {
    return row->store.table == query->table && (!query->luid || query->luid == adapter->about.luid);
}

/* Sends the rows that are asked for, unless `connection` is NULL. Returns their size. */
static uint32_t send_rows(struct connection *connection, const struct adapter *adapter, const struct machine_query *query) {
    uint32_t size = 0;
    for (const struct row *row = adapter->rows; row; row = row->next) {
        if (!row_is_asked(adapter, row, query))
            continue;
        struct machine_row about = {.luid = adapter->about.luid, .value_size = row->store.value_size};
        size += (uint32_t)sizeof about + about.value_size;
        if (!connection)
            continue;
        send_all(connection, &about, sizeof about);
        send_all(connection, row->bytes + row->store.key_size, row->store.value_size);
    }
    return size;
}

static uint32_t send_all_rows(struct connection *connection, const struct machine_query *query) {
    uint32_t size = send_rows(connection, &the_machine, query);
    for (const struct adapter *adapter = adapters; adapter; adapter = adapter->next)
        size += send_rows(connection, adapter, query);
    return size;
}

static void answer_query(struct connection *connection, const struct machine_query *query) {
    struct machine_message header = {send_all_rows(NULL, query), 0};
    send_all(connection, &header, sizeof header);
    send_all_rows(connection, query);
}

static uint32_t begin_session(struct connection *connection, uint64_t luid) {
    struct adapter *adapter = adapter_by_luid(luid);
    if (!adapter || adapter->about.disabled)
        return ERROR_NOT_FOUND;
    if (adapter->session)
        return ERROR_ALREADY_INITIALIZED;
    adapter->session = connection;
    adapter->sessions++;
    connection->session = adapter;
    tell(luid, MACHINE_MEDIA, 0, 0);
    return 0;
}

static void end_session(struct adapter *adapter) {
    if (!adapter->session)
        return;
    adapter->session->session = NULL;
    adapter->session->closing = true;
    shutdown(adapter->session->socket, SHUT_RDWR); /* makes poll return for the socket */
    adapter->session = NULL;
    tell(adapter->about.luid, MACHINE_MEDIA, 0, 0);
}

/* Pings in a child process, which answers: this one goes on to pass the packets on. */
static void answer_ping(struct connection *connection, const struct machine_ping *asked, const uint8_t *data) {
    if (fork() != 0)
        return;
    static uint8_t body[sizeof(struct machine_pinged) + PING_MAX_DATA];
    struct ping ping = {.version = asked->version, .timeout_ms = asked->timeout_ms, .size = asked->size};
    memcpy(ping.address, asked->address, sizeof ping.address);
    struct ping_result result = linux_ping(&ping, data, body + sizeof(struct machine_pinged));
    struct machine_pinged pinged = {.status = result.status, .round_trip_ms = result.round_trip_ms};
    memcpy(body, &pinged, sizeof pinged);
    answer(connection, 0, body, (uint32_t)sizeof pinged + result.size);
    _exit(0);
}

/* `body` is aligned for every request. */
static void serve(struct connection *connection, uint32_t request, const uint8_t *body, uint32_t size) {
    const struct machine_adapter *wanted = (const void *)body;
    const struct machine_store *store = (const void *)body;
    const struct machine_enable *enable = (const void *)body;
    const struct machine_ping *ping = (const void *)body;
    struct adapter *adapter = NULL;
    uint32_t error = ERROR_INVALID_PARAMETER;
    uint64_t luid;
    switch (request) {
    case MACHINE_PACKET:
        /* The kernel refuses data that is not an IP packet, as the driver would. */
        if (connection->session && size && write(connection->session->tun, body, size) < 0 && errno != EINVAL &&
            errno != EAGAIN && errno != EIO)
            perror("write to TUN");
        return;
    case MACHINE_CREATE:
        if (size == sizeof *wanted)
            error = adapter_create(wanted, connection, &adapter);
        if (adapter)
            tell(adapter->about.luid, MACHINE_PRESENCE, 0, 0);
        answer(connection, error, adapter ? &adapter->about : NULL, adapter ? sizeof adapter->about : 0);
        return;
    case MACHINE_RENAME:
        if (size == sizeof *wanted) {
            adapter = adapter_by_luid(wanted->luid);
            error = adapter ? 0 : ERROR_NOT_FOUND;
            if (adapter)
                memcpy(adapter->about.name, wanted->name, sizeof wanted->name);
            if (adapter)
                memcpy(adapter->about.created_name, wanted->created_name, sizeof wanted->created_name);
        }
        answer(connection, error, NULL, 0);
        return;
    case MACHINE_LIST:
        answer_list(connection);
        return;
    case MACHINE_SESSION:
        if (size == sizeof luid) {
            memcpy(&luid, body, sizeof luid);
            error = begin_session(connection, luid);
        }
        answer(connection, error, NULL, 0);
        return;
    case MACHINE_STORE:
        if (size >= sizeof *store && store->key_size <= size && store->value_size <= size &&
            size == sizeof *store + store->key_size + store->value_size)
            error = adapter_store(store, body + sizeof *store);
        if (error == 0)
            tell(store->luid, MACHINE_ROW, store->table, store->family);
        answer(connection, error, NULL, 0);
        return;
    case MACHINE_QUERY:
        if (size == sizeof(struct machine_query))
            answer_query(connection, (const void *)body);
        else
            answer(connection, error, NULL, 0);
        return;
    case MACHINE_DELETE:
        if (size == sizeof luid) {
            memcpy(&luid, body, sizeof luid);
            adapter = adapter_by_luid(luid);
            error = adapter ? 0 : ERROR_NOT_FOUND;
            if (adapter)
                adapter->owner->closing = true; /* what closes a connection removes its adapter */
        }
        answer(connection, error, NULL, 0);
        return;
    case MACHINE_ENABLE:
        if (size == sizeof *enable) {
            adapter = adapter_by_luid(enable->luid);
            error = adapter ? 0 : ERROR_NOT_FOUND;
            if (adapter)
                adapter->about.disabled = enable->disabled;
            if (adapter && enable->disabled)
                end_session(adapter);
            if (adapter)
                tell(enable->luid, MACHINE_PRESENCE, 0, 0);
        }
        answer(connection, error, NULL, 0);
        return;
    case MACHINE_WATCH:
        answer(connection, 0, NULL, 0);
        connection->watches = true;
        return;
    case MACHINE_PING:
        if (size >= sizeof *ping && ping->size <= PING_MAX_DATA && size == sizeof *ping + ping->size)
            answer_ping(connection, ping, body + sizeof *ping);
        else
            answer(connection, error, NULL, 0);
        return;
    default:
        answer(connection, error, NULL, 0);
    }
}

static void read_requests(struct connection *connection) {
    ssize_t count =
        recv(connection->socket, connection->input + connection->filled, sizeof connection->input - connection->filled, 0);
    if (count <= 0) {
        connection->closing = count == 0 || errno != EAGAIN;
        return;
    }
    connection->filled += (uint32_t)count;
    uint32_t at = 0;
    struct machine_message header;
    static _Alignas(8) uint8_t body[MACHINE_MAX_BODY];
    while (connection->filled - at >= sizeof header) {
        memcpy(&header, connection->input + at, sizeof header);
        if (header.size > MACHINE_MAX_BODY) {
            connection->closing = true;
            return;
        }
        if (connection->filled - at < sizeof header + header.size)
            break;
        memcpy(body, connection->input + at + sizeof header, header.size);
        serve(connection, header.code, body, header.size);
        at += (uint32_t)sizeof header + header.size;
    }
    memmove(connection->input, connection->input + at, connection->filled - at);
    connection->filled -= at;
}

static void send_pending(struct connection *connection) {
    ssize_t sent = send(connection->socket, connection->output + connection->unsent_from, connection->unsent, MSG_NOSIGNAL);
    if (sent < 0) {
        connection->closing = errno != EAGAIN;
        return;
    }
    connection->unsent_from += (uint32_t)sent;
    connection->unsent -= (uint32_t)sent;
}

static void read_packets(struct adapter *adapter) {
    static uint8_t discarded[MAX_PACKET];
    struct connection *session = adapter->session;
    for (int i = 0; i < PACKETS_A_TURN; i++) {
        if (!session) {
            /* Discards the packet, as the driver does while no session is open. */
            if (read(adapter->tun, discarded, sizeof discarded) <= 0)
                return;
            continue;
        }
        if (session->unsent || session->closing)
            return;
        struct machine_message header = {0, MACHINE_PACKET};
        ssize_t size = read(adapter->tun, session->output + sizeof header, MAX_PACKET);
        if (size <= 0)
            return;
        header.size = (uint32_t)size;
        memcpy(session->output, &header, sizeof header);
        session->unsent = (uint32_t)sizeof header + header.size;
        session->unsent_from = 0;
        send_pending(session);
    }
}

static void close_finished(void) {
    for (struct connection **link = &connections; *link;) {
        struct connection *connection = *link;
        if (!connection->closing) {
            link = &connection->next;
            continue;
        }
        *link = connection->next;
        if (connection->session) {
            connection->session->session = NULL;
            tell(connection->session->about.luid, MACHINE_MEDIA, 0, 0);
        }
        for (struct adapter *adapter = adapters, *next; adapter; adapter = next) {
            next = adapter->next;
            if (adapter->owner != connection)
                continue;
            const uint64_t luid = adapter->about.luid;
            end_session(adapter);
            adapter_remove(adapter);
            tell(luid, MACHINE_PRESENCE, 0, 0);
        }
        close(connection->socket);
        free(connection);
    }
}

static int listen_on_loopback(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(MACHINE_PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 64) != 0) {
        perror("loopback port");
        exit(1);
    }
    return listener;
}

static void accept_connection(int listener) {
    int accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted < 0)
        return;
    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        close(accepted);
        return;
    }
    connection->socket = accepted;
    connection->next = connections;
    connections = connection;
}

static volatile sig_atomic_t stopped;
static void on_child(int signal) { (void)signal; }
static void on_stop(int signal) {
    (void)signal;
    stopped = 1;
}

#define MAX_POLLED 512

int main(int argc, char **argv) {
    bool stays = argc > 1 && !strcmp(argv[1], "--stay");
    /* Both signals interrupt poll(), which is never restarted. SA_RESTART lets a waitpid() for an `ip` continue. The
     * orphans of the world become children of this process, which collects them. */
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = on_child, .sa_flags = SA_RESTART}, NULL);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_stop, .sa_flags = SA_RESTART}, NULL);
    signal(SIGINT, SIG_IGN); /* Ctrl-C on a terminal is for the programs, which still need to close their adapters */
    int listener = listen_on_loopback();
    puts("ready");
    fflush(stdout);
    while (!stopped) {
        struct pollfd polled[MAX_POLLED];
        struct connection *polled_connections[MAX_POLLED] = {0};
        struct adapter *polled_adapters[MAX_POLLED] = {0};
        nfds_t count = 0;
        polled[count++] = (struct pollfd){.fd = stays ? -1 : STDIN_FILENO, .events = POLLIN};
        polled[count++] = (struct pollfd){.fd = listener, .events = POLLIN};
        for (struct connection *each = connections; each && count < MAX_POLLED / 2; each = each->next) {
            polled_connections[count] = each;
            polled[count++] = (struct pollfd){.fd = each->socket, .events = POLLIN | (each->unsent ? POLLOUT : 0)};
        }
        for (struct adapter *each = adapters; each && count < MAX_POLLED; each = each->next) {
            bool full = each->session && each->session->unsent;
            polled_adapters[count] = each;
            polled[count++] = (struct pollfd){.fd = full ? -1 : each->tun, .events = POLLIN};
        }
        int ready = poll(polled, count, -1);
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
        if (ready <= 0)
            continue;
        char byte;
        if (polled[0].revents && read(STDIN_FILENO, &byte, 1) <= 0)
            break;
        /* Adapters first, because serving a connection may remove one. */
        for (nfds_t i = 2; i < count; i++)
            if (polled_adapters[i] && polled[i].revents)
                read_packets(polled_adapters[i]);
        for (nfds_t i = 2; i < count; i++) {
            struct connection *connection = polled_connections[i];
            if (!connection || !polled[i].revents)
                continue;
            if (polled[i].revents & POLLOUT)
                send_pending(connection);
            if (polled[i].revents & (POLLIN | POLLHUP | POLLERR))
                read_requests(connection);
        }
        close_finished();
        if (polled[1].revents)
            accept_connection(listener);
    }
    return 0;
}
