/* Policies that cannot hold beside a check, or beside one another. */
#include "plan_story.h"

#define PEOPLE                                                                                                         \
    "clients:\n"                                                                                                       \
    "  office: {subnet: 10.20.0.0/16}\n"                                                                               \
    "  home: {subnet: 10.30.0.0/16}\n"                                                                                 \
    "resolvers:\n"                                                                                                     \
    "  ns1: {address: 192.0.2.1, zones: [corp.example]}\n"                                                             \
    "  ns2: {address: 192.0.2.2, zones: [corp.example]}\n"
#define OFFICE_MAY_RECURSE                                                                                             \
    "policies:\n"                                                                                                      \
    "  - {name: recursion, operation: recursion, resolver: ns1, query: '{random}.probe.example A', allow: office}\n"
#define NOBODY_MAY_TRANSFER                                                                                            \
    "policies:\n"                                                                                                      \
    "  - {name: transfers, operation: transfer, resolver: ns1, zone: corp.example, allow: []}\n"

static void assert_nothing_told(const char *yaml)
{
    AUTO(story_fini) struct story story = story_of_plan(yaml);
    assert_string_equal(strbuf_text(&story.told), "");
}

static void a_check_may_say_what_a_policy_says(void **unused)
{
    (void)unused;
    assert_nothing_told(
        PEOPLE OFFICE_MAY_RECURSE
        "checks:\n"
        "  - {name: a, client: office, resolver: ns1, query: '{random}.probe.example A', expect: NOERROR}\n"
        "  - {name: b, client: home, resolver: ns1, query: '{random}.probe.example A', expect: REFUSED}\n"
        "  - {name: c, client: home, resolver: ns1, query: 'www.corp.example A', expect: ANSWERED}\n");
}

static void a_check_that_answers_what_a_policy_denies_is_an_error_at_the_check(void **unused)
{
    (void)unused;
    assert_refused(
        PEOPLE OFFICE_MAY_RECURSE
        "checks:\n"
        "  - {name: a, client: home, resolver: ns1, query: '{random}.probe.example A', expect: ANSWERED}\n",
        "f:10:5: checks[0]: the check 'a' expects the resolver 'ns1' to answer the client 'home' "
        "('{random}.probe.example A' over udp), and the policy 'recursion' at line 8, column 5 expects it to "
        "deny that client ('{random}.probe.example A'): both cannot hold\n");
}

static void a_check_that_denies_what_a_policy_allows_is_one_too(void **unused)
{
    (void)unused;
    assert_refused(
        PEOPLE OFFICE_MAY_RECURSE
        "checks:\n"
        "  - {name: a, client: office, resolver: ns1, query: '{random}.probe.example A', expect: DENIED}\n",
        "f:10:5: checks[0]: the check 'a' expects the resolver 'ns1' to deny the client 'office' "
        "('{random}.probe.example A' over udp), and the policy 'recursion' at line 8, column 5 expects it to "
        "answer that client ('{random}.probe.example A'): both cannot hold\n");
}

static void only_recursion_answers_a_fresh_name_of_others(void **unused)
{
    (void)unused;
    assert_refused(
        PEOPLE OFFICE_MAY_RECURSE
        "checks:\n"
        "  - {name: a, client: home, resolver: ns1, query: '{random}.example.net AAAA', expect: NOERROR}\n",
        "f:10:5: checks[0]: the check 'a' expects the resolver 'ns1' to answer the client 'home' "
        "('{random}.example.net AAAA' over udp), and the policy 'recursion' at line 8, column 5 expects it to "
        "deny that client ('{random}.probe.example A'), and only recursion can answer a {random} name outside "
        "the resolver's zones: both cannot hold\n");
    assert_nothing_told(
        PEOPLE OFFICE_MAY_RECURSE
        "checks:\n"
        "  - {name: cached, client: home, resolver: ns1, query: www.example.net A, expect: ANSWERED}\n"
        "  - {name: own-zone, client: home, resolver: ns1, query: '{random}.corp.example A', expect: ANSWERED}\n"
        "  - {name: hidden, client: office, resolver: ns1, query: '{random}.example.net A', expect: DENIED}\n"
        "  - name: not-recursive\n"
        "    client: home\n"
        "    resolver: ns1\n"
        "    query: {name: '{random}.example.net', recursion_desired: false}\n"
        "    expect: ANSWERED\n");
}

static void another_client_resolver_transport_or_question_is_another_matter(void **unused)
{
    (void)unused;
    assert_nothing_told(
        PEOPLE "policies:\n"
               "  - {name: guests, operation: query, resolver: ns1, query: intra.corp.example A, allow: office}\n"
               "checks:\n"
               "  - {name: a, client: office, resolver: ns1, query: intra.corp.example A, expect: ANSWERED}\n"
               "  - {name: b, client: home, resolver: ns2, query: intra.corp.example A, expect: ANSWERED}\n"
               "  - {name: c, client: home, resolver: ns1, query: intra.corp.example A, transport: tcp, expect: "
               "ANSWERED}\n"
               "  - {name: d, client: home, resolver: ns1, query: intra.corp.example AAAA, expect: ANSWERED}\n"
               "  - {name: e, client: home, resolver: ns1, query: www.corp.example A, expect: ANSWERED}\n"
               "  - name: f\n"
               "    client: home\n"
               "    resolver: ns1\n"
               "    query: {name: intra.corp.example, recursion_desired: false}\n"
               "    expect: ANSWERED\n");
}

static void who_takes_an_answer_or_a_denial_contradicts_nobody(void **unused)
{
    (void)unused;
    assert_nothing_told(PEOPLE OFFICE_MAY_RECURSE
                        "checks:\n"
                        "  - {name: a, client: '*', resolver: ns1, expect: [NOERROR, REFUSED],\n"
                        "     query: '{random}.probe.example A'}\n");
}

static void a_name_that_is_not_there_is_an_answer_unless_the_denied_get_it_too(void **unused)
{
    (void)unused;
    const char *check =
        "checks:\n"
        "  - {name: a, client: home, resolver: ns1, query: '{random}.probe.example A', expect: NXDOMAIN}\n";
    AUTO(mem_free_ptr) char *refused = mem_printf("%s%s", PEOPLE OFFICE_MAY_RECURSE, check);
    AUTO(story_fini) struct story story = story_begin(refused);
    assert_null(story.plan);
    assert_int_equal(story.problems.errors, 1);
    AUTO(mem_free_ptr)
    char *hidden = mem_printf("%s     deny_with: [REFUSED, NXDOMAIN]}\n%s",
                              PEOPLE "policies:\n"
                                     "  - {name: recursion, operation: recursion, resolver: ns1, allow: office,\n"
                                     "     query: '{random}.probe.example A',\n",
                              check);
    assert_nothing_told(hidden);
}

static void a_referral_takes_no_recursion(void **unused)
{
    (void)unused;
    assert_nothing_told(PEOPLE OFFICE_MAY_RECURSE
                        "checks:\n"
                        "  - {name: a, client: home, resolver: ns1, query: '{random}.example.net A',\n"
                        "     expect: {rcode: NOERROR, answer: {max: 0}}}\n");
}

static void full_and_incremental_transfers_are_one_permission(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < 2; i++) {
        AUTO(mem_free_ptr)
        char *yaml = mem_printf("%schecks:\n  - {name: a, client: home, resolver: ns1, query: corp.example %s, "
                                "transport: tcp, expect: ANSWERED}\n",
                                PEOPLE NOBODY_MAY_TRANSFER, i ? "IXFR" : "AXFR");
        AUTO(story_fini) struct story story = story_begin(yaml);
        assert_null(story.plan);
        assert_int_equal(story.problems.errors, 1);
        assert_told(&story, "and the policy 'transfers' at line 8, column 5 expects it to deny that client");
    }
    AUTO(story_fini)
    struct story soa = story_of_plan(
        PEOPLE NOBODY_MAY_TRANSFER
        "checks:\n"
        "  - {name: a, client: home, resolver: ns1, query: corp.example SOA, transport: tcp, expect: ANSWERED}\n");
    assert_int_equal(soa.problems.errors, 0);
}

static void of_two_policies_the_later_one_is_told(void **unused)
{
    (void)unused;
    assert_refused(
        PEOPLE OFFICE_MAY_RECURSE
        "  - {name: other, operation: recursion, resolver: ns1, query: '{random}.example.net A', allow: '*'}\n",
        "f:9:5: policies[1]: the policy 'other' expects the resolver 'ns1' to answer the client 'home' "
        "('{random}.example.net A' over udp), and the policy 'recursion' at line 8, column 5 expects it to deny that "
        "client ('{random}.probe.example A'), and only recursion can answer a {random} name outside the resolver's "
        "zones: both cannot hold\n");
    assert_refused(
        PEOPLE "policies:\n"
               "  - {name: all, operation: query, resolver: '*', query: x.corp.example A, allow: '*'}\n"
               "  - {name: few, operation: query, resolver: ns1, query: x.corp.example A, allow: office}\n",
        "f:9:5: policies[1]: the policy 'few' expects the resolver 'ns1' to deny the client 'home' ('x.corp.example A' "
        "over udp), and the policy 'all' at line 8, column 5 expects it to answer that client ('x.corp.example A'): "
        "both cannot hold\n");
}

static void many_contradictions_of_the_same_two_are_one_error(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story = story_begin(
        PEOPLE "policies:\n"
               "  - {name: none, operation: query, resolver: '*', query: x.corp.example A}\n"
               "checks:\n"
               "  - {name: a, client: '*', resolver: '*', query: [w.corp.example A, x.corp.example A], expect: "
               "ANSWERED}\n"
               "  - {name: b, client: home, resolver: ns2, query: x.corp.example A, expect: ANSWERED}\n");
    assert_null(story.plan);
    assert_int_equal(story.problems.errors, 2);
    assert_told(&story, "f:10:5: checks[0]: ");
    assert_told(&story, "f:11:5: checks[1]: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_may_say_what_a_policy_says),
        cmocka_unit_test(a_check_that_answers_what_a_policy_denies_is_an_error_at_the_check),
        cmocka_unit_test(a_check_that_denies_what_a_policy_allows_is_one_too),
        cmocka_unit_test(only_recursion_answers_a_fresh_name_of_others),
        cmocka_unit_test(another_client_resolver_transport_or_question_is_another_matter),
        cmocka_unit_test(who_takes_an_answer_or_a_denial_contradicts_nobody),
        cmocka_unit_test(a_name_that_is_not_there_is_an_answer_unless_the_denied_get_it_too),
        cmocka_unit_test(a_referral_takes_no_recursion),
        cmocka_unit_test(full_and_incremental_transfers_are_one_permission),
        cmocka_unit_test(of_two_policies_the_later_one_is_told),
        cmocka_unit_test(many_contradictions_of_the_same_two_are_one_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
