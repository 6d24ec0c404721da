/*
 * Decides which probes are the same across reloads and restarts (the id), and which changes of the config make what was
 * learnt of a probe worthless (the digest): all that changes the bytes sent, their way, their pace, or the judgement.
 * Names for people and labels (description, severity, group) are in neither, so a new severity keeps the history.
 * Hashes values only, never addresses in memory and never the order of what is a set. Knows nothing of plans.
 */
#include "identity.h"

#include "dnspolicy/base/mem.h"

static void add_address(struct hash *hash, const struct addr *address)
{
    hash_add_u64(hash, address->present);
    if (!address->present) return;
    hash_add_u64(hash, address->family);
    hash_add(hash, address->bytes, sizeof(address->bytes));
    hash_add_u64(hash, address->scope_id);
}

static void add_subnet(struct hash *hash, const struct subnet *subnet)
{
    hash_add_u64(hash, subnet->present);
    if (!subnet->present) return;
    add_address(hash, &subnet->base);
    hash_add_u64(hash, subnet->prefix_len);
}

/* Sums of the elements' hashes: the order in the file does not matter. */
static void add_text_set(struct hash *hash, const char *const *texts)
{
    uint64_t sum = 0;
    for (size_t i = 0; texts && texts[i]; i++) {
        struct hash element;
        hash_init(&element);
        hash_add_text(&element, texts[i]);
        sum += hash_end(&element);
    }
    hash_add_u64(hash, texts != NULL);
    hash_add_u64(hash, sum);
}

static void add_number_set(struct hash *hash, const uint16_t *numbers, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        struct hash element;
        hash_init(&element);
        hash_add_u64(&element, numbers[i]);
        sum += hash_end(&element);
    }
    hash_add_u64(hash, count);
    hash_add_u64(hash, sum);
}

uint64_t identity_of_server(const struct addr *address)
{
    struct hash hash;
    hash_init(&hash);
    add_address(&hash, address);
    return hash_end(&hash);
}

/* In a namespace of its own an address is another server's; a port that answers with a PROXYv2 header before the query
 * may drop whatever comes without, or the other way round, whoever asks; and behind one port there may be a server for
 * each name and each path. */
uint64_t identity_of_endpoint(const struct config_client *client, const struct config_resolver *resolver,
                              enum transport transport)
{
    struct hash hash;
    hash_init(&hash);
    add_address(&hash, &resolver->address);
    hash_add_u64(&hash, config_resolver_port(resolver, transport));
    hash_add_text(&hash, transport_names[transport]);
    hash_add_text(&hash, client->netns);
    hash_add_u64(&hash, resolver->proxy);
    if (transport == TRANSPORT_TLS || transport == TRANSPORT_HTTPS) hash_add_text(&hash, resolver->tls_server_name);
    if (transport == TRANSPORT_HTTPS) hash_add_text(&hash, resolver->https_path);
    return hash_end(&hash);
}

uint64_t identity_of_pair(const struct config_client *client, const struct config_resolver *resolver)
{
    struct hash hash;
    hash_init(&hash);
    hash_add_text(&hash, client->name);
    hash_add_text(&hash, resolver->name);
    return hash_end(&hash);
}

struct hash identity_begin(const struct config_check *check, const struct config_client *client,
                           const struct config_resolver *resolver)
{
    struct hash hash;
    hash_init(&hash);
    hash_add_text(&hash, check->name);
    hash_add_text(&hash, client->name);
    hash_add_text(&hash, resolver->name);
    return hash;
}

uint64_t identity_end(struct hash begun, const struct dns_question *question, enum transport transport)
{
    hash_add_text(&begun, transport_names[transport]);
    hash_add_u64(&begun, question->opcode);
    hash_add_u64(&begun, question->klass);
    hash_add_u64(&begun, question->type);
    hash_add_text(&begun, question->name);
    return hash_end(&begun);
}

static void add_expectation(struct hash *hash, const struct expectation *expect)
{
    hash_add_u64(hash, expect->words);
    add_number_set(hash, expect->rcodes, expect->rcode_count);
    hash_add_u64(hash, expect->flags_set);
    hash_add_u64(hash, expect->flags_clear);
    hash_add_u64(hash, expect->has_answer_min);
    hash_add_u64(hash, expect->has_answer_min ? expect->answer_min : 0);
    hash_add_u64(hash, expect->has_answer_max);
    hash_add_u64(hash, expect->has_answer_max ? expect->answer_max : 0);
    add_text_set(hash, expect->answer_contains);
    hash_add_text(hash, expect->answer_matches.text);
    hash_add_text(hash, expect->answer_none_match.text);
    add_number_set(hash, expect->ede, expect->ede_count);
    hash_add_text(hash, expect->nsid.text);
}

uint64_t digest_of_check(const struct config_check *check)
{
    struct hash hash;
    hash_init(&hash);
    add_expectation(&hash, &check->expect);
    hash_add_u64(&hash, check->interval_ns);
    hash_add_u64(&hash, check->timeout_ns);
    return hash_end(&hash);
}

uint64_t digest_of_query(const struct dns_query *query)
{
    struct hash hash;
    hash_init(&hash);
    hash_add(&hash, query->wire, query->len);
    hash_add_u64(&hash, query->random_offset);
    hash_add_u64(&hash, query->serial_offset);
    hash_add_u64(&hash, query->has_cookie);
    return hash_end(&hash);
}

/* The secret counts by its fingerprint: where it is kept is nothing to a server. */
static void add_key(struct hash *hash, const struct config_key *key)
{
    hash_add_text(hash, key ? key->name : NULL);
    if (!key) return;
    hash_add_text(hash, dns_tsig_algorithm_names[key->algorithm]);
    hash_add_u64(hash, dns_tsig_key_fingerprint(key->tsig));
}

uint64_t digest_of_client(const struct config_client *client)
{
    struct hash hash;
    hash_init(&hash);
    hash_add_u64(&hash, client->nat);
    hash_add_text(&hash, client->interface);
    hash_add_text(&hash, client->netns);
    hash_add_u64(&hash, client->has_mark);
    hash_add_u64(&hash, client->has_mark ? client->mark : 0);
    hash_add_u64(&hash, client->transparent);
    add_address(&hash, &client->ecs.base);
    hash_add_u64(&hash, client->ecs.prefix_len);
    add_key(&hash, client->key);
    return hash_end(&hash);
}

uint64_t digest_of_resolver(const struct config_resolver *resolver, enum transport transport)
{
    struct hash hash;
    hash_init(&hash);
    add_address(&hash, &resolver->address);
    hash_add_u64(&hash, config_resolver_port(resolver, transport));
    hash_add_u64(&hash, resolver->proxy);
    add_text_set(&hash, resolver->zones);
    if (transport == TRANSPORT_TLS || transport == TRANSPORT_HTTPS) {
        hash_add_text(&hash, resolver->tls_server_name);
        hash_add_text(&hash, resolver->tls_ca_pem);
    }
    if (transport == TRANSPORT_HTTPS) {
        hash_add_text(&hash, resolver->https_path);
        hash_add_u64(&hash, resolver->https_get);
    }
    return hash_end(&hash);
}

/* Only addresses of the family that is used: a new IPv6 subnet is nothing to a probe over IPv4. */
uint64_t digest_of_probe(const struct digest_parts *parts)
{
    static const struct addr absent;
    struct hash hash;
    hash_init(&hash);
    hash_add_u64(&hash, parts->check);
    hash_add_u64(&hash, parts->query);
    hash_add_u64(&hash, parts->client);
    hash_add_u64(&hash, parts->resolver);
    add_address(&hash, parts->source);
    add_subnet(&hash, parts->subnet);
    add_address(&hash, parts->claimed ? parts->claimed : &absent);
    hash_add_u64(&hash, parts->attempts);
    hash_add_u64(&hash, parts->reuse_connection);
    return hash_end(&hash);
}
