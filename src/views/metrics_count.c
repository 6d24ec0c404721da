/* Counts what a plan would show, by showing it to nobody: the count cannot differ from the scrape. */
#include "metrics_walk.h"

#include "dnspolicy/base/mem.h"

static void free_state(struct state **state)
{
    if (*state) state_free(*state);
}

static void free_stream(struct metrics_stream **stream) { metrics_stream_free(*stream); }

static uint64_t count_samples(struct metrics_stream *stream)
{
    char buf[16384];
    uint64_t samples = 0;
    bool at_line_start = true, in_sample = false;
    for (size_t len; (len = metrics_stream_read(stream, buf, sizeof(buf)));) {
        for (size_t i = 0; i < len; i++) {
            if (at_line_start) in_sample = buf[i] != '#';
            at_line_start = buf[i] == '\n';
            samples += at_line_start && in_sample;
        }
    }
    return samples;
}

/* What every probe shows once it has run and a reply came: success, RTT and the time of the run. */
#define SAMPLES_AFTER_RUN 3

/* Of every resolver that shows one. */
static uint64_t count_certificates(struct state *state)
{
    const unsigned with_certificate = 1U << TRANSPORT_TLS | 1U << TRANSPORT_HTTPS;
    struct generation *generation = state_acquire(state);
    size_t resolvers = generation_plan(generation)->config->resolver_count;
    uint64_t count = 0;
    for (uint32_t i = 0; i < resolvers; i++) count += (generation_transports(generation, i) & with_certificate) != 0;
    generation_release(generation);
    return count;
}

uint64_t metrics_count_samples(const struct plan *plan, unsigned lanes)
{
    AUTO(free_state) struct state *state = state_new(&(struct state_options){0});
    struct plan_diff diff;
    plan_diff_init(&diff, NULL, plan);
    state_commit(state, state_prepare(state, plan, placement_new(plan, lanes, NULL, NULL), &diff, 1));
    plan_diff_fini(&diff);

    struct view_service service = {.state = state};
    AUTO(free_stream) struct metrics_stream *stream = metrics_stream_new(&service, (struct metrics_options){0});
    return count_samples(stream) + (uint64_t)SAMPLES_AFTER_RUN * plan->probe_count + count_certificates(state);
}
