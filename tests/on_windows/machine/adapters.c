#define _GNU_SOURCE
#include "adapters.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* winerror.h */
#define ERROR_GEN_FAILURE 31
#define ERROR_INVALID_PARAMETER 87
#define ERROR_ALREADY_EXISTS 183
#define ERROR_NOT_FOUND 1168
#define ERROR_OBJECT_ALREADY_EXISTS 5010

#define IF_TYPE_PROP_VIRTUAL 53
#define FIRST_LUID_INDEX 0x8000 /* as on Windows, and unlike the indices that Wine gives to Linux devices */

struct adapter *adapters;

static int run_ip(char *const arguments[]) {
    extern char **environ;
    pid_t pid;
    int status;
    if (posix_spawnp(&pid, "ip", NULL, NULL, arguments, environ) != 0)
        return -1;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define IP(...) run_ip((char *[]){"ip", __VA_ARGS__, NULL})

static void keep_quiet(const char *device) {
    /* Windows assigns the adapter a link-local address and solicits routers. Here only the requested addresses may
     * appear. */
    IP("link", "set", "dev", (char *)device, "addrgenmode", "none");
}

/* Linux removes all addresses of a subnet together with the first one. Windows removes one address. */
static void keep_other_addresses(const char *device) {
    char path[96];
    snprintf(path, sizeof path, "/proc/sys/net/ipv4/conf/%s/promote_secondaries", device);
    FILE *file = fopen(path, "w");
    if (!file)
        return;
    fputs("1", file);
    fclose(file);
}

uint32_t adapter_create(const struct machine_adapter *wanted, struct connection *owner, struct adapter **created) {
    static uint32_t counter;
    for (struct adapter *other = adapters; other; other = other->next)
        if (!memcmp(other->about.guid, wanted->guid, sizeof wanted->guid))
            return ERROR_ALREADY_EXISTS;
    struct adapter *adapter = calloc(1, sizeof *adapter);
    if (!adapter)
        return ERROR_GEN_FAILURE;
    adapter->about = *wanted;
    adapter->owner = owner;
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    snprintf(request.ifr_name, sizeof request.ifr_name, "wintun%u", counter);
    adapter->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (adapter->tun < 0 || ioctl(adapter->tun, TUNSETIFF, &request) != 0) {
        perror("/dev/net/tun");
        if (adapter->tun >= 0)
            close(adapter->tun);
        free(adapter);
        return ERROR_GEN_FAILURE;
    }
    char *device = adapter->about.device;
    snprintf(device, sizeof adapter->about.device, "%s", request.ifr_name);
    adapter->about.if_index = if_nametoindex(device);
    adapter->about.luid = (uint64_t)IF_TYPE_PROP_VIRTUAL << 48 | (uint64_t)(FIRST_LUID_INDEX + counter++) << 24;
    keep_quiet(device);
    keep_other_addresses(device);
    IP("link", "set", "dev", device, "mtu", "65535", "txqueuelen", "10000", "up");
    adapter->next = adapters;
    adapters = adapter;
    *created = adapter;
    return 0;
}

void adapter_remove(struct adapter *adapter) {
    struct adapter **link = &adapters;
    while (*link != adapter)
        link = &(*link)->next;
    *link = adapter->next;
    close(adapter->tun);
    for (struct row *row = adapter->rows, *next; row; row = next) {
        next = row->next;
        free(row);
    }
    free(adapter);
}

struct adapter *adapter_by_luid(uint64_t luid) {
    struct adapter *adapter = adapters;
    while (adapter && adapter->about.luid != luid)
        adapter = adapter->next;
    return adapter;
}

static uint32_t link_mtu(const char *device) {
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
    const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int status = ioctl(any, SIOCGIFMTU, &request);
    close(any);
    return status == 0 ? (uint32_t)request.ifr_mtu : 0;
}

/* Linux has the MTU of the device, which is IPv4's here, and one of IPv6 that is smaller or equal. */
static int set_mtu(char *device, uint32_t family, uint32_t mtu) {
    char number[16];
    snprintf(number, sizeof number, "%u", mtu);
    if (family == 4)
        return IP("link", "set", "dev", device, "mtu", number);
    const uint32_t most = link_mtu(device);
    char path[64];
    snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/mtu", device);
    FILE *file = fopen(path, "w");
    if (!file)
        return -1;
    fprintf(file, "%u", mtu < most ? mtu : most);
    return fclose(file);
}

static int change_route(const struct adapter *adapter, const struct machine_store *store, bool remove) {
    static const uint8_t none[sizeof store->gateway];
    const int family = store->family == 6 ? AF_INET6 : AF_INET;
    char network[INET6_ADDRSTRLEN], subject[INET6_ADDRSTRLEN + 8], gateway[INET6_ADDRSTRLEN], metric[16];
    inet_ntop(family, store->address, network, sizeof network);
    inet_ntop(family, store->gateway, gateway, sizeof gateway);
    snprintf(subject, sizeof subject, "%s/%u", network, store->prefix & 0xFF);
    snprintf(metric, sizeof metric, "%u", store->value);
    char *device = (char *)adapter->about.device;
    char *version = store->family == 6 ? "-6" : "-4";
    char *action = remove ? "del" : "replace";
    if (!memcmp(store->gateway, none, sizeof none))
        return IP(version, "route", action, subject, "dev", device, "metric", metric);
    /* Windows takes any gateway. Linux looks for it in the networks of the device's addresses without "onlink". */
    return IP(version, "route", action, subject, "via", gateway, "dev", device, "onlink", "metric", metric);
}

/* Linux removes all IPv4 routes of a device with its last IPv4 address. Windows leaves those that somebody set. */
static int restore_ipv4_routes(const struct adapter *adapter) {
    int status = 0;
    for (const struct row *row = adapter->rows; row && status == 0; row = row->next)
        if (row->store.effect == MACHINE_ROUTE && row->store.family == 4)
            status = change_route(adapter, &row->store, false);
    return status;
}

static uint32_t take_effect(struct adapter *adapter, const struct machine_store *store) {
    char *device = adapter->about.device;
    int removed = store->mode == MACHINE_REMOVE;
    char address[INET6_ADDRSTRLEN], subject[INET6_ADDRSTRLEN + 8];
    char *family = store->family == 6 ? "-6" : "-4";
    inet_ntop(store->family == 6 ? AF_INET6 : AF_INET, store->address, address, sizeof address);
    snprintf(subject, sizeof subject, "%s/%u", address, store->prefix);
    int status = 0;
    switch (store->effect) {
    case MACHINE_ADDRESS:
        if (removed) {
            status = IP(family, "address", "del", subject, "dev", device);
            if (status == 0)
                status = restore_ipv4_routes(adapter);
        } else if (store->family == 6)
            status = IP(family, "address", "replace", subject, "dev", device, "nodad");
        else
            status = IP(family, "address", "replace", subject, "dev", device);
        break;
    case MACHINE_ROUTE:
        status = change_route(adapter, store, removed);
        break;
    case MACHINE_MTU:
        status = removed ? 0 : set_mtu(device, store->family, store->value);
        break;
    }
    return status == 0 ? 0 : ERROR_INVALID_PARAMETER;
}

struct adapter the_machine;

uint32_t adapter_store(const struct machine_store *store, const uint8_t *key_and_value) {
    struct adapter *adapter = store->luid ? adapter_by_luid(store->luid) : &the_machine;
    if (!adapter)
        return ERROR_NOT_FOUND;
    struct row **link = &adapter->rows;
    while (*link && !((*link)->store.table == store->table && (*link)->store.key_size == store->key_size &&
                      !memcmp((*link)->bytes, key_and_value, store->key_size)))
        link = &(*link)->next;
    if (*link && store->mode == MACHINE_ADD)
        return ERROR_OBJECT_ALREADY_EXISTS;
    if (!*link && (store->mode == MACHINE_CHANGE || store->mode == MACHINE_REMOVE))
        return ERROR_NOT_FOUND;
    struct row *old = *link;
    if (old && old->store.effect == MACHINE_ROUTE && store->mode == MACHINE_CHANGE)
        change_route(adapter, &old->store, true); /* Linux would keep the one with the old metric beside the new one */
    uint32_t error = take_effect(adapter, store);
    if (error)
        return error;
    if (old) {
        *link = old->next;
        free(old);
    }
    if (store->mode == MACHINE_REMOVE)
        return 0;
    size_t size = (size_t)store->key_size + store->value_size;
    struct row *row = malloc(sizeof *row + size);
    if (!row)
        return ERROR_GEN_FAILURE;
    row->store = *store;
    memcpy(row->bytes, key_and_value, size);
    row->next = *link;
    *link = row;
    return 0;
}
