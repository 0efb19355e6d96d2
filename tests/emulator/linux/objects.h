/*
 * Kernel objects on Linux, their handles and names. An object begins with a `struct object`, is allocated by calloc, and
 * is freed by CloseHandle with its last handle. Names hold within this process only, and are compared to the letter.
 */
#pragma once

#include <pthread.h>

#include "platform.h"

enum object_kind { OBJECT_EVENT, OBJECT_MUTEX, OBJECT_NAMESPACE, OBJECT_TOKEN };

struct object {
    enum object_kind kind;
    uint32_t handles; /* that refer to it */
    uint32_t waiters; /* threads that wait for it */
    WCHAR *name;      /* or NULL */
    struct object *next_named;
};

/* Guards all objects. */
extern pthread_mutex_t objects_lock;

/* All inside the lock: */
struct object *object_of(HANDLE handle); /* NULL if there is none */
struct object *object_named(const WCHAR *name);
/* Makes a handle of the object; NULL if the table is full. */
HANDLE object_open(struct object *object);
/* Makes the first handle of a new object, with a name unless that is NULL. On NULL the object is still the caller's. */
HANDLE object_add(struct object *object, const WCHAR *name);
/* Whether an object of that name can be made: one in a private namespace, `alias\name`, only while that is open. */
bool namespace_holds(const WCHAR *name);
