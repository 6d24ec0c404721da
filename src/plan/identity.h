/* What makes a probe the same probe, and what makes it another question or another judgement. */
#ifndef PLAN_IDENTITY_H
#define PLAN_IDENTITY_H

#include "dnspolicy/base/hash.h"
#include "dnspolicy/config/config.h"
#include "dnspolicy/dns/query.h"

uint64_t identity_of_server(const struct addr *address);
uint64_t identity_of_endpoint(const struct config_client *client, const struct config_resolver *resolver,
                              enum transport transport);
uint64_t identity_of_pair(const struct config_client *client, const struct config_resolver *resolver);

/* A probe's id in two steps: the first is common to all probes of a check, client and resolver. */
struct hash identity_begin(const struct config_check *check, const struct config_client *client,
                           const struct config_resolver *resolver);
uint64_t identity_end(struct hash begun, const struct dns_question *question, enum transport transport);

/* A probe's digest, from parts that many probes share. */
uint64_t
digest_of_check(const struct config_check *check); /* expectation, interval and timeout; what follows is apart */
uint64_t digest_of_query(const struct dns_query *query);
uint64_t digest_of_client(const struct config_client *client); /* how it appears, its addresses apart */
uint64_t digest_of_resolver(const struct config_resolver *resolver, enum transport transport);
struct digest_parts {
    uint64_t check, query, client, resolver;
    const struct addr *source;   /* of the client, for the resolver's family; present or not */
    const struct subnet *subnet; /* which it stands for there */
    const struct addr *claimed;  /* NULL: none */
    uint32_t attempts;
    bool reuse_connection; /* as far as the transport has connections */
};
uint64_t digest_of_probe(const struct digest_parts *parts);

#endif
