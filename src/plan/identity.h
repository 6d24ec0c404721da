/* What makes a probe the same probe, and what makes it another question or another judgement. */
#ifndef PLAN_IDENTITY_H
#define PLAN_IDENTITY_H

#include "dnspolicy/base/hash.h"
#include "dnspolicy/config/config.h"
#include "dnspolicy/dns/query.h"

uint64_t identity_of_server(const struct addr *address);
uint64_t identity_of_endpoint(const struct addr *address, uint16_t port, enum transport transport);
uint64_t identity_of_pair(const struct config_client *client, const struct config_resolver *resolver);

/* A probe's id in two steps: the first is common to all probes of a check, client and resolver. */
struct hash identity_begin(const struct config_check *check, const struct config_client *client,
                           const struct config_resolver *resolver);
uint64_t identity_end(struct hash begun, const struct dns_question *question, enum transport transport);

/* A probe's digest, from parts that many probes share. */
uint64_t digest_of_check(const struct config_check *check); /* expectation, interval and timeout; not the attempts */
uint64_t digest_of_query(const struct dns_query *query);
uint64_t digest_of_pair(const struct config_client *client, const struct config_resolver *resolver);
uint64_t digest_of_probe(uint64_t check, uint64_t query, uint64_t pair, uint32_t attempts);

#endif
