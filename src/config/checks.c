/*
 * Decides what is checked: the list of checks, and the rules between the parts of one. Which pairs can be asked, and
 * what that costs, is for the plan.
 */
#include "sections.h"

#include <string.h>

#include "dnspolicy/base/clock.h"
#include "check_keys.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

static const struct schema_key check_keys[] = {
    CHECK_KEY("name", "text", "required", "The `check` label; no two checks share one.", schema_read_name, name),
    CHECK_KEY("description", "text", "", "Shown to people.", schema_read_description, description),
    CHECK_KEY("client", "name, list of names, or \"*\"", "required", "Who asks.", read_client_picks, clients),
    CHECK_KEY("resolver", "name, group:NAME, a list of them, or \"*\"", "required", "Who is asked.",
              read_resolver_picks, resolvers),
    CHECK_KEY("query", "`NAME [TYPE] [CLASS]`, a mapping, or a list of either", "required", "What is asked.",
              read_check_query, queries),
    CHECK_KEY("transport", "udp, tcp, tls or https, or a list of them", "udp",
              "How to ask. Transfers go over tcp, where nothing is said, or tls.", read_transports, transports),
    CHECK_KEY("expect", "rcode or word, a list of them, or a mapping", "required", "What the answer must be.",
              read_check_expect, expect),
    CHECK_KEYS_OF_A_RUN,
};
const struct schema_section check_section = {"checks[]", check_keys, ARRAY_LEN(check_keys), false};

void check_run_fits(struct loader *loader, const struct node *node, uint64_t interval_ns, uint64_t timeout_ns,
                    uint32_t attempts)
{
    bool is_known = interval_ns && timeout_ns && attempts; /* 0: reported where it stands */
    if (!is_known || timeout_ns * attempts < interval_ns) return;
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    text_add_duration(&sentence, timeout_ns);
    if (attempts > 1) strbuf_addf(&sentence, " × %u attempts", attempts);
    strbuf_puts(&sentence, " is not below the interval of ");
    text_add_duration(&sentence, interval_ns);
    loader_error(loader, node, "a run would not end before the next: a timeout of %s", strbuf_text(&sentence));
}

/* What the file sets for all is checked once, there. */
static void check_timing(struct loader *loader, const struct node *node, const struct config_check *check)
{
    static const char *const keys[] = {"timeout", "attempts", "interval"};
    bool asks_udp = check->transports & (1u << TRANSPORT_UDP);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const struct node *own = node_get(node, keys[i]);
        if (!own) continue;
        size_t mark = loader_enter_key(loader, keys[i]);
        check_run_fits(loader, own, check->interval_ns, check->timeout_ns, asks_udp ? check->attempts : 1);
        loader_leave(loader, mark);
        return;
    }
}

/* A reply has these parts only where the query asks for them. */
static void check_asked_parts(struct loader *loader, const struct node *node, const char *key,
                              const struct config_check *check)
{
    const struct node *expect = node_get(node, key);
    bool wants_nsid = check->expect.nsid.text, wants_ede = check->expect.ede_count > 0;
    bool lacks_nsid = false, lacks_edns = false;
    for (size_t i = 0; i < check->query_count; i++) {
        lacks_nsid |= !check->queries[i].question.nsid;
        lacks_edns |= !check->queries[i].question.edns;
    }
    if (!expect || !((wants_nsid && lacks_nsid) || (wants_ede && lacks_edns))) return;
    size_t mark = loader_enter_key(loader, key);
    if (wants_nsid && lacks_nsid)
        loader_error(loader, expect, "'nsid' is expected of a query that does not ask for it");
    if (wants_ede && lacks_edns) loader_error(loader, expect, "'ede' is expected of a query without EDNS");
    loader_leave(loader, mark);
}

static bool is_in_own_zone(const struct config_check *check, const char *name)
{
    for (size_t i = 0; i < check->resolver_count; i++) {
        bool is_within = false;
        for (const char **zone = check->resolvers[i].resolver->zones; *zone; zone++)
            is_within |= dns_name_is_within(name, *zone);
        if (!is_within) return false;
    }
    return true;
}

/* Servers of zones of their own answer without RD; the others may refuse it to their best friends. */
static void warn_of_refusal_without_rd(struct loader *loader, const struct node *node, const char *key,
                                       const struct config_check *check)
{
    const struct node *queries = node_get(node, key);
    if (!queries || check->client_count == 0 || !expectation_is_denial(&check->expect)) return;
    size_t mark = loader_enter_key(loader, key);
    for (size_t i = 0; i < check->query_count; i++) {
        const struct dns_question *question = &check->queries[i].question;
        bool is_plain = question->name && question->opcode == DNS_OPCODE_QUERY && !dns_question_is_transfer(question);
        if (!is_plain || question->recursion_desired || is_in_own_zone(check, question->name)) continue;
        size_t item = read_list_enter(loader, queries, i);
        loader_warning(loader, read_list_item(queries, i),
                       "a denial proves little without recursion_desired: Unbound, Knot Resolver and systemd-resolved "
                       "refuse such a query to everyone");
        loader_leave(loader, item);
    }
    loader_leave(loader, mark);
}

void check_settle(struct loader *loader, const struct node *node, const struct check_keys *keys,
                  struct config_check *check)
{
    check_settle_transports(loader, node, check);
    check_timing(loader, node, check);
    check_asked_parts(loader, node, keys->expect, check);
    check_zones(loader, node, keys, check);
    warn_of_refusal_without_rd(loader, node, keys->query, check);
}

void check_begin(struct loader *loader, const struct node *node, struct config_check *check)
{
    const struct config_global *global = &loader->config->global;
    check->place = node->place;
    check->path = arena_strdup(loader->arena, strbuf_text(&loader->path));
    check->interval_ns = global->interval_ns;
    check->timeout_ns = global->timeout_ns;
    check->attempts = global->attempts;
}

/* Checks and policies share one namespace: the label does not tell them apart. */
void check_claim_name(struct loader *loader, const struct node *node, struct name_table *table, const char *name,
                      size_t idx)
{
    if (!name) return;
    const struct named *check = name_table_find(&loader->checks, name);
    const struct named *policy = name_table_find(&loader->policies, name);
    if (!check && !policy) {
        name_table_add(table, (struct named){.name = name, .first = (uint32_t)idx});
        return;
    }
    size_t mark = loader_enter_key(loader, "name");
    loader_error(loader, node_get(node, "name"), "%s[%u] has the name '%s' too", check ? "checks" : "policies",
                 check ? check->first : policy->first, loader_shown(loader, name));
    loader_leave(loader, mark);
}

static void read_check(struct loader *loader, const struct node *node, struct config_check *check)
{
    static const struct check_keys keys = {"query", "expect"};
    check_begin(loader, node, check);
    if (!schema_read_section(loader, &check_section, node, check)) return;
    check_settle(loader, node, &keys, check);
    check_claim_name(loader, node, &loader->checks, check->name, check->index);
}

void read_checks(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config *config = target;
    if (!read_expect_kind(loader, node, NODE_LIST, "a list of checks")) return;
    if (node->count == 0) loader_error(loader, node, "the list is empty: there is nothing to check");
    config->check_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        size_t mark = loader_enter_item(loader, i);
        config->checks[i].index = (uint32_t)i;
        read_check(loader, node->items[i], &config->checks[i]);
        loader_leave(loader, mark);
    }
}
