/* Who asks whom, and as whom: clients that claim an address, sign, or send a subnet. */
#include "plan_story.h"

#define CLAIMANTS                                                                                                      \
    "clients:\n"                                                                                                       \
    "  lan: {subnet: 10.20.0.0/16}\n"                                                                                  \
    "  internet: {subnet: 198.51.100.0/24, proxy: 198.51.100.7}\n"                                                     \
    "  both: {subnet: [203.0.113.0/24, '2001:db8:3::/48'], proxy: [203.0.113.7, '2001:db8:3::7']}\n"                   \
    "  half: {subnet: 192.0.2.0/24, proxy: 192.0.2.7, source: 127.0.0.9, nat: true}\n"                                 \
    "resolvers:\n"                                                                                                     \
    "  plain: {address: 10.0.0.1}\n"                                                                                   \
    "  edge4: {address: 10.0.0.4, proxy: true}\n"                                                                      \
    "  edge6: {address: '2001:db8::6', proxy: true}\n"

static void tell_addresses(const struct plan *plan, struct strbuf *out)
{
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        const struct plan_probe *probe = &plan->probes[i];
        char claimed[ADDR_TEXT_SIZE] = "its own address";
        if (probe->claimed) addr_format(probe->claimed, claimed);
        strbuf_addf(out, "%s at %s as %s for %s\n", probe->client->name, probe->resolver->name, claimed,
                    probe->client->subnet_text[probe->subnet_family]);
        assert_int_equal(probe->family, probe->resolver->address.family);
    }
}

static void tell_omissions(const struct plan *plan, struct strbuf *out)
{
    for (uint32_t i = 0; i < plan->omission_count; i++)
        strbuf_addf(out, "%s at %s: %s\n", plan->omissions[i].client->name, plan->omissions[i].resolver->name,
                    plan->omissions[i].reason);
}

static void a_client_that_is_named_and_asks_nobody_is_warned_of(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan("clients:\n"
                      "  lan: {subnet: 10.20.0.0/16}\n"
                      "  internet: {subnet: 198.51.100.0/24, proxy: 198.51.100.7}\n"
                      "resolvers:\n"
                      "  one: {address: 10.0.0.1}\n"
                      "  two: {address: 10.0.0.2}\n"
                      "policies:\n"
                      "  - {name: p, operation: recursion, resolver: '*', query: '{random}.x.example',\n"
                      "     allow: [lan, internet]}\n"
                      "  - {name: q, operation: recursion, resolver: '*', query: '{random}.y.example',\n"
                      "     allow: lan}\n");
    assert_int_equal(story.problems.warnings, 1);
    assert_told(&story,
                "f:9:19: policies[0].allow: warning: the client 'internet' asks nobody here: \"*\" left out every "
                "resolver, such as 'one', because the client claims its address in a PROXYv2 header, and the "
                "resolver takes none");
}

static void a_client_claims_the_address_of_the_resolvers_family_or_the_one_it_has(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story = story_of_plan(
        CLAIMANTS "checks:\n  - {name: a, client: '*', resolver: '*', query: x.example, expect: ANSWERED}\n");
    AUTO(strbuf_fini) struct strbuf told = {0};
    tell_addresses(story.plan, &told);
    assert_string_equal(strbuf_text(&told), "lan at plain as its own address for 10.20.0.0/16\n"
                                            "lan at edge4 as its own address for 10.20.0.0/16\n"
                                            "internet at edge4 as 198.51.100.7 for 198.51.100.0/24\n"
                                            "internet at edge6 as 198.51.100.7 for 198.51.100.0/24\n"
                                            "both at edge4 as 203.0.113.7 for 203.0.113.0/24\n"
                                            "both at edge6 as 2001:db8:3::7 for 2001:db8:3::/48\n"
                                            "half at edge4 as 192.0.2.7 for 192.0.2.0/24\n");
    strbuf_clear(&told);
    tell_omissions(story.plan, &told);
    assert_string_equal(
        strbuf_text(&told),
        "lan at edge6: the client has no IPv6 subnet, and the resolver's address is IPv6\n"
        "internet at plain: the client claims its address in a PROXYv2 header, and the resolver takes "
        "none\n"
        "both at plain: the client claims its address in a PROXYv2 header, and the resolver takes none\n"
        "half at plain: the client claims its address in a PROXYv2 header, and the resolver takes none\n"
        "half at edge6: the client has an IPv4 source only, and the resolver's address is IPv6\n");
}

static void a_claimant_named_at_a_resolver_that_takes_no_claims_is_an_error(void **unused)
{
    (void)unused;
    assert_refused(
        CLAIMANTS "checks:\n"
                  "  - {name: a, client: internet, resolver: plain, query: x.example, expect: ANSWERED}\n",
        "f:11:23: checks[0].client: the client 'internet' cannot ask the resolver 'plain': the client claims "
        "its address in a PROXYv2 header, and the resolver takes none\n");
}

#define SIGNERS                                                                                                        \
    "keys:\n"                                                                                                          \
    "  xfr: {algorithm: hmac-sha256, secret: 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='}\n"                        \
    "clients:\n"                                                                                                       \
    "  lan: {subnet: 10.20.0.0/16}\n"                                                                                  \
    "  secondary: {subnet: 10.20.30.54/32, key: xfr}\n"                                                                \
    "resolvers:\n"                                                                                                     \
    "  ns1: {address: 10.0.0.1, zones: [corp.example]}\n"                                                              \
    "  ns2: {address: 10.0.0.2, zones: [corp.example]}\n"

static void a_client_that_signs_asks_only_where_it_is_named(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan(SIGNERS "checks:\n"
                              "  - {name: a, client: '*', resolver: ns1, query: x.example, expect: ANSWERED}\n"
                              "  - {name: b, client: secondary, resolver: '*', query: x.example, expect: ANSWERED}\n");
    AUTO(strbuf_fini) struct strbuf told = {0};
    tell_addresses(story.plan, &told);
    assert_string_equal(strbuf_text(&told), "lan at ns1 as its own address for 10.20.0.0/16\n"
                                            "secondary at ns1 as its own address for 10.20.30.54/32\n"
                                            "secondary at ns2 as its own address for 10.20.30.54/32\n");
    strbuf_clear(&told);
    tell_omissions(story.plan, &told);
    assert_string_equal(strbuf_text(&told),
                        "secondary at ns1: the client signs with a key, and \"*\" does not stand for such\n");
}

#define ROUTED                                                                                                         \
    "clients:\n"                                                                                                       \
    "  office: {subnet: 10.20.0.0/16}\n"                                                                               \
    "  routed: {subnet: 172.16.9.0/24, source: 172.16.9.4, transparent: true}\n"                                       \
    "resolvers: {ns1: {address: 10.0.0.1}}\n"                                                                          \
    "checks:\n"                                                                                                        \
    "  - {name: a, client: '*', resolver: ns1, query: '{random}.example', expect: DENIED}\n"

static void a_source_that_may_have_no_way_back_is_warned_of_where_silence_passes(void **unused)
{
    (void)unused;
    AUTO(story_fini) struct story silent = story_of_plan(ROUTED);
    assert_string_equal(strbuf_text(&silent.told),
                        "f:3:3: clients.routed.transparent: warning: silence passes in every check of this client, and "
                        "replies to a source that is not local may have no way back here: have a check that it is "
                        "ANSWERED, or REFUSED in words\n");
    AUTO(story_fini)
    struct story heard = story_of_plan(
        ROUTED "  - {name: b, client: routed, resolver: ns1, query: '{random}.example', expect: REFUSED}\n");
    assert_string_equal(strbuf_text(&heard.told), "");
}

static void a_key_that_nobody_has_is_warned_of(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan("keys:\n"
                      "  xfr: {algorithm: hmac-sha256, secret: c2VjcmV0IG9mIHRoZSBkbnNwb2xpY3kgdGVzdHMgMzI=}\n"
                      "  old: {algorithm: hmac-sha256, secret: c2VjcmV0IG9mIHRoZSBkbnNwb2xpY3kgdGVzdHMgMzI=}\n"
                      "clients: {secondary: {subnet: 10.20.30.54/32, key: xfr}}\n"
                      "resolvers: {ns1: {address: 10.0.0.1}}\n"
                      "checks:\n"
                      "  - {name: a, client: secondary, resolver: ns1, query: x.example, expect: ANSWERED}\n");
    assert_string_equal(strbuf_text(&story.told),
                        "f:3:3: keys.old: warning: no client has this key, so nothing is signed with it\n");
}

static void in_a_namespace_an_address_is_another_server(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan("clients:\n"
                      "  here: {subnet: 127.10.0.0/16}\n"
                      "  here-too: {subnet: 127.11.0.0/16}\n"
                      "  pods: {subnet: 10.244.0.0/16, netns: pods}\n"
                      "resolvers:\n"
                      "  ns1: {address: 10.20.30.40}\n"
                      "checks:\n"
                      "  - {name: a, client: '*', resolver: ns1, query: '{random}.example', expect: DENIED}\n");
    const struct plan_probe *probes = story.plan->probes;
    assert_int_equal(story.plan->endpoint_count, 2);
    assert_int_equal(probes[0].endpoint, probes[1].endpoint);
    assert_int_not_equal(probes[0].endpoint, probes[2].endpoint);
}

static void who_answers_without_a_proxy_header_need_not_take_one(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story = story_of_plan("clients:\n"
                                       "  office: {subnet: 127.10.0.0/16}\n"
                                       "  internet: {subnet: 198.51.100.0/24, proxy: 198.51.100.7}\n"
                                       "resolvers:\n"
                                       "  plain: {address: 10.20.30.40}\n"
                                       "  edge: {address: 10.20.30.40, proxy: true}\n"
                                       "checks:\n"
                                       "  - {name: a, client: '*', resolver: '*', query: '{random}.example', "
                                       "expect: DENIED}\n");
    const struct plan_probe *probes = story.plan->probes;
    assert_int_equal(story.plan->probe_count, 3);
    assert_string_equal(probes[0].resolver->name, "plain");
    assert_ptr_equal(probes[1].resolver, probes[2].resolver);
    assert_int_equal(probes[1].endpoint, probes[2].endpoint);
    assert_int_not_equal(probes[0].endpoint, probes[1].endpoint);
    assert_int_equal(probes[0].server, probes[1].server);
}

static void behind_one_port_each_name_and_path_is_a_server_of_its_own(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan("clients: {office: {subnet: 127.10.0.0/16}}\n"
                      "resolvers:\n"
                      "  a: {address: 10.20.30.40, tls: {server_name: a.example}}\n"
                      "  b: {address: 10.20.30.40, tls: {server_name: b.example}}\n"
                      "  c: {address: 10.20.30.40, tls: {server_name: a.example}, https: {path: /other}}\n"
                      "checks:\n"
                      "  - {name: a, client: office, resolver: '*', query: '{random}.example', "
                      "transport: [udp, tls, https], expect: DENIED}\n");
    const struct plan_probe *probes = story.plan->probes;
    assert_int_equal(story.plan->probe_count, 9);
    assert_int_equal(story.plan->endpoint_count, 1 + 2 + 3);
    for (int i = 0; i < 3; i++) assert_int_equal(probes[3 * i].endpoint, probes[0].endpoint);
    assert_int_not_equal(probes[1].endpoint, probes[4].endpoint);
    assert_int_equal(probes[1].endpoint, probes[7].endpoint);
    assert_int_not_equal(probes[2].endpoint, probes[8].endpoint);
}

static void a_subnet_option_needs_edns(void **unused)
{
    (void)unused;
    assert_refused(
        "clients:\n"
        "  geo: {subnet: 10.20.0.0/16, ecs: 203.0.113.0/24}\n"
        "resolvers:\n"
        "  ns1: {address: 10.0.0.1}\n"
        "checks:\n"
        "  - {name: a, client: '*', resolver: '*', expect: ANSWERED,\n"
        "     query: [x.example, {name: y.example, edns: false, nsid: false}]}\n",
        "f:7:25: checks[0].query[1]: the query 'y.example A' has no EDNS (edns: false), and the client 'geo' "
        "has an 'ecs', which goes with every query of it as an EDNS option\n");
}

static void other_opcodes_are_the_qtype_label(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan(SIGNERS "checks:\n"
                              "  - name: a\n"
                              "    client: lan\n"
                              "    resolver: ns1\n"
                              "    query:\n"
                              "      - {opcode: UPDATE, zone: corp.example, name: probe.corp.example, type: TXT}\n"
                              "      - {opcode: NOTIFY, name: corp.example}\n"
                              "    expect: DENIED\n");
    assert_string_equal(story.plan->queries[0].qname_label, "probe.corp.example");
    assert_string_equal(story.plan->queries[0].qtype_label, "UPDATE");
    assert_string_equal(story.plan->queries[1].qtype_label, "NOTIFY");
    assert_null(story.plan->queries[0].soa);
}

static void updates_of_two_types_have_the_same_labels(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_begin(SIGNERS "checks:\n"
                            "  - name: a\n"
                            "    client: lan\n"
                            "    resolver: ns1\n"
                            "    query:\n"
                            "      - {opcode: UPDATE, zone: corp.example, name: probe.corp.example, type: TXT}\n"
                            "      - {opcode: UPDATE, zone: corp.example, name: probe.corp.example, type: A}\n"
                            "    expect: DENIED\n");
    assert_null(story.plan);
    assert_int_equal(story.problems.errors, 1);
    assert_told(&story, "they differ in type only, which is no label; make two checks of them\n");
}

static void a_transfer_has_a_question_for_the_soa_before_it(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan(SIGNERS "checks:\n"
                              "  - {name: a, client: lan, resolver: ns1, transport: tcp, expect: DENIED,\n"
                              "     query: [corp.example SOA, corp.example AXFR, corp.example IXFR]}\n");
    const struct plan_query *queries = story.plan->queries;
    assert_null(queries[0].soa);
    for (uint32_t i = 1; i < 3; i++) {
        assert_non_null(queries[i].soa);
        assert_int_equal(queries[i].soa->wire[12 + 14 + 1], DNS_TYPE_SOA); /* behind the header and the name */
    }
    assert_int_not_equal(queries[2].wire.serial_offset, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_is_named_and_asks_nobody_is_warned_of),
        cmocka_unit_test(a_client_claims_the_address_of_the_resolvers_family_or_the_one_it_has),
        cmocka_unit_test(a_claimant_named_at_a_resolver_that_takes_no_claims_is_an_error),
        cmocka_unit_test(a_client_that_signs_asks_only_where_it_is_named),
        cmocka_unit_test(a_source_that_may_have_no_way_back_is_warned_of_where_silence_passes),
        cmocka_unit_test(a_key_that_nobody_has_is_warned_of),
        cmocka_unit_test(in_a_namespace_an_address_is_another_server),
        cmocka_unit_test(who_answers_without_a_proxy_header_need_not_take_one),
        cmocka_unit_test(behind_one_port_each_name_and_path_is_a_server_of_its_own),
        cmocka_unit_test(a_subnet_option_needs_edns),
        cmocka_unit_test(other_opcodes_are_the_qtype_label),
        cmocka_unit_test(updates_of_two_types_have_the_same_labels),
        cmocka_unit_test(a_transfer_has_a_question_for_the_soa_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
