/*
 * The memory: last outcomes and verdicts, counters, histograms, nodes and events. It implements the engine's sink: a
 * lane folds a batch, state takes that lane's lock once, judges, counts and stores. Readers take the same lock for
 * bounded copies of a few hundred entries, never longer.
 *
 * Everything that belongs to one plan is a generation. A generation is immutable in shape and reference-counted; the
 * records and counters that it points to live on in the next one for as long as their identity does. A reader holds the
 * generation that it walks.
 */
#ifndef DNSPOLICY_STATE_STATE_H
#define DNSPOLICY_STATE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/histogram.h"
#include "dnspolicy/judge/verdict.h"
#include "dnspolicy/plan/plan.h"
#include "dnspolicy/probe/engine.h"
#include "dnspolicy/probe/placement.h"

struct state;

struct state_options {
    bool judge_silence_last; /* `dnspolicy check`: silence stays undecided until state_settle() */
};
struct state *state_new(const struct state_options *options);
void state_free(struct state *state); /* no lane and no reader may be left */
struct engine_sink state_sink(struct state *state);
/* The longest that any lane has waited for a reader so far; any thread. */
uint64_t state_longest_wait_ns(const struct state *state);

/* ---- generations ---- */

struct generation;

/* Builds the next generation beside the present one, from which unchanged identities are carried over. Takes a
 * reference to the plan and owns the placement from now on. Main thread only. `now`: since when new probes are
 * pending. */
struct generation *state_prepare(struct state *state, const struct plan *plan, struct placement *placement,
                                 const struct plan_diff *diff, int64_t now_wall_ns);
/* Makes it the present one. No lane may run (engine_swap's commit), or none was started yet. */
void state_commit(struct state *state, struct generation *next);

/* The present generation, with a reference; any thread. NULL before the first commit. */
struct generation *state_acquire(struct state *state);
void generation_release(struct generation *generation); /* NULL is fine */
const struct plan *generation_plan(const struct generation *generation);

/* ---- reading: numbers in bulk, for metrics, summaries and lists ---- */

struct probe_numbers {
    struct judgement judgement;
    uint8_t category;
    bool has_run;             /* at least one run was judged since the probe is as it is now */
    int64_t rtt_ns;           /* last run's; -1: none */
    int64_t last_run_wall_ns; /* end of the last run; 0: never */
    int64_t since_wall_ns;    /* when the present verdict began; of a pending probe, when it was loaded */
    uint64_t runs;
    uint64_t consecutive; /* runs in a row with the present verdict */
};
#define STATE_COPY_MAX 256
/* Copies the numbers of probes first … first+count-1; count ≤ STATE_COPY_MAX. */
void generation_copy_numbers(const struct generation *generation, uint32_t first, uint32_t count,
                             struct probe_numbers *out);

/* ---- reading: one probe whole, for JSON ---- */

struct probe_detail {
    struct probe_numbers numbers;
    bool has_outcome;
    struct outcome outcome; /* texts are in `texts` */
    struct outcome_texts texts;
};
void generation_copy_detail(const struct generation *generation, uint32_t probe, struct probe_detail *out);
void probe_detail_fini(struct probe_detail *detail);

/* ---- reading: counters ---- */

/* One set of labels `client, subnet, resolver, transport, qtype`. */
struct state_series {
    const struct config_client *client;
    const struct config_resolver *resolver;
    const char *qtype; /* label */
    uint8_t family;
    uint8_t transport;
    uint8_t known_refusals; /* bit 0: expected="false" can occur, bit 1: expected="true" */
    uint32_t known_rcodes;  /* bits of STATE_RCODES that the config makes known */
};
/* rcodes 0 to 23 by number, then all others. */
#define STATE_RCODES 25
#define STATE_RCODE_OTHER 24
struct state_series_counts {
    uint64_t refusals[2]; /* [expected] */
    uint64_t queries;
    uint64_t attempts_lost;
    uint64_t responses[STATE_RCODES];
};
uint32_t generation_series_count(const struct generation *generation);
const struct state_series *generation_series(const struct generation *generation, uint32_t idx);
void generation_copy_series(const struct generation *generation, uint32_t first, uint32_t count,
                            struct state_series_counts *out);

/* One set of labels `check, client, subnet, resolver, severity`. */
struct state_tally {
    const struct config_check *check;
    const struct config_client *client;
    const struct config_resolver *resolver;
    uint8_t family;
    uint32_t known_verdicts; /* bits 1 << enum verdict */
};
struct state_tally_counts {
    uint64_t verdicts[VERDICTS];
};
uint32_t generation_tally_count(const struct generation *generation);
const struct state_tally *generation_tally(const struct generation *generation, uint32_t idx);
void generation_copy_tallies(const struct generation *generation, uint32_t first, uint32_t count,
                             struct state_tally_counts *out);

/* Response times of one resolver and transport. False: the plan asks nothing of it. */
bool generation_read_response_time(const struct generation *generation, uint32_t resolver, unsigned transport,
                                   struct histogram_copy *out);
uint64_t generation_followup_queries(const struct generation *generation, uint32_t resolver);
/* The earliest end of the certificates that the resolver showed last, Unix time in seconds; 0: none yet. */
int64_t generation_certificate_not_after(const struct generation *generation, uint32_t resolver);
/* Bits 1 << enum transport over which the plan asks the resolver. */
unsigned generation_transports(const struct generation *generation, uint32_t resolver);

/* Nodes behind a resolver, told apart by NSID (RFC 5001). */
#define STATE_NODES_MAX 64
#define STATE_NODE_TEXT 136
struct state_node {
    char nsid[2 * STATE_NODE_TEXT]; /* label value: printable text as it is, else hex; "none", "other" */
    uint64_t verdicts[VERDICTS];
};
/* Fills out[0 … n-1], n ≤ STATE_NODES_MAX + 2; nodes unseen for 24 h have given up their place. */
uint32_t generation_copy_nodes(const struct generation *generation, uint32_t resolver,
                               struct state_node out[STATE_NODES_MAX + 2]);

/* ---- verdict changes ---- */

#define STATE_EVENTS 1000         /* kept in all */
#define STATE_EVENTS_PER_PROBE 10 /* a flapping probe replaces its own oldest first */
struct state_event {
    uint64_t sequence; /* from 1, in order of time */
    int64_t at_wall_ns;
    uint64_t probe_id;
    uint32_t repeated; /* events of this probe that gave way to newer ones of its own */
    uint8_t from, to;  /* enum verdict */
    /* Names as they were then: the plan may have changed since. */
    char *check, *client, *subnet, *resolver, *severity, *transport, *qname, *qtype;
    char *explanation;
};
struct state_event_list {
    struct state_event *items; /* newest first */
    size_t count;
    size_t total; /* that match, before limit and offset */
};
/* Events later than since_wall_ns. */
void state_copy_events(struct state *state, int64_t since_wall_ns, size_t limit, size_t offset,
                       struct state_event_list *out);
void state_event_list_fini(struct state_event_list *list);

/* For the log: the changes since the last call, in order; at most `max` are rendered, *dropped counts the others
 * (flapping probes are summarised: see state/events.c). One reader: the main thread. */
size_t state_take_log_events(struct state *state, struct state_event *out, size_t max, uint64_t *dropped);
void state_event_fini(struct state_event *event);
/* An eventfd that becomes readable when there is something to take. */
int state_log_fd(const struct state *state);

/* ---- `dnspolicy check` and on-demand runs ---- */

/* With judge_silence_last: after the last fold, judges the silent outcomes with all that is known. */
void state_settle(struct state *state);
/* Judges an on-demand outcome as the present state would, without touching anything. */
struct judgement state_judge(struct state *state, const struct generation *generation, const struct outcome *outcome);
/* Counts the queries of an on-demand run or follow-up. */
void state_count_followup(struct state *state, const struct generation *generation, const struct outcome *outcome);

#endif
