/*
 * Counters by label set. Two probes share a series when their labels read the same, so the key is the labels' text: it
 * finds the counters again in the next plan, whatever else changed.
 */
#ifndef DNSPOLICY_STATE_SERIES_H
#define DNSPOLICY_STATE_SERIES_H

#include "dnspolicy/state/state.h"
#include "object.h"

struct series {
    struct object object;
    struct state_series_counts counts;
};
struct tally {
    struct object object;
    struct state_tally_counts counts;
};
extern const struct object_kind series_kind;
extern const struct object_kind tally_kind;

uint64_t series_key(const struct plan_probe *probe);
uint64_t tally_key(const struct plan_probe *probe);
struct state_series series_labels(const struct plan_probe *probe);
struct state_tally tally_labels(const struct plan_probe *probe);
/* Adds what this probe's expectation makes known. */
void series_add_known(struct state_series *labels, const struct plan_probe *probe);
void tally_add_known(struct state_tally *labels, const struct plan_probe *probe);

/* An outcome's traffic, and its reply if it has one. */
void series_count(struct series *series, const struct plan_probe *probe, const struct outcome *outcome);

#endif
