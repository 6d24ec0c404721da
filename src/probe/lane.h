/*
 * A lane: one thread with one event loop, which owns the runs, sockets, timers and counters of its servers' probes
 * outright. Others touch it while it is parked (engine.c), through its inbox, and by reading its atomic counters.
 */
#ifndef DNSPOLICY_SRC_PROBE_LANE_H
#define DNSPOLICY_SRC_PROBE_LANE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "batch.h"
#include "channels.h"
#include "dnspolicy/base/heap.h"
#include "dnspolicy/base/random.h"
#include "dnspolicy/probe/engine.h"
#include "layout.h"
#include "list.h"
#include "message.h"
#include "parking.h"
#include "run.h"
#include "stats.h"

#define LANE_EVENTS 256
#define LANE_ORDERS_MAX 64 /* on-demand runs that wait or run, in all lanes together */

/* An on-demand run that its lane has not taken yet. */
struct lane_order {
    struct task *task;
    void (*answer)(void *ticket, const struct outcome *outcome);
    void *ticket;
};

struct lane_inbox {
    int event; /* an eventfd: wakes the lane */
    pthread_mutex_t lock;
    struct lane_order orders[LANE_ORDERS_MAX];
    unsigned count;
};

struct lane {
    struct parking *parking;
    atomic_uint *orders_open; /* on-demand runs not answered yet, of all lanes */
    unsigned index;
    pthread_t thread;
    atomic_bool is_called; /* somebody wants to see that it comes round; see engine_call_roll() */
    bool once;

    const struct layout *layout;
    uint64_t tick_ns;
    uint64_t woke_mono_ns;
    uint64_t now_mono_ns;   /* when the lane took up what it is at: one event, one query, or all that has expired */
    int64_t wall_offset_ns; /* of this turn */
    int64_t slept_ns;       /* in suspends, since boot */
    unsigned sends_left;    /* of this tick */
    bool is_done;           /* once: all has run */

    struct heap due;      /* tasks, by when they are due */
    struct heap openings; /* gates where somebody waits, by when they open */
    struct heap timers;   /* runs, by when their attempt ends */
    struct list runs;     /* all that wait or are in flight */
    struct list spare_runs;
    struct channels channels;
    struct batch *batch;
    struct lane_inbox inbox;
    struct lane_stats stats;

    struct random_pool random;
    struct dns_reader reader;
    struct epoll_event events[LANE_EVENTS];
    int event_count;
    uint8_t message[MESSAGE_SIZE]; /* what is being sent or matched: see message.h */
    uint8_t buffer[65536];         /* what has just been received */
};

/* False: *error (to be freed) says what the kernel would not give. Either way lane_fini() must follow. */
bool lane_init(struct lane *lane, const struct engine_options *options, struct engine_sink sink, char **error);
void lane_fini(struct lane *lane);
void *lane_main(void *lane);

/* Any thread: the lane looks at its inbox and its parking within a tick. */
void lane_wake(struct lane *lane);
/* Any thread, but not while the lanes swap plans. */
void lane_order(struct lane *lane, const struct lane_order *order);

static inline const struct plan_probe *lane_probe(const struct lane *lane, const struct task *task)
{
    return &lane->layout->plan->probes[task->probe];
}
static inline int64_t lane_wall_ns(const struct lane *lane, uint64_t mono_ns)
{
    return (int64_t)mono_ns + lane->wall_offset_ns;
}
static inline void lane_show_gates(const struct lane *lane, const struct plan_probe *probe,
                                   struct gate_visitor *visitor)
{
    visitor->server = lane->layout->server_gates[probe->server];
    visitor->pair = probe->denied_pair == PLAN_NONE ? NULL : lane->layout->pair_gates[probe->denied_pair];
}

#endif
