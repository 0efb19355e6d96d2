/* What the Linux files of the emulator share with each other. */
#pragma once

#include "emulator.h"

#define MAX_ADDRESSES 64

/* A configured address, in the layout of Windows' socket addresses (iphlpapi_rows.h). */
struct linux_address {
    uint16_t family;
    uint8_t bytes[16]; /* 4 of them for IPv4 */
    uint8_t prefix_length;
    uint32_t valid_lifetime, preferred_lifetime;
    uint8_t skip_as_source;
    uint64_t created;
};

/* The settings of one address family. */
struct linux_interface {
    uint32_t mtu, metric;
    bool automatic_metric;
};

struct platform_device {
    int tun; /* -1 without a link */
    char name[16];
    struct linux_interface ipv4, ipv6;
    struct linux_address addresses[MAX_ADDRESSES];
    uint32_t address_count;
};

/* device_linux.c: the Windows error for an errno, 0 included. */
DWORD linux_error_of(int code);

/* iphlpapi_linux.c */
extern struct platform_lock linux_settings; /* around addresses and settings; taken before the registry's lock */
void *linux_table_allocate(size_t bytes);   /* zeroed, for FreeMibTable */
/* The adapter that a row means: by LUID, or by index if that is 0. With a reference; NULL if there is none. */
struct device *linux_device_of_row(uint64_t luid, uint32_t index);

/* platform_linux.c: the ring memory that holds the address. */
bool linux_region_of(const void *address, uint8_t **base, size_t *bytes);

/* netlink_linux.c: all give 0 or an errno. They act in the calling thread's network namespace. */
int netlink_bring_up(int index, uint32_t mtu);
int netlink_set_mtu(int index, uint32_t mtu);
int netlink_change_address(int index, const struct linux_address *address, bool add);
