/* Verdict changes: which are events, how many are kept, and what the log gets of them. */
#include "state_story.h"

#include <poll.h>
#include <stdlib.h>

#define CHECKS WORLD "checks:\n"
#define CALM "  - {name: calm, client: office, resolver: ns1, query: www.example.com, expect: ANSWERED}\n"
#define FLAPS "  - {name: flaps, client: stranger, resolver: ns1, query: '{random}.example.com', expect: REFUSED}\n"
#define LOG_MAX 50

static bool log_is_readable(const struct memory *memory)
{
    struct pollfd fd = {.fd = state_log_fd(memory->state), .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

/* How many lines; of the last one, how many changes it stands for besides its own. */
static size_t take_log(const struct memory *memory, uint32_t *repeated, uint64_t *dropped)
{
    struct state_event events[LOG_MAX];
    size_t count = state_take_log_events(memory->state, events, LOG_MAX, dropped);
    *repeated = count ? events[count - 1].repeated : 0;
    for (size_t i = 0; i < count; i++) state_event_fini(&events[i]);
    return count;
}

static void a_change_is_told_with_names_and_its_reason(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS CALM FLAPS);
    struct state_event event;
    uint64_t dropped;
    assert_false(log_is_readable(&memory));
    fold(&memory, "flaps", ANSWER);
    assert_true(log_is_readable(&memory));
    assert_int_equal(state_take_log_events(memory.state, &event, 1, &dropped), 1);
    assert_int_equal(dropped, 0);
    assert_int_equal(event.sequence, 1);
    assert_int_equal(event.at_wall_ns, 1000 * SECOND);
    assert_int_equal(event.probe_id, memory.story.plan->probes[1].id);
    assert_int_equal(event.from, VERDICT_PENDING);
    assert_int_equal(event.to, VERDICT_OPEN_RECURSION);
    assert_string_equal(event.check, "flaps");
    assert_string_equal(event.client, "stranger");
    assert_string_equal(event.subnet, "127.66.0.0/16");
    assert_string_equal(event.resolver, "ns1");
    assert_string_equal(event.severity, "warning");
    assert_string_equal(event.transport, "udp");
    assert_string_equal(event.qname, "{random}.example.com");
    assert_string_equal(event.qtype, "A");
    assert_string_equal(event.explanation, "REFUSED was expected; ns1 resolved a fresh name for stranger "
                                           "(127.66.0.0/16): it recurses for clients it should refuse");
    state_event_fini(&event);
    assert_int_equal(state_take_log_events(memory.state, &event, 1, &dropped), 0);
}

static void a_first_verdict_as_hoped_is_no_event_and_nor_is_the_same_again(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS CALM FLAPS);
    struct state_event_list list;
    fold(&memory, "calm", ANSWER);
    fold(&memory, "calm", ANSWER);
    fold(&memory, "flaps", ANSWER);
    fold(&memory, "flaps", ANSWER);
    fold(&memory, "flaps", REFUSAL);
    state_copy_events(memory.state, 0, 100, 0, &list);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].to, VERDICT_AS_EXPECTED);
    assert_int_equal(list.items[0].from, VERDICT_OPEN_RECURSION);
    assert_int_equal(list.items[1].to, VERDICT_OPEN_RECURSION);
    state_event_list_fini(&list);
}

static void events_are_listed_newest_first_since_a_time_and_by_page(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS CALM FLAPS);
    struct state_event_list list;
    for (int i = 0; i < 6; i++) {
        memory.now_s += 10; /* 1010 to 1060 */
        fold(&memory, "flaps", i % 2 ? REFUSAL : ANSWER);
    }
    state_copy_events(memory.state, 1020 * SECOND, 2, 1, &list);
    assert_int_equal(list.total, 4);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].at_wall_ns, 1050 * SECOND);
    assert_int_equal(list.items[1].at_wall_ns, 1040 * SECOND);
    state_event_list_fini(&list);
    state_copy_events(memory.state, 1060 * SECOND, 100, 0, &list);
    assert_int_equal(list.total, 0);
    state_event_list_fini(&list);
    state_copy_events(memory.state, 0, 100, 100, &list);
    assert_int_equal(list.total, 6);
    assert_int_equal(list.count, 0);
    state_event_list_fini(&list);
}

static void a_flapping_probe_pushes_out_its_own_events_only(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS CALM FLAPS);
    struct state_event_list list;
    fold(&memory, "calm", REFUSAL);
    for (int i = 0; i < 3000; i++) {
        memory.now_s++;
        fold(&memory, "flaps", i % 2 ? REFUSAL : ANSWER);
    }
    state_copy_events(memory.state, 0, STATE_EVENTS, 0, &list);
    assert_int_equal(list.total, STATE_EVENTS_PER_PROBE + 1);
    assert_int_equal(list.items[0].repeated, 3000 - STATE_EVENTS_PER_PROBE);
    assert_int_equal(list.items[0].sequence, 3001);
    assert_int_equal(list.items[9].sequence, 2992);
    assert_string_equal(list.items[10].check, "calm");
    assert_int_equal(list.items[10].repeated, 0);
    state_event_list_fini(&list);
}

static void of_a_flapping_probe_the_log_gets_a_line_every_ten_minutes(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS CALM FLAPS);
    uint32_t repeated;
    uint64_t dropped;
    for (int i = 0; i < 4; i++) {
        memory.now_s += 10;
        fold(&memory, "flaps", i % 2 ? REFUSAL : ANSWER);
        assert_int_equal(take_log(&memory, &repeated, &dropped), 1);
        assert_int_equal(repeated, 0);
    }
    memory.now_s += 10;
    fold(&memory, "flaps", ANSWER);
    assert_int_equal(take_log(&memory, &repeated, &dropped), 1);
    assert_int_equal(repeated, 4);
    for (int i = 0; i < 20; i++) {
        memory.now_s += 10;
        fold(&memory, "flaps", i % 2 ? ANSWER : REFUSAL);
        assert_int_equal(take_log(&memory, &repeated, &dropped), 0);
        assert_int_equal(dropped, 0);
    }
    memory.now_s = 1611;
    fold(&memory, "flaps", REFUSAL);
    assert_int_equal(take_log(&memory, &repeated, &dropped), 1);
    assert_int_equal(repeated, 20);
    memory.now_s += 599;
    fold(&memory, "flaps", ANSWER);
    assert_int_equal(take_log(&memory, &repeated, &dropped), 0);
}

static void after_twenty_calm_minutes_every_change_is_a_line_again(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS CALM FLAPS);
    uint32_t repeated;
    uint64_t dropped;
    for (int i = 0; i < 8; i++) fold(&memory, "flaps", i % 2 ? REFUSAL : ANSWER);
    assert_int_equal(take_log(&memory, &repeated, &dropped), 5);
    memory.now_s += 1200;
    for (int i = 0; i < 2; i++) {
        fold(&memory, "flaps", i % 2 ? REFUSAL : ANSWER);
        assert_int_equal(take_log(&memory, &repeated, &dropped), 1);
        assert_int_equal(repeated, i == 0 ? 3 : 0);
    }
}

/* A mass change must not grow, block or vanish: what is not kept is counted. */
static void when_everything_changes_at_once_the_rest_is_counted(void **unused)
{
    (void)unused;
    enum { PROBES = 3000 };
    AUTO(strbuf_fini) struct strbuf yaml = {0};
    strbuf_puts(&yaml, WORLD "global: {max_qps_per_resolver: 0, max_denied_qps: 0}\nchecks:\n"
                             "  - {name: many, client: office, resolver: ns1, expect: ANSWERED, query: [");
    for (int i = 0; i < PROBES; i++) strbuf_addf(&yaml, "%sn%d.example.com", i ? ", " : "", i);
    strbuf_puts(&yaml, "]}\n");
    AUTO(memory_fini) struct memory memory = memory_of(yaml.data);
    struct outcome *outcomes = mem_array(PROBES, sizeof(*outcomes));
    for (uint32_t i = 0; i < PROBES; i++) {
        outcomes[i] = REFUSAL;
        outcomes[i].probe = i;
        outcomes[i].ended_mono_ns = outcomes[i].started_mono_ns = 1000 * NS_PER_SEC;
    }
    struct engine_sink sink = state_sink(memory.state);
    for (uint32_t i = 0; i < PROBES; i += 1000) sink.fold(sink.ctx, 0, outcomes + i, 1000);
    free(outcomes);
    uint32_t repeated;
    uint64_t dropped;
    assert_int_equal(take_log(&memory, &repeated, &dropped), LOG_MAX);
    assert_int_equal(dropped, PROBES - LOG_MAX);
    for (uint32_t i = 0; i < PROBES; i++) fold_on(&memory, 0, i, ANSWER);
    struct state_event_list list;
    state_copy_events(memory.state, 0, PROBES, 0, &list);
    assert_int_equal(list.count, STATE_EVENTS);
    assert_int_equal(list.items[0].to, VERDICT_AS_EXPECTED);
    assert_string_equal(list.items[0].qname, "n2999.example.com");
    assert_string_equal(list.items[STATE_EVENTS - 1].qname, "n2000.example.com");
    state_event_list_fini(&list);
    assert_int_equal(take_log(&memory, &repeated, &dropped), LOG_MAX);
    assert_int_equal(dropped, PROBES - LOG_MAX);
}

static void events_outlive_the_plan_they_are_of(void **unused)
{
    (void)unused;
    AUTO(memory_fini) struct memory memory = memory_of(CHECKS CALM FLAPS);
    struct state_event_list list;
    fold(&memory, "flaps", ANSWER);
    memory_load(&memory, CHECKS CALM, "0");
    state_copy_events(memory.state, 0, 10, 0, &list);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0].check, "flaps");
    state_event_list_fini(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_told_with_names_and_its_reason),
        cmocka_unit_test(a_first_verdict_as_hoped_is_no_event_and_nor_is_the_same_again),
        cmocka_unit_test(events_are_listed_newest_first_since_a_time_and_by_page),
        cmocka_unit_test(a_flapping_probe_pushes_out_its_own_events_only),
        cmocka_unit_test(of_a_flapping_probe_the_log_gets_a_line_every_ten_minutes),
        cmocka_unit_test(after_twenty_calm_minutes_every_change_is_a_line_again),
        cmocka_unit_test(when_everything_changes_at_once_the_rest_is_counted),
        cmocka_unit_test(events_outlive_the_plan_they_are_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
