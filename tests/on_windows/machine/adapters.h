/* The adapters of the machine, and the rows that belong to them. */
#pragma once

#include "protocol.h"

#include <stddef.h>

struct row {
    struct row *next;
    struct machine_store store; /* as it was stored last */
    uint8_t bytes[]; /* the key, then the value */
};

struct adapter {
    struct adapter *next;
    struct machine_adapter about;
    int tun;
    struct connection *owner, *session;
    uint32_t sessions; /* that there were until now */
    struct row *rows;
};

extern struct adapter *adapters;
/* Has the rows that the machine keeps for itself. It is not in the list. */
extern struct adapter the_machine;

/* Creates the TUN device and fills in `about`. Returns 0 or a Win32 error. */
uint32_t adapter_create(const struct machine_adapter *wanted, struct connection *owner, struct adapter **created);
/* Removes the adapter with its device and its rows. Its session must be detached first. */
void adapter_remove(struct adapter *adapter);
struct adapter *adapter_by_luid(uint64_t luid);
/* Stores, changes or removes a row. `key_and_value` is the key, followed by the value. Returns 0 or a Win32 error. */
uint32_t adapter_store(const struct machine_store *store, const uint8_t *key_and_value);
