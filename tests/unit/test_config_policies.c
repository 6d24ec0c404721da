/* Guest lists: who may, who is denied, and the two checks that each comes to. */
#include "config_lines.h"

/* Eight lines before the policies. */
#define BEFORE                                                                                                         \
    "clients:\n  office: {subnet: 192.0.2.0/24}\n  vpn: {subnet: 198.51.100.0/24}\n  guest: {subnet: "                 \
    "203.0.113.0/24}\n"                                                                                                \
    "resolvers:\n  ns1: {address: 192.0.2.53, group: corp, zones: [corp.example]}\n  ns2: {address: 192.0.2.54}\n"
#define FILE_WITH_POLICIES(policies) BEFORE "policies:\n" policies "\n"
#define RECURSION(parts)                                                                                               \
    FILE_WITH_POLICIES("  - {name: p, operation: recursion, resolver: ns1, query: \"{random}.example.net\", " parts "}")
#define POLICY(operation, parts)                                                                                       \
    FILE_WITH_POLICIES("  - {name: p, operation: " operation ", resolver: ns1, allow: office, " parts "}")

static void assert_clients(const struct config_check *check, const char *expected)
{
    AUTO(strbuf_fini) struct strbuf names = {0};
    for (size_t i = 0; check && i < check->client_count; i++)
        strbuf_addf(&names, "%s%s%s", i ? " " : "", check->clients[i].client->name,
                    check->clients[i].by_wildcard ? "*" : "");
    assert_string_equal(strbuf_text(&names), expected);
}

static void assert_sides(const char *text, const char *allowed, const char *denied)
{
    AUTO(config_unref_ptr) struct config *config = assert_good(text);
    assert_clients(config->policies[0].allowed, allowed);
    assert_clients(config->policies[0].denied, denied);
    assert_int_equal(config->check_count, (allowed[0] ? 1 : 0) + (denied[0] ? 1 : 0));
}

static void a_guest_list_comes_to_two_checks_of_its_name(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config =
        assert_good(RECURSION("allow: [office, vpn], deny_with: [REFUSED, NO_RESPONSE], severity: page, interval: 10s, "
                              "timeout: 1s, attempts: "
                              "3, transport: [udp, tls], description: why, reuse_connection: true"));
    const struct config_policy *policy = &config->policies[0];
    assert_int_equal(config->policy_count, 1);
    assert_int_equal(config->check_count, 2);
    assert_ptr_equal(policy->allowed, &config->checks[0]);
    assert_ptr_equal(policy->denied, &config->checks[1]);
    assert_int_equal(policy->operation, POLICY_RECURSION);
    assert_string_equal(policy->path, "policies[0]");
    assert_string_equal(policy->name, "p");
    assert_string_equal(policy->description, "why");
    assert_int_equal(policy->place.line, 9);
    for (size_t i = 0; i < 2; i++) {
        const struct config_check *check = &config->checks[i];
        assert_ptr_equal(check->policy, policy);
        assert_string_equal(check->name, "p");
        assert_string_equal(check->path, "policies[0]");
        assert_string_equal(check->severity, "page");
        assert_int_equal(check->index, i);
        assert_int_equal(check->interval_ns, 10 * NS_PER_SEC);
        assert_int_equal(check->attempts, 3);
        assert_int_equal(check->transports, 1u << TRANSPORT_UDP | 1u << TRANSPORT_TLS);
        assert_true(check->reuse_connection);
        assert_string_equal(check->queries[0].question.name, "{random}.example.net");
        assert_string_equal(check->resolvers[0].resolver->name, "ns1");
    }
    assert_int_equal(policy->allowed->expect.words, EXPECT_ANSWERED);
    assert_string_equal(policy->allowed->expect.rcode_texts[0], "ANSWERED");
    assert_null(policy->allowed->expect.rcode_texts[1]);
    assert_int_equal(policy->denied->expect.words, EXPECT_NO_RESPONSE);
    assert_int_equal(policy->denied->expect.rcodes[0], DNS_RCODE_REFUSED);
}

static void whoever_is_not_on_the_list_is_denied(void **state)
{
    (void)state;
    assert_sides(RECURSION("allow: [office, vpn]"), "office vpn", "guest*");
    assert_sides(RECURSION("allow: [office, vpn], deny: \"*\""), "office vpn", "guest*");
    assert_sides(RECURSION("allow: vpn, deny: guest"), "vpn", "guest");
    assert_sides(RECURSION("allow: vpn, deny: []"), "vpn", "");
    assert_sides(RECURSION("allow: \"*\""), "office* vpn* guest*", "");
    assert_sides(RECURSION("allow: \"*\", deny: guest"), "office* vpn*", "guest");
    assert_sides(RECURSION("allow: []"), "", "office* vpn* guest*");
    assert_sides(RECURSION("deny: [\"*\", vpn]"), "", "office* vpn guest*");
}

static void a_client_cannot_be_on_both_sides(void **state)
{
    (void)state;
    assert_lines(RECURSION("allow: [office, vpn], deny: [guest, vpn]"),
                 "f:9:119: policies[0].deny: the client 'vpn' is denied here and allowed at 9:99");
    assert_lines(RECURSION("allow: [], deny: []"),
                 "f:9:5: policies[0]: nobody is allowed and nobody is denied: nothing is asked");
    assert_lines(RECURSION("allow: ofice"),
                 "f:9:90: policies[0].allow: unknown client 'ofice'; did you mean 'office'?");
}

static void the_denied_get_a_denial(void **state)
{
    (void)state;
    AUTO(config_unref_ptr) struct config *plain = assert_good(RECURSION("allow: office"));
    assert_int_equal(plain->policies[0].denied->expect.words, EXPECT_DENIED);
    AUTO(config_unref_ptr)
    struct config *full = assert_good(RECURSION("deny_with: {rcode: REFUSED, ede: 18, nsid: \"^ns\"}"));
    assert_int_equal(full->policies[0].denied->expect.ede[0], 18);
    assert_int_equal(full->policies[0].denied->expect.words, 0);
    assert_lines(
        RECURSION("deny_with: [REFUSED, NOERROR]"),
        "f:9:94: policies[0].deny_with: 'deny_with' is no denial: REFUSED, NOTAUTH, NO_RESPONSE or DENIED, and "
        "neither NOERROR nor ANSWERED, is expected");
    assert_lines(RECURSION("deny_with: REFUSD"),
                 "f:9:94: policies[0].deny_with: unknown rcode 'REFUSD'; did you mean 'REFUSED'?");
    assert_lines(RECURSION("allow: \"*\", deny_with: {rcode: REFUSED, nsid: \"^ns\"}"), "");
}

static void recursion_is_about_names_that_are_not_the_servers_own(void **state)
{
    (void)state;
    assert_lines(
        POLICY("recursion", "query: \"{random}.Corp.example\""),
        "f:9:74: policies[0].query: '{random}.corp.example' is in the zone 'corp.example' of the resolver 'ns1': "
        "its answer takes no recursion");
    assert_lines(POLICY("recursion", "query: {name: example.net, class: CH}"),
                 "f:9:74: policies[0].query: the operation recursion is about class IN");
    assert_lines(POLICY("recursion", "query: {name: \"{random}.net\", recursion_desired: false}, deny: []"),
                 "f:9:74: policies[0].query: the operation recursion needs recursion_desired");
    assert_lines(
        POLICY("recursion", "query: example.net, deny: []"),
        "f:9:74: policies[0].query: warning: without {random} in the name 'example.net' a cache may answer, so the "
        "verdict says little of recursion");
    assert_lines(POLICY("recursion", "query: corp.example AXFR"),
                 "f:9:74: policies[0].query: this is not what the operation recursion is about");
}

static void a_policy_has_one_query_and_it_fits_the_operation(void **state)
{
    (void)state;
    assert_lines(POLICY("query", "query: www.corp.example AAAA"), "");
    assert_lines(POLICY("query", "query: {opcode: NOTIFY, name: corp.example}"), "");
    assert_lines(POLICY("query", "query: [a, b]"), "f:9:70: policies[0].query: a policy has one query");
    assert_lines(POLICY("query", "description: x"), "f:9:5: policies[0]: the operation query needs a 'query'");
    assert_lines(POLICY("query", "zone: corp.example"),
                 "f:9:69: policies[0].zone: the operation query has a 'query' instead");
    assert_lines(POLICY("query", "query: corp.example AXFR"),
                 "f:9:70: policies[0].query: this is not what the operation query is about");
    assert_lines(POLICY("transfr", "zone: corp.example"),
                 "f:9:26: policies[0].operation: unknown operation 'transfr'; did you mean 'transfer'?");
    assert_lines(POLICY("xfr", "zone: corp.example"),
                 "f:9:26: policies[0].operation: unknown operation 'xfr': it is recursion, query, transfer or update");
}

static void a_transfer_is_an_ixfr_unless_it_says_axfr(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint16_t type;
    } files[] = {
        {POLICY("transfer", "zone: Corp.example."), DNS_TYPE_IXFR},
        {POLICY("transfer", "zone: corp.example, type: AXFR"), DNS_TYPE_AXFR},
        {POLICY("transfer", "query: corp.example"), DNS_TYPE_IXFR},
        {POLICY("transfer", "query: corp.example AXFR"), DNS_TYPE_AXFR},
        {POLICY("transfer", "query: {zone: corp.example, edns: false}"), DNS_TYPE_IXFR},
    };
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        AUTO(config_unref_ptr) struct config *config = assert_good(files[i].text);
        const struct config_check *check = config->policies[0].denied;
        assert_int_equal(check->queries[0].question.type, files[i].type);
        assert_string_equal(dns_question_zone(&check->queries[0].question), "corp.example");
        assert_int_equal(check->transports, 1u << TRANSPORT_TCP);
        assert_int_equal(config->policies[0].allowed->transports, 1u << TRANSPORT_TCP);
    }
    assert_lines(POLICY("transfer", "zone: corp.example, type: TXT"),
                 "f:9:92: policies[0].type: a transfer is of type IXFR or AXFR");
    assert_lines(POLICY("transfer", "zone: corp.exmple"),
                 "f:9:72: policies[0].zone: the zone 'corp.exmple' is not among the 'zones' of the resolver 'ns1': a "
                 "misspelt one would be denied, and pass, for ever; did you mean 'corp.example'?");
    assert_lines(POLICY("transfer", "zone: corp.example, transport: udp"),
                 "f:9:97: policies[0].transport: a transfer goes over tcp or tls, not over udp");
    assert_lines(POLICY("transfer", "description: x"), "f:9:5: policies[0]: the operation transfer needs a 'zone'");
    assert_lines(POLICY("transfer", "zone: corp.example, query: corp.example"),
                 "f:9:72: policies[0].zone: it stands in 'query': once is enough");
}

static void an_update_has_a_name_of_our_own_unless_it_says_another(void **state)
{
    (void)state;
    AUTO(config_unref_ptr) struct config *plain = assert_good(POLICY("update", "zone: corp.example"));
    const struct dns_question *question = &plain->policies[0].denied->queries[0].question;
    assert_int_equal(question->opcode, DNS_OPCODE_UPDATE);
    assert_int_equal(question->type, DNS_TYPE_TXT);
    assert_string_equal(question->zone, "corp.example");
    assert_string_equal(question->name, "dnspolicy-probe.corp.example");
    assert_false(question->recursion_desired);
    AUTO(config_unref_ptr)
    struct config *other =
        assert_good(POLICY("update", "query: {zone: corp.example, name: \"{random}.corp.example\", type: AAAA}"));
    assert_string_equal(other->policies[0].denied->queries[0].question.name, "{random}.corp.example");
    assert_int_equal(other->policies[0].denied->queries[0].question.type, DNS_TYPE_AAAA);
    assert_lines(POLICY("update", "zone: corp.example, type: SOA"),
                 "f:9:90: policies[0].type: an update is about a record of type A, AAAA, TXT, CNAME, NS or MX");
    assert_lines(POLICY("update", "query: {name: corp.example}"),
                 "f:9:71: policies[0].query: an update needs a 'zone'");
}

static void checks_and_policies_share_one_namespace(void **state)
{
    (void)state;
#define CHECK "  - {name: p, client: office, resolver: ns2, query: \"{random}.example.net\", expect: ANSWERED}\n"
    assert_lines(RECURSION("allow: office") "checks:\n" CHECK,
                 "f:9:12: policies[0].name: checks[0] has the name 'p' too");
    assert_lines(
        POLICY("query", "query: corp.example") "  - {name: p, operation: update, zone: corp.example, resolver: ns1}",
        "f:10:12: policies[1].name: policies[0] has the name 'p' too");
#undef CHECK
}

static void checks_come_before_what_policies_come_to(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config = assert_good(
        RECURSION("allow: office") "  - {name: q, operation: update, zone: corp.example, resolver: \"group:corp\"}\n"
                                   "checks:\n  - {name: k, client: office, resolver: ns2, query: "
                                   "\"{random}.example.net\", expect: ANSWERED}\n");
    assert_int_equal(config->check_count, 4);
    assert_string_equal(config->checks[0].name, "k");
    assert_null(config->checks[0].policy);
    assert_ptr_equal(config->policies[0].denied, &config->checks[2]);
    assert_null(config->policies[1].allowed);
    assert_ptr_equal(config->policies[1].denied, &config->checks[3]);
    assert_int_equal(config->checks[3].index, 3);
}

static void the_section_is_a_list_of_policies(void **state)
{
    (void)state;
    assert_lines(FILE_WITH_POLICIES("  {}"), "f:9:3: policies: a list of policies is expected, not a mapping");
    assert_lines(FILE_WITH_POLICIES("  []"), "f:9:3: policies: the list is empty: there is no policy");
    assert_lines(FILE_WITH_POLICIES("  - {}"), "f:9:5: policies[0]: the required key 'name' is missing\n"
                                               "f:9:5: policies[0]: the required key 'operation' is missing\n"
                                               "f:9:5: policies[0]: the required key 'resolver' is missing");
    assert_lines(
        RECURSION("interval: 4s"),
        "f:9:93: policies[0].interval: a run would not end before the next: a timeout of 2s × 2 attempts is not "
        "below the interval of 4s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_list_comes_to_two_checks_of_its_name),
        cmocka_unit_test(whoever_is_not_on_the_list_is_denied),
        cmocka_unit_test(a_client_cannot_be_on_both_sides),
        cmocka_unit_test(the_denied_get_a_denial),
        cmocka_unit_test(recursion_is_about_names_that_are_not_the_servers_own),
        cmocka_unit_test(a_policy_has_one_query_and_it_fits_the_operation),
        cmocka_unit_test(a_transfer_is_an_ixfr_unless_it_says_axfr),
        cmocka_unit_test(an_update_has_a_name_of_our_own_unless_it_says_another),
        cmocka_unit_test(checks_and_policies_share_one_namespace),
        cmocka_unit_test(checks_come_before_what_policies_come_to),
        cmocka_unit_test(the_section_is_a_list_of_policies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
