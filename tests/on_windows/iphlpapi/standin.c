#include "standin.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

FARPROC wine_function(const char *name) {
    static HMODULE wine;
    if (!wine) {
        WCHAR path[MAX_PATH];
        UINT length = GetSystemDirectoryW(path, MAX_PATH);
        wcscpy(path + length, L"\\iphlpapi_wine.dll");
        wine = LoadLibraryW(path);
    }
    FARPROC function = wine ? GetProcAddress(wine, name) : NULL;
    if (!function) {
        fprintf(stderr, "iphlpapi stand-in: Wine has no %s\n", name);
        abort();
    }
    return function;
}

DWORD record(DWORD result, const char *call, const char *format, ...) {
    char line[2048];
    int length = snprintf(line, sizeof line, "{\"call\":\"%s\",", call);
    va_list arguments;
    va_start(arguments, format);
    length += vsnprintf(line + length, sizeof line - (size_t)length, format, arguments);
    va_end(arguments);
    length += snprintf(line + length, sizeof line - (size_t)length, "\"result\":%lu}\n", result);
    HANDLE file = CreateFileW(L"Z:\\world\\iphlpapi_calls.jsonl", FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              OPEN_ALWAYS, 0, NULL);
    DWORD written;
    if (file == INVALID_HANDLE_VALUE || !WriteFile(file, line, (DWORD)length, &written, NULL)) {
        /* A test that reads the record must not pass because nothing was recorded. */
        fprintf(stderr, "iphlpapi stand-in: cannot record a call\n");
        abort();
    }
    CloseHandle(file);
    return result;
}

const char *address_text(const SOCKADDR_INET *address, char text[INET6_ADDRSTRLEN]) {
    if (address->si_family == AF_INET)
        inet_ntop(AF_INET, (void *)&address->Ipv4.sin_addr, text, INET6_ADDRSTRLEN);
    else if (address->si_family == AF_INET6)
        inet_ntop(AF_INET6, (void *)&address->Ipv6.sin6_addr, text, INET6_ADDRSTRLEN);
    else
        snprintf(text, INET6_ADDRSTRLEN, "family %u", address->si_family);
    return text;
}

bool find_adapter(NET_LUID luid, NET_IFINDEX index, struct machine_adapter *adapter) {
    uint32_t count;
    struct machine_adapter *adapters = machine_list(&count);
    bool found = false;
    for (uint32_t i = 0; i < count && !found; i++)
        if (luid.Value ? adapters[i].luid == luid.Value : adapters[i].if_index == index) {
            *adapter = adapters[i];
            found = true;
        }
    free(adapters);
    return found;
}

bool is_hidden(const struct machine_adapter *adapters, uint32_t count, NET_IFINDEX index) {
    for (uint32_t i = 0; i < count; i++)
        if (adapters[i].if_index == index)
            return true;
    return false;
}

uint32_t version_of(ADDRESS_FAMILY family) {
    return family == AF_INET ? 4 : family == AF_INET6 ? 6 : 0;
}

void set_effect(struct machine_store *store, enum machine_effect effect, const SOCKADDR_INET *address, uint32_t prefix) {
    store->effect = effect;
    store->family = version_of(address->si_family);
    store->prefix = prefix;
    if (store->family == 4)
        memcpy(store->address, &address->Ipv4.sin_addr, 4);
    else
        memcpy(store->address, &address->Ipv6.sin6_addr, 16);
}

DWORD store_row(struct machine_store *store, const void *key, uint32_t key_size, const void *value, uint32_t value_size) {
    uint32_t size = (uint32_t)sizeof *store + key_size + value_size;
    char *body = malloc(size);
    if (!body)
        return ERROR_NOT_ENOUGH_MEMORY;
    store->key_size = key_size;
    store->value_size = value_size;
    memcpy(body, store, sizeof *store);
    memcpy(body + sizeof *store, key, key_size);
    if (value_size)
        memcpy(body + sizeof *store + key_size, value, value_size);
    DWORD error = machine_ask_once(MACHINE_STORE, body, size, NULL, NULL);
    free(body);
    return error;
}

void *query_rows(enum table table, uint64_t luid, uint32_t row_size, uint32_t *count) {
    struct machine_query query = {.luid = luid, .table = table};
    void *answer;
    uint32_t size = 0;
    *count = 0;
    if (machine_ask_once(MACHINE_QUERY, &query, sizeof query, &answer, &size) != ERROR_SUCCESS)
        return answer;
    char *rows = answer;
    const uint32_t stride = (uint32_t)sizeof(struct machine_row) + row_size;
    /* Moves the rows together in place, without the header of each. */
    for (; (*count + 1) * stride <= size; ++*count)
        memmove(rows + *count * row_size, rows + *count * stride + sizeof(struct machine_row), row_size);
    return rows;
}

void *new_mib_table(uint32_t capacity, uint32_t offset, uint32_t row_size) {
    return HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, offset + (SIZE_T)capacity * row_size);
}

/* Wine and this library both allocate tables on the process heap. */
EXPORT VOID WINAPI FreeMibTable(PVOID memory) {
    WINE(FreeMibTable)(memory);
}
