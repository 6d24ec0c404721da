/* What a query is for: transfers, updates and NOTIFY, their zones, and over what they go. */
#include "config_lines.h"

/* ns1 has the zone corp.example. The value of `query` begins in column 53. */
#define QUERY(query) FILE_WITH_CHECKS("  - {name: k, client: office, resolver: ns1, query: " query ", expect: DENIED}")
#define OVER(transport, query)                                                                                         \
    FILE_WITH_CHECKS("  - {name: k, client: office, resolver: ns1, transport: " transport ", query: " query            \
                     ", expect: DENIED}")

static const struct dns_question *question_of(const struct config *config, size_t idx)
{
    return &config->checks[0].queries[idx].question;
}

static void a_transfer_has_a_zone_no_rd_and_goes_over_tcp(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config = assert_good(
        QUERY("[Corp.Example. AXFR, {zone: corp.example, type: TYPE251}, {name: corp.example, type: ixfr}]"));
    assert_int_equal(config->checks[0].transports, 1u << TRANSPORT_TCP);
    for (size_t i = 0; i < 3; i++) {
        assert_true(dns_question_is_transfer(question_of(config, i)));
        assert_string_equal(dns_question_zone(question_of(config, i)), "corp.example");
        assert_false(question_of(config, i)->recursion_desired);
    }
    assert_int_equal(question_of(config, 1)->type, DNS_TYPE_IXFR);
}

static void a_transfer_that_cannot_be_meant_is_explained(void **state)
{
    (void)state;
    assert_lines(QUERY("corp.example AXFR CH"), "f:7:53: checks[0].query: a transfer is of class IN");
    assert_lines(QUERY("{type: AXFR}"), "f:7:53: checks[0].query: the zone to transfer is missing");
    assert_lines(QUERY("\"{random}.corp.example AXFR\""),
                 "f:7:53: checks[0].query: a transfer is about one zone: no {random}");
    assert_lines(QUERY("{name: corp.example, zone: corp.example, type: AXFR}"),
                 "f:7:80: checks[0].query.zone: a transfer has a 'zone' or a 'name', not both: they are the same");
    assert_lines(QUERY("{zone: corp.example, type: AXFR, recursion_desired: true}"),
                 "f:7:105: checks[0].query.recursion_desired: a transfer has no recursion_desired");
    assert_lines(QUERY("{zone: corp.example, type: AXFR, recursion_desired: false}"), "");
    assert_lines(QUERY("{name: corp.example, type: AXFR, opcode: 2}"),
                 "f:7:80: checks[0].query.type: a transfer has the opcode QUERY");
}

static void a_transfer_goes_over_a_stream_of_messages(void **state)
{
    (void)state;
    assert_lines(OVER("[tcp, tls]", "corp.example AXFR"), "");
    assert_lines(
        OVER("[udp, https]", "corp.example AXFR"),
        "f:7:57: checks[0].transport: a transfer goes over tcp or tls, not over udp\n"
        "f:7:57: checks[0].transport: a transfer goes over tcp or tls, not over https: RFC 8484 carries single "
        "messages");
    assert_lines(QUERY("[corp.example AXFR, corp.example SOA]"),
                 "f:7:5: checks[0]: transfers go over tcp and other queries over udp: split the check in two, or say "
                 "'transport: tcp' for all of them");
    assert_lines(OVER("tcp", "[corp.example AXFR, corp.example SOA]"), "");
}

/* Over tcp there is one attempt. */
static void the_run_of_a_transfer_counts_one_attempt(void **state)
{
    (void)state;
    assert_lines(FILE_WITH_CHECKS("  - {name: k, client: office, resolver: ns1, query: corp.example AXFR, expect: "
                                  "DENIED, timeout: 9s, attempts: 10}"),
                 "");
}

static void an_update_has_a_zone_and_a_name_within(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config =
        assert_good(QUERY("{opcode: UPDATE, zone: Corp.Example, name: \"{random}.corp.example\", type: TXT}"));
    const struct dns_question *question = question_of(config, 0);
    assert_string_equal(question->zone, "corp.example");
    assert_string_equal(question->name, "{random}.corp.example");
    assert_int_equal(question->opcode, DNS_OPCODE_UPDATE);
    assert_false(question->recursion_desired);
    assert_int_equal(config->checks[0].transports, 1u << TRANSPORT_UDP);
    AUTO(config_unref_ptr)
    struct config *plain = assert_good(QUERY("{opcode: 5, zone: corp.example, name: corp.example}"));
    assert_int_equal(question_of(plain, 0)->type, DNS_TYPE_A);
}

static void an_update_that_cannot_be_meant_is_explained(void **state)
{
    (void)state;
#define UPDATE(parts) QUERY("{opcode: UPDATE, " parts "}")
    assert_lines(UPDATE("name: a.corp.example"), "f:7:53: checks[0].query: an update needs a 'zone'");
    assert_lines(UPDATE("zone: corp.example"), "f:7:53: checks[0].query: the name to update is missing");
    assert_lines(UPDATE("zone: corp.example, name: acorp.example"),
                 "f:7:96: checks[0].query.name: the name 'acorp.example' is not in the zone 'corp.example'");
    assert_lines(UPDATE("zone: corp.example, name: corp.example, type: SOA"),
                 "f:7:116: checks[0].query.type: an update is about a record of type A, AAAA, TXT, CNAME, NS or MX");
    assert_lines(UPDATE("zone: corp.example, name: corp.example, type: AXFR"),
                 "f:7:116: checks[0].query.type: an update is about a record of type A, AAAA, TXT, CNAME, NS or MX");
    assert_lines(UPDATE("zone: corp.example, name: corp.example, class: CH, recursion_desired: yes"),
                 "f:7:117: checks[0].query.class: an update is of class IN\n"
                 "f:7:140: checks[0].query.recursion_desired: an update has no recursion_desired");
    assert_lines(UPDATE("zone: a..b, name: corp.example"),
                 "f:7:76: checks[0].query.zone: 'a..b': the name has an empty label");
#undef UPDATE
}

static void a_notify_is_about_the_soa_of_a_zone(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config =
        assert_good(QUERY("[{opcode: NOTIFY, name: corp.example}, {opcode: NOTIFY, name: corp.example, type: SOA}]"));
    assert_int_equal(question_of(config, 0)->type, DNS_TYPE_SOA);
    assert_false(question_of(config, 0)->recursion_desired);
    assert_lines(QUERY("{opcode: NOTIFY, name: corp.example, type: A}"),
                 "f:7:96: checks[0].query.type: a NOTIFY is about the SOA: no other type");
    assert_lines(QUERY("{opcode: NOTIFY, name: \"{random}.corp.example\"}"),
                 "f:7:76: checks[0].query.name: a NOTIFY is about one zone: no {random}");
    assert_lines(QUERY("{opcode: NOTIFY, name: corp.example, recursion_desired: true}"),
                 "f:7:109: checks[0].query.recursion_desired: a NOTIFY has no recursion_desired");
}

static void only_transfers_and_updates_have_a_zone(void **state)
{
    (void)state;
    assert_lines(QUERY("{name: a.corp.example, zone: corp.example}"),
                 "f:7:82: checks[0].query.zone: only transfers and updates have a 'zone': 'name' is what is asked for");
    assert_lines(QUERY("{opcode: NOTIFY, zone: corp.example}"),
                 "f:7:76: checks[0].query.zone: only transfers and updates have a 'zone': 'name' is what is asked for");
}

#define ZONE_ERROR                                                                                                     \
    "the zone 'corp.exmple' is not among the 'zones' of the resolver 'ns1': a misspelt one would be denied, and "      \
    "pass, "                                                                                                           \
    "for ever; did you mean 'corp.example'?"

static void a_misspelt_zone_would_be_denied_for_ever(void **state)
{
    (void)state;
    assert_lines(QUERY("corp.exmple AXFR"), "f:7:53: checks[0].query: " ZONE_ERROR);
    assert_lines(QUERY("{opcode: UPDATE, zone: corp.exmple, name: corp.exmple}"),
                 "f:7:53: checks[0].query: " ZONE_ERROR);
    assert_lines(QUERY("[{opcode: NOTIFY, name: corp.exmple}]"), "f:7:54: checks[0].query[0]: " ZONE_ERROR);
    assert_lines(
        QUERY("{opcode: UPDATE, zone: sub.corp.example, name: sub.corp.example}"),
        "f:7:53: checks[0].query: the zone 'sub.corp.example' is not among the 'zones' of the resolver 'ns1': a "
        "misspelt one would be denied, and pass, for ever; did you mean 'corp.example'?");
}

static void a_resolver_that_a_wildcard_found_has_the_zone_too(void **state)
{
    (void)state;
    assert_lines("clients: {c: {subnet: 192.0.2.0/24}}\nresolvers:\n  r: {address: 192.0.2.1, zones: corp.example}\n"
                 "  s: {address: 192.0.2.2}\n  t: {address: 192.0.2.3}\nchecks:\n"
                 "  - {name: k, client: c, resolver: \"*\", query: corp.example AXFR, expect: DENIED}\n",
                 "f:7:48: checks[0].query: the zone 'corp.example' is not among the 'zones' of the resolver 's' (and 1 "
                 "more): a misspelt one would be denied, and pass, for ever");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transfer_has_a_zone_no_rd_and_goes_over_tcp),
        cmocka_unit_test(a_transfer_that_cannot_be_meant_is_explained),
        cmocka_unit_test(a_transfer_goes_over_a_stream_of_messages),
        cmocka_unit_test(the_run_of_a_transfer_counts_one_attempt),
        cmocka_unit_test(an_update_has_a_zone_and_a_name_within),
        cmocka_unit_test(an_update_that_cannot_be_meant_is_explained),
        cmocka_unit_test(a_notify_is_about_the_soa_of_a_zone),
        cmocka_unit_test(only_transfers_and_updates_have_a_zone),
        cmocka_unit_test(a_misspelt_zone_would_be_denied_for_ever),
        cmocka_unit_test(a_resolver_that_a_wildcard_found_has_the_zone_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
