/* For the tests of the memory: a state that runs a plan, told what came of each probe, with the time handed in. */
#ifndef TESTS_STATE_STORY_H
#define TESTS_STATE_STORY_H

#include "outcome_story.h"

#include "dnspolicy/state/state.h"

#define SECOND INT64_C(1000000000)

struct memory {
    struct state *state;
    struct story story;
    uint64_t now_s; /* of both clocks, which begin at 1000 s */
};

/* All servers on the lane that `lane_of_server` says; the last letter holds for the rest. "01" is two lanes. */
static inline struct placement *placement_as_told(const struct plan *plan, const char *lane_of_server)
{
    struct placement *placement = mem_alloc(sizeof(*placement));
    placement->lanes = 4;
    placement->lane_of_server = mem_array(plan->server_count, 1);
    for (uint32_t i = 0; i < plan->server_count; i++) {
        size_t at = i < strlen(lane_of_server) ? i : strlen(lane_of_server) - 1;
        placement->lane_of_server[i] = (uint8_t)(lane_of_server[at] - '0');
    }
    return placement;
}

static inline void memory_load(struct memory *memory, const char *yaml, const char *lanes)
{
    struct story next = story_of_plan(yaml);
    struct plan_diff diff;
    plan_diff_init(&diff, memory->story.plan, next.plan);
    state_commit(memory->state, state_prepare(memory->state, next.plan, placement_as_told(next.plan, lanes), &diff,
                                              (int64_t)memory->now_s * SECOND));
    plan_diff_fini(&diff);
    if (memory->story.plan) story_fini(&memory->story);
    memory->story = next;
}

static inline struct memory memory_of(const char *yaml)
{
    struct memory memory = {.state = state_new(&(struct state_options){0}), .now_s = 1000};
    memory_load(&memory, yaml, "0");
    return memory;
}

static inline void memory_fini(struct memory *memory)
{
    state_free(memory->state);
    story_fini(&memory->story);
}

/* The probe of that check; its client and transport where a check has more than one. */
static inline uint32_t probe_of(const struct memory *memory, const char *check, const char *client)
{
    const struct plan *plan = memory->story.plan;
    for (uint32_t i = 0; i < plan->probe_count; i++)
        if (strcmp(plan->probes[i].check->name, check) == 0 &&
            (!client || strcmp(plan->probes[i].client->name, client) == 0))
            return i;
    fail_msg("no probe of %s", check);
    return 0;
}

static inline struct probe_numbers numbers_of(const struct memory *memory, uint32_t probe)
{
    struct probe_numbers numbers;
    struct generation *generation = state_acquire(memory->state);
    generation_copy_numbers(generation, probe, 1, &numbers);
    generation_release(generation);
    return numbers;
}

static inline void fold_on(struct memory *memory, unsigned lane, uint32_t probe, struct outcome outcome)
{
    struct engine_sink sink = state_sink(memory->state);
    outcome.probe = probe;
    outcome.started_mono_ns = outcome.ended_mono_ns = memory->now_s * NS_PER_SEC;
    outcome.started_wall_ns = outcome.ended_wall_ns = (int64_t)memory->now_s * SECOND;
    sink.fold(sink.ctx, lane, &outcome, 1);
}

/* What comes of the check's (first) probe now, on lane 0. */
static inline void fold(struct memory *memory, const char *check, struct outcome outcome)
{
    fold_on(memory, 0, probe_of(memory, check, NULL), outcome);
}

static inline enum verdict verdict_of(const struct memory *memory, const char *check)
{
    return (enum verdict)numbers_of(memory, probe_of(memory, check, NULL)).judgement.verdict;
}

static inline struct state_series_counts series_of(const struct memory *memory, uint32_t idx)
{
    struct state_series_counts counts;
    struct generation *generation = state_acquire(memory->state);
    generation_copy_series(generation, idx, 1, &counts);
    generation_release(generation);
    return counts;
}

static inline uint64_t tally_of(const struct memory *memory, uint32_t idx, enum verdict verdict)
{
    struct state_tally_counts counts;
    struct generation *generation = state_acquire(memory->state);
    generation_copy_tallies(generation, idx, 1, &counts);
    generation_release(generation);
    return counts.verdicts[verdict];
}

#define ANSWER                                                                                                         \
    REPLY(DNS_RCODE_NOERROR, .flags = DNS_FLAG_RD | DNS_FLAG_RA, .answers = 1, .of_qtype = 1,                          \
          .answer = "www.example.com. 60 IN A 192.0.2.9\n", .nsid = "a")
#define REFUSAL REPLY(DNS_RCODE_REFUSED, .flags = DNS_FLAG_RD, .ede = 18, .nsid = "a")
#define SILENCE outcome_without_reply(OUTCOME_TIMEOUT)

#endif
