/*
 * A stand-in for iphlpapi.dll. What Wine implements is Wine's; what it lacks (every setter) is done here, for the emulated adapters only,
 * with the structs of the Windows headers. The state is the machine's (tests/on_windows/machine), so every process sees the same.
 */
#pragma once

#include "client.h"

#include <stdbool.h>
#include <ws2tcpip.h>
#include <iphlpapi.h>

#define EXPORT __declspec(dllexport)

/* Tables of the machine that this library keeps. */
enum table { ADDRESSES = 1, INTERFACES, ROUTES, DNS };

/* The function of that name in Wine's iphlpapi.dll; the process ends if there is none. */
FARPROC wine_function(const char *name);
#define WINE(name) ((__typeof__(&name))(void *)wine_function(#name))

/* Appends one JSON line to iphlpapi_calls.jsonl beside this library: what the caller passed, and the result. Returns the result.
 * `format` is of printf's, for the fields behind "call" and before "result", ending with a comma. */
DWORD record(DWORD result, const char *call, const char *format, ...) __attribute__((format(gnu_printf, 3, 4)));
/* The address as text, into `text`. */
const char *address_text(const SOCKADDR_INET *address, char text[INET6_ADDRSTRLEN]);

/* The emulated adapter of that LUID, or of that index where the LUID is 0, in `*adapter`. */
bool find_adapter(NET_LUID luid, NET_IFINDEX index, struct machine_adapter *adapter);
/* Whether that interface is the Linux side of an emulated adapter, which Wine shows and Windows would not. */
bool is_hidden(const struct machine_adapter *adapters, uint32_t count, NET_IFINDEX index);

/* 4 or 6; 0 for anything else. */
uint32_t version_of(ADDRESS_FAMILY family);
/* Fills the parts of `store` that say what it does to the Linux device. */
void set_effect(struct machine_store *store, enum machine_effect effect, const SOCKADDR_INET *address, uint32_t prefix);
DWORD store_row(struct machine_store *store, const void *key, uint32_t key_size, const void *value, uint32_t value_size);

/* The rows of a table, each `row_size` bytes, of one adapter or (LUID 0) of all; to be freed. */
void *query_rows(enum table table, uint64_t luid, uint32_t row_size, uint32_t *count);
/* A table for FreeMibTable: a count, then `rows` at `offset`. */
void *new_mib_table(uint32_t capacity, uint32_t offset, uint32_t row_size);
