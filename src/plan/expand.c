/*
 * Decides which probes there are: check × client × resolver × query × transport, less the pairs that "*" found and that
 * cannot be asked; and which server, endpoint and pair each belongs to. Refuses to know what they cost.
 */
#include "build.h"

#include <stdlib.h>

#include "dnspolicy/base/hash.h"
#include "dnspolicy/base/mem.h"
#include "identity.h"

struct expansion {
    struct plan *plan;
    struct problems *problems;
    struct hash_index servers, endpoints, pairs; /* by key */
    size_t endpoint_capacity, pair_capacity, omission_capacity;
    uint64_t *query_digests; /* per query of the plan */
    uint64_t *client_digests;
    uint64_t (*resolver_digests)[TRANSPORTS];
    const struct config_check *check; /* the one that is expanded, and what its probes share */
    uint32_t first_query;
    uint64_t check_digest;
    bool expects_denial;
};

static void expansion_fini(struct expansion *expansion)
{
    hash_index_fini(&expansion->servers);
    hash_index_fini(&expansion->endpoints);
    hash_index_fini(&expansion->pairs);
    free(expansion->query_digests);
    free(expansion->client_digests);
    free(expansion->resolver_digests);
}

/* Never more than 64 bits hold: each step is cut off just above the limit. */
static uint64_t multiply(uint64_t count, uint64_t by)
{
    return by && count > PLAN_PROBES_MAX ? PLAN_PROBES_MAX + UINT64_C(1) : count * by;
}

static uint64_t count_probes(const struct config_check *check)
{
    uint64_t transports = (uint64_t)__builtin_popcount(check->transports);
    return multiply(multiply(multiply(check->client_count, check->resolver_count), check->query_count), transports);
}

bool expand_is_bounded(const struct config *config, struct problems *problems)
{
    uint64_t total = 0;
    for (size_t i = 0; i < config->check_count; i++) {
        const struct config_check *check = &config->checks[i];
        total += count_probes(check);
        if (total <= PLAN_PROBES_MAX) continue;
        problems_error(problems, check->place, check->path,
                       "with this check, of %zu clients × %zu resolvers × %zu queries × %d transports, there are more "
                       "than %u probes, which is the most there can be",
                       check->client_count, check->resolver_count, check->query_count,
                       __builtin_popcount(check->transports), PLAN_PROBES_MAX);
        return false;
    }
    return true;
}

/* The address that the client claims before the resolver: of the resolver's family where it has one. NULL: none. */
static const struct addr *find_claimed(const struct config_client *client, const struct config_resolver *resolver)
{
    uint8_t family = resolver->address.family;
    if (!resolver->proxy || !config_client_has_proxy(client)) return NULL;
    return client->proxy[family].present ? &client->proxy[family] : &client->proxy[!family];
}

/* Why the pair has no common address family, or NULL. */
static const char *find_family_obstacle(const struct config_client *client, const struct config_resolver *resolver)
{
    static const char *const no_claimed_subnet[ADDR_FAMILIES] = {
        "the client claims an IPv4 address, and has no IPv4 subnet",
        "the client claims an IPv6 address, and has no IPv6 subnet",
    };
    static const char *const no_subnet[ADDR_FAMILIES] = {
        "the client has no IPv4 subnet, and the resolver's address is IPv4",
        "the client has no IPv6 subnet, and the resolver's address is IPv6",
    };
    static const char *const no_source[ADDR_FAMILIES] = {
        "the client has an IPv6 source only, and the resolver's address is IPv4",
        "the client has an IPv4 source only, and the resolver's address is IPv6",
    };
    uint8_t family = resolver->address.family;
    const struct addr *claimed = find_claimed(client, resolver);
    if (claimed && !client->subnet[claimed->family].present) return no_claimed_subnet[claimed->family];
    if (!claimed && !client->subnet[family].present) return no_subnet[family];
    bool has_source = client->source[ADDR_V4].present || client->source[ADDR_V6].present;
    return has_source && !client->source[family].present ? no_source[family] : NULL;
}

/* Why the pair cannot be asked, or is not meant by "*"; NULL: it is asked. */
static const char *find_obstacle(const struct config_client_pick *pick, const struct config_resolver *resolver)
{
    const struct config_client *client = pick->client;
    if (config_client_has_proxy(client) && !resolver->proxy)
        return "the client claims its address in a PROXYv2 header, and the resolver takes none";
    if (client->key && pick->by_wildcard) return "the client signs with a key, and \"*\" does not stand for such";
    return find_family_obstacle(client, resolver);
}

/* Where the file names them; the caller frees. */
static char *clients_path(const struct config_check *check)
{
    const char *key = !check->policy ? "client" : check->policy->allowed == check ? "allow" : "deny";
    return mem_printf("%s.%s", check->path, key);
}

static void leave_out(struct expansion *expansion, const struct config_client_pick *client,
                      const struct config_resolver_pick *resolver, const char *reason)
{
    struct plan *plan = expansion->plan;
    const struct config_check *check = expansion->check;
    if (!client->by_wildcard && !resolver->by_wildcard) {
        AUTO(mem_free_ptr) char *path = clients_path(check);
        problems_error(expansion->problems, client->place, path, "the client '%s' cannot ask the resolver '%s': %s",
                       client->client->name, resolver->resolver->name, reason);
        return;
    }
    plan->omissions =
        mem_grow(plan->omissions, plan->omission_count, &expansion->omission_capacity, sizeof(*plan->omissions));
    plan->omissions[plan->omission_count++] = (struct plan_omission){check, client->client, resolver->resolver, reason};
}

static uint32_t find_server(struct expansion *expansion, const struct config_resolver *resolver)
{
    struct plan *plan = expansion->plan;
    uint64_t key = identity_of_server(&resolver->address);
    uint32_t known = hash_index_get(&expansion->servers, key);
    if (known != HASH_INDEX_NONE) return known;
    hash_index_put(&expansion->servers, key, plan->server_count);
    plan->servers[plan->server_count] = (struct plan_server){key, resolver->address};
    return plan->server_count++;
}

static uint32_t find_endpoint(struct expansion *expansion, const struct config_client *client,
                              const struct config_resolver *resolver, uint32_t server, enum transport transport)
{
    struct plan *plan = expansion->plan;
    uint64_t key = identity_of_endpoint(client, resolver, transport);
    uint32_t known = hash_index_get(&expansion->endpoints, key);
    if (known != HASH_INDEX_NONE) return known;
    hash_index_put(&expansion->endpoints, key, plan->endpoint_count);
    plan->endpoints =
        mem_grow(plan->endpoints, plan->endpoint_count, &expansion->endpoint_capacity, sizeof(*plan->endpoints));
    plan->endpoints[plan->endpoint_count] =
        (struct plan_endpoint){key, server, config_resolver_port(resolver, transport), (uint8_t)transport};
    return plan->endpoint_count++;
}

static uint32_t find_pair(struct expansion *expansion, const struct config_client *client,
                          const struct config_resolver *resolver, uint32_t server)
{
    struct plan *plan = expansion->plan;
    if (!expansion->expects_denial) return PLAN_NONE;
    uint64_t key = identity_of_pair(client, resolver);
    uint32_t known = hash_index_get(&expansion->pairs, key);
    if (known != HASH_INDEX_NONE) return known;
    hash_index_put(&expansion->pairs, key, plan->pair_count);
    plan->pairs = mem_grow(plan->pairs, plan->pair_count, &expansion->pair_capacity, sizeof(*plan->pairs));
    plan->pairs[plan->pair_count] = (struct plan_pair){key, server};
    return plan->pair_count++;
}

static void expand_pair(struct expansion *expansion, const struct config_client *client,
                        const struct config_resolver *resolver)
{
    struct plan *plan = expansion->plan;
    const struct config_check *check = expansion->check;
    const struct addr *claimed = find_claimed(client, resolver);
    uint32_t server = find_server(expansion, resolver);
    uint32_t endpoints[TRANSPORTS] = {0};
    for (int transport = 0; transport < TRANSPORTS; transport++)
        if (check->transports & 1 << transport)
            endpoints[transport] = find_endpoint(expansion, client, resolver, server, (enum transport)transport);
    struct plan_probe probe = {
        .check = check,
        .client = client,
        .resolver = resolver,
        .server = server,
        .denied_pair = find_pair(expansion, client, resolver, server),
        .family = resolver->address.family,
        .subnet_family = claimed ? claimed->family : resolver->address.family,
        .claimed = claimed,
        .expects_denial = expansion->expects_denial,
    };
    struct digest_parts digest = {
        .check = expansion->check_digest,
        .client = expansion->client_digests[client->index],
        .source = &client->source[probe.family],
        .subnet = &client->subnet[probe.subnet_family],
        .claimed = claimed,
    };
    const struct hash begun = identity_begin(check, client, resolver);
    for (size_t i = 0; i < check->query_count; i++) {
        digest.query = expansion->query_digests[expansion->first_query + i];
        probe.query = &plan->queries[expansion->first_query + i];
        for (int transport = 0; transport < TRANSPORTS; transport++) {
            if (!(check->transports & 1 << transport)) continue;
            probe.transport = (uint8_t)transport;
            probe.port = config_resolver_port(resolver, (enum transport)transport);
            probe.attempts = transport == TRANSPORT_UDP ? (uint8_t)check->attempts : 1;
            probe.endpoint = endpoints[transport];
            probe.id = identity_end(begun, &check->queries[i].question, (enum transport)transport);
            digest.resolver = expansion->resolver_digests[resolver->index][transport];
            digest.attempts = probe.attempts;
            digest.reuse_connection = check->reuse_connection && transport_is_stream((enum transport)transport);
            probe.digest = digest_of_probe(&digest);
            plan->probes[plan->probe_count++] = probe;
        }
    }
}

/* The subnet option has its place in the OPT record. */
static void check_ecs(const struct expansion *expansion, const struct config_client *client)
{
    const struct config_check *check = expansion->check;
    if (!client->ecs.base.present) return;
    for (size_t i = 0; i < check->query_count; i++) {
        const struct plan_query *query = &expansion->plan->queries[expansion->first_query + i];
        if (query->config->question.edns) continue;
        AUTO(mem_free_ptr) char *path = queries_path(check, i);
        problems_error(expansion->problems, query->config->place, path,
                       "the query '%s %s' has no EDNS (edns: false), and the client '%s' has an 'ecs', which goes with "
                       "every query of it as an EDNS option",
                       query->qname_label, query->qtype_label, client->name);
    }
}

/* Where "*" of the resolvers has left out each of them, a client that was named is asked about in vain. */
static void warn_of_client_without_probe(struct expansion *expansion, const struct config_client_pick *pick,
                                         uint32_t omissions_before)
{
    const struct plan *plan = expansion->plan;
    if (pick->by_wildcard || plan->omission_count == omissions_before) return;
    const struct plan_omission *first = &plan->omissions[omissions_before];
    AUTO(mem_free_ptr) char *path = clients_path(expansion->check);
    problems_warning(expansion->problems, pick->place, path,
                     "the client '%s' asks nobody here: \"*\" left out every resolver, such as '%s', because %s",
                     pick->client->name, first->resolver->name, first->reason);
}

static void expand_check(struct expansion *expansion)
{
    const struct config_check *check = expansion->check;
    for (size_t i = 0; i < check->client_count; i++) {
        uint32_t before = expansion->plan->probe_count, omissions_before = expansion->plan->omission_count;
        for (size_t k = 0; k < check->resolver_count; k++) {
            const char *obstacle = find_obstacle(&check->clients[i], check->resolvers[k].resolver);
            if (obstacle)
                leave_out(expansion, &check->clients[i], &check->resolvers[k], obstacle);
            else
                expand_pair(expansion, check->clients[i].client, check->resolvers[k].resolver);
        }
        if (expansion->plan->probe_count > before)
            check_ecs(expansion, check->clients[i].client);
        else
            warn_of_client_without_probe(expansion, &check->clients[i], omissions_before);
    }
}

static void report_none(const struct plan *plan, struct problems *problems)
{
    if (plan->omission_count)
        problems_error(
            problems, (struct place){0}, "checks",
            "there is no probe: \"*\" left out every pair, such as client '%s' and resolver '%s', because %s",
            plan->omissions[0].client->name, plan->omissions[0].resolver->name, plan->omissions[0].reason);
    else
        problems_error(problems, (struct place){0}, "checks", "there is no probe: nothing is asked of anyone");
}

static void prepare_digests(struct expansion *expansion)
{
    const struct plan *plan = expansion->plan;
    const struct config *config = plan->config;
    expansion->query_digests = mem_array(plan->query_count, sizeof(*expansion->query_digests));
    expansion->client_digests = mem_array(config->client_count, sizeof(*expansion->client_digests));
    expansion->resolver_digests = mem_array(config->resolver_count, sizeof(*expansion->resolver_digests));
    for (uint32_t i = 0; i < plan->query_count; i++)
        expansion->query_digests[i] = digest_of_query(&plan->queries[i].wire);
    for (size_t i = 0; i < config->client_count; i++)
        expansion->client_digests[i] = digest_of_client(&config->clients[i]);
    for (size_t i = 0; i < config->resolver_count; i++)
        for (int transport = 0; transport < TRANSPORTS; transport++)
            expansion->resolver_digests[i][transport] =
                digest_of_resolver(&config->resolvers[i], (enum transport)transport);
}

void expand_probes(struct plan *plan, struct problems *problems)
{
    const struct config *config = plan->config;
    AUTO(expansion_fini) struct expansion expansion = {.plan = plan, .problems = problems};
    uint64_t most = 0;
    for (size_t i = 0; i < config->check_count; i++) most += count_probes(&config->checks[i]);
    size_t errors = problems->errors;
    plan->probes = mem_array(most, sizeof(*plan->probes));
    plan->servers = mem_array(config->resolver_count, sizeof(*plan->servers));
    prepare_digests(&expansion);
    for (size_t i = 0; i < config->check_count; i++) {
        expansion.check = &config->checks[i];
        expansion.check_digest = digest_of_check(expansion.check);
        expansion.expects_denial = expectation_is_denial(&expansion.check->expect);
        expand_check(&expansion);
        expansion.first_query += (uint32_t)expansion.check->query_count;
    }
    if (plan->probe_count < most) plan->probes = mem_resize(plan->probes, plan->probe_count, sizeof(*plan->probes));
    if (!plan->probe_count && problems->errors == errors) report_none(plan, problems);
}
