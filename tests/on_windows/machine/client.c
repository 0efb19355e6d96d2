#include "client.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static BOOL CALLBACK start_sockets(INIT_ONCE *once, void *unused, void **none) {
    WSADATA about;
    (void)once, (void)unused, (void)none;
    return WSAStartup(MAKEWORD(2, 2), &about) == 0;
}

SOCKET machine_connect(void) {
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    if (!InitOnceExecuteOnce(&once, start_sockets, NULL, NULL))
        return INVALID_SOCKET;
    SOCKET machine = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(MACHINE_PORT)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (machine != INVALID_SOCKET && connect(machine, (struct sockaddr *)&address, sizeof address) != 0) {
        closesocket(machine);
        machine = INVALID_SOCKET;
    }
    BOOL on = TRUE;
    if (machine != INVALID_SOCKET)
        setsockopt(machine, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof on);
    return machine;
}

static BOOL write_all(SOCKET machine, const void *data, uint32_t size) {
    for (const char *at = data; size;) {
        int sent = send(machine, at, (int)size, 0);
        if (sent <= 0)
            return FALSE;
        at += sent;
        size -= (uint32_t)sent;
    }
    return TRUE;
}

static BOOL read_all(SOCKET machine, void *data, uint32_t size) {
    for (char *at = data; size;) {
        int received = recv(machine, at, (int)size, 0);
        if (received <= 0)
            return FALSE;
        at += received;
        size -= (uint32_t)received;
    }
    return TRUE;
}

DWORD machine_ask(SOCKET machine, uint32_t request, const void *body, uint32_t size, void **answer, uint32_t *answer_size) {
    struct machine_message header = {size, request};
    if (answer)
        *answer = NULL;
    if (!write_all(machine, &header, sizeof header) || !write_all(machine, body, size) ||
        !read_all(machine, &header, sizeof header))
        return ERROR_SERVICE_NOT_ACTIVE;
    void *received = calloc(1, header.size + 1);
    if (!received)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (!read_all(machine, received, header.size)) {
        free(received);
        return ERROR_SERVICE_NOT_ACTIVE;
    }
    if (answer) {
        *answer = received;
        *answer_size = header.size;
    } else
        free(received);
    return header.code;
}

BOOL machine_next_change(SOCKET machine, struct machine_change *change) {
    struct machine_message header;
    return read_all(machine, &header, sizeof header) && header.code == MACHINE_CHANGED && header.size == sizeof *change &&
           read_all(machine, change, sizeof *change);
}

DWORD machine_ask_once(uint32_t request, const void *body, uint32_t size, void **answer, uint32_t *answer_size) {
    SOCKET machine = machine_connect();
    if (machine == INVALID_SOCKET) {
        if (answer)
            *answer = NULL;
        return ERROR_SERVICE_NOT_ACTIVE;
    }
    DWORD error = machine_ask(machine, request, body, size, answer, answer_size);
    closesocket(machine);
    return error;
}

struct machine_adapter *machine_list(uint32_t *count) {
    void *adapters;
    uint32_t size = 0;
    *count = 0;
    if (machine_ask_once(MACHINE_LIST, NULL, 0, &adapters, &size) == ERROR_SUCCESS)
        *count = size / (uint32_t)sizeof(struct machine_adapter);
    return adapters;
}

BOOL machine_find(const GUID *guid, uint64_t luid, const WCHAR *name, struct machine_adapter *found) {
    uint32_t count;
    BOOL is_there = FALSE;
    struct machine_adapter *adapters = machine_list(&count);
    for (uint32_t i = 0; i < count && !is_there; i++)
        if ((guid && memcmp(adapters[i].guid, guid, sizeof *guid) == 0) || (luid && adapters[i].luid == luid) ||
            (name && _wcsicmp((const WCHAR *)adapters[i].name, name) == 0)) {
            *found = adapters[i];
            is_there = TRUE;
        }
    free(adapters);
    return is_there;
}
