/* Which lane runs which server. */
#include "plan_story.h"

#include "dnspolicy/probe/placement.h"

#define CLIENT "clients:\n  office: {subnet: 10.20.0.0/16}\n"

static void free_placement(struct placement **placement) { placement_free(*placement); }

static unsigned lane_of(const struct placement *placement, const struct plan *plan, const char *resolver)
{
    for (uint32_t i = 0; i < plan->probe_count; i++)
        if (strcmp(plan->probes[i].resolver->name, resolver) == 0) return placement_lane(placement, &plan->probes[i]);
    fail_msg("no probe of %s", resolver);
    return LANES_MAX;
}

static void two_ports_of_one_address_share_a_lane(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story = story_of_plan(
        CLIENT
        "resolvers:\n  a: {address: 192.0.2.1}\n  b: {address: 192.0.2.1, port: 5353}\n  c: {address: 192.0.2.2}\n"
        "checks:\n  - {name: x, client: '*', resolver: '*', query: x.example, expect: ANSWERED}\n");
    AUTO(free_placement) struct placement *placement = placement_new(story.plan, 2, NULL, NULL);
    assert_int_equal(lane_of(placement, story.plan, "a"), lane_of(placement, story.plan, "b"));
    assert_int_not_equal(lane_of(placement, story.plan, "a"), lane_of(placement, story.plan, "c"));
}

static void a_busy_server_gets_a_lane_of_its_own(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story = story_of_plan(
        CLIENT "resolvers:\n  a: {address: 192.0.2.1}\n  b: {address: 192.0.2.2}\n  busy: {address: 192.0.2.3}\n"
               "checks:\n"
               "  - {name: x, client: '*', resolver: [a, b], query: x.example, expect: ANSWERED}\n"
               "  - {name: y, client: '*', resolver: busy, query: x.example, expect: ANSWERED, interval: 5s}\n");
    AUTO(free_placement) struct placement *placement = placement_new(story.plan, 2, NULL, NULL);
    assert_int_equal(lane_of(placement, story.plan, "a"), lane_of(placement, story.plan, "b"));
    assert_int_not_equal(lane_of(placement, story.plan, "a"), lane_of(placement, story.plan, "busy"));
}

static void a_server_stays_on_its_lane_when_others_come_and_go(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story before = story_of_plan(
        CLIENT "resolvers:\n  a: {address: 192.0.2.1}\n  b: {address: 192.0.2.2}\n"
               "checks:\n  - {name: x, client: '*', resolver: '*', query: x.example, expect: ANSWERED}\n");
    AUTO(story_fini)
    struct story after = story_of_plan(
        CLIENT "resolvers:\n  z: {address: 192.0.2.9}\n  b: {address: 192.0.2.2}\n  renamed: {address: 192.0.2.1}\n"
               "checks:\n  - {name: x, client: '*', resolver: '*', query: x.example, expect: ANSWERED}\n");
    AUTO(free_placement) struct placement *old = placement_new(before.plan, 2, NULL, NULL);
    AUTO(free_placement) struct placement *next = placement_new(after.plan, 2, before.plan, old);
    assert_int_equal(lane_of(next, after.plan, "b"), lane_of(old, before.plan, "b"));
    assert_int_equal(lane_of(next, after.plan, "renamed"), lane_of(old, before.plan, "a"));
}

static void a_lane_that_is_no_more_gives_up_its_servers(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story = story_of_plan(
        CLIENT "resolvers:\n  a: {address: 192.0.2.1}\n  b: {address: 192.0.2.2}\n  c: {address: 192.0.2.3}\n"
               "checks:\n  - {name: x, client: '*', resolver: '*', query: x.example, expect: ANSWERED}\n");
    AUTO(free_placement) struct placement *old = placement_new(story.plan, 3, NULL, NULL);
    AUTO(free_placement) struct placement *next = placement_new(story.plan, 1, story.plan, old);
    for (uint32_t i = 0; i < story.plan->server_count; i++) assert_int_equal(next->lane_of_server[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_ports_of_one_address_share_a_lane),
        cmocka_unit_test(a_busy_server_gets_a_lane_of_its_own),
        cmocka_unit_test(a_server_stays_on_its_lane_when_others_come_and_go),
        cmocka_unit_test(a_lane_that_is_no_more_gives_up_its_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
