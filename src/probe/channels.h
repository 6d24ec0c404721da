/*
 * A lane's sockets: opened within a budget, watched by the lane's epoll, and kept for another attempt of the same
 * client when they have served cleanly. A struct channel is never freed while the lane lives, so an event that arrives
 * for one that has just been closed is harmless.
 */
#ifndef DNSPOLICY_SRC_PROBE_CHANNELS_H
#define DNSPOLICY_SRC_PROBE_CHANNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/plan/plan.h"
#include "dnspolicy/probe/outcome.h"
#include "list.h"
#include "stats.h"

struct run;
struct stream;

struct channel {
    struct list link; /* idle: in its pool; without a socket: in the spare list */
    struct list age;  /* idle: in the list of all idle ones, oldest first */
    int fd;           /* -1: none */
    bool is_spoiled;  /* not to be used again: something came that was not the reply, or it is of another namespace */
    uint64_t idle_since_mono_ns;
    uint32_t pool; /* where it may go back to, in the pools of that generation */
    uint32_t generation;
    struct run *run;       /* NULL: idle */
    struct stream *stream; /* of a connection; else what is left of an earlier one, or NULL */
};

struct channels {
    int epoll;
    int home_netns; /* -1: not needed so far */
    unsigned limit;
    unsigned open;
    unsigned idle_count;
    struct list idle;
    struct list idle_streams; /* connections, oldest first */
    struct list spare;
    struct list *pools;  /* heads, by client and family */
    uint32_t generation; /* of the pools */
    struct lane_stats *stats;
};

void channels_init(struct channels *channels, int epoll, unsigned limit, struct lane_stats *stats);
void channels_fini(struct channels *channels); /* no run may hold one */
/* Pools for another set of clients. What is idle is closed; what is in use will be. */
struct list *channels_new_pools(size_t count);
void channels_set_pools(struct channels *channels, struct list *pools);

/* A new socket to the probe's resolver, in its client's namespace, watched for `events`. NULL: errno and *failed say
 * why not, EMFILE when the budget is used up. */
struct channel *channels_open(struct channels *channels, const struct plan_probe *probe, int type, uint32_t events,
                              enum outcome_step *failed);
/* A used one of the pool, disconnected, or NULL. */
struct channel *channels_reuse(struct channels *channels, uint32_t pool);
void channels_close(struct channels *channels, struct channel *channel);
/* Back to its pool if that can be, else closed. */
void channels_release(struct channels *channels, struct channel *channel, uint64_t now_mono_ns);
/* A connection that was kept under the key, or NULL. */
struct channel *channels_take_stream(struct channels *channels, uint64_t key);
void channels_keep_stream(struct channels *channels, struct channel *channel, uint64_t key, uint64_t now_mono_ns);
/* Closes what has been idle for long. */
void channels_sweep(struct channels *channels, uint64_t now_mono_ns);

#endif
