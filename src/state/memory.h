/* The state itself, behind its public handle. */
#ifndef DNSPOLICY_STATE_MEMORY_H
#define DNSPOLICY_STATE_MEMORY_H

#include <pthread.h>

#include "dnspolicy/state/state.h"
#include "events.h"

/* A lane's lock and what it protects besides the objects that the lane writes. */
struct lane_memory {
    _Alignas(64) pthread_mutex_t lock;
    _Atomic uint64_t longest_wait_ns;        /* that a fold waited for a reader; the lane writes */
    struct generation *generation;           /* the one that the lane runs; kept alive by `present` */
    struct change changes[EVENTS_PER_BATCH]; /* the lane's own scratch */
};
struct state {
    struct state_options options;
    pthread_mutex_t present_lock;
    struct generation *present; /* one reference */
    struct events events;
    struct lane_memory lanes[LANES_MAX];
};

#endif
