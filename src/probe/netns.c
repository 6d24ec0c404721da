/*
 * Decides in which network namespace a socket is born. A thread that could not return would ask all else from there, as
 * somebody else: that ends the process. Knows nothing of what the socket is for.
 */
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dnspolicy/base/mem.h"

/* Not to wait: the path may be a FIFO. */
static int open_namespace(const char *path) { return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); }

static bool enter(const char *path)
{
    int there = open_namespace(path);
    if (there < 0) return false;
    bool is_there = setns(there, CLONE_NEWNET) == 0;
    int number = errno;
    close(there);
    errno = number;
    return is_there;
}

int netns_socket(int *home, const char *path, int family, int type, enum outcome_step *failed)
{
    *failed = OUTCOME_STEP_NETNS;
    if (*home < 0) *home = open_namespace("/proc/thread-self/ns/net");
    if (*home < 0 || !enter(path)) return -1;
    *failed = OUTCOME_STEP_SOCKET;
    int fd = socket(family, type, 0);
    int number = errno;
    if (setns(*home, CLONE_NEWNET) != 0)
        PANIC("cannot return from the network namespace %s: %s", path, strerror(errno));
    errno = number;
    return fd;
}
