/* The logger of wintun.h: one callback for the whole process. Every thread that logs a message calls it. */
#include <stdio.h>
#include <stdlib.h>

#include "emulator.h"
#include "wide.h"

#define MESSAGE_UNITS 1024

typedef void(WINAPI *logger_callback)(DWORD level, DWORD64 timestamp, const WCHAR *message);

static _Atomic(logger_callback) logger;
static _Atomic uint32_t foreign_threads;

EXPORT void WINAPI WintunSetLogger(logger_callback callback) {
    logger = callback;
}

static void log_wide(DWORD level, const WCHAR *message) {
    const DWORD error = GetLastError();
    const logger_callback callback = logger;
    if (callback)
        callback(level, platform_filetime(), message);
    SetLastError(error);
}

static void compose(WCHAR *message, const char *text, const WCHAR *name) {
    message[0] = 0;
    wide_append_ascii(message, text, MESSAGE_UNITS);
    if (!name)
        return;
    wide_append_ascii(message, " \"", MESSAGE_UNITS);
    const size_t length = wide_length(message);
    wide_copy(message + length, name, MESSAGE_UNITS - length);
    wide_append_ascii(message, "\"", MESSAGE_UNITS);
}

void log_message(enum EmulatorLogLevel level, const char *text, const WCHAR *name) {
    WCHAR message[MESSAGE_UNITS];
    compose(message, text, name);
    log_wide(level, message);
}

void log_error(DWORD code, const char *text, const WCHAR *name) {
    WCHAR message[MESSAGE_UNITS];
    char suffix[32];
    snprintf(suffix, sizeof suffix, ": Code 0x%08X", (unsigned)code);
    compose(message, text, name);
    wide_append_ascii(message, suffix, MESSAGE_UNITS);
    log_wide(EMULATOR_LOG_ERROR, message);
}

struct foreign_message {
    DWORD level;
    WCHAR text[MESSAGE_UNITS];
};

static void log_in_thread(void *context) {
    struct foreign_message *message = context;
    log_wide(message->level, message->text);
    free(message);
    foreign_threads--;
}

uint32_t log_foreign_threads(void) {
    return foreign_threads;
}

EXPORT BOOL WINAPI EmulatorLog(DWORD level, const WCHAR *text, BOOL foreign) {
    if (!foreign) {
        log_wide(level, text);
        return TRUE;
    }
    struct foreign_message *message = malloc(sizeof *message);
    if (message) {
        message->level = level;
        wide_copy(message->text, text, MESSAGE_UNITS);
        foreign_threads++;
        if (platform_thread_detached(log_in_thread, message))
            return TRUE;
        foreign_threads--;
        free(message);
    }
    SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return FALSE;
}
