/*
 * Decides what a guest list comes to: a check that the allowed are answered, and one that all others are denied.
 * Refuses to know which pairs can be asked; that is the plan's.
 */
#include "sections.h"

#include <string.h>
#include <strings.h>

#include "check_keys.h"
#include "dnspolicy/base/mem.h"

const char *const policy_operation_names[POLICY_OPERATIONS] = {[POLICY_RECURSION] = "recursion",
                                                               [POLICY_QUERY] = "query",
                                                               [POLICY_TRANSFER] = "transfer",
                                                               [POLICY_UPDATE] = "update"};

/* The policy while it is read. Readers of a check's keys read into the check, which therefore comes first. */
struct draft {
    struct config_check check; /* what both sides share, and what the denied get */
    struct config_policy *policy;
    bool has_operation;
    struct config_client_pick *allowed;
    size_t allowed_count;
};

static schema_read read_operation, read_allow, read_deny, read_deny_with, read_with_operation;

static const struct schema_key policy_keys[] = {
    CHECK_KEY("name", "text", "required", "The `check` label; no two checks and policies share one.", schema_read_name,
              name),
    CHECK_KEY("description", "text", "", "Shown to people.", schema_read_description, description),
    CHECK_KEY("operation", "recursion, query, transfer or update", "required",
              "What it is that some may and others may not.", read_operation, path),
    CHECK_KEY("resolver", "name, group:NAME, a list of them, or \"*\"", "required", "Who is asked.",
              read_resolver_picks, resolvers),
    CHECK_KEY("query", "`NAME [TYPE] [CLASS]` or a mapping", "",
              "What is asked. recursion: a name outside of the zones of every resolver asked, best with `{random}`. "
              "transfer, "
              "update: a mapping with `zone`, and perhaps `name` and `type`, in the place of the next two.",
              read_with_operation, queries),
    CHECK_KEY(
        "zone", "domain name", "",
        "transfer, update: the zone. The name that would be updated is dnspolicy-probe.ZONE where `query` has none.",
        read_with_operation, queries),
    CHECK_KEY("type", "mnemonic or TYPEnnn", "",
              "transfer: IXFR (the default) or AXFR. update: the record's, TXT by default.", read_with_operation,
              queries),
    CHECK_KEY("allow", "name, list of names, or \"*\"", "", "The clients that are expected to be ANSWERED.", read_allow,
              clients),
    CHECK_KEY(
        "deny", "name, list of names, or \"*\"", "",
        "The clients that are expected to be denied; without it, and with \"*\", every client that is not allowed.",
        read_deny, clients),
    CHECK_KEY("deny_with", "as `expect` of a check", "DENIED", "What the denied get; it must be a denial.",
              read_deny_with, expect),
    CHECK_KEY("transport", "udp, tcp, tls or https, or a list of them", "udp", "As in a check.", read_transports,
              transports),
    CHECK_KEYS_OF_A_RUN,
};
const struct schema_section policy_section = {"policies[]", policy_keys, ARRAY_LEN(policy_keys), false};

static void read_operation(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct draft *draft = target;
    const char *text = read_scalar(loader, node, "an operation");
    if (!text) return;
    for (size_t i = 0; i < POLICY_OPERATIONS; i++) {
        if (strcasecmp(text, policy_operation_names[i]) != 0) continue;
        draft->policy->operation = (enum policy_operation)i;
        draft->has_operation = true;
        return;
    }
    loader_error(loader, node, "unknown operation '%s'%s", loader_shown(loader, text),
                 loader_or_list(loader, text, policy_operation_names, POLICY_OPERATIONS));
}

/* What these keys mean depends on the operation: they are read when all others are. */
static void read_with_operation(struct loader *loader, const struct schema_key *key, const struct node *node,
                                void *target)
{
    (void)loader, (void)key, (void)node, (void)target;
}

static void read_allow(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct draft *draft = target;
    draft->allowed_count = read_client_list(loader, node, true, &draft->allowed);
}

static void read_deny(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct draft *draft = target;
    draft->check.client_count = read_client_list(loader, node, true, &draft->check.clients);
}

static void read_deny_with(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    struct draft *draft = target;
    draft->check.expect = (struct expectation){0};
    size_t errors = loader->problems->errors;
    read_check_expect(loader, key, node, target);
    if (loader->problems->errors == errors && !expectation_is_denial(&draft->check.expect))
        loader_error(loader, node,
                     "'deny_with' is no denial: REFUSED, NOTAUTH, NO_RESPONSE or DENIED, and neither NOERROR "
                     "nor ANSWERED, is expected");
}

/* The query of a zone as if it had been written in full. */
static bool read_zone_query(struct loader *loader, const struct node *node, const struct query_preset *preset,
                            struct config_query *query)
{
    static const char *const parts[] = {"zone", "type"};
    struct node_entry entries[ARRAY_LEN(parts)];
    struct node map = {.kind = NODE_MAP, .place = node_get(node, "zone")->place, .entries = entries};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const struct node *value = node_get(node, parts[i]);
        if (value) entries[map.count++] = (struct node_entry){parts[i], value->place, value};
    }
    return read_query(loader, &map, preset, query);
}

/* A key that has no place there; false: it is absent. */
static bool refuse_key(struct loader *loader, const struct node *node, const char *key, const char *sentence)
{
    const struct node *value = node_get(node, key);
    if (!value) return false;
    size_t mark = loader_enter_key(loader, key);
    loader_error(loader, value, "%s", sentence);
    loader_leave(loader, mark);
    return true;
}

/* One query, under the key that it was found at. */
static bool read_own_query(struct loader *loader, const struct node *node, const struct query_preset *preset,
                           struct config_query *query)
{
    const struct node *own = node_get(node, "query");
    if (own->kind == NODE_BROKEN) return false;
    size_t mark = loader_enter_key(loader, "query");
    bool is_read = false;
    if (own->kind == NODE_LIST)
        loader_error(loader, own, "a policy has one query");
    else
        is_read = read_query(loader, own, preset, query);
    loader_leave(loader, mark);
    return is_read;
}

static bool is_operation_of(const struct draft *draft, const struct dns_question *question)
{
    bool is_update = question->opcode == DNS_OPCODE_UPDATE, is_transfer = dns_question_is_transfer(question);
    switch (draft->policy->operation) {
    case POLICY_TRANSFER:
        return is_transfer;
    case POLICY_UPDATE:
        return is_update;
    case POLICY_RECURSION:
        return question->opcode == DNS_OPCODE_QUERY && !is_transfer;
    default:
        return !is_update && !is_transfer;
    }
}

/* Recursion is what a server does for names that are not its own. */
static void check_recursion(struct loader *loader, const struct node *node, const struct draft *draft,
                            const struct dns_question *question)
{
    size_t mark = loader_enter_key(loader, "query");
    const struct node *query = node_get(node, "query");
    if (!question->recursion_desired) loader_error(loader, query, "the operation recursion needs recursion_desired");
    if (question->klass != DNS_CLASS_IN) loader_error(loader, query, "the operation recursion is about class IN");
    for (size_t i = 0; i < draft->check.resolver_count; i++) {
        const struct config_resolver *resolver = draft->check.resolvers[i].resolver;
        const char **zone = resolver->zones;
        while (*zone && !dns_name_is_within(question->name, *zone)) zone++;
        if (!*zone) continue;
        loader_error(loader, query, "'%s' is in the zone '%s' of the resolver '%s': its answer takes no recursion",
                     loader_shown(loader, question->name), loader_shown(loader, *zone), resolver->name);
        break;
    }
    loader_leave(loader, mark);
}

static const struct query_preset presets[POLICY_OPERATIONS] = {
    [POLICY_RECURSION] = {DNS_OPCODE_QUERY, DNS_TYPE_A, NULL},
    [POLICY_QUERY] = {DNS_OPCODE_QUERY, DNS_TYPE_A, NULL},
    [POLICY_TRANSFER] = {DNS_OPCODE_QUERY, DNS_TYPE_IXFR, NULL},
    [POLICY_UPDATE] = {DNS_OPCODE_UPDATE, DNS_TYPE_TXT, "dnspolicy-probe"},
};

/* The key that holds what is asked; NULL: there is none, or two, and that is reported. */
static const char *find_query(struct loader *loader, const struct node *node, const struct draft *draft)
{
    const char *operation = policy_operation_names[draft->policy->operation];
    bool has_query = node_get(node, "query"), has_zone = node_get(node, "zone");
    bool may_have_zone = draft->policy->operation >= POLICY_TRANSFER;
    if (may_have_zone && !has_query) {
        if (!has_zone) loader_error(loader, node, "the operation %s needs a 'zone'", operation);
        return has_zone ? "zone" : NULL;
    }
    const char *sentence = may_have_zone
                               ? "it stands in 'query': once is enough"
                               : arena_printf(loader->arena, "the operation %s has a 'query' instead", operation);
    bool is_refused = refuse_key(loader, node, "zone", sentence);
    is_refused |= refuse_key(loader, node, "type", sentence);
    if (!has_query && !is_refused) loader_error(loader, node, "the operation %s needs a 'query'", operation);
    return has_query && !is_refused ? "query" : NULL;
}

static bool read_policy_query(struct loader *loader, const struct node *node, const char *key, struct draft *draft)
{
    const struct query_preset *preset = &presets[draft->policy->operation];
    struct config_query *query = arena_alloc(loader->arena, sizeof(*query));
    bool is_own = strcmp(key, "query") == 0;
    if (is_own ? !read_own_query(loader, node, preset, query) : !read_zone_query(loader, node, preset, query))
        return false;
    draft->check.queries = query;
    draft->check.query_count = 1;
    if (!is_operation_of(draft, &query->question)) {
        refuse_key(loader, node, is_own || !node_get(node, "type") ? key : "type",
                   arena_printf(loader->arena, "this is not what the operation %s is about",
                                policy_operation_names[draft->policy->operation]));
        return false;
    }
    if (draft->policy->operation == POLICY_RECURSION) check_recursion(loader, node, draft, &query->question);
    return true;
}

static void report_both(struct loader *loader, const struct config_client_pick *allow,
                        const struct config_client_pick *deny)
{
    size_t mark = loader_enter_key(loader, "deny");
    loader_error_at(loader, deny->place, "the client '%s' is denied here and allowed at %u:%u", deny->client->name,
                    allow->place.line, allow->place.column);
    loader_leave(loader, mark);
}

/* Which side each client is on. A name wins over "*"; two names contradict each other. */
static void settle_sides(struct loader *loader, struct draft *draft)
{
    struct config_check *denied = &draft->check;
    size_t guests = 0, others = 0;
    AUTO(mem_free_ptr) uint32_t *allow_at = mem_array(loader->config->client_count + 1, sizeof(*allow_at));
    AUTO(mem_free_ptr) bool *is_denied = mem_array(loader->config->client_count + 1, sizeof(*is_denied));
    for (size_t i = 0; i < draft->allowed_count; i++) allow_at[draft->allowed[i].client->index] = (uint32_t)i + 1;
    for (size_t i = 0; i < denied->client_count; i++) {
        const struct config_client_pick *deny = &denied->clients[i];
        uint32_t at = allow_at[deny->client->index];
        const struct config_client_pick *allow = at ? &draft->allowed[at - 1] : NULL;
        if (allow && !allow->by_wildcard && !deny->by_wildcard) report_both(loader, allow, deny);
        if (allow && (deny->by_wildcard || !allow->by_wildcard)) continue;
        is_denied[deny->client->index] = true;
        denied->clients[others++] = *deny;
    }
    for (size_t i = 0; i < draft->allowed_count; i++)
        if (!is_denied[draft->allowed[i].client->index]) draft->allowed[guests++] = draft->allowed[i];
    draft->allowed_count = guests;
    denied->client_count = others;
}

static struct config_check *add_check(struct config *config, const struct config_check *check)
{
    struct config_check *added = &config->checks[config->check_count];
    *added = *check;
    added->index = (uint32_t)config->check_count++;
    return added;
}

static void add_checks(struct loader *loader, struct draft *draft)
{
    struct config *config = loader->config;
    struct config_policy *policy = draft->policy;
    draft->check.policy = policy;
    if (draft->allowed_count) {
        struct config_check guests = draft->check;
        guests.expect = (struct expectation){.words = EXPECT_ANSWERED};
        guests.expect.rcode_texts = arena_array(loader->arena, 2, sizeof(*guests.expect.rcode_texts));
        guests.expect.rcode_texts[0] = "ANSWERED";
        guests.clients = draft->allowed;
        guests.client_count = draft->allowed_count;
        policy->allowed = add_check(config, &guests);
    }
    if (draft->check.client_count)
        policy->denied = add_check(config, &draft->check);
    else
        expectation_fini(&draft->check.expect);
}

static bool is_empty_list(const struct node *node) { return node && node->kind == NODE_LIST && node->count == 0; }

/* Where somebody is denied, the warning comes with the denied. */
static void warn_of_cache(struct loader *loader, const struct node *node, const struct draft *draft)
{
    const char *name = draft->check.query_count ? draft->check.queries->question.name : NULL;
    bool is_recursion = draft->has_operation && draft->policy->operation == POLICY_RECURSION;
    if (!name || !is_recursion || draft->check.client_count || dns_name_has_random(name)) return;
    size_t mark = loader_enter_key(loader, "query");
    loader_warning(loader, node_get(node, "query"),
                   "without {random} in the name '%s' a cache may answer, so the verdict says little of recursion",
                   loader_shown(loader, name));
    loader_leave(loader, mark);
}

static void settle_policy(struct loader *loader, const struct node *node, struct draft *draft)
{
    struct check_keys keys = {"query", "deny_with"};
    const struct node everybody = {.kind = NODE_SCALAR, .place = node->place, .text = "*"};
    const struct node *allow = node_get(node, "allow"), *deny = node_get(node, "deny");
    if (!deny) read_deny(loader, NULL, &everybody, draft);
    settle_sides(loader, draft);
    if (is_empty_list(deny) && (!allow || is_empty_list(allow)))
        loader_error(loader, node, "nobody is allowed and nobody is denied: nothing is asked");
    const char *found = draft->has_operation ? find_query(loader, node, draft) : NULL;
    if (!found || !read_policy_query(loader, node, found, draft)) return;
    keys.query = found;
    check_settle(loader, node, &keys, &draft->check);
    warn_of_cache(loader, node, draft);
}

static void read_policy(struct loader *loader, const struct node *node, struct config_policy *policy)
{
    struct draft draft = {.policy = policy};
    policy->place = node->place;
    check_begin(loader, node, &draft.check);
    policy->path = draft.check.path;
    if (!schema_read_section(loader, &policy_section, node, &draft)) return;
    settle_policy(loader, node, &draft);
    policy->name = draft.check.name;
    policy->description = draft.check.description;
    check_claim_name(loader, node, &loader->policies, policy->name, policy->index);
    add_checks(loader, &draft);
}

void read_policies(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config *config = target;
    if (!read_expect_kind(loader, node, NODE_LIST, "a list of policies")) return;
    if (node->count == 0) loader_error(loader, node, "the list is empty: there is no policy");
    config->policies = arena_array(loader->arena, node->count, sizeof(*config->policies));
    config->policy_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        size_t mark = loader_enter_item(loader, i);
        config->policies[i].index = (uint32_t)i;
        read_policy(loader, node->items[i], &config->policies[i]);
        loader_leave(loader, mark);
    }
}
