/*
 * What one scrape holds while it walks the families: a generation, the labels of its plan, and where it is. A family is
 * rendered in steps of bounded size.
 */
#ifndef VIEWS_METRICS_WALK_H
#define VIEWS_METRICS_WALK_H

#include "dnspolicy/views/metrics.h"
#include "exposition.h"
#include "labels.h"
#include "metrics_table.h"
#include "process.h"

struct metrics_walk {
    struct view_service *service;
    struct generation *generation; /* NULL: nothing is loaded yet; only the process' own families are shown */
    const struct plan *plan;       /* of the generation */
    struct label_texts labels;     /* of the plan */
    struct exposition x;
    uint32_t position; /* within the family; a step moves it on */
    struct engine_stats engine;
    struct process_facts process;
    bool has_process;
};

/* Renders the next step of a family. False: that was the last one. */
typedef bool metrics_step(struct metrics_walk *walk);
struct metrics_family {
    metrics_step *step;
    bool needs_generation;
    bool needs_process;
};
extern const struct metrics_family metrics_families[METRICS];

/* Of the probes, in metrics_probes.c; of series, tallies and nodes, in metrics_counters.c. */
metrics_step metrics_probe_success, metrics_probe_verdict, metrics_probe_rtt, metrics_probe_last_run,
    metrics_probe_last_change;
metrics_step metrics_verdicts, metrics_refusals, metrics_responses, metrics_queries, metrics_attempts_lost,
    metrics_response_time, metrics_node_verdicts, metrics_followup_queries, metrics_certificate_not_after;

#endif
