#include "stand_ins.h"

#include <string.h>

BOOL world_has_fault(const char *name) {
    char text[128];
    const DWORD length = GetEnvironmentVariableA("WINTUN_WORLD_FAULTS", text, sizeof text);
    if (!length || length >= sizeof text)
        return FALSE;
    for (char *each = strtok(text, ","); each; each = strtok(NULL, ","))
        if (strcmp(each, name) == 0)
            return TRUE;
    return FALSE;
}
