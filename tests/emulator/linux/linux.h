/* Declarations that the Linux files of the emulator share. */
#pragma once

#include "emulator.h"

#define MAX_ADDRESSES 64
#define MAX_ROUTES 256
#define DEFAULT_METRIC 5u /* Windows' automatic metric for a fast link */

#define ORIGIN_MANUAL 1u /* NL_PREFIX_ORIGIN, NL_SUFFIX_ORIGIN */

/* An address in the layout of Windows socket addresses (iphlpapi_rows.h). */
struct linux_address {
    uint16_t family;
    uint8_t bytes[16]; /* 4 of them for IPv4 */
    uint8_t prefix_length;
    uint32_t valid_lifetime, preferred_lifetime;
    uint8_t skip_as_source;
    uint32_t prefix_origin, suffix_origin;
    bool route_removed; /* the route to its network was removed */
    uint64_t created;
};

#define PROTOCOL_LOCAL 2u /* NL_ROUTE_PROTOCOL: Windows made the route for an address */

/* A route that a program set through the adapter; addresses in the layout of `linux_address`. */
struct linux_route {
    uint16_t family;
    uint8_t bytes[16];
    uint8_t next_hop[16]; /* all zero without a gateway */
    uint8_t prefix_length;
    uint32_t metric, protocol;
    uint64_t created;
};

/* The settings of one address family. */
struct linux_interface {
    uint32_t mtu, metric;
    bool automatic_metric;
    bool forwarding; /* only stored */
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
extern struct platform_lock linux_settings; /* guards addresses and settings; taken before the registry lock */
void *linux_table_allocate(size_t bytes);   /* zeroed, for FreeMibTable */
void WINAPI FreeMibTable(void *table);
uint64_t linux_luid_of_index(uint32_t index);
/* Returns the adapter of a row, with a reference: by LUID, or by index if the LUID is 0. NULL if there is none. */
struct device *linux_device_of_row(uint64_t luid, uint32_t index);
/* Returns true if the family is off for the adapter's network device. Windows has no such interface then: 1168. */
bool linux_family_is_off(const struct device *device, uint16_t family);

/* addresses.c: adds the address fe80::1/64 to a new device. Windows adds a link-local address itself. */
void linux_add_link_local(struct platform_device *device);

/* routes.c: restores the routes that the network device lost together with an address. */
DWORD linux_restore_ipv4_routes(const struct device *device);

/* network_list.c: gives the network of the adapter another category, as a user or Windows does. */
EXPORT void WINAPI EmulatorSetCategory(struct adapter *adapter, DWORD category);
/* network_list.c: Windows identifies the network of the adapter anew. It is public then, and nobody is notified. */
EXPORT void WINAPI EmulatorIdentifyNetwork(struct adapter *adapter);
/* network_list.c: nonzero: the Network List Manager does not answer. Zero: it answers, also what it was asked before. */
EXPORT void WINAPI EmulatorHangNetworkList(BOOL hangs);

/* platform.c: returns the ring memory that contains the address. */
bool linux_region_of(const void *address, uint8_t **base, size_t *bytes);

/* netlink.c: all functions return 0 or an errno. They act in the network namespace of the calling thread. */
int netlink_bring_up(int index, uint32_t mtu);
int netlink_set_mtu(int index, uint32_t mtu);
int netlink_change_address(int index, const struct linux_address *address, bool add);
int netlink_change_route(int index, const struct linux_route *route, bool add);
