/*
 * The part of Windows' plug and play that removes a software device when the program that created it ends. It runs in
 * the background as long as the machine. Programs that close their adapters unregister them themselves.
 */
#include "client.h"
#include "device_registry.h"

#include <stdio.h>

int main(void) {
    SOCKET machine = machine_connect();
    if (machine == INVALID_SOCKET || machine_ask(machine, MACHINE_WATCH, NULL, 0, NULL, NULL) != ERROR_SUCCESS)
        return 1;
    struct machine_message header;
    GUID guid;
    while (machine_read(machine, &header, sizeof header) && header.code == MACHINE_REMOVED && header.size == sizeof guid &&
           machine_read(machine, &guid, sizeof guid))
        device_unregister(&guid);
    return 0;
}
