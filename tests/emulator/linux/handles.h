/* Kernel objects on Linux. An object begins with its kind, is allocated by malloc, and is freed by CloseHandle. */
#pragma once

#include "platform.h"

enum object_kind { OBJECT_EVENT, OBJECT_TOKEN, OBJECT_KINDS };

struct object {
    enum object_kind kind;
};

/* NULL if the table is full; the object is then still the caller's. */
HANDLE handle_open(struct object *object);
bool handle_is(HANDLE handle, enum object_kind kind);
