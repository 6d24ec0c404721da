/*
 * Decides what a query is for: a question about a name, a transfer, an update, a NOTIFY; and the rules that each puts
 * on name, zone, type and flags. Knows nothing of who asks whom.
 */
#include "sections.h"

#include <string.h>

#include "dnspolicy/base/mem.h"

/* Where a query in short form says everything in one text, that is the place of all errors. */
static size_t enter_part(struct loader *loader, const struct node *node, const char *key, const struct node **part)
{
    const struct node *value = node->kind == NODE_MAP ? node_get(node, key) : NULL;
    *part = value ? value : node;
    return value ? loader_enter_key(loader, key) : loader->path.len;
}

static bool has_part(const struct node *node, const char *key) { return node->kind == NODE_MAP && node_get(node, key); }

__attribute__((format(printf, 4, 5))) static bool refuse(struct loader *loader, const struct node *node,
                                                         const char *key, const char *format, ...)
{
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    const struct node *part;
    va_list args;
    va_start(args, format);
    strbuf_addv(&sentence, format, args);
    va_end(args);
    size_t mark = enter_part(loader, node, key, &part);
    loader_error(loader, part, "%s", strbuf_text(&sentence));
    loader_leave(loader, mark);
    return false;
}

/* These are no requests to resolve anything: RD means nothing in them. */
static bool clear_recursion(struct loader *loader, const struct node *node, const char *what,
                            struct dns_question *question)
{
    bool is_explicit = has_part(node, "recursion_desired") && question->recursion_desired;
    question->recursion_desired = false;
    return !is_explicit || refuse(loader, node, "recursion_desired", "%s has no recursion_desired", what);
}

static bool needs_fixed_name(struct loader *loader, const struct node *node, const char *what, const char *name)
{
    return !dns_name_has_random(name) || refuse(loader, node, "name", "%s is about one zone: no {random}", what);
}

static bool settle_transfer(struct loader *loader, const struct node *node, struct dns_question *question)
{
    static const char what[] = "a transfer";
    if (question->zone && question->name)
        return refuse(loader, node, "zone", "a transfer has a 'zone' or a 'name', not both: they are the same");
    if (question->zone) question->name = question->zone;
    question->zone = NULL;
    if (!question->name) return refuse(loader, node, "name", "the zone to transfer is missing");
    bool is_good = needs_fixed_name(loader, node, what, question->name);
    if (question->klass != DNS_CLASS_IN) is_good = refuse(loader, node, "class", "a transfer is of class IN");
    return clear_recursion(loader, node, what, question) && is_good;
}

static bool settle_update(struct loader *loader, const struct node *node, const struct query_preset *preset,
                          struct dns_question *question)
{
    const char *known;
    if (!question->zone) {
        if (has_part(node, "zone")) return false;
        return refuse(loader, node, "zone", "an update needs a 'zone'");
    }
    if (!question->name && preset && preset->first_label && !has_part(node, "name")) {
        AUTO(strbuf_fini) struct strbuf name = {0};
        bool is_root = strcmp(question->zone, ".") == 0;
        strbuf_addf(&name, "%s%s%s", preset->first_label, is_root ? "" : ".", is_root ? "" : question->zone);
        question->name = read_dns_name(loader, node, strbuf_text(&name));
    }
    if (!question->name) {
        if (has_part(node, "name")) return false;
        return refuse(loader, node, "name", "the name to update is missing");
    }
    bool is_good = true;
    if (dns_name_has_random(question->zone)) is_good = refuse(loader, node, "zone", "a zone has one name: no {random}");
    if (!dns_name_is_within(question->name, question->zone))
        is_good = refuse(loader, node, "name", "the name '%s' is not in the zone '%s'",
                         loader_shown(loader, question->name), loader_shown(loader, question->zone));
    if (!dns_update_type_is_known(question->type, &known))
        is_good = refuse(loader, node, "type", "an update is about a record of type %s", known);
    if (question->klass != DNS_CLASS_IN) is_good = refuse(loader, node, "class", "an update is of class IN");
    return clear_recursion(loader, node, "an update", question) && is_good;
}

static bool settle_notify(struct loader *loader, const struct node *node, struct dns_question *question)
{
    bool is_good = needs_fixed_name(loader, node, "a NOTIFY", question->name);
    if (has_part(node, "type") && question->type != DNS_TYPE_SOA)
        is_good = refuse(loader, node, "type", "a NOTIFY is about the SOA: no other type");
    question->type = DNS_TYPE_SOA;
    return clear_recursion(loader, node, "a NOTIFY", question) && is_good;
}

bool query_settle(struct loader *loader, const struct node *node, const struct query_preset *preset,
                  struct dns_question *question)
{
    bool is_transfer_type = question->type == DNS_TYPE_AXFR || question->type == DNS_TYPE_IXFR;
    if (question->opcode == DNS_OPCODE_UPDATE) return settle_update(loader, node, preset, question);
    bool is_name_broken = has_part(node, "name") && !question->name;
    bool is_zone_broken = has_part(node, "zone") && !question->zone;
    if (is_name_broken || is_zone_broken) return false;
    if (question->opcode == DNS_OPCODE_QUERY && is_transfer_type) return settle_transfer(loader, node, question);
    if (question->opcode == DNS_OPCODE_QUERY && preset && preset->type == DNS_TYPE_IXFR)
        return refuse(loader, node, "type", "a transfer is of type IXFR or AXFR");
    if (question->zone)
        return refuse(loader, node, "zone", "only transfers and updates have a 'zone': 'name' is what is asked for");
    if (!question->name) {
        if (node->kind == NODE_MAP) loader_error(loader, node, "the required key 'name' is missing");
        return false;
    }
    if (question->opcode == DNS_OPCODE_NOTIFY) return settle_notify(loader, node, question);
    return !is_transfer_type || refuse(loader, node, "type", "a transfer has the opcode QUERY");
}
