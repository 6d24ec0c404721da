/* What keeps within the limits, what it costs, and which checks prove less than they seem to. */
#include "plan_story.h"

#include <math.h>

#define PEOPLE                                                                                                         \
    "clients:\n  office: {subnet: 10.20.0.0/16}\n  home: {subnet: 10.30.0.0/16}\n"                                     \
    "resolvers:\n  ns1: {address: 192.0.2.1, zones: [corp.example]}\n  twin: {address: 192.0.2.1, port: 5300}\n"

static void a_server_is_asked_as_often_as_the_limit_allows_and_no_more(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story exact =
        story_of_plan("global: {max_qps_per_resolver: 3, timeout: 400ms}\n" PEOPLE "checks:\n"
                      "  - {name: a, client: '*', resolver: ns1, query: x.example, interval: 1s, expect: ANSWERED}\n"
                      "  - {name: b, client: office, resolver: twin, query: [x.example, y.example, z.example],\n"
                      "     interval: 3s, expect: ANSWERED}\n");
    assert_true(fabs(exact.plan->cost.queries_per_second - 3) < 1e-9);
    assert_refused(
        "global: {max_qps_per_resolver: 3, timeout: 400ms}\n" PEOPLE "checks:\n"
        "  - {name: b, client: office, resolver: twin, query: [x.example, y.example, z.example],\n"
        "     interval: 2s, expect: ANSWERED}\n"
        "  - {name: a, client: '*', resolver: ns1, query: x.example, interval: 1s, expect: ANSWERED}\n",
        "f:11:5: checks[1]: the probes of the resolver 'ns1' (192.0.2.1) send 3.5 queries per second, and "
        "max_qps_per_resolver is 3: an interval of 2s for all 5 of them would do (they belong to 2 checks, this "
        "one asks most)\n");
}

static void ten_thirds_are_no_more_than_their_sum(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan("global: {max_qps_per_resolver: 0.7, timeout: 1s}\n" PEOPLE "checks:\n"
                      "  - {name: a, client: office, resolver: ns1, interval: 10s, expect: ANSWERED,\n"
                      "     query: [a.example, b.example, c.example, d.example, e.example, f.example, g.example]}\n");
    assert_string_equal(strbuf_text(&story.told), "");
}

static void denials_are_paced_per_client_and_resolver(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story within = story_of_plan(
        "global: {timeout: 400ms}\n" PEOPLE "checks:\n"
        "  - {name: a, client: '*', resolver: [ns1, twin], interval: 1s, expect: REFUSED,\n"
        "     query: ['{random}.x.example', '{random}.y.example']}\n"
        "  - {name: b, client: office, resolver: ns1, query: corp.example, interval: 1s, expect: ANSWERED}\n");
    assert_string_equal(strbuf_text(&within.told), "");
    assert_refused(
        "global: {timeout: 400ms}\n" PEOPLE "checks:\n"
        "  - {name: a, client: '*', resolver: ns1, interval: 1s, expect: REFUSED,\n"
        "     query: ['{random}.x.example', '{random}.y.example']}\n"
        "  - {name: b, client: home, resolver: ns1, query: '{random}.z.example', interval: 10s,\n"
        "     expect: DENIED}\n",
        "f:9:5: checks[0]: the probes that expect the resolver 'ns1' to deny the client 'home' send 2.1 queries "
        "per second, and max_denied_qps is 2: an interval of 2s for all 3 of them would do (they belong to 2 "
        "checks, this one asks most)\n");
}

static void zero_is_no_limit(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan("global: {max_qps_per_resolver: 0, max_denied_qps: 0, timeout: 10ms}\n" PEOPLE "checks:\n"
                      "  - {name: a, client: '*', resolver: ns1, interval: 100ms, expect: REFUSED,\n"
                      "     query: ['{random}.a.example', '{random}.b.example', '{random}.c.example',\n"
                      "             '{random}.d.example', '{random}.e.example', '{random}.f.example']}\n");
    assert_int_equal((int)(story.plan->cost.queries_per_second + 0.5), 120);
    assert_string_equal(strbuf_text(&story.told), "");
}

/* Two probes under a limit of so many queries per second need an interval of 2 / limit. */
static void the_interval_needed_is_one_that_a_person_would_write(void **unused)
{
    (void)unused;
    static const struct {
        const char *limit, *advice;
    } cases[] = {
        {"19", "an interval of 200ms for all 2"},    {"1.9", "an interval of 2s for all 2"},
        {"0.1", "an interval of 20s for all 2"},     {"0.03", "an interval of 70s for all 2"},
        {"0.01", "an interval of 200s for all 2"},   {"0.003", "an interval of 12m for all 2"},
        {"0.0001", "an interval of 345m for all 2"}, {"0.00001", "even an interval of 24h would be too short"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(mem_free_ptr)
        char *yaml = mem_printf(
            "global: {max_qps_per_resolver: %s, timeout: 10ms}\n" PEOPLE
            "checks:\n  - {name: a, client: '*', resolver: ns1, query: x.example, interval: 100ms, expect: ANSWERED}\n",
            cases[i].limit);
        AUTO(story_fini) struct story story = story_begin(yaml);
        assert_null(story.plan);
        assert_told(&story, cases[i].advice);
    }
}

static void the_cost_names_the_busiest_server(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan("clients:\n  office: {subnet: 10.20.0.0/16}\n"
                      "resolvers:\n  calm: {address: 192.0.2.1}\n  busy: {address: 192.0.2.2}\n"
                      "checks:\n"
                      "  - {name: a, client: office, resolver: [calm, busy], query: x.example, interval: 8s,\n"
                      "     expect: ANSWERED}\n"
                      "  - {name: b, client: office, resolver: busy, query: x.example, interval: 16s,\n"
                      "     expect: ANSWERED}\n");
    const struct plan_cost *cost = &story.plan->cost;
    assert_true(fabs(cost->queries_per_second - 0.3125) < 1e-9);
    assert_true(fabs(cost->busiest_server_qps - 0.1875) < 1e-9);
    assert_int_equal(story.plan->servers[cost->busiest_server].address.bytes[3], 2);
}

static void sockets_at_worst_are_those_of_the_runs_that_overlap(void **unused)
{
    (void)unused;
    AUTO(strbuf_fini) struct strbuf yaml = {0};
    strbuf_puts(&yaml, "global: {timeout: 1s, attempts: 2}\nclients:\n");
    for (int i = 0; i < 200; i++) strbuf_addf(&yaml, "  c%d: {subnet: 10.0.%d.0/24}\n", i, i);
    strbuf_puts(&yaml, "resolvers:\n");
    for (int i = 0; i < 50; i++) strbuf_addf(&yaml, "  r%d: {address: 192.0.2.%d}\n", i, i + 1);
    strbuf_puts(&yaml,
                "checks:\n"
                "  - {name: a, client: '*', resolver: '*', query: x.example, interval: 20s, expect: ANSWERED}\n");
    AUTO(story_fini) struct story story = story_of_plan(strbuf_text(&yaml));
    /* 10,000 probes, each silent for 2 s of 20 s: 1,000 on average, with a standard deviation of 30. */
    assert_int_equal(story.plan->probe_count, 10000);
    assert_int_equal(story.plan->cost.sockets_at_worst, 1120);
}

static void a_transfer_costs_two_queries_a_run(void **unused)
{
    (void)unused;
#define TRANSFERS                                                                                                      \
    PEOPLE                                                                                                             \
    "checks:\n  - {name: a, client: home, resolver: ns1, query: corp.example IXFR, transport: tcp, interval: 1s, "     \
    "expect: ANSWERED}\n"
    AUTO(story_fini)
    struct story story = story_of_plan("global: {max_qps_per_resolver: 2, timeout: 700ms}\n" TRANSFERS);
    assert_true(fabs(story.plan->cost.queries_per_second - 2) < 1e-9);
    assert_refused("global: {max_qps_per_resolver: 1.5, timeout: 700ms}\n" TRANSFERS,
                   "f:9:5: checks[0]: the probes of the resolver 'ns1' (192.0.2.1) send 2 queries per second, and "
                   "max_qps_per_resolver is 1.5: an interval of 2s would do\n");
}

static void a_policy_keeps_within_the_limits_like_a_check(void **unused)
{
    (void)unused;
    assert_refused("global: {timeout: 400ms, max_denied_qps: 1}\n" PEOPLE "policies:\n"
                   "  - {name: guests, operation: recursion, resolver: ns1, query: '{random}.example', allow: office,\n"
                   "     transport: [tcp, tls], interval: 1s}\n",
                   "f:9:5: policies[0]: the probes that expect the resolver 'ns1' to deny the client 'home' send 2 "
                   "queries per second, and max_denied_qps is 1: an interval of 2s for all 2 of them would do\n");
    assert_refused("global: {timeout: 400ms, max_qps_per_resolver: 3}\n" PEOPLE "policies:\n"
                   "  - {name: guests, operation: recursion, resolver: ns1, query: '{random}.example', allow: office,\n"
                   "     transport: [udp, tcp], interval: 1s}\n",
                   "f:9:5: policies[0]: the probes of the resolver 'ns1' (192.0.2.1) send 4 queries per second, and "
                   "max_qps_per_resolver is 3: an interval of 2s for all 4 of them would do\n");
    assert_refused(
        "global: {timeout: 400ms, max_qps_per_resolver: 3}\n" PEOPLE "policies:\n"
        "  - {name: guests, operation: recursion, resolver: ns1, query: '{random}.example', allow: office,\n"
        "     transport: tcp, interval: 1s}\n"
        "checks:\n"
        "  - {name: a, client: [office, home], resolver: ns1, query: corp.example, transport: tcp, interval: 1s,\n"
        "     expect: ANSWERED}\n",
        "f:12:5: checks[0]: the probes of the resolver 'ns1' (192.0.2.1) send 4 queries per second, and "
        "max_qps_per_resolver is 3: an interval of 2s for all 4 of them would do (they belong to 2 checks "
        "and policies, this one asks most)\n");
}

static void a_connection_that_is_kept_is_a_socket_all_the_time(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan("global: {interval: 1h, max_denied_qps: 0}\n" PEOPLE
                      "checks:\n  - {name: a, client: '*', resolver: ns1, query: [a.corp.example, b.corp.example],\n"
                      "     transport: [udp, tcp], reuse_connection: true, expect: ANSWERED}\n");
    assert_int_equal(story.plan->probe_count, 8);
    assert_true(story.plan->cost.sockets_at_worst >= 4 && story.plan->cost.sockets_at_worst < 8);
}

static void one_port_serves_one_kind_of_connection(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story = story_of_plan(
        PEOPLE
        "checks:\n"
        "  - {name: a, client: home, resolver: [ns1, twin], query: x.example, transport: [udp, tcp], expect: "
        "ANSWERED}\n"
        "  - {name: b, client: home, resolver: [ns1, twin], query: x.example, transport: tls, expect: ANSWERED}\n");
    assert_string_equal(
        strbuf_text(&story.told),
        "f:6:3: resolvers.twin.port: warning: port 5300 is asked over tcp and tls, and a server can "
        "hardly offer them on one port: without `port` each transport has its own; else make a resolver "
        "for each\n");
    AUTO(story_fini)
    struct story apart = story_of_plan(
        PEOPLE
        "checks:\n  - {name: b, client: home, resolver: twin, query: x.example, transport: [udp, https], expect: "
        "ANSWERED}\n");
    assert_string_equal(strbuf_text(&apart.told), "");
}

static void a_denial_of_recursion_for_a_fixed_name_may_meet_a_cache(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan(PEOPLE "checks:\n"
                             "  - {name: a, client: '*', resolver: '*', transport: [udp, tcp], expect: DENIED,\n"
                             "     query: ['{random}.x.example', y.example, z.example]}\n");
    assert_int_equal(story.problems.warnings, 1);
    assert_told(&story,
                "f:9:36: checks[0].query[1]: warning: without {random} in the name 'y.example' a cache may answer");
}

static void no_warning_where_a_denial_is_beyond_doubt_or_none_is_expected(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story = story_of_plan(
        PEOPLE "checks:\n"
               "  - {name: own-zone, client: home, resolver: ns1, query: www.corp.example, expect: REFUSED}\n"
               "  - {name: own-zone-without-rd, client: home, resolver: ns1, expect: REFUSED,\n"
               "     query: {name: mail.corp.example, recursion_desired: false}}\n"
               "  - {name: chaos, client: home, resolver: ns1, query: version.bind TXT CH, expect: REFUSED}\n"
               "  - {name: fresh, client: home, resolver: ns1, query: '{random}.example', expect: REFUSED}\n"
               "  - {name: open, client: home, resolver: ns1, query: example.net, expect: ANSWERED}\n");
    assert_string_equal(strbuf_text(&story.told), "");
}

static void a_limit_may_be_too_tight_for_what_follows_in_a_run(void **unused)
{
    (void)unused;
#define TIGHT                                                                                                          \
    "global: {max_denied_qps: 0.1, timeout: 2s, interval: 1h}\n" PEOPLE                                                \
    "checks:\n  - {name: a, client: home, resolver: ns1, query: '{random}.example', expect: REFUSED"
    AUTO(story_fini) struct story tight = story_of_plan(TIGHT "}\n");
    assert_string_equal(
        strbuf_text(&tight.told),
        "f:9:5: checks[0]: warning: max_denied_qps of 0.1 lets a query go every 10s, and a run of 2s × 2 "
        "attempts ends before: silence is believed after fewer than 2, and a truncated reply may stay "
        "unjudged for want of a retry over tcp; a timeout above 5s would do\n");
    AUTO(story_fini) struct story once = story_of_plan(TIGHT ", attempts: 1}\n");
    assert_told(&once,
                "and a run of 2s ends before: a truncated reply may stay unjudged for want of a retry over tcp; a "
                "timeout above 10s would do");
    AUTO(story_fini) struct story patient = story_of_plan(TIGHT ", timeout: 5001ms}\n");
    assert_string_equal(strbuf_text(&patient.told), "");
    AUTO(story_fini) struct story many = story_of_plan(TIGHT ", timeout: 7500ms, attempts: 4}\n");
    assert_told(&many, "silence is believed after fewer than 4");
    AUTO(story_fini) struct story tcp = story_of_plan(TIGHT ", transport: tcp}\n");
    assert_string_equal(strbuf_text(&tcp.told), "");
    AUTO(story_fini)
    struct story both = story_of_plan("global: {max_qps_per_resolver: 0.1, timeout: 2s, interval: 1h}\n" PEOPLE
                                      "policies:\n  - {name: a, operation: recursion, resolver: ns1, query: "
                                      "'{random}.example', allow: home}\n");
    assert_int_equal(both.problems.warnings, 1);
    assert_told(&both, "f:9:5: policies[0]: warning: max_qps_per_resolver of 0.1 lets a query go every 10s");
}

static void a_transfer_needs_time_for_the_query_before_it(void **unused)
{
    (void)unused;
#define TRANSFER                                                                                                       \
    PEOPLE "checks:\n  - {name: a, client: home, resolver: ns1, query: corp.example IXFR, expect: DENIED, timeout: "
    AUTO(story_fini) struct story hasty = story_of_plan(TRANSFER "300ms}\n");
    assert_told(&hasty,
                "checks[0]: warning: max_denied_qps of 2 lets a query go every 0.5s, so a transfer cannot follow "
                "its SOA query within the timeout of 300ms and will never be judged; a longer timeout would do");
    AUTO(story_fini) struct story patient = story_of_plan(TRANSFER "501ms}\n");
    assert_string_equal(strbuf_text(&patient.told), "");
}

static void silence_needs_another_probe_of_the_same_endpoint_that_may_be_answered(void **unused)
{
    (void)unused;
    const char *silent = PEOPLE "checks:\n"
                                "  - {name: drop, client: '*', resolver: ns1, query: '{random}.example', expect: "
                                "NO_RESPONSE}\n"
                                "  - {name: drop-too, client: home, resolver: ns1, query: '{random}.example', expect: "
                                "NO_RESPONSE}\n";
    AUTO(story_fini) struct story alone = story_of_plan(silent);
    assert_int_equal(alone.problems.warnings, 2);
    assert_told(&alone, "f:8:5: checks[0]: warning: silence is expected of the resolver 'ns1', and no other probe that "
                        "expects a reply asks 192.0.2.1:53 over udp: nothing can vouch that the server is alive, and "
                        "silence will be called no_response\n");
    assert_told(&alone, "f:9:5: checks[1]: warning: silence");

    AUTO(mem_free_ptr)
    char *elsewhere =
        mem_printf("%s  - {name: b, client: home, resolver: twin, query: x.example, expect: ANSWERED}\n"
                   "  - {name: c, client: home, resolver: ns1, transport: tcp, query: x.example, expect: ANSWERED}\n",
                   silent);
    AUTO(story_fini) struct story others = story_of_plan(elsewhere);
    assert_int_equal(others.problems.warnings, 2);

    AUTO(mem_free_ptr)
    char *here = mem_printf(
        "%s  - {name: b, client: office, resolver: ns1, query: '{random}.example', expect: DENIED}\n", silent);
    AUTO(story_fini) struct story vouched = story_of_plan(here);
    assert_string_equal(strbuf_text(&vouched.told), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_is_asked_as_often_as_the_limit_allows_and_no_more),
        cmocka_unit_test(a_transfer_needs_time_for_the_query_before_it),
        cmocka_unit_test(ten_thirds_are_no_more_than_their_sum),
        cmocka_unit_test(denials_are_paced_per_client_and_resolver),
        cmocka_unit_test(zero_is_no_limit),
        cmocka_unit_test(the_interval_needed_is_one_that_a_person_would_write),
        cmocka_unit_test(the_cost_names_the_busiest_server),
        cmocka_unit_test(sockets_at_worst_are_those_of_the_runs_that_overlap),
        cmocka_unit_test(a_transfer_costs_two_queries_a_run),
        cmocka_unit_test(a_policy_keeps_within_the_limits_like_a_check),
        cmocka_unit_test(a_connection_that_is_kept_is_a_socket_all_the_time),
        cmocka_unit_test(one_port_serves_one_kind_of_connection),
        cmocka_unit_test(a_denial_of_recursion_for_a_fixed_name_may_meet_a_cache),
        cmocka_unit_test(no_warning_where_a_denial_is_beyond_doubt_or_none_is_expected),
        cmocka_unit_test(a_limit_may_be_too_tight_for_what_follows_in_a_run),
        cmocka_unit_test(silence_needs_another_probe_of_the_same_endpoint_that_may_be_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
