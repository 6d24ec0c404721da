/* What a reload changes. */
#include "plan_story.h"

#define PEOPLE                                                                                                         \
    "clients:\n  office: {subnet: 10.20.0.0/16}\n  home: {subnet: 10.30.0.0/16}\n"                                     \
    "resolvers:\n  ns1: {address: 192.0.2.1}\n"

static void everything_is_added_by_the_first_plan(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story next = story_of_plan(
        PEOPLE "checks:\n  - {name: a, client: '*', resolver: ns1, query: x.example, expect: ANSWERED}\n");
    struct plan_diff diff;
    plan_diff_init(&diff, NULL, next.plan);
    assert_int_equal(diff.added_count, 2);
    assert_int_equal(diff.unchanged_count + diff.changed_count + diff.removed_count, 0);
    assert_int_equal(diff.previous[0], PLAN_NONE);
    assert_false(diff.is_unchanged[0]);
    plan_diff_fini(&diff);
}

static void a_reload_of_the_same_file_changes_nothing(void **unused)
{
    (void)unused;
    const char *yaml =
        PEOPLE "checks:\n  - {name: a, client: '*', resolver: ns1, query: x.example, expect: ANSWERED}\n";
    AUTO(story_fini) struct story previous = story_of_plan(yaml);
    AUTO(story_fini) struct story next = story_of_plan(yaml);
    struct plan_diff diff;
    plan_diff_init(&diff, previous.plan, next.plan);
    assert_int_equal(diff.unchanged_count, 2);
    assert_int_equal(diff.changed_count + diff.added_count + diff.removed_count, 0);
    plan_diff_fini(&diff);
}

static void probes_that_stay_change_come_and_go_are_told_apart(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story previous = story_of_plan(
        PEOPLE "checks:\n"
               "  - {name: goes, client: home, resolver: ns1, query: [x.example, y.example], expect: ANSWERED}\n"
               "  - {name: stays, client: home, resolver: ns1, query: x.example, expect: ANSWERED}\n"
               "  - {name: changes, client: home, resolver: ns1, query: x.example, expect: ANSWERED}\n");
    AUTO(story_fini)
    struct story next = story_of_plan(
        PEOPLE "checks:\n"
               "  - {name: changes, client: home, resolver: ns1, query: x.example, expect: NXDOMAIN}\n"
               "  - {name: comes, client: home, resolver: ns1, query: x.example, expect: ANSWERED}\n"
               "  - {name: stays, client: '*', resolver: ns1, query: x.example, severity: page, expect: ANSWERED}\n");
    struct plan_diff diff;
    plan_diff_init(&diff, previous.plan, next.plan);
    const uint32_t expected[] = {3, PLAN_NONE, PLAN_NONE, 2}; /* changes, comes, stays of office, stays of home */
    const bool is_unchanged[] = {false, false, false, true};
    assert_int_equal(next.plan->probe_count, ARRAY_LEN(expected));
    for (uint32_t i = 0; i < ARRAY_LEN(expected); i++) {
        assert_int_equal(diff.previous[i], expected[i]);
        assert_int_equal(diff.is_unchanged[i], is_unchanged[i]);
    }
    assert_int_equal(diff.unchanged_count, 1);
    assert_int_equal(diff.changed_count, 1);
    assert_int_equal(diff.added_count, 2);
    assert_int_equal(diff.removed_count, 2);
    plan_diff_fini(&diff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_added_by_the_first_plan),
        cmocka_unit_test(a_reload_of_the_same_file_changes_nothing),
        cmocka_unit_test(probes_that_stay_change_come_and_go_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
