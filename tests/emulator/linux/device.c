/* Adapters on Linux. An adapter is a TUN device, or only a number. Other processes cannot open it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "linux.h"

/* The MTU of Wintun's driver before anybody changes it. */
#define DEFAULT_MTU 65535u

struct platform_link {
    struct platform_device *device;
    int interrupt; /* eventfd */
};

DWORD linux_error_of(int code) {
    switch (code) {
    case 0:
        return ERROR_SUCCESS;
    case EPERM:
    case EACCES:
        return ERROR_ACCESS_DENIED;
    case ENOENT:
        return ERROR_FILE_NOT_FOUND;
    case ENOMEM:
        return ERROR_NOT_ENOUGH_MEMORY;
    case EEXIST:
        return ERROR_OBJECT_ALREADY_EXISTS;
    case EADDRNOTAVAIL:
    case ENODEV:
    case ESRCH: /* the route does not exist */
        return ERROR_NOT_FOUND;
    case EINVAL:
        return ERROR_INVALID_PARAMETER;
    default:
        return ERROR_GEN_FAILURE;
    }
}

/* Converts the adapter's name to a name for Linux: 15 characters that every tool accepts. */
static void sanitise(const WCHAR *name, char *device, unsigned attempt) {
    const int limit = attempt ? IFNAMSIZ - 3 : IFNAMSIZ - 1;
    int length = 0;
    for (; name[length] && length < limit; length++) {
        const WCHAR unit = name[length];
        const bool plain = (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z') ||
                           (unit >= '0' && unit <= '9') || unit == '-' || unit == '_';
        device[length] = plain ? (char)unit : '_';
    }
    if (attempt)
        length += snprintf(device + length, 3, "~%u", attempt % 10);
    device[length] = 0;
}

/* Opens an unused device named after the adapter. Returns 0 or an errno. */
static int open_tun(struct platform_device *device, const WCHAR *adapter_name) {
    device->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (device->tun < 0)
        return errno;
    int code = EBUSY;
    for (unsigned attempt = 0; attempt < 10 && code == EBUSY; attempt++) {
        struct ifreq request = {.ifr_flags = (short)(IFF_TUN | IFF_NO_PI | IFF_TUN_EXCL)};
        sanitise(adapter_name, device->name, attempt);
        memcpy(request.ifr_name, device->name, IFNAMSIZ);
        code = ioctl(device->tun, TUNSETIFF, &request) == 0 ? 0 : errno;
    }
    const int off = 0; /* disconnected until a session starts */
    if (!code && ioctl(device->tun, TUNSETCARRIER, &off) != 0)
        code = errno;
    return code;
}

DWORD platform_device_create(struct device_identity *identity, bool with_link, struct platform_device **created) {
    static _Atomic uint32_t next_index = 0x8000; /* different from the indices of real devices */
    struct platform_device *device = calloc(1, sizeof *device);
    if (!device)
        return ERROR_NOT_ENOUGH_MEMORY;
    device->tun = -1;
    device->ipv4 = device->ipv6 = (struct linux_interface){.mtu = DEFAULT_MTU,
                                                             .metric = DEFAULT_METRIC,
                                                             .automatic_metric = true};
    if (!with_link) {
        identity->luid_index = next_index++ & 0xFFFFFF;
        if (fault_link_local_is_wanted())
            linux_add_link_local(device);
    } else {
        int code = open_tun(device, identity->name);
        const unsigned index = code ? 0 : if_nametoindex(device->name);
        if (!code)
            code = index ? netlink_bring_up((int)index, DEFAULT_MTU) : errno;
        if (code) {
            platform_device_remove(device);
            platform_device_free(device);
            return linux_error_of(code);
        }
        identity->luid_index = index;
    }
    *created = device;
    return ERROR_SUCCESS;
}

DWORD platform_device_find(const WCHAR *name, struct device_identity *identity, struct platform_device **device) {
    (void)name, (void)identity, (void)device;
    return ERROR_NOT_FOUND;
}

bool platform_others_have_adapters(void) {
    return false;
}

void platform_device_rename(struct platform_device *device, const WCHAR *name) {
    (void)device, (void)name; /* the Linux device keeps its name; the LUID identifies its adapter */
}

/* After `ip link del`, the descriptor of the TUN device has no device. */
bool platform_device_is_there(const struct platform_device *device) {
    struct ifreq request = {0};
    return device->tun < 0 || ioctl(device->tun, TUNGETIFF, &request) == 0;
}

void platform_device_remove(struct platform_device *device) {
    if (device->tun >= 0)
        close(device->tun);
    device->tun = -1;
    device->address_count = device->route_count = 0;
}

void platform_device_free(struct platform_device *device) {
    free(device);
}

static void set_carrier(struct platform_device *device, int on) {
    ioctl(device->tun, TUNSETCARRIER, &on); /* fails only if the device was deleted, which the next read reports */
}

DWORD platform_link_open(struct platform_device *device, struct platform_link **opened) {
    *opened = NULL;
    if (device->tun < 0)
        return ERROR_SUCCESS;
    struct platform_link *link = malloc(sizeof *link);
    if (!link)
        return ERROR_NOT_ENOUGH_MEMORY;
    link->device = device;
    link->interrupt = eventfd(0, EFD_CLOEXEC);
    if (link->interrupt < 0) {
        free(link);
        return ERROR_GEN_FAILURE;
    }
    set_carrier(device, 1);
    *opened = link;
    return ERROR_SUCCESS;
}

void platform_link_close(struct platform_link *link) {
    set_carrier(link->device, 0);
    close(link->interrupt);
    free(link);
}

int platform_link_receive(struct platform_link *link, void *buffer, uint32_t capacity) {
    const ssize_t size = read(link->device->tun, buffer, capacity);
    if (size > 0)
        return (int)size;
    return size < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

void platform_link_wait(struct platform_link *link) {
    struct pollfd waits[] = {{link->device->tun, POLLIN, 0}, {link->interrupt, POLLIN, 0}};
    poll(waits, 2, -1);
}

void platform_link_interrupt(struct platform_link *link) {
    const uint64_t one = 1;
    if (write(link->interrupt, &one, sizeof one) != sizeof one)
        abort(); /* an eventfd that is never read cannot overflow here */
}

void platform_link_send(struct platform_link *link, const void *packet, uint32_t size) {
    struct pollfd room = {link->device->tun, POLLOUT, 0};
    while (write(link->device->tun, packet, size) < 0 && (errno == EAGAIN || errno == EINTR))
        poll(&room, 1, 100);
}
