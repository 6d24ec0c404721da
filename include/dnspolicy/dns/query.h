/*
 * A query, built once with ldns and patched for every attempt: the DNS id, and the digits that stand for {random}.
 * RFC 1035 section 4, EDNS(0) RFC 6891, NSID RFC 5001.
 */
#ifndef DNSPOLICY_DNS_QUERY_H
#define DNSPOLICY_DNS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/dns/name.h"

struct dns_question {
    const char *name; /* canonical, with {random} as written */
    uint16_t type;
    uint16_t klass;
    uint8_t opcode;
    bool recursion_desired;
    bool checking_disabled;
    bool dnssec_ok;
    bool edns;
    uint16_t bufsize;
    bool nsid;
};

#define DNS_QUERY_MAX 512 /* a name, a header and an OPT record: every query of ours fits */

struct dns_query {
    uint8_t wire[DNS_QUERY_MAX]; /* id 0; the random digits are zeros */
    uint16_t len;
    uint16_t random_offset; /* of the first of the 16 digits; 0: the name has no {random} */
};

/* Cannot fail for a canonical name and valid numbers: anything else is a broken invariant. */
void dns_query_build(const struct dns_question *question, struct dns_query *query);

/* What makes one attempt's query its own. */
struct dns_stamp {
    uint16_t id;
    uint8_t random[DNS_NAME_RANDOM_DIGITS / 2];
};
/* Copies the query to `out` with the stamp patched in; returns its length. */
size_t dns_query_stamp(const struct dns_query *query, const struct dns_stamp *stamp, uint8_t out[DNS_QUERY_MAX]);
/* The name as it was asked with this stamp. */
void dns_query_name(const char *name, const struct dns_stamp *stamp, char out[DNS_NAME_TEXT_SIZE]);

#endif
