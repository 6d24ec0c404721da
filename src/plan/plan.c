/* Decides the order in which a plan is built, and how long it lives. What is in it is decided beside this file. */
#include "build.h"

#include <stdlib.h>

#include "dnspolicy/base/mem.h"

static struct plan *plan_new(struct config *config)
{
    struct plan *plan = mem_alloc(sizeof(*plan));
    atomic_init(&plan->references, 1);
    plan->config = config_ref(config);
    plan->arena = mem_alloc(sizeof(struct plan_arena));
    plan->cost.busiest_server = PLAN_NONE;
    return plan;
}

static void plan_free(struct plan *plan)
{
    struct plan_arena *arena = plan->arena;
    free(plan->probes);
    if (!arena->whole) {
        free(plan->queries);
        free(plan->servers);
        free(plan->endpoints);
        free(plan->pairs);
        free(plan->omissions);
        free(arena->qtype_labels);
        free(arena->soas);
    }
    plan_unref(arena->whole);
    config_unref(plan->config);
    free(arena);
    free(plan);
}

/* All of a plan but its count of references is immutable; whoever counts may change that. */
static struct plan *countable(const struct plan *plan) { return (struct plan *)(uintptr_t)plan; }

struct plan *plan_ref(const struct plan *plan)
{
    atomic_fetch_add_explicit(&countable(plan)->references, 1, memory_order_relaxed);
    return countable(plan);
}

void plan_unref(const struct plan *plan)
{
    if (!plan) return;
    if (atomic_fetch_sub_explicit(&countable(plan)->references, 1, memory_order_acq_rel) == 1)
        plan_free(countable(plan));
}

static void unref_ptr(struct plan **plan) { plan_unref(*plan); }

struct plan *plan_build(struct config *config, struct problems *problems)
{
    size_t errors = problems->errors;
    if (!expand_is_bounded(config, problems)) return NULL;
    AUTO(unref_ptr) struct plan *plan = plan_new(config);
    queries_build(plan, problems);
    expand_probes(plan, problems);
    limits_measure_cost(plan);
    limits_check_rates(plan, problems);
    identities_check(plan, problems);
    contradictions_check(plan, problems);
    warnings_collect(plan, problems);
    problems_sort(problems);
    return problems->errors == errors ? MEM_STEAL(plan) : NULL;
}

struct plan *plan_select(const struct plan *plan, bool (*wants)(const struct plan_probe *probe, void *ctx), void *ctx)
{
    AUTO(mem_free_ptr) struct plan_probe *probes = mem_array(plan->probe_count, sizeof(*probes));
    uint32_t count = 0;
    for (uint32_t i = 0; i < plan->probe_count; i++)
        if (wants(&plan->probes[i], ctx)) probes[count++] = plan->probes[i];
    if (!count) return NULL;
    struct plan *selection = plan_new(plan->config);
    ((struct plan_arena *)selection->arena)->whole = plan_ref(plan);
    selection->probes = MEM_STEAL(probes);
    selection->probe_count = count;
    selection->queries = plan->queries;
    selection->query_count = plan->query_count;
    selection->servers = plan->servers;
    selection->server_count = plan->server_count;
    selection->endpoints = plan->endpoints;
    selection->endpoint_count = plan->endpoint_count;
    selection->pairs = plan->pairs;
    selection->pair_count = plan->pair_count;
    selection->omissions = plan->omissions;
    selection->omission_count = plan->omission_count;
    limits_measure_cost(selection);
    return selection;
}
