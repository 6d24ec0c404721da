/*
 * What a plan comes to on the lanes: a task for every probe, a gate for every server and pair. Tasks and gates are
 * objects of their own, so that the next layout takes over those that stay, with their schedule, their runs and their
 * debt.
 */
#ifndef DNSPOLICY_SRC_PROBE_LAYOUT_H
#define DNSPOLICY_SRC_PROBE_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "dnspolicy/base/heap.h"
#include "dnspolicy/plan/plan.h"
#include "dnspolicy/probe/placement.h"
#include "gates.h"
#include "list.h"
#include "tls.h"

struct lane;
struct run;

/* A probe as its lane runs it. */
struct task {
    struct heap_node node; /* in the lane's due heap */
    uint32_t probe;        /* index in the present plan */
    uint8_t lane;
    uint64_t due_mono_ns;
    struct run *run; /* the scheduled one, waiting or in flight; NULL: none */
    struct tls_ticket ticket;
};

struct layout {
    const struct plan *plan; /* one reference */
    struct task **tasks;     /* by probe */
    struct gate **server_gates;
    struct gate **pair_gates;
    uint8_t *lane_of_server;
    double *lane_qps;
    struct tls_trust *tls; /* NULL: no probe needs it */
    unsigned lanes;
    /* For layout_take_over(): */
    bool *is_taken_task; /* by probe: the task is the previous layout's */
    bool *keeps_task;    /* by probe of the previous plan: its task lives on */
};

/* Builds the next layout while the previous one runs on. Of that it reads only what no lane writes. previous and diff
 * may be NULL. */
struct layout *layout_new(const struct plan *plan, const struct placement *placement, const struct plan_diff *diff,
                          const struct layout *previous);

/*
 * Makes `next` what the lanes run, and frees `previous` (which may be NULL). No lane runs meanwhile. Runs of tasks that
 * go have ended. A task that comes gets its first due time.
 */
void layout_take_over(struct layout *next, struct layout *previous, struct lane *const *lanes, uint64_t now_mono_ns);

/* After the lanes have ended; NULL is fine. */
void layout_free(struct layout *layout, struct lane *const *lanes);

#endif
