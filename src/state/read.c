/* Decides how readers copy: bounded, under the lock of the lane that writes, and never two locks at a time. */
#include "dnspolicy/base/mem.h"
#include "generation.h"
#include "locks.h"

#define NO_LANE UINT32_MAX

/* Moves from the lock of one lane to that of another. */
static void move_lock(const struct generation *generation, unsigned *held, unsigned lane)
{
    if (*held == lane) return;
    if (*held != NO_LANE) locks_give(generation->state, *held);
    if (lane != NO_LANE) locks_take(generation->state, lane);
    *held = lane;
}

void generation_copy_numbers(const struct generation *generation, uint32_t first, uint32_t count,
                             struct probe_numbers *out)
{
    unsigned held = NO_LANE;
    REQUIRE(count <= STATE_COPY_MAX && first <= generation->plan->probe_count &&
            count <= generation->plan->probe_count - first);
    for (uint32_t i = 0; i < count; i++) {
        move_lock(generation, &held, generation_lane(generation, first + i));
        record_copy_numbers(generation->records[first + i], &out[i]);
    }
    move_lock(generation, &held, NO_LANE);
}

void generation_copy_detail(const struct generation *generation, uint32_t probe, struct probe_detail *out)
{
    static const uint32_t room = OUTCOME_KEPT_TEXT + 1 + DNS_EDE_MAX * DNS_EDE_TEXT_MAX + DNS_NSID_MAX;
    REQUIRE(probe < generation->plan->probe_count);
    const struct record *record = generation->records[probe];
    unsigned lane = generation_lane(generation, probe);
    /* Room beforehand: no allocation under the lock. */
    *out = (struct probe_detail){.texts = {.bytes = mem_alloc(room), .capacity = room}};
    locks_take(generation->state, lane);
    record_copy_numbers(record, &out->numbers);
    out->has_outcome = record->has_run;
    if (record->has_run) outcome_copy(&out->outcome, &out->texts, &record->outcome);
    locks_give(generation->state, lane);
    out->outcome.probe = probe;
}

void probe_detail_fini(struct probe_detail *detail)
{
    outcome_texts_fini(&detail->texts);
    *detail = (struct probe_detail){0};
}

uint32_t generation_series_count(const struct generation *generation) { return generation->series.count; }

const struct state_series *generation_series(const struct generation *generation, uint32_t idx)
{
    REQUIRE(idx < generation->series.count);
    return &generation->series_labels[idx];
}

void generation_copy_series(const struct generation *generation, uint32_t first, uint32_t count,
                            struct state_series_counts *out)
{
    const struct shelf *shelf = &generation->series;
    unsigned held = NO_LANE;
    REQUIRE(count <= STATE_COPY_MAX && first <= shelf->count && count <= shelf->count - first);
    for (uint32_t i = 0; i < count; i++) {
        move_lock(generation, &held, shelf->slots[first + i].lane);
        out[i] = ((const struct series *)shelf->slots[first + i].object)->counts;
    }
    move_lock(generation, &held, NO_LANE);
}

uint32_t generation_tally_count(const struct generation *generation) { return generation->tallies.count; }

const struct state_tally *generation_tally(const struct generation *generation, uint32_t idx)
{
    REQUIRE(idx < generation->tallies.count);
    return &generation->tally_labels[idx];
}

void generation_copy_tallies(const struct generation *generation, uint32_t first, uint32_t count,
                             struct state_tally_counts *out)
{
    const struct shelf *shelf = &generation->tallies;
    unsigned held = NO_LANE;
    REQUIRE(count <= STATE_COPY_MAX && first <= shelf->count && count <= shelf->count - first);
    for (uint32_t i = 0; i < count; i++) {
        move_lock(generation, &held, shelf->slots[first + i].lane);
        out[i] = ((const struct tally *)shelf->slots[first + i].object)->counts;
    }
    move_lock(generation, &held, NO_LANE);
}

/* NULL where the plan asks nothing of the resolver. */
static const struct shelf_slot *memory_slot(const struct generation *generation, uint32_t resolver)
{
    REQUIRE(resolver < generation->plan->config->resolver_count);
    uint32_t idx = generation->memory_of[resolver];
    return idx == PLAN_NONE ? NULL : &generation->memories.slots[idx];
}

bool generation_read_response_time(const struct generation *generation, uint32_t resolver, unsigned transport,
                                   struct histogram_copy *out)
{
    const struct shelf_slot *slot = memory_slot(generation, resolver);
    REQUIRE(transport < TRANSPORTS);
    *out = (struct histogram_copy){0};
    if (!(generation->transports_of[resolver] & 1U << transport)) return false;
    locks_take(generation->state, slot->lane);
    histogram_add_to(&((const struct resolver_memory *)slot->object)->response_time[transport], out);
    locks_give(generation->state, slot->lane);
    return true;
}

uint64_t generation_followup_queries(const struct generation *generation, uint32_t resolver)
{
    const struct shelf_slot *slot = memory_slot(generation, resolver);
    if (!slot) return 0;
    locks_take(generation->state, slot->lane);
    uint64_t queries = ((const struct resolver_memory *)slot->object)->followup_queries;
    locks_give(generation->state, slot->lane);
    return queries;
}

int64_t generation_certificate_not_after(const struct generation *generation, uint32_t resolver)
{
    const struct shelf_slot *slot = memory_slot(generation, resolver);
    if (!slot) return 0;
    locks_take(generation->state, slot->lane);
    int64_t not_after_s = ((const struct resolver_memory *)slot->object)->certificate_not_after_s;
    locks_give(generation->state, slot->lane);
    return not_after_s;
}

unsigned generation_transports(const struct generation *generation, uint32_t resolver)
{
    REQUIRE(resolver < generation->plan->config->resolver_count);
    return generation->transports_of[resolver];
}

uint32_t generation_copy_nodes(const struct generation *generation, uint32_t resolver,
                               struct state_node out[STATE_NODES_MAX + 2])
{
    const struct shelf_slot *slot = memory_slot(generation, resolver);
    if (!slot) return 0;
    locks_take(generation->state, slot->lane);
    uint32_t count = resolver_memory_copy_nodes(slot->object, out);
    locks_give(generation->state, slot->lane);
    return count;
}
