/*
 * A rate limit: the generic cell rate algorithm (ITU-T I.371), with a burst of one plus what fits into the tolerance.
 * Pure: time is handed in.
 */
#ifndef DNSPOLICY_SRC_PROBE_PACER_H
#define DNSPOLICY_SRC_PROBE_PACER_H

#include <stdint.h>

struct pacer {
    uint64_t spacing_ns;   /* between two queries; 0: no limit */
    uint64_t tolerance_ns; /* how much earlier than its turn a query may go */
    uint64_t turn_mono_ns; /* when the next query would go if all kept the spacing */
};

/* Keeps the debt: a new limit does not forgive what was sent under the old one. per_second 0: no limit. */
void pacer_set_rate(struct pacer *pacer, double per_second, uint64_t tolerance_ns);
/* The earliest time for the next query; 0: any. */
uint64_t pacer_opens_at(const struct pacer *pacer);
void pacer_charge(struct pacer *pacer, uint64_t now_mono_ns);

#endif
