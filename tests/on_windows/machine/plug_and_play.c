/*
 * The part of Windows' plug and play that removes the network interface of a device that somebody removes (SetupDi),
 * whoever uses it. It runs in the background as long as the machine.
 */
#include "client.h"
#include "device_registry.h"

#include <stdlib.h>

/* A device is registered before it gets its network interface. */
static void remove_interfaces_without_devices(void) {
    uint32_t count;
    struct machine_adapter *adapters = machine_list(&count);
    for (uint32_t i = 0; i < count; i++)
        if (!device_is_registered((const GUID *)adapters[i].guid))
            machine_ask_once(MACHINE_DELETE, &adapters[i].luid, sizeof adapters[i].luid, NULL, NULL);
    free(adapters);
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
