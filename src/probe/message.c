/*
 * Decides what is fresh in every attempt's message and in what order its parts are put together: the query with what
 * its client and run add, then the signature over all of it. Knows nothing of sockets, nor of when a message is sent.
 */
#include "message.h"

#include "dnspolicy/base/clock.h"
#include "lane.h"

#define PORTS_FROM 1024 /* what a client may use: a resolver may drop a query from a port below as forged */

static uint16_t random_port(struct random_pool *pool)
{
    uint16_t number;
    random_pool_take(pool, &number, sizeof(number));
    return (uint16_t)(PORTS_FROM + ((uint32_t)number * (UINT16_MAX + 1U - PORTS_FROM) >> 16));
}

void message_begin(struct lane *lane, struct run *run)
{
    struct message_facts *facts = &run->facts;
    if (facts->query->has_cookie) random_pool_take(&lane->random, facts->cookie.client, sizeof(facts->cookie.client));
}

void message_prepare(struct lane *lane, struct run *run)
{
    const struct plan_probe *probe = lane_probe(lane, run->task);
    struct message_facts *facts = &run->facts;
    random_pool_take(&lane->random, &run->outcome.stamp, sizeof(run->outcome.stamp));
    facts->signed_wall_s = lane_wall_ns(lane, lane->now_mono_ns) / (int64_t)NS_PER_SEC;
    /* A connection goes on with the port that it claimed at its start. */
    if (probe->claimed && !run->channel) facts->claimed_port = random_port(&lane->random);
    run->outcome.claimed_port = facts->claimed_port;
}

size_t message_compose_unsigned(struct lane *lane, const struct run *run)
{
    const struct message_facts *facts = &run->facts;
    const struct config_client *client = lane_probe(lane, run->task)->client;
    struct dns_additions additions = {.ecs = client->ecs_option.len ? &client->ecs_option : NULL,
                                      .cookie = facts->query->has_cookie ? &facts->cookie : NULL,
                                      .serial = facts->serial};
    return dns_query_complete(facts->query, &run->outcome.stamp, &additions, lane->message + MESSAGE_QUERY_AT);
}

size_t message_compose(struct lane *lane, struct run *run)
{
    const struct config_key *key = lane_probe(lane, run->task)->client->key;
    uint8_t *query = lane->message + MESSAGE_QUERY_AT;
    size_t len = message_compose_unsigned(lane, run);
    if (key) len = dns_tsig_sign(key->tsig, run->facts.signed_wall_s, query, len, DNS_MESSAGE_MAX, &run->facts.mac);
    lane->message[MESSAGE_QUERY_AT - 2] = (uint8_t)(len >> 8);
    lane->message[MESSAGE_QUERY_AT - 1] = (uint8_t)len;
    return len;
}

size_t message_proxy_header(const struct lane *lane, const struct run *run, uint8_t out[PROXY_HEADER_MAX])
{
    const struct plan_probe *probe = lane_probe(lane, run->task);
    if (!probe->resolver->proxy) return 0;
    struct proxy_claim claim = {.destination = probe->resolver->address,
                                .destination_port = probe->port,
                                .is_stream = run->transport != &transport_udp};
    if (probe->claimed) {
        claim.source = *probe->claimed;
        claim.source_port = run->facts.claimed_port;
    }
    return proxy_header_write(&claim, out);
}
