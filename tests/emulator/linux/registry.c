/*
 * The part of the registry that the program uses, on Linux: keys below HKEY_LOCAL_MACHINE in the memory of this
 * process. It also contains the keys of the devices' drivers, which are created when they are opened (setupapi.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registry.h"
#include "wide.h"

#define KEY_UNITS 256
#define MAX_KEYS 2048
#define VALUE_NAME_UNITS 32
#define HKEY_LOCAL_MACHINE ((struct open_key *)(intptr_t)(int32_t)0x80000002u)
#define REG_SZ 1u
#define ERROR_MORE_DATA 234u

struct value {
    WCHAR name[VALUE_NAME_UNITS];
    DWORD type, size;
    uint8_t *bytes;
    struct value *next;
};

struct key {
    WCHAR path[KEY_UNITS];
    struct value *values;
};

/* A key that a program has open. It may be told once of a change: by an event. */
struct open_key {
    WCHAR path[KEY_UNITS];
    HANDLE event; /* NULL if nobody waits */
    bool deep;    /* the keys below it, too */
    DWORD filter;
    struct open_key *next;
};

#define NOTIFY_NAME 1u
#define NOTIFY_VALUE 4u
#define ERROR_KEY_DELETED 1018u

static struct key *keys[MAX_KEYS];
static struct open_key *open_keys;
static _Atomic uint32_t live_open_keys;

uint32_t platform_count_registry_keys(void) {
    return live_open_keys;
}

void registry_append_guid(WCHAR *to, const GUID *guid, size_t units) {
    char text[GUID_TEXT_UNITS];
    snprintf(text, sizeof text, "{%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}", guid->Data1, guid->Data2,
             guid->Data3, guid->Data4[0], guid->Data4[1], guid->Data4[2], guid->Data4[3], guid->Data4[4],
             guid->Data4[5], guid->Data4[6], guid->Data4[7]);
    wide_append_ascii(to, text, units);
}

static struct key *find_key(const WCHAR *path) {
    for (uint32_t i = 0; i < MAX_KEYS; i++)
        if (keys[i] && wide_same_name(keys[i]->path, path))
            return keys[i];
    return NULL;
}

/* Writes the path of the key below `parent` to `path`, which has room for the deepest keys used here. */
static void join(WCHAR *path, const struct open_key *parent, const WCHAR *name) {
    path[0] = 0;
    if (parent != HKEY_LOCAL_MACHINE) {
        wide_copy(path, parent->path, KEY_UNITS);
        if (*name)
            wide_append_ascii(path, "\\", KEY_UNITS);
    }
    const size_t length = wide_length(path);
    wide_copy(path + length, name, KEY_UNITS - length);
}

/* If `longer` lies below `path`, returns the offset in `longer` of the next name. Returns 0 otherwise. */
static size_t below(const WCHAR *path, const WCHAR *longer) {
    const size_t length = wide_length(path);
    if (wide_length(longer) <= length || longer[length] != '\\')
        return 0;
    WCHAR start[KEY_UNITS];
    wide_copy(start, longer, length + 1);
    return wide_same_name(start, path) ? length + 1 : 0;
}

static bool exists(const WCHAR *path) {
    if (find_key(path))
        return true;
    for (uint32_t i = 0; i < MAX_KEYS; i++)
        if (keys[i] && below(path, keys[i]->path))
            return true;
    return false;
}

/* Tells whoever waits for it at this key, once. */
static void tell(struct open_key *open) {
    if (open->event)
        SetEvent(open->event);
    open->event = NULL;
}

/* Tells those who wait for changes of values. */
static void tell_of_value(const WCHAR *path) {
    for (struct open_key *open = open_keys; open; open = open->next)
        if (open->filter & NOTIFY_VALUE && (wide_same_name(open->path, path) || (open->deep && below(open->path, path))))
            tell(open);
}

/* Returns whether the key between `above` and `path` that is directly below `above` does not exist. */
static bool is_new_below(const WCHAR *above, const WCHAR *path) {
    WCHAR child[KEY_UNITS];
    const size_t at = below(above, path);
    size_t end = at;
    while (path[end] && path[end] != '\\')
        end++;
    wide_copy(child, path, end + 1);
    return at && !exists(child);
}

/* Tells those who wait for keys that come and go. Call it while the key does not exist. */
static void tell_of_name(const WCHAR *path) {
    for (struct open_key *open = open_keys; open; open = open->next)
        if (open->filter & NOTIFY_NAME && (wide_same_name(open->path, path) || is_new_below(open->path, path) ||
                                           (open->deep && below(open->path, path))))
            tell(open);
}

static struct key *make_key(const WCHAR *path) {
    struct key *key = find_key(path);
    for (uint32_t i = 0; !key && i < MAX_KEYS; i++)
        if (!keys[i]) {
            key = calloc(1, sizeof *key);
            if (!key)
                break;
            wide_copy(key->path, path, KEY_UNITS);
            tell_of_name(path);
            keys[i] = key;
        }
    return key;
}

static DWORD open_path(const WCHAR *path, struct open_key **opened) {
    *opened = calloc(1, sizeof **opened);
    if (!*opened)
        return ERROR_NOT_ENOUGH_MEMORY;
    wide_copy((*opened)->path, path, KEY_UNITS);
    platform_registry_enter();
    (*opened)->next = open_keys;
    open_keys = *opened;
    platform_registry_leave();
    live_open_keys++;
    return ERROR_SUCCESS;
}

/* Creates the MachineGuid value of this machine. The GUIDs of adapters are derived from it. */
static void make_machine_guid(void) {
    static const WCHAR text[] = u"2f6f7a1c-53c5-4c2a-9d6e-0b8f4f1f7a11";
    static bool made;
    if (made)
        return;
    made = true;
    registry_set(u"SOFTWARE\\Microsoft\\Cryptography", u"MachineGuid", REG_SZ, text, sizeof text);
}

/* Returns where the pointer to the value is, or the pointer that ends the list. */
static struct value **find_value(struct key *key, const WCHAR *name) {
    struct value **link = &key->values;
    while (*link && !wide_same_name((*link)->name, name))
        link = &(*link)->next;
    return link;
}

static void remove_value(struct value **link) {
    struct value *value = *link;
    *link = value->next;
    free(value->bytes);
    free(value);
}

static DWORD set_value(struct key *key, const WCHAR *name, DWORD type, const void *bytes, DWORD size) {
    uint8_t *copy = malloc(size ? size : 1);
    struct value **link = find_value(key, name);
    if (copy && !*link)
        *link = calloc(1, sizeof **link);
    if (!copy || !*link) {
        free(copy);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    wide_copy((*link)->name, name, VALUE_NAME_UNITS);
    free((*link)->bytes);
    (*link)->type = type;
    (*link)->size = size;
    (*link)->bytes = memcpy(copy, bytes, size);
    return ERROR_SUCCESS;
}

DWORD registry_set(const WCHAR *path, const WCHAR *name, DWORD type, const void *bytes, DWORD size) {
    platform_registry_enter();
    struct key *key = make_key(path);
    const DWORD code = key ? set_value(key, name, type, bytes, size) : ERROR_NOT_ENOUGH_MEMORY;
    tell_of_value(path);
    platform_registry_leave();
    return code;
}

static void remove_key(struct key **place) {
    struct key *key = *place;
    *place = NULL;
    tell_of_name(key->path);
    while (key->values)
        remove_value(&key->values);
    free(key);
}

void registry_delete(const WCHAR *path) {
    platform_registry_enter();
    for (uint32_t i = 0; i < MAX_KEYS; i++)
        if (keys[i] && wide_same_name(keys[i]->path, path))
            remove_key(&keys[i]);
    platform_registry_leave();
}

void registry_delete_tree(const WCHAR *path) {
    registry_delete(path);
    platform_registry_enter();
    for (uint32_t i = 0; i < MAX_KEYS; i++)
        if (keys[i] && below(path, keys[i]->path))
            remove_key(&keys[i]);
    platform_registry_leave();
}

DWORD registry_open(const WCHAR *path, struct open_key **opened) {
    return open_path(path, opened);
}

EXPORT DWORD WINAPI RegOpenKeyExW(const struct open_key *parent, const WCHAR *name, DWORD options, DWORD access,
                                  struct open_key **opened) {
    (void)options, (void)access;
    WCHAR path[KEY_UNITS];
    make_machine_guid();
    join(path, parent, name);
    platform_registry_enter();
    const bool found = exists(path);
    platform_registry_leave();
    return found ? open_path(path, opened) : ERROR_FILE_NOT_FOUND;
}

EXPORT DWORD WINAPI RegCreateKeyExW(const struct open_key *parent, const WCHAR *name, DWORD reserved, WCHAR *class,
                                    DWORD options, DWORD access, const void *attributes, struct open_key **opened,
                                    DWORD *disposition) {
    (void)reserved, (void)class, (void)options, (void)access, (void)attributes, (void)disposition;
    WCHAR path[KEY_UNITS];
    join(path, parent, name);
    platform_registry_enter();
    struct key *key = make_key(path);
    platform_registry_leave();
    return key ? open_path(path, opened) : ERROR_NOT_ENOUGH_MEMORY;
}

/* As on Windows, whoever waits at the key is told when it is closed. */
EXPORT DWORD WINAPI RegCloseKey(struct open_key *key) {
    platform_registry_enter();
    struct open_key **link = &open_keys;
    while (*link != key)
        link = &(*link)->next;
    *link = key->next;
    tell(key);
    platform_registry_leave();
    free(key);
    live_open_keys--;
    return ERROR_SUCCESS;
}

EXPORT DWORD WINAPI RegDeleteKeyW(const struct open_key *parent, const WCHAR *name) {
    WCHAR path[KEY_UNITS];
    join(path, parent, name);
    platform_registry_enter();
    bool has_subkeys = false;
    for (uint32_t i = 0; i < MAX_KEYS; i++)
        has_subkeys = has_subkeys || (keys[i] && below(path, keys[i]->path));
    const bool found = find_key(path) != NULL;
    platform_registry_leave();
    if (has_subkeys)
        return ERROR_ACCESS_DENIED;
    registry_delete(path);
    return found ? ERROR_SUCCESS : ERROR_FILE_NOT_FOUND;
}

static bool has_backslash(const WCHAR *name) {
    while (*name && *name != '\\')
        name++;
    return *name;
}

/* Lists the direct subkeys, in no order. Only keys that were created explicitly are listed. */
EXPORT DWORD WINAPI RegEnumKeyExW(const struct open_key *parent, DWORD index, WCHAR *name, DWORD *units,
                                  DWORD *reserved, WCHAR *class, DWORD *class_units, void *time) {
    (void)reserved, (void)class, (void)class_units, (void)time;
    DWORD code = ERROR_NO_MORE_ITEMS;
    platform_registry_enter();
    for (uint32_t i = 0; i < MAX_KEYS && code == ERROR_NO_MORE_ITEMS; i++) {
        const size_t at = keys[i] ? below(parent->path, keys[i]->path) : 0;
        if (!at || has_backslash(keys[i]->path + at) || index--)
            continue;
        const size_t length = wide_length(keys[i]->path + at);
        code = length < *units ? ERROR_SUCCESS : ERROR_MORE_DATA;
        if (code == ERROR_SUCCESS)
            wide_copy(name, keys[i]->path + at, *units);
        *units = (DWORD)length;
    }
    platform_registry_leave();
    return code;
}

EXPORT DWORD WINAPI RegSetValueExW(const struct open_key *open, const WCHAR *name, DWORD reserved, DWORD type,
                                   const void *bytes, DWORD size) {
    (void)reserved;
    return registry_set(open->path, name, type, bytes, size);
}

EXPORT DWORD WINAPI RegQueryValueExW(const struct open_key *open, const WCHAR *name, DWORD *reserved, DWORD *type,
                                     void *buffer, DWORD *size) {
    (void)reserved;
    DWORD code = ERROR_FILE_NOT_FOUND;
    platform_registry_enter();
    struct key *key = find_key(open->path);
    const struct value *value = key ? *find_value(key, name) : NULL;
    if (value) {
        code = *size < value->size ? ERROR_MORE_DATA : ERROR_SUCCESS;
        if (code == ERROR_SUCCESS)
            memcpy(buffer, value->bytes, value->size);
        *size = value->size;
        if (type)
            *type = value->type;
    }
    platform_registry_leave();
    return code;
}

EXPORT DWORD WINAPI RegDeleteValueW(const struct open_key *open, const WCHAR *name) {
    platform_registry_enter();
    struct key *key = find_key(open->path);
    struct value **link = key ? find_value(key, name) : NULL;
    const bool found = link && *link;
    if (found) {
        remove_value(link);
        tell_of_value(open->path);
    }
    platform_registry_leave();
    return found ? ERROR_SUCCESS : ERROR_FILE_NOT_FOUND;
}

EXPORT DWORD WINAPI RegNotifyChangeKeyValue(struct open_key *open, BOOL subtree, DWORD filter, HANDLE event,
                                            BOOL asynchronous) {
    if (!event || !asynchronous || open->event) /* no other way to wait is known here */
        return ERROR_INVALID_PARAMETER;
    platform_registry_enter();
    const DWORD code = exists(open->path) ? ERROR_SUCCESS : ERROR_KEY_DELETED;
    if (code == ERROR_SUCCESS) {
        open->event = event;
        open->deep = subtree;
        open->filter = filter;
    }
    platform_registry_leave();
    return code;
}
