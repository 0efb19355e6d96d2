/* Kernel objects on Linux: the handle table, and names. */
#include <stdlib.h>
#include <string.h>

#include "objects.h"
#include "wide.h"

#define MAX_HANDLES 65536

pthread_mutex_t objects_lock = PTHREAD_MUTEX_INITIALIZER;

/* A handle is four times its index in the table, as on Windows, and never 0. */
static struct object *table[MAX_HANDLES];
static uint32_t free_places[MAX_HANDLES];
static uint32_t free_count, used_places = 1;
static _Atomic uint32_t open_handles;
static struct object *named;

uint32_t platform_count_handles(void) {
    return open_handles + services_count_handles() + notifications_count();
}

struct object *object_of(HANDLE handle) {
    const uintptr_t place = (uintptr_t)handle / 4;
    return (uintptr_t)handle % 4 || place >= used_places ? NULL : table[place];
}

static size_t bytes_of(const WCHAR *name) {
    return (wide_length(name) + 1) * sizeof *name;
}

struct object *object_named(const WCHAR *name) {
    struct object *object = named;
    while (object && (bytes_of(object->name) != bytes_of(name) || memcmp(object->name, name, bytes_of(name)) != 0))
        object = object->next_named;
    return object;
}

HANDLE object_open(struct object *object) {
    const uint32_t place = free_count                  ? free_places[--free_count]
                           : used_places < MAX_HANDLES ? used_places++
                                                       : 0;
    if (!place)
        return NULL;
    table[place] = object;
    object->handles++;
    open_handles++;
    return (HANDLE)(uintptr_t)(place * 4);
}

HANDLE object_add(struct object *object, const WCHAR *name) {
    WCHAR *copy = name ? malloc(bytes_of(name)) : NULL;
    HANDLE handle = name && !copy ? NULL : object_open(object);
    if (!handle)
        free(copy);
    else if (copy) {
        object->name = memcpy(copy, name, bytes_of(name));
        object->next_named = named;
        named = object;
    }
    return handle;
}

static void forget_name(struct object *object) {
    struct object **link = &named;
    while (*link && *link != object)
        link = &(*link)->next_named;
    if (*link)
        *link = object->next_named;
    free(object->name);
}

EXPORT BOOL WINAPI CloseHandle(HANDLE handle) {
    pthread_mutex_lock(&objects_lock);
    struct object *object = object_of(handle);
    const bool is_last = object && --object->handles == 0;
    if (object) {
        const uint32_t place = (uint32_t)((uintptr_t)handle / 4);
        table[place] = NULL;
        free_places[free_count++] = place;
        open_handles--;
    }
    if (is_last) {
        if (object->waiters)
            abort(); /* closed while a thread waits: undefined on Windows */
        forget_name(object);
    }
    pthread_mutex_unlock(&objects_lock);
    if (is_last)
        free(object);
    if (!object)
        SetLastError(ERROR_INVALID_HANDLE);
    return object != NULL;
}
