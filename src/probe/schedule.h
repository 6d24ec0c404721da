/* When probes run. Pure: time is handed in, all of it monotonic nanoseconds. */
#ifndef DNSPOLICY_SRC_PROBE_SCHEDULE_H
#define DNSPOLICY_SRC_PROBE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

/* The first run: within min(interval, 60 s), spread by the id. */
uint64_t schedule_first(uint64_t id, uint64_t interval_ns, uint64_t now);
/* The next time after `after` that is the id's phase modulo the interval: equal across reloads and restarts. */
uint64_t schedule_next(uint64_t id, uint64_t interval_ns, uint64_t after);

/* What a due time comes to when it is noticed at `now`. */
struct schedule_turn {
    uint64_t due;     /* the run to start: at most one interval late */
    uint64_t next;    /* the one after it */
    uint64_t skipped; /* runs that were more than one interval late */
};
struct schedule_turn schedule_take(uint64_t id, uint64_t interval_ns, uint64_t due, uint64_t now);

/* How long a lane stays deaf between two wake-ups, so that one wake-up serves about 32 queries. */
uint64_t schedule_tick_ns(double queries_per_second, bool once);

#endif
