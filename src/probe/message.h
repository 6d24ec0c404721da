/*
 * The bytes of one attempt: a PROXYv2 header, the query completed for its client and run, and its signature. They are
 * composed again whenever they are needed, because a lane has one buffer for all its runs: the same run gives the same
 * bytes until message_prepare() makes the next attempt's.
 */
#ifndef DNSPOLICY_SRC_PROBE_MESSAGE_H
#define DNSPOLICY_SRC_PROBE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/dns/proxy.h"
#include "dnspolicy/dns/query.h"
#include "dnspolicy/dns/tsig.h"

struct lane;
struct run;

/* What a run's present attempt is made of, besides run->outcome.stamp. */
struct message_facts {
    const struct dns_query *query; /* of the plan: the probe's, or the SOA query before a transfer */
    struct dns_cookie cookie;
    uint32_t serial;       /* IXFR: one more than the server's */
    int64_t signed_wall_s; /* TSIG's time */
    struct dns_tsig_mac mac;
    uint16_t claimed_port; /* PROXYv2; 0: none */
};

/* The run's client cookie, the same in all its attempts. Needs facts.query. */
void message_begin(struct lane *lane, struct run *run);
/* A fresh id, random label, claimed port and time. */
void message_prepare(struct lane *lane, struct run *run);

/* Where the parts lie in lane->message: the header right before the length, the length right before the query. */
#define MESSAGE_LENGTH_SIZE 2
#define MESSAGE_QUERY_AT (PROXY_HEADER_MAX + MESSAGE_LENGTH_SIZE)
#define MESSAGE_SIZE (MESSAGE_QUERY_AT + DNS_MESSAGE_MAX)

/* The query at lane->message + MESSAGE_QUERY_AT, its length before it, signed if its client signs (run->facts.mac is
 * then its MAC). Returns the query's length. */
size_t message_compose(struct lane *lane, struct run *run);
/* The same without a signature: enough to match a reply with. */
size_t message_compose_unsigned(struct lane *lane, const struct run *run);
/* The PROXYv2 header of the run; 0: its resolver takes none. */
size_t message_proxy_header(const struct lane *lane, const struct run *run, uint8_t out[PROXY_HEADER_MAX]);

#endif
