/* When probes are due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/hash.h"
#include "probe/schedule.h"
#include "probe/transport.h"

#define S NS_PER_SEC
#define NOW (123456 * S + 789)

static uint64_t id_of(uint64_t n)
{
    struct hash hash;
    hash_init(&hash);
    hash_add_u64(&hash, n);
    return hash_end(&hash);
}

static void a_probe_keeps_its_phase_for_ever(void **state)
{
    (void)state;
    uint64_t id = id_of(1), due = schedule_first(id, 30 * S, NOW);
    assert_true(due > NOW && due <= NOW + 30 * S);
    for (int i = 0; i < 1000; i++) {
        uint64_t next = schedule_next(id, 30 * S, due);
        assert_true(next == due + 30 * S);
        due = next;
    }
    /* A restart finds the same phase. */
    assert_true(schedule_first(id, 30 * S, due + 7) == due + 30 * S);
}

static void a_probe_of_every_day_runs_within_a_minute(void **state)
{
    (void)state;
    uint64_t day = 24 * 3600 * S;
    for (uint64_t n = 0; n < 1000; n++) {
        uint64_t id = id_of(n), first = schedule_first(id, day, NOW);
        assert_true(first >= NOW && first < NOW + 60 * S);
        uint64_t second = schedule_next(id, day, first);
        assert_true(second > first && second <= first + day && second % day == id % day);
    }
}

static void first_runs_are_spread_evenly(void **state)
{
    (void)state;
    int seconds[30] = {0};
    for (uint64_t n = 0; n < 30000; n++) seconds[(schedule_first(id_of(n), 30 * S, NOW) - NOW - 1) / S]++;
    for (int i = 0; i < 30; i++) assert_in_range(seconds[i], 850, 1150);
}

static void a_run_that_is_late_by_less_than_an_interval_runs(void **state)
{
    (void)state;
    uint64_t id = id_of(2), due = schedule_first(id, 10 * S, NOW);
    struct schedule_turn turn = schedule_take(id, 10 * S, due, due + 10 * S);
    assert_true(turn.due == due && turn.next == due + 10 * S);
    assert_int_equal(turn.skipped, 0);
}

static void runs_that_are_later_than_that_are_skipped_and_counted(void **state)
{
    (void)state;
    uint64_t id = id_of(3), due = schedule_first(id, 10 * S, NOW);
    struct schedule_turn turn = schedule_take(id, 10 * S, due, due + 34 * S);
    assert_true(turn.due == due + 30 * S && turn.next == due + 40 * S);
    assert_int_equal(turn.skipped, 3);
    turn = schedule_take(id, 10 * S, due, due + 10 * S + 1);
    assert_true(turn.due == due + 10 * S);
    assert_int_equal(turn.skipped, 1);
}

static void a_late_first_run_off_its_phase_joins_it(void **state)
{
    (void)state;
    uint64_t hour = 3600 * S, id = id_of(4), due = schedule_first(id, hour, NOW);
    struct schedule_turn turn = schedule_take(id, hour, due, due + 2 * hour);
    assert_true(turn.due % hour == id % hour);
    assert_true(turn.due >= due + hour && turn.due <= due + 2 * hour);
    assert_in_range(turn.skipped, 1, 2);
}

static void a_tick_serves_about_32_queries_within_1_to_10_ms(void **state)
{
    (void)state;
    assert_int_equal(schedule_tick_ns(0, false), 10 * NS_PER_MS);
    assert_int_equal(schedule_tick_ns(500, false), 10 * NS_PER_MS);
    assert_int_equal(schedule_tick_ns(5000, false), 6400 * NS_PER_US);
    assert_int_equal(schedule_tick_ns(20000, false), 1600 * NS_PER_US);
    assert_int_equal(schedule_tick_ns(1e9, false), 1 * NS_PER_MS);
    assert_int_equal(schedule_tick_ns(1, true), 1 * NS_PER_MS);
}

static void a_reply_is_as_late_as_the_kernel_saw_it_not_as_it_was_read(void **state)
{
    (void)state;
    int64_t sent = 1700000000 * (int64_t)S;
    assert_int_equal(transport_rtt_ns(sent, sent + 300000, 9 * NS_PER_MS), 300000);
    assert_int_equal(transport_rtt_ns(sent, sent, 9 * NS_PER_MS), 0);
    assert_int_equal(transport_rtt_ns(sent, 0, 9 * NS_PER_MS), 9 * NS_PER_MS);
}

static void a_wall_clock_that_was_set_meanwhile_is_not_believed(void **state)
{
    (void)state;
    int64_t sent = 1700000000 * (int64_t)S;
    assert_int_equal(transport_rtt_ns(sent, sent - 1, 9 * NS_PER_MS), 9 * NS_PER_MS);
    assert_int_equal(transport_rtt_ns(sent, sent + 3600 * (int64_t)S, 9 * NS_PER_MS), 9 * NS_PER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probe_keeps_its_phase_for_ever),
        cmocka_unit_test(a_probe_of_every_day_runs_within_a_minute),
        cmocka_unit_test(first_runs_are_spread_evenly),
        cmocka_unit_test(a_run_that_is_late_by_less_than_an_interval_runs),
        cmocka_unit_test(runs_that_are_later_than_that_are_skipped_and_counted),
        cmocka_unit_test(a_late_first_run_off_its_phase_joins_it),
        cmocka_unit_test(a_tick_serves_about_32_queries_within_1_to_10_ms),
        cmocka_unit_test(a_reply_is_as_late_as_the_kernel_saw_it_not_as_it_was_read),
        cmocka_unit_test(a_wall_clock_that_was_set_meanwhile_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
