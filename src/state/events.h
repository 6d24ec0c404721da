/*
 * The last verdict changes, bounded in all and per probe. Written by lanes after their batch, never under a lane's
 * lock; the lock here is held for a few moves of pointers.
 */
#ifndef DNSPOLICY_STATE_EVENTS_H
#define DNSPOLICY_STATE_EVENTS_H

#include <pthread.h>

#include "dnspolicy/state/state.h"

/* What a lane notes under its lock: a few numbers. The sentence is made afterwards, from the outcome that it still
 * has. */
struct change {
    const struct outcome *outcome;
    struct judgement judgement;
    uint8_t from;
    bool is_for_log;
    uint32_t log_repeated;
};
/* Of one batch; more are counted only. */
#define EVENTS_PER_BATCH 256

struct event_text;
struct event_slot {
    uint64_t sequence;
    int64_t at_wall_ns;
    uint32_t repeated;
    uint32_t log_repeated;
    uint16_t older, newer; /* slots in the order of time */
    uint8_t from, to;
    bool is_for_log; /* until it was taken */
    struct event_text *text;
};
struct events {
    pthread_mutex_t lock;
    uint64_t ids[STATE_EVENTS]; /* probe of each slot; beside the slots, because it is searched */
    struct event_slot slots[STATE_EVENTS];
    unsigned count;
    uint16_t oldest, newest;
    uint64_t last_sequence;
    uint64_t unsaid; /* meant for the log, and lost */
    int log_fd;
};

struct events *state_events(struct state *state);
void events_init(struct events *events);
void events_fini(struct events *events);
void events_add(struct events *events, const struct plan *plan, const struct change *changes, size_t count,
                uint64_t unsaid);

#endif
