/*
 * Decides how one attempt goes over UDP: every one from a fresh random port of the client's own source, heard only from
 * the resolver that was asked. A socket that has served cleanly serves again; what fails on a used one is tried once
 * more on a new one, because the failure may be its past's. Knows nothing of what follows an attempt.
 */
#include "transport.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "context.h"
#include "dnspolicy/base/clock.h"
#include "lane.h"
#include "neterror.h"
#include "received.h"

#define DATAGRAMS_PER_TURN 16      /* a flooded socket must not hold up the others */
#define EVENTS (EPOLLIN | EPOLLET) /* else epoll asks every socket twice: whether there is something, and still is */

/* The header right before the query, which is in its place already. Returns where the datagram begins. */
static uint8_t *put_proxy_header(struct lane *lane, const struct run *run)
{
    uint8_t header[PROXY_HEADER_MAX];
    size_t len = message_proxy_header(lane, run, header);
    uint8_t *start = lane->message + MESSAGE_QUERY_AT - len;
    memcpy(start, header, len);
    return start;
}

static size_t compose_datagram(struct lane *lane, struct run *run, const uint8_t **start)
{
    const uint8_t *end = lane->message + MESSAGE_QUERY_AT + message_compose(lane, run);
    *start = put_proxy_header(lane, run);
    return (size_t)(end - *start);
}

static struct attempt_result send_query(struct lane *lane, struct run *run, const struct plan_probe *probe, int fd)
{
    struct attempt_result result = context_connect(fd, probe, &run->outcome);
    if (result.state != ATTEMPT_WAITS) return result;
    const uint8_t *datagram;
    size_t len = compose_datagram(lane, run, &datagram);
    run->sent_mono_ns = clock_mono_ns();
    if (send(fd, datagram, len, MSG_NOSIGNAL) < 0)
        return attempt_failed(neterror_status(errno), OUTCOME_STEP_SEND, errno);
    run->outcome.queries_sent++;
    stats_add(&lane->stats.queries_sent, 1);
    return result;
}

static struct attempt_result try_channel(struct lane *lane, struct run *run, struct channel *channel)
{
    struct attempt_result result = send_query(lane, run, lane_probe(lane, run->task), channel->fd);
    if (result.state == ATTEMPT_WAITS) {
        channel->run = run;
        run->channel = channel;
    } else {
        channels_close(&lane->channels, channel);
    }
    return result;
}

static struct attempt_result udp_begin(struct lane *lane, struct run *run)
{
    const struct plan_probe *probe = lane_probe(lane, run->task);
    uint32_t pool = probe->client->index * ADDR_FAMILIES + probe->family;
    struct channel *channel = channels_reuse(&lane->channels, pool);
    if (channel) {
        struct attempt_result result = try_channel(lane, run, channel);
        if (result.state == ATTEMPT_WAITS) return result;
    }
    enum outcome_step failed;
    channel = channels_open(&lane->channels, probe, SOCK_DGRAM, EVENTS, &failed);
    if (!channel) return attempt_failed(OUTCOME_LOCAL_ERROR, failed, errno);
    channel->pool = pool;
    channel->generation = lane->channels.generation;
    return try_channel(lane, run, channel);
}

/* Is it from the resolver that was asked, and its answer to this query? Else it is counted. */
static bool is_the_reply(struct lane *lane, struct run *run, const struct received *got, size_t query_len)
{
    const struct plan_probe *probe = lane_probe(lane, run->task);
    unsigned reason = ENGINE_IGNORED_WRONG_SOURCE;
    struct addr peer;
    uint16_t port = 0;
    if (addr_from_sockaddr(&got->from, &peer, &port) && addr_equal(&peer, &probe->resolver->address) &&
        port == probe->port)
        reason = dns_reply_match(lane->message + MESSAGE_QUERY_AT, query_len, lane->buffer, got->len);
    if (reason == DNS_MATCH_OK && run->facts.query->has_cookie)
        reason = dns_reply_take_cookie(lane->buffer, got->len, &run->facts.cookie);
    if (reason == DNS_MATCH_OK) return true;
    stats_add(&lane->stats.ignored[reason], 1);
    return false;
}

/* There may be more, and epoll has told of it. */
static struct attempt_result look_again(struct lane *lane, struct channel *channel)
{
    struct epoll_event event = {.events = EVENTS, .data.ptr = channel};
    if (epoll_ctl(lane->channels.epoll, EPOLL_CTL_MOD, channel->fd, &event) == 0) return attempt_waits();
    return attempt_failed(OUTCOME_LOCAL_ERROR, OUTCOME_STEP_RECEIVE, errno);
}

static struct attempt_result read_datagrams(struct lane *lane, struct run *run, size_t query_len)
{
    for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
        struct received got;
        if (!received_read(run->channel->fd, lane->buffer, sizeof(lane->buffer), &got)) {
            if (errno == EAGAIN) return attempt_waits();
            return attempt_failed(neterror_status(errno), OUTCOME_STEP_RECEIVE, errno);
        }
        if (is_the_reply(lane, run, &got, query_len))
            return (struct attempt_result){.state = ATTEMPT_REPLIED,
                                           .message = lane->buffer,
                                           .len = got.len,
                                           .rtt_ns = transport_rtt_ns(lane_wall_ns(lane, run->sent_mono_ns),
                                                                      got.stamp_wall_ns,
                                                                      lane->now_mono_ns - run->sent_mono_ns)};
        run->channel->is_spoiled = true;
    }
    return look_again(lane, run->channel);
}

/* A reply counts for more than an error, whichever came first. */
static struct attempt_result udp_advance(struct lane *lane, struct run *run, uint32_t events)
{
    const struct plan_probe *probe = lane_probe(lane, run->task);
    struct outcome_error error = {.step = OUTCOME_STEP_RECEIVE};
    bool has_error = false;
    if (events & EPOLLERR) {
        run->channel->is_spoiled = true;
        const uint8_t *datagram;
        size_t len = compose_datagram(lane, run, &datagram);
        has_error = neterror_take(run->channel->fd, &probe->resolver->address, probe->port, datagram, len, &error);
    }
    struct attempt_result result = read_datagrams(lane, run, message_compose_unsigned(lane, run));
    if (result.state == ATTEMPT_REPLIED || !has_error) return result;
    return (struct attempt_result){.state = ATTEMPT_FAILED, .status = neterror_status(error.number), .error = error};
}

/*
 * Also after silence: disconnected the socket has no port, so a reply that comes too late finds nobody, and what may
 * have been queued in that very moment carries another id and is ignored. A new socket for every timeout would cost
 * three times as much.
 */
static void udp_finish(struct lane *lane, struct run *run, bool cleanly)
{
    struct channel *channel = run->channel;
    run->channel = NULL;
    if (cleanly) {
        channels_release(&lane->channels, channel, lane->woke_mono_ns);
    } else {
        channels_close(&lane->channels, channel);
    }
}

const struct transport_functions transport_udp = {.begin = udp_begin, .advance = udp_advance, .finish = udp_finish};
