/* Counts durations into buckets. Knows nothing of names and labels, nor how a histogram is shown. */
#include "dnspolicy/base/histogram.h"

#include "dnspolicy/base/clock.h"

const uint64_t histogram_bounds_ns[HISTOGRAM_BUCKETS - 1] = {
    100 * NS_PER_US, 250 * NS_PER_US, 500 * NS_PER_US, 1 * NS_PER_MS,    2500 * NS_PER_US,
    5 * NS_PER_MS,   10 * NS_PER_MS,  25 * NS_PER_MS,  50 * NS_PER_MS,   100 * NS_PER_MS,
    250 * NS_PER_MS, 500 * NS_PER_MS, 1 * NS_PER_SEC,  2500 * NS_PER_MS, 5 * NS_PER_SEC,
};

/* There is one writer, so a load and a store do, and cost no bus lock. */
static void add(_Atomic uint64_t *counter, uint64_t more)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + more, memory_order_relaxed);
}

void histogram_observe(struct histogram *histogram, uint64_t ns)
{
    int bucket = 0;
    while (bucket < HISTOGRAM_BUCKETS - 1 && ns > histogram_bounds_ns[bucket]) bucket++;
    add(&histogram->buckets[bucket], 1);
    add(&histogram->sum_ns, ns);
}

void histogram_add_to(const struct histogram *histogram, struct histogram_copy *sum)
{
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
        sum->buckets[i] += atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
    sum->sum_ns += atomic_load_explicit(&histogram->sum_ns, memory_order_relaxed);
}
