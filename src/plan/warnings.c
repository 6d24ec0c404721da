/*
 * Decides which checks are legal and yet prove less than their author may think, as far as that shows only when it is
 * known who asks whom; one warning a check and kind. Refuses to know how a verdict is found.
 */
#include "build.h"

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/base/text.h"

/* The answer to a name that each resolver of the check serves itself has nothing to do with recursion. */
static bool is_foreign_to_any(const struct config_check *check, const struct dns_question *question)
{
    for (size_t i = 0; i < check->resolver_count; i++)
        if (queries_is_foreign(question, check->resolvers[i].resolver)) return true;
    return false;
}

static void warn_of_caches(const struct config_check *check, struct problems *problems)
{
    for (size_t i = 0; i < check->query_count; i++) {
        const struct config_query *query = &check->queries[i];
        if (!query->question.recursion_desired || dns_name_has_random(query->question.name)) continue;
        if (!is_foreign_to_any(check, &query->question)) continue;
        AUTO(mem_free_ptr) char *path = queries_path(check, i);
        problems_warning(
            problems, query->place, path,
            "without {random} in the name '%s' a cache may answer, so the verdict says little of recursion",
            query->question.name);
        return;
    }
}

/* The limit that paces a probe of the check; 0: none. */
static double find_limit(const struct config_global *global, const struct config_check *check, const char **key)
{
    double limit = global->max_qps_per_resolver, denied = global->max_denied_qps;
    bool is_by_pair = expectation_is_denial(&check->expect) && denied > 0 && (limit <= 0 || denied < limit);
    *key = is_by_pair ? "max_denied_qps" : "max_qps_per_resolver";
    return is_by_pair ? denied : limit;
}

/* What follows in a run waits for the limits, and a run waits no longer than for all its attempts. */
static void warn_of_runs_cut_short(const struct config_global *global, const struct config_check *check,
                                   struct problems *problems)
{
    const char *key;
    double limit = find_limit(global, check, &key);
    if (!(check->transports & 1u << TRANSPORT_UDP) || limit <= 0) return;
    const struct config_policy *policy = check->policy;
    const char *twin_key;
    if (policy && policy->allowed && policy->denied == check) {
        find_limit(global, policy->allowed, &twin_key);
        if (key == twin_key) return; /* said of its twin */
    }
    double spacing_ns = 1e9 / limit, followed_by = check->attempts > 1 ? check->attempts - 1 : 1;
    if (spacing_ns * followed_by < (double)check->timeout_ns * check->attempts) return;
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    strbuf_addf(&sentence, "%s of %.6g lets a query go every %.6gs, and a run of ", key, limit, spacing_ns / 1e9);
    text_add_duration(&sentence, check->timeout_ns);
    if (check->attempts > 1) strbuf_addf(&sentence, " × %u attempts", check->attempts);
    strbuf_puts(&sentence, " ends before: ");
    if (check->attempts > 1) strbuf_addf(&sentence, "silence is believed after fewer than %u, and ", check->attempts);
    strbuf_puts(&sentence, "a truncated reply may stay unjudged for want of a retry over tcp; a timeout above ");
    uint64_t needed_ms = (uint64_t)(spacing_ns * followed_by / check->attempts / (double)NS_PER_MS);
    text_add_duration(&sentence, needed_ms * NS_PER_MS);
    problems_warning(problems, check->place, check->path, "%s would do", strbuf_text(&sentence));
}

/* A transfer follows its SOA query on one connection, within one timeout. */
static void warn_of_transfers_cut_short(const struct config_global *global, const struct config_check *check,
                                        struct problems *problems)
{
    const char *key;
    double limit = find_limit(global, check, &key);
    if (limit <= 0 || !dns_question_is_transfer(&check->queries[0].question)) return;
    double spacing_ns = 1e9 / limit;
    if (spacing_ns < (double)check->timeout_ns) return;
    AUTO(strbuf_fini) struct strbuf timeout = {0};
    text_add_duration(&timeout, check->timeout_ns);
    problems_warning(
        problems, check->place, check->path,
        "%s of %.6g lets a query go every %.6gs, so a transfer cannot follow its SOA query within the timeout "
        "of %s and will never be judged; a longer timeout would do",
        key, limit, spacing_ns / 1e9, strbuf_text(&timeout));
}

/* DENIED and lists with an rcode are met in words by most servers, and such a reply vouches; silence alone never
 * does. */
static bool expects_silence_only(const struct config_check *check)
{
    return check->expect.words == EXPECT_NO_RESPONSE && check->expect.rcode_count == 0;
}

static void warn_of_silence(const struct plan *plan, struct problems *problems)
{
    AUTO(mem_free_ptr) bool *is_vouched_for = mem_array(plan->endpoint_count, sizeof(*is_vouched_for));
    for (uint32_t i = 0; i < plan->probe_count; i++)
        if (!expects_silence_only(plan->probes[i].check)) is_vouched_for[plan->probes[i].endpoint] = true;
    const struct config_check *warned = NULL;
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        const struct plan_probe *probe = &plan->probes[i];
        if (is_vouched_for[probe->endpoint] || probe->check == warned) continue;
        warned = probe->check;
        char endpoint[ADDR_PORT_TEXT_SIZE];
        addr_format_port(&probe->resolver->address, probe->port, endpoint);
        problems_warning(
            problems, warned->place, warned->path,
            "silence is expected of the resolver '%s', and no other probe that expects a reply asks %s over "
            "%s: nothing can vouch that the server is alive, and silence will be called no_response",
            probe->resolver->name, endpoint, transport_names[probe->transport]);
    }
}

/* A resolver's `port` stands for all its transports, and these take it from one another. */
static void warn_of_shared_ports(const struct plan *plan, struct problems *problems)
{
    const struct config *config = plan->config;
    AUTO(mem_free_ptr) uint8_t *asked_over = mem_array(config->resolver_count, sizeof(*asked_over));
    for (uint32_t i = 0; i < plan->probe_count; i++)
        asked_over[plan->probes[i].resolver->index] |= (uint8_t)(1u << plan->probes[i].transport);
    for (size_t i = 0; i < config->resolver_count; i++) {
        const struct config_resolver *resolver = &config->resolvers[i];
        const char *streams[TRANSPORTS];
        size_t count = 0;
        for (int transport = TRANSPORT_TCP; transport < TRANSPORTS; transport++)
            if (asked_over[i] & 1u << transport) streams[count++] = transport_names[transport];
        if (!resolver->port || count < 2) continue;
        AUTO(strbuf_fini) struct strbuf list = {0};
        AUTO(mem_free_ptr) char *path = mem_printf("resolvers.%s.port", resolver->name);
        text_add_list(&list, streams, count, "and");
        problems_warning(
            problems, resolver->place, path,
            "port %u is asked over %s, and a server can hardly offer them on one port: without `port` each "
            "transport has its own; else make a resolver for each",
            resolver->port, strbuf_text(&list));
    }
}

/* Where replies to a source that is not local do not come back, every server is silent to it, and lives for others. */
static void warn_of_unproven_way_back(const struct plan *plan, struct problems *problems)
{
    const struct config *config = plan->config;
    AUTO(mem_free_ptr) bool *is_asked_for = mem_array(config->client_count, sizeof(*is_asked_for));
    AUTO(mem_free_ptr) bool *is_proven = mem_array(config->client_count, sizeof(*is_proven));
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        const struct plan_probe *probe = &plan->probes[i];
        is_asked_for[probe->client->index] = true;
        if (!expectation_allows_silence(&probe->check->expect)) is_proven[probe->client->index] = true;
    }
    for (size_t i = 0; i < config->client_count; i++) {
        const struct config_client *client = &config->clients[i];
        if (!client->transparent || !is_asked_for[i] || is_proven[i]) continue;
        AUTO(mem_free_ptr) char *path = mem_printf("clients.%s.transparent", client->name);
        problems_warning(problems, client->place, path,
                         "silence passes in every check of this client, and replies to a source that is not local may "
                         "have no way back here: have a check that it is ANSWERED, or REFUSED in words");
    }
}

/* Whoever wrote one meant somebody to sign with it. */
static void warn_of_unused_keys(const struct config *config, struct problems *problems)
{
    AUTO(mem_free_ptr) bool *is_used = mem_array(config->key_count, sizeof(*is_used));
    for (size_t i = 0; i < config->client_count; i++)
        if (config->clients[i].key) is_used[config->clients[i].key->index] = true;
    for (size_t i = 0; i < config->key_count; i++) {
        if (is_used[i]) continue;
        AUTO(mem_free_ptr) char *path = mem_printf("keys.%s", config->keys[i].name);
        problems_warning(problems, config->keys[i].place, path, "no client has this key, so nothing is signed with it");
    }
}

void warnings_collect(const struct plan *plan, struct problems *problems)
{
    for (size_t i = 0; i < plan->config->check_count; i++) {
        const struct config_check *check = &plan->config->checks[i];
        if (expectation_is_denial(&check->expect)) warn_of_caches(check, problems);
        warn_of_runs_cut_short(&plan->config->global, check, problems);
        warn_of_transfers_cut_short(&plan->config->global, check, problems);
    }
    warn_of_unproven_way_back(plan, problems);
    warn_of_unused_keys(plan->config, problems);
    warn_of_shared_ports(plan, problems);
    warn_of_silence(plan, problems);
}
