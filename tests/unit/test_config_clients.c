/* Who asks and who is asked: the sections global, clients and resolvers. */
#include "config_lines.h"

static void a_client_has_a_subnet_and_perhaps_a_source(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config = assert_good(FILE_WITH_CLIENTS(
        "  office:\n    subnet: [192.0.2.0/24, 2001:DB8:0::/48]\n    source: [2001:db8::18, 192.0.2.18]\n"
        "    description: >\n      head\n      office\n  vpn: {subnet: 198.51.100.0/24}"));
    assert_int_equal(config->client_count, 2);
    const struct config_client *office = &config->clients[0];
    assert_string_equal(office->name, "office");
    assert_string_equal(office->description, "head office");
    assert_string_equal(office->subnet_text[ADDR_V4], "192.0.2.0/24");
    assert_string_equal(office->subnet_text[ADDR_V6], "2001:db8::/48");
    assert_true(office->source[ADDR_V4].present);
    assert_true(office->source[ADDR_V6].present);
    assert_false(office->nat);
    assert_int_equal(office->place.line, 2);
    const struct config_client *vpn = &config->clients[1];
    assert_int_equal(vpn->index, 1);
    assert_null(vpn->description);
    assert_null(vpn->subnet_text[ADDR_V6]);
    assert_false(vpn->source[ADDR_V4].present);
}

static void a_subnet_is_a_network_in_cidr_form(void **state)
{
    (void)state;
    assert_lines(FILE_WITH_CLIENTS("  c: {subnet: 192.0.2.5/24}"),
                 "f:2:15: clients.c.subnet: '192.0.2.5/24' has host bits set; did you mean '192.0.2.0/24'?");
    assert_lines(FILE_WITH_CLIENTS("  c: {subnet: 192.0.2.5}"),
                 "f:2:15: clients.c.subnet: '192.0.2.5' has no prefix length; did you mean '192.0.2.5/32'?");
    assert_lines(
        FILE_WITH_CLIENTS("  c: {subnet: office.example}"),
        "f:2:15: clients.c.subnet: 'office.example' is not a subnet: an address, a slash and a prefix length are "
        "expected");
    assert_lines(FILE_WITH_CLIENTS("  c: {subnet: [192.0.2.0/25, 192.0.2.128/25]}"),
                 "f:2:30: clients.c.subnet[1]: a second IPv4 subnet; a client has one of each family");
    assert_lines(FILE_WITH_CLIENTS("  c: {subnet: []}"), "f:2:15: clients.c.subnet: the list is empty");
    assert_lines(FILE_WITH_CLIENTS("  c: {subnet: }"),
                 "f:2:15: clients.c.subnet: the value is missing: a subnet such as 10.20.0.0/16 is expected");
    assert_lines(FILE_WITH_CLIENTS("  c: {}"), "f:2:6: clients.c: the required key 'subnet' is missing");
    assert_lines(FILE_WITH_CLIENTS("  c:"), "f:2:5: clients.c: the value is missing: a mapping is expected");
}

static void a_source_lies_in_the_subnet_unless_it_is_translated(void **state)
{
    (void)state;
    assert_lines(FILE_WITH_CLIENTS("  c: {subnet: 192.0.2.0/24, source: 198.51.100.1}"),
                 "f:2:37: clients.c.source: 198.51.100.1 is outside of the client's subnet 192.0.2.0/24; if a router "
                 "translates it, set 'nat: true'");
    assert_lines(FILE_WITH_CLIENTS("  c: {subnet: 192.0.2.0/24, nat: yes, source: 198.51.100.1}"), "");
    assert_lines(FILE_WITH_CLIENTS("  c: {nat: true, subnet: 192.0.2.0/24, source: \"2001:db8::1\"}"),
                 "f:2:48: clients.c.source: the source is IPv6 and the client has no IPv6 subnet");
    assert_lines(FILE_WITH_CLIENTS("  c: {subnet: 192.0.2.0/24, source: [192.0.2.1, 192.0.2.2]}"),
                 "f:2:49: clients.c.source[1]: a second IPv4 source; a client has one of each family");
}

static void an_address_is_one_that_a_host_can_have(void **state)
{
    (void)state;
    assert_lines(FILE_WITH_CLIENTS("  c: {subnet: 192.0.2.0/24, source: 0.0.0.0}"),
                 "f:2:37: clients.c.source: '0.0.0.0' is the unspecified address: no host has it");
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: 224.0.0.251}"),
                 "f:4:16: resolvers.r.address: '224.0.0.251' is not the address of one host");
    assert_lines(
        FILE_WITH_RESOLVERS("  r: {address: \"fe80::1\"}"),
        "f:4:16: resolvers.r.address: 'fe80::1' is link-local: its interface belongs to it, as in fe80::1%eth0");
    assert_lines(
        FILE_WITH_RESOLVERS("  r: {address: fe80::1%nosuch0}"),
        "f:4:16: resolvers.r.address: 'fe80::1%nosuch0': this host has no interface of that name, or the address "
        "takes none");
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: fe80::1%lo}"), "");
}

static void a_host_name_is_not_an_address_and_the_sentence_says_why(void **state)
{
    (void)state;
    assert_lines(
        FILE_WITH_RESOLVERS("  r: {address: ns1.example.com}"),
        "f:4:16: resolvers.r.address: 'ns1.example.com' is a host name; an address is expected: the monitor must "
        "not depend on the DNS it tests");
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1:53}"),
                 "f:4:16: resolvers.r.address: '192.0.2.1:53' is not an address: the port goes into the key 'port'");
    assert_lines(
        FILE_WITH_RESOLVERS("  r: {address: \"[2001:db8::1]:53\"}"),
        "f:4:16: resolvers.r.address: '[2001:db8::1]:53' is not an address: the port goes into the key 'port'");
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: 192.0.2.0/24}"),
                 "f:4:16: resolvers.r.address: '192.0.2.0/24' is a subnet; an address is expected");
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: \"::ffff:192.0.2.1\"}"),
                 "f:4:16: resolvers.r.address: '::ffff:192.0.2.1' is an IPv4 address in IPv6 form: write it as IPv4");
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: 192.0.2.256}"),
                 "f:4:16: resolvers.r.address: '192.0.2.256' is neither an IPv4 nor an IPv6 address");
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: null}"),
                 "f:4:16: resolvers.r.address: the value is missing: an address is expected");
}

static void a_misspelt_key_is_told_the_nearest_one(void **state)
{
    (void)state;
    assert_lines(FILE_WITH_CLIENTS("  c: {subnet: 192.0.2.0/24, sorce: 192.0.2.1}"),
                 "f:2:29: clients.c: unknown key 'sorce'; did you mean 'source'?");
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1, colour: red}"),
                 "f:4:27: resolvers.r: unknown key 'colour'");
    assert_lines("global: {intervall: 30s}\n" FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1}"),
                 "f:1:10: global: unknown key 'intervall'; did you mean 'interval'?");
}

static void a_name_can_be_told_from_every_other_word(void **state)
{
    (void)state;
    assert_lines(FILE_WITH_CLIENTS("  \"\": {subnet: 192.0.2.0/24}"), "f:2:3: clients.\"\": a name cannot be empty");
    assert_lines(FILE_WITH_CLIENTS("  \"*\": {subnet: 192.0.2.0/24}"),
                 "f:2:3: clients.*: '*' means every client and cannot be the name of one");
    assert_lines(FILE_WITH_CLIENTS("  \" c\": {subnet: 192.0.2.0/24}"),
                 "f:2:3: clients. c: a name neither begins nor ends with a space");
    assert_lines(FILE_WITH_RESOLVERS("  \"group:x\": {address: 192.0.2.1}"),
                 "f:4:3: resolvers.group:x: '*' and 'group:…' mean several resolvers and cannot name one");
    assert_lines(FILE_WITH_CLIENTS("  zürich: {subnet: 192.0.2.0/24}"), "");
}

static void a_name_has_at_most_128_bytes(void **state)
{
    (void)state;
    char name[130];
    memset(name, 'x', sizeof(name));
    name[129] = '\0';
    AUTO(mem_free_ptr) char *long_text = mem_printf(FILE_WITH_CLIENTS("  %s: {subnet: 192.0.2.0/24}"), name);
    AUTO(mem_free_ptr) char *line = mem_printf("f:2:3: clients.%.64s…: a name has at most 128 bytes", name);
    assert_lines(long_text, line);
    name[128] = '\0';
    AUTO(mem_free_ptr) char *good_text = mem_printf(FILE_WITH_CLIENTS("  %s: {subnet: 192.0.2.0/24}"), name);
    assert_lines(good_text, "");
}

static void a_resolver_keeps_its_port_group_zones_and_control_name(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config = assert_good(FILE_WITH_RESOLVERS(
        "  a: {address: 192.0.2.1, port: 5353, group: g, zones: [Corp.Example., sub.corp.example],\n"
        "      control: www.Example.com AAAA, description: x}\n  b: {address: 192.0.2.2, group: g, zones: .}"));
    const struct config_resolver *a = &config->resolvers[0];
    const struct config_resolver *b = &config->resolvers[1];
    assert_int_equal(a->port, 5353);
    assert_int_equal(b->port, 0);
    assert_int_equal(config_resolver_port(a, TRANSPORT_TLS), 5353);
    assert_int_equal(config_resolver_port(b, TRANSPORT_UDP), 53);
    assert_string_equal(a->group, "g");
    assert_string_equal(a->zones[0], "corp.example");
    assert_string_equal(a->zones[1], "sub.corp.example");
    assert_null(a->zones[2]);
    assert_string_equal(b->zones[0], ".");
    assert_string_equal(a->control_name, "www.example.com");
    assert_int_equal(a->control_type, 28);
    assert_null(b->control_name);
    assert_int_equal(b->index, 1);
}

static void a_zone_is_one_domain_name_and_stands_once(void **state)
{
    (void)state;
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1, zones: [A.example., a.example, \"{random}.x\"]}"),
                 "f:4:47: resolvers.r.zones[1]: the zone 'a.example' is listed twice\n"
                 "f:4:58: resolvers.r.zones[2]: a zone has one name: no {random}");
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1, zones: bücher.example}"),
                 "f:4:34: resolvers.r.zones: 'bücher.example': the name is not ASCII: write the A-label (xn--..., RFC "
                 "5890)");
}

static void numbers_that_yaml_readers_disagree_about_are_refused(void **state)
{
    (void)state;
    assert_lines(
        FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1, port: 053}"),
        "f:4:33: resolvers.r.port: '053' is not a whole number in plain decimal: no leading zero, YAML readers "
        "disagree about it");
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1, port: 1e3}"),
                 "f:4:33: resolvers.r.port: '1e3' is not a whole number in plain decimal");
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1, port: 0x35}"),
                 "f:4:33: resolvers.r.port: '0x35' is not a whole number in plain decimal");
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1, port: 0}"),
                 "f:4:33: resolvers.r.port: 0 is out of range: 1 to 65535");
    assert_lines(FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1, port: 65536}"),
                 "f:4:33: resolvers.r.port: 65536 is out of range: 1 to 65535");
}

static void the_global_defaults_are_those_of_the_manual(void **state)
{
    (void)state;
    AUTO(config_unref_ptr) struct config *config = assert_good(FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1}"));
    assert_int_equal(config->global.interval_ns, 30 * NS_PER_SEC);
    assert_int_equal(config->global.timeout_ns, 2 * NS_PER_SEC);
    assert_int_equal(config->global.attempts, 2);
    assert_true(config->global.max_qps_per_resolver == 100.0);
    assert_true(config->global.max_denied_qps == 2.0);
    assert_int_equal(config->checks[0].interval_ns, 30 * NS_PER_SEC);
}

static void global_settings_have_ranges_and_fit_together(void **state)
{
    (void)state;
#define REST FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1}")
    assert_lines("global: {interval: 5s, max_qps_per_resolver: 0.5, max_denied_qps: 0}\n" REST, "");
    assert_lines("global:\n" REST, "");
    assert_lines("global: {interval: 4s}\n" REST,
                 "f:1:9: global: a run would not end before the next: a timeout of 2s × 2 attempts is not below the "
                 "interval of 4s");
    assert_lines(
        "global: {interval: 50ms, timeout: 2 s, attempts: 11}\n" REST,
        "f:1:20: global.interval: 50ms is out of range: 100ms to 24h\n"
        "f:1:35: global.timeout: '2 s' is not a duration: a whole number and a unit (ms, s, m, h), such as 30s\n"
        "f:1:50: global.attempts: 11 is out of range: 1 to 10");
    assert_lines("global: {max_qps_per_resolver: 1e3, max_denied_qps: -1}\n" REST,
                 "f:1:32: global.max_qps_per_resolver: '1e3' is not a number in plain decimal, such as 20 or 0.5\n"
                 "f:1:53: global.max_denied_qps: '-1' is not a number in plain decimal, such as 20 or 0.5");
    assert_lines("global: []\n" REST, "f:1:9: global: a mapping is expected, not a list");
#undef REST
}

static void a_missing_section_breeds_no_further_errors(void **state)
{
    (void)state;
    assert_lines("checks:\n  - {name: k, client: c, resolver: r, query: example.com, expect: REFUSED}\n",
                 "f:1:1: the required key 'clients' is missing\nf:1:1: the required key 'resolvers' is missing");
    assert_lines("[]", "f:1:1: a mapping is expected, not a list");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_has_a_subnet_and_perhaps_a_source),
        cmocka_unit_test(a_subnet_is_a_network_in_cidr_form),
        cmocka_unit_test(a_source_lies_in_the_subnet_unless_it_is_translated),
        cmocka_unit_test(an_address_is_one_that_a_host_can_have),
        cmocka_unit_test(a_host_name_is_not_an_address_and_the_sentence_says_why),
        cmocka_unit_test(a_misspelt_key_is_told_the_nearest_one),
        cmocka_unit_test(a_name_can_be_told_from_every_other_word),
        cmocka_unit_test(a_name_has_at_most_128_bytes),
        cmocka_unit_test(a_resolver_keeps_its_port_group_zones_and_control_name),
        cmocka_unit_test(a_zone_is_one_domain_name_and_stands_once),
        cmocka_unit_test(numbers_that_yaml_readers_disagree_about_are_refused),
        cmocka_unit_test(the_global_defaults_are_those_of_the_manual),
        cmocka_unit_test(global_settings_have_ranges_and_fit_together),
        cmocka_unit_test(a_missing_section_breeds_no_further_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
