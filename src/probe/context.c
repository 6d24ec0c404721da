/*
 * Decides that a query leaves as its client or not at all. The whole context is set at every attempt: a source address that
 * has gone since is noticed here and nowhere else, because a connected socket sends on as somebody else. Knows nothing of
 * who uses the socket.
 */
#include "context.h"

#include <errno.h>

#include "neterror.h"

static bool is_source_right(const struct plan_probe *probe, const struct addr *local, enum outcome_step *step)
{
    const struct addr *source = &probe->client->source[probe->family];
    *step = source->present ? OUTCOME_STEP_SOURCE_CHANGED : OUTCOME_STEP_SOURCE_SUBNET;
    if (source->present) return addr_equal(source, local);
    return probe->client->nat || subnet_contains(&probe->client->subnet[probe->subnet_family], local);
}

static bool bind_source(int fd, const struct addr *source)
{
    struct sockaddr_storage from;
    socklen_t from_len = addr_to_sockaddr(source, 0, &from);
    return bind(fd, (struct sockaddr *)&from, from_len) == 0;
}

struct attempt_result context_connect(int fd, const struct plan_probe *probe, struct outcome *outcome)
{
    const struct addr *source = &probe->client->source[probe->family];
    if (source->present && !bind_source(fd, source))
        return attempt_failed(OUTCOME_LOCAL_ERROR, OUTCOME_STEP_BIND, errno);

    struct sockaddr_storage to;
    socklen_t to_len = addr_to_sockaddr(&probe->resolver->address, probe->port, &to);
    if (connect(fd, (struct sockaddr *)&to, to_len) != 0 && errno != EINPROGRESS)
        return attempt_failed(neterror_status(errno), OUTCOME_STEP_CONNECT, errno);

    struct sockaddr_storage from;
    socklen_t from_len = sizeof(from);
    if (getsockname(fd, (struct sockaddr *)&from, &from_len) != 0)
        return attempt_failed(OUTCOME_LOCAL_ERROR, OUTCOME_STEP_CONNECT, errno);
    addr_from_sockaddr(&from, &outcome->local, &outcome->local_port);
    enum outcome_step step;
    if (!is_source_right(probe, &outcome->local, &step)) return attempt_failed(OUTCOME_LOCAL_ERROR, step, 0);
    return attempt_waits();
}

bool context_disconnect(int fd)
{
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    return connect(fd, &nobody, sizeof(nobody)) == 0;
}
