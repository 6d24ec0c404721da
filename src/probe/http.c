/*
 * Decides what of an HTTP/2 exchange matters to who asked: the status, whether the body is of the wanted kind, and the
 * body. Knows neither sockets nor what the body means.
 */
#include "http.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dnspolicy/base/mem.h"

#define OUT_ENOUGH 32768 /* of what a server makes us answer, before it reads some */
#define HEADERS_MAX 16384

struct http {
    nghttp2_session *session;
    int32_t stream; /* of the present request */
    bool has_asked;
    struct strbuf request_body;
    size_t request_sent;
    char media_type[64];
    struct http_answer answer;
};

static ssize_t give_body(nghttp2_session *session, int32_t stream, uint8_t *buffer, size_t room, uint32_t *flags,
                         nghttp2_data_source *source, void *ctx)
{
    (void)session, (void)stream, (void)source;
    struct http *http = ctx;
    size_t left = http->request_body.len - http->request_sent;
    size_t len = left < room ? left : room;
    memcpy(buffer, http->request_body.data + http->request_sent, len);
    http->request_sent += len;
    if (len == left) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)len;
}

static int frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *ctx)
{
    (void)session;
    struct http *http = ctx;
    bool is_request = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (is_request && frame->hd.stream_id == http->stream && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        http->has_asked = true;
    return 0;
}

/* "application/dns-message", whatever parameters follow. */
static bool is_media_type(const char *wanted, const char *value, size_t len)
{
    size_t wanted_len = strlen(wanted);
    if (len < wanted_len || strncasecmp(value, wanted, wanted_len) != 0) return false;
    return len == wanted_len || value[wanted_len] == ';' || value[wanted_len] == ' ' || value[wanted_len] == '\t';
}

static int header_arrived(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
                          const uint8_t *value, size_t value_len, uint8_t flags, void *ctx)
{
    (void)session, (void)flags;
    struct http *http = ctx;
    if (frame->hd.stream_id != http->stream) return 0;
    http->answer.has_begun = true;
    if (name_len == 7 && memcmp(name, ":status", 7) == 0) /* nghttp2 lets three digits pass and nothing else */
        http->answer.status = (uint16_t)strtoul((const char *)value, NULL, 10);
    if (name_len == 12 && memcmp(name, "content-type", 12) == 0)
        http->answer.is_wanted_media_type = is_media_type(http->media_type, (const char *)value, value_len);
    return 0;
}

static int body_arrived(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t len,
                        void *ctx)
{
    (void)session, (void)flags;
    struct http *http = ctx;
    if (stream != http->stream) return 0;
    if (len > HTTP_BODY_MAX - http->answer.body.len) {
        http->answer.is_broken = true;
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    strbuf_add(&http->answer.body, bytes, len);
    return 0;
}

static int stream_closed(nghttp2_session *session, int32_t stream, uint32_t error, void *ctx)
{
    (void)session;
    struct http *http = ctx;
    if (stream != http->stream) return 0;
    http->answer.is_whole = error == NGHTTP2_NO_ERROR && http->answer.status != 0;
    http->answer.is_broken = !http->answer.is_whole;
    return 0;
}

struct http *http_new(void)
{
    struct http *http = mem_alloc(sizeof(*http));
    nghttp2_session_callbacks *callbacks;
    REQUIRE(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frame_sent);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, header_arrived);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, body_arrived);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_closed);
    int result = nghttp2_session_client_new(&http->session, callbacks, http);
    nghttp2_session_callbacks_del(callbacks);
    REQUIRE(result == 0);
    const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
                                               {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HEADERS_MAX}};
    REQUIRE(nghttp2_submit_settings(http->session, NGHTTP2_FLAG_NONE, settings, ARRAY_LEN(settings)) == 0);
    return http;
}

void http_free(struct http *http)
{
    if (!http) return;
    nghttp2_session_del(http->session);
    strbuf_fini(&http->request_body);
    strbuf_fini(&http->answer.body);
    free(http);
}

static nghttp2_nv header(const char *name, const char *value)
{
    nghttp2_nv pair = {.namelen = strlen(name), .valuelen = strlen(value)};
    /* nghttp2 takes what it only reads as bytes that are not const. */
    memcpy(&pair.name, &name, sizeof(name));
    memcpy(&pair.value, &value, sizeof(value));
    return pair;
}

static void forget(struct http *http)
{
    strbuf_clear(&http->answer.body);
    strbuf_clear(&http->request_body);
    http->answer = (struct http_answer){.body = http->answer.body};
    http->request_sent = 0;
    http->has_asked = false;
}

bool http_ask(struct http *http, const struct http_request *request)
{
    forget(http);
    REQUIRE(strlen(request->media_type) < sizeof(http->media_type));
    memcpy(http->media_type, request->media_type, strlen(request->media_type) + 1);
    if (request->body) strbuf_add(&http->request_body, request->body, request->body_len);
    AUTO(strbuf_fini) struct strbuf length = {0};
    strbuf_add_u64(&length, request->body_len);
    const nghttp2_nv headers[] = {
        header(":method", request->body ? "POST" : "GET"),
        header(":scheme", "https"),
        header(":authority", request->authority),
        header(":path", request->path),
        header("accept", request->media_type),
        header("user-agent", "dnspolicy"),
        header("content-type", request->media_type),
        header("content-length", strbuf_text(&length)),
    };
    nghttp2_data_provider body = {.read_callback = give_body};
    size_t count = ARRAY_LEN(headers) - (request->body ? 0 : 2);
    http->stream = nghttp2_submit_request(http->session, NULL, headers, count, request->body ? &body : NULL, NULL);
    return http->stream > 0;
}

bool http_feed(struct http *http, const uint8_t *bytes, size_t len)
{
    return nghttp2_session_mem_recv(http->session, bytes, len) == (ssize_t)len;
}

bool http_drain(struct http *http, struct strbuf *out)
{
    const uint8_t *bytes;
    ssize_t len = 0;
    while (out->len < OUT_ENOUGH && (len = nghttp2_session_mem_send(http->session, &bytes)) > 0)
        strbuf_add(out, bytes, (size_t)len);
    /* After a fault nghttp2 has nothing more to say and nothing to hear. */
    return len > 0 ||
           (len == 0 && (nghttp2_session_want_read(http->session) || nghttp2_session_want_write(http->session)));
}

bool http_has_asked(const struct http *http) { return http->has_asked; }
const struct http_answer *http_answer(const struct http *http) { return &http->answer; }

bool http_may_ask_again(const struct http *http)
{
    return http->answer.is_whole && nghttp2_session_check_request_allowed(http->session);
}
