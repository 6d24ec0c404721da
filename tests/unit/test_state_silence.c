/* Silence proves a denial only while another probe of the same address and transport shows that the server lives. */
#include "state_story.h"

#define DROPS "  - {name: dropped, client: stranger, resolver: ns1, query: '{random}.example.com', expect: DENIED}\n"
#define SERVES "  - {name: served, client: office, resolver: ns1, query: www.example.com, expect: ANSWERED}\n"
#define SERVES_SLOWLY                                                                                                  \
    "  - {name: slow, client: office, resolver: ns1, query: slow.example.com, interval: 300s, expect: ANSWERED}\n"
#define CHECKS WORLD "checks:\n"

static void assert_now(struct memory *memory, const char *check, enum verdict expected)
{
    enum verdict verdict = verdict_of(memory, check);
    if (verdict != expected)
        fail_msg("at %u s %s is %s, not %s", (unsigned)memory->now_s, check, verdict_table[verdict].name,
                 verdict_table[expected].name);
}

static void silence_waits_for_a_first_voice_then_counts_then_dies_with_the_server(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS DROPS SERVES);
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_PENDING);
    assert_int_equal(tally_of(&memory, 0, VERDICT_PENDING), 1);
    memory.now_s += 10;
    fold(&memory, "served", ANSWER); /* vouches for two intervals: until 1070 */
    memory.now_s += 20;
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_AS_EXPECTED);
    memory.now_s = 1070;
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_AS_EXPECTED);
    memory.now_s = 1071;
    fold(&memory, "served", SILENCE);
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_NO_RESPONSE);
    memory.now_s = 1100;
    fold(&memory, "served", REFUSAL); /* any reply is life */
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_AS_EXPECTED);
}

static void nobody_speaks_within_two_intervals_and_waiting_ends(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS DROPS SERVES);
    fold(&memory, "dropped", SILENCE);
    memory.now_s += 59;
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_PENDING);
    memory.now_s += 1;
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_NO_RESPONSE);
}

static void a_probe_does_not_vouch_for_itself(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS DROPS SERVES);
    fold(&memory, "dropped", REFUSAL);
    assert_now(&memory, "dropped", VERDICT_AS_EXPECTED);
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_PENDING);
    fold(&memory, "served", ANSWER);
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_AS_EXPECTED);
}

static void the_latest_of_all_other_probes_counts(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS DROPS SERVES SERVES_SLOWLY);
    fold(&memory, "slow", ANSWER); /* until 1600 */
    memory.now_s += 5;
    fold(&memory, "served", ANSWER);   /* until 1065 */
    fold(&memory, "dropped", REFUSAL); /* its own voice: until 1065 too */
    memory.now_s = 1600;
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_AS_EXPECTED);
    memory.now_s = 1601;
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_NO_RESPONSE);
}

static void the_second_best_voice_vouches_for_the_best(void **unused)
{
    (void)unused;
    AUTO(memory_fini)
    struct memory memory = memory_of(
        CHECKS SERVES
        "  - {name: quiet, client: stranger, resolver: ns1, query: x.example, interval: 300s, expect: DENIED}\n");
    fold(&memory, "quiet", REFUSAL); /* the best voice: until 1600 */
    fold(&memory, "served", ANSWER); /* until 1060 */
    memory.now_s = 1060;
    fold(&memory, "quiet", SILENCE);
    assert_now(&memory, "quiet", VERDICT_AS_EXPECTED);
    memory.now_s = 1061;
    fold(&memory, "quiet", SILENCE);
    assert_now(&memory, "quiet", VERDICT_NO_RESPONSE);
}

static void another_transport_and_another_address_say_nothing(void **unused)
{
    (void)unused;
    AUTO(memory_fini)
    struct memory memory =
        memory_of(CHECKS DROPS
                  "  - {name: tcp, client: office, resolver: ns1, query: x.example, transport: tcp, expect: ANSWERED}\n"
                  "  - {name: other, client: office, resolver: ns2, query: x.example, expect: ANSWERED}\n");
    fold(&memory, "tcp", ANSWER);
    fold(&memory, "other", ANSWER);
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_PENDING);
}

static void noise_and_icmp_are_no_life(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS DROPS SERVES);
    fold(&memory, "served", outcome_without_reply(OUTCOME_MALFORMED));
    fold(&memory, "served", outcome_without_reply(OUTCOME_UNREACHABLE));
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_PENDING);
}

static void life_goes_on_across_a_reload(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS SERVES);
    fold(&memory, "served", ANSWER);
    memory.now_s += 30;
    memory_load(&memory, CHECKS DROPS SERVES, "1");
    fold_on(&memory, 1, 0, SILENCE);
    assert_now(&memory, "dropped", VERDICT_AS_EXPECTED);
}

static void a_probe_that_stays_does_not_wait_anew_after_a_reload(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS DROPS SERVES);
    fold(&memory, "dropped", SILENCE);
    memory.now_s += 50;
    memory_load(&memory, CHECKS DROPS SERVES_SLOWLY, "0");
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_PENDING);
    memory.now_s += 10;
    fold(&memory, "dropped", SILENCE);
    assert_now(&memory, "dropped", VERDICT_NO_RESPONSE);
}

static void an_on_demand_silence_is_worth_the_same(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS DROPS SERVES);
    struct generation *generation = state_acquire(memory.state);
    struct outcome silence = SILENCE;
    silence.is_on_demand = true;
    silence.started_mono_ns = silence.ended_mono_ns = 1001 * NS_PER_SEC;
    assert_int_equal(state_judge(memory.state, generation, &silence).verdict, VERDICT_PENDING);
    fold(&memory, "served", ANSWER);
    assert_int_equal(state_judge(memory.state, generation, &silence).verdict, VERDICT_AS_EXPECTED);
    assert_int_equal(state_judge(memory.state, generation, &silence).silence, SILENCE_VOUCHED);
    generation_release(generation);
}

static void one_round_of_checks_judges_silence_last(void **unused)
{
    (void)unused;
    struct memory memory = {.state = state_new(&(struct state_options){.judge_silence_last = true}), .now_s = 1000};
    memory_load(&memory,
                CHECKS DROPS SERVES
                "  - {name: dead, client: office, resolver: ns2, query: x.example, expect: NO_RESPONSE}\n"
                "  - {name: late, client: stranger, resolver: ns1, query: x.example, expect: ANSWERED}\n",
                "0");
    fold(&memory, "dropped", SILENCE);
    fold(&memory, "dead", SILENCE);
    fold(&memory, "late", SILENCE);
    memory.now_s += 500;
    fold(&memory, "served", ANSWER);
    assert_now(&memory, "dropped", VERDICT_PENDING);
    assert_now(&memory, "late", VERDICT_NO_RESPONSE);
    state_settle(memory.state);
    assert_now(&memory, "dropped", VERDICT_AS_EXPECTED);
    assert_now(&memory, "dead", VERDICT_NO_RESPONSE);
    assert_now(&memory, "served", VERDICT_AS_EXPECTED);
    assert_int_equal(tally_of(&memory, 0, VERDICT_PENDING), 0);
    assert_int_equal(tally_of(&memory, 0, VERDICT_AS_EXPECTED), 1);
    memory_fini(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_waits_for_a_first_voice_then_counts_then_dies_with_the_server),
        cmocka_unit_test(nobody_speaks_within_two_intervals_and_waiting_ends),
        cmocka_unit_test(a_probe_does_not_vouch_for_itself),
        cmocka_unit_test(the_latest_of_all_other_probes_counts),
        cmocka_unit_test(the_second_best_voice_vouches_for_the_best),
        cmocka_unit_test(another_transport_and_another_address_say_nothing),
        cmocka_unit_test(noise_and_icmp_are_no_life),
        cmocka_unit_test(life_goes_on_across_a_reload),
        cmocka_unit_test(a_probe_that_stays_does_not_wait_anew_after_a_reload),
        cmocka_unit_test(an_on_demand_silence_is_worth_the_same),
        cmocka_unit_test(one_round_of_checks_judges_silence_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
