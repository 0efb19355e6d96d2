/* Gives a loaded DLL of Wine more exports, or others, in this process only. DLLs that are loaded later bind to them. */
#pragma once

#include <winsock2.h>
#include <windows.h>

struct export_entry {
    const char *name;
    void *function;
    void **original; /* NULL, or where the DLL's own function goes (NULL if it had none) */
};

/* Call it only once for each DLL. Returns false if the DLL has no exports or there is no room near it. */
BOOL exports_overlay(HMODULE module, const struct export_entry *entries, size_t count);
