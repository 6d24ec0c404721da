/* The command that sends the same query; that it does is proven on the wire by the integration tests. */
#include "plan_story.h"

#include "dnspolicy/views/report.h"

#define CLIENTS_AND_RESOLVERS                                                                                          \
    "clients:\n"                                                                                                       \
    "  bound: {subnet: [127.66.0.0/16, \"::1/128\"], source: [127.66.6.6, \"::1\"]}\n"                                 \
    "  free: {subnet: 127.0.0.0/8}\n"                                                                                  \
    "resolvers:\n"                                                                                                     \
    "  ns1: {address: 127.0.0.53}\n"                                                                                   \
    "  ns6: {address: \"::1\", port: 5353}\n"                                                                          \
    "checks:\n"

static void assert_command(const char *check, const char *command)
{
    AUTO(mem_free_ptr) char *yaml = mem_printf("%s  - {name: a, expect: ANSWERED, %s}\n", CLIENTS_AND_RESOLVERS, check);
    AUTO(story_fini) struct story story = story_of_plan(yaml);
    AUTO(strbuf_fini) struct strbuf shown = {0};
    const struct outcome outcome = {.stamp = {.random = {0x9f, 0x31, 0xc0, 0xde, 0x77, 0xa1, 0x00, 0x5b}}};
    report_reproduce(&story.plan->probes[0], &outcome, &shown);
    assert_string_equal(strbuf_text(&shown), command);
}

static void assert_query(const char *query, const char *words)
{
    AUTO(mem_free_ptr) char *check = mem_printf("client: free, resolver: ns1, query: %s", query);
    AUTO(mem_free_ptr) char *command = mem_printf("dig @127.0.0.53 -p 53 %s", words);
    assert_command(check, command);
}

static void source_port_and_the_name_as_it_was_asked_are_told(void **state)
{
    (void)state;
    assert_command("client: bound, resolver: ns1, query: \"{random}.probe.example.net A\"",
                   "dig @127.0.0.53 -p 53 -b 127.66.6.6 +nsid +nocookie +noadflag "
                   "9f31c0de77a1005b.probe.example.net A");
    assert_command("client: bound, resolver: ns6, query: x.example A",
                   "dig @::1 -p 5353 -b ::1 +nsid +nocookie +noadflag x.example A");
}

static void what_is_not_digs_default_is_asked_for(void **state)
{
    (void)state;
    assert_command("client: free, resolver: ns1, query: x.example A, transport: tcp",
                   "dig @127.0.0.53 -p 53 +tcp +nsid +nocookie +noadflag x.example A");
    assert_query("{name: x.example, type: A, recursion_desired: false, checking_disabled: true, dnssec_ok: true}",
                 "+nsid +nocookie +noadflag +norecurse +cdflag +dnssec x.example A");
    assert_query("{name: x.example, type: A, bufsize: 4096, nsid: false}",
                 "+nocookie +noadflag +bufsize=4096 x.example A");
    assert_query("{name: x.example, type: A, edns: false}", "+nocookie +noadflag +noedns x.example A");
    assert_query("x.example ANY", "+notcp +nsid +nocookie +noadflag x.example ANY");
    assert_query("version.bind TXT CH", "+nsid +nocookie +noadflag version.bind TXT -c CH");
}

static void a_name_is_never_taken_for_anything_else(void **state)
{
    (void)state;
    assert_query("mx A", "+nsid +nocookie +noadflag -q mx A");
    assert_query("-x.example A", "+nsid +nocookie +noadflag -q -x.example A");
    assert_query("+short.example A", "+nsid +nocookie +noadflag -q +short.example A");
    assert_query("\"@x.example A\"", "+nsid +nocookie +noadflag -q '\\@x.example' A");
    assert_query(". NS", "+nsid +nocookie +noadflag . NS");
    assert_query("_dns.example TYPE65280", "+nsid +nocookie +noadflag _dns.example TYPE65280");
}

static void a_shell_reads_the_name_back_as_one_word(void **state)
{
    (void)state;
    assert_query("{name: \"it's$(x).example\", type: A}", "+nsid +nocookie +noadflag 'it'\\''s\\$\\(x\\).example' A");
    assert_query("{name: 'a\\.b.example', type: A}", "+nsid +nocookie +noadflag 'a\\.b.example' A");
}

static void without_an_outcome_the_name_still_looks_fresh(void **state)
{
    (void)state;
    AUTO(story_fini)
    struct story story = story_of_plan(CLIENTS_AND_RESOLVERS "  - {name: a, client: free, resolver: "
                                                             "ns1, query: \"{random}.example A\", expect: ANSWERED}\n");
    AUTO(strbuf_fini) struct strbuf shown = {0};
    char id[PLAN_ID_TEXT_SIZE];
    plan_format_id(story.plan->probes[0].id, id);
    AUTO(mem_free_ptr) char *command = mem_printf("dig @127.0.0.53 -p 53 +nsid +nocookie +noadflag %s.example A", id);
    report_reproduce(&story.plan->probes[0], NULL, &shown);
    assert_string_equal(strbuf_text(&shown), command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(source_port_and_the_name_as_it_was_asked_are_told),
        cmocka_unit_test(what_is_not_digs_default_is_asked_for),
        cmocka_unit_test(a_name_is_never_taken_for_anything_else),
        cmocka_unit_test(a_shell_reads_the_name_back_as_one_word),
        cmocka_unit_test(without_an_outcome_the_name_still_looks_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
