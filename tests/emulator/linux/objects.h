/*
 * Kernel objects on Linux, their handles and names. An object begins with a `struct object`. It is allocated by calloc,
 * and CloseHandle frees it with its last handle. Names are valid only within this process, and are compared exactly.
 */
#pragma once

#include <pthread.h>

#include "platform.h"

enum object_kind { OBJECT_EVENT, OBJECT_MUTEX, OBJECT_TIMER, OBJECT_NAMESPACE, OBJECT_TOKEN };

struct object {
    enum object_kind kind;
    uint32_t handles; /* handles that refer to it */
    uint32_t waiters; /* threads that wait for it */
    WCHAR *name;      /* or NULL */
    struct object *next_named;
};

/* Guards all objects. */
extern pthread_mutex_t objects_lock;

/* The following functions are called inside the lock. */
struct object *object_of(HANDLE handle); /* NULL if there is none */
struct object *object_named(const WCHAR *name);
/* Creates a handle of the object. Returns NULL if the table is full. */
HANDLE object_open(struct object *object);
/* Creates the first handle of a new object. The object gets a name unless `name` is NULL. If the result is NULL, the
 * caller still owns the object. */
HANDLE object_add(struct object *object, const WCHAR *name);
/* Returns whether an object of that name can be created. An object in a private namespace, `alias\name`, can be created
 * only while that namespace is open. */
bool namespace_holds(const WCHAR *name);

/* services.c: the number of open handles of services and of the Service Control Manager. */
uint32_t services_count_handles(void);
/* notifications.c: the number of notifications that nobody has cancelled. */
uint32_t notifications_count(void);
