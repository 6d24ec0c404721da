/* Rate limits: how many queries may go, and who goes first. Time is milliseconds here, told to the code in
 * nanoseconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "probe/gates.h"

#define START (1000 * NS_PER_SEC)
static uint64_t at_ms(uint64_t ms) { return START + ms * NS_PER_MS; }

static struct gate *gate_of(double per_second, uint64_t tolerance_ms)
{
    struct gate *gate = gate_new();
    pacer_set_rate(&gate->pacer, per_second, tolerance_ms * NS_PER_MS);
    return gate;
}

/* How many of `count` newcomers go at once. */
static int rush(struct heap *openings, struct gate_visitor *visitors, int count, uint64_t now)
{
    int went = 0;
    for (int i = 0; i < count; i++) went += gates_enter(openings, &visitors[i], now);
    return went;
}

static void a_burst_is_one_and_what_fits_into_a_tick(void **state)
{
    (void)state;
    struct pacer pacer = {0};
    pacer_set_rate(&pacer, 1000, 10 * NS_PER_MS);
    int went = 0;
    for (; pacer_opens_at(&pacer) <= at_ms(0); went++) pacer_charge(&pacer, at_ms(0));
    assert_int_equal(went, 11);
}

static void a_quiet_hour_saves_nothing_up(void **state)
{
    (void)state;
    struct pacer pacer = {0};
    pacer_set_rate(&pacer, 10, 0);
    pacer_charge(&pacer, at_ms(0));
    pacer_charge(&pacer, at_ms(3600000));
    assert_true(pacer_opens_at(&pacer) == at_ms(3600100));
}

static void a_new_limit_does_not_forgive_what_was_sent(void **state)
{
    (void)state;
    struct pacer pacer = {0};
    pacer_set_rate(&pacer, 1, 0);
    pacer_charge(&pacer, at_ms(0));
    pacer_set_rate(&pacer, 100, 0);
    assert_true(pacer_opens_at(&pacer) == at_ms(1000));
    pacer_set_rate(&pacer, 0, 0);
    assert_true(pacer_opens_at(&pacer) == 0);
}

static void those_who_wait_go_in_order(void **state)
{
    (void)state;
    struct heap openings = {0};
    struct gate *server = gate_of(100, 0);
    struct gate_visitor visitors[4] = {{.server = server}, {.server = server}, {.server = server}, {.server = server}};
    assert_int_equal(rush(&openings, visitors, 4, at_ms(0)), 1);
    assert_null(gates_release(&openings, at_ms(9)));
    assert_ptr_equal(gates_release(&openings, at_ms(10)), &visitors[1]);
    assert_null(gates_release(&openings, at_ms(10)));
    /* Nobody overtakes: a newcomer waits although the gate is open. */
    struct gate_visitor late = {.server = server};
    assert_false(gates_enter(&openings, &late, at_ms(20)));
    assert_ptr_equal(gates_release(&openings, at_ms(20)), &visitors[2]);
    assert_ptr_equal(gates_release(&openings, at_ms(30)), &visitors[3]);
    assert_ptr_equal(gates_release(&openings, at_ms(40)), &late);
    assert_int_equal(openings.count, 0);
    gate_free(server);
    heap_fini(&openings);
}

static void a_denial_goes_before_others_at_the_server(void **state)
{
    (void)state;
    struct heap openings = {0};
    struct gate *server = gate_of(100, 0), *pair = gate_of(60, 0);
    struct gate_visitor plain[3] = {{.server = server}, {.server = server}, {.server = server}};
    struct gate_visitor denied[2] = {{.server = server, .pair = pair}, {.server = server, .pair = pair}};
    assert_int_equal(rush(&openings, plain, 3, at_ms(0)), 1);
    assert_int_equal(rush(&openings, denied, 2, at_ms(0)), 0);
    assert_ptr_equal(gates_release(&openings, at_ms(10)), &denied[0]);
    assert_ptr_equal(gates_release(&openings, at_ms(20)), &plain[1]);
    assert_ptr_equal(gates_release(&openings, at_ms(30)), &denied[1]);
    assert_ptr_equal(gates_release(&openings, at_ms(40)), &plain[2]);
    gate_free(server);
    gate_free(pair);
    heap_fini(&openings);
}

static void a_wait_at_the_server_does_not_bunch_a_pair(void **state)
{
    (void)state;
    struct heap openings = {0};
    struct gate *server = gate_of(1, 0), *pair = gate_of(2, 0);
    struct gate_visitor first = {.server = server};
    struct gate_visitor denied[2] = {{.server = server, .pair = pair}, {.server = server, .pair = pair}};
    assert_true(gates_enter(&openings, &first, at_ms(0)));
    assert_int_equal(rush(&openings, denied, 2, at_ms(0)), 0);
    assert_ptr_equal(gates_release(&openings, at_ms(1000)), &denied[0]);
    /* The limit of the server goes, the pair's remains: half a second from when its query really went. */
    pacer_set_rate(&server->pacer, 0, 0);
    gate_arm(&openings, server);
    assert_null(gates_release(&openings, at_ms(1499)));
    assert_ptr_equal(gates_release(&openings, at_ms(1500)), &denied[1]);
    gate_free(server);
    gate_free(pair);
    heap_fini(&openings);
}

static void who_leaves_is_not_charged_and_holds_nobody_up(void **state)
{
    (void)state;
    struct heap openings = {0};
    struct gate *server = gate_of(10, 0), *pair = gate_of(10, 0);
    struct gate_visitor first = {.server = server};
    struct gate_visitor denied[2] = {{.server = server, .pair = pair}, {.server = server, .pair = pair}};
    assert_true(gates_enter(&openings, &first, at_ms(0)));
    assert_int_equal(rush(&openings, denied, 2, at_ms(0)), 0);
    assert_ptr_equal(denied[0].waits_at, server);
    assert_ptr_equal(denied[1].waits_at, pair);
    gates_leave(&openings, &denied[0]);
    gates_leave(&openings, &denied[0]);
    assert_ptr_equal(gates_release(&openings, at_ms(100)), &denied[1]);
    assert_int_equal(openings.count, 0);
    gate_free(server);
    gate_free(pair);
    heap_fini(&openings);
}

/* A run has its bound; who has not begun can wait. */
static void what_follows_in_a_run_goes_before_what_begins(void **state)
{
    (void)state;
    struct heap openings = {0};
    struct gate *server = gate_of(100, 0), *pair = gate_of(2, 0);
    struct gate_visitor denied[3] = {
        {.server = server, .pair = pair}, {.server = server, .pair = pair}, {.server = server, .pair = pair}};
    struct gate_visitor plain[2] = {{.server = server}, {.server = server}};
    assert_int_equal(rush(&openings, denied, 3, at_ms(0)), 1);
    denied[0].is_following = true;
    assert_false(gates_enter(&openings, &denied[0], at_ms(20)));
    assert_ptr_equal(gates_release(&openings, at_ms(500)), &denied[0]);
    assert_null(gates_release(&openings, at_ms(500)));

    assert_int_equal(rush(&openings, plain, 2, at_ms(900)), 2 - 1);
    plain[0].is_following = true;
    assert_false(gates_enter(&openings, &plain[0], at_ms(901)));
    assert_ptr_equal(gates_release(&openings, at_ms(910)), &plain[0]);
    assert_ptr_equal(gates_release(&openings, at_ms(920)), &plain[1]);
    assert_ptr_equal(gates_release(&openings, at_ms(1000)), &denied[1]);
    assert_ptr_equal(gates_release(&openings, at_ms(1500)), &denied[2]);
    assert_int_equal(openings.count, 0);
    gate_free(server);
    gate_free(pair);
    heap_fini(&openings);
}

#define PAIRS 3
#define QUERIES 300

/* However arrivals, ticks and departures fall, no limit is exceeded and everybody gets through. */
static void no_window_of_time_holds_more_than_the_limits_allow(void **state)
{
    (void)state;
    struct heap openings = {0};
    struct gate *server = gate_of(50, 10), *pairs[PAIRS];
    for (int i = 0; i < PAIRS; i++) pairs[i] = gate_of(5, 10);
    static struct gate_visitor visitors[QUERIES];
    static uint64_t sent_ms[PAIRS + 1][QUERIES];
    int sent[PAIRS + 1] = {0}, gone = 0, arrived = 0;
    for (uint64_t ms = 0; ms < 60000; ms += 10) {
        struct gate_visitor *through[QUERIES];
        int count = 0;
        while ((through[count] = gates_release(&openings, at_ms(ms)))) count++;
        for (int i = 0; i < 3 && arrived < QUERIES; i++, arrived++) {
            struct gate *pair = arrived % 2 ? pairs[arrived % PAIRS] : NULL;
            visitors[arrived] = (struct gate_visitor){.server = server, .pair = pair};
            if (gates_enter(&openings, &visitors[arrived], at_ms(ms))) through[count++] = &visitors[arrived];
        }
        if (ms % 500 == 0 && visitors[arrived - 1].waits_at) {
            gates_leave(&openings, &visitors[arrived - 1]);
            gone++;
        }
        for (int i = 0; i < count; i++) {
            sent_ms[PAIRS][sent[PAIRS]++] = ms;
            for (int k = 0; k < PAIRS; k++)
                if (through[i]->pair == pairs[k]) sent_ms[k][sent[k]++] = ms;
        }
    }
    assert_int_equal(sent[PAIRS] + gone, QUERIES);
    assert_in_range(gone, 1, QUERIES / 2);
    for (int i = 1; i < sent[PAIRS]; i++)
        for (int k = 0; k < i; k++) assert_true((uint64_t)(i - k) * 20 <= sent_ms[PAIRS][i] - sent_ms[PAIRS][k] + 10);
    for (int p = 0; p < PAIRS; p++)
        for (int i = 1; i < sent[p]; i++) assert_true(sent_ms[p][i] - sent_ms[p][i - 1] >= 190);
    gate_free(server);
    for (int i = 0; i < PAIRS; i++) gate_free(pairs[i]);
    heap_fini(&openings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_is_one_and_what_fits_into_a_tick),
        cmocka_unit_test(a_quiet_hour_saves_nothing_up),
        cmocka_unit_test(a_new_limit_does_not_forgive_what_was_sent),
        cmocka_unit_test(those_who_wait_go_in_order),
        cmocka_unit_test(a_denial_goes_before_others_at_the_server),
        cmocka_unit_test(a_wait_at_the_server_does_not_bunch_a_pair),
        cmocka_unit_test(who_leaves_is_not_charged_and_holds_nobody_up),
        cmocka_unit_test(what_follows_in_a_run_goes_before_what_begins),
        cmocka_unit_test(no_window_of_time_holds_more_than_the_limits_allow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
