/* The five settings of a network device that the emulator changes, by rtnetlink(7). */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "iphlpapi_rows.h"
#include "linux.h"

struct request {
    struct nlmsghdr header;
    uint8_t body[256];
};

static void *request_extend(struct request *request, size_t bytes) {
    void *at = (uint8_t *)request + NLMSG_ALIGN(request->header.nlmsg_len);
    request->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(request->header.nlmsg_len) + bytes);
    return at;
}

static struct rtattr *request_attribute(struct request *request, uint16_t type, const void *value, size_t bytes) {
    struct rtattr *attribute = request_extend(request, RTA_LENGTH(bytes));
    attribute->rta_type = type;
    attribute->rta_len = (uint16_t)RTA_LENGTH(bytes);
    if (bytes)
        memcpy(RTA_DATA(attribute), value, bytes);
    return attribute;
}

static void request_close(struct request *request, struct rtattr *nest) {
    nest->rta_len = (uint16_t)((uint8_t *)request + request->header.nlmsg_len - (uint8_t *)nest);
}

/* Sends the request and returns the kernel's answer as an errno. */
static int request_send(struct request *request) {
    int result = 0;
    request->header.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    const int socket_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (socket_ < 0)
        return errno;
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        uint8_t rest[512];
    } answer;
    if (send(socket_, request, request->header.nlmsg_len, 0) < 0 || recv(socket_, &answer, sizeof answer, 0) < 0)
        result = errno;
    else
        result = answer.header.nlmsg_type == NLMSG_ERROR ? -answer.error.error : EPROTO;
    close(socket_);
    return result;
}

static struct request link_request(int index) {
    struct request request = {.header = {.nlmsg_len = NLMSG_LENGTH(0), .nlmsg_type = RTM_NEWLINK}};
    struct ifinfomsg *link = request_extend(&request, sizeof *link);
    link->ifi_index = index;
    return request;
}

int netlink_bring_up(int index, uint32_t mtu) {
    struct request request = link_request(index);
    struct ifinfomsg *link = NLMSG_DATA(&request.header);
    link->ifi_flags = link->ifi_change = IFF_UP;
    request_attribute(&request, IFLA_MTU, &mtu, sizeof mtu);
    /* Prevents addresses that nobody requested, and therefore router solicitations into the tunnel. */
    const uint8_t mode = IN6_ADDR_GEN_MODE_NONE;
    struct rtattr *families = request_attribute(&request, IFLA_AF_SPEC, NULL, 0);
    struct rtattr *ipv6 = request_attribute(&request, AF_INET6, NULL, 0);
    request_attribute(&request, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof mode);
    request_close(&request, ipv6);
    request_close(&request, families);
    return request_send(&request);
}

int netlink_set_mtu(int index, uint32_t mtu) {
    struct request request = link_request(index);
    request_attribute(&request, IFLA_MTU, &mtu, sizeof mtu);
    return request_send(&request);
}

int netlink_change_address(int index, const struct linux_address *address, bool add) {
    struct request request = {.header = {.nlmsg_len = NLMSG_LENGTH(0),
                                         .nlmsg_type = add ? RTM_NEWADDR : RTM_DELADDR,
                                         .nlmsg_flags = add ? NLM_F_CREATE | NLM_F_EXCL : 0}};
    struct ifaddrmsg *message = request_extend(&request, sizeof *message);
    const bool ipv4 = address->family == WINDOWS_AF_INET;
    message->ifa_family = ipv4 ? AF_INET : AF_INET6;
    message->ifa_prefixlen = address->prefix_length;
    message->ifa_index = (uint32_t)index;
    message->ifa_flags = ipv4 ? 0 : IFA_F_NODAD;
    request_attribute(&request, IFA_LOCAL, address->bytes, ipv4 ? 4 : 16);
    request_attribute(&request, IFA_ADDRESS, address->bytes, ipv4 ? 4 : 16);
    return request_send(&request);
}

int netlink_change_route(int index, const struct linux_route *route, bool add) {
    /* Windows accepts a route that another interface also has. Linux does too if the request appends; the first route
     * wins. */
    struct request request = {.header = {.nlmsg_len = NLMSG_LENGTH(0),
                                         .nlmsg_type = add ? RTM_NEWROUTE : RTM_DELROUTE,
                                         .nlmsg_flags = add ? NLM_F_CREATE | NLM_F_APPEND : 0}};
    struct rtmsg *message = request_extend(&request, sizeof *message);
    static const uint8_t none[16];
    const bool ipv4 = route->family == WINDOWS_AF_INET;
    const bool has_gateway = memcmp(route->next_hop, none, sizeof none) != 0;
    const uint32_t device = (uint32_t)index;
    message->rtm_family = ipv4 ? AF_INET : AF_INET6;
    message->rtm_dst_len = route->prefix_length;
    /* Windows takes any gateway. Linux looks for it in the networks of the device's addresses without this flag. */
    message->rtm_flags = has_gateway ? RTNH_F_ONLINK : 0;
    message->rtm_table = RT_TABLE_MAIN;
    message->rtm_protocol = route->protocol == PROTOCOL_LOCAL ? RTPROT_KERNEL : RTPROT_STATIC;
    message->rtm_scope = ipv4 && !has_gateway ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE; /* IPv6 knows only the latter */
    message->rtm_type = RTN_UNICAST;
    request_attribute(&request, RTA_DST, route->bytes, ipv4 ? 4 : 16);
    request_attribute(&request, RTA_OIF, &device, sizeof device);
    if (has_gateway)
        request_attribute(&request, RTA_GATEWAY, route->next_hop, ipv4 ? 4 : 16);
    if (route->metric && route->protocol != PROTOCOL_LOCAL)
        request_attribute(&request, RTA_PRIORITY, &route->metric, sizeof route->metric);
    return request_send(&request);
}
