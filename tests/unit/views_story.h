/* For the tests of views: a small configuration, the runs that its probes have had, and what is shown of it. */
#ifndef TESTS_VIEWS_STORY_H
#define TESTS_VIEWS_STORY_H

#include "plan_story.h"

#include <stdlib.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/file.h"
#include "dnspolicy/views/json.h"
#include "dnspolicy/views/service.h"

#define TOLD_AT (INT64_C(1767323045678) * (int64_t)NS_PER_MS) /* 2026-01-02T03:04:05.678Z */

struct telling {
    struct story story;
    struct view_service service;
    struct generation *generation;
};

static inline void telling_fini(struct telling *telling)
{
    generation_release(telling->generation);
    state_free(telling->service.state);
    story_fini(&telling->story);
}

/* Everything is loaded at TOLD_AT; the probes are in the order of the plan. */
static inline void telling_begin(struct telling *telling, const char *yaml)
{
    struct plan_diff diff;
    memset(telling, 0, sizeof(*telling));
    telling->story = story_of_plan(yaml);
    const struct plan *plan = telling->story.plan;
    telling->service.state = state_new(&(struct state_options){0});
    telling->service.config_file = "f";
    telling->service.started_wall_ns = TOLD_AT;
    telling->service.lanes = 1;
    telling->service.last_reload_ok = true;
    telling->service.last_reload_success_wall_ns = TOLD_AT;
    plan_diff_init(&diff, NULL, plan);
    struct placement *placement = placement_new(plan, 1, NULL, NULL);
    state_commit(telling->service.state, state_prepare(telling->service.state, plan, placement, &diff, TOLD_AT));
    plan_diff_fini(&diff);
    telling->generation = state_acquire(telling->service.state);
}

/* Another configuration; what it has in common with the one before goes on. */
static inline void tell_reload(struct telling *telling, const char *yaml)
{
    struct plan_diff diff;
    struct state *state = telling->service.state;
    struct story next = story_of_plan(yaml);
    plan_diff_init(&diff, telling->story.plan, next.plan);
    struct placement *placement = placement_new(next.plan, 1, NULL, NULL);
    state_commit(state, state_prepare(state, next.plan, placement, &diff, TOLD_AT));
    plan_diff_fini(&diff);
    generation_release(telling->generation);
    telling->generation = state_acquire(state);
    story_fini(&telling->story);
    telling->story = next;
}

/* A reply as it comes when nothing is special about it; the test changes what it wants. */
static inline struct outcome reply_of(uint32_t probe, uint16_t rcode)
{
    struct outcome outcome = {
        .probe = probe,
        .status = OUTCOME_RESPONSE,
        .attempts = 1,
        .queries_sent = 1,
        .local_port = 43512,
        .stamp = {.id = 7, .random = {0x9f, 0x31, 0xc0, 0xde, 0x77, 0xa1, 0x00, 0x5b}},
        .rtt_ns = 312000,
        .connect_ns = -1,
        .tls_ns = -1,
        .reply = {.size = 74, .rcode = rcode, .flags = DNS_FLAG_QR | DNS_FLAG_RD, .counts = {1}, .has_question = true},
    };
    return outcome;
}

static inline struct outcome silence_of(uint32_t probe)
{
    struct outcome outcome = reply_of(probe, 0);
    outcome.status = OUTCOME_TIMEOUT;
    outcome.attempts = outcome.queries_sent = outcome.attempts_lost = 2;
    outcome.rtt_ns = -1;
    outcome.reply = (struct dns_reply){0};
    return outcome;
}

/* `after_seconds` since everything was loaded. */
static inline void tell_run(struct telling *telling, struct outcome outcome, unsigned after_seconds)
{
    struct engine_sink sink = state_sink(telling->service.state);
    const struct plan_probe *probe = &telling->story.plan->probes[outcome.probe];
    outcome.local = probe->client->source[probe->family];
    outcome.ended_mono_ns = (1 + after_seconds) * NS_PER_SEC;
    outcome.started_mono_ns = outcome.ended_mono_ns - NS_PER_MS;
    outcome.ended_wall_ns = TOLD_AT + (int64_t)(after_seconds * NS_PER_SEC);
    outcome.started_wall_ns = outcome.ended_wall_ns - (int64_t)NS_PER_MS;
    sink.fold(sink.ctx, 0, &outcome, 1);
}

/* `query`: "key=value" pairs joined by '&', as they are after decoding. */
static inline void take_params(struct view_params *params, unsigned allowed, const char *query)
{
    AUTO(mem_free_ptr) char *copy = mem_strdup(query);
    view_params_init(params, allowed);
    char *rest = copy;
    for (char *pair; (pair = strtok_r(rest, "&", &rest));) {
        char *error = NULL, *value = strchr(pair, '=');
        *value++ = '\0';
        if (!view_params_set(params, pair, value, &error)) fail_msg("%s", error);
    }
}

static inline void assert_has(const struct strbuf *out, const char *text)
{
    if (!strstr(strbuf_text(out), text)) fail_msg("expected %s in %s", text, strbuf_text(out));
}

static inline void assert_has_not(const struct strbuf *out, const char *text)
{
    if (strstr(strbuf_text(out), text)) fail_msg("did not expect %s in %s", text, strbuf_text(out));
}

#define OFFICE_AND_STRANGER                                                                                            \
    "clients:\n"                                                                                                       \
    "  office: {subnet: [10.20.0.0/16, \"2001:db8::/32\"], source: 10.20.5.18, description: head office}\n"            \
    "  stranger: {subnet: 127.66.0.0/16, source: 127.66.6.6}\n"                                                        \
    "resolvers:\n"                                                                                                     \
    "  ns1: {address: 127.0.0.53}\n"                                                                                   \
    "  ns2: {address: 127.0.0.54, port: 5354, group: edge}\n"                                                          \
    "checks:\n"                                                                                                        \
    "  - name: no-open-recursion\n"                                                                                    \
    "    description: strangers get the door\n"                                                                        \
    "    client: stranger\n"                                                                                           \
    "    resolver: [ns1, ns2]\n"                                                                                       \
    "    query: \"{random}.probe.example.net A\"\n"                                                                    \
    "    expect: REFUSED\n"                                                                                            \
    "  - name: office-may-recurse\n"                                                                                   \
    "    client: office\n"                                                                                             \
    "    resolver: ns1\n"                                                                                              \
    "    query: {name: \"{random}.www.example.com\", type: A, bufsize: 4096, dnssec_ok: true}\n"                       \
    "    transport: [udp, tcp]\n"                                                                                      \
    "    severity: page\n"                                                                                             \
    "    interval: 1m\n"                                                                                               \
    "    expect: {rcode: ANSWERED, flags: [ra, \"!aa\"], answer: {min: 1, max: 4, none_match: \"^192[.]168[.]\"}}\n"

enum { STRANGER_NS1, STRANGER_NS2, OFFICE_UDP, OFFICE_TCP, STORY_PROBES };

/* One probe in each state: an open resolver, silence, a pass, and one that has not run. */
static inline void tell_office_and_stranger(struct telling *telling)
{
    static const char answer[] = "9f31c0de77a1005b.probe.example.net. 60 IN A 192.0.2.9\n";
    telling_begin(telling, OFFICE_AND_STRANGER);
    assert_int_equal(telling->story.plan->probe_count, STORY_PROBES);

    struct outcome opened = reply_of(STRANGER_NS1, DNS_RCODE_NOERROR);
    opened.reply.flags |= DNS_FLAG_RA;
    opened.reply.counts[DNS_SECTION_ANSWER] = opened.reply.counts[DNS_SECTION_ADDITIONAL] = 1;
    opened.reply.records_of_qtype = 1;
    opened.reply.answer = answer;
    opened.reply.answer_len = sizeof(answer) - 1;
    opened.reply.has_edns = opened.reply.has_nsid = true;
    opened.reply.nsid = (const uint8_t *)"ns1";
    opened.reply.nsid_len = 3;
    struct outcome passes = opened;
    passes.probe = OFFICE_UDP;
    passes.rtt_ns = 2500000;
    tell_run(telling, reply_of(STRANGER_NS1, DNS_RCODE_REFUSED), 10);
    tell_run(telling, passes, 15);
    tell_run(telling, silence_of(STRANGER_NS2), 20);
    tell_run(telling, opened, 40);
    tell_run(telling, opened, 70);
    tell_run(telling, silence_of(STRANGER_NS2), 120);
}

/* Every context of a client, every transport, and what is not a plain query. */
#define CONTEXTS                                                                                                       \
    "keys:\n"                                                                                                          \
    "  xfr: {algorithm: hmac-sha256, secret: c2VjcmV0IG9mIHRoZSBkbnNwb2xpY3kgdGVzdHMgMzI=}\n"                          \
    "clients:\n"                                                                                                       \
    "  plain: {subnet: 127.66.0.0/16, source: 127.66.6.6}\n"                                                           \
    "  keyed: {subnet: 127.67.0.0/16, source: 127.67.6.6, key: xfr}\n"                                                 \
    "  claimed: {subnet: 198.51.100.0/24, proxy: 198.51.100.7}\n"                                                      \
    "  pods: {subnet: 10.244.0.0/16, netns: pods, interface: tun0, mark: 9, transparent: true, source: 10.244.0.9}\n"  \
    "  geo: {subnet: 127.68.0.0/16, ecs: 203.0.113.0/24}\n"                                                            \
    "resolvers:\n"                                                                                                     \
    "  ns1: {address: 127.0.0.53, zones: [corp.example], tls: {server_name: ns1.corp.example},\n"                      \
    "        https: {path: /q, method: GET}}\n"                                                                        \
    "  edge: {address: 127.0.0.54, proxy: true}\n"                                                                     \
    "policies:\n"                                                                                                      \
    "  - {name: transfers, operation: transfer, resolver: ns1, zone: corp.example, allow: keyed, deny: plain}\n"       \
    "checks:\n"                                                                                                        \
    "  - {name: updates, client: keyed, resolver: ns1, expect: DENIED,\n"                                              \
    "     query: {opcode: UPDATE, zone: corp.example, name: p.corp.example, type: TXT}}\n"                             \
    "  - {name: proxied, client: claimed, resolver: edge, query: '{random}.example A', expect: DENIED}\n"              \
    "  - {name: spaces, client: pods, resolver: ns1, query: {name: x.example, cookie: true}, expect: ANSWERED}\n"      \
    "  - {name: secured, client: geo, resolver: ns1, query: x.example, transport: [tls, https], expect: ANSWERED}\n"

enum { UPDATES, PROXIED, SPACES, SECURED_TLS, SECURED_HTTPS, TRANSFERS_ALLOWED, TRANSFERS_DENIED, CONTEXT_PROBES };

static inline void tell_contexts(struct telling *telling)
{
    telling_begin(telling, CONTEXTS);
    assert_int_equal(telling->story.plan->probe_count, CONTEXT_PROBES);

    struct outcome signed_update = reply_of(UPDATES, DNS_RCODE_NOTAUTH);
    signed_update.reply.tsig_error = DNS_TSIG_BADKEY;
    signed_update.tsig = DNS_TSIG_UNSIGNED;
    tell_run(telling, signed_update, 5);

    struct outcome claimed = reply_of(PROXIED, DNS_RCODE_REFUSED);
    claimed.claimed_port = 4242;
    tell_run(telling, claimed, 6);

    struct outcome cookie = reply_of(SPACES, DNS_RCODE_REFUSED);
    cookie.bad_cookie = true;
    tell_run(telling, cookie, 7);

    struct outcome secured = reply_of(SECURED_TLS, DNS_RCODE_REFUSED);
    secured.connect_ns = 400000;
    secured.tls_ns = 1500000;
    secured.is_resumed_session = true;
    secured.certificate_not_after_s = 1800000000;
    tell_run(telling, secured, 8);

    struct outcome not_found = silence_of(SECURED_HTTPS);
    not_found.status = OUTCOME_HTTP_FAILED;
    not_found.http_status = 404;
    not_found.is_reused_connection = true;
    not_found.error = (struct outcome_error){.step = OUTCOME_STEP_HTTP, .http = OUTCOME_HTTP_STATUS};
    tell_run(telling, not_found, 9);

    struct outcome transfer = reply_of(TRANSFERS_ALLOWED, DNS_RCODE_NOERROR);
    transfer.reply.answer_starts_with_soa = true;
    transfer.reply.soa_serial = 10;
    transfer.tsig = DNS_TSIG_GOOD;
    transfer.zone = OUTCOME_ZONE_SERVED;
    tell_run(telling, transfer, 10);
}

/* tests/golden holds what is shown, as a person has read it; UPDATE_GOLDEN=1 writes it anew, to be read again. */
static inline void assert_golden(const char *name, const struct strbuf *shown)
{
    AUTO(mem_free_ptr) char *path = mem_printf("tests/golden/%s", name);
    AUTO(mem_free_ptr) char *error = NULL;
    AUTO(strbuf_fini) struct strbuf golden = {0};
    if (getenv("UPDATE_GOLDEN")) assert_true(file_write_whole(path, strbuf_text(shown), shown->len, &error));
    if (!file_read(path, 1 << 20, &golden, &error)) fail_msg("%s", error);
    if (strcmp(strbuf_text(&golden), strbuf_text(shown)) != 0) fail_msg("not as in %s:\n%s", path, strbuf_text(shown));
}

#endif
