/*
 * Gates: where queries wait for the rate limits. Every query passes the gate of its server; one that expects a denial
 * first passes the gate of its client and resolver. One owner: a lane.
 *
 * Who waits goes in order of arrival, but for two kinds. What follows in a run that has begun goes first: runs are
 * bounded in time, and silence after fewer attempts than promised proves less. At a server's gate those who come from a
 * pair's gate go next: all of their pair wait behind them.
 */
#ifndef DNSPOLICY_SRC_PROBE_GATES_H
#define DNSPOLICY_SRC_PROBE_GATES_H

#include <stdbool.h>
#include <stdint.h>

#include "dnspolicy/base/heap.h"
#include "list.h"
#include "pacer.h"

enum gate_queue { GATE_QUEUE_FOLLOWING, GATE_QUEUE_PAIRED, GATE_QUEUE_PLAIN, GATE_QUEUES }; /* in this order */

struct gate {
    struct heap_node node; /* in the heap of openings while somebody waits and the gate is not held */
    struct list waiting[GATE_QUEUES];
    struct pacer pacer;
    bool is_held; /* a pair's gate: its last visitor waits at the server's gate and has not been charged yet */
    bool is_kept; /* only while one layout takes over from another */
};

/* A query on its way. `pair` may be NULL. */
struct gate_visitor {
    struct list link;
    struct gate *pair;
    struct gate *server;
    struct gate *waits_at; /* NULL: nowhere */
    bool is_following;     /* another query of a run that has begun */
};

struct gate *gate_new(void);
void gate_free(struct gate *gate); /* nobody may wait */

/* True: all gates are passed and charged. False: the visitor waits until gates_release() gives it back, or it
 * leaves. */
bool gates_enter(struct heap *openings, struct gate_visitor *visitor, uint64_t now_mono_ns);
/* The next visitor that is through, passed and charged, or NULL. */
struct gate_visitor *gates_release(struct heap *openings, uint64_t now_mono_ns);
/* Gives up waiting, at no charge. A visitor that waits nowhere is left alone. */
void gates_leave(struct heap *openings, struct gate_visitor *visitor);
/* After a gate's rate has changed, or when its visitors' lane takes it over. */
void gate_arm(struct heap *openings, struct gate *gate);

#endif
