/* One exchange over HTTP/2, with nghttp2 as the server and no network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <nghttp2/nghttp2.h>

#include "dnspolicy/base/mem.h"
#include "probe/http.h"

#define WANTED "application/dns-message"

/* A server that notes what it is asked and answers as it is told. */
struct server {
    nghttp2_session *session;
    const char *status;
    const char *media_type;
    const char *body;
    size_t sent;
    int32_t stream;
    struct strbuf headers; /* "name=value;" */
    struct strbuf asked;
};

static nghttp2_nv pair(const char *name, const char *value)
{
    nghttp2_nv out = {.namelen = strlen(name), .valuelen = strlen(value)};
    memcpy(&out.name, &name, sizeof(name));
    memcpy(&out.value, &value, sizeof(value));
    return out;
}

static ssize_t give(nghttp2_session *session, int32_t stream, uint8_t *buffer, size_t room, uint32_t *flags,
                    nghttp2_data_source *source, void *ctx)
{
    (void)session, (void)stream, (void)source;
    struct server *server = ctx;
    size_t left = strlen(server->body) - server->sent;
    size_t len = left < room ? left : room;
    memcpy(buffer, server->body + server->sent, len);
    server->sent += len;
    if (len == left) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)len;
}

static int see_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
                      const uint8_t *value, size_t value_len, uint8_t flags, void *ctx)
{
    (void)session, (void)frame, (void)flags;
    struct server *server = ctx;
    strbuf_add(&server->headers, name, name_len);
    strbuf_putc(&server->headers, '=');
    strbuf_add(&server->headers, value, value_len);
    strbuf_putc(&server->headers, ';');
    return 0;
}

static int see_body(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t len,
                    void *ctx)
{
    (void)session, (void)flags, (void)stream;
    struct server *server = ctx;
    strbuf_add(&server->asked, bytes, len);
    return 0;
}

static int see_end(nghttp2_session *session, const nghttp2_frame *frame, void *ctx)
{
    struct server *server = ctx;
    if (!(frame->hd.flags & NGHTTP2_FLAG_END_STREAM) || !frame->hd.stream_id || !server->status) return 0;
    const nghttp2_nv headers[] = {pair(":status", server->status), pair("content-type", server->media_type)};
    nghttp2_data_provider body = {.read_callback = give};
    server->stream = frame->hd.stream_id;
    server->sent = 0;
    return nghttp2_submit_response(session, server->stream, headers, ARRAY_LEN(headers), &body);
}

static void server_init(struct server *server, const char *status, const char *media_type, const char *body)
{
    *server = (struct server){.status = status, .media_type = media_type, .body = body};
    nghttp2_session_callbacks *callbacks;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, see_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, see_body);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, see_end);
    assert_int_equal(nghttp2_session_server_new(&server->session, callbacks, server), 0);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(server->session, NGHTTP2_FLAG_NONE, NULL, 0);
}

static void server_fini(struct server *server)
{
    nghttp2_session_del(server->session);
    strbuf_fini(&server->headers);
    strbuf_fini(&server->asked);
}

/* Both speak until both are silent. Bytes reach the client one by one: any cut must do. */
static void converse(struct http *http, struct server *server)
{
    for (int i = 0; i < 20; i++) {
        AUTO(strbuf_fini) struct strbuf out = {0};
        http_drain(http, &out);
        assert_true(nghttp2_session_mem_recv(server->session, (const uint8_t *)strbuf_text(&out), out.len) >= 0);
        const uint8_t *bytes;
        ssize_t len;
        while ((len = nghttp2_session_mem_send(server->session, &bytes)) > 0)
            for (ssize_t at = 0; at < len; at++) assert_true(http_feed(http, bytes + at, 1));
    }
}

static const struct http_request post = {.authority = "[2001:db8::1]:8443",
                                         .path = "/dns-query",
                                         .media_type = WANTED,
                                         .body = (const uint8_t *)"query",
                                         .body_len = 5};

static void a_query_is_posted_and_its_answer_is_kept_whole(void **state)
{
    (void)state;
    struct server server;
    server_init(&server, "200", WANTED, "reply");
    struct http *http = http_new();
    assert_true(http_ask(http, &post));
    assert_false(http_has_asked(http));
    converse(http, &server);
    assert_true(http_has_asked(http));
    assert_string_equal(strbuf_text(&server.headers),
                        ":method=POST;:scheme=https;:authority=[2001:db8::1]:8443;:path=/dns-query;accept=" WANTED
                        ";user-agent=dnspolicy;content-type=" WANTED ";content-length=5;");
    assert_string_equal(strbuf_text(&server.asked), "query");
    const struct http_answer *answer = http_answer(http);
    assert_true(answer->is_whole && answer->is_wanted_media_type && !answer->is_broken);
    assert_int_equal(answer->status, 200);
    assert_string_equal(strbuf_text(&answer->body), "reply");
    http_free(http);
    server_fini(&server);
}

static void a_second_query_on_the_connection_knows_nothing_of_the_first(void **state)
{
    (void)state;
    struct server server;
    server_init(&server, "200", WANTED, "a long reply");
    struct http *http = http_new();
    http_ask(http, &post);
    converse(http, &server);
    assert_true(http_may_ask_again(http));
    server.status = "404";
    server.media_type = "text/html";
    server.body = "no";
    const struct http_request get = {.authority = "ns1.example", .path = "/dns-query?dns=AAA", .media_type = WANTED};
    assert_true(http_ask(http, &get));
    assert_false(http_answer(http)->has_begun || http_answer(http)->is_whole || http_has_asked(http));
    converse(http, &server);
    assert_int_equal(http_answer(http)->status, 404);
    assert_string_equal(strbuf_text(&http_answer(http)->body), "no");
    assert_false(http_answer(http)->is_wanted_media_type);
    assert_non_null(strstr(strbuf_text(&server.headers), ":method=GET;"));
    http_free(http);
    server_fini(&server);
}

static void media_types_may_have_parameters_but_no_longer_names(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool is_wanted;
    } cases[] = {{"Application/DNS-Message", true}, {WANTED "; charset=utf-8", true}, {WANTED "2", false}, {"", false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct server server;
        server_init(&server, "200", cases[i].value, "x");
        struct http *http = http_new();
        http_ask(http, &post);
        converse(http, &server);
        assert_int_equal(http_answer(http)->is_wanted_media_type, cases[i].is_wanted);
        http_free(http);
        server_fini(&server);
    }
}

static void a_stream_that_is_reset_is_broken_and_not_whole(void **state)
{
    (void)state;
    struct server server;
    server_init(&server, NULL, NULL, NULL);
    struct http *http = http_new();
    http_ask(http, &post);
    converse(http, &server);
    assert_false(http_answer(http)->is_whole || http_answer(http)->is_broken);
    nghttp2_submit_rst_stream(server.session, NGHTTP2_FLAG_NONE, 1, NGHTTP2_INTERNAL_ERROR);
    converse(http, &server);
    assert_true(http_answer(http)->is_broken && !http_answer(http)->is_whole);
    assert_false(http_may_ask_again(http));
    http_free(http);
    server_fini(&server);
}

static void a_server_that_says_goodbye_is_not_asked_again(void **state)
{
    (void)state;
    struct server server;
    server_init(&server, "200", WANTED, "reply");
    struct http *http = http_new();
    http_ask(http, &post);
    nghttp2_submit_shutdown_notice(server.session);
    converse(http, &server);
    assert_true(http_answer(http)->is_whole);
    assert_false(http_may_ask_again(http));
    http_free(http);
    server_fini(&server);
}

static void what_is_not_http2_is_noticed_at_once(void **state)
{
    (void)state;
    static const char text[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    struct http *http = http_new();
    AUTO(strbuf_fini) struct strbuf out = {0};
    http_ask(http, &post);
    http_drain(http, &out);
    bool is_sound = http_feed(http, (const uint8_t *)text, strlen(text));
    assert_false(is_sound && http_drain(http, &out) && http_drain(http, &out));
    http_free(http);
}

static void a_body_beyond_the_bound_is_not_kept(void **state)
{
    (void)state;
    char *body = mem_alloc(HTTP_BODY_MAX + 2);
    memset(body, 'x', HTTP_BODY_MAX + 1);
    struct server server;
    server_init(&server, "200", WANTED, body);
    struct http *http = http_new();
    AUTO(strbuf_fini) struct strbuf out = {0};
    http_ask(http, &post);
    const uint8_t *bytes;
    for (int i = 0; i < 20; i++) {
        strbuf_clear(&out);
        http_drain(http, &out);
        nghttp2_session_mem_recv(server.session, (const uint8_t *)strbuf_text(&out), out.len);
        ssize_t len;
        while ((len = nghttp2_session_mem_send(server.session, &bytes)) > 0) http_feed(http, bytes, (size_t)len);
    }
    assert_true(http_answer(http)->is_broken && !http_answer(http)->is_whole);
    assert_true(http_answer(http)->body.len <= HTTP_BODY_MAX);
    http_free(http);
    server_fini(&server);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_posted_and_its_answer_is_kept_whole),
        cmocka_unit_test(a_second_query_on_the_connection_knows_nothing_of_the_first),
        cmocka_unit_test(media_types_may_have_parameters_but_no_longer_names),
        cmocka_unit_test(a_stream_that_is_reset_is_broken_and_not_whole),
        cmocka_unit_test(a_server_that_says_goodbye_is_not_asked_again),
        cmocka_unit_test(what_is_not_http2_is_noticed_at_once),
        cmocka_unit_test(a_body_beyond_the_bound_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
