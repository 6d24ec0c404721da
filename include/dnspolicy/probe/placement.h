/*
 * Which lane runs which server. All probes of one server address run on one lane, so that pacing, liveness and every
 * series with a `resolver` label have one writer. A resolver stays on its lane across reloads whenever its server can.
 */
#ifndef DNSPOLICY_PROBE_PLACEMENT_H
#define DNSPOLICY_PROBE_PLACEMENT_H

#include <stdint.h>

#include "dnspolicy/plan/plan.h"

#define LANES_MAX 64

struct placement {
    unsigned lanes;
    uint8_t *lane_of_server; /* by plan_server index */
};

/* Least loaded lane first, by queries per second; a server of the previous plan keeps its lane. Both previous ones may
 * be NULL. */
struct placement *placement_new(const struct plan *plan, unsigned lanes, const struct plan *previous_plan,
                                const struct placement *previous);
void placement_free(struct placement *placement);
static inline unsigned placement_lane(const struct placement *placement, const struct plan_probe *probe)
{
    return placement->lane_of_server[probe->server];
}

#endif
