/*
 * A Prometheus histogram with fixed bounds. One thread writes; any thread may read at any time without a lock (relaxed
 * atomics: a reader may see a count without its sum, never a torn number). Values are nanoseconds.
 */
#ifndef DNSPOLICY_BASE_HISTOGRAM_H
#define DNSPOLICY_BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#define HISTOGRAM_BUCKETS 16 /* the last one is +Inf */
/* 0.1 0.25 0.5 1 2.5 5 10 25 50 100 250 500 ms, 1 2.5 5 s: what DNS takes, from a LAN hit to a stub's patience */
extern const uint64_t histogram_bounds_ns[HISTOGRAM_BUCKETS - 1];

struct histogram {
    _Atomic uint64_t buckets[HISTOGRAM_BUCKETS]; /* not cumulative */
    _Atomic uint64_t sum_ns;
};
struct histogram_copy {
    uint64_t buckets[HISTOGRAM_BUCKETS];
    uint64_t sum_ns;
};

void histogram_observe(struct histogram *histogram, uint64_t ns);
void histogram_add_to(const struct histogram *histogram, struct histogram_copy *sum);

#endif
