/*
 * Decides what is checked: the list of checks, and the rules between the parts of one. Which pairs can be asked, and what
 * that costs, is for the plan.
 */
#include "sections.h"

#include <string.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

const char *const transport_names[TRANSPORTS] = {
    [TRANSPORT_UDP] = "udp", [TRANSPORT_TCP] = "tcp", [TRANSPORT_TLS] = "tls", [TRANSPORT_HTTPS] = "https"};

static schema_read read_transports;

#define KEY(name, form, fallback, meaning, read, field)                                                                \
    {                                                                                                                  \
        name, form, fallback, meaning, read, offsetof(struct config_check, field), 0, 0                                \
    }
#define KEY_RANGE(name, form, meaning, read, field, min, max)                                                          \
    {                                                                                                                  \
        name, form, "", meaning, read, offsetof(struct config_check, field), min, max                                  \
    }
static const struct schema_key check_keys[] = {
    KEY("name", "text", "required", "The `check` label; no two checks share one.", schema_read_name, name),
    KEY("description", "text", "", "Shown to people.", schema_read_description, description),
    KEY("client", "name, list of names, or \"*\"", "required", "Who asks.", read_client_picks, clients),
    KEY("resolver", "name, group:NAME, a list of them, or \"*\"", "required", "Who is asked.", read_resolver_picks,
        resolvers),
    KEY("query", "`NAME [TYPE] [CLASS]`, a mapping, or a list of either", "required", "What is asked.",
        read_check_query, queries),
    KEY("transport", "udp or tcp, or a list of them", "udp", "How to ask; tls and https are not supported yet.",
        read_transports, transports),
    KEY("expect", "rcode or word, a list of them, or a mapping", "required", "What the answer must be.",
        read_check_expect, expect),
    KEY("severity", "text", "warning", "For alert routing.", schema_read_name, severity),
    KEY_RANGE("interval", "duration 100ms to 24h", "Instead of the global one.", schema_read_duration, interval_ns,
              100 * NS_PER_MS, 24 * 3600 * NS_PER_SEC),
    KEY_RANGE("timeout", "duration 1ms to 1h", "Instead of the global one.", schema_read_duration, timeout_ns,
              NS_PER_MS, 3600 * NS_PER_SEC),
    KEY_RANGE("attempts", "1 to 10", "Instead of the global one.", schema_read_count, attempts, 1, 10),
};
const struct schema_section check_section = {"checks[]", check_keys, ARRAY_LEN(check_keys)};

static void read_transport(struct loader *loader, const struct node *node, struct config_check *check)
{
    static const char *const all[] = {"udp", "tcp", "tls", "https"};
    const char *text = read_scalar(loader, node, "a transport");
    if (!text) return;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (strcmp(text, all[i]) != 0) continue;
        if (i >= TRANSPORT_TLS)
            loader_error(loader, node, "transport %s is not supported yet", all[i]);
        else if (check->transports & (1u << i))
            loader_error(loader, node, "the transport %s is listed twice", all[i]);
        else
            check->transports |= (uint8_t)(1u << i);
        return;
    }
    loader_error(loader, node, "unknown transport '%s'%s", loader_shown(loader, text),
                 loader_did_you_mean(loader, text, all, ARRAY_LEN(all)));
}

static void read_transports(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_check *check = target;
    check->transports = 0;
    if (node->kind == NODE_LIST && node->count == 0) loader_error(loader, node, "the list is empty");
    for (size_t i = 0; i < read_list_count(node); i++) {
        size_t mark = read_list_enter(loader, node, i);
        read_transport(loader, read_list_item(node, i), check);
        loader_leave(loader, mark);
    }
}

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
static void check_asked_parts(struct loader *loader, const struct node *node, const struct config_check *check)
{
    const struct node *expect = node_get(node, "expect");
    bool wants_nsid = check->expect.nsid.text, wants_ede = check->expect.ede_count > 0;
    bool lacks_nsid = false, lacks_edns = false;
    for (size_t i = 0; i < check->query_count; i++) {
        lacks_nsid |= !check->queries[i].question.nsid;
        lacks_edns |= !check->queries[i].question.edns;
    }
    if (!expect || !((wants_nsid && lacks_nsid) || (wants_ede && lacks_edns))) return;
    size_t mark = loader_enter_key(loader, "expect");
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
static void warn_of_refusal_without_rd(struct loader *loader, const struct node *node, const struct config_check *check)
{
    const struct node *queries = node_get(node, "query");
    if (!queries || !expectation_is_denial(&check->expect)) return;
    size_t mark = loader_enter_key(loader, "query");
    for (size_t i = 0; i < check->query_count; i++) {
        const struct dns_question *question = &check->queries[i].question;
        if (!question->name || question->recursion_desired || is_in_own_zone(check, question->name)) continue;
        size_t item = read_list_enter(loader, queries, i);
        loader_warning(loader, read_list_item(queries, i),
                       "a denial proves little without recursion_desired: Unbound, Knot Resolver and systemd-resolved "
                       "refuse such a query to everyone");
        loader_leave(loader, item);
    }
    loader_leave(loader, mark);
}

static void read_check(struct loader *loader, const struct node *node, struct config_check *check)
{
    const struct config_global *global = &loader->config->global;
    check->place = node->place;
    check->path = arena_strdup(loader->arena, strbuf_text(&loader->path));
    check->interval_ns = global->interval_ns;
    check->timeout_ns = global->timeout_ns;
    check->attempts = global->attempts;
    if (!schema_read_section(loader, &check_section, node, check)) return;
    check_timing(loader, node, check);
    check_asked_parts(loader, node, check);
    warn_of_refusal_without_rd(loader, node, check);
    if (!check->name || name_table_add(&loader->checks, (struct named){.name = check->name, .first = check->index}))
        return;
    const struct named *first = name_table_find(&loader->checks, check->name);
    const struct node *name = node_get(node, "name");
    size_t mark = loader_enter_key(loader, "name");
    loader_error(loader, name, "checks[%u] has the name '%s' too", first->first, loader_shown(loader, check->name));
    loader_leave(loader, mark);
}

void read_checks(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config *config = target;
    if (!read_expect_kind(loader, node, NODE_LIST, "a list of checks")) return;
    if (node->count == 0) loader_error(loader, node, "the list is empty: there is nothing to check");
    config->checks = arena_array(loader->arena, node->count, sizeof(*config->checks));
    config->check_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        size_t mark = loader_enter_item(loader, i);
        config->checks[i].index = (uint32_t)i;
        read_check(loader, node->items[i], &config->checks[i]);
        loader_leave(loader, mark);
    }
}
