/*
 * The outcome: the facts of one run of a probe, and no judgement. Plain data; the texts inside belong to whoever made
 * the outcome (a lane's scratch during a fold, a record in state afterwards: see outcome_copy).
 */
#ifndef DNSPOLICY_PROBE_OUTCOME_H
#define DNSPOLICY_PROBE_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "dnspolicy/base/addr.h"
#include "dnspolicy/dns/query.h"
#include "dnspolicy/dns/reply.h"
#include "dnspolicy/dns/tsig.h"
#include "dnspolicy/plan/plan.h"

enum outcome_status {
    OUTCOME_RESPONSE,
    OUTCOME_TIMEOUT,         /* no usable reply; a SYN without an answer is silence too */
    OUTCOME_CLOSED,          /* TCP: accepted, then closed without a whole reply */
    OUTCOME_RESET,           /* TCP: accepted, then reset */
    OUTCOME_CONNECT_REFUSED, /* ECONNREFUSED: nobody listens. Not the DNS rcode REFUSED */
    OUTCOME_UNREACHABLE,     /* an ICMP error or no route */
    OUTCOME_MALFORMED,       /* replies came and none could be parsed */
    OUTCOME_TLS_FAILED,      /* the handshake failed, or the certificate is not the resolver's */
    OUTCOME_HTTP_FAILED,     /* an HTTP status other than 2xx, or what came was no DNS message over HTTP/2 */
    OUTCOME_LOCAL_ERROR,     /* could not be sent from here as asked */
    OUTCOME_ABANDONED, /* ended by a reload, a suspend or our own limit: only its counts matter, it is never judged */
    OUTCOME_STATUSES
};
extern const char *const outcome_status_names[OUTCOME_STATUSES]; /* "response", "timeout", … */

/* What went wrong, for the sentence: kept as numbers, told by outcome_describe_error(). */
enum outcome_step {
    OUTCOME_STEP_NONE,
    OUTCOME_STEP_SOCKET, /* socket(2): descriptors, memory */
    OUTCOME_STEP_BIND,   /* the client's source could not be bound */
    OUTCOME_STEP_CONNECT,
    OUTCOME_STEP_SOURCE_SUBNET,  /* the kernel chose a source outside the client's subnet, and nat is not set */
    OUTCOME_STEP_SOURCE_CHANGED, /* the socket's source is not the one that was bound */
    OUTCOME_STEP_SEND,
    OUTCOME_STEP_RECEIVE,
    OUTCOME_STEP_NETNS,       /* the network namespace could not be entered */
    OUTCOME_STEP_INTERFACE,   /* SO_BINDTODEVICE */
    OUTCOME_STEP_MARK,        /* SO_MARK */
    OUTCOME_STEP_TRANSPARENT, /* IP_TRANSPARENT */
    OUTCOME_STEP_TLS,         /* error.tls says more */
    OUTCOME_STEP_CERTIFICATE, /* number is the X509_V_ERR_… of OpenSSL's verification */
    OUTCOME_STEP_HTTP         /* error.http says more */
};
/* What was wrong with an exchange over HTTP, besides its status. */
enum outcome_http_error {
    OUTCOME_HTTP_STATUS,    /* outcome.http_status */
    OUTCOME_HTTP_NO_HTTP2,  /* ALPN did not choose h2 */
    OUTCOME_HTTP_PROTOCOL,  /* not HTTP/2, or the stream was reset */
    OUTCOME_HTTP_MEDIA_TYPE /* not application/dns-message */
};
struct outcome_error {
    uint8_t step;      /* enum outcome_step */
    uint8_t icmp_type; /* with has_icmp */
    uint8_t icmp_code;
    bool has_icmp;
    int32_t number;          /* errno, 0: none */
    uint8_t http;            /* enum outcome_http_error, at OUTCOME_STEP_HTTP */
    uint64_t tls;            /* OpenSSL's error code, at OUTCOME_STEP_TLS; 0: none */
    struct addr icmp_sender; /* the router or host that sent the ICMP error */
};
/* What the SOA query before a transfer told. */
enum outcome_zone {
    OUTCOME_ZONE_NOT_ASKED,
    OUTCOME_ZONE_SERVED,    /* its SOA came */
    OUTCOME_ZONE_NOT_SERVED /* another answer: not served here, or not for this client */
};

struct outcome {
    uint32_t probe;            /* index in the plan that the lane runs */
    uint8_t status;            /* enum outcome_status */
    uint8_t attempts;          /* attempts made, UDP and TCP together; 0: nothing could be sent */
    uint8_t queries_sent;      /* what left this host, for queries_total */
    uint8_t attempts_lost;     /* attempts without a usable reply */
    bool truncated;            /* the UDP reply had TC set; the reply kept is the TCP one */
    bool cut_short;            /* over a stream: a reply had begun, and not all of it came */
    bool bad_cookie;           /* the first reply was BADCOOKIE; the query went again with the server's cookie */
    bool is_reused_connection; /* an earlier run's: no handshake */
    bool is_resumed_session;   /* a TLS handshake that resumed an earlier run's */
    uint8_t tsig;              /* enum dns_tsig_status */
    uint8_t zone;              /* enum outcome_zone */
    uint16_t http_status;      /* 0: none came */
    uint16_t claimed_port;     /* of the PROXYv2 header; 0: none, or LOCAL */
    bool is_on_demand;         /* ordered by a person: touches neither counters nor schedule-related state */
    uint16_t local_port;
    struct addr local;      /* of the last attempt; absent: none was made */
    struct dns_stamp stamp; /* of the last attempt */
    int64_t rtt_ns;         /* -1: no reply */
    int64_t connect_ns;     /* TCP handshake; -1: none */
    int64_t tls_ns;         /* TLS handshake; -1: none */
    int64_t
        certificate_not_after_s; /* the earliest end of the certificates that the server showed, Unix time; 0: none */
    uint64_t started_mono_ns;
    uint64_t ended_mono_ns;
    int64_t started_wall_ns;
    int64_t ended_wall_ns;
    struct outcome_error error; /* of the last attempt that failed; also set beside a later reply */
    struct dns_reply reply;     /* valid when status is RESPONSE; size and header when MALFORMED */
};

/* Bounds of what is kept of an answer's text: whole records only. */
#define OUTCOME_KEPT_RECORDS 32
#define OUTCOME_KEPT_TEXT 2048

/*
 * Copies `from` over `to`, with the texts (answer, bounded as above; EDE; NSID) moved into *texts, a buffer that
 * belongs to `to` and is reused from copy to copy. A cut answer sets to->reply.answer_cut.
 */
struct outcome_texts {
    char *bytes;
    uint32_t capacity;
};
void outcome_copy(struct outcome *to, struct outcome_texts *texts, const struct outcome *from);
void outcome_texts_fini(struct outcome_texts *texts);

/* A sentence fragment such as "bind to 10.20.5.18: Cannot assign requested address", "ICMP port unreachable
 * from 10.0.0.1" or "set the mark 9: Operation not permitted; it needs CAP_NET_ADMIN". */
void outcome_describe_error(const struct outcome *outcome, const struct plan_probe *probe, struct strbuf *out);

#endif
