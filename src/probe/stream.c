/*
 * Decides how a connection comes to be open, what is written and read when, and what its end means.
 *
 * ECONNREFUSED during the TCP handshake is a refused connection, no answer to it is silence. After it, an end without a
 * whole reply is `closed`, a reset is `reset`, during the TLS handshake too: that is how an access list drops a client.
 * What a server says in TLS, or shows, is judged in tls.c. A connection that served before and turns out to have ended
 * since is replaced by a new one, and nobody is told.
 */
#include "stream.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "context.h"
#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "http.h"
#include "lane.h"
#include "neterror.h"
#include "received.h"
#include "tls.h"

#define READS_PER_TURN 4
#define OUT_FULL 65536  /* who makes us answer and does not read is not read either */
#define KEPT_BYTES 4096 /* a buffer that has grown larger is not kept for the next connection */

static size_t pending(const struct stream *stream) { return stream->out.len - stream->out_sent; }

/* False: errno says why not. */
static bool watch(struct lane *lane, struct channel *channel)
{
    struct stream *stream = channel->stream;
    uint32_t events = pending(stream) < OUT_FULL ? EPOLLIN : 0;
    if (stream->stage == STREAM_CONNECTS || pending(stream)) events |= EPOLLOUT;
    if (events == stream->watched) return true;
    struct epoll_event event = {.events = events, .data.ptr = channel};
    stream->watched = events;
    return epoll_ctl(lane->channels.epoll, EPOLL_CTL_MOD, channel->fd, &event) == 0;
}

/* Many a server sends its tickets first and lets the reply wait until they are acknowledged, which the kernel would put
 * off for 40 ms: those are not the server's. */
static void acknowledge_at_once(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

static void query_is_sent(struct lane *lane, struct run *run)
{
    run->channel->stream->is_query_queued = false;
    if (run->channel->stream->tls) acknowledge_at_once(run->channel->fd);
    run->outcome.queries_sent++;
    stats_add(&lane->stats.queries_sent, 1);
}

static struct attempt_result flush(struct lane *lane, struct run *run)
{
    struct stream *stream = run->channel->stream;
    if (stream->tls) tls_drain(stream->tls, &stream->out);
    while (pending(stream)) {
        if (stream->is_query_queued) run->sent_mono_ns = clock_mono_ns();
        ssize_t sent = send(run->channel->fd, stream->out.data + stream->out_sent, pending(stream), MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) break;
        if (sent < 0) return attempt_failed(neterror_status(errno), OUTCOME_STEP_SEND, errno);
        stream->out_sent += (size_t)sent;
    }
    if (!pending(stream)) {
        strbuf_clear(&stream->out);
        stream->out_sent = 0;
        if (stream->is_query_queued) query_is_sent(lane, run);
    }
    if (watch(lane, run->channel)) return attempt_waits();
    return attempt_failed(OUTCOME_LOCAL_ERROR, OUTCOME_STEP_SEND, errno);
}

/* ---- opening ---- */

/* The kernel measures the handshake; the lane only sees its end when it wakes. */
static int64_t handshake_ns(int fd, uint64_t elapsed_ns)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 || info.tcpi_rtt == 0) return (int64_t)elapsed_ns;
    uint64_t measured_ns = (uint64_t)info.tcpi_rtt * NS_PER_US;
    return (int64_t)(measured_ns < elapsed_ns ? measured_ns : elapsed_ns);
}

static struct attempt_result begin_tls(struct lane *lane, struct run *run)
{
    struct stream *stream = run->channel->stream;
    stream->stage = STREAM_SHAKES_HANDS;
    stream->began_mono_ns = clock_mono_ns();
    stream->tls = tls_new(lane->layout->tls, lane_probe(lane, run->task), stream->user->alpn, &run->task->ticket,
                          stream->began_mono_ns, lane_wall_ns(lane, stream->began_mono_ns));
    if (!stream->tls) return attempt_failed(OUTCOME_LOCAL_ERROR, OUTCOME_STEP_TLS, 0);
    return tls_handshake(stream->tls);
}

static struct attempt_result connect_further(struct lane *lane, struct run *run, uint32_t events)
{
    struct stream *stream = run->channel->stream;
    int number = 0;
    socklen_t len = sizeof(number);
    if (getsockopt(run->channel->fd, SOL_SOCKET, SO_ERROR, &number, &len) != 0) number = errno;
    if (number) return attempt_failed(neterror_status(number), OUTCOME_STEP_CONNECT, number);
    if (!(events & EPOLLOUT)) return attempt_waits();
    run->outcome.connect_ns = handshake_ns(run->channel->fd, clock_mono_ns() - stream->began_mono_ns);
    if (stream->user->alpn) return begin_tls(lane, run);
    stream->stage = STREAM_IS_OPEN;
    return stream->user->ask(lane, run);
}

static struct attempt_result shake_further(struct lane *lane, struct run *run)
{
    struct stream *stream = run->channel->stream;
    struct attempt_result result = tls_handshake(stream->tls);
    run->outcome.certificate_not_after_s = tls_not_after_s(stream->tls);
    if (result.state != ATTEMPT_WAITS || !tls_is_open(stream->tls)) return result;
    stream->stage = STREAM_IS_OPEN;
    run->outcome.is_resumed_session = tls_is_resumed(stream->tls);
    run->outcome.tls_ns = transport_rtt_ns(lane_wall_ns(lane, stream->began_mono_ns), stream->stamp_wall_ns,
                                           clock_mono_ns() - stream->began_mono_ns);
    return stream->user->ask(lane, run);
}

/* ---- reading ---- */

/* What has arrived before an end counts for more than the end. */
static struct attempt_result hear(struct lane *lane, struct run *run)
{
    struct stream *stream = run->channel->stream;
    size_t before = stream->in.len;
    struct attempt_result end = stream->tls ? tls_read(stream->tls, &stream->in) : attempt_waits();
    if (!stream->tls) before = 0;
    struct attempt_result result = stream->in.len > before ? stream->user->hear(lane, run) : attempt_waits();
    return result.state == ATTEMPT_WAITS ? end : result;
}

static struct attempt_result take_bytes(struct lane *lane, struct run *run, size_t len)
{
    struct stream *stream = run->channel->stream;
    if (!stream->tls) {
        strbuf_add(&stream->in, lane->buffer, len);
        return hear(lane, run);
    }
    tls_feed(stream->tls, lane->buffer, len);
    struct attempt_result result = stream->stage == STREAM_SHAKES_HANDS ? shake_further(lane, run) : attempt_waits();
    if (result.state != ATTEMPT_WAITS || stream->stage != STREAM_IS_OPEN) return result;
    return hear(lane, run);
}

static struct attempt_result read_further(struct lane *lane, struct run *run)
{
    struct stream *stream = run->channel->stream;
    for (int i = 0; i < READS_PER_TURN && pending(stream) < OUT_FULL; i++) {
        struct received got;
        if (!received_read(run->channel->fd, lane->buffer, sizeof(lane->buffer), &got)) {
            if (errno == EAGAIN) break;
            return attempt_failed(neterror_status(errno), OUTCOME_STEP_RECEIVE, errno);
        }
        if (got.len == 0) return attempt_failed(OUTCOME_CLOSED, OUTCOME_STEP_RECEIVE, 0);
        stream->stamp_wall_ns = got.stamp_wall_ns;
        struct attempt_result result = take_bytes(lane, run, got.len);
        struct attempt_result sent = flush(lane, run);
        if (result.state != ATTEMPT_WAITS) return result;
        if (sent.state != ATTEMPT_WAITS && sent.status != OUTCOME_RESET) return sent;
    }
    return attempt_waits();
}

/* ---- the functions of a transport ---- */

/* The port is chosen at connect(), so that one port can serve connections to several resolvers. */
static void prepare_socket(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static struct attempt_result begin_anew(struct lane *lane, struct run *run, const struct stream_user *user)
{
    const struct plan_probe *probe = lane_probe(lane, run->task);
    enum outcome_step failed;
    struct channel *channel = channels_open(&lane->channels, probe, SOCK_STREAM, EPOLLIN | EPOLLOUT, &failed);
    if (!channel) return attempt_failed(OUTCOME_LOCAL_ERROR, failed, errno);
    prepare_socket(channel->fd);
    struct attempt_result result = context_connect(channel->fd, probe, &run->outcome);
    if (result.state != ATTEMPT_WAITS) {
        channels_close(&lane->channels, channel);
        return result;
    }
    if (!channel->stream) channel->stream = mem_alloc(sizeof(*channel->stream));
    struct stream *stream = channel->stream;
    stream->user = user;
    stream->watched = EPOLLIN | EPOLLOUT;
    stream->began_mono_ns = run->sent_mono_ns = clock_mono_ns();
    stream->local = run->outcome.local;
    stream->local_port = run->outcome.local_port;
    stream->claimed_port = run->facts.claimed_port;
    uint8_t header[PROXY_HEADER_MAX];
    size_t header_len = message_proxy_header(lane, run, header);
    strbuf_add(&stream->out, header, header_len);
    channel->generation = lane->channels.generation;
    channel->run = run;
    run->channel = channel;
    return result;
}

static void close_channel(struct lane *lane, struct run *run)
{
    struct channel *channel = run->channel;
    run->channel = NULL;
    channels_close(&lane->channels, channel);
}

static struct attempt_result ask_over(struct lane *lane, struct run *run)
{
    struct stream *stream = run->channel->stream;
    stream->has_heard = stream->is_answered = false;
    struct attempt_result result = stream->user->ask(lane, run);
    if (result.state == ATTEMPT_WAITS) result = flush(lane, run);
    if (result.state == ATTEMPT_FAILED) close_channel(lane, run);
    return result;
}

static uint64_t reuse_key(const struct plan_probe *probe)
{
    return ((uint64_t)probe->client->index << 34) | ((uint64_t)probe->resolver->index << 2) | probe->transport;
}

static bool take_idle(struct lane *lane, struct run *run)
{
    const struct plan_probe *probe = lane_probe(lane, run->task);
    struct channel *channel =
        probe->check->reuse_connection ? channels_take_stream(&lane->channels, reuse_key(probe)) : NULL;
    if (!channel) return false;
    struct stream *stream = channel->stream;
    uint64_t now = lane->now_mono_ns;
    bool is_proven = !stream->tls || tls_is_proven(stream->tls, now, lane_wall_ns(lane, now));
    if (!is_proven || !context_holds(channel->fd, probe, &stream->local)) {
        channels_close(&lane->channels, channel);
        return false;
    }
    channel->run = run;
    run->channel = channel;
    run->facts.claimed_port = run->outcome.claimed_port = stream->claimed_port;
    run->outcome.local = stream->local;
    run->outcome.local_port = stream->local_port;
    run->outcome.is_reused_connection = stream->is_reused = true;
    if (stream->tls) run->outcome.certificate_not_after_s = tls_not_after_s(stream->tls);
    return true;
}

struct attempt_result stream_begin(struct lane *lane, struct run *run, const struct stream_user *user)
{
    if (take_idle(lane, run)) {
        struct attempt_result result = ask_over(lane, run);
        if (result.state == ATTEMPT_WAITS) return result;
        run->outcome.is_reused_connection = false;
    }
    return begin_anew(lane, run, user);
}

/* A server may take one query a connection: that it ends then is no answer to the second one. */
struct attempt_result stream_ask_again(struct lane *lane, struct run *run)
{
    const struct stream_user *user = run->channel->stream->user;
    run->channel->stream->is_reused = true;
    struct attempt_result result = ask_over(lane, run);
    return result.state == ATTEMPT_WAITS ? result : begin_anew(lane, run, user);
}

static struct attempt_result go_further(struct lane *lane, struct run *run, uint32_t events)
{
    struct stream *stream = run->channel->stream;
    struct attempt_result result = attempt_waits();
    if (stream->stage == STREAM_CONNECTS) result = connect_further(lane, run, events);
    if (result.state != ATTEMPT_WAITS || stream->stage == STREAM_CONNECTS) return result;
    result = flush(lane, run);
    /* A server that closed early is known by the end of its data, whatever became of our writing. */
    if (result.state == ATTEMPT_FAILED && result.status != OUTCOME_RESET) return result;
    struct attempt_result heard = read_further(lane, run);
    return heard.state == ATTEMPT_WAITS ? result : heard;
}

static struct attempt_result advance_this(struct lane *lane, struct run *run, uint32_t events)
{
    const struct plan_probe *probe = lane_probe(lane, run->task);
    bool is_connecting = run->channel->stream->stage == STREAM_CONNECTS;
    struct outcome_error icmp = {.step = is_connecting ? OUTCOME_STEP_CONNECT : OUTCOME_STEP_RECEIVE};
    bool has_icmp =
        (events & EPOLLERR) && neterror_take(run->channel->fd, &probe->resolver->address, probe->port, NULL, 0, &icmp);
    struct attempt_result failed = {.state = ATTEMPT_FAILED, .status = neterror_status(icmp.number), .error = icmp};
    if (has_icmp && is_connecting) return failed;
    struct attempt_result result = go_further(lane, run, events);
    return has_icmp && result.state != ATTEMPT_REPLIED ? failed : result;
}

struct attempt_result stream_advance(struct lane *lane, struct run *run, uint32_t events)
{
    struct attempt_result result = advance_this(lane, run, events);
    const struct stream *stream = run->channel->stream;
    if (result.state != ATTEMPT_FAILED || !stream->is_reused || stream->has_heard) return result;
    const struct stream_user *user = stream->user;
    close_channel(lane, run);
    run->outcome.is_reused_connection = false;
    return begin_anew(lane, run, user);
}

/* A kept connection that a box on the way has forgotten is no silent server: it has not acknowledged the query. */
struct attempt_result stream_expire(const struct run *run)
{
    int unheard = 0;
    bool is_lost = run->outcome.is_reused_connection && ioctl(run->channel->fd, SIOCOUTQ, &unheard) == 0 && unheard > 0;
    return is_lost ? attempt_failed(OUTCOME_UNREACHABLE, OUTCOME_STEP_SEND, ETIMEDOUT)
                   : attempt_failed(OUTCOME_TIMEOUT, OUTCOME_STEP_NONE, 0);
}

static bool may_serve_again(const struct lane *lane, const struct run *run)
{
    const struct plan_probe *probe = lane_probe(lane, run->task);
    const struct channel *channel = run->channel;
    const struct stream *stream = channel->stream;
    return probe->check->reuse_connection && stream->is_answered && !stream->in.len && !pending(stream) &&
           !channel->is_spoiled && channel->generation == lane->channels.generation;
}

/* Of a reply over TLS the beginning may be a part of a record, which cannot be decrypted. */
static bool is_cut_short(const struct stream *stream)
{
    if (stream->is_answered || stream->stage != STREAM_IS_OPEN) return false;
    if (stream->http && stream->has_heard) return !http_answer(stream->http)->is_whole;
    return stream->in.len || (stream->tls && tls_has_part(stream->tls));
}

void stream_finish(struct lane *lane, struct run *run, bool cleanly)
{
    struct channel *channel = run->channel;
    struct stream *stream = channel->stream;
    if (stream->tls) tls_take_ticket(stream->tls, &run->task->ticket);
    stream_drop_used(stream);
    run->outcome.cut_short = is_cut_short(stream);
    if (!cleanly || !may_serve_again(lane, run)) {
        close_channel(lane, run);
        return;
    }
    run->channel = NULL;
    stream->strangers = 0;
    channels_keep_stream(&lane->channels, channel, reuse_key(lane_probe(lane, run->task)), lane->woke_mono_ns);
}

/* ---- for its user and its channel ---- */

struct attempt_result stream_write(struct stream *stream, const void *bytes, size_t len)
{
    if (stream->tls) return tls_write(stream->tls, bytes, len);
    strbuf_add(&stream->out, bytes, len);
    return attempt_waits();
}

void stream_query_is_whole(struct stream *stream) { stream->is_query_queued = true; }

int64_t stream_rtt_ns(const struct lane *lane, const struct run *run)
{
    return transport_rtt_ns(lane_wall_ns(lane, run->sent_mono_ns), run->channel->stream->stamp_wall_ns,
                            clock_mono_ns() - run->sent_mono_ns);
}

void stream_drop(struct stream *stream, size_t len)
{
    struct strbuf *in = &stream->in;
    if (!len) return;
    in->len -= len;
    memmove(in->data, in->data + len, in->len);
}

void stream_drop_used(struct stream *stream)
{
    stream_drop(stream, stream->used);
    stream->used = 0;
}

static struct strbuf cleared(struct strbuf buf)
{
    if (buf.capacity > KEPT_BYTES) strbuf_fini(&buf);
    strbuf_clear(&buf);
    return buf;
}

void stream_close(struct stream *stream, int fd)
{
    /* A server may log it as an error when a client leaves without a word. */
    if (stream->tls && tls_is_open(stream->tls) && !pending(stream)) {
        tls_close(stream->tls);
        tls_drain(stream->tls, &stream->out);
        send(fd, stream->out.data, stream->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    tls_free(stream->tls);
    http_free(stream->http);
    *stream = (struct stream){.out = cleared(stream->out), .in = cleared(stream->in)};
}

void stream_free(struct stream *stream)
{
    if (!stream) return;
    strbuf_fini(&stream->out);
    strbuf_fini(&stream->in);
    free(stream);
}
