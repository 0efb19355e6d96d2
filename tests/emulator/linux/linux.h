/* What the Linux files of the emulator share with each other. */
#pragma once

#include "emulator.h"

#define MAX_ADDRESSES 64
#define MAX_ROUTES 256
#define DNS_UNITS 1024 /* UTF-16 units of a list of DNS servers, with the terminator */

#define ORIGIN_MANUAL 1u /* NL_PREFIX_ORIGIN, NL_SUFFIX_ORIGIN */

/* An address, in the layout of Windows' socket addresses (iphlpapi_rows.h). */
struct linux_address {
    uint16_t family;
    uint8_t bytes[16]; /* 4 of them for IPv4 */
    uint8_t prefix_length;
    uint32_t valid_lifetime, preferred_lifetime;
    uint8_t skip_as_source;
    uint32_t prefix_origin, suffix_origin;
    bool route_removed; /* somebody took the route to its network away */
    uint64_t created;
};

#define PROTOCOL_LOCAL 2u /* NL_ROUTE_PROTOCOL: Windows made the route for an address */

/* A route that somebody set, straight into the adapter; in the layout of `linux_address`. */
struct linux_route {
    uint16_t family;
    uint8_t bytes[16];
    uint8_t prefix_length;
    uint32_t metric, protocol;
    uint64_t created;
};

/* The settings of one address family. */
struct linux_interface {
    uint32_t mtu, metric;
    bool automatic_metric;
    WCHAR dns[DNS_UNITS]; /* remembered only: Linux has no DNS servers of an interface */
};

struct platform_device {
    int tun; /* -1 without a link */
    char name[16];
    struct linux_interface ipv4, ipv6;
    struct linux_address addresses[MAX_ADDRESSES];
    uint32_t address_count;
    struct linux_route routes[MAX_ROUTES];
    uint32_t route_count;
};

/* device.c: the Windows error for an errno, 0 included. */
DWORD linux_error_of(int code);

/* iphlpapi.c */
extern struct platform_lock linux_settings; /* around addresses and settings; taken before the registry's lock */
void *linux_table_allocate(size_t bytes);   /* zeroed, for FreeMibTable */
void WINAPI FreeMibTable(void *table);
/* The adapter that a row means: by LUID, or by index if that is 0. With a reference; NULL if there is none. */
struct device *linux_device_of_row(uint64_t luid, uint32_t index);

/* addresses.c: gives a new device fe80::1/64, as Windows does on its own. */
void linux_add_link_local(struct platform_device *device);

/* routes.c: gives the network device the routes again that it lost with an address. */
DWORD linux_restore_ipv4_routes(const struct device *device);

/* platform.c: the ring memory that holds the address. */
bool linux_region_of(const void *address, uint8_t **base, size_t *bytes);

/* netlink.c: all give 0 or an errno. They act in the calling thread's network namespace. */
int netlink_bring_up(int index, uint32_t mtu);
int netlink_set_mtu(int index, uint32_t mtu);
int netlink_change_address(int index, const struct linux_address *address, bool add);
int netlink_change_route(int index, const struct linux_route *route, bool add);
