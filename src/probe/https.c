/*
 * Decides how a query goes over HTTPS (RFC 8484, HTTP/2 only): as the body of a POST, or in the path of a GET, and when
 * what came back is a DNS message. The query keeps its random id, so that no cache in between answers for the server.
 */
#include "transport.h"

#include <string.h>

#include "dnspolicy/base/mem.h"
#include "http.h"
#include "lane.h"
#include "stream.h"
#include "tls.h"

#define ALPN "h2"
#define MEDIA_TYPE "application/dns-message"
#define HTTPS_PORT 443

static struct attempt_result http_failed(enum outcome_http_error error)
{
    struct attempt_result result = attempt_failed(OUTCOME_HTTP_FAILED, OUTCOME_STEP_HTTP, 0);
    result.error.http = (uint8_t)error;
    return result;
}

/* Without padding: RFC 4648 section 5. */
static void add_base64url(struct strbuf *out, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (count += 8; count >= 6; count -= 6) strbuf_putc(out, digits[bits >> (count - 6) & 63]);
    }
    if (count) strbuf_putc(out, digits[bits << (6 - count) & 63]);
}

static void add_authority(struct strbuf *out, const struct plan_probe *probe)
{
    const struct config_resolver *resolver = probe->resolver;
    char address[ADDR_TEXT_SIZE];
    struct addr host = resolver->address;
    host.scope_id = 0; /* means nothing to the server */
    addr_format(&host, address);
    if (resolver->tls_server_name)
        strbuf_puts(out, resolver->tls_server_name);
    else
        strbuf_addf(out, host.family == ADDR_V6 ? "[%s]" : "%s", address);
    if (probe->port != HTTPS_PORT) strbuf_addf(out, ":%u", probe->port);
}

/* What HTTP/2 has to send goes into the stream. */
static struct attempt_result pass_on(struct stream *stream)
{
    AUTO(strbuf_fini) struct strbuf frames = {0};
    bool is_sound = http_drain(stream->http, &frames);
    struct attempt_result result = frames.len ? stream_write(stream, frames.data, frames.len) : attempt_waits();
    if (result.state != ATTEMPT_WAITS) return result;
    return is_sound ? result : http_failed(OUTCOME_HTTP_PROTOCOL);
}

/* Frames as long as there is something to ask with: a server may let the body wait. */
static struct attempt_result pass_on_query(struct stream *stream)
{
    bool had_asked = http_has_asked(stream->http);
    struct attempt_result result = pass_on(stream);
    if (!had_asked && http_has_asked(stream->http)) stream_query_is_whole(stream);
    return result;
}

static struct attempt_result ask(struct lane *lane, struct run *run)
{
    const struct plan_probe *probe = lane_probe(lane, run->task);
    struct stream *stream = run->channel->stream;
    if (!tls_speaks(stream->tls, ALPN)) return http_failed(OUTCOME_HTTP_NO_HTTP2);
    if (!stream->http) stream->http = http_new();
    const uint8_t *query = lane->message + MESSAGE_QUERY_AT;
    size_t len = message_compose(lane, run);
    AUTO(strbuf_fini) struct strbuf authority = {0};
    AUTO(strbuf_fini) struct strbuf path = {0};
    add_authority(&authority, probe);
    strbuf_puts(&path, probe->resolver->https_path);
    if (probe->resolver->https_get) {
        strbuf_puts(&path, "?dns=");
        add_base64url(&path, query, len);
    }
    struct http_request request = {
        .authority = strbuf_text(&authority), .path = strbuf_text(&path), .media_type = MEDIA_TYPE};
    if (!probe->resolver->https_get) {
        request.body = query;
        request.body_len = len;
    }
    if (!http_ask(stream->http, &request)) return http_failed(OUTCOME_HTTP_PROTOCOL);
    return pass_on_query(stream);
}

static struct attempt_result take_message(struct lane *lane, struct run *run, const struct strbuf *body)
{
    const uint8_t *message = (const uint8_t *)strbuf_text(body);
    size_t query_len = message_compose_unsigned(lane, run);
    enum dns_match match = dns_reply_match(lane->message + MESSAGE_QUERY_AT, query_len, message, body->len);
    if (match == DNS_MATCH_OK && run->facts.query->has_cookie)
        match = dns_reply_take_cookie(message, body->len, &run->facts.cookie);
    if (match == DNS_MATCH_OK)
        return (struct attempt_result){
            .state = ATTEMPT_REPLIED, .message = message, .len = body->len, .rtt_ns = stream_rtt_ns(lane, run)};
    stats_add(&lane->stats.ignored[match], 1);
    run->outcome.reply = (struct dns_reply){.size = (uint16_t)body->len};
    return attempt_failed(OUTCOME_MALFORMED, OUTCOME_STEP_RECEIVE, 0);
}

static struct attempt_result take_answer(struct lane *lane, struct run *run)
{
    struct stream *stream = run->channel->stream;
    const struct http_answer *answer = http_answer(stream->http);
    stream->has_heard = answer->has_begun;
    run->outcome.http_status = answer->status;
    if (answer->is_broken) return http_failed(OUTCOME_HTTP_PROTOCOL);
    if (!answer->is_whole) return attempt_waits();
    if (answer->status < 200 || answer->status > 299) return http_failed(OUTCOME_HTTP_STATUS);
    if (!answer->is_wanted_media_type) return http_failed(OUTCOME_HTTP_MEDIA_TYPE);
    stream->is_answered = http_may_ask_again(stream->http);
    return take_message(lane, run, &answer->body);
}

static struct attempt_result hear(struct lane *lane, struct run *run)
{
    struct stream *stream = run->channel->stream;
    bool is_sound = http_feed(stream->http, (const uint8_t *)stream->in.data, stream->in.len);
    stream_drop(stream, stream->in.len);
    struct attempt_result result = stream->is_answered ? attempt_waits() : take_answer(lane, run);
    if (result.state != ATTEMPT_WAITS) return result;
    if (!is_sound) return http_failed(OUTCOME_HTTP_PROTOCOL);
    return pass_on_query(stream);
}

static const struct stream_user over_https = {.alpn = ALPN, .ask = ask, .hear = hear};

static struct attempt_result https_begin(struct lane *lane, struct run *run)
{
    return stream_begin(lane, run, &over_https);
}

const struct transport_functions transport_https = {.begin = https_begin,
                                                    .advance = stream_advance,
                                                    .ask_again = stream_ask_again,
                                                    .expire = stream_expire,
                                                    .finish = stream_finish};
