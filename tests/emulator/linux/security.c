/* Tokens and security descriptors, on Linux. */
#include <stdlib.h>
#include <string.h>

#include "emulator.h"
#include "objects.h"
#include "wide.h"

HANDLE WINAPI GetCurrentProcess(void);

static BOOL fail(DWORD code) {
    SetLastError(code);
    return FALSE;
}

#define TOKEN_ELEVATION_CLASS 20u

EXPORT BOOL WINAPI OpenProcessToken(HANDLE process, DWORD access, HANDLE *token) {
    (void)access;
    if (process != GetCurrentProcess())
        return fail(ERROR_INVALID_HANDLE);
    struct object *object = calloc(1, sizeof *object);
    if (!object)
        return fail(ERROR_NOT_ENOUGH_MEMORY);
    object->kind = OBJECT_TOKEN;
    pthread_mutex_lock(&objects_lock);
    *token = object_add(object, NULL);
    pthread_mutex_unlock(&objects_lock);
    if (*token)
        return TRUE;
    free(object);
    return fail(ERROR_NOT_ENOUGH_MEMORY);
}

EXPORT BOOL WINAPI GetTokenInformation(HANDLE token, DWORD class, void *information, DWORD bytes, DWORD *needed) {
    pthread_mutex_lock(&objects_lock);
    const struct object *object = object_of(token);
    const bool is_token = object && object->kind == OBJECT_TOKEN;
    pthread_mutex_unlock(&objects_lock);
    if (!is_token)
        return fail(ERROR_INVALID_HANDLE);
    if (class != TOKEN_ELEVATION_CLASS)
        return fail(ERROR_INVALID_PARAMETER);
    *needed = sizeof(DWORD);
    if (bytes < sizeof(DWORD))
        return fail(ERROR_INSUFFICIENT_BUFFER);
    const DWORD elevated = fault_is_elevated();
    memcpy(information, &elevated, sizeof elevated);
    return TRUE;
}

/* Returns a copy of the text, which LocalFree frees. */
static WCHAR *copy_text(const WCHAR *text) {
    const size_t bytes = (wide_length(text) + 1) * sizeof *text;
    WCHAR *copy = malloc(bytes);
    return copy ? memcpy(copy, text, bytes) : NULL;
}

/* A descriptor is its SDDL text. Private namespaces and services have one. LocalFree frees it. */
EXPORT BOOL WINAPI ConvertStringSecurityDescriptorToSecurityDescriptorW(const WCHAR *text, DWORD revision,
                                                                        HANDLE *descriptor, DWORD *size) {
    (void)revision, (void)size;
    *descriptor = copy_text(text);
    return *descriptor ? TRUE : fail(ERROR_NOT_ENOUGH_MEMORY);
}

EXPORT BOOL WINAPI ConvertSecurityDescriptorToStringSecurityDescriptorW(const WCHAR *descriptor, DWORD revision,
                                                                        DWORD information, WCHAR **text, DWORD *length) {
    (void)revision, (void)information, (void)length;
    *text = copy_text(descriptor);
    return *text ? TRUE : fail(ERROR_NOT_ENOUGH_MEMORY);
}
