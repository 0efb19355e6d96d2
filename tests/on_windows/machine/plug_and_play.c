/*
 * The part of Windows' plug and play that removes the network interface of a device that somebody removes (SetupDi),
 * whoever uses it. It runs in the background as long as the machine.
 */
#include "client.h"
#include "device_registry.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REGISTERED 1024

/* The adapters whose devices were registered when last looked at, by LUID: one that is being created has no device yet. */
static uint64_t registered[MAX_REGISTERED];
static uint32_t registered_count;

static bool was_registered(uint64_t luid) {
    for (uint32_t i = 0; i < registered_count; i++)
        if (registered[i] == luid)
            return true;
    return false;
}

static void remove_interfaces_without_devices(void) {
    static uint64_t now_registered[MAX_REGISTERED];
    uint32_t count, now_count = 0;
    struct machine_adapter *adapters = machine_list(&count);
    for (uint32_t i = 0; i < count; i++) {
        if (device_is_registered((const GUID *)adapters[i].guid)) {
            if (now_count < MAX_REGISTERED)
                now_registered[now_count++] = adapters[i].luid;
        } else if (was_registered(adapters[i].luid))
            machine_ask_once(MACHINE_DELETE, &adapters[i].luid, sizeof adapters[i].luid, NULL, NULL);
    }
    free(adapters);
    memcpy(registered, now_registered, now_count * sizeof *registered);
    registered_count = now_count;
}

int main(void) {
    HKEY devices;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Enum", 0, KEY_NOTIFY, &devices) != ERROR_SUCCESS)
        return 1;
    HANDLE changed = CreateEventW(NULL, FALSE, FALSE, NULL);
    /* Asked for before each look, so that no change falls between two. */
    while (RegNotifyChangeKeyValue(devices, TRUE, REG_NOTIFY_CHANGE_NAME, changed, TRUE) == ERROR_SUCCESS) {
        remove_interfaces_without_devices();
        WaitForSingleObject(changed, INFINITE);
    }
    return 1;
}
