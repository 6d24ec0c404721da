/* What a change of the config does to a probe: nothing, a new judgement of the same probe, or another probe. */
#include "plan_story.h"

#include "plan/build.h"

#include <stdlib.h>

static const char base_yaml[] = "clients:\n"
                                "  stranger:\n"
                                "    subnet: [198.51.100.0/24, '2001:db8:51::/48']\n"
                                "    description: nobody we know\n"
                                "  friend: {subnet: 10.0.0.0/8}\n"
                                "resolvers:\n"
                                "  ns1: {address: 192.0.2.1, zones: [corp.example, lab.example], group: front}\n"
                                "checks:\n"
                                "  - name: no-open-recursion\n"
                                "    client: stranger\n"
                                "    resolver: ns1\n"
                                "    query: {name: '{random}.probe.example.net', type: A}\n"
                                "    severity: warning\n"
                                "    interval: 30s\n"
                                "    timeout: 2s\n"
                                "    attempts: 2\n"
                                "    expect: {rcode: [REFUSED, SERVFAIL], ede: [18, 20]}\n";

static char *replace(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (!at) fail_msg("nothing to replace: %s", from);
    return mem_printf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void ids_are_the_same_on_every_machine_and_for_ever(void **unused)
{
    (void)unused;
    AUTO(story_fini)
    struct story story = story_of_plan("clients:\n  stranger: {subnet: 198.51.100.0/24}\n"
                                       "resolvers:\n  ns1: {address: 192.0.2.1}\n"
                                       "checks:\n"
                                       "  - name: no-open-recursion\n"
                                       "    client: stranger\n"
                                       "    resolver: ns1\n"
                                       "    query: ['{random}.probe.example.net A', version.bind TXT CH]\n"
                                       "    transport: [udp, tcp]\n"
                                       "    expect: REFUSED\n");
    /* Worked out apart from this code: FNV-1a over the framed names and numbers, MurmurHash3's finaliser. */
    static const char *const golden[] = {"fb9a473da3e93145", "3738f104d07c6fd6", "4facf256ec3ba2f1",
                                         "2912fd0bc839f1cb"};
    for (uint32_t i = 0; i < ARRAY_LEN(golden); i++) {
        char id[PLAN_ID_TEXT_SIZE];
        plan_format_id(story.plan->probes[i].id, id);
        assert_string_equal(id, golden[i]);
    }
}

static void a_digest_does_not_depend_on_where_things_are_in_memory(void **unused)
{
    (void)unused;
    AUTO(story_fini) struct story first = story_of_plan(base_yaml);
    AUTO(story_fini) struct story second = story_of_plan(base_yaml);
    assert_ptr_not_equal(first.plan->probes[0].check, second.plan->probes[0].check);
    assert_int_equal(first.plan->probes[0].digest, second.plan->probes[0].digest);
}

enum effect { KEEPS_ALL, JUDGED_ANEW, ANOTHER_PROBE };
static const char *const effect_names[] = {"keeps all", "judged anew", "another probe"};

static enum effect effect_of(const char *before_yaml, const char *after_yaml)
{
    AUTO(story_fini) struct story before = story_of_plan(before_yaml);
    AUTO(story_fini) struct story after = story_of_plan(after_yaml);
    const struct plan_probe *a = &before.plan->probes[0], *b = &after.plan->probes[0];
    if (a->id != b->id) return ANOTHER_PROBE;
    return a->digest == b->digest ? KEEPS_ALL : JUDGED_ANEW;
}

struct change {
    const char *from, *to;
    enum effect effect;
};

static void assert_effects_on(const char *yaml, const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        AUTO(mem_free_ptr) char *after = replace(yaml, changes[i].from, changes[i].to);
        enum effect effect = effect_of(yaml, after);
        if (effect != changes[i].effect)
            fail_msg("'%s' to '%s': %s, not %s", changes[i].from, changes[i].to, effect_names[effect],
                     effect_names[changes[i].effect]);
    }
}

static void assert_effects(const struct change *changes, size_t count) { assert_effects_on(base_yaml, changes, count); }

static void names_and_the_question_make_another_probe(void **unused)
{
    (void)unused;
    static const struct change changes[] = {
        {"- name: no-open-recursion", "- name: no-recursion", ANOTHER_PROBE},
        {"client: stranger", "client: friend", ANOTHER_PROBE},
        {"type: A", "type: AAAA", ANOTHER_PROBE},
        {"type: A", "type: A, class: CH", ANOTHER_PROBE},
        {"{random}.probe.example.net", "{random}.probe.example.org", ANOTHER_PROBE},
        {"{random}.probe", "0000000000000000.probe", ANOTHER_PROBE},
        {"severity:", "transport: tcp\n    severity:", ANOTHER_PROBE},
    };
    assert_effects(changes, ARRAY_LEN(changes));
    AUTO(mem_free_ptr) char *renamed = replace(base_yaml, "ns1: {", "ns2: {");
    AUTO(mem_free_ptr) char *asked = replace(renamed, "resolver: ns1", "resolver: ns2");
    assert_int_equal(effect_of(base_yaml, asked), ANOTHER_PROBE);
}

static void what_changes_the_wire_is_judged_anew(void **unused)
{
    (void)unused;
    static const struct change changes[] = {
        {"type: A", "type: A, recursion_desired: false", JUDGED_ANEW},
        {"type: A", "type: A, checking_disabled: true", JUDGED_ANEW},
        {"type: A", "type: A, dnssec_ok: true", JUDGED_ANEW},
        {"type: A", "type: A, bufsize: 4096", JUDGED_ANEW},
        {"type: A", "type: A, nsid: false", JUDGED_ANEW},
        {"address: 192.0.2.1", "address: 192.0.2.2", JUDGED_ANEW},
        {"address: 192.0.2.1", "address: '2001:db8::1'", JUDGED_ANEW},
        {"address: 192.0.2.1", "address: 192.0.2.1, port: 5300", JUDGED_ANEW},
        {"description: nobody", "source: [198.51.100.7, '2001:db8:51::7']\n    description: nobody", JUDGED_ANEW},
        {"interval: 30s", "interval: 31s", JUDGED_ANEW},
        {"timeout: 2s", "timeout: 1s", JUDGED_ANEW},
        {"attempts: 2", "attempts: 3", JUDGED_ANEW},
    };
    assert_effects(changes, ARRAY_LEN(changes));

    /* Without EDNS no EDE can be expected. */
    AUTO(mem_free_ptr) char *with_edns = replace(base_yaml, ", ede: [18, 20]", "");
    AUTO(mem_free_ptr) char *without_edns = replace(with_edns, "type: A", "type: A, edns: false");
    assert_int_equal(effect_of(with_edns, without_edns), JUDGED_ANEW);
}

static void what_changes_the_judgement_is_judged_anew(void **unused)
{
    (void)unused;
    static const struct change changes[] = {
        {"198.51.100.0/24", "198.51.100.0/25", JUDGED_ANEW},
        {"description: nobody", "nat: true\n    description: nobody", JUDGED_ANEW},
        {"[corp.example, lab.example]", "[corp.example]", JUDGED_ANEW},
        {"[REFUSED, SERVFAIL]", "[REFUSED]", JUDGED_ANEW},
        {"[REFUSED, SERVFAIL]", "[REFUSED, SERVFAIL, NO_RESPONSE]", JUDGED_ANEW},
        {"[18, 20]", "[18]", JUDGED_ANEW},
        {"ede: [18, 20]", "ede: [18, 20], flags: [ra]", JUDGED_ANEW},
        {"ede: [18, 20]", "ede: [18, 20], flags: ['!ra']", JUDGED_ANEW},
        {"ede: [18, 20]", "ede: [18, 20], nsid: ams", JUDGED_ANEW},
    };
    assert_effects(changes, ARRAY_LEN(changes));
}

static const char context_yaml[] =
    "keys:\n"
    "  xfr: {algorithm: hmac-sha256, secret: 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='}\n"
    "  old: {algorithm: hmac-sha256, secret: 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='}\n"
    "clients:\n"
    "  stranger: {subnet: 198.51.100.0/24, source: 198.51.100.7, key: xfr}\n"
    "resolvers:\n"
    "  ns1: {address: 192.0.2.1, zones: [corp.example]}\n"
    "checks:\n"
    "  - {name: a, client: stranger, resolver: ns1, transport: tcp, expect: DENIED,\n"
    "     query: {name: corp.example, type: SOA}}\n";

static void how_a_client_appears_is_judged_anew(void **unused)
{
    (void)unused;
    static const struct change changes[] = {
        {"key: xfr", "key: xfr, interface: tun0", JUDGED_ANEW},
        {"key: xfr", "key: xfr, netns: pods", JUDGED_ANEW},
        {"key: xfr", "key: xfr, mark: 9", JUDGED_ANEW},
        {"key: xfr", "key: xfr, transparent: true", JUDGED_ANEW},
        {"key: xfr", "key: xfr, ecs: 203.0.113.0/24", JUDGED_ANEW},
        {", key: xfr", "", JUDGED_ANEW},
        {"key: xfr", "key: old", JUDGED_ANEW},
        {"xfr: {algorithm: hmac-sha256", "xfr: {algorithm: hmac-sha224", JUDGED_ANEW},
        {"ODkwMTIzNDU2Nzg5MDE=", "ODkwMTIzNDU2Nzg5MDI=", JUDGED_ANEW},
        {"192.0.2.1", "192.0.2.1, proxy: true", JUDGED_ANEW},
        {"transport: tcp", "transport: tcp, reuse_connection: true", JUDGED_ANEW},
        {"type: SOA", "type: SOA, cookie: true", JUDGED_ANEW},
        {"xfr: {", "spare: {algorithm: hmac-sha1, secret: 'MDEyMzQ1Njc4OTAxMjM0NTY3ODk='}\n  xfr: {", KEEPS_ALL},
    };
    assert_effects_on(context_yaml, changes, ARRAY_LEN(changes));
    AUTO(mem_free_ptr) char *net = replace(context_yaml, "key: xfr", "ecs: 203.0.113.0/24");
    AUTO(mem_free_ptr) char *half = replace(net, "203.0.113.0/24", "203.0.113.0/25");
    assert_int_equal(effect_of(net, half), JUDGED_ANEW);
}

static void another_claimed_address_is_judged_anew_if_it_is_the_one_that_is_claimed(void **unused)
{
    (void)unused;
    AUTO(mem_free_ptr) char *taken = replace(context_yaml, "192.0.2.1", "192.0.2.1, proxy: true");
    AUTO(mem_free_ptr)
    char *claimed = replace(taken, "subnet: 198.51.100.0/24, source: 198.51.100.7",
                            "subnet: [198.51.100.0/24, '2001:db8::/32'], proxy: [198.51.100.7, '2001:db8::7']");
    static const struct change changes[] = {
        {"198.51.100.7", "198.51.100.8", JUDGED_ANEW},
        {"2001:db8::7", "2001:db8::8", KEEPS_ALL},
    };
    assert_effects_on(claimed, changes, ARRAY_LEN(changes));
}

static void what_a_transport_uses_is_judged_anew_over_it_alone(void **unused)
{
    (void)unused;
    static const char *const transports[] = {"transport: tcp", "transport: tls", "transport: https"};
    static const char *const uses[] = {
        "tls: {server_name: ns1.corp.example}",
        "https: {path: /q}",
        "https: {method: GET}",
        "port: 8053",
    };
    static const enum effect effects[ARRAY_LEN(transports)][ARRAY_LEN(uses)] = {
        {KEEPS_ALL, KEEPS_ALL, KEEPS_ALL, JUDGED_ANEW},
        {JUDGED_ANEW, KEEPS_ALL, KEEPS_ALL, JUDGED_ANEW},
        {JUDGED_ANEW, JUDGED_ANEW, JUDGED_ANEW, JUDGED_ANEW},
    };
    for (size_t i = 0; i < ARRAY_LEN(transports); i++) {
        AUTO(mem_free_ptr) char *unsigned_yaml = replace(context_yaml, ", key: xfr", "");
        AUTO(mem_free_ptr) char *yaml = replace(unsigned_yaml, transports[0], transports[i]);
        for (size_t k = 0; k < ARRAY_LEN(uses); k++) {
            AUTO(mem_free_ptr) char *used = mem_printf("zones: [corp.example], %s", uses[k]);
            const struct change change = {"zones: [corp.example]", used, effects[i][k]};
            assert_effects_on(yaml, &change, 1);
        }
        const struct change to_the_same = {"192.0.2.1", i == 0 ? "192.0.2.1, port: 53" : "192.0.2.1", KEEPS_ALL};
        assert_effects_on(yaml, &to_the_same, 1);
    }
}

static void other_certificates_are_judged_anew_wherever_they_are_kept(void **unused)
{
    (void)unused;
    AUTO(mem_free_ptr) char *unsigned_yaml = replace(context_yaml, ", key: xfr", "");
    AUTO(mem_free_ptr) char *yaml = replace(unsigned_yaml, "transport: tcp", "transport: [tcp, tls]");
    AUTO(story_fini) struct story story = story_of_plan(yaml);
    uint64_t tcp = story.plan->probes[0].digest, tls = story.plan->probes[1].digest;
    story.config->resolvers[0].tls_ca_pem = "another bundle";
    story.config->resolvers[0].tls_ca_file = "/etc/another";
    struct plan *after = plan_build(story.config, &story.problems);
    story.config->resolvers[0].tls_ca_file = "/etc/elsewhere";
    struct plan *moved = plan_build(story.config, &story.problems);
    assert_true(after->probes[0].digest == tcp);
    assert_true(after->probes[1].digest != tls);
    assert_true(after->probes[1].digest == moved->probes[1].digest);
    plan_unref(after);
    plan_unref(moved);
}

/* Each part of an `answer` against each other one: no two of them may be mistaken for one another. */
static void every_part_of_an_expected_answer_counts(void **unused)
{
    (void)unused;
    static const char *const answers[] = {
        "{min: 1}",
        "{max: 1}",
        "{min: 2}",
        "{min: 1, max: 1}",
        "{contains: [10.2.2.1]}",
        "{matches: \"^10\"}",
        "{matches: \"^11\"}",
        "{none_match: \"^10\"}",
    };
    AUTO(mem_free_ptr)
    char *answered = replace(base_yaml, "[REFUSED, SERVFAIL], ede: [18, 20]", "NOERROR, answer: ANSWER");
    uint64_t digests[ARRAY_LEN(answers)];
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        AUTO(mem_free_ptr) char *yaml = replace(answered, "ANSWER", answers[i]);
        AUTO(story_fini) struct story story = story_of_plan(yaml);
        digests[i] = story.plan->probes[0].digest;
        for (size_t k = 0; k < i; k++)
            if (digests[i] == digests[k]) fail_msg("%s is as good as %s", answers[i], answers[k]);
    }
}

static void what_is_for_people_keeps_the_history(void **unused)
{
    (void)unused;
    static const struct change changes[] = {
        {"severity: warning", "severity: critical", KEEPS_ALL},
        {"severity:", "description: told anew\n    severity:", KEEPS_ALL},
        {"nobody we know", "still nobody", KEEPS_ALL},
        {"group: front", "group: back", KEEPS_ALL},
        {"group: front", "control: www.example.com A", KEEPS_ALL},
        {"clients:", "global: {max_qps_per_resolver: 50, max_denied_qps: 1}\nclients:", KEEPS_ALL},
    };
    assert_effects(changes, ARRAY_LEN(changes));
}

static void the_order_of_what_is_a_set_keeps_the_history(void **unused)
{
    (void)unused;
    static const struct change changes[] = {
        {"[corp.example, lab.example]", "[lab.example, corp.example]", KEEPS_ALL},
        {"[REFUSED, SERVFAIL]", "[SERVFAIL, REFUSED]", KEEPS_ALL},
        {"[18, 20]", "[20, 18]", KEEPS_ALL},
    };
    assert_effects(changes, ARRAY_LEN(changes));
}

static void what_a_probe_does_not_use_keeps_its_history(void **unused)
{
    (void)unused;
    static const struct change changes[] = {
        {"2001:db8:51::/48", "2001:db8:52::/48", KEEPS_ALL},
        {"friend: {subnet: 10.0.0.0/8}", "friend: {subnet: 10.0.0.0/9}", KEEPS_ALL},
    };
    assert_effects(changes, ARRAY_LEN(changes));
    AUTO(mem_free_ptr) char *over_tcp = replace(base_yaml, "severity:", "transport: tcp\n    severity:");
    AUTO(mem_free_ptr) char *patient = replace(over_tcp, "attempts: 2", "attempts: 3");
    assert_int_equal(effect_of(over_tcp, patient), KEEPS_ALL);
}

static void keys_of_servers_endpoints_and_pairs_are_equal_across_plans(void **unused)
{
    (void)unused;
    AUTO(mem_free_ptr) char *other = replace(base_yaml, "  ns1: {", "  ns0: {address: 192.0.2.9}\n  ns1: {");
    AUTO(mem_free_ptr) char *asked = replace(other, "resolver: ns1", "resolver: [ns0, ns1]");
    AUTO(story_fini) struct story before = story_of_plan(base_yaml);
    AUTO(story_fini) struct story after = story_of_plan(asked);
    const struct plan_probe *was = &before.plan->probes[0], *is = &after.plan->probes[1];
    assert_int_equal(is->server, 1);
    assert_int_equal(before.plan->servers[was->server].key, after.plan->servers[is->server].key);
    assert_int_equal(before.plan->endpoints[was->endpoint].key, after.plan->endpoints[is->endpoint].key);
    assert_int_equal(before.plan->pairs[was->denied_pair].key, after.plan->pairs[is->denied_pair].key);
    assert_true(after.plan->servers[0].key != after.plan->servers[1].key);
}

static void ids_are_read_back_as_written_and_nothing_else_is_an_id(void **unused)
{
    (void)unused;
    char text[PLAN_ID_TEXT_SIZE];
    uint64_t id = 0;
    plan_format_id(UINT64_C(0x00c2a9e81b34d77f), text);
    assert_string_equal(text, "00c2a9e81b34d77f");
    assert_true(plan_parse_id(text, &id));
    assert_true(id == UINT64_C(0x00c2a9e81b34d77f));
    static const char *const strangers[] = {
        "",
        "0",
        "00c2a9e81b34d77",
        "00c2a9e81b34d77f0",
        "00C2A9E81B34D77F",
        "00c2a9e81b34d77g",
        "0x00c2a9e81b34d7",
        " 0c2a9e81b34d77f",
    };
    for (size_t i = 0; i < ARRAY_LEN(strangers); i++) assert_false(plan_parse_id(strangers[i], &id));
}

static void probes_are_found_by_their_id(void **unused)
{
    (void)unused;
    AUTO(mem_free_ptr) char *two = replace(base_yaml, "severity:", "transport: [udp, tcp]\n    severity:");
    AUTO(story_fini) struct story story = story_of_plan(two);
    assert_int_equal(plan_find(story.plan, story.plan->probes[1].id), 1);
    assert_int_equal(plan_find(story.plan, 12345), PLAN_NONE);
}

static void probes_that_share_an_id_by_chance_ask_for_another_name(void **unused)
{
    (void)unused;
    AUTO(mem_free_ptr) char *two = replace(base_yaml, "severity:", "transport: [udp, tcp]\n    severity:");
    AUTO(story_fini) struct story story = story_of_plan(two);
    identities_check(story.plan, &story.problems);
    assert_int_equal(story.problems.errors, 0);
    story.plan->probes[1].id = story.plan->probes[0].id;
    identities_check(story.plan, &story.problems);
    assert_int_equal(story.problems.errors, 1);
    const char *sentence = story.problems.items[story.problems.count - 1].sentence;
    assert_non_null(strstr(sentence, "by chance two probes have the id"));
    assert_non_null(strstr(sentence, "udp, '{random}.probe.example.net A', and check"));
    assert_non_null(strstr(sentence, "another name"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_the_same_on_every_machine_and_for_ever),
        cmocka_unit_test(a_digest_does_not_depend_on_where_things_are_in_memory),
        cmocka_unit_test(names_and_the_question_make_another_probe),
        cmocka_unit_test(what_changes_the_wire_is_judged_anew),
        cmocka_unit_test(what_changes_the_judgement_is_judged_anew),
        cmocka_unit_test(how_a_client_appears_is_judged_anew),
        cmocka_unit_test(another_claimed_address_is_judged_anew_if_it_is_the_one_that_is_claimed),
        cmocka_unit_test(what_a_transport_uses_is_judged_anew_over_it_alone),
        cmocka_unit_test(other_certificates_are_judged_anew_wherever_they_are_kept),
        cmocka_unit_test(every_part_of_an_expected_answer_counts),
        cmocka_unit_test(what_is_for_people_keeps_the_history),
        cmocka_unit_test(the_order_of_what_is_a_set_keeps_the_history),
        cmocka_unit_test(what_a_probe_does_not_use_keeps_its_history),
        cmocka_unit_test(keys_of_servers_endpoints_and_pairs_are_equal_across_plans),
        cmocka_unit_test(ids_are_read_back_as_written_and_nothing_else_is_an_id),
        cmocka_unit_test(probes_are_found_by_their_id),
        cmocka_unit_test(probes_that_share_an_id_by_chance_ask_for_another_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
