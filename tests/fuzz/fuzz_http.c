/* What a server sends over HTTP/2, in two pieces: the first byte says how long the first one is. */
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/mem.h"
#include "probe/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void free_http(struct http **http) { http_free(*http); }

static void feed(struct http *http, const uint8_t *bytes, size_t len)
{
    AUTO(strbuf_fini) struct strbuf out = {0};
    http_feed(http, bytes, len);
    http_drain(http, &out);
    const struct http_answer *answer = http_answer(http);
    REQUIRE(answer->body.len <= HTTP_BODY_MAX && !(answer->is_whole && answer->is_broken));
    REQUIRE(!answer->is_whole || (answer->has_begun && answer->status >= 100 && answer->status <= 999));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct http_request get = {.authority = "a", .path = "/dns-query?dns=AA", .media_type = "text/plain"};
    if (!size) return 0;
    size_t first = data[0] < size - 1 ? data[0] : size - 1;
    AUTO(strbuf_fini) struct strbuf out = {0};
    AUTO(free_http) struct http *http = http_new();
    REQUIRE(http_ask(http, &get) && http_drain(http, &out) && http_has_asked(http));
    feed(http, data + 1, first);
    feed(http, data + 1 + first, size - 1 - first);
    if (http_may_ask_again(http)) http_ask(http, &get);
    return 0;
}
