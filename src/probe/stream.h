/*
 * One connection of an attempt as a stream of bytes: connected in the client's context, opened with a PROXYv2 header
 * where the resolver takes one, and with a TLS handshake where its user speaks TLS. Owned by a lane, like its channel.
 * It knows nothing of what is asked over it.
 */
#ifndef DNSPOLICY_SRC_PROBE_STREAM_H
#define DNSPOLICY_SRC_PROBE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "dnspolicy/base/addr.h"
#include "dnspolicy/base/strbuf.h"
#include "transport.h"

struct channel;
struct http;
struct tls;

/* Who speaks over a stream. Both return WAITS unless the attempt has come to its end. */
struct stream_user {
    const char *alpn; /* NULL: no TLS */
    /* The stream is open, or open still: asks, by stream_write() and stream_query_is_whole(). */
    struct attempt_result (*ask)(struct lane *lane, struct run *run);
    /* More has arrived in stream->in, of which the user drops what it has used. */
    struct attempt_result (*hear)(struct lane *lane, struct run *run);
};

enum stream_stage { STREAM_CONNECTS, STREAM_SHAKES_HANDS, STREAM_IS_OPEN };

struct stream {
    const struct stream_user *user;
    enum stream_stage stage;
    struct addr local;
    uint16_t local_port;
    uint16_t claimed_port;  /* in its PROXYv2 header */
    uint32_t watched;       /* epoll events */
    uint64_t began_mono_ns; /* the present handshake, of TCP or TLS */
    int64_t stamp_wall_ns;  /* of what arrived last */
    struct strbuf out;      /* as it goes over the wire */
    size_t out_sent;
    struct strbuf in;     /* what has arrived, decrypted */
    bool is_query_queued; /* all of it lies in `out` */
    bool is_reused;       /* has served an earlier query, and what became of it since is not known yet */
    bool has_heard;       /* the user: an answer to the present query has begun */
    bool is_answered;     /* the user: whole, and nothing is in the way of another query */
    struct tls *tls;      /* NULL: none */
    unsigned strangers;   /* over TCP and TLS: messages that answered nothing */
    size_t used;          /* over TCP and TLS: of `in`, by the reply */
    struct http *http;    /* over HTTPS: NULL before the stream is open */
    uint64_t key;         /* idle: whom it may serve */
};

/* The functions of a transport, but for the user. */
struct attempt_result stream_begin(struct lane *lane, struct run *run, const struct stream_user *user);
struct attempt_result stream_advance(struct lane *lane, struct run *run, uint32_t events);
struct attempt_result stream_ask_again(struct lane *lane, struct run *run);
struct attempt_result stream_expire(const struct run *run);
void stream_finish(struct lane *lane, struct run *run, bool cleanly);

/* For the user: */
struct attempt_result stream_write(struct stream *stream, const void *bytes, size_t len);
void stream_query_is_whole(struct stream *stream);
void stream_drop(struct stream *stream, size_t len); /* from the front of what has arrived */
void stream_drop_used(struct stream *stream);        /* the reply that was handed out before */
int64_t stream_rtt_ns(const struct lane *lane, const struct run *run);

/* Its socket is about to be closed: says farewell where that is due, and is as new. */
void stream_close(struct stream *stream, int fd);
void stream_free(struct stream *stream); /* after stream_close(); NULL is fine */

#endif
