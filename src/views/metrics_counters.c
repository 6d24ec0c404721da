/*
 * The counters that state keeps per series, tally, resolver and node. Decides which zeros are shown: those that the
 * configuration makes known.
 */
#include "metrics_walk.h"

#include "dnspolicy/base/mem.h"
#include "dnspolicy/dns/numbers.h"

#define COUNTS_PER_STEP 64

/* ---- labels: client, subnet, resolver, transport, qtype ---- */

#define LABELS_OF_SERIES 4

typedef void series_sample(struct metrics_walk *walk, struct span labels[LABELS_OF_SERIES + 1],
                           const struct state_series *series, const struct state_series_counts *counts);

static bool step_series(struct metrics_walk *walk, series_sample *sample)
{
    struct state_series_counts counts[COUNTS_PER_STEP];
    uint32_t all = generation_series_count(walk->generation);
    uint32_t first = walk->position;
    uint32_t count = all - first < COUNTS_PER_STEP ? all - first : COUNTS_PER_STEP;
    AUTO(strbuf_fini) struct strbuf qtype = {0};
    generation_copy_series(walk->generation, first, count, counts);
    for (uint32_t i = 0; i < count; i++) {
        const struct state_series *series = generation_series(walk->generation, first + i);
        strbuf_clear(&qtype);
        exposition_add_label(&qtype, "qtype", series->qtype);
        struct span labels[LABELS_OF_SERIES + 1] = {
            label_client(&walk->labels, series->client, series->family),
            label_resolver(&walk->labels, series->resolver),
            label_span(&walk->labels, walk->labels.transports[series->transport]),
            {qtype.data, qtype.len},
        };
        sample(walk, labels, series, &counts[i]);
    }
    walk->position += count;
    return walk->position < all;
}

static void show_queries(struct metrics_walk *walk, struct span labels[LABELS_OF_SERIES + 1],
                         const struct state_series *series, const struct state_series_counts *counts)
{
    (void)series;
    exposition_sample_u64(&walk->x, labels, LABELS_OF_SERIES, counts->queries);
}

static void show_attempts_lost(struct metrics_walk *walk, struct span labels[LABELS_OF_SERIES + 1],
                               const struct state_series *series, const struct state_series_counts *counts)
{
    (void)series;
    exposition_sample_u64(&walk->x, labels, LABELS_OF_SERIES, counts->attempts_lost);
}

static void show_refusals(struct metrics_walk *walk, struct span labels[LABELS_OF_SERIES + 1],
                          const struct state_series *series, const struct state_series_counts *counts)
{
    static const struct span expected[2] = {{",expected=\"false\"", 17}, {",expected=\"true\"", 16}};
    for (unsigned i = 0; i < 2; i++) {
        if (!counts->refusals[i] && !(series->known_refusals & (1u << i))) continue;
        labels[LABELS_OF_SERIES] = expected[i];
        exposition_sample_u64(&walk->x, labels, LABELS_OF_SERIES + 1, counts->refusals[i]);
    }
}

static void show_response(struct metrics_walk *walk, struct span labels[LABELS_OF_SERIES + 1], unsigned rcode,
                          uint64_t count)
{
    labels[LABELS_OF_SERIES] = label_span(&walk->labels, walk->labels.rcodes[rcode]);
    exposition_sample_u64(&walk->x, labels, LABELS_OF_SERIES + 1, count);
}

static void show_responses(struct metrics_walk *walk, struct span labels[LABELS_OF_SERIES + 1],
                           const struct state_series *series, const struct state_series_counts *counts)
{
    uint64_t others = 0;
    bool others_known = false;
    for (unsigned rcode = 0; rcode < STATE_RCODES; rcode++) {
        bool is_known = series->known_rcodes & (UINT32_C(1) << rcode);
        bool is_other = rcode == STATE_RCODE_OTHER || !dns_rcode_name((uint16_t)rcode);
        if (is_other) {
            others += counts->responses[rcode];
            others_known |= is_known;
        } else if (counts->responses[rcode] || is_known) {
            show_response(walk, labels, rcode, counts->responses[rcode]);
        }
    }
    if (others || others_known) show_response(walk, labels, STATE_RCODE_OTHER, others);
}

bool metrics_queries(struct metrics_walk *walk) { return step_series(walk, show_queries); }
bool metrics_attempts_lost(struct metrics_walk *walk) { return step_series(walk, show_attempts_lost); }
bool metrics_refusals(struct metrics_walk *walk) { return step_series(walk, show_refusals); }
bool metrics_responses(struct metrics_walk *walk) { return step_series(walk, show_responses); }

/* ---- labels: check, client, subnet, resolver, severity, verdict, category ---- */

bool metrics_verdicts(struct metrics_walk *walk)
{
    struct state_tally_counts counts[COUNTS_PER_STEP];
    const struct label_texts *texts = &walk->labels;
    uint32_t all = generation_tally_count(walk->generation);
    uint32_t first = walk->position;
    uint32_t count = all - first < COUNTS_PER_STEP ? all - first : COUNTS_PER_STEP;
    generation_copy_tallies(walk->generation, first, count, counts);
    for (uint32_t i = 0; i < count; i++) {
        const struct state_tally *tally = generation_tally(walk->generation, first + i);
        struct span labels[5] = {
            label_span(texts, texts->checks[tally->check->index]),
            label_client(texts, tally->client, tally->family),
            label_resolver(texts, tally->resolver),
            label_span(texts, texts->severities[tally->check->index]),
        };
        for (unsigned verdict = 0; verdict < VERDICTS; verdict++) {
            if (!counts[i].verdicts[verdict] && !(tally->known_verdicts & (UINT32_C(1) << verdict))) continue;
            labels[4] = label_span(texts, texts->verdicts[verdict]);
            exposition_sample_u64(&walk->x, labels, 5, counts[i].verdicts[verdict]);
        }
    }
    walk->position += count;
    return walk->position < all;
}

/* ---- by resolver: one a step ---- */

static const struct config_resolver *next_resolver(struct metrics_walk *walk)
{
    const struct config *config = walk->plan->config;
    return walk->position < config->resolver_count ? &config->resolvers[walk->position++] : NULL;
}

bool metrics_response_time(struct metrics_walk *walk)
{
    const struct config_resolver *resolver = next_resolver(walk);
    if (!resolver) return false;
    for (unsigned transport = 0; transport < TRANSPORTS; transport++) {
        struct histogram_copy histogram;
        if (!generation_read_response_time(walk->generation, resolver->index, transport, &histogram)) continue;
        const struct span labels[2] = {
            label_resolver(&walk->labels, resolver),
            label_span(&walk->labels, walk->labels.transports[transport]),
        };
        exposition_histogram(&walk->x, labels, 2, &histogram);
    }
    return true;
}

bool metrics_node_verdicts(struct metrics_walk *walk)
{
    struct state_node nodes[STATE_NODES_MAX + 2];
    const struct config_resolver *resolver = next_resolver(walk);
    if (!resolver) return false;
    uint32_t count = generation_copy_nodes(walk->generation, resolver->index, nodes);
    AUTO(strbuf_fini) struct strbuf text = {0};
    for (uint32_t i = 0; i < count; i++) {
        for (unsigned verdict = 0; verdict < VERDICTS; verdict++) {
            if (!nodes[i].verdicts[verdict]) continue;
            strbuf_clear(&text);
            exposition_add_label(&text, "nsid", nodes[i].nsid);
            exposition_add_label(&text, "verdict", verdict_table[verdict].name);
            const struct span labels[2] = {label_resolver(&walk->labels, resolver), {text.data, text.len}};
            exposition_sample_u64(&walk->x, labels, 2, nodes[i].verdicts[verdict]);
        }
    }
    return true;
}

bool metrics_followup_queries(struct metrics_walk *walk)
{
    const struct config_resolver *resolver = next_resolver(walk);
    if (!resolver) return false;
    const struct span label = label_resolver(&walk->labels, resolver);
    exposition_sample_u64(&walk->x, &label, 1, generation_followup_queries(walk->generation, resolver->index));
    return true;
}

/* A certificate that ended before 1970 is none. */
bool metrics_certificate_not_after(struct metrics_walk *walk)
{
    const struct config_resolver *resolver = next_resolver(walk);
    if (!resolver) return false;
    const struct span label = label_resolver(&walk->labels, resolver);
    int64_t not_after_s = generation_certificate_not_after(walk->generation, resolver->index);
    if (not_after_s > 0) exposition_sample_u64(&walk->x, &label, 1, (uint64_t)not_after_s);
    return true;
}
