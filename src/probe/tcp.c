/*
 * Decides how one attempt goes over TCP (RFC 7766): connect, write a length and the query, read lengths and messages until
 * one answers. What arrives is kept as far as it has arrived; a promised length reserves nothing. Knows nothing of what
 * follows an attempt.
 *
 * ECONNREFUSED during the handshake is a refused connection, no answer to it is silence. After it, an end without a whole
 * reply is `closed`, a reset is `reset`.
 */
#include "transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "context.h"
#include "dnspolicy/base/clock.h"
#include "lane.h"
#include "neterror.h"
#include "received.h"

#define LENGTH_SIZE MESSAGE_LENGTH_SIZE
#define READS_PER_TURN 4
#define STRANGERS_MAX                                                                                                  \
    16 /* nobody can forge them over TCP: who sends more speaks no DNS, and would keep the lane busy */

static struct attempt_result tcp_begin(struct lane *lane, struct run *run)
{
    const struct plan_probe *probe = lane_probe(lane, run->task);
    enum outcome_step failed;
    struct channel *channel = channels_open(&lane->channels, probe, SOCK_STREAM, EPOLLIN | EPOLLOUT, &failed);
    if (!channel) return attempt_failed(OUTCOME_LOCAL_ERROR, failed, errno);
    /* The port is chosen at connect(), so that one port can serve connections to several resolvers. */
    int on = 1;
    setsockopt(channel->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    setsockopt(channel->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct attempt_result result = context_connect(channel->fd, probe, &run->outcome);
    if (result.state != ATTEMPT_WAITS) {
        channels_close(&lane->channels, channel);
        return result;
    }
    channel->is_spoiled = true; /* a connection is for one query */
    channel->run = run;
    run->channel = channel;
    return result;
}

/* The kernel measures the handshake; the lane only sees its end when it wakes. */
static int64_t handshake_ns(int fd, uint64_t elapsed_ns)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 || info.tcpi_rtt == 0) return (int64_t)elapsed_ns;
    uint64_t measured_ns = (uint64_t)info.tcpi_rtt * NS_PER_US;
    return (int64_t)(measured_ns < elapsed_ns ? measured_ns : elapsed_ns);
}

static struct attempt_result connect_further(struct run *run, uint32_t events)
{
    struct channel *channel = run->channel;
    int number = 0;
    socklen_t len = sizeof(number);
    if (getsockopt(channel->fd, SOL_SOCKET, SO_ERROR, &number, &len) != 0) number = errno;
    if (number) return attempt_failed(neterror_status(number), OUTCOME_STEP_CONNECT, number);
    if (events & EPOLLOUT) {
        channel->tcp.is_connected = true;
        run->outcome.connect_ns = handshake_ns(channel->fd, clock_mono_ns() - run->sent_mono_ns);
    }
    return attempt_waits();
}

static struct attempt_result query_is_written(struct lane *lane, struct run *run)
{
    run->outcome.queries_sent++;
    stats_add(&lane->stats.queries_sent, 1);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = run->channel};
    if (epoll_ctl(lane->channels.epoll, EPOLL_CTL_MOD, run->channel->fd, &event) != 0)
        return attempt_failed(OUTCOME_LOCAL_ERROR, OUTCOME_STEP_SEND, errno);
    return attempt_waits();
}

static struct attempt_result write_further(struct lane *lane, struct run *run, size_t query_len)
{
    struct tcp_stream *tcp = &run->channel->tcp;
    size_t total = LENGTH_SIZE + query_len;
    run->sent_mono_ns = clock_mono_ns();
    ssize_t sent = send(run->channel->fd, lane->message + MESSAGE_QUERY_AT - LENGTH_SIZE + tcp->written,
                        total - tcp->written, MSG_NOSIGNAL);
    if (sent >= 0) {
        tcp->written += (size_t)sent;
        return tcp->written == total ? query_is_written(lane, run) : attempt_waits();
    }
    if (errno == EAGAIN) return attempt_waits();
    return attempt_failed(neterror_status(errno), OUTCOME_STEP_SEND, errno);
}

static void drop_front(struct strbuf *buf, size_t len)
{
    buf->len -= len;
    memmove(buf->data, buf->data + len, buf->len);
}

/* The first whole message that answers the query; those before it are counted and dropped. NULL: none yet. */
static const uint8_t *find_reply(struct lane *lane, struct tcp_stream *tcp, size_t query_len, size_t *len)
{
    const uint8_t *bytes = (const uint8_t *)tcp->received.data;
    size_t at = 0;
    while (tcp->received.len - at >= LENGTH_SIZE && tcp->strangers < STRANGERS_MAX) {
        const uint8_t *message = bytes + at + LENGTH_SIZE;
        *len = (size_t)bytes[at] << 8 | bytes[at + 1];
        if (tcp->received.len - at - LENGTH_SIZE < *len) break;
        enum dns_match match = dns_reply_match(lane->message + MESSAGE_QUERY_AT, query_len, message, *len);
        if (match == DNS_MATCH_OK) return message;
        stats_add(&lane->stats.ignored[match], 1);
        tcp->strangers++;
        at += LENGTH_SIZE + *len;
    }
    drop_front(&tcp->received, at);
    return NULL;
}

static struct attempt_result read_further(struct lane *lane, struct run *run, size_t query_len)
{
    struct tcp_stream *tcp = &run->channel->tcp;
    for (int i = 0; i < READS_PER_TURN; i++) {
        struct received got;
        if (!received_read(run->channel->fd, lane->buffer, sizeof(lane->buffer), &got)) {
            if (errno == EAGAIN) break;
            return attempt_failed(neterror_status(errno), OUTCOME_STEP_RECEIVE, errno);
        }
        if (got.len == 0) return attempt_failed(OUTCOME_CLOSED, OUTCOME_STEP_RECEIVE, 0);
        strbuf_add(&tcp->received, lane->buffer, got.len);
        size_t len = 0;
        const uint8_t *reply = find_reply(lane, tcp, query_len, &len);
        if (!reply && tcp->strangers == STRANGERS_MAX) {
            run->outcome.reply = (struct dns_reply){.size = (uint16_t)len};
            return attempt_failed(OUTCOME_MALFORMED, OUTCOME_STEP_RECEIVE, 0);
        }
        if (!reply) continue;
        uint64_t elapsed = clock_mono_ns() - run->sent_mono_ns;
        return (struct attempt_result){
            .state = ATTEMPT_REPLIED,
            .message = reply,
            .len = len,
            .rtt_ns = transport_rtt_ns(lane_wall_ns(lane, run->sent_mono_ns), got.stamp_wall_ns, elapsed)};
    }
    return attempt_waits();
}

static struct attempt_result go_further(struct lane *lane, struct run *run, uint32_t events, size_t query_len)
{
    struct attempt_result result = attempt_waits();
    if (!run->channel->tcp.is_connected) result = connect_further(run, events);
    if (result.state != ATTEMPT_WAITS || !run->channel->tcp.is_connected) return result;
    bool has_more = run->channel->tcp.written < LENGTH_SIZE + query_len;
    if (has_more && (events & EPOLLOUT)) result = write_further(lane, run, query_len);
    /* A server that closed early is known by the end of its data, whatever became of our writing. */
    if (result.state == ATTEMPT_FAILED && result.status != OUTCOME_RESET) return result;
    struct attempt_result heard = read_further(lane, run, query_len);
    return heard.state == ATTEMPT_WAITS ? result : heard;
}

static struct attempt_result tcp_advance(struct lane *lane, struct run *run, uint32_t events)
{
    const struct plan_probe *probe = lane_probe(lane, run->task);
    size_t query_len = message_compose(lane, run);
    struct outcome_error icmp = {.step = run->channel->tcp.is_connected ? OUTCOME_STEP_RECEIVE : OUTCOME_STEP_CONNECT};
    bool has_icmp =
        (events & EPOLLERR) && neterror_take(run->channel->fd, &probe->resolver->address, probe->port, NULL, 0, &icmp);
    struct attempt_result failed = {.state = ATTEMPT_FAILED, .status = neterror_status(icmp.number), .error = icmp};
    if (has_icmp && !run->channel->tcp.is_connected) return failed;
    struct attempt_result result = go_further(lane, run, events, query_len);
    return has_icmp && result.state != ATTEMPT_REPLIED ? failed : result;
}

static void tcp_finish(struct lane *lane, struct run *run, bool cleanly)
{
    (void)cleanly;
    channels_close(&lane->channels, run->channel);
    run->channel = NULL;
}

const struct transport_functions transport_tcp = {.begin = tcp_begin, .advance = tcp_advance, .finish = tcp_finish};
