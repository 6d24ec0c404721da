/*
 * Decides that a query leaves as its client or not at all. The whole context is set at every attempt: a source address
 * that has gone since is noticed here and nowhere else, because a connected socket sends on as somebody else. Knows
 * nothing of who uses the socket.
 */
#include "context.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "neterror.h"

static bool is_source_right(const struct plan_probe *probe, const struct addr *local, enum outcome_step *step)
{
    const struct addr *source = &probe->client->source[probe->family];
    *step = source->present ? OUTCOME_STEP_SOURCE_CHANGED : OUTCOME_STEP_SOURCE_SUBNET;
    if (source->present) return addr_equal(source, local);
    /* Behind a proxy protocol the client is whom the header claims. */
    return probe->client->nat || probe->claimed || subnet_contains(&probe->client->subnet[probe->subnet_family], local);
}

static bool bind_interface(int fd, const char *interface)
{
    return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface) + 1) == 0;
}

static bool set_mark(int fd, uint32_t mark) { return setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == 0; }

static bool set_transparent(int fd, uint8_t family)
{
    int on = 1;
    if (family == ADDR_V6) return setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, &on, sizeof(on)) == 0;
    return setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof(on)) == 0;
}

static bool bind_source(int fd, const struct addr *source)
{
    struct sockaddr_storage from;
    socklen_t from_len = addr_to_sockaddr(source, 0, &from);
    return bind(fd, (struct sockaddr *)&from, from_len) == 0;
}

/* The step that failed, or NONE: the socket sends as the client. */
static enum outcome_step dress(int fd, const struct plan_probe *probe)
{
    const struct config_client *client = probe->client;
    const struct addr *source = &client->source[probe->family];
    if (client->interface && !bind_interface(fd, client->interface)) return OUTCOME_STEP_INTERFACE;
    if (client->has_mark && !set_mark(fd, client->mark)) return OUTCOME_STEP_MARK;
    if (client->transparent && !set_transparent(fd, probe->family)) return OUTCOME_STEP_TRANSPARENT;
    if (source->present && !bind_source(fd, source)) return OUTCOME_STEP_BIND;
    return OUTCOME_STEP_NONE;
}

struct attempt_result context_connect(int fd, const struct plan_probe *probe, struct outcome *outcome)
{
    enum outcome_step step = dress(fd, probe);
    if (step != OUTCOME_STEP_NONE) return attempt_failed(OUTCOME_LOCAL_ERROR, step, errno);

    struct sockaddr_storage to;
    socklen_t to_len = addr_to_sockaddr(&probe->resolver->address, probe->port, &to);
    if (connect(fd, (struct sockaddr *)&to, to_len) != 0 && errno != EINPROGRESS)
        return attempt_failed(neterror_status(errno), OUTCOME_STEP_CONNECT, errno);

    struct sockaddr_storage from;
    socklen_t from_len = sizeof(from);
    if (getsockname(fd, (struct sockaddr *)&from, &from_len) != 0)
        return attempt_failed(OUTCOME_LOCAL_ERROR, OUTCOME_STEP_CONNECT, errno);
    addr_from_sockaddr(&from, &outcome->local, &outcome->local_port);
    if (!is_source_right(probe, &outcome->local, &step)) return attempt_failed(OUTCOME_LOCAL_ERROR, step, 0);
    return attempt_waits();
}

/* An interface that came back is another one to the kernel, and the socket stays bound to the one that went. */
static bool is_bound_to(int fd, const char *interface)
{
    char name[IFNAMSIZ] = "";
    socklen_t len = sizeof(name);
    return getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len) == 0 && strcmp(name, interface) == 0;
}

/* A datagram socket is asked, which sends nothing when it connects. */
bool context_holds(int fd, const struct plan_probe *probe, const struct addr *local)
{
    const char *interface = probe->client->interface;
    struct outcome now = {0};
    if (interface && !is_bound_to(fd, interface)) return false;
    int family = addr_socket_family(&probe->resolver->address);
    int other = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (other < 0) return false;
    struct attempt_result result = context_connect(other, probe, &now);
    close(other);
    return result.state == ATTEMPT_WAITS && addr_equal(&now.local, local);
}

bool context_disconnect(int fd)
{
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    return connect(fd, &nobody, sizeof(nobody)) == 0;
}
