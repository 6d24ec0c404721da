/*
 * The prober: N lanes, each a thread with an event loop that owns its probes' runs, sockets and timers outright. It
 * knows when and how to ask and what came back; it knows no verdicts, and nothing in a lane blocks, logs or resolves.
 *
 * A lane wakes at most once per tick: it reads what has arrived, ends what has expired, sends what is due, hands the
 * batch's outcomes to the sink in one call, and sleeps to the next tick that has work.
 */
#ifndef DNSPOLICY_PROBE_ENGINE_H
#define DNSPOLICY_PROBE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/histogram.h"
#include "dnspolicy/plan/plan.h"
#include "dnspolicy/probe/outcome.h"
#include "dnspolicy/probe/placement.h"

struct engine;

/*
 * Where outcomes go. Called on lane threads, at most one call per lane at a time, once per batch. The outcomes' `probe`
 * indexes the plan that the engine runs at that moment; texts inside are valid during the call only.
 */
struct engine_sink {
    void *ctx;
    void (*fold)(void *ctx, unsigned lane, const struct outcome *outcomes, size_t count);
};

struct engine_options {
    unsigned lanes;            /* 1 to LANES_MAX */
    unsigned sockets_per_lane; /* a run that would need more ends as LOCAL_ERROR with EMFILE */
    bool once;                 /* every probe one run, as soon as the limits permit; then engine_wait_done() returns */
};

/* Takes references to plan; `placement` stays the caller's and must outlive its use (see engine_swap). NULL with *error
 * (to be freed) when the kernel gives no epoll, eventfd or thread. The lanes run when it returns. */
struct engine *engine_start(const struct engine_options *options, const struct plan *plan,
                            const struct placement *placement, struct engine_sink sink, char **error);

/*
 * Replaces the plan. Everything that can be built beforehand is built beside the running lanes; then all lanes park,
 * runs whose probe is gone or changed end as OUTCOME_ABANDONED (folded under the old plan, so that what they sent is
 * counted), `commit(arg)` is called while no lane runs, unchanged probes keep their schedule and runs in flight, pacers
 * keep their debt, and the lanes go on. Called by one thread at a time. The old plan and placement are no longer used
 * on return.
 */
void engine_swap(struct engine *engine, const struct plan *next, const struct placement *placement,
                 const struct plan_diff *diff, void (*commit)(void *arg), void *arg);

/*
 * Runs one probe of the present plan soon, beside its schedule; rate limits hold. `answer` is called exactly once on a
 * lane thread with the outcome, is_on_demand set, or with NULL when the probe vanished or the engine stopped before it
 * had run. The sink does not see it. `answer` must not block and must not call the engine. False: no such probe, or 64
 * such runs are under way already.
 */
bool engine_run_now(struct engine *engine, uint64_t probe_id,
                    void (*answer)(void *ticket, const struct outcome *outcome), void *ticket);

/* Why a scheduled run did not happen, for probe_runs_skipped_total. */
enum engine_skip {
    ENGINE_SKIP_OVERLAP,
    ENGINE_SKIP_LATE,
    ENGINE_SKIP_RATE_LIMIT,
    ENGINE_SKIP_RELOAD,
    ENGINE_SKIP_SUSPEND,
    ENGINE_SKIPS
};
extern const char *const engine_skip_names[ENGINE_SKIPS]; /* "overlap", "late", "rate_limit", "reload", "suspend" */

/* Why a datagram was ignored, for datagrams_ignored_total: enum dns_match but its first, then this one. */
#define ENGINE_IGNORED_WRONG_SOURCE DNS_MATCHES
#define ENGINE_IGNORED_REASONS (DNS_MATCHES + 1)
extern const char *const engine_ignored_names[ENGINE_IGNORED_REASONS]; /* "short", …; [DNS_MATCH_OK] is NULL */

struct engine_stats {
    uint64_t runs_started;
    uint64_t queries_sent;
    uint64_t wakeups;
    uint64_t skipped[ENGINE_SKIPS];
    uint64_t ignored[ENGINE_IGNORED_REASONS];
    uint64_t in_flight;
    uint64_t sockets_open;
    struct histogram_copy lateness;
};
/* Any thread, without stopping a lane. `lane` UINT_MAX: the sum of all. */
void engine_read_stats(const struct engine *engine, unsigned lane, struct engine_stats *out);

/*
 * Signs of life, for a watchdog. A call wakes every lane, and has an answer once the lane's loop has come round to its
 * inbox: engine_missing() tells how many have not answered. A lane that is not called pays nothing. Any thread.
 */
void engine_call_roll(struct engine *engine);
unsigned engine_missing(const struct engine *engine);

void engine_wait_done(struct engine *engine); /* with options.once */
/* Stops the lanes within a tick; runs in flight are folded as OUTCOME_ABANDONED. No other call may be under way. NULL
 * is fine. */
void engine_stop(struct engine *engine);

#endif
