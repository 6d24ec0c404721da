/*
 * One HTTP/2 connection from memory to memory, and one request on it at a time (RFC 9113, by nghttp2). Every byte that
 * arrives is hostile: what is kept of an answer is bounded.
 */
#ifndef DNSPOLICY_SRC_PROBE_HTTP_H
#define DNSPOLICY_SRC_PROBE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/strbuf.h"

#define HTTP_BODY_MAX 65535

struct http_request {
    const char *authority;
    const char *path;
    const char *media_type; /* of what is wanted, and of the body */
    const uint8_t *body;    /* NULL: GET, else POST */
    size_t body_len;
};

struct http_answer {
    bool has_begun;
    bool is_whole;
    bool is_broken; /* the stream was reset, or its body is beyond bounds */
    uint16_t status;
    bool is_wanted_media_type;
    struct strbuf body;
};

struct http;
struct http *http_new(void);
void http_free(struct http *http); /* NULL is fine */

/* Forgets the answer before. Copies the request. False: this connection takes no more. */
bool http_ask(struct http *http, const struct http_request *request);
/* False: it was not HTTP/2. */
bool http_feed(struct http *http, const uint8_t *bytes, size_t len);
/* Appends what is to be sent. False: nothing more can be. */
bool http_drain(struct http *http, struct strbuf *out);
bool http_has_asked(const struct http *http); /* http_drain() has given out the whole request */
const struct http_answer *http_answer(const struct http *http);
bool http_may_ask_again(const struct http *http); /* the answer is whole, and the server has not said goodbye */

#endif
