/* Guest lists as tables of clients and resolvers. */
#include "plan_story.h"

#include "dnspolicy/views/report.h"

static void assert_tables(const char *yaml, const char *golden)
{
    AUTO(story_fini) struct story story = story_of_plan(yaml);
    AUTO(strbuf_fini) struct strbuf out = {0};
    report_policies(story.plan, &out);
    assert_string_equal(strbuf_text(&out), golden);
}

#define PEOPLE                                                                                                         \
    "keys:\n"                                                                                                          \
    "  xfr: {algorithm: hmac-sha256, secret: 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='}\n"                        \
    "clients:\n"                                                                                                       \
    "  office: {subnet: 10.20.0.0/16}\n"                                                                               \
    "  guests: {subnet: [10.30.0.0/16, '2001:db8:30::/48']}\n"                                                         \
    "  internet: {subnet: 198.51.100.0/24, proxy: 198.51.100.7}\n"                                                     \
    "  secondary: {subnet: 10.20.30.54/32, key: xfr}\n"                                                                \
    "resolvers:\n"                                                                                                     \
    "  ns1: {address: 192.0.2.1, group: corp, zones: [corp.example]}\n"                                                \
    "  ns1-over-ipv6: {address: '2001:db8::1', group: corp, zones: [corp.example]}\n"                                  \
    "  edge: {address: 192.0.2.9, proxy: true}\n"

static void a_config_without_policies_has_no_table(void **unused)
{
    (void)unused;
    assert_tables(PEOPLE "checks:\n"
                         "  - {name: a, client: office, resolver: ns1, query: x.example, expect: ANSWERED}\n",
                  "");
}

static void each_client_is_allowed_or_denied_or_not_asked(void **unused)
{
    (void)unused;
    assert_tables(
        PEOPLE
        "policies:\n"
        "  - {name: corp-recursion, operation: recursion, resolver: '*', query: '{random}.probe.example.net A',\n"
        "     allow: office, deny_with: [REFUSED, NO_RESPONSE], transport: [udp, tcp]}\n"
        "  - {name: corp-transfer, operation: transfer, resolver: ns1, zone: corp.example,\n"
        "     allow: secondary, deny: '*', transport: tcp}\n"
        "  - {name: updates, operation: update, resolver: ns1, zone: corp.example}\n"
        "  - {name: edge-service, operation: query, resolver: edge, query: www.example.com MX, allow: internet,\n"
        "     deny: guests}\n",
        "\n"
        "policy corp-recursion: recursion, {random}.probe.example.net A over udp and tcp, deny_with REFUSED or "
        "NO_RESPONSE\n"
        "  CLIENT     ns1    ns1-over-ipv6  edge\n"
        "  office     allow  -              allow\n"
        "  guests     deny   deny           deny\n"
        "  internet   -      -              deny\n"
        "  secondary  -      -              -\n"
        "  left out: office at ns1-over-ipv6: the client has no IPv6 subnet, and the resolver's address is IPv6\n"
        "  left out: internet at ns1, ns1-over-ipv6: the client claims its address in a PROXYv2 header, and the "
        "resolver takes none\n"
        "  left out: secondary at ns1, ns1-over-ipv6, edge: the client signs with a key, and \"*\" does not stand for "
        "such\n"
        "\n"
        "policy corp-transfer: transfer, the zone corp.example by IXFR over tcp, deny_with DENIED\n"
        "  CLIENT     ns1\n"
        "  office     deny\n"
        "  guests     deny\n"
        "  internet   -\n"
        "  secondary  allow\n"
        "  left out: internet at ns1: the client claims its address in a PROXYv2 header, and the resolver takes none\n"
        "\n"
        "policy updates: update, dnspolicy-probe.corp.example TXT in the zone corp.example over udp, deny_with DENIED\n"
        "  CLIENT     ns1\n"
        "  office     deny\n"
        "  guests     deny\n"
        "  internet   -\n"
        "  secondary  -\n"
        "  left out: internet at ns1: the client claims its address in a PROXYv2 header, and the resolver takes none\n"
        "  left out: secondary at ns1: the client signs with a key, and \"*\" does not stand for such\n"
        "\n"
        "policy edge-service: query, www.example.com MX over udp, deny_with DENIED\n"
        "  CLIENT     edge\n"
        "  office     -\n"
        "  guests     deny\n"
        "  internet   allow\n"
        "  secondary  -\n");
}

static void a_policy_of_many_resolvers_goes_on_below(void **unused)
{
    (void)unused;
    AUTO(strbuf_fini) struct strbuf yaml = {0};
    strbuf_puts(&yaml, "global: {max_qps_per_resolver: 0}\nclients:\n  office: {subnet: 10.20.0.0/16}\nresolvers:\n");
    for (int i = 1; i <= 12; i++) strbuf_addf(&yaml, "  resolver-number-%d: {address: 192.0.2.%d}\n", i, i);
    strbuf_puts(&yaml, "policies:\n  - {name: all, operation: query, resolver: '*', query: x.example, allow: '*'}\n");
    assert_tables(strbuf_text(&yaml),
                  "\n"
                  "policy all: query, x.example A over udp\n"
                  "  CLIENT  resolver-number-1  resolver-number-2  resolver-number-3  resolver-number-4\n"
                  "  office  allow              allow              allow              allow\n"
                  "\n"
                  "  CLIENT  resolver-number-5  resolver-number-6  resolver-number-7  resolver-number-8\n"
                  "  office  allow              allow              allow              allow\n"
                  "\n"
                  "  CLIENT  resolver-number-9  resolver-number-10  resolver-number-11  resolver-number-12\n"
                  "  office  allow              allow               allow               allow\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_config_without_policies_has_no_table),
        cmocka_unit_test(each_client_is_allowed_or_denied_or_not_asked),
        cmocka_unit_test(a_policy_of_many_resolvers_goes_on_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
