/*
 * Decides over what a check's queries go, and that a zone which one of them is about is one that the server has. Knows
 * nothing of sockets.
 */
#include "sections.h"

#include <string.h>

#include "dnspolicy/base/mem.h"

const char *const transport_names[TRANSPORTS] = {
    [TRANSPORT_UDP] = "udp", [TRANSPORT_TCP] = "tcp", [TRANSPORT_TLS] = "tls", [TRANSPORT_HTTPS] = "https"};

static void read_transport(struct loader *loader, const struct node *node, struct config_check *check)
{
    const char *text = read_scalar(loader, node, "a transport");
    if (!text) return;
    for (size_t i = 0; i < TRANSPORTS; i++) {
        if (strcmp(text, transport_names[i]) != 0) continue;
        if (check->transports & (1u << i))
            loader_error(loader, node, "the transport %s is listed twice", transport_names[i]);
        else
            check->transports |= (uint8_t)(1u << i);
        return;
    }
    loader_error(loader, node, "unknown transport '%s'%s", loader_shown(loader, text),
                 loader_or_list(loader, text, transport_names, TRANSPORTS));
}

void read_transports(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
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

void check_settle_transports(struct loader *loader, const struct node *node, struct config_check *check)
{
    const struct node *transport = node_get(node, "transport");
    size_t transfers = 0;
    for (size_t i = 0; i < check->query_count; i++)
        transfers += dns_question_is_transfer(&check->queries[i].question) ? 1 : 0;
    if (transfers == 0) return;
    if (!transport && transfers < check->query_count) {
        loader_error(loader, node,
                     "transfers go over tcp and other queries over udp: split the check in two, or say "
                     "'transport: tcp' for all of them");
        return;
    }
    if (!transport) {
        check->transports = 1u << TRANSPORT_TCP;
        return;
    }
    size_t mark = loader_enter_key(loader, "transport");
    if (check->transports & (1u << TRANSPORT_UDP))
        loader_error(loader, transport, "a transfer goes over tcp or tls, not over udp");
    if (check->transports & (1u << TRANSPORT_HTTPS))
        loader_error(loader, transport,
                     "a transfer goes over tcp or tls, not over https: RFC 8484 carries single messages");
    loader_leave(loader, mark);
}

static bool has_zone(const struct config_resolver *resolver, const char *name)
{
    for (const char **zone = resolver->zones; *zone; zone++)
        if (strcmp(*zone, name) == 0) return true;
    return false;
}

static const char *nearest_zone(struct loader *loader, const struct config_resolver *resolver, const char *name)
{
    size_t count = 0;
    while (resolver->zones[count]) count++;
    return loader_did_you_mean(loader, name, resolver->zones, count);
}

static void check_zone(struct loader *loader, const struct node *node, const struct config_check *check,
                       const char *zone)
{
    const struct config_resolver *first = NULL;
    size_t lacking = 0;
    for (size_t i = 0; i < check->resolver_count; i++) {
        if (has_zone(check->resolvers[i].resolver, zone)) continue;
        if (!first) first = check->resolvers[i].resolver;
        lacking++;
    }
    if (!first) return;
    const char *others = lacking > 1 ? arena_printf(loader->arena, " (and %zu more)", lacking - 1) : "";
    loader_error(
        loader, node,
        "the zone '%s' is not among the 'zones' of the resolver '%s'%s: a misspelt one would be denied, and pass, "
        "for ever%s",
        loader_shown(loader, zone), first->name, others, nearest_zone(loader, first, zone));
}

void check_zones(struct loader *loader, const struct node *node, const struct check_keys *keys,
                 const struct config_check *check)
{
    const struct node *queries = node_get(node, keys->query);
    if (!queries) return;
    size_t mark = loader_enter_key(loader, keys->query);
    for (size_t i = 0; i < check->query_count; i++) {
        const struct dns_question *question = &check->queries[i].question;
        const char *zone = question->name ? dns_question_zone(question) : NULL;
        if (!zone || dns_name_has_random(zone)) continue; /* {random}: reported already */
        size_t item = read_list_enter(loader, queries, i);
        check_zone(loader, read_list_item(queries, i), check, zone);
        loader_leave(loader, item);
    }
    loader_leave(loader, mark);
}
