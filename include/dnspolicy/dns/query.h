/*
 * A query, built once with ldns and completed for every attempt: the DNS id, the digits that stand for {random}, the
 * client's subnet option, the cookie, the serial of an IXFR. RFC 1035 section 4, EDNS(0) RFC 6891, NSID RFC 5001, ECS
 * RFC 7871, cookies RFC 7873, UPDATE RFC 2136, NOTIFY RFC 1996, IXFR RFC 1995. A signature comes last: dns/tsig.h.
 */
#ifndef DNSPOLICY_DNS_QUERY_H
#define DNSPOLICY_DNS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/addr.h"
#include "dnspolicy/dns/name.h"

struct dns_question {
    const char *name; /* canonical, with {random} as written; UPDATE: the name that would be updated */
    const char *zone; /* UPDATE: the zone, canonical, which the name is within; else NULL */
    uint16_t type;    /* UPDATE: of the record that would be removed */
    uint16_t klass;
    uint8_t opcode;
    bool recursion_desired;
    bool checking_disabled;
    bool dnssec_ok;
    bool edns;
    uint16_t bufsize;
    bool nsid;
    bool cookie;
};
/* A transfer of the zone `name`: AXFR or IXFR of opcode QUERY. */
bool dns_question_is_transfer(const struct dns_question *question);
/* The zone that a transfer, an update or a NOTIFY is about; NULL: a question about a name. */
const char *dns_question_zone(const struct dns_question *question);

#define DNS_QUERY_MAX 512    /* as built */
#define DNS_MESSAGE_MAX 1280 /* completed and signed */

struct dns_query {
    uint8_t wire[DNS_QUERY_MAX]; /* id 0; the random digits are zeros; an OPT record is the last one, a COOKIE its last
                                    option */
    uint16_t len;
    uint16_t random_offset; /* of the first of the 16 digits; 0: the name has no {random} */
    uint16_t serial_offset; /* of the serial that an IXFR claims to have; 0: none */
    uint16_t opt_offset;    /* of the length of the OPT record's data; 0: no OPT record */
    bool has_cookie;
};

/*
 * Cannot fail for a canonical name and valid numbers: anything else is a broken invariant. Of an UPDATE the types of
 * dns_update_type_is_known() can be built.
 *
 * An UPDATE cannot change a zone, whatever the server allows: its one prerequisite is that the zone's apex has no SOA
 * (RFC 2136 section 2.4.3), which no live zone meets, and what it would then do is to remove one record that does not
 * exist (section 2.5.4). Servers that check permission by name and type still see both. PTR and SRV are not offered:
 * BIND 9.18 with an update-policy asks who may remove such a record only if it is there, so everybody would seem to be
 * allowed.
 */
void dns_query_build(const struct dns_question *question, struct dns_query *query);
/* The SOA query that goes before a transfer on the same connection. */
void dns_query_build_soa(const struct dns_question *transfer, struct dns_query *query);
/* For types with a record that we can make up and that nobody has; *known lists their names, for a sentence. */
bool dns_update_type_is_known(uint16_t type, const char **known);
/* The data of that record in presentation format; NULL: the type is not known. */
const char *dns_update_rdata(uint16_t type);

/* An ECS option as it stands in the query, for one client: source prefix as configured, scope 0, host bits cleared. */
struct dns_ecs {
    uint8_t bytes[4 + 4 + 16];
    uint8_t len; /* 0: none */
};
void dns_ecs_build(const struct subnet *subnet, struct dns_ecs *ecs);

#define DNS_CLIENT_COOKIE_SIZE 8
#define DNS_SERVER_COOKIE_MAX 32
struct dns_cookie {
    uint8_t client[DNS_CLIENT_COOKIE_SIZE];
    uint8_t server[DNS_SERVER_COOKIE_MAX];
    uint8_t server_len; /* 0: not known yet; else 8 to 32 */
};

/* What makes one attempt's query its own. */
struct dns_stamp {
    uint16_t id;
    uint8_t random[DNS_NAME_RANDOM_DIGITS / 2];
};
/* What its client and its run add. */
struct dns_additions {
    const struct dns_ecs *ecs;       /* NULL: none; needs an OPT record */
    const struct dns_cookie *cookie; /* NULL: none; goes only into a query that has_cookie */
    uint32_t serial;                 /* goes only into an IXFR */
};
/* Copies the query to `out`, completed; returns its length. The same input gives the same bytes. */
size_t dns_query_complete(const struct dns_query *query, const struct dns_stamp *stamp,
                          const struct dns_additions *additions, uint8_t out[DNS_MESSAGE_MAX]);
/* The name as it was asked with this stamp. */
void dns_query_name(const char *name, const struct dns_stamp *stamp, char out[DNS_NAME_TEXT_SIZE]);

#endif
