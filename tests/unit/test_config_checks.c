/* What is checked: names, picks of clients and resolvers, transports and timing. */
#include "config_lines.h"

#include "dnspolicy/config/reference.h"

#define CHECK(parts) FILE_WITH_CHECKS("  - {name: k, " parts ", query: \"{random}.example.com\", expect: REFUSED}")
#define PICKS(client, resolver) CHECK("client: " client ", resolver: " resolver)
#define TIMED(parts) CHECK("client: office, resolver: ns1, " parts)

static void a_check_takes_what_it_does_not_say_from_the_globals(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config = assert_good("global: {interval: 1m, timeout: 3s, attempts: 4}\n" PICKS("office", "ns1"));
    const struct config_check *check = &config->checks[0];
    assert_string_equal(check->name, "k");
    assert_string_equal(check->path, "checks[0]");
    assert_string_equal(check->severity, "warning");
    assert_null(check->description);
    assert_int_equal(check->transports, 1u << TRANSPORT_UDP);
    assert_int_equal(check->interval_ns, 60 * NS_PER_SEC);
    assert_int_equal(check->timeout_ns, 3 * NS_PER_SEC);
    assert_int_equal(check->attempts, 4);
}

static void a_check_may_have_timing_and_transports_of_its_own(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config = assert_good(
        TIMED("transport: [tcp, udp], interval: 10s, timeout: 500ms, attempts: 3, severity: page, description: why"));
    const struct config_check *check = &config->checks[0];
    assert_int_equal(check->transports, 1u << TRANSPORT_UDP | 1u << TRANSPORT_TCP);
    assert_int_equal(check->interval_ns, 10 * NS_PER_SEC);
    assert_int_equal(check->timeout_ns, 500 * NS_PER_MS);
    assert_int_equal(check->attempts, 3);
    assert_string_equal(check->severity, "page");
    assert_string_equal(check->description, "why");
}

static void every_required_key_is_asked_for(void **state)
{
    (void)state;
    assert_lines(FILE_WITH_CHECKS("  - {}"), "f:7:5: checks[0]: the required key 'name' is missing\n"
                                             "f:7:5: checks[0]: the required key 'client' is missing\n"
                                             "f:7:5: checks[0]: the required key 'resolver' is missing\n"
                                             "f:7:5: checks[0]: the required key 'query' is missing\n"
                                             "f:7:5: checks[0]: the required key 'expect' is missing");
    assert_lines(FILE_WITH_CHECKS("  - k"), "f:7:5: checks[0]: a mapping is expected, not a single value");
    assert_lines(FILE_WITH_CHECKS("  []"), "f:7:3: checks: the list is empty: there is nothing to check");
    assert_lines(FILE_WITH_CHECKS("  k: {}"), "f:7:3: checks: a list of checks is expected, not a mapping");
}

static void no_two_checks_share_a_name(void **state)
{
    (void)state;
#define ONE "  - {name: k, client: office, resolver: ns1, query: example.com, expect: REFUSED}"
    assert_lines(FILE_WITH_CHECKS(ONE "\n" ONE), "f:8:12: checks[1].name: checks[0] has the name 'k' too");
#undef ONE
    assert_lines(
        FILE_WITH_CHECKS("  - {name: \"\", client: office, resolver: ns1, query: example.com, expect: REFUSED}"),
        "f:7:12: checks[0].name: a name cannot be empty");
}

static void a_check_can_borrow_from_another(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config = assert_good(
        FILE_WITH_CHECKS("  - &a {name: k, client: office, resolver: ns1, query: example.com, expect: REFUSED}\n"
                         "  - {<<: *a, name: l, client: vpn}"));
    assert_int_equal(config->check_count, 2);
    assert_string_equal(config->checks[1].name, "l");
    assert_string_equal(config->checks[1].clients[0].client->name, "vpn");
    assert_string_equal(config->checks[1].resolvers[0].resolver->name, "ns1");
}

static void an_unknown_name_is_told_the_nearest_one(void **state)
{
    (void)state;
    assert_lines(PICKS("ofice", "ns2"), "f:7:23: checks[0].client: unknown client 'ofice'; did you mean 'office'?\n"
                                        "f:7:40: checks[0].resolver: unknown resolver 'ns2'; did you mean 'ns1'?");
    assert_lines(PICKS("[vpn, stranger]", "\"group:crop\""),
                 "f:7:29: checks[0].client[1]: unknown client 'stranger'\n"
                 "f:7:50: checks[0].resolver: unknown group 'crop'; did you mean 'corp'?");
    assert_lines(PICKS("*", "ns1"), "f:7:23: not YAML: did not find expected alphabetic or numeric character while "
                                    "scanning an alias; '*' begins an alias of YAML: put it in quotes");
}

static void a_name_stands_once_in_a_list(void **state)
{
    (void)state;
    assert_lines(PICKS("[vpn, office, vpn]", "ns1"), "f:7:37: checks[0].client[2]: the client 'vpn' is listed twice");
    assert_lines(PICKS("[\"*\", \"*\"]", "ns1"), "f:7:29: checks[0].client[1]: the client '*' is listed twice");
    assert_lines(PICKS("vpn", "[\"group:corp\", \"group:corp\"]"),
                 "f:7:53: checks[0].resolver[1]: the resolver 'group:corp' is listed twice");
    assert_lines(PICKS("[]", "ns1"), "f:7:23: checks[0].client: the list is empty: it picks no client");
    assert_lines(PICKS("null", "ns1"), "f:7:23: checks[0].client: the value is missing: a name is expected");
    assert_lines(PICKS("vpn", "[ns1, {a: b}]"), "f:7:44: checks[0].resolver[1]: a name is expected, not a mapping");
}

static void a_named_pick_wins_over_the_wildcard(void **state)
{
    (void)state;
    AUTO(config_unref_ptr) struct config *config = assert_good(PICKS("[\"*\", vpn]", "[\"group:corp\", ns1]"));
    const struct config_check *check = &config->checks[0];
    assert_int_equal(check->client_count, 2);
    assert_string_equal(check->clients[0].client->name, "office");
    assert_true(check->clients[0].by_wildcard);
    assert_string_equal(check->clients[1].client->name, "vpn");
    assert_false(check->clients[1].by_wildcard);
    assert_int_equal(check->clients[1].place.column, 29);
    assert_int_equal(check->resolver_count, 1);
    assert_false(check->resolvers[0].by_wildcard);
}

static void a_transport_is_one_of_four(void **state)
{
    (void)state;
    AUTO(config_unref_ptr) struct config *config = assert_good(TIMED("transport: [https, tls]"));
    assert_int_equal(config->checks[0].transports, 1u << TRANSPORT_TLS | 1u << TRANSPORT_HTTPS);
    assert_lines(TIMED("transport: upd"), "f:7:57: checks[0].transport: unknown transport 'upd'; did you mean 'udp'?");
    assert_lines(TIMED("transport: quic"),
                 "f:7:57: checks[0].transport: unknown transport 'quic': it is udp, tcp, tls or https");
    assert_lines(TIMED("transport: [udp, udp]"), "f:7:63: checks[0].transport[1]: the transport udp is listed twice");
    assert_lines(TIMED("transport: []"), "f:7:57: checks[0].transport: the list is empty");
}

static void every_run_connects_anew_unless_a_check_says_otherwise(void **state)
{
    (void)state;
    AUTO(config_unref_ptr) struct config *anew = assert_good(TIMED("transport: tcp"));
    AUTO(config_unref_ptr) struct config *kept = assert_good(TIMED("transport: tcp, reuse_connection: true"));
    assert_false(anew->checks[0].reuse_connection);
    assert_true(kept->checks[0].reuse_connection);
}

static void a_run_ends_before_the_next_one_begins(void **state)
{
    (void)state;
    assert_lines(TIMED("interval: 4s"),
                 "f:7:56: checks[0].interval: a run would not end before the next: a timeout of 2s "
                 "× 2 attempts is not below the interval of 4s");
    assert_lines(TIMED("attempts: 10, timeout: 3s"),
                 "f:7:69: checks[0].timeout: a run would not end before the next: a timeout of 3s × 10 attempts is not "
                 "below the interval of 30s");
    assert_lines(TIMED("interval: 4s, transport: tcp"), "");
    assert_lines(TIMED("timeout: 30s, transport: tcp"),
                 "f:7:55: checks[0].timeout: a run would not end before the next: a timeout of 30s is not below the "
                 "interval of 30s");
    assert_lines(TIMED("interval: 25h"), "f:7:56: checks[0].interval: 25h is out of range: 100ms to 24h");
    assert_lines(TIMED("attempts: 0"), "f:7:56: checks[0].attempts: 0 is out of range: 1 to 10");
}

static void a_misspelt_section_is_told_the_nearest_one(void **state)
{
    (void)state;
    assert_lines("chekcs: []\n" PICKS("vpn", "ns1"), "f:1:1: unknown key 'chekcs'; did you mean 'checks'?");
    assert_lines("resolvers: {r: {address: 192.0.2.1}}\nclients: {c: {subnet: 192.0.2.0/24}}\n",
                 "f:1:1: 'checks' or 'policies' is missing: nothing is asked");
}

static void a_refusal_without_recursion_desired_is_warned_of(void **state)
{
    (void)state;
#define ASK(name, expect)                                                                                              \
    FILE_WITH_CHECKS("  - {name: k, client: vpn, resolver: ns1, query: {name: " name                                   \
                     ", recursion_desired: false}, expect: " expect "}")
    assert_lines(ASK("example.com", "REFUSED"),
                 "f:7:50: checks[0].query: warning: a denial proves little without recursion_desired: Unbound, Knot "
                 "Resolver and systemd-resolved refuse such a query to everyone");
    assert_lines(ASK("www.corp.example", "REFUSED"), "");
    assert_lines(ASK("example.com", "ANSWERED"), "");
#undef ASK
}

static void the_manual_lists_what_the_loader_knows(void **state)
{
    (void)state;
    size_t supported = 0, total = 0;
    for (const struct config_key_reference *key; (key = config_key_reference(total)); total++) {
        assert_true(key->key[0] && key->form[0] && key->meaning[0]);
        supported += key->is_supported ? 1 : 0;
    }
    assert_true(total > 80);
    assert_int_equal(supported, total);
    assert_null(config_key_reference(total + 1));
    assert_string_equal(config_key_reference(0)->key, "global");
}

/* Tests run in the root of the tree. */
static void the_example_of_the_tree_is_good(void **state)
{
    (void)state;
    AUTO(problems_fini) struct problems problems;
    problems_init(&problems, "config/dnspolicy.yml");
    AUTO(config_unref_ptr) struct config *config = config_load("config/dnspolicy.yml", &no_sources, &problems);
    assert_lines_of(&problems, "");
    assert_non_null(config);
    assert_string_equal(config->file, "config/dnspolicy.yml");
}

static void picks_of_all_checks_are_bounded(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf text = {0};
    AUTO(problems_fini) struct problems problems;
    strbuf_puts(&text, "resolvers: {r: {address: 192.0.2.1}}\nclients:\n");
    for (unsigned i = 0; i < 5000; i++) strbuf_addf(&text, "  c%u: {subnet: 192.0.2.0/24}\n", i);
    strbuf_puts(&text, "checks:\n");
    for (unsigned i = 0; i < 900; i++)
        strbuf_addf(&text, "  - {name: k%u, client: \"*\", resolver: r, query: a, expect: REFUSED}\n", i);
    assert_null(parse(strbuf_text(&text), &problems));
    assert_lines_of(&problems,
                    "f:5803:26: checks[799].client: the checks pick more than 4000000 clients and resolvers in all");
}

static void problems_come_in_the_order_of_the_file(void **state)
{
    (void)state;
    assert_lines(
        "checks:\n  - {name: k, client: x, resolver: r, query: example.com, expect: NO}\n"
        "resolvers:\n  r: {address: r}\nclients:\n  c: {subnet: s}\n",
        "f:2:23: checks[0].client: unknown client 'x'\n"
        "f:2:67: checks[0].expect: unknown rcode 'NO'\n"
        "f:4:16: resolvers.r.address: 'r' is a host name; an address is expected: the monitor must not depend on "
        "the DNS it tests\n"
        "f:6:15: clients.c.subnet: 's' is not a subnet: an address, a slash and a prefix length are expected");
}

static void errors_beyond_the_limit_are_counted(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf text = {0};
    AUTO(problems_fini) struct problems problems;
    for (unsigned i = 0; i < PROBLEMS_MAX + 100; i++) strbuf_addf(&text, "k%u: 1\n", i);
    assert_null(parse(strbuf_text(&text), &problems));
    assert_int_equal(problems.count, PROBLEMS_MAX);
    assert_int_equal(problems.errors, PROBLEMS_MAX + 100 + 3);
    AUTO(strbuf_fini) struct strbuf rest = {0};
    problems_format_rest(&problems, &rest);
    assert_string_equal(strbuf_text(&rest), "f: 103 more errors are not shown");
}

static void a_thousand_warnings_do_not_hide_an_error(void **state)
{
    (void)state;
    AUTO(problems_fini) struct problems problems;
    AUTO(strbuf_fini) struct strbuf rest = {0};
    problems_init(&problems, "f");
    for (unsigned i = 0; i < PROBLEMS_MAX; i++) problems_warning(&problems, (struct place){i + 2, 1}, "", "hm");
    problems_format_rest(&problems, &rest);
    assert_string_equal(strbuf_text(&rest), "");
    problems_warning(&problems, (struct place){1, 1}, "", "hm");
    problems_error(&problems, (struct place){1, 1}, "", "no");
    problems_sort(&problems);
    assert_int_equal(problems.count, PROBLEMS_MAX + 1);
    assert_string_equal(problems.items[0].sentence, "no");
    problems_format_rest(&problems, &rest);
    assert_string_equal(strbuf_text(&rest), "f: 1 more warning is not shown");
}

static void a_config_lives_as_long_as_its_last_reference(void **state)
{
    (void)state;
    struct config *config = assert_good(PICKS("vpn", "ns1"));
    assert_ptr_equal(config_ref(config), config);
    config_unref(config);
    assert_string_equal(config->checks[0].name, "k");
    config_unref(config);
    config_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_takes_what_it_does_not_say_from_the_globals),
        cmocka_unit_test(a_check_may_have_timing_and_transports_of_its_own),
        cmocka_unit_test(every_required_key_is_asked_for),
        cmocka_unit_test(no_two_checks_share_a_name),
        cmocka_unit_test(a_check_can_borrow_from_another),
        cmocka_unit_test(an_unknown_name_is_told_the_nearest_one),
        cmocka_unit_test(a_name_stands_once_in_a_list),
        cmocka_unit_test(a_named_pick_wins_over_the_wildcard),
        cmocka_unit_test(a_transport_is_one_of_four),
        cmocka_unit_test(every_run_connects_anew_unless_a_check_says_otherwise),
        cmocka_unit_test(a_run_ends_before_the_next_one_begins),
        cmocka_unit_test(a_misspelt_section_is_told_the_nearest_one),
        cmocka_unit_test(a_refusal_without_recursion_desired_is_warned_of),
        cmocka_unit_test(the_manual_lists_what_the_loader_knows),
        cmocka_unit_test(the_example_of_the_tree_is_good),
        cmocka_unit_test(picks_of_all_checks_are_bounded),
        cmocka_unit_test(problems_come_in_the_order_of_the_file),
        cmocka_unit_test(errors_beyond_the_limit_are_counted),
        cmocka_unit_test(a_thousand_warnings_do_not_hide_an_error),
        cmocka_unit_test(a_config_lives_as_long_as_its_last_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
