/* What belongs to one plan: its labels, and which records and counters its probes, endpoints and resolvers have. */
#ifndef DNSPOLICY_STATE_GENERATION_H
#define DNSPOLICY_STATE_GENERATION_H

#include "dnspolicy/state/state.h"
#include "liveness.h"
#include "object.h"
#include "record.h"
#include "resolver_memory.h"
#include "series.h"

struct generation {
    atomic_uint references;
    struct state *state;
    struct plan *plan;
    struct placement *placement;
    struct record **records; /* by probe */
    uint32_t *series_of;     /* by probe: index in `series` */
    uint32_t *tally_of;      /* by probe: index in `tallies` */
    uint32_t *memory_of;     /* by resolver: index in `memories`, PLAN_NONE where nothing is asked of it */
    uint8_t *transports_of;  /* by resolver: bits 1 << enum transport */
    struct state_series *series_labels;
    struct state_tally *tally_labels;
    struct shelf series;
    struct shelf tallies;
    struct shelf lives; /* by endpoint */
    struct shelf memories;
    struct handovers handovers; /* until it is committed */
};

/* `previous` may be NULL. Takes a reference to the plan and owns the placement from now on. */
struct generation *generation_build(struct state *state, const struct generation *previous, const struct plan *plan,
                                    struct placement *placement, const struct plan_diff *diff, int64_t now_wall_ns);
/* Copies what changes lanes from the previous generation, which is alive still. No lane runs. */
void generation_hand_over(struct generation *generation);
struct generation *generation_ref(struct generation *generation);

static inline unsigned generation_lane(const struct generation *generation, uint32_t probe)
{
    return placement_lane(generation->placement, &generation->plan->probes[probe]);
}
static inline struct series *generation_probe_series(const struct generation *generation, uint32_t probe)
{
    return generation->series.slots[generation->series_of[probe]].object;
}
static inline struct tally *generation_probe_tally(const struct generation *generation, uint32_t probe)
{
    return generation->tallies.slots[generation->tally_of[probe]].object;
}
static inline struct liveness *generation_probe_life(const struct generation *generation, uint32_t probe)
{
    return generation->lives.slots[generation->plan->probes[probe].endpoint].object;
}
static inline struct resolver_memory *generation_probe_memory(const struct generation *generation, uint32_t probe)
{
    return generation->memories.slots[generation->memory_of[generation->plan->probes[probe].resolver->index]].object;
}

#endif
