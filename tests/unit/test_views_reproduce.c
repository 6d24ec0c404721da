/* The command that sends the same query; that it does is proven on the wire by the integration tests. */
#include "views_story.h"

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

/* ---- contexts, transports and opcodes ---- */

#define POLICY_WORLD                                                                                                   \
    "keys:\n"                                                                                                          \
    "  xfr: {algorithm: hmac-sha256, secret: c2VjcmV0IG9mIHRoZSBkbnNwb2xpY3kgdGVzdHMgMzI=}\n"                          \
    "clients:\n"                                                                                                       \
    "  plain: {subnet: 127.66.0.0/16, source: 127.66.6.6}\n"                                                           \
    "  keyed: {subnet: 127.67.0.0/16, key: xfr}\n"                                                                     \
    "  claimed: {subnet: 198.51.100.0/24, proxy: 198.51.100.7, key: xfr}\n"                                            \
    "  pods: {subnet: 10.244.0.0/16, netns: pods}\n"                                                                   \
    "  far: {subnet: 10.245.0.0/16, netns: \"/proc/7/ns/it's\"}\n"                                                     \
    "  odd: {subnet: 10.246.0.0/16, interface: tun0, mark: 9, transparent: true, source: 10.246.0.9}\n"                \
    "  geo: {subnet: 127.68.0.0/16, ecs: 203.0.113.0/24}\n"                                                            \
    "resolvers:\n"                                                                                                     \
    "  ns1: {address: 127.0.0.53, zones: [corp.example]}\n"                                                            \
    "  doh: {address: 127.0.0.55, tls: {server_name: doh.example}, https: {path: \"/q;x\", method: GET}}\n"            \
    "  edge: {address: 127.0.0.54, proxy: true, zones: [corp.example]}\n"                                              \
    "checks:\n"

/* `file`: where the key's secret is, in place of the configuration; `is_clause`: as tsig-keygen writes it. */
static void assert_command_of_key(const char *check, const char *file, bool is_clause, const char *command)
{
    AUTO(mem_free_ptr) char *yaml = mem_printf("%s  - {name: a, expect: ANSWERED, %s}\n", POLICY_WORLD, check);
    AUTO(story_fini) struct story story = story_of_plan(yaml);
    AUTO(strbuf_fini) struct strbuf shown = {0};
    struct outcome outcome = reply_of(0, DNS_RCODE_NOERROR);
    outcome.claimed_port = 4242;
    story.config->keys[0].secret_path = file;
    story.config->keys[0].is_clause = is_clause;
    report_reproduce(&story.plan->probes[0], &outcome, &shown);
    assert_string_equal(strbuf_text(&shown), command);
}

static void assert_policy_command(const char *check, const char *command)
{
    assert_command_of_key(check, NULL, false, command);
}

static void a_secret_is_read_by_the_shell_and_never_shown(void **state)
{
    (void)state;
    static const char asked[] = "client: keyed, resolver: ns1, query: corp.example SOA";
    assert_command_of_key(asked, "/etc/dns policy/xfr.key", false,
                          "dig @127.0.0.53 -p 53 -y hmac-sha256:xfr:\"$(cat '/etc/dns policy/xfr.key')\" +nocmd +nsid "
                          "+nocookie +noadflag corp.example SOA");
    assert_command_of_key(
        asked, "-xfr.key", false,
        "dig @127.0.0.53 -p 53 -y hmac-sha256:xfr:\"$(cat ./-xfr.key)\" +nocmd +nsid +nocookie +noadflag "
        "corp.example SOA");
    assert_command_of_key(asked, "/etc/xfr.conf", true,
                          "dig @127.0.0.53 -p 53 -k /etc/xfr.conf +nsid +nocookie +noadflag corp.example SOA");
    assert_policy_command(asked,
                          "dig @127.0.0.53 -p 53 -y hmac-sha256:xfr:\"$SECRET\" +nocmd +nsid +nocookie +noadflag "
                          "corp.example SOA  # SECRET is that of the key xfr");
}

static void a_command_runs_in_the_clients_namespace(void **state)
{
    (void)state;
    assert_policy_command("client: pods, resolver: ns1, query: x.example",
                          "ip netns exec pods dig @127.0.0.53 -p 53 +nsid +nocookie +noadflag x.example A");
    assert_policy_command(
        "client: far, resolver: ns1, query: x.example",
        "nsenter '--net=/proc/7/ns/it'\\''s' dig @127.0.0.53 -p 53 +nsid +nocookie +noadflag x.example "
        "A");
}

static void what_no_command_can_say_stands_behind_it(void **state)
{
    (void)state;
    assert_policy_command("client: odd, resolver: ns1, query: x.example",
                          "dig @127.0.0.53 -p 53 -b 10.246.0.9 +nsid +nocookie +noadflag x.example A  # sent through "
                          "the interface tun0; with the mark 9; from a source that is not local, by IP_TRANSPARENT");
    assert_policy_command("client: plain, resolver: edge, query: x.example",
                          "dig @127.0.0.54 -p 53 -b 127.66.6.6 +nsid +nocookie +noadflag x.example A  # with a PROXYv2 "
                          "header that leaves the source as it is (LOCAL)");
    assert_policy_command(
        "client: claimed, resolver: edge, query: x.example, transport: tls",
        "kdig @127.0.0.54 -p 853 +tls +tls-ca -y hmac-sha256:xfr:\"$SECRET\" +nsid +nocookie "
        "+noadflag +bufsize=1232 x.example A  # with a PROXYv2 header before TLS, which kdig does not "
        "write, that claims 198.51.100.7; SECRET is that of the key xfr");
}

/* To kdig a clause is no key file. */
#define SECRET_OF_K                                                                                                    \
    "hmac-sha256:xfr:\"$(sed -n 's/^\\(.*[[:space:];{]\\)\\{0,1\\}secret[[:space:]]*\"\\([^\"]*\\).*/\\2/p' /k)\""

static void kdig_claims_an_address_where_dig_cannot(void **state)
{
    (void)state;
    assert_policy_command("client: claimed, resolver: edge, query: {name: x.example, dnssec_ok: true}, transport: tcp",
                          "kdig @127.0.0.54 -p 53 +tcp '+proxy=198.51.100.7#4242-127.0.0.54#53' -y "
                          "hmac-sha256:xfr:\"$SECRET\" +nsid +nocookie +noadflag +dnssec +bufsize=1232 x.example A  # "
                          "SECRET is that of the key xfr");
    assert_command_of_key("client: claimed, resolver: edge, query: {opcode: NOTIFY, name: corp.example}", "/k", true,
                          "kdig @127.0.0.54 -p 53 '+proxy=198.51.100.7#4242-127.0.0.54#53' -y " SECRET_OF_K
                          " +nsid +nocookie "
                          "+noadflag +norecurse +aaflag +bufsize=1232 corp.example NOTIFY");
}

static void subnets_cookies_tls_and_https_are_asked_for(void **state)
{
    (void)state;
    assert_policy_command("client: geo, resolver: ns1, query: {name: x.example, cookie: true}",
                          "dig @127.0.0.53 -p 53 +nsid +cookie +noadflag +subnet=203.0.113.0/24 x.example A");
    assert_policy_command("client: plain, resolver: doh, query: x.example, transport: tls",
                          "dig @127.0.0.55 -p 853 -b 127.66.6.6 +tls +tls-ca +tls-hostname=doh.example +nsid +nocookie "
                          "+noadflag x.example A");
    assert_policy_command("client: plain, resolver: doh, query: x.example, transport: https",
                          "dig @127.0.0.55 -p 443 -b 127.66.6.6 '+https-get=/q;x' +tls-ca +tls-hostname=doh.example "
                          "+nsid +nocookie +noadflag x.example A");
}

static void an_opcode_is_given_by_its_number(void **state)
{
    (void)state;
    assert_policy_command("client: plain, resolver: ns1, query: {opcode: STATUS, name: corp.example}",
                          "dig @127.0.0.53 -p 53 -b 127.66.6.6 +nsid +nocookie +noadflag +opcode=2 corp.example A");
    assert_command_of_key("client: claimed, resolver: edge, query: {opcode: 7, name: corp.example}", "/k", true,
                          "kdig @127.0.0.54 -p 53 '+proxy=198.51.100.7#4242-127.0.0.54#53' -y " SECRET_OF_K
                          " +nsid +nocookie "
                          "+noadflag +bufsize=1232 corp.example A  # with the opcode, which kdig does not write, "
                          "OPCODE7");
}

static void transfers_and_notify_go_as_they_went(void **state)
{
    (void)state;
    assert_policy_command("client: plain, resolver: ns1, query: corp.example AXFR",
                          "dig @127.0.0.53 -p 53 -b 127.66.6.6 +tcp +nsid +nocookie +noadflag +norecurse corp.example "
                          "AXFR");
    assert_policy_command("client: plain, resolver: ns1, query: corp.example IXFR",
                          "dig @127.0.0.53 -p 53 -b 127.66.6.6 +tcp +nsid +nocookie +noadflag +norecurse corp.example "
                          "IXFR=0");
    assert_policy_command("client: plain, resolver: ns1, query: {opcode: NOTIFY, name: corp.example}",
                          "dig @127.0.0.53 -p 53 -b 127.66.6.6 +nsid +nocookie +noadflag +norecurse +opcode=notify "
                          "+aaflag corp.example SOA");
}

static void an_update_is_told_to_nsupdate_line_by_line(void **state)
{
    (void)state;
    assert_policy_command(
        "client: plain, resolver: ns1, transport: tcp, query: {opcode: UPDATE, zone: corp.example, "
        "name: '{random}.corp.example', type: A}",
        "printf '%s\\n' 'server 127.0.0.53 53' 'local 127.66.6.6' 'zone corp.example' 'prereq "
        "nxrrset corp.example SOA' 'update delete 9f31c0de77a1005b.corp.example A 192.0.2.253' send | "
        "nsupdate -v");
    assert_command_of_key("client: keyed, resolver: ns1, query: {opcode: UPDATE, zone: corp.example, name: "
                          "p.corp.example, type: MX}",
                          "/k", true,
                          "printf '%s\\n' 'server 127.0.0.53 53' 'zone corp.example' 'prereq nxrrset corp.example SOA' "
                          "'update delete p.corp.example MX 65053 dnspolicy-probe.invalid.' send | nsupdate -k /k");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(source_port_and_the_name_as_it_was_asked_are_told),
        cmocka_unit_test(what_is_not_digs_default_is_asked_for),
        cmocka_unit_test(a_name_is_never_taken_for_anything_else),
        cmocka_unit_test(a_shell_reads_the_name_back_as_one_word),
        cmocka_unit_test(without_an_outcome_the_name_still_looks_fresh),
        cmocka_unit_test(a_secret_is_read_by_the_shell_and_never_shown),
        cmocka_unit_test(a_command_runs_in_the_clients_namespace),
        cmocka_unit_test(what_no_command_can_say_stands_behind_it),
        cmocka_unit_test(kdig_claims_an_address_where_dig_cannot),
        cmocka_unit_test(subnets_cookies_tls_and_https_are_asked_for),
        cmocka_unit_test(an_opcode_is_given_by_its_number),
        cmocka_unit_test(transfers_and_notify_go_as_they_went),
        cmocka_unit_test(an_update_is_told_to_nsupdate_line_by_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
