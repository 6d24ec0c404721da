/*
 * Two lanes fold, readers read everything, and a third thread reloads with the lanes parked, as the engine does it.
 * Built with SAN=tsan this shows that the rule of one lock per lane is kept.
 */
#include "state_story.h"

#include <pthread.h>
#include <stdatomic.h>

#define LANES 2
#define ROUNDS 100
#define RELOADS 40

#define TWO_SERVERS                                                                                                    \
    WORLD "checks:\n"                                                                                                  \
          "  - {name: a, client: '*', resolver: '*', query: [a.example, b.example], expect: ANSWERED}\n"               \
          "  - {name: d, client: stranger, resolver: '*', query: '{random}.example', expect: DENIED}\n"
#define ONE_MORE TWO_SERVERS "  - {name: m, client: office, resolver: '*', query: c.example MX, expect: NXDOMAIN}\n"

struct scene {
    struct memory memory;
    pthread_rwlock_t park; /* a lane holds it for reading while it runs; the reload for writing */
    atomic_uint lanes_running;
    atomic_bool is_reloading; /* the lanes go on until the last reload */
    const char *lane_of_server;
    atomic_ulong judged;
    atomic_ulong queries;
};
struct lane {
    struct scene *scene;
    unsigned number;
};

static struct outcome outcome_of_round(unsigned round)
{
    switch (round % 4) {
    case 0:
        return ANSWER;
    case 1:
        return REFUSAL;
    case 2:
        return SILENCE;
    default:
        return outcome_without_reply(OUTCOME_ABANDONED);
    }
}

static void fold_all_of_lane(struct scene *scene, unsigned lane, unsigned round)
{
    const struct plan *plan = scene->memory.story.plan;
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        if ((unsigned)(scene->lane_of_server[plan->probes[i].server] - '0') != lane) continue;
        struct outcome outcome = outcome_of_round(round + i);
        fold_on(&scene->memory, lane, i, outcome);
        atomic_fetch_add(&scene->judged, outcome.status != OUTCOME_ABANDONED);
        atomic_fetch_add(&scene->queries, outcome.queries_sent);
    }
}

/* Lanes that run all the time would else keep a reload waiting for ever. */
static void init_park(struct scene *scene)
{
    pthread_rwlockattr_t attr;
    pthread_rwlockattr_init(&attr);
    pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&scene->park, &attr);
    pthread_rwlockattr_destroy(&attr);
}

static void *run_lane(void *arg)
{
    struct lane *lane = arg;
    for (unsigned round = 0; round < ROUNDS || atomic_load(&lane->scene->is_reloading); round++) {
        pthread_rwlock_rdlock(&lane->scene->park);
        fold_all_of_lane(lane->scene, lane->number, round);
        pthread_rwlock_unlock(&lane->scene->park);
    }
    atomic_fetch_sub(&lane->scene->lanes_running, 1);
    return NULL;
}

static void read_all(struct state *state)
{
    struct probe_numbers numbers[STATE_COPY_MAX];
    struct state_series_counts counts[STATE_COPY_MAX];
    struct state_tally_counts tallies[STATE_COPY_MAX];
    struct state_node nodes[STATE_NODES_MAX + 2];
    struct histogram_copy times;
    struct state_event_list list;
    struct probe_detail detail;
    struct generation *generation = state_acquire(state);
    const struct plan *plan = generation_plan(generation);
    generation_copy_numbers(generation, 0, plan->probe_count, numbers);
    generation_copy_series(generation, 0, generation_series_count(generation), counts);
    generation_copy_tallies(generation, 0, generation_tally_count(generation), tallies);
    for (uint32_t i = 0; i < plan->config->resolver_count; i++) {
        generation_copy_nodes(generation, i, nodes);
        generation_read_response_time(generation, i, TRANSPORT_UDP, &times);
    }
    generation_copy_detail(generation, plan->probe_count - 1, &detail);
    probe_detail_fini(&detail);
    generation_release(generation);
    state_copy_events(state, 0, 20, 0, &list);
    state_event_list_fini(&list);
}

static void *run_reader(void *arg)
{
    struct scene *scene = arg;
    while (atomic_load(&scene->lanes_running)) read_all(scene->memory.state);
    return NULL;
}

static void *run_log(void *arg)
{
    struct scene *scene = arg;
    struct state_event events[8];
    uint64_t dropped;
    while (atomic_load(&scene->lanes_running)) {
        size_t count = state_take_log_events(scene->memory.state, events, ARRAY_LEN(events), &dropped);
        for (size_t i = 0; i < count; i++) state_event_fini(&events[i]);
    }
    return NULL;
}

/* Built beside the lanes, committed while they are parked. */
static void reload(struct scene *scene, const char *yaml, const char *lane_of_server)
{
    struct story next = story_of_plan(yaml);
    struct plan_diff diff;
    plan_diff_init(&diff, scene->memory.story.plan, next.plan);
    struct generation *generation =
        state_prepare(scene->memory.state, next.plan, placement_as_told(next.plan, lane_of_server), &diff, 1);
    pthread_rwlock_wrlock(&scene->park);
    state_commit(scene->memory.state, generation);
    struct story old = scene->memory.story;
    scene->memory.story = next;
    scene->lane_of_server = lane_of_server;
    pthread_rwlock_unlock(&scene->park);
    story_fini(&old);
    plan_diff_fini(&diff);
}

static void lanes_readers_and_reloads_do_not_disturb_each_other(void **unused)
{
    (void)unused;
    struct scene scene = {
        .memory = memory_of(TWO_SERVERS), .lane_of_server = "00", .lanes_running = LANES, .is_reloading = true};
    init_park(&scene);
    struct lane lanes[LANES] = {{&scene, 0}, {&scene, 1}};
    pthread_t threads[LANES + 3];
    for (unsigned i = 0; i < LANES; i++) pthread_create(&threads[i], NULL, run_lane, &lanes[i]);
    pthread_create(&threads[LANES], NULL, run_reader, &scene);
    pthread_create(&threads[LANES + 1], NULL, run_reader, &scene);
    pthread_create(&threads[LANES + 2], NULL, run_log, &scene);
    for (unsigned i = 0; i < RELOADS; i++)
        reload(&scene, i % 2 ? TWO_SERVERS : ONE_MORE, (const char *[]){"01", "10", "11", "00"}[i % 4]);
    atomic_store(&scene.is_reloading, false);
    for (unsigned i = 0; i < LANES + 3; i++) pthread_join(threads[i], NULL);
    pthread_rwlock_destroy(&scene.park);
    memory_fini(&scene.memory);
}

/* No run is lost between lanes and reloads: what was folded is what was counted. */
static void nothing_is_counted_twice_or_lost_across_moves(void **unused)
{
    (void)unused;
    struct scene scene = {
        .memory = memory_of(TWO_SERVERS), .lane_of_server = "01", .lanes_running = LANES, .is_reloading = true};
    memory_load(&scene.memory, TWO_SERVERS, "01");
    init_park(&scene);
    struct lane lanes[LANES] = {{&scene, 0}, {&scene, 1}};
    pthread_t threads[LANES];
    for (unsigned i = 0; i < LANES; i++) pthread_create(&threads[i], NULL, run_lane, &lanes[i]);
    for (unsigned i = 0; i < RELOADS; i++) reload(&scene, TWO_SERVERS, i % 2 ? "01" : "10");
    atomic_store(&scene.is_reloading, false);
    for (unsigned i = 0; i < LANES; i++) pthread_join(threads[i], NULL);
    uint64_t runs = 0, verdicts = 0, queries = 0;
    struct generation *generation = state_acquire(scene.memory.state);
    for (uint32_t i = 0; i < generation_plan(generation)->probe_count; i++) runs += numbers_of(&scene.memory, i).runs;
    for (uint32_t i = 0; i < generation_series_count(generation); i++) queries += series_of(&scene.memory, i).queries;
    for (uint32_t i = 0; i < generation_tally_count(generation); i++)
        for (unsigned verdict = 0; verdict < VERDICTS; verdict++)
            verdicts += tally_of(&scene.memory, i, (enum verdict)verdict);
    generation_release(generation);
    assert_int_equal(runs, atomic_load(&scene.judged));
    assert_int_equal(verdicts, atomic_load(&scene.judged));
    assert_int_equal(queries, atomic_load(&scene.queries));
    assert_true(runs > 0);
    pthread_rwlock_destroy(&scene.park);
    memory_fini(&scene.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanes_readers_and_reloads_do_not_disturb_each_other),
        cmocka_unit_test(nothing_is_counted_twice_or_lost_across_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
