/*
 * Decides which lane owns which server. Knows only rates: what a probe costs beyond its queries per second (TCP,
 * silence) is not weighed.
 */
#include "dnspolicy/probe/placement.h"

#include <stdlib.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/hash.h"
#include "dnspolicy/base/mem.h"

#define UNPLACED UINT8_MAX

static double *server_rates(const struct plan *plan)
{
    double *rates = mem_array(plan->server_count, sizeof(*rates));
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        const struct plan_probe *probe = &plan->probes[i];
        rates[probe->server] += (double)NS_PER_SEC / (double)probe->check->interval_ns;
    }
    return rates;
}

static void keep_previous_lanes(struct placement *placement, const struct plan *plan, const struct plan *previous_plan,
                                const struct placement *previous)
{
    AUTO(hash_index_fini) struct hash_index index = {0};
    for (uint32_t i = 0; i < previous_plan->server_count; i++) hash_index_put(&index, previous_plan->servers[i].key, i);
    for (uint32_t i = 0; i < plan->server_count; i++) {
        uint32_t was = hash_index_get(&index, plan->servers[i].key);
        if (was == HASH_INDEX_NONE || previous->lane_of_server[was] >= placement->lanes) continue;
        placement->lane_of_server[i] = previous->lane_of_server[was];
    }
}

struct busy_server {
    uint32_t server;
    double rate;
};

/* Busiest first, so that the small ones even out what the big ones left uneven; then by place in the plan. */
static int compare_busy(const void *left, const void *right)
{
    const struct busy_server *a = left, *b = right;
    if (a->rate != b->rate) return a->rate < b->rate ? 1 : -1;
    return (a->server > b->server) - (a->server < b->server);
}

static void place_the_rest(struct placement *placement, const double *rates, uint32_t server_count)
{
    double load[LANES_MAX] = {0};
    AUTO(mem_free_ptr) struct busy_server *rest = mem_array(server_count, sizeof(*rest));
    size_t rest_count = 0;
    for (uint32_t i = 0; i < server_count; i++) {
        if (placement->lane_of_server[i] == UNPLACED) {
            rest[rest_count++] = (struct busy_server){.server = i, .rate = rates[i]};
        } else {
            load[placement->lane_of_server[i]] += rates[i];
        }
    }
    qsort(rest, rest_count, sizeof(*rest), compare_busy);
    for (size_t i = 0; i < rest_count; i++) {
        unsigned least = 0;
        for (unsigned lane = 1; lane < placement->lanes; lane++)
            if (load[lane] < load[least]) least = lane;
        placement->lane_of_server[rest[i].server] = (uint8_t)least;
        load[least] += rest[i].rate;
    }
}

struct placement *placement_new(const struct plan *plan, unsigned lanes, const struct plan *previous_plan,
                                const struct placement *previous)
{
    REQUIRE(lanes >= 1 && lanes <= LANES_MAX);
    struct placement *placement = mem_alloc(sizeof(*placement));
    placement->lanes = lanes;
    placement->lane_of_server = mem_array(plan->server_count, sizeof(*placement->lane_of_server));
    for (uint32_t i = 0; i < plan->server_count; i++) placement->lane_of_server[i] = UNPLACED;
    if (previous_plan && previous) keep_previous_lanes(placement, plan, previous_plan, previous);
    AUTO(mem_free_ptr) double *rates = server_rates(plan);
    place_the_rest(placement, rates, plan->server_count);
    return placement;
}

void placement_free(struct placement *placement)
{
    if (!placement) return;
    free(placement->lane_of_server);
    free(placement);
}
