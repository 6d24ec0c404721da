/* The families with one sample per probe: one bounded copy of numbers, then as many lines. Decides when a probe has no
 * sample. */
#include "metrics_walk.h"

#define PROBES_PER_STEP STATE_COPY_MAX

typedef void probe_sample(struct metrics_walk *walk, const struct span *labels, const struct probe_numbers *numbers);

static bool step_probes(struct metrics_walk *walk, probe_sample *sample)
{
    struct probe_numbers numbers[PROBES_PER_STEP];
    uint32_t first = walk->position;
    uint32_t count = walk->plan->probe_count - first;
    if (count > PROBES_PER_STEP) count = PROBES_PER_STEP;
    generation_copy_numbers(walk->generation, first, count, numbers);
    for (uint32_t i = 0; i < count; i++) {
        struct span labels[LABELS_OF_PROBE];
        label_probe(&walk->labels, &walk->plan->probes[first + i], labels);
        sample(walk, labels, &numbers[i]);
    }
    walk->position += count;
    return walk->position < walk->plan->probe_count;
}

static void show_success(struct metrics_walk *walk, const struct span *labels, const struct probe_numbers *numbers)
{
    if (numbers->judgement.verdict == VERDICT_PENDING) return;
    exposition_sample_u64(&walk->x, labels, LABELS_OF_PROBE, numbers->judgement.verdict == VERDICT_AS_EXPECTED);
}

static void show_verdict(struct metrics_walk *walk, const struct span *labels, const struct probe_numbers *numbers)
{
    struct span all[LABELS_OF_PROBE + 1];
    for (unsigned i = 0; i < LABELS_OF_PROBE; i++) all[i] = labels[i];
    all[LABELS_OF_PROBE] = label_span(&walk->labels, walk->labels.verdicts[numbers->judgement.verdict]);
    exposition_sample_u64(&walk->x, all, LABELS_OF_PROBE + 1, 1);
}

static void show_rtt(struct metrics_walk *walk, const struct span *labels, const struct probe_numbers *numbers)
{
    if (numbers->rtt_ns < 0) return;
    exposition_sample_seconds(&walk->x, labels, LABELS_OF_PROBE, (uint64_t)numbers->rtt_ns);
}

static void show_last_run(struct metrics_walk *walk, const struct span *labels, const struct probe_numbers *numbers)
{
    if (!numbers->last_run_wall_ns) return;
    exposition_sample_timestamp(&walk->x, labels, LABELS_OF_PROBE, numbers->last_run_wall_ns);
}

static void show_last_change(struct metrics_walk *walk, const struct span *labels, const struct probe_numbers *numbers)
{
    if (!numbers->since_wall_ns) return;
    exposition_sample_timestamp(&walk->x, labels, LABELS_OF_PROBE, numbers->since_wall_ns);
}

bool metrics_probe_success(struct metrics_walk *walk) { return step_probes(walk, show_success); }
bool metrics_probe_verdict(struct metrics_walk *walk) { return step_probes(walk, show_verdict); }
bool metrics_probe_rtt(struct metrics_walk *walk) { return step_probes(walk, show_rtt); }
bool metrics_probe_last_run(struct metrics_walk *walk) { return step_probes(walk, show_last_run); }
bool metrics_probe_last_change(struct metrics_walk *walk) { return step_probes(walk, show_last_change); }
