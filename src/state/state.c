/*
 * Decides what one outcome changes, in which order and under which lock. Knows nothing of how any of it is shown.
 */
#include "dnspolicy/state/state.h"

#include <stdlib.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "generation.h"
#include "locks.h"
#include "memory.h"

void locks_take(struct state *state, unsigned lane) { pthread_mutex_lock(&state->lanes[lane].lock); }
void locks_give(struct state *state, unsigned lane) { pthread_mutex_unlock(&state->lanes[lane].lock); }

struct state *state_new(const struct state_options *options)
{
    struct state *state = aligned_alloc(64, sizeof(*state));
    if (!state) PANIC("out of memory: %zu bytes", sizeof(*state));
    memset(state, 0, sizeof(*state));
    state->options = *options;
    pthread_mutex_init(&state->present_lock, NULL);
    for (unsigned lane = 0; lane < LANES_MAX; lane++) pthread_mutex_init(&state->lanes[lane].lock, NULL);
    events_init(&state->events);
    return state;
}

void state_free(struct state *state)
{
    generation_release(state->present);
    events_fini(&state->events);
    for (unsigned lane = 0; lane < LANES_MAX; lane++) pthread_mutex_destroy(&state->lanes[lane].lock);
    pthread_mutex_destroy(&state->present_lock);
    free(state);
}

/* ---- generations ---- */

struct generation *state_prepare(struct state *state, const struct plan *plan, struct placement *placement,
                                 const struct plan_diff *diff, int64_t now_wall_ns)
{
    REQUIRE(placement->lanes <= LANES_MAX);
    return generation_build(state, state->present, plan, placement, diff, now_wall_ns);
}

void state_commit(struct state *state, struct generation *next)
{
    generation_hand_over(next);
    for (unsigned lane = 0; lane < LANES_MAX; lane++) {
        locks_take(state, lane);
        state->lanes[lane].generation = next;
        locks_give(state, lane);
    }
    pthread_mutex_lock(&state->present_lock);
    struct generation *old = state->present;
    state->present = next;
    pthread_mutex_unlock(&state->present_lock);
    generation_release(old);
}

struct generation *state_acquire(struct state *state)
{
    pthread_mutex_lock(&state->present_lock);
    struct generation *generation = state->present ? generation_ref(state->present) : NULL;
    pthread_mutex_unlock(&state->present_lock);
    return generation;
}

/* ---- folding ---- */

static enum silence ask_silence(const struct state *state, const struct generation *generation,
                                const struct outcome *outcome)
{
    const struct plan_probe *probe = &generation->plan->probes[outcome->probe];
    const struct record *record = generation->records[outcome->probe];
    uint64_t first_run_mono_ns = record->first_run_mono_ns ? record->first_run_mono_ns : outcome->started_mono_ns;
    if (!judge_needs_life(outcome, probe)) return SILENCE_VOUCHED;
    if (state->options.judge_silence_last) return SILENCE_WAITING;
    return liveness_ask(generation_probe_life(generation, outcome->probe), probe->id, outcome->ended_mono_ns,
                        first_run_mono_ns, probe->check->interval_ns);
}

static void note_reply(struct generation *generation, const struct outcome *outcome)
{
    const struct plan_probe *probe = &generation->plan->probes[outcome->probe];
    struct resolver_memory *memory = generation_probe_memory(generation, outcome->probe);
    if (outcome->rtt_ns >= 0) histogram_observe(&memory->response_time[probe->transport], (uint64_t)outcome->rtt_ns);
    liveness_note_reply(generation_probe_life(generation, outcome->probe), probe->id, outcome->ended_mono_ns,
                        probe->check->interval_ns);
}

/* True when the verdict changed and that is an event; *change then says which. */
static bool fold_outcome(const struct state *state, struct generation *generation, const struct outcome *outcome,
                         struct change *change)
{
    const struct plan_probe *probe = &generation->plan->probes[outcome->probe];
    struct resolver_memory *memory = generation_probe_memory(generation, outcome->probe);
    struct record *record = generation->records[outcome->probe];
    series_count(generation_probe_series(generation, outcome->probe), probe, outcome);
    if (outcome->status == OUTCOME_ABANDONED) return false;

    resolver_memory_sweep(memory, outcome->ended_mono_ns);
    if (outcome->certificate_not_after_s) memory->certificate_not_after_s = outcome->certificate_not_after_s;
    if (outcome->status == OUTCOME_RESPONSE) note_reply(generation, outcome);
    if (!record->first_run_mono_ns) record->first_run_mono_ns = outcome->started_mono_ns;
    struct judgement judgement = judge(probe, outcome, ask_silence(state, generation, outcome));
    generation_probe_tally(generation, outcome->probe)->counts.verdicts[judgement.verdict]++;
    if (outcome->status == OUTCOME_RESPONSE)
        resolver_memory_count_node(memory, &outcome->reply, (enum verdict)judgement.verdict, outcome->ended_mono_ns);

    *change = (struct change){.outcome = outcome, .judgement = judgement, .from = record->judgement.verdict};
    if (!record_store(record, outcome, judgement)) return false;
    change->is_for_log = flap_note(&record->flap, outcome->ended_mono_ns, &change->log_repeated);
    return true;
}

/* The clock is read only when there is something to wait for. */
static void take_own_lock(struct lane_memory *memory)
{
    if (pthread_mutex_trylock(&memory->lock) == 0) return;
    uint64_t began = clock_mono_ns();
    pthread_mutex_lock(&memory->lock);
    uint64_t waited_ns = clock_mono_ns() - began;
    if (waited_ns > atomic_load_explicit(&memory->longest_wait_ns, memory_order_relaxed))
        atomic_store_explicit(&memory->longest_wait_ns, waited_ns, memory_order_relaxed);
}

uint64_t state_longest_wait_ns(const struct state *state)
{
    uint64_t longest = 0;
    for (unsigned lane = 0; lane < LANES_MAX; lane++) {
        uint64_t waited_ns = atomic_load_explicit(&state->lanes[lane].longest_wait_ns, memory_order_relaxed);
        if (waited_ns > longest) longest = waited_ns;
    }
    return longest;
}

static void fold(void *ctx, unsigned lane, const struct outcome *outcomes, size_t count)
{
    struct state *state = ctx;
    struct lane_memory *memory = &state->lanes[lane];
    size_t changes = 0;
    uint64_t unsaid = 0;
    take_own_lock(memory);
    struct generation *generation = memory->generation;
    for (size_t i = 0; i < count; i++) {
        struct change change;
        REQUIRE(outcomes[i].probe < generation->plan->probe_count && !outcomes[i].is_on_demand);
        REQUIRE(generation_lane(generation, outcomes[i].probe) == lane);
        if (!fold_outcome(state, generation, &outcomes[i], &change)) continue;
        if (changes < EVENTS_PER_BATCH)
            memory->changes[changes++] = change;
        else
            unsaid += change.is_for_log;
    }
    locks_give(state, lane);
    /* The plan cannot change under a fold, so sentences are made without the lock. */
    if (changes) events_add(&state->events, generation->plan, memory->changes, changes, unsaid);
}

struct engine_sink state_sink(struct state *state) { return (struct engine_sink){.ctx = state, .fold = fold}; }

/* ---- silence judged last, and on demand ---- */

static void settle_probe(struct generation *generation, uint32_t idx)
{
    const struct plan_probe *probe = &generation->plan->probes[idx];
    struct record *record = generation->records[idx];
    struct tally *tally = generation_probe_tally(generation, idx);
    if (!record->has_run || record->judgement.verdict != VERDICT_PENDING) return;
    bool is_vouched = liveness_has_voice(generation_probe_life(generation, idx), probe->id);
    record->judgement = judge(probe, &record->outcome, is_vouched ? SILENCE_VOUCHED : SILENCE_UNVOUCHED);
    record->since_wall_ns = record->outcome.ended_wall_ns;
    record->consecutive = 1;
    tally->counts.verdicts[VERDICT_PENDING]--;
    tally->counts.verdicts[record->judgement.verdict]++;
}

void state_settle(struct state *state)
{
    struct generation *generation = state_acquire(state);
    REQUIRE(generation);
    for (uint32_t i = 0; i < generation->plan->probe_count; i++) {
        unsigned lane = generation_lane(generation, i);
        locks_take(state, lane);
        settle_probe(generation, i);
        locks_give(state, lane);
    }
    generation_release(generation);
}

struct judgement state_judge(struct state *state, const struct generation *generation, const struct outcome *outcome)
{
    unsigned lane = generation_lane(generation, outcome->probe);
    locks_take(state, lane);
    enum silence silence = ask_silence(state, generation, outcome);
    locks_give(state, lane);
    return judge(&generation->plan->probes[outcome->probe], outcome, silence);
}

void state_count_followup(struct state *state, const struct generation *generation, const struct outcome *outcome)
{
    unsigned lane = generation_lane(generation, outcome->probe);
    locks_take(state, lane);
    generation_probe_memory(generation, outcome->probe)->followup_queries += outcome->queries_sent;
    locks_give(state, lane);
}

/* ---- the log's side ---- */

struct events *state_events(struct state *state) { return &state->events; }
int state_log_fd(const struct state *state) { return state->events.log_fd; }
