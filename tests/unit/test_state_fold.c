/* What one outcome adds to which counter, and what is remembered of a probe. */
#include "state_story.h"

#define TWO_CHECKS                                                                                                     \
    WORLD "checks:\n"                                                                                                  \
          "  - {name: allowed, client: office, resolver: ns1, query: www.example.com, expect: ANSWERED}\n"             \
          "  - {name: denied, client: stranger, resolver: ns1, query: '{random}.example.com', expect: REFUSED}\n"

static void a_probe_that_never_ran_is_pending_since_it_was_loaded(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(TWO_CHECKS);
    struct probe_numbers numbers = numbers_of(&memory, 0);
    assert_int_equal(numbers.judgement.verdict, VERDICT_PENDING);
    assert_int_equal(numbers.category, CATEGORY_UNKNOWN);
    assert_false(numbers.has_run);
    assert_int_equal(numbers.rtt_ns, -1);
    assert_int_equal(numbers.last_run_wall_ns, 0);
    assert_int_equal(numbers.since_wall_ns, 1000 * SECOND);
    struct probe_detail detail;
    struct generation *generation = state_acquire(memory.state);
    generation_copy_detail(generation, 0, &detail);
    assert_false(detail.has_outcome);
    probe_detail_fini(&detail);
    generation_release(generation);
}

static void a_run_is_remembered_with_its_verdict_and_since_when(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(TWO_CHECKS);
    fold(&memory, "allowed", ANSWER);
    memory.now_s += 30;
    fold(&memory, "allowed", ANSWER);
    memory.now_s += 30;
    fold(&memory, "allowed", REFUSAL);
    struct probe_numbers numbers = numbers_of(&memory, 0);
    assert_int_equal(numbers.judgement.verdict, VERDICT_UNEXPECTED_REFUSAL);
    assert_int_equal(numbers.category, CATEGORY_TOO_STRICT);
    assert_int_equal(numbers.since_wall_ns, 1060 * SECOND);
    assert_int_equal(numbers.runs, 3);
    assert_int_equal(numbers.consecutive, 1);
    assert_int_equal(numbers.rtt_ns, 300000);
    memory.now_s += 30;
    fold(&memory, "allowed", SILENCE);
    fold(&memory, "allowed", SILENCE);
    numbers = numbers_of(&memory, 0);
    assert_int_equal(numbers.judgement.verdict, VERDICT_NO_RESPONSE);
    assert_int_equal(numbers.consecutive, 2);
    assert_int_equal(numbers.rtt_ns, -1);
    assert_int_equal(numbers.last_run_wall_ns, 1090 * SECOND);
    assert_false(numbers_of(&memory, 1).has_run);
}

static void an_outcome_is_kept_with_its_own_texts(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(TWO_CHECKS);
    char line[] = "www.example.com. 60 IN A 192.0.2.9\n";
    struct outcome outcome = ANSWER;
    outcome.reply.answer = line;
    fold(&memory, "allowed", outcome);
    memset(line, 'x', sizeof(line));
    struct probe_detail detail;
    struct generation *generation = state_acquire(memory.state);
    generation_copy_detail(generation, 0, &detail);
    fold(&memory, "allowed", SILENCE);
    assert_true(detail.has_outcome);
    assert_string_equal(detail.outcome.reply.answer, "www.example.com. 60 IN A 192.0.2.9\n");
    assert_int_equal(detail.numbers.judgement.verdict, VERDICT_AS_EXPECTED);
    probe_detail_fini(&detail);
    generation_release(generation);
}

static void queries_and_replies_are_counted_by_label_set(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(TWO_CHECKS);
    fold(&memory, "allowed", ANSWER);
    fold(&memory, "allowed", REFUSAL);
    fold(&memory, "allowed", SILENCE);
    fold(&memory, "denied", REFUSAL);
    struct outcome retried = REPLY(3841);
    retried.queries_sent = 3;
    retried.attempts_lost = 1;
    fold(&memory, "denied", retried);
    struct state_series_counts office = series_of(&memory, 0), stranger = series_of(&memory, 1);
    assert_int_equal(office.queries, 4);
    assert_int_equal(office.attempts_lost, 2);
    assert_int_equal(office.responses[DNS_RCODE_NOERROR], 1);
    assert_int_equal(office.responses[DNS_RCODE_REFUSED], 1);
    assert_int_equal(office.refusals[false], 1);
    assert_int_equal(office.refusals[true], 0);
    assert_int_equal(stranger.queries, 4);
    assert_int_equal(stranger.attempts_lost, 1);
    assert_int_equal(stranger.refusals[true], 1);
    assert_int_equal(stranger.refusals[false], 0);
    assert_int_equal(stranger.responses[STATE_RCODE_OTHER], 1);
}

static void a_refusal_was_expected_when_refused_was_allowed_whatever_else_failed(void **unused)
{
    (void)unused;
    AUTO(memory_fini)
    struct memory memory = memory_of(
        WORLD
        "checks:\n"
        "  - {name: a, client: stranger, resolver: ns1, query: x.example, expect: {rcode: REFUSED, flags: [aa]}}\n"
        "  - {name: b, client: stranger, resolver: ns1, query: x.example, expect: DENIED}\n"
        "  - {name: c, client: stranger, resolver: ns1, query: x.example, expect: NOTAUTH}\n");
    struct generation *generation = state_acquire(memory.state);
    assert_int_equal(generation_series_count(generation), 1);
    assert_int_equal(generation_tally_count(generation), 3);
    generation_release(generation);
    fold(&memory, "a", REFUSAL);
    assert_int_equal(verdict_of(&memory, "a"), VERDICT_WRONG_ANSWER);
    fold(&memory, "b", REFUSAL);
    fold(&memory, "c", REFUSAL);
    assert_int_equal(series_of(&memory, 0).refusals[true], 2);
    assert_int_equal(series_of(&memory, 0).refusals[false], 1);
}

static void every_judged_run_counts_one_verdict(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(TWO_CHECKS);
    fold(&memory, "denied", REFUSAL);
    fold(&memory, "denied", REFUSAL);
    fold(&memory, "denied", ANSWER);
    fold(&memory, "denied", SILENCE);
    assert_int_equal(tally_of(&memory, 1, VERDICT_AS_EXPECTED), 2);
    assert_int_equal(tally_of(&memory, 1, VERDICT_OPEN_RECURSION), 1);
    assert_int_equal(tally_of(&memory, 1, VERDICT_NO_RESPONSE), 1);
    assert_int_equal(tally_of(&memory, 0, VERDICT_AS_EXPECTED), 0);
}

static void an_abandoned_run_counts_what_it_sent_and_nothing_else(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(TWO_CHECKS);
    fold(&memory, "allowed", ANSWER);
    fold(&memory, "allowed", outcome_without_reply(OUTCOME_ABANDONED));
    struct probe_numbers numbers = numbers_of(&memory, 0);
    assert_int_equal(series_of(&memory, 0).queries, 3);
    assert_int_equal(series_of(&memory, 0).attempts_lost, 2);
    assert_int_equal(numbers.judgement.verdict, VERDICT_AS_EXPECTED);
    assert_int_equal(numbers.runs, 1);
    uint64_t verdicts = 0;
    for (unsigned verdict = 0; verdict < VERDICTS; verdict++) verdicts += tally_of(&memory, 0, (enum verdict)verdict);
    assert_int_equal(verdicts, 1);
}

static void the_config_makes_known_what_starts_at_zero(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(TWO_CHECKS);
    struct generation *generation = state_acquire(memory.state);
    const struct state_series *office = generation_series(generation, 0), *stranger = generation_series(generation, 1);
    assert_string_equal(office->client->name, "office");
    assert_string_equal(office->qtype, "A");
    assert_int_equal(office->known_rcodes,
                     1U << DNS_RCODE_NOERROR | 1U << DNS_RCODE_NXDOMAIN | 1U << DNS_RCODE_REFUSED);
    assert_int_equal(office->known_refusals, 1);
    assert_int_equal(stranger->known_rcodes, 1U << DNS_RCODE_REFUSED);
    assert_int_equal(stranger->known_refusals, 2);
    assert_int_equal(generation_tally(generation, 0)->known_verdicts,
                     1U << VERDICT_AS_EXPECTED | 1U << VERDICT_UNEXPECTED_REFUSAL);
    assert_int_equal(generation_tally(generation, 1)->known_verdicts,
                     1U << VERDICT_AS_EXPECTED | 1U << VERDICT_OPEN_RECURSION | 1U << VERDICT_OPEN_CACHE |
                         1U << VERDICT_UNEXPECTED_ANSWER);
    generation_release(generation);
}

static void response_times_are_of_replies_only_and_of_what_is_asked(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(TWO_CHECKS);
    struct histogram_copy copy;
    fold(&memory, "allowed", ANSWER);
    fold(&memory, "allowed", SILENCE);
    struct generation *generation = state_acquire(memory.state);
    assert_true(generation_read_response_time(generation, 0, TRANSPORT_UDP, &copy));
    assert_int_equal(copy.buckets[2], 1);
    assert_int_equal(copy.sum_ns, 300000);
    assert_false(generation_read_response_time(generation, 0, TRANSPORT_TCP, &copy));
    assert_false(generation_read_response_time(generation, 1, TRANSPORT_UDP, &copy));
    generation_release(generation);
}

/* ---- nodes ---- */

static void fold_node(struct memory *memory, const char *nsid)
{
    struct outcome outcome = ANSWER;
    outcome.reply.has_nsid = nsid != NULL;
    outcome.reply.nsid = (const uint8_t *)nsid;
    outcome.reply.nsid_len = (uint16_t)(nsid ? strlen(nsid) : 0);
    fold(memory, "allowed", outcome);
}

static uint64_t node_verdicts(const struct memory *memory, const char *label, enum verdict verdict, uint32_t *count)
{
    struct state_node nodes[STATE_NODES_MAX + 2];
    struct generation *generation = state_acquire(memory->state);
    uint64_t verdicts = 0;
    *count = generation_copy_nodes(generation, 0, nodes);
    for (uint32_t i = 0; i < *count; i++)
        if (strcmp(nodes[i].nsid, label) == 0) verdicts += nodes[i].verdicts[verdict];
    generation_release(generation);
    return verdicts;
}

static void nodes_are_told_apart_by_nsid_and_no_two_have_one_label(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(TWO_CHECKS);
    uint32_t count;
    fold_node(&memory, "ams1");
    fold_node(&memory, "ams1");
    fold_node(&memory, NULL);
    fold_node(&memory, "");
    fold_node(&memory, "\xff\x01");
    fold_node(&memory, "ff01");
    fold_node(&memory, "none");
    fold_node(&memory, "other");
    fold(&memory, "allowed", SILENCE);
    assert_int_equal(node_verdicts(&memory, "ams1", VERDICT_AS_EXPECTED, &count), 2);
    assert_int_equal(node_verdicts(&memory, "none", VERDICT_AS_EXPECTED, &count), 2);
    assert_int_equal(node_verdicts(&memory, "ff01", VERDICT_AS_EXPECTED, &count), 2);
    assert_int_equal(node_verdicts(&memory, "6e6f6e65", VERDICT_AS_EXPECTED, &count), 1);
    assert_int_equal(node_verdicts(&memory, "6f74686572", VERDICT_AS_EXPECTED, &count), 1);
    assert_int_equal(count, 5);
}

static void a_resolver_has_64_nodes_and_the_rest_are_other_until_one_is_unseen_for_a_day(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(TWO_CHECKS);
    char nsid[16];
    uint32_t count;
    fold_node(&memory, NULL);
    for (int i = 0; i < 70; i++) {
        snprintf(nsid, sizeof(nsid), "n%d", i);
        fold_node(&memory, nsid);
    }
    assert_int_equal(node_verdicts(&memory, "other", VERDICT_AS_EXPECTED, &count), 6);
    assert_int_equal(count, STATE_NODES_MAX + 2);
    memory.now_s += 12 * 3600;
    fold_node(&memory, "n7");
    memory.now_s += 13 * 3600;
    fold(&memory, "allowed", SILENCE);
    assert_int_equal(node_verdicts(&memory, "n7", VERDICT_AS_EXPECTED, &count), 2);
    assert_int_equal(count, 3);
    fold_node(&memory, "n69");
    assert_int_equal(node_verdicts(&memory, "n69", VERDICT_AS_EXPECTED, &count), 1);
}

/* ---- on demand ---- */

static void an_on_demand_run_is_judged_and_counts_as_a_followup_only(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(TWO_CHECKS);
    struct generation *generation = state_acquire(memory.state);
    struct outcome outcome = REFUSAL;
    outcome.is_on_demand = true;
    outcome.ended_mono_ns = 1000 * NS_PER_SEC;
    assert_int_equal(state_judge(memory.state, generation, &outcome).verdict, VERDICT_UNEXPECTED_REFUSAL);
    state_count_followup(memory.state, generation, &outcome);
    assert_int_equal(generation_followup_queries(generation, 0), 1);
    assert_int_equal(generation_followup_queries(generation, 1), 0);
    assert_int_equal(series_of(&memory, 0).queries, 0);
    assert_false(numbers_of(&memory, 0).has_run);
    generation_release(generation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probe_that_never_ran_is_pending_since_it_was_loaded),
        cmocka_unit_test(a_run_is_remembered_with_its_verdict_and_since_when),
        cmocka_unit_test(an_outcome_is_kept_with_its_own_texts),
        cmocka_unit_test(queries_and_replies_are_counted_by_label_set),
        cmocka_unit_test(a_refusal_was_expected_when_refused_was_allowed_whatever_else_failed),
        cmocka_unit_test(every_judged_run_counts_one_verdict),
        cmocka_unit_test(an_abandoned_run_counts_what_it_sent_and_nothing_else),
        cmocka_unit_test(the_config_makes_known_what_starts_at_zero),
        cmocka_unit_test(response_times_are_of_replies_only_and_of_what_is_asked),
        cmocka_unit_test(nodes_are_told_apart_by_nsid_and_no_two_have_one_label),
        cmocka_unit_test(a_resolver_has_64_nodes_and_the_rest_are_other_until_one_is_unseen_for_a_day),
        cmocka_unit_test(an_on_demand_run_is_judged_and_counts_as_a_followup_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
