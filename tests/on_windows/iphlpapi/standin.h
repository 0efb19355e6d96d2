/*
 * A stand-in for iphlpapi.dll. It passes the functions that Wine implements to Wine. It implements the functions that
 * Wine lacks (every setter) for the emulated adapters only, with the structs of the Windows headers. The machine holds
 * the state (tests/on_windows/machine), so every process sees the same.
 */
#pragma once

#include "client.h"

#include <stdbool.h>
#include <ws2tcpip.h>
#include <iphlpapi.h>

#define EXPORT __declspec(dllexport)

/* The tables that this library keeps in the machine. */
enum table { ADDRESSES = 1, INTERFACES, ROUTES, DNS, NETWORKS };

/* Returns the function of that name in Wine's iphlpapi.dll. Ends the process if there is none. */
FARPROC wine_function(const char *name);
#define WINE(name) ((__typeof__(&name))(void *)wine_function(#name))

/* Appends one JSON line with the call's arguments and the result to iphlpapi_calls.jsonl beside this library, and
 * returns the result. `format` is a printf format for the fields between "call" and "result", and ends with a comma. */
DWORD record(DWORD result, const char *call, const char *format, ...) __attribute__((format(gnu_printf, 3, 4)));
/* Writes the address as text to `text` and returns `text`. */
const char *address_text(const SOCKADDR_INET *address, char text[INET6_ADDRSTRLEN]);

/* Finds the emulated adapter of that LUID, or of that index if the LUID is 0, and writes it to `*adapter`. */
bool find_adapter(NET_LUID luid, NET_IFINDEX index, struct machine_adapter *adapter);
/* Returns whether that interface is the Linux side of an emulated adapter. Wine shows such an interface; Windows would
 * not. */
bool is_hidden(const struct machine_adapter *adapters, uint32_t count, NET_IFINDEX index);

/* Returns 4 or 6, or 0 for any other family. */
uint32_t version_of(ADDRESS_FAMILY family);
/* Sets the fields of `store` that describe the effect on the Linux device. */
void set_effect(struct machine_store *store, enum machine_effect effect, const SOCKADDR_INET *address, uint32_t prefix);
DWORD store_row(struct machine_store *store, const void *key, uint32_t key_size, const void *value, uint32_t value_size);

/* Returns the rows of a table, each of `row_size` bytes, of one adapter or (LUID 0) of all adapters. The caller frees
 * them. */
void *query_rows(enum table table, uint64_t luid, uint32_t row_size, uint32_t *count);
/* Allocates a table for FreeMibTable: a count, then room for `capacity` rows at `offset`. */
void *new_mib_table(uint32_t capacity, uint32_t offset, uint32_t row_size);
