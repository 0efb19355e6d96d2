/*
 * The functions of iphlpapi that notify of changes, on Linux. As on Windows the callback runs on a thread that the program does
 * not know, and whoever cancels waits for the calls that are under way. Changes by other programs, such as `ip`, are not seen.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "emulator.h"
#include "iphlpapi_rows.h"
#include "linux.h"
#include "notifications.h"
#include "registry.h"
#include "wide.h"

#define REG_SZ 1u

typedef void callback(void *context, void *row, int type);

struct registration {
    enum notified kind;
    uint16_t family;
    callback *call;
    void *context;
    uint32_t under_way;
    bool cancelled;
    struct registration *next;
};

/* One call. The row begins as all rows do that identify an interface: only that is filled in, as on Windows. */
struct notification {
    struct registration *registration;
    int type;
    union {
        struct MIB_IPINTERFACE_ROW interface;
        struct MIB_UNICASTIPADDRESS_ROW address;
        struct MIB_IPFORWARD_ROW2 route;
    } row;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static struct registration *registrations;
static _Atomic uint32_t live_registrations;

uint32_t notifications_count(void) {
    return live_registrations;
}

static void end_call(struct registration *registration) {
    pthread_mutex_lock(&lock);
    registration->under_way--;
    pthread_cond_broadcast(&ended);
    pthread_mutex_unlock(&lock);
}

static void call(void *context) {
    struct notification *notification = context;
    struct registration *registration = notification->registration;
    registration->call(registration->context, &notification->row, notification->type);
    free(notification);
    end_call(registration);
}

static void fill_row(struct notification *notification, uint64_t luid, uint32_t index, uint16_t family) {
    switch (notification->registration->kind) {
    case NOTIFIED_INTERFACE:
        notification->row.interface.Family = family;
        notification->row.interface.InterfaceLuid = luid;
        notification->row.interface.InterfaceIndex = index;
        break;
    case NOTIFIED_ADDRESS:
        notification->row.address.Address.si_family = family;
        notification->row.address.InterfaceLuid = luid;
        notification->row.address.InterfaceIndex = index;
        break;
    case NOTIFIED_ROUTE:
        notification->row.route.DestinationPrefix.Prefix.si_family = family;
        notification->row.route.InterfaceLuid = luid;
        notification->row.route.InterfaceIndex = index;
        break;
    }
}

void notify_change(enum notified kind, uint64_t luid, uint32_t index, uint16_t family, int type) {
    pthread_mutex_lock(&lock);
    for (struct registration *one = registrations; one; one = one->next) {
        if (one->cancelled || one->kind != kind || (one->family != WINDOWS_AF_UNSPEC && one->family != family))
            continue;
        struct notification *notification = calloc(1, sizeof *notification);
        if (!notification)
            abort(); /* a lost notification would look like a fault of the program */
        notification->registration = one;
        notification->type = type;
        fill_row(notification, luid, index, family);
        one->under_way++;
        if (!platform_thread_detached(call, notification))
            abort();
    }
    pthread_mutex_unlock(&lock);
}

/* Writes the name of the connection where Windows keeps it, or removes it with the connection. */
static void keep_connection(const struct device_identity *identity, bool removed) {
    WCHAR path[256] = {0};
    wide_append_ascii(path, "SYSTEM\\CurrentControlSet\\Control\\Network\\{4D36E972-E325-11CE-BFC1-08002BE10318}\\", 256);
    registry_append_guid(path, &identity->guid, 256);
    wide_append_ascii(path, "\\Connection", 256);
    const size_t units = wide_length(identity->name) + 1;
    if (removed)
        registry_delete(path);
    else
        registry_set(path, u"Name", REG_SZ, identity->name, (DWORD)(units * sizeof(WCHAR)));
}

void platform_interface_changed(const struct device_identity *identity, enum platform_change change) {
    static const int types[] = {MIB_PARAMETER_NOTIFICATION, MIB_ADD_INSTANCE, MIB_DELETE_INSTANCE};
    const uint64_t luid = linux_luid_of_index(identity->luid_index);
    if (change != PLATFORM_CHANGED)
        keep_connection(identity, change == PLATFORM_REMOVED);
    if (change == PLATFORM_RENAMED)
        return;
    notify_change(NOTIFIED_INTERFACE, luid, identity->luid_index, WINDOWS_AF_INET, types[change]);
    notify_change(NOTIFIED_INTERFACE, luid, identity->luid_index, WINDOWS_AF_INET6, types[change]);
}

static DWORD begin(enum notified kind, uint16_t family, callback *call, void *context, uint8_t initial, HANDLE *handle) {
    if (!call || !handle || initial) /* nobody here asks for the initial call */
        return ERROR_INVALID_PARAMETER;
    struct registration *made = calloc(1, sizeof *made);
    if (!made)
        return ERROR_NOT_ENOUGH_MEMORY;
    *made = (struct registration){.kind = kind, .family = family, .call = call, .context = context};
    pthread_mutex_lock(&lock);
    made->next = registrations;
    registrations = made;
    pthread_mutex_unlock(&lock);
    live_registrations++;
    *handle = made;
    return ERROR_SUCCESS;
}

EXPORT DWORD WINAPI NotifyIpInterfaceChange(uint16_t family, callback *call, void *context, uint8_t initial,
                                            HANDLE *handle) {
    return begin(NOTIFIED_INTERFACE, family, call, context, initial, handle);
}

EXPORT DWORD WINAPI NotifyUnicastIpAddressChange(uint16_t family, callback *call, void *context, uint8_t initial,
                                                 HANDLE *handle) {
    return begin(NOTIFIED_ADDRESS, family, call, context, initial, handle);
}

EXPORT DWORD WINAPI NotifyRouteChange2(uint16_t family, callback *call, void *context, uint8_t initial, HANDLE *handle) {
    return begin(NOTIFIED_ROUTE, family, call, context, initial, handle);
}

EXPORT DWORD WINAPI CancelMibChangeNotify2(HANDLE handle) {
    struct registration *registration = handle;
    if (!registration)
        return ERROR_INVALID_PARAMETER;
    pthread_mutex_lock(&lock);
    registration->cancelled = true;
    while (registration->under_way)
        pthread_cond_wait(&ended, &lock);
    struct registration **link = &registrations;
    while (*link != registration)
        link = &(*link)->next;
    *link = registration->next;
    pthread_mutex_unlock(&lock);
    free(registration);
    live_registrations--;
    return ERROR_SUCCESS;
}
