/* Which probes a config comes to, and what they share. */
#include "plan_story.h"

#define TWO_CLIENTS                                                                                                    \
    "clients:\n"                                                                                                       \
    "  office: {subnet: 10.20.0.0/16}\n"                                                                               \
    "  home: {subnet: 10.30.0.0/16}\n"
#define TWO_RESOLVERS                                                                                                  \
    "resolvers:\n"                                                                                                     \
    "  ns1: {address: 192.0.2.1}\n"                                                                                    \
    "  ns2: {address: 192.0.2.2}\n"

static void tell_probes(const struct plan *plan, struct strbuf *out)
{
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        const struct plan_probe *probe = &plan->probes[i];
        strbuf_addf(out, "%s %s %s %s %s %s\n", probe->check->name, probe->client->name, probe->resolver->name,
                    probe->query->qname_label, probe->query->qtype_label, transport_names[probe->transport]);
    }
}

static void assert_probes(const struct plan *plan, const char *told)
{
    AUTO(strbuf_fini) struct strbuf probes = {0};
    tell_probes(plan, &probes);
    assert_string_equal(strbuf_text(&probes), told);
}

static void probes_come_by_check_client_resolver_query_and_transport(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story = story_of_plan(
        TWO_CLIENTS TWO_RESOLVERS "checks:\n"
                                  "  - {name: a, client: '*', resolver: '*', query: [x.example A, y.example AAAA],\n"
                                  "     transport: [tcp, udp], expect: ANSWERED}\n"
                                  "  - {name: b, client: home, resolver: ns2, query: x.example, expect: ANSWERED}\n");
    assert_probes(story.plan, "a office ns1 x.example A udp\n"
                              "a office ns1 x.example A tcp\n"
                              "a office ns1 y.example AAAA udp\n"
                              "a office ns1 y.example AAAA tcp\n"
                              "a office ns2 x.example A udp\n"
                              "a office ns2 x.example A tcp\n"
                              "a office ns2 y.example AAAA udp\n"
                              "a office ns2 y.example AAAA tcp\n"
                              "a home ns1 x.example A udp\n"
                              "a home ns1 x.example A tcp\n"
                              "a home ns1 y.example AAAA udp\n"
                              "a home ns1 y.example AAAA tcp\n"
                              "a home ns2 x.example A udp\n"
                              "a home ns2 x.example A tcp\n"
                              "a home ns2 y.example AAAA udp\n"
                              "a home ns2 y.example AAAA tcp\n"
                              "b home ns2 x.example A udp\n");
    assert_string_equal(strbuf_text(&story.told), "");
}

static void resolvers_at_one_address_share_a_server_and_ports_and_transports_split_endpoints(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan(TWO_CLIENTS "resolvers:\n"
                                  "  front: {address: 192.0.2.1}\n"
                                  "  twin: {address: 192.0.2.1}\n"
                                  "  side: {address: 192.0.2.1, port: 5300}\n"
                                  "checks:\n"
                                  "  - {name: a, client: office, resolver: [front, twin, side], query: x.example,\n"
                                  "     transport: [udp, tcp], expect: ANSWERED}\n");
    const struct plan *plan = story.plan;
    assert_int_equal(plan->server_count, 1);
    assert_int_equal(plan->endpoint_count, 4);
    assert_int_equal(plan->probes[0].endpoint, plan->probes[2].endpoint);
    assert_int_not_equal(plan->probes[0].endpoint, plan->probes[1].endpoint);
    assert_int_not_equal(plan->probes[0].endpoint, plan->probes[4].endpoint);
    assert_int_equal(plan->endpoints[plan->probes[5].endpoint].port, 5300);
    assert_int_equal(plan->endpoints[plan->probes[5].endpoint].transport, TRANSPORT_TCP);
    assert_int_equal(plan->endpoints[plan->probes[5].endpoint].server, 0);
}

static void only_probes_that_expect_a_denial_belong_to_a_pair(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story = story_of_plan(
        TWO_CLIENTS TWO_RESOLVERS
        "checks:\n"
        "  - {name: a, client: '*', resolver: ns2, query: '{random}.x.example', expect: REFUSED}\n"
        "  - {name: b, client: office, resolver: ns2, query: x.example, expect: ANSWERED}\n"
        "  - {name: c, client: office, resolver: ns2, query: '{random}.y.example', expect: [DENIED, SERVFAIL]}\n");
    const struct plan_probe *probes = story.plan->probes;
    assert_int_equal(story.plan->pair_count, 2);
    assert_true(probes[0].expects_denial);
    assert_false(probes[2].expects_denial);
    assert_int_equal(probes[2].denied_pair, PLAN_NONE);
    assert_int_equal(probes[3].denied_pair, probes[0].denied_pair);
    assert_int_not_equal(probes[1].denied_pair, probes[0].denied_pair);
    assert_int_equal(story.plan->pairs[probes[1].denied_pair].server, probes[1].server);
}

static void silence_is_believed_after_several_attempts_over_udp_and_one_over_tcp(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan(TWO_CLIENTS TWO_RESOLVERS "checks:\n"
                                                "  - {name: a, client: office, resolver: ns1, query: x.example,\n"
                                                "     attempts: 3, transport: [udp, tcp], expect: ANSWERED}\n");
    assert_int_equal(story.plan->probes[0].attempts, 3);
    assert_int_equal(story.plan->probes[1].attempts, 1);
}

static void a_query_is_built_once_and_shared_by_all_who_ask_it(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story =
        story_of_plan(TWO_CLIENTS TWO_RESOLVERS "checks:\n"
                                                "  - {name: a, client: '*', resolver: '*', transport: [udp, tcp],\n"
                                                "     query: ['{random}.x.example A', 'version.bind TXT CH'],\n"
                                                "     expect: ANSWERED}\n");
    const struct plan *plan = story.plan;
    assert_int_equal(plan->query_count, 2);
    assert_ptr_equal(plan->probes[0].query, plan->probes[15 - 3].query);
    assert_string_equal(plan->queries[0].qname_label, "{random}.x.example");
    assert_string_equal(plan->queries[1].qtype_label, "CH:TXT");
    assert_int_not_equal(plan->queries[0].wire.random_offset, 0);
}

#define MIXED_FAMILIES                                                                                                 \
    "clients:\n"                                                                                                       \
    "  old: {subnet: 10.20.0.0/16}\n"                                                                                  \
    "  both: {subnet: [10.30.0.0/16, '2001:db8:30::/48']}\n"                                                           \
    "  half: {subnet: [127.0.0.0/8, '2001:db8:31::/48'], source: 127.0.0.9}\n"                                         \
    "resolvers:\n"                                                                                                     \
    "  ns4: {address: 192.0.2.1}\n"                                                                                    \
    "  ns6: {address: '2001:db8::1', group: six}\n"

static void a_wildcard_leaves_out_pairs_without_a_common_address_family(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story = story_of_plan(
        MIXED_FAMILIES "checks:\n"
                       "  - {name: a, client: '*', resolver: [ns4, ns6], query: x.example, expect: ANSWERED}\n"
                       "  - {name: b, client: [old, both], resolver: '*', query: x.example, expect: ANSWERED}\n");
    assert_probes(story.plan, "a old ns4 x.example A udp\n"
                              "a both ns4 x.example A udp\n"
                              "a both ns6 x.example A udp\n"
                              "a half ns4 x.example A udp\n"
                              "b old ns4 x.example A udp\n"
                              "b both ns4 x.example A udp\n"
                              "b both ns6 x.example A udp\n");
    assert_int_equal(story.plan->probes[2].family, ADDR_V6);
    assert_int_equal(story.plan->omission_count, 3);
    const struct plan_omission *omissions = story.plan->omissions;
    assert_string_equal(omissions[0].client->name, "old");
    assert_string_equal(omissions[0].reason, "the client has no IPv6 subnet, and the resolver's address is IPv6");
    assert_string_equal(omissions[1].client->name, "half");
    assert_string_equal(omissions[1].reason, "the client has an IPv4 source only, and the resolver's address is IPv6");
    assert_string_equal(omissions[2].check->name, "b");
}

static void a_pair_named_outright_that_cannot_be_asked_is_an_error(void **unused)
{
    (void)unused;
    assert_refused(MIXED_FAMILIES "checks:\n"
                                  "  - {name: a, client: [both, old], resolver: [ns4, 'group:six'], query: x.example,\n"
                                  "     expect: ANSWERED}\n",
                   "f:9:30: checks[0].client: the client 'old' cannot ask the resolver 'ns6': the client has no IPv6 "
                   "subnet, and the resolver's address is IPv6\n");
}

static void a_config_whose_wildcards_leave_out_everything_has_no_probe(void **unused)
{
    (void)unused;
    assert_refused("clients:\n  old: {subnet: 10.20.0.0/16}\n"
                   "resolvers:\n  ns6: {address: '2001:db8::1'}\n"
                   "checks:\n  - {name: a, client: '*', resolver: ns6, query: x.example, expect: ANSWERED}\n",
                   "f: checks: there is no probe: \"*\" left out every pair, such as client 'old' and resolver 'ns6', "
                   "because the client has no IPv6 subnet, and the resolver's address is IPv6\n");
}

static void two_queries_with_the_same_labels_belong_into_two_checks(void **unused)
{
    (void)unused;
    assert_refused(
        TWO_CLIENTS TWO_RESOLVERS "checks:\n"
                                  "  - name: a\n"
                                  "    client: '*'\n"
                                  "    resolver: '*'\n"
                                  "    query:\n"
                                  "      - x.example A\n"
                                  "      - {name: X.example., dnssec_ok: true, recursion_desired: false}\n"
                                  "      - x.example A CH\n"
                                  "    expect: ANSWERED\n",
        "f:13:9: checks[0].query[1]: the probes of this 'x.example A' and of the one at line 12, column 9 would "
        "have the same metric labels (check, client, subnet, resolver, transport, qname, qtype, severity): they "
        "differ in recursion_desired and dnssec_ok only, which is no label; make two checks of them\n");
}

static void the_same_query_twice_is_said_to_be_just_that(void **unused)
{
    (void)unused;
    assert_refused(TWO_CLIENTS TWO_RESOLVERS
                   "checks:\n"
                   "  - {name: a, client: office, resolver: ns1, query: [x.example, x.example A], expect: ANSWERED}\n",
                   "f:8:65: checks[0].query[1]: 'x.example A' is the query of line 8, column 54 again\n");
}

/* Thousands of clients and resolvers, written by hand because nobody would like to read them. */
static void more_probes_than_there_can_be_are_refused_before_any_is_made(void **unused)
{
    (void)unused;
    AUTO(strbuf_fini) struct strbuf yaml = {0};
    strbuf_puts(&yaml, "clients:\n");
    for (int i = 0; i < 1500; i++) strbuf_addf(&yaml, "  c%d: {subnet: 10.%d.%d.0/24}\n", i, i / 256, i % 256);
    strbuf_puts(&yaml, "resolvers:\n");
    for (int i = 0; i < 1500; i++) strbuf_addf(&yaml, "  r%d: {address: 10.%d.%d.1}\n", i, i / 256, i % 256);
    strbuf_puts(&yaml, "checks:\n"
                       "  - {name: few, client: c1, resolver: r1, query: x.example, expect: ANSWERED}\n"
                       "  - {name: many, client: '*', resolver: '*', query: x.example, expect: ANSWERED}\n");
    assert_refused(strbuf_text(&yaml),
                   "f:3005:5: checks[1]: with this check, of 1500 clients × 1500 resolvers × 1 queries × 1 transports, "
                   "there are more than 2000000 probes, which is the most there can be\n");
}

static bool is_of_home(const struct plan_probe *probe, void *ctx)
{
    (void)ctx;
    return strcmp(probe->client->name, "home") == 0;
}
static bool is_none(const struct plan_probe *probe, void *ctx)
{
    (void)probe, (void)ctx;
    return false;
}

static void a_selection_is_a_plan_of_its_own_that_outlives_the_whole(void **unused)
{
    (void)unused;
    struct story story = story_of_plan(
        TWO_CLIENTS TWO_RESOLVERS "checks:\n"
                                  "  - {name: a, client: '*', resolver: '*', query: x.example, expect: ANSWERED}\n");
    uint64_t id = story.plan->probes[3].id;
    struct plan *selection = plan_select(story.plan, is_of_home, NULL);
    assert_null(plan_select(story.plan, is_none, NULL));
    story_fini(&story);
    assert_probes(selection, "a home ns1 x.example A udp\n"
                             "a home ns2 x.example A udp\n");
    assert_int_equal(plan_find(selection, id), 1);
    assert_int_equal(selection->cost.sockets_at_worst, 2);
    plan_unref(selection);
}

static void a_plan_lives_until_its_last_reader_lets_go(void **unused)
{
    (void)unused;
    struct story story = story_of_plan(
        TWO_CLIENTS TWO_RESOLVERS "checks:\n"
                                  "  - {name: a, client: '*', resolver: '*', query: x.example, expect: ANSWERED}\n");
    const struct plan *reader = plan_ref(story.plan);
    story_fini(&story);
    assert_string_equal(reader->probes[0].check->name, "a");
    plan_unref(reader);
    plan_unref(NULL);
}

static void a_probe_is_small_enough_for_a_million(void **unused)
{
    (void)unused;
    assert_true(sizeof(struct plan_probe) <= 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_come_by_check_client_resolver_query_and_transport),
        cmocka_unit_test(resolvers_at_one_address_share_a_server_and_ports_and_transports_split_endpoints),
        cmocka_unit_test(only_probes_that_expect_a_denial_belong_to_a_pair),
        cmocka_unit_test(silence_is_believed_after_several_attempts_over_udp_and_one_over_tcp),
        cmocka_unit_test(a_query_is_built_once_and_shared_by_all_who_ask_it),
        cmocka_unit_test(a_wildcard_leaves_out_pairs_without_a_common_address_family),
        cmocka_unit_test(a_pair_named_outright_that_cannot_be_asked_is_an_error),
        cmocka_unit_test(a_config_whose_wildcards_leave_out_everything_has_no_probe),
        cmocka_unit_test(two_queries_with_the_same_labels_belong_into_two_checks),
        cmocka_unit_test(the_same_query_twice_is_said_to_be_just_that),
        cmocka_unit_test(more_probes_than_there_can_be_are_refused_before_any_is_made),
        cmocka_unit_test(a_selection_is_a_plan_of_its_own_that_outlives_the_whole),
        cmocka_unit_test(a_plan_lives_until_its_last_reader_lets_go),
        cmocka_unit_test(a_probe_is_small_enough_for_a_million),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
