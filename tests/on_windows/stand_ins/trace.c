#include "trace.h"

#include <winsock2.h>
#include <windows.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
    BOOL writes;
    LONG die_at; /* 0: never */
} wanted;

static BOOL CALLBACK read_environment(INIT_ONCE *once, void *unused, void **none) {
    char text[16];
    (void)once, (void)unused, (void)none;
    wanted.writes = GetEnvironmentVariableA("WINTUN_WORLD_TRACE", NULL, 0) != 0;
    const DWORD length = GetEnvironmentVariableA("WINTUN_WORLD_DIE_AT", text, sizeof text);
    if (length && length < sizeof text)
        wanted.die_at = atol(text);
    return TRUE;
}

void trace(const char *format, ...) {
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    static LONG steps;
    InitOnceExecuteOnce(&once, read_environment, NULL, NULL);
    if (wanted.writes) {
        char line[600];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(line, sizeof line, format, arguments);
        va_end(arguments);
        fprintf(stderr, "[windows] %s\n", line);
        fflush(stderr);
    }
    if (InterlockedIncrement(&steps) == wanted.die_at)
        TerminateProcess(GetCurrentProcess(), DIED);
}
