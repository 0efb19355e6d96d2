/*
 * Private namespaces of kernel32, on Linux. A boundary checks the SID of the administrators: only an elevated process
 * can enter. Namespaces are valid only within this process, as names are (objects.h).
 */
#include <stdlib.h>
#include <string.h>

#include "emulator.h"
#include "objects.h"
#include "wide.h"

#define MAX_UNITS 128u

struct security_attributes {
    DWORD bytes;
    const WCHAR *descriptor; /* its SDDL (security.c) */
    BOOL inherit;
};

struct boundary {
    WCHAR name[MAX_UNITS];
    bool is_for_administrators;
};

struct private_namespace {
    struct object object;
    WCHAR name[MAX_UNITS];
};

/* S-1-5-32-544 */
static const uint8_t administrators[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0};

/* The SDDL of the last created namespace. */
static WCHAR last_descriptor[MAX_UNITS];

static BOOL fail(DWORD code) {
    SetLastError(code);
    return FALSE;
}

static void *fail_null(DWORD code) {
    SetLastError(code);
    return NULL;
}

EXPORT BOOL WINAPI CreateWellKnownSid(int type, const void *domain, void *sid, DWORD *bytes) {
    if (type != 26 || domain)
        return fail(ERROR_INVALID_PARAMETER);
    const bool has_room = *bytes >= sizeof administrators;
    *bytes = sizeof administrators;
    if (!has_room)
        return fail(ERROR_INSUFFICIENT_BUFFER);
    memcpy(sid, administrators, sizeof administrators);
    return TRUE;
}

EXPORT HANDLE WINAPI CreateBoundaryDescriptorW(const WCHAR *name, DWORD flags) {
    struct boundary *boundary = flags ? NULL : calloc(1, sizeof *boundary);
    if (!boundary)
        return fail_null(flags ? ERROR_INVALID_PARAMETER : ERROR_NOT_ENOUGH_MEMORY);
    wide_copy(boundary->name, name, MAX_UNITS);
    return (HANDLE)boundary;
}

EXPORT BOOL WINAPI AddSIDToBoundaryDescriptor(HANDLE *descriptor, const void *sid) {
    /* The boundary may move on Windows. Here it always moves. */
    struct boundary *moved = malloc(sizeof *moved);
    if (!moved)
        return fail(ERROR_NOT_ENOUGH_MEMORY);
    *moved = *(struct boundary *)*descriptor;
    moved->is_for_administrators = memcmp(sid, administrators, sizeof administrators) == 0;
    free(*descriptor);
    *descriptor = (HANDLE)moved;
    return TRUE;
}

EXPORT void WINAPI DeleteBoundaryDescriptor(HANDLE descriptor) {
    free(descriptor);
}

/* Returns the open namespace of that name. Inside the lock. */
static struct private_namespace *namespace_named(const WCHAR *name) {
    struct object *object = object_named(name);
    return object && object->kind == OBJECT_NAMESPACE ? (struct private_namespace *)object : NULL;
}

static HANDLE enter(const struct boundary *boundary, const WCHAR *alias, const WCHAR *descriptor) {
    if (boundary->is_for_administrators && !fault_is_elevated())
        return fail_null(ERROR_ACCESS_DENIED);
    DWORD code = ERROR_NOT_ENOUGH_MEMORY;
    HANDLE handle = NULL;
    pthread_mutex_lock(&objects_lock);
    struct private_namespace *existing = namespace_named(boundary->name);
    if (descriptor && existing)
        code = ERROR_ALREADY_EXISTS;
    else if (!descriptor && !existing)
        code = ERROR_PATH_NOT_FOUND;
    else if (existing)
        handle = object_open(&existing->object);
    else {
        struct private_namespace *made = calloc(1, sizeof *made);
        if (made) {
            made->object.kind = OBJECT_NAMESPACE;
            wide_copy(made->name, alias, MAX_UNITS);
            handle = object_add(&made->object, boundary->name);
            if (handle)
                wide_copy(last_descriptor, descriptor, MAX_UNITS);
            else
                free(made);
        }
    }
    pthread_mutex_unlock(&objects_lock);
    return handle ? handle : fail_null(code);
}

EXPORT HANDLE WINAPI CreatePrivateNamespaceW(const struct security_attributes *attributes, void *boundary,
                                             const WCHAR *alias) {
    return enter(boundary, alias, attributes->descriptor);
}

EXPORT HANDLE WINAPI OpenPrivateNamespaceW(void *boundary, const WCHAR *alias) {
    return enter(boundary, alias, NULL);
}

BOOL WINAPI CloseHandle(HANDLE handle);

EXPORT uint8_t WINAPI ClosePrivateNamespace(HANDLE handle, DWORD flags) {
    (void)flags;
    return (uint8_t)CloseHandle(handle);
}

bool namespace_holds(const WCHAR *name) {
    const size_t length = wide_length(name);
    size_t slash = 0;
    while (slash < length && name[slash] != '\\')
        slash++;
    WCHAR prefix[MAX_UNITS];
    if (slash == length || slash >= MAX_UNITS)
        return true;
    memcpy(prefix, name, slash * sizeof *name);
    prefix[slash] = 0;
    static const WCHAR global[] = {'G', 'l', 'o', 'b', 'a', 'l', 0}, local[] = {'L', 'o', 'c', 'a', 'l', 0};
    return wide_same_name(prefix, global) || wide_same_name(prefix, local) || namespace_named(prefix);
}

/* Control function: copies the SDDL of the last created namespace if it fits, and returns its length in units. */
EXPORT DWORD WINAPI EmulatorCopyNamespaceDescriptor(WCHAR *text, DWORD units) {
    const DWORD length = (DWORD)wide_length(last_descriptor);
    if (length < units)
        wide_copy(text, last_descriptor, units);
    return length;
}
