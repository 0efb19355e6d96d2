/*
 * Adapters on Windows. They are registered as devices, so that every program finds them. Their packets come from and go
 * to the Linux side of the world (tests/on_windows/machine). An adapter without a link is visible only in its process.
 */
#include "device.h"

#include "device_registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "emulator.h"
#include "wide.h"

struct platform_device {
    struct machine_adapter about;
    SOCKET owner; /* the adapter exists as long as this connection; INVALID_SOCKET if another process created it */
    bool linked;
};

/* The adapters of other processes give up the name in the same way as those of this process. */
static void make_name_free(const WCHAR *name) {
    uint32_t count;
    struct machine_adapter *adapters = machine_list(&count), *other = NULL;
    for (uint32_t i = 0; i < count && !other; i++)
        if (wide_same_name(adapters[i].name, name))
            other = &adapters[i];
    for (unsigned number = 1; other; number++) {
        WCHAR numbered[ADAPTER_NAME_UNITS];
        _snwprintf(numbered, ADAPTER_NAME_UNITS, L"%.120ls %u", name, number);
        bool taken = false;
        for (uint32_t i = 0; i < count; i++)
            taken = taken || wide_same_name(adapters[i].name, numbered);
        if (taken)
            continue;
        wide_copy(other->name, numbered, MACHINE_NAME_UNITS);
        wide_copy(other->created_name, numbered, MACHINE_NAME_UNITS);
        machine_ask_once(MACHINE_RENAME, other, sizeof *other, NULL, NULL);
        device_rename((const GUID *)other->guid, numbered);
        break;
    }
    free(adapters);
}

/* wintun.dll too lets one process at a time change devices. A thread may enter it again. */
static HANDLE enter_devices(void) {
    HANDLE mutex = CreateMutexW(NULL, FALSE, L"wintun emulator: devices");
    WaitForSingleObject(mutex, INFINITE);
    return mutex;
}

static void leave_devices(HANDLE mutex) {
    ReleaseMutex(mutex);
    CloseHandle(mutex);
}

/* The device is registered first: plug_and_play.c removes the adapter of a device that is not. */
static DWORD create_linked(struct device_identity *identity, struct platform_device *device) {
    struct machine_adapter *about = &device->about, other;
    void *answer = NULL;
    uint32_t size = 0;
    if (machine_find(&identity->guid, 0, NULL, &other))
        return ERROR_ALREADY_EXISTS;
    device_forget_absent();
    make_name_free(identity->name);
    device->owner = machine_connect();
    if (device->owner == INVALID_SOCKET)
        return ERROR_SERVICE_NOT_ACTIVE;
    memcpy(about->guid, &identity->guid, sizeof identity->guid);
    wide_copy(about->name, identity->name, MACHINE_NAME_UNITS);
    wide_copy(about->created_name, identity->created_name, MACHINE_NAME_UNITS);
    wide_copy(about->type, identity->type, MACHINE_NAME_UNITS);
    about->pid = GetCurrentProcessId();
    DWORD error = device_register(&identity->guid, identity->type);
    if (error == ERROR_SUCCESS)
        error = machine_ask(device->owner, MACHINE_CREATE, about, sizeof *about, &answer, &size);
    if (error == ERROR_SUCCESS && size == sizeof *about) {
        memcpy(about, answer, sizeof *about);
        identity->luid_index = machine_luid_index(about->luid);
        error = device_describe(&identity->guid, identity->name, identity->type, about->luid);
    }
    free(answer);
    if (error != ERROR_SUCCESS) {
        device_unregister(&identity->guid);
        closesocket(device->owner);
    }
    return error;
}

DWORD platform_device_create(struct device_identity *identity, bool with_link, struct platform_device **created) {
    static _Atomic uint32_t next_index = 0x400000; /* different from the indices of adapters with a link */
    struct platform_device *device = calloc(1, sizeof *device);
    if (!device)
        return ERROR_NOT_ENOUGH_MEMORY;
    device->owner = INVALID_SOCKET;
    device->linked = with_link;
    if (with_link) {
        HANDLE devices = enter_devices();
        const DWORD error = create_linked(identity, device);
        leave_devices(devices);
        if (error != ERROR_SUCCESS) {
            free(device);
            return error;
        }
    } else
        identity->luid_index = next_index++ & 0xFFFFFF;
    *created = device;
    return ERROR_SUCCESS;
}

DWORD platform_device_open(const struct machine_adapter *about, struct device_identity *identity,
                           struct platform_device **opened) {
    struct platform_device *device = calloc(1, sizeof *device);
    if (!device)
        return ERROR_NOT_ENOUGH_MEMORY;
    device->about = *about;
    device->owner = INVALID_SOCKET;
    device->linked = true;
    wide_copy(identity->name, about->name, ADAPTER_NAME_UNITS);
    wide_copy(identity->created_name, about->created_name, ADAPTER_NAME_UNITS);
    wide_copy(identity->type, about->type, ADAPTER_NAME_UNITS);
    memcpy(&identity->guid, about->guid, sizeof identity->guid);
    identity->luid_index = machine_luid_index(about->luid);
    *opened = device;
    return ERROR_SUCCESS;
}

DWORD platform_device_find(const WCHAR *name, struct device_identity *identity, struct platform_device **found) {
    uint32_t count;
    struct machine_adapter *adapters = machine_list(&count);
    DWORD error = ERROR_NOT_FOUND;
    HANDLE devices = enter_devices();
    device_forget_absent();
    leave_devices(devices);
    for (uint32_t i = 0; i < count && error == ERROR_NOT_FOUND; i++) {
        /* Programs besides this one give a device another name, too. */
        device_read_name((const GUID *)adapters[i].guid, adapters[i].created_name, MACHINE_NAME_UNITS);
        if (wide_same_name(adapters[i].created_name, name))
            error = platform_device_open(&adapters[i], identity, found);
    }
    free(adapters);
    return error;
}

bool platform_others_have_adapters(void) {
    uint32_t count;
    free(machine_list(&count));
    return count != 0;
}

void platform_device_rename(struct platform_device *device, const WCHAR *name) {
    if (!device->linked)
        return;
    wide_copy(device->about.name, name, MACHINE_NAME_UNITS);
    wide_copy(device->about.created_name, name, MACHINE_NAME_UNITS);
    machine_ask_once(MACHINE_RENAME, &device->about, sizeof device->about, NULL, NULL);
    device_rename((const GUID *)device->about.guid, name);
}

/* The machine closes the connection of an adapter that it removes. */
/* The machine notifies of everything, and Windows' own registry of names. */
void platform_interface_changed(const struct device_identity *identity, enum platform_change change) {
    (void)identity, (void)change;
}

bool platform_device_is_there(const struct platform_device *device) {
    if (device->owner == INVALID_SOCKET)
        return true;
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(device->owner, &readable);
    struct timeval none = {0};
    return select(0, &readable, NULL, NULL, &none) == 0;
}

void platform_device_remove(struct platform_device *device) {
    if (device->owner == INVALID_SOCKET)
        return;
    /* If somebody has removed the device, another adapter may have its GUID by now. */
    if (platform_device_is_there(device))
        device_unregister((const GUID *)device->about.guid);
    /* Requests the removal and waits for it, so that the adapter is gone when this returns. */
    shutdown(device->owner, SD_SEND);
    char byte;
    while (recv(device->owner, &byte, 1, 0) > 0) {
    }
    closesocket(device->owner);
    device->owner = INVALID_SOCKET;
}

void platform_device_free(struct platform_device *device) {
    free(device);
}

/* ---- Packets ---- */

#define INPUT_BYTES 0x40000u

struct platform_link {
    SOCKET machine;
    WSAEVENT arrived;
    HANDLE interrupted;
    bool broken;
    uint32_t from, to; /* the bytes of `input` that are not yet returned */
    uint8_t input[INPUT_BYTES];
    uint8_t output[sizeof(struct machine_message) + RING_MAX_PACKET];
};

/* Returns the size of the first packet, or -1 if it has not arrived completely. */
static int front_packet(const struct platform_link *link) {
    struct machine_message header;
    if (link->to - link->from < sizeof header)
        return -1;
    memcpy(&header, link->input + link->from, sizeof header);
    return link->to - link->from - sizeof header < header.size ? -1 : (int)header.size;
}

static void fill_input(struct platform_link *link) {
    memmove(link->input, link->input + link->from, link->to - link->from);
    link->to -= link->from;
    link->from = 0;
    const int received = recv(link->machine, (char *)link->input + link->to, (int)(INPUT_BYTES - link->to), 0);
    if (received > 0)
        link->to += (uint32_t)received;
    else if (received == 0 || WSAGetLastError() != WSAEWOULDBLOCK)
        link->broken = true;
}

DWORD platform_link_open(struct platform_device *device, struct platform_link **opened) {
    *opened = NULL;
    if (!device->linked)
        return ERROR_SUCCESS;
    struct platform_link *link = calloc(1, sizeof *link);
    if (!link)
        return ERROR_NOT_ENOUGH_MEMORY;
    link->machine = machine_connect();
    DWORD error = link->machine == INVALID_SOCKET ? ERROR_SERVICE_NOT_ACTIVE
                                                  : machine_ask(link->machine, MACHINE_SESSION, &device->about.luid,
                                                                sizeof device->about.luid, NULL, NULL);
    if (error != ERROR_SUCCESS) {
        if (link->machine != INVALID_SOCKET)
            closesocket(link->machine);
        free(link);
        return error;
    }
    link->arrived = WSACreateEvent();
    link->interrupted = CreateEventW(NULL, TRUE, FALSE, NULL);
    WSAEventSelect(link->machine, link->arrived, FD_READ | FD_CLOSE); /* also makes the socket non-blocking */
    *opened = link;
    return ERROR_SUCCESS;
}

void platform_link_close(struct platform_link *link) {
    /* Waits for the end of the connection, so that the next session finds the adapter free. */
    WSAEventSelect(link->machine, NULL, 0);
    u_long blocking = 0;
    ioctlsocket(link->machine, FIONBIO, &blocking);
    shutdown(link->machine, SD_SEND);
    while (recv(link->machine, (char *)link->input, INPUT_BYTES, 0) > 0) {
    }
    closesocket(link->machine);
    WSACloseEvent(link->arrived);
    CloseHandle(link->interrupted);
    free(link);
}

int platform_link_receive(struct platform_link *link, void *buffer, uint32_t capacity) {
    int size = front_packet(link);
    if (size < 0 && !link->broken) {
        fill_input(link);
        size = front_packet(link);
    }
    if (size < 0)
        return link->broken ? -1 : 0;
    const uint32_t copied = (uint32_t)size < capacity ? (uint32_t)size : capacity;
    memcpy(buffer, link->input + link->from + sizeof(struct machine_message), copied);
    link->from += (uint32_t)sizeof(struct machine_message) + (uint32_t)size;
    return (int)copied;
}

void platform_link_wait(struct platform_link *link) {
    const HANDLE handles[] = {link->interrupted, link->arrived};
    if (front_packet(link) >= 0 || link->broken)
        return;
    WaitForMultipleObjects(2, handles, FALSE, INFINITE);
    WSANETWORKEVENTS events; /* resets `arrived` */
    WSAEnumNetworkEvents(link->machine, link->arrived, &events);
    if (events.lNetworkEvents & FD_CLOSE)
        fill_input(link);
}

void platform_link_interrupt(struct platform_link *link) {
    SetEvent(link->interrupted);
}

void platform_link_send(struct platform_link *link, const void *packet, uint32_t size) {
    struct machine_message header = {size, MACHINE_PACKET};
    memcpy(link->output, &header, sizeof header);
    memcpy(link->output + sizeof header, packet, size);
    uint32_t left = (uint32_t)sizeof header + size;
    for (const char *at = (const char *)link->output; left;) {
        const int sent = send(link->machine, at, (int)left, 0);
        if (sent > 0) {
            at += sent;
            left -= (uint32_t)sent;
            continue;
        }
        if (WSAGetLastError() != WSAEWOULDBLOCK)
            return; /* the reader will notice that the device is gone */
        fd_set room;
        FD_ZERO(&room);
        FD_SET(link->machine, &room);
        struct timeval patience = {.tv_usec = 100000};
        select(0, NULL, &room, NULL, &patience);
    }
}
