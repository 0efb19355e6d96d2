/* The Windows programs' end of protocol.h. */
#pragma once

#include <winsock2.h>
#include <windows.h>

#include "protocol.h"

/* A blocking connection, or INVALID_SOCKET. */
SOCKET machine_connect(void);
/* Asks, and gives the server's error code. `*answer` is to be freed; pass NULL where none is wanted.
 * ERROR_SERVICE_NOT_ACTIVE when the connection is broken. */
DWORD machine_ask(SOCKET machine, uint32_t request, const void *body, uint32_t size, void **answer, uint32_t *answer_size);
/* The same on a connection of its own. */
DWORD machine_ask_once(uint32_t request, const void *body, uint32_t size, void **answer, uint32_t *answer_size);
/* All of `size` bytes; false when the connection is broken. */
BOOL machine_read(SOCKET machine, void *data, uint32_t size);
/* All adapters, to be freed; their number in `*count`. */
struct machine_adapter *machine_list(uint32_t *count);
