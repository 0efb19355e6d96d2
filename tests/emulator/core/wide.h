/* UTF-16 strings, without the C library's wchar_t, whose width differs between platforms. */
#pragma once

#include "platform.h"

static inline size_t wide_length(const WCHAR *text) {
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

/* Copies at most `units` - 1 units, and always adds the terminator. */
static inline void wide_copy(WCHAR *to, const WCHAR *from, size_t units) {
    size_t length = 0;
    for (; length + 1 < units && from[length]; length++)
        to[length] = from[length];
    to[length] = 0;
}

/* Appends ASCII text. The result is truncated to `units`. */
static inline void wide_append_ascii(WCHAR *to, const char *ascii, size_t units) {
    size_t length = wide_length(to);
    for (; *ascii && length + 1 < units; ascii++)
        to[length++] = (unsigned char)*ascii;
    to[length] = 0;
}

/* Returns whether two adapter names are the same. The case of ASCII letters does not matter. */
static inline bool wide_same_name(const WCHAR *a, const WCHAR *b) {
    for (;; a++, b++) {
        unsigned x = *a, y = *b;
        if (x >= 'A' && x <= 'Z')
            x += 'a' - 'A';
        if (y >= 'A' && y <= 'Z')
            y += 'a' - 'A';
        if (x != y)
            return false;
        if (!x)
            return true;
    }
}
