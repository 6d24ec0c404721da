/* What a lane counts of itself. The lane writes, anyone reads: a reader sees each number whole, and no two as of one
 * instant. */
#ifndef DNSPOLICY_SRC_PROBE_STATS_H
#define DNSPOLICY_SRC_PROBE_STATS_H

#include <stdatomic.h>
#include <stdint.h>

#include "dnspolicy/base/histogram.h"
#include "dnspolicy/probe/engine.h"

struct lane_stats {
    _Atomic uint64_t runs_started;
    _Atomic uint64_t queries_sent;
    _Atomic uint64_t wakeups;
    _Atomic uint64_t skipped[ENGINE_SKIPS];
    _Atomic uint64_t ignored[ENGINE_IGNORED_REASONS];
    _Atomic uint64_t in_flight;
    _Atomic uint64_t sockets_open;
    struct histogram lateness;
};

static inline uint64_t stats_get(const _Atomic uint64_t *number)
{
    return atomic_load_explicit(number, memory_order_relaxed);
}
static inline void stats_set(_Atomic uint64_t *number, uint64_t value)
{
    atomic_store_explicit(number, value, memory_order_relaxed);
}
/* One writer, so a load and a store do. */
static inline void stats_add(_Atomic uint64_t *number, uint64_t more) { stats_set(number, stats_get(number) + more); }
static inline void stats_drop(_Atomic uint64_t *number) { stats_set(number, stats_get(number) - 1); }

void stats_add_to(const struct lane_stats *stats, struct engine_stats *sum);

#endif
