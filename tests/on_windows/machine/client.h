/* The client side of protocol.h, for Windows programs. */
#pragma once

#include <winsock2.h>
#include <windows.h>

#include "protocol.h"

/* Returns a blocking connection, or INVALID_SOCKET. */
SOCKET machine_connect(void);
/* Sends a request and returns the server's error code. The caller frees `*answer`; pass NULL if no answer is needed.
 * ERROR_SERVICE_NOT_ACTIVE if the connection is broken. */
DWORD machine_ask(SOCKET machine, uint32_t request, const void *body, uint32_t size, void **answer, uint32_t *answer_size);
/* Does the same on a new connection. */
DWORD machine_ask_once(uint32_t request, const void *body, uint32_t size, void **answer, uint32_t *answer_size);
/* Waits for the next MACHINE_CHANGED on a connection that watches. Returns false once the connection is broken. */
BOOL machine_next_change(SOCKET machine, struct machine_change *change);
/* Returns all adapters, with their number in `*count`. The caller frees them. */
struct machine_adapter *machine_list(uint32_t *count);
/* Finds an adapter by what is not 0 or NULL: its GUID, its LUID, or its present name. Returns false if there is none. */
BOOL machine_find(const GUID *guid, uint64_t luid, const WCHAR *name, struct machine_adapter *found);
