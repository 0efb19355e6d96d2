/* The adapters of the machine, and the rows that hang on them. */
#pragma once

#include "protocol.h"

#include <stddef.h>

struct row {
    struct row *next;
    uint32_t table, key_size, value_size;
    uint8_t bytes[]; /* key, then value */
};

struct adapter {
    struct adapter *next;
    struct machine_adapter about;
    int tun;
    struct connection *owner, *session;
    struct row *rows;
};

extern struct adapter *adapters;

/* Makes the TUN device and fills in `about`. 0 or a Win32 error. */
uint32_t adapter_create(const struct machine_adapter *wanted, struct connection *owner, struct adapter **created);
/* Removes it with its device and its rows. Its session must be detached. */
void adapter_remove(struct adapter *adapter);
struct adapter *adapter_by_luid(uint64_t luid);
/* `key` and then `value` follow the struct. 0 or a Win32 error. */
uint32_t adapter_store(const struct machine_store *store, const uint8_t *key_and_value);
