/*
 * Decides how DNS messages go over a stream (RFC 7766, and RFC 7858 over TLS): a length and the query, then lengths and
 * messages until one answers. What arrives is kept as far as it has arrived; a promised length reserves nothing. Knows
 * nothing of what follows an attempt.
 */
#include "transport.h"

#include "lane.h"
#include "stream.h"

#define LENGTH_SIZE MESSAGE_LENGTH_SIZE
#define STRANGERS_MAX                                                                                                  \
    16 /* nobody can forge them over TCP: who sends more speaks no DNS, and would keep the lane busy */

static struct attempt_result ask(struct lane *lane, struct run *run)
{
    struct stream *stream = run->channel->stream;
    stream_drop_used(stream);
    size_t len = message_compose(lane, run);
    stream_query_is_whole(stream);
    return stream_write(stream, lane->message + MESSAGE_QUERY_AT - LENGTH_SIZE, LENGTH_SIZE + len);
}

/* Does it answer the query, in its place in lane->message, and is it the first to do so? Else it is counted. */
static bool is_the_reply(struct lane *lane, struct run *run, size_t query_len, const uint8_t *message, size_t len)
{
    enum dns_match match = dns_reply_match(lane->message + MESSAGE_QUERY_AT, query_len, message, len);
    if (match == DNS_MATCH_OK && run->facts.query->has_cookie)
        match = dns_reply_take_cookie(message, len, &run->facts.cookie);
    if (match == DNS_MATCH_OK) return !run->channel->stream->is_answered;
    stats_add(&lane->stats.ignored[match], 1);
    return false;
}

/* The first whole message that answers the query; those before it are counted and dropped. NULL: none yet. */
static const uint8_t *find_reply(struct lane *lane, struct run *run, size_t *len)
{
    struct stream *stream = run->channel->stream;
    const uint8_t *bytes = (const uint8_t *)stream->in.data;
    size_t query_len = message_compose_unsigned(lane, run), at = 0;
    while (stream->in.len - at >= LENGTH_SIZE && stream->strangers < STRANGERS_MAX) {
        const uint8_t *message = bytes + at + LENGTH_SIZE;
        *len = (size_t)bytes[at] << 8 | bytes[at + 1];
        if (stream->in.len - at - LENGTH_SIZE < *len) break;
        stream->used = at + LENGTH_SIZE + *len;
        if (is_the_reply(lane, run, query_len, message, *len)) return message;
        stream->strangers++;
        at = stream->used;
    }
    stream_drop_used(stream);
    return NULL;
}

static struct attempt_result hear(struct lane *lane, struct run *run)
{
    struct stream *stream = run->channel->stream;
    stream->has_heard = true;
    stream_drop_used(stream);
    size_t len = 0;
    const uint8_t *reply = find_reply(lane, run, &len);
    if (reply) {
        stream->is_answered = true;
        return (struct attempt_result){
            .state = ATTEMPT_REPLIED, .message = reply, .len = len, .rtt_ns = stream_rtt_ns(lane, run)};
    }
    if (stream->strangers < STRANGERS_MAX) return attempt_waits();
    run->outcome.reply = (struct dns_reply){.size = (uint16_t)len};
    return attempt_failed(OUTCOME_MALFORMED, OUTCOME_STEP_RECEIVE, 0);
}

static const struct stream_user over_tcp = {.ask = ask, .hear = hear};
static const struct stream_user over_tls = {.alpn = "dot", .ask = ask, .hear = hear};

static struct attempt_result tcp_begin(struct lane *lane, struct run *run)
{
    return stream_begin(lane, run, &over_tcp);
}

static struct attempt_result tls_begin(struct lane *lane, struct run *run)
{
    return stream_begin(lane, run, &over_tls);
}

const struct transport_functions transport_tcp = {.begin = tcp_begin,
                                                  .advance = stream_advance,
                                                  .ask_again = stream_ask_again,
                                                  .expire = stream_expire,
                                                  .finish = stream_finish};
const struct transport_functions transport_tls = {.begin = tls_begin,
                                                  .advance = stream_advance,
                                                  .ask_again = stream_ask_again,
                                                  .expire = stream_expire,
                                                  .finish = stream_finish};
