/*
 * Decides what an error of the network means. An ICMP error reaches a connected UDP socket whole only through the error
 * queue: host unreachable and a failed ARP are not seen at all without it. Knows nothing of runs.
 */
#include "neterror.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define ERRORS_PER_TURN 16 /* bounds the work for a socket that is flooded with them */

enum outcome_status neterror_status(int number)
{
    switch (number) {
    case ECONNREFUSED:
        return OUTCOME_CONNECT_REFUSED;
    case ECONNRESET:
    case EPIPE:
        return OUTCOME_RESET;
    case ETIMEDOUT: /* the kernel has given up on the handshake */
        return OUTCOME_TIMEOUT;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case ENONET:
    case EACCES: /* a `prohibit` route, or ICMP administratively prohibited */
    case EINVAL: /* a `blackhole` route */
    case ENOPROTOOPT:
    case EPROTO:
    case EOPNOTSUPP:
    case EMSGSIZE:
        return OUTCOME_UNREACHABLE;
    default:
        return OUTCOME_LOCAL_ERROR;
    }
}

bool neterror_request(int fd, int socket_family)
{
    int on = 1;
    if (socket_family == AF_INET6) return setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on)) == 0;
    return setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)) == 0;
}

struct queued_error {
    struct sockaddr_storage peer; /* where the message that failed was going */
    uint8_t payload[64];          /* its beginning, if the ICMP error quoted it */
    size_t payload_len;
    struct {
        struct sock_extended_err what;
        struct sockaddr_storage sender;
    } report;
};

static bool is_report(const struct cmsghdr *control)
{
    return (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_RECVERR) ||
           (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_RECVERR);
}

/* False: the queue is empty. A message without a report leaves ee_errno 0. */
static bool dequeue(int fd, struct queued_error *error)
{
    *error = (struct queued_error){0};
    _Alignas(struct cmsghdr) char control[512];
    struct iovec part = {.iov_base = error->payload, .iov_len = sizeof(error->payload)};
    struct msghdr message = {.msg_name = &error->peer,
                             .msg_namelen = sizeof(error->peer),
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    ssize_t len = recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (len < 0) return false;
    error->payload_len = (size_t)len;
    for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at)) {
        if (!is_report(at) || at->cmsg_len < CMSG_LEN(sizeof(error->report.what))) continue;
        size_t size = at->cmsg_len - CMSG_LEN(0);
        memcpy(&error->report, CMSG_DATA(at), size < sizeof(error->report) ? size : sizeof(error->report));
    }
    return true;
}

static bool concerns(const struct queued_error *error, const struct addr *peer, uint16_t port, const uint8_t *sent,
                     size_t sent_len)
{
    struct addr to;
    uint16_t to_port = 0;
    if (!addr_from_sockaddr(&error->peer, &to, &to_port)) return false;
    to.scope_id = peer->scope_id; /* an ICMPv6 error about a link-local peer may come without the zone */
    if (!addr_equal(&to, peer) || to_port != port) return false;
    size_t common = error->payload_len < sent_len ? error->payload_len : sent_len;
    return common == 0 || memcmp(error->payload, sent, common) == 0;
}

static void describe(const struct queued_error *queued, struct outcome_error *error)
{
    const struct sock_extended_err *what = &queued->report.what;
    error->number = (int32_t)what->ee_errno;
    error->has_icmp = what->ee_origin == SO_EE_ORIGIN_ICMP || what->ee_origin == SO_EE_ORIGIN_ICMP6;
    if (!error->has_icmp) return;
    error->icmp_type = what->ee_type;
    error->icmp_code = what->ee_code;
    uint16_t port;
    addr_from_sockaddr(&queued->report.sender, &error->icmp_sender, &port);
}

bool neterror_take(int fd, const struct addr *peer, uint16_t port, const uint8_t *sent, size_t sent_len,
                   struct outcome_error *error)
{
    bool found = false;
    struct queued_error queued;
    for (int i = 0; i < ERRORS_PER_TURN && dequeue(fd, &queued); i++) {
        if (!queued.report.what.ee_errno || !concerns(&queued, peer, port, sent, sent_len)) continue;
        *error = (struct outcome_error){.step = error->step};
        describe(&queued, error);
        found = true;
    }
    return found;
}
