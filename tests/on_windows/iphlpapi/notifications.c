/*
 * Notifications of changes, of which Wine's never come. As on Windows they come on a thread that the program does not know,
 * and whoever cancels waits for the call that is under way. Rows have only what identifies the interface.
 */
#include "standin.h"

#include <stdlib.h>

/* The three kinds of callback have the same form. */
typedef VOID(WINAPI *callback)(PVOID context, PVOID row, MIB_NOTIFICATION_TYPE type);

struct registration {
    enum table table; /* INTERFACES stands for presence and media state, too */
    ADDRESS_FAMILY family;
    callback call;
    void *context;
    SOCKET machine;
    HANDLE thread;
};

union any_row {
    MIB_IPINTERFACE_ROW interfaces;
    MIB_UNICASTIPADDRESS_ROW addresses;
    MIB_IPFORWARD_ROW2 routes;
};

static void fill_row(union any_row *row, enum table table, uint64_t luid, ADDRESS_FAMILY family) {
    memset(row, 0, sizeof *row);
    if (table == INTERFACES) {
        row->interfaces.Family = family;
        row->interfaces.InterfaceLuid.Value = luid;
    } else if (table == ADDRESSES) {
        row->addresses.Address.si_family = family;
        row->addresses.InterfaceLuid.Value = luid;
    } else {
        row->routes.DestinationPrefix.Prefix.si_family = family;
        row->routes.InterfaceLuid.Value = luid;
    }
}

static void notify(const struct registration *registration, const struct machine_change *change, ADDRESS_FAMILY family) {
    union any_row row;
    if (registration->family != AF_UNSPEC && registration->family != family)
        return;
    fill_row(&row, registration->table, change->luid, family);
    registration->call(registration->context, &row, MibParameterNotification);
}

static DWORD WINAPI follow(void *parameter) {
    const struct registration *registration = parameter;
    struct machine_change change;
    while (machine_next_change(registration->machine, &change)) {
        const enum table table = change.aspect == MACHINE_ROW ? (enum table)change.table : INTERFACES;
        if (table != registration->table)
            continue;
        if (change.family != 6)
            notify(registration, &change, AF_INET);
        if (change.family != 4)
            notify(registration, &change, AF_INET6);
    }
    return 0;
}

static DWORD begin(enum table table, ADDRESS_FAMILY family, callback call, PVOID context, BOOLEAN initial, HANDLE *handle) {
    if (!call || !handle || initial) /* nobody here asks for the initial call */
        return ERROR_INVALID_PARAMETER;
    struct registration *made = calloc(1, sizeof *made);
    if (!made)
        return ERROR_NOT_ENOUGH_MEMORY;
    *made = (struct registration){.table = table, .family = family, .call = call, .context = context};
    made->machine = machine_connect();
    DWORD error = machine_ask(made->machine, MACHINE_WATCH, NULL, 0, NULL, NULL);
    if (error == ERROR_SUCCESS) {
        made->thread = CreateThread(NULL, 0, follow, made, 0, NULL);
        error = made->thread ? ERROR_SUCCESS : GetLastError();
    }
    if (error != ERROR_SUCCESS) {
        closesocket(made->machine);
        free(made);
        return error;
    }
    *handle = made;
    return NO_ERROR;
}

EXPORT DWORD WINAPI NotifyIpInterfaceChange(ADDRESS_FAMILY family, PIPINTERFACE_CHANGE_CALLBACK call, PVOID context,
                                            BOOLEAN initial, HANDLE *handle) {
    return begin(INTERFACES, family, (callback)(void *)call, context, initial, handle);
}

EXPORT DWORD WINAPI NotifyUnicastIpAddressChange(ADDRESS_FAMILY family, PUNICAST_IPADDRESS_CHANGE_CALLBACK call, PVOID context,
                                                 BOOLEAN initial, HANDLE *handle) {
    return begin(ADDRESSES, family, (callback)(void *)call, context, initial, handle);
}

EXPORT DWORD WINAPI NotifyRouteChange2(ADDRESS_FAMILY family, PIPFORWARD_CHANGE_CALLBACK call, PVOID context,
                                       BOOLEAN initial, HANDLE *handle) {
    return begin(ROUTES, family, (callback)(void *)call, context, initial, handle);
}

EXPORT DWORD WINAPI CancelMibChangeNotify2(HANDLE handle) {
    struct registration *registration = handle;
    if (!registration)
        return ERROR_INVALID_PARAMETER;
    shutdown(registration->machine, SD_BOTH);
    WaitForSingleObject(registration->thread, INFINITE);
    CloseHandle(registration->thread);
    closesocket(registration->machine);
    free(registration);
    return NO_ERROR;
}
