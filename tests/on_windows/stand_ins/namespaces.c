/*
 * Private namespaces, which Wine lacks ("Object Namespaces", Windows documentation). A namespace is a directory among
 * the session's named objects. Its name is made of the boundary's name and SIDs: an equal boundary leads to the same
 * namespace in every process, whatever alias the process gives it.
 */
#include "stand_ins.h"
#include "trace.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <winternl.h>

#define MAX_NAME_UNITS 64
#define STATUS_ACCESS_DENIED ((NTSTATUS)0xC0000022L)
#define STATUS_OBJECT_NAME_NOT_FOUND ((NTSTATUS)0xC0000034L)
#define STATUS_OBJECT_PATH_NOT_FOUND ((NTSTATUS)0xC000003AL)
#define DIRECTORY_ALL_ACCESS 0xF000F

NTSTATUS NTAPI NtCreateDirectoryObject(HANDLE *directory, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes);
NTSTATUS NTAPI NtOpenDirectoryObject(HANDLE *directory, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes);

void *real_create_mutex, *real_open_mutex;

struct boundary {
    WCHAR name[MAX_NAME_UNITS];
    uint64_t sids;
    BOOL is_outside; /* the caller's token lacks a SID */
};

/* A namespace that this process has open. */
struct namespace {
    struct namespace *next;
    HANDLE directory;
    WCHAR alias[MAX_NAME_UNITS];
    WCHAR path[2 * MAX_NAME_UNITS]; /* from the session's named objects */
};

STAND_IN_LOCK(lock);
static struct namespace *namespaces;

static BOOL copy_name(WCHAR *to, const WCHAR *name) {
    if (!name || wcslen(name) >= MAX_NAME_UNITS) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    wcscpy(to, name);
    return TRUE;
}

HANDLE WINAPI boundary_create(const WCHAR *name, ULONG flags) {
    (void)flags;
    struct boundary *boundary = calloc(1, sizeof *boundary);
    if (boundary && copy_name(boundary->name, name))
        return boundary;
    free(boundary);
    return NULL;
}

BOOL WINAPI boundary_add_sid(HANDLE *handle, PSID sid) {
    struct boundary *boundary = handle ? *handle : NULL;
    BOOL is_member = FALSE;
    if (!boundary || !IsValidSid(sid)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    if (!CheckTokenMembership(NULL, sid, &is_member))
        return FALSE;
    uint64_t hash = 0xCBF29CE484222325u; /* FNV-1a */
    for (DWORD i = 0; i < GetLengthSid(sid); i++)
        hash = (hash ^ ((const BYTE *)sid)[i]) * 0x100000001B3u;
    boundary->sids += hash; /* in any order */
    boundary->is_outside = boundary->is_outside || !is_member;
    return TRUE;
}

void WINAPI boundary_delete(HANDLE boundary) {
    free(boundary);
}

static NTSTATUS open_directory(struct namespace *namespace, const SECURITY_ATTRIBUTES *security, BOOL create) {
    WCHAR path[4 * MAX_NAME_UNITS];
    DWORD session = 0;
    ProcessIdToSessionId(GetCurrentProcessId(), &session);
    _snwprintf(path, 4 * MAX_NAME_UNITS, L"\\Sessions\\%lu\\BaseNamedObjects\\%ls", session, namespace->path);
    UNICODE_STRING name = {(USHORT)(wcslen(path) * sizeof *path), sizeof path, path};
    OBJECT_ATTRIBUTES attributes = {
        .Length = sizeof attributes,
        .ObjectName = &name,
        .SecurityDescriptor = security ? security->lpSecurityDescriptor : NULL,
    };
    return create ? NtCreateDirectoryObject(&namespace->directory, DIRECTORY_ALL_ACCESS, &attributes)
                  : NtOpenDirectoryObject(&namespace->directory, DIRECTORY_ALL_ACCESS, &attributes);
}

static HANDLE enter(const struct boundary *boundary, const SECURITY_ATTRIBUTES *security, const WCHAR *alias, BOOL create) {
    struct namespace *namespace = boundary ? calloc(1, sizeof *namespace) : NULL;
    if (!namespace || !copy_name(namespace->alias, alias)) {
        free(namespace);
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    _snwprintf(namespace->path, 2 * MAX_NAME_UNITS, L"%ls.%016llx", boundary->name, boundary->sids);
    NTSTATUS status = boundary->is_outside ? STATUS_ACCESS_DENIED : open_directory(namespace, security, create);
    if (status == STATUS_OBJECT_NAME_NOT_FOUND)
        status = STATUS_OBJECT_PATH_NOT_FOUND;
    trace("%s namespace %ls as %ls: 0x%lx", create ? "create" : "open", namespace->path, alias, status);
    if (status < 0) {
        free(namespace);
        SetLastError(RtlNtStatusToDosError(status));
        return NULL;
    }
    EnterCriticalSection(&lock);
    namespace->next = namespaces;
    namespaces = namespace;
    LeaveCriticalSection(&lock);
    return namespace;
}

HANDLE WINAPI namespace_create(SECURITY_ATTRIBUTES *security, void *boundary, const WCHAR *alias) {
    return enter(boundary, security, alias, TRUE);
}

HANDLE WINAPI namespace_open(void *boundary, const WCHAR *alias) {
    return enter(boundary, NULL, alias, FALSE);
}

BOOLEAN WINAPI namespace_close(HANDLE handle, ULONG flags) {
    struct namespace *closed = NULL;
    (void)flags;
    EnterCriticalSection(&lock);
    for (struct namespace **link = &namespaces; *link && !closed; link = &(*link)->next)
        if (*link == handle) {
            closed = *link;
            *link = closed->next;
            break;
        }
    LeaveCriticalSection(&lock);
    if (!closed) {
        SetLastError(ERROR_INVALID_HANDLE);
        return FALSE;
    }
    CloseHandle(closed->directory);
    free(closed);
    return TRUE;
}

/* Replaces the alias of a namespace that this process has open. */
static const WCHAR *full_name(const WCHAR *name, WCHAR changed[4 * MAX_NAME_UNITS]) {
    const WCHAR *end = name ? wcschr(name, L'\\') : NULL;
    const WCHAR *found = name;
    if (!end)
        return name;
    EnterCriticalSection(&lock);
    for (const struct namespace *each = namespaces; each; each = each->next)
        if (wcslen(each->alias) == (size_t)(end - name) && wcsncmp(each->alias, name, (size_t)(end - name)) == 0 &&
            _snwprintf(changed, 4 * MAX_NAME_UNITS, L"%ls%ls", each->path, end) > 0)
            found = changed;
    LeaveCriticalSection(&lock);
    return found;
}

HANDLE WINAPI namespace_create_mutex(SECURITY_ATTRIBUTES *security, BOOL owned, const WCHAR *name) {
    WCHAR changed[4 * MAX_NAME_UNITS];
    return ((__typeof__(CreateMutexW) *)real_create_mutex)(security, owned, full_name(name, changed));
}

HANDLE WINAPI namespace_open_mutex(DWORD access, BOOL inherit, const WCHAR *name) {
    WCHAR changed[4 * MAX_NAME_UNITS];
    return ((__typeof__(OpenMutexW) *)real_open_mutex)(access, inherit, full_name(name, changed));
}
