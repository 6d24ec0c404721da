/* Reloads: what stays, what changes, what goes, and that nothing is left behind. */
#include "state_story.h"

#include <malloc.h>

#define CHECKS WORLD "checks:\n"
#define STAYS "  - {name: stays, client: office, resolver: ns1, query: www.example.com, expect: ANSWERED}\n"
#define GOES "  - {name: goes, client: office, resolver: ns2, query: gone.example.com MX, expect: ANSWERED}\n"
#define BEFORE "  - {name: changes, client: stranger, resolver: ns1, query: x.example.com, expect: ANSWERED}\n"
#define AFTER "  - {name: changes, client: stranger, resolver: ns1, query: x.example.com, expect: REFUSED}\n"

static void what_did_not_change_keeps_its_verdict_and_its_counters(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS GOES STAYS);
    fold(&memory, "stays", ANSWER);
    fold(&memory, "stays", ANSWER);
    fold(&memory, "goes", ANSWER);
    memory.now_s += 100;
    memory_load(&memory, CHECKS STAYS BEFORE, "0");
    struct probe_numbers numbers = numbers_of(&memory, 0);
    assert_int_equal(numbers.judgement.verdict, VERDICT_AS_EXPECTED);
    assert_int_equal(numbers.runs, 2);
    assert_int_equal(numbers.consecutive, 2);
    assert_int_equal(numbers.since_wall_ns, 1000 * SECOND);
    assert_int_equal(numbers_of(&memory, 1).since_wall_ns, 1100 * SECOND);
    assert_int_equal(series_of(&memory, 0).queries, 2);
    assert_int_equal(tally_of(&memory, 0, VERDICT_AS_EXPECTED), 2);
    fold(&memory, "stays", ANSWER);
    assert_int_equal(series_of(&memory, 0).queries, 3);
}

static void what_changed_is_pending_again_and_counts_on(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS STAYS BEFORE);
    fold(&memory, "changes", ANSWER);
    memory.now_s += 100;
    memory_load(&memory, CHECKS STAYS AFTER, "0");
    struct probe_numbers numbers = numbers_of(&memory, probe_of(&memory, "changes", NULL));
    assert_int_equal(numbers.judgement.verdict, VERDICT_PENDING);
    assert_false(numbers.has_run);
    assert_int_equal(numbers.runs, 1);
    assert_int_equal(numbers.consecutive, 0);
    assert_int_equal(numbers.since_wall_ns, 1100 * SECOND);
    assert_int_equal(numbers.rtt_ns, -1);
    assert_int_equal(series_of(&memory, 1).queries, 1);
    assert_int_equal(tally_of(&memory, 1, VERDICT_AS_EXPECTED), 1);
    fold(&memory, "changes", REFUSAL);
    numbers = numbers_of(&memory, probe_of(&memory, "changes", NULL));
    assert_int_equal(numbers.judgement.verdict, VERDICT_AS_EXPECTED);
    assert_int_equal(numbers.runs, 2);
}

static void what_went_and_comes_back_begins_at_zero(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS STAYS GOES);
    fold(&memory, "goes", ANSWER);
    memory_load(&memory, CHECKS STAYS, "0");
    memory_load(&memory, CHECKS STAYS GOES, "0");
    assert_false(numbers_of(&memory, 1).has_run);
    assert_int_equal(numbers_of(&memory, 1).runs, 0);
    assert_int_equal(series_of(&memory, 1).queries, 0);
}

/* Labels decide: another severity is another tally, but the same series and the same probe. */
static void a_counter_lives_as_long_as_its_labels(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS STAYS);
    fold(&memory, "stays", ANSWER);
    memory_load(&memory,
                CHECKS "  - {name: stays, client: office, resolver: ns1, query: www.example.com, severity: page, "
                       "expect: ANSWERED}\n"
                       "  - {name: new, client: office, resolver: ns1, query: other.example.com, expect: REFUSED}\n",
                "0");
    struct generation *generation = state_acquire(memory.state);
    assert_int_equal(generation_series_count(generation), 1);
    assert_int_equal(generation_series(generation, 0)->known_refusals, 3);
    generation_release(generation);
    assert_int_equal(series_of(&memory, 0).queries, 1);
    assert_int_equal(tally_of(&memory, 0, VERDICT_AS_EXPECTED), 0);
    assert_true(numbers_of(&memory, 0).has_run);
}

static void a_server_that_moves_to_another_lane_takes_everything_along(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS STAYS BEFORE);
    struct state_node nodes[STATE_NODES_MAX + 2];
    struct histogram_copy times;
    struct probe_detail detail;
    fold(&memory, "stays", ANSWER);
    fold(&memory, "changes", ANSWER);
    memory_load(&memory, CHECKS STAYS AFTER, "2");
    fold_on(&memory, 2, 0, ANSWER);
    struct probe_numbers numbers = numbers_of(&memory, 0);
    assert_int_equal(numbers.runs, 2);
    assert_int_equal(numbers.consecutive, 2);
    assert_int_equal(numbers_of(&memory, 1).runs, 1);
    assert_int_equal(series_of(&memory, 0).queries, 2);
    assert_int_equal(tally_of(&memory, 0, VERDICT_AS_EXPECTED), 2);
    struct generation *generation = state_acquire(memory.state);
    assert_int_equal(generation_copy_nodes(generation, 0, nodes), 1);
    assert_int_equal(nodes[0].verdicts[VERDICT_AS_EXPECTED], 3);
    assert_true(generation_read_response_time(generation, 0, TRANSPORT_UDP, &times));
    assert_int_equal(times.buckets[2], 3);
    generation_copy_detail(generation, 0, &detail);
    assert_string_equal(detail.outcome.reply.answer, "www.example.com. 60 IN A 192.0.2.9\n");
    probe_detail_fini(&detail);
    generation_release(generation);
}

static void after_a_move_every_reply_still_counts_for_its_own_node(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS STAYS);
    struct state_node nodes[STATE_NODES_MAX + 2];
    struct outcome nameless = ANSWER;
    nameless.reply.has_nsid = false;
    nameless.reply.nsid = NULL;
    nameless.reply.nsid_len = 0;
    fold(&memory, "stays", ANSWER);
    memory_load(&memory, CHECKS STAYS, "2");
    fold_on(&memory, 2, 0, nameless);
    struct generation *generation = state_acquire(memory.state);
    assert_int_equal(generation_copy_nodes(generation, 0, nodes), 2);
    assert_string_equal(nodes[0].nsid, "a");
    assert_int_equal(nodes[0].verdicts[VERDICT_AS_EXPECTED], 1);
    assert_string_equal(nodes[1].nsid, "none");
    assert_int_equal(nodes[1].verdicts[VERDICT_AS_EXPECTED], 1);
    generation_release(generation);
}

static int64_t certificate_of(const struct memory *memory)
{
    struct generation *generation = state_acquire(memory->state);
    int64_t not_after_s = generation_certificate_not_after(generation, 0);
    generation_release(generation);
    return not_after_s;
}

/* A connection that is used again shows no certificate; a failed handshake may. */
static void the_last_certificate_seen_stays_known_and_moves_along(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS STAYS);
    struct outcome first = ANSWER, expired = outcome_without_reply(OUTCOME_TLS_FAILED);
    first.certificate_not_after_s = 1800000000;
    expired.certificate_not_after_s = 1700000000;
    assert_int_equal(certificate_of(&memory), 0);
    fold(&memory, "stays", first);
    fold(&memory, "stays", ANSWER);
    assert_int_equal(certificate_of(&memory), 1800000000);
    memory_load(&memory, CHECKS STAYS, "2");
    assert_int_equal(certificate_of(&memory), 1800000000);
    fold_on(&memory, 2, 0, expired);
    assert_int_equal(certificate_of(&memory), 1700000000);
    memory_load(&memory, CHECKS STAYS, "2");
    assert_int_equal(certificate_of(&memory), 1700000000);
}

static void a_reader_keeps_the_generation_that_it_walks(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS STAYS GOES);
    struct probe_numbers numbers[2];
    fold(&memory, "stays", ANSWER);
    fold(&memory, "goes", ANSWER);
    struct generation *old = state_acquire(memory.state);
    memory_load(&memory, CHECKS STAYS, "1");
    fold_on(&memory, 1, 0, REFUSAL);
    assert_int_equal(generation_plan(old)->probe_count, 2);
    generation_copy_numbers(old, 0, 2, numbers);
    assert_int_equal(numbers[0].judgement.verdict, VERDICT_AS_EXPECTED);
    assert_int_equal(numbers[1].runs, 1);
    assert_string_equal(generation_series(old, 1)->qtype, "MX");
    generation_release(old);
    assert_int_equal(numbers_of(&memory, 0).judgement.verdict, VERDICT_UNEXPECTED_REFUSAL);
}

/* A leak checker sees what is lost at the end; this sees what is merely kept. Freed blocks that the allocator keeps at
 * hand count as used: some 17 KiB. */
static void hundreds_of_reloads_leave_nothing_behind(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS STAYS GOES);
    static const char *const lanes[] = {"0", "1", "01", "10"};
    size_t early = 0;
    for (unsigned i = 0; i < 400; i++) {
        memory_load(&memory, i % 3 ? CHECKS STAYS BEFORE : CHECKS AFTER GOES STAYS, lanes[i % 4]);
        uint32_t probe = probe_of(&memory, "stays", NULL);
        fold_on(&memory, (unsigned)(lanes[i % 4][0] - '0'), probe, i % 2 ? ANSWER : REFUSAL);
        if (i == 30) early = mallinfo2().uordblks;
    }
    assert_int_equal(numbers_of(&memory, probe_of(&memory, "stays", NULL)).runs, 400);
    assert_in_range(mallinfo2().uordblks, 0, early + 32768);
}

static void a_generation_that_is_never_committed_can_be_dropped(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS STAYS BEFORE);
    AUTO(story_fini) struct story next = story_of_plan(CHECKS STAYS AFTER GOES);
    struct plan_diff diff;
    plan_diff_init(&diff, memory.story.plan, next.plan);
    generation_release(state_prepare(memory.state, next.plan, placement_as_told(next.plan, "3"), &diff, 1));
    plan_diff_fini(&diff);
    fold(&memory, "stays", ANSWER);
    assert_int_equal(numbers_of(&memory, 0).runs, 1);
}

static void there_is_no_generation_before_the_first(void **unused)
{
    (void)unused;
    struct state *state = state_new(&(struct state_options){0});
    assert_null(state_acquire(state));
    generation_release(NULL);
    state_free(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_did_not_change_keeps_its_verdict_and_its_counters),
        cmocka_unit_test(what_changed_is_pending_again_and_counts_on),
        cmocka_unit_test(what_went_and_comes_back_begins_at_zero),
        cmocka_unit_test(a_counter_lives_as_long_as_its_labels),
        cmocka_unit_test(a_server_that_moves_to_another_lane_takes_everything_along),
        cmocka_unit_test(after_a_move_every_reply_still_counts_for_its_own_node),
        cmocka_unit_test(the_last_certificate_seen_stays_known_and_moves_along),
        cmocka_unit_test(a_reader_keeps_the_generation_that_it_walks),
        cmocka_unit_test(hundreds_of_reloads_leave_nothing_behind),
        cmocka_unit_test(a_generation_that_is_never_committed_can_be_dropped),
        cmocka_unit_test(there_is_no_generation_before_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
