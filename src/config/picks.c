/*
 * Decides whom the `client:` and `resolver:` of a check mean: names, groups and "*". A named pick wins over "*",
 * because a pair that was named must be asked and one that "*" found need not.
 */
#include "sections.h"

#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/mem.h"

#define PICKS_MAX 4000000u /* of all checks: two probes for each would exceed any plan */

struct pick {
    uint32_t index;
    bool by_wildcard;
    bool by_name; /* itself, not through a group or a set */
    struct place place;
};

struct picker {
    struct loader *loader;
    const char *noun;
    struct name_table *names;
    bool are_names_known;
    size_t population;
    struct pick *picks;
    size_t count;
    size_t capacity;
    uint32_t *at; /* per index: its pick + 1; 0: none */
};

static void picker_fini(struct picker *picker)
{
    free(picker->picks);
    free(picker->at);
}

static void report_twice(struct picker *picker, const struct node *node)
{
    loader_error(picker->loader, node, "the %s '%s' is listed twice", picker->noun,
                 loader_shown(picker->loader, node->text));
}

static void add_pick(struct picker *picker, const struct node *node, struct pick pick)
{
    if (picker->at[pick.index] == 0) {
        picker->picks = mem_grow(picker->picks, picker->count, &picker->capacity, sizeof(*picker->picks));
        picker->picks[picker->count++] = pick;
        picker->at[pick.index] = (uint32_t)picker->count;
        return;
    }
    struct pick *known = &picker->picks[picker->at[pick.index] - 1];
    if (known->by_name && pick.by_name) report_twice(picker, node);
    if (known->by_wildcard && !pick.by_wildcard) *known = pick;
    known->by_name |= pick.by_name;
}

static void pick_range(struct picker *picker, const struct node *node, uint32_t first, size_t count, bool by_wildcard,
                       bool by_name)
{
    for (size_t i = 0; i < count; i++) {
        struct pick pick = {first + (uint32_t)i, by_wildcard, by_name, node->place};
        add_pick(picker, node, pick);
    }
}

static void report_unknown(struct picker *picker, const struct node *node, const char *noun, struct name_table *names,
                           const char *name)
{
    struct loader *loader = picker->loader;
    if (!picker->are_names_known) return;
    const char *nearest = name_table_nearest(names, name);
    loader_error(loader, node, "unknown %s '%s'%s%s%s", noun, loader_shown(loader, name),
                 nearest ? "; did you mean '" : "", nearest ? loader_shown(loader, nearest) : "", nearest ? "'?" : "");
}

static void pick_group(struct picker *picker, const struct node *node, const char *name)
{
    const struct named *group = name_table_find(&picker->loader->groups, name);
    if (!group) {
        report_unknown(picker, node, "group", &picker->loader->groups, name);
        return;
    }
    for (size_t i = 0; i < picker->population; i++)
        if (picker->loader->config->resolvers[i].group == group->name)
            pick_range(picker, node, (uint32_t)i, 1, false, false);
}

static void pick_one(struct picker *picker, const struct node *node)
{
    const char *text = read_scalar(picker->loader, node, "a name");
    if (!text) return;
    if (strcmp(text, "*") == 0) {
        pick_range(picker, node, 0, picker->population, true, false);
        return;
    }
    if (picker->names == &picker->loader->resolvers && strncmp(text, "group:", 6) == 0) {
        pick_group(picker, node, text + 6);
        return;
    }
    const struct named *named = name_table_find(picker->names, text);
    if (!named)
        report_unknown(picker, node, picker->noun, picker->names, text);
    else
        pick_range(picker, node, named->first, named->count, named->is_set, !named->is_set);
}

/* "*" and groups may overlap with names; the same words twice are a slip of the pen. */
static bool is_repeated(const struct node *list, size_t idx)
{
    const struct node *item = list->items[idx];
    bool is_plural =
        item->kind == NODE_SCALAR && (strcmp(item->text, "*") == 0 || strncmp(item->text, "group:", 6) == 0);
    for (size_t i = 0; is_plural && i < idx; i++)
        if (list->items[i]->kind == NODE_SCALAR && strcmp(list->items[i]->text, item->text) == 0) return true;
    return false;
}

static void pick_all(struct picker *picker, const struct node *node, bool may_be_empty)
{
    struct loader *loader = picker->loader;
    if (loader->picks > PICKS_MAX) return;
    if (node->kind == NODE_LIST && node->count == 0 && !may_be_empty)
        loader_error(loader, node, "the list is empty: it picks no %s", picker->noun);
    picker->at = mem_array(picker->population + 1, sizeof(*picker->at));
    for (size_t i = 0; i < read_list_count(node); i++) {
        const struct node *item = read_list_item(node, i);
        size_t mark = read_list_enter(loader, node, i);
        if (node->kind == NODE_LIST && is_repeated(node, i))
            report_twice(picker, item);
        else
            pick_one(picker, item);
        loader_leave(loader, mark);
    }
    size_t before = loader->picks;
    loader->picks += picker->count;
    if (before <= PICKS_MAX && loader->picks > PICKS_MAX)
        loader_error(loader, node, "the checks pick more than %u clients and resolvers in all", PICKS_MAX);
    if (loader->picks > PICKS_MAX) picker->count = 0;
}

size_t read_client_list(struct loader *loader, const struct node *node, bool may_be_empty,
                        struct config_client_pick **picks)
{
    const struct config *config = loader->config;
    AUTO(picker_fini)
    struct picker picker = {
        .loader = loader,
        .noun = "client",
        .names = &loader->clients,
        .are_names_known = loader->are_clients_known,
        .population = config->client_count,
    };
    pick_all(&picker, node, may_be_empty);
    *picks = arena_array(loader->arena, picker.count, sizeof(**picks));
    for (size_t i = 0; i < picker.count; i++) {
        const struct pick *pick = &picker.picks[i];
        (*picks)[i] = (struct config_client_pick){&config->clients[pick->index], pick->by_wildcard, pick->place};
    }
    return picker.count;
}

void read_client_picks(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_check *check = target;
    check->client_count = read_client_list(loader, node, false, &check->clients);
}

void read_resolver_picks(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_check *check = target;
    const struct config *config = loader->config;
    AUTO(picker_fini)
    struct picker picker = {
        .loader = loader,
        .noun = "resolver",
        .names = &loader->resolvers,
        .are_names_known = loader->are_resolvers_known,
        .population = config->resolver_count,
    };
    pick_all(&picker, node, false);
    check->resolvers = arena_array(loader->arena, picker.count, sizeof(*check->resolvers));
    check->resolver_count = picker.count;
    for (size_t i = 0; i < picker.count; i++) {
        const struct pick *pick = &picker.picks[i];
        check->resolvers[i] =
            (struct config_resolver_pick){&config->resolvers[pick->index], pick->by_wildcard, pick->place};
    }
}
