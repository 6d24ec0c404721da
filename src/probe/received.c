/*
 * Decides when something arrived. The kernel's stamp does not depend on when the lane wakes; it is wall clock time, so
 * it is believed only where the monotonic clock agrees.
 */
#include "received.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

#include "dnspolicy/base/clock.h"
#include "transport.h"

static int64_t read_stamp(struct msghdr *message)
{
    for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
        if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_TIMESTAMPNS) continue;
        struct timespec stamp;
        memcpy(&stamp, CMSG_DATA(at), sizeof(stamp));
        return (int64_t)stamp.tv_sec * (int64_t)NS_PER_SEC + stamp.tv_nsec;
    }
    return 0;
}

bool received_read(int fd, void *buffer, size_t size, struct received *out)
{
    _Alignas(struct cmsghdr) char control[128];
    struct iovec part = {.iov_base = buffer, .iov_len = size};
    out->from.ss_family = AF_UNSPEC;
    struct msghdr message = {.msg_name = &out->from,
                             .msg_namelen = sizeof(out->from),
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    ssize_t len;
    do {
        len = recvmsg(fd, &message, MSG_DONTWAIT);
    } while (len < 0 && errno == EINTR);
    if (len < 0) return false;
    out->len = (size_t)len;
    out->stamp_wall_ns = read_stamp(&message);
    return true;
}

int64_t transport_rtt_ns(int64_t sent_wall_ns, int64_t stamp_wall_ns, uint64_t elapsed_mono_ns)
{
    int64_t by_stamp = stamp_wall_ns - sent_wall_ns;
    if (stamp_wall_ns && by_stamp >= 0 && (uint64_t)by_stamp <= elapsed_mono_ns) return by_stamp;
    return (int64_t)elapsed_mono_ns;
}
