/*
 * Decides what the next plan's probes take over from the present one's. The shape is built beside running lanes; values
 * that need a copy are copied when it is committed, while no lane runs.
 */
#include "generation.h"

#include <stdlib.h>

#include "dnspolicy/base/mem.h"
#include "locks.h"

static const struct shelf *previous_shelf(const struct generation *previous, size_t offset)
{
    return previous ? (const struct shelf *)(const void *)((const char *)previous + offset) : NULL;
}
#define PREVIOUS(previous, member) previous_shelf(previous, offsetof(struct generation, member))

static void build_lives(struct generation *generation, const struct generation *previous)
{
    const struct plan *plan = generation->plan;
    struct shelf_builder builder;
    shelf_builder_init(&builder, &generation->lives, PREVIOUS(previous, lives), &generation->handovers);
    for (uint32_t i = 0; i < plan->endpoint_count; i++) {
        unsigned lane = generation->placement->lane_of_server[plan->endpoints[i].server];
        REQUIRE(shelf_put(&builder, plan->endpoints[i].key, lane) == i);
    }
    shelf_builder_fini(&builder);
}

static uint64_t memory_key(const struct config_resolver *resolver)
{
    struct hash hash;
    hash_init(&hash);
    hash_add_text(&hash, resolver->name);
    return hash_end(&hash);
}

static void build_memories(struct generation *generation, const struct generation *previous)
{
    const struct plan *plan = generation->plan;
    size_t resolvers = plan->config->resolver_count;
    struct shelf_builder builder;
    generation->memory_of = mem_array(resolvers, sizeof(*generation->memory_of));
    generation->transports_of = mem_array(resolvers, sizeof(*generation->transports_of));
    for (size_t i = 0; i < resolvers; i++) generation->memory_of[i] = PLAN_NONE;
    shelf_builder_init(&builder, &generation->memories, PREVIOUS(previous, memories), &generation->handovers);
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        const struct plan_probe *probe = &plan->probes[i];
        uint32_t *memory = &generation->memory_of[probe->resolver->index];
        generation->transports_of[probe->resolver->index] |= (uint8_t)(1U << probe->transport);
        if (*memory != PLAN_NONE) continue;
        *memory = shelf_put(&builder, memory_key(probe->resolver), placement_lane(generation->placement, probe));
    }
    shelf_builder_fini(&builder);
}

static void build_series(struct generation *generation, const struct generation *previous)
{
    const struct plan *plan = generation->plan;
    struct shelf_builder builder;
    size_t capacity = 0;
    generation->series_of = mem_array(plan->probe_count, sizeof(*generation->series_of));
    shelf_builder_init(&builder, &generation->series, PREVIOUS(previous, series), &generation->handovers);
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        const struct plan_probe *probe = &plan->probes[i];
        uint32_t known = generation->series.count;
        uint32_t idx = shelf_put(&builder, series_key(probe), generation_lane(generation, i));
        if (idx == known) {
            generation->series_labels =
                mem_grow(generation->series_labels, known, &capacity, sizeof(*generation->series_labels));
            generation->series_labels[idx] = series_labels(probe);
        }
        series_add_known(&generation->series_labels[idx], probe);
        generation->series_of[i] = idx;
    }
    shelf_builder_fini(&builder);
}

static void build_tallies(struct generation *generation, const struct generation *previous)
{
    const struct plan *plan = generation->plan;
    struct shelf_builder builder;
    size_t capacity = 0;
    generation->tally_of = mem_array(plan->probe_count, sizeof(*generation->tally_of));
    shelf_builder_init(&builder, &generation->tallies, PREVIOUS(previous, tallies), &generation->handovers);
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        const struct plan_probe *probe = &plan->probes[i];
        uint32_t known = generation->tallies.count;
        uint32_t idx = shelf_put(&builder, tally_key(probe), generation_lane(generation, i));
        if (idx == known) {
            generation->tally_labels =
                mem_grow(generation->tally_labels, known, &capacity, sizeof(*generation->tally_labels));
            generation->tally_labels[idx] = tally_labels(probe);
        }
        tally_add_known(&generation->tally_labels[idx], probe);
        generation->tally_of[i] = idx;
    }
    shelf_builder_fini(&builder);
}

static struct record *build_record(struct generation *generation, const struct generation *previous,
                                   const struct plan_diff *diff, uint32_t probe, int64_t now_wall_ns)
{
    uint32_t before = previous ? diff->previous[probe] : PLAN_NONE;
    struct record *record;
    if (before == PLAN_NONE) {
        record = object_new(&record_kind);
    } else if (diff->is_unchanged[probe]) {
        return object_carry_over(&record_kind, previous->records[before], generation_lane(previous, before),
                                 generation_lane(generation, probe), &generation->handovers);
    } else {
        record = object_hand_over(&changed_record_kind, previous->records[before], generation_lane(previous, before),
                                  &generation->handovers);
    }
    record_init_pending(record, now_wall_ns);
    return record;
}

struct generation *generation_build(struct state *state, const struct generation *previous, const struct plan *plan,
                                    struct placement *placement, const struct plan_diff *diff, int64_t now_wall_ns)
{
    struct generation *generation = mem_alloc(sizeof(*generation));
    *generation = (struct generation){
        .state = state,
        .plan = plan_ref(plan),
        .placement = placement,
        .series.kind = &series_kind,
        .tallies.kind = &tally_kind,
        .lives.kind = &liveness_kind,
        .memories.kind = &resolver_memory_kind,
    };
    atomic_init(&generation->references, 1);
    build_lives(generation, previous);
    build_memories(generation, previous);
    build_series(generation, previous);
    build_tallies(generation, previous);
    generation->records = mem_array(plan->probe_count, sizeof(struct record *));
    for (uint32_t i = 0; i < plan->probe_count; i++)
        generation->records[i] = build_record(generation, previous, diff, i, now_wall_ns);
    return generation;
}

void generation_hand_over(struct generation *generation)
{
    for (size_t i = 0; i < generation->handovers.count; i++) {
        const struct handover *handover = &generation->handovers.items[i];
        locks_take(generation->state, handover->from_lane);
        handover->copy(handover->to, handover->from);
        locks_give(generation->state, handover->from_lane);
    }
    handovers_fini(&generation->handovers);
}

struct generation *generation_ref(struct generation *generation)
{
    atomic_fetch_add_explicit(&generation->references, 1, memory_order_relaxed);
    return generation;
}

static void free_generation(struct generation *generation)
{
    for (uint32_t i = 0; i < generation->plan->probe_count; i++) object_release(&record_kind, generation->records[i]);
    shelf_fini(&generation->series);
    shelf_fini(&generation->tallies);
    shelf_fini(&generation->lives);
    shelf_fini(&generation->memories);
    handovers_fini(&generation->handovers);
    free(generation->records);
    free(generation->series_of);
    free(generation->tally_of);
    free(generation->memory_of);
    free(generation->transports_of);
    free(generation->series_labels);
    free(generation->tally_labels);
    placement_free(generation->placement);
    plan_unref(generation->plan);
    free(generation);
}

void generation_release(struct generation *generation)
{
    if (!generation) return;
    if (atomic_fetch_sub_explicit(&generation->references, 1, memory_order_acq_rel) == 1) free_generation(generation);
}

const struct plan *generation_plan(const struct generation *generation) { return generation->plan; }
