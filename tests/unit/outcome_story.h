/* For the tests of judgement and memory: plans of one line a check, and outcomes as a server would have made them. */
#ifndef TESTS_OUTCOME_STORY_H
#define TESTS_OUTCOME_STORY_H

#include "plan_story.h"

#include "dnspolicy/base/clock.h"
#include "dnspolicy/judge/verdict.h"
#include "dnspolicy/probe/outcome.h"

#define WORLD                                                                                                          \
    "clients:\n"                                                                                                       \
    "  office: {subnet: 10.20.0.0/16}\n"                                                                               \
    "  stranger: {subnet: 127.66.0.0/16, source: 127.66.6.6}\n"                                                        \
    "resolvers:\n"                                                                                                     \
    "  ns1: {address: 10.20.30.40, zones: [corp.example]}\n"                                                           \
    "  ns2: {address: 10.20.30.41}\n"

/* A world of transfers, updates, keys, claims and certificates. */
#define POLICY_WORLD                                                                                                   \
    "keys:\n"                                                                                                          \
    "  xfr: {algorithm: hmac-sha256, secret: c2VjcmV0IG9mIHRoZSBkbnNwb2xpY3kgdGVzdHMgMzI=}\n"                          \
    "clients:\n"                                                                                                       \
    "  stranger: {subnet: 127.66.0.0/16, source: 127.66.6.6}\n"                                                        \
    "  secondary: {subnet: 10.20.30.54/32, source: 10.20.30.54, key: xfr}\n"                                           \
    "  internet: {subnet: 198.51.100.0/24, proxy: 198.51.100.7}\n"                                                     \
    "  routed: {subnet: 172.16.9.0/24, source: 172.16.9.4, transparent: true}\n"                                       \
    "  pods: {subnet: 127.30.0.0/16, netns: pods}\n"                                                                   \
    "resolvers:\n"                                                                                                     \
    "  ns1: {address: 10.20.30.40, zones: [corp.example]}\n"                                                           \
    "  edge1: {address: 10.20.30.50, proxy: true}\n"

/* What a server's reply says, as far as a story tells it. */
struct said {
    uint16_t rcode;
    uint8_t flags; /* besides qr */
    uint16_t answers;
    uint16_t of_qtype;
    uint16_t authority;
    bool soa;
    uint16_t ede; /* 0: none */
    const char *ede_text;
    uint16_t tsig_error;
    bool is_bare; /* twelve bytes: no question, no OPT */
    const char *answer;
    const char *nsid;
    bool begins_with_soa; /* as a transfer does */
    uint8_t tsig;         /* what the reply's signature is worth */
    uint8_t zone;         /* what the SOA query before a transfer told */
    bool bad_cookie;      /* the first reply was BADCOOKIE */
};

static inline struct outcome outcome_of_reply(const struct said *said)
{
    struct outcome outcome = {
        .status = OUTCOME_RESPONSE,
        .attempts = 1,
        .queries_sent = 1,
        .rtt_ns = 300 * NS_PER_US,
        .connect_ns = -1,
        .tls_ns = -1,
        .tsig = said->tsig,
        .zone = said->zone,
        .bad_cookie = said->bad_cookie,
    };
    struct dns_reply *reply = &outcome.reply;
    reply->size = said->is_bare ? DNS_HEADER_SIZE : 57;
    reply->rcode = said->rcode;
    reply->flags = DNS_FLAG_QR | said->flags;
    reply->counts[DNS_SECTION_QUESTION] = !said->is_bare;
    reply->counts[DNS_SECTION_ANSWER] = said->answers;
    reply->counts[DNS_SECTION_AUTHORITY] = (uint16_t)(said->soa ? 1 : said->authority);
    reply->has_question = !said->is_bare;
    reply->has_edns = !said->is_bare;
    reply->authority_soa = said->soa;
    reply->records_of_qtype = said->of_qtype;
    reply->tsig_error = said->tsig_error;
    reply->answer_starts_with_soa = said->begins_with_soa;
    if (said->ede) {
        reply->ede_count = 1;
        reply->ede[0].code = said->ede;
        reply->ede[0].text = said->ede_text;
        reply->ede[0].text_len = (uint16_t)(said->ede_text ? strlen(said->ede_text) : 0);
    }
    reply->answer = said->answer;
    reply->answer_len = (uint32_t)(said->answer ? strlen(said->answer) : 0);
    if (said->nsid) {
        reply->has_nsid = true;
        reply->nsid = (const uint8_t *)said->nsid;
        reply->nsid_len = (uint16_t)strlen(said->nsid);
    }
    return outcome;
}
#define REPLY(...) outcome_of_reply(&(struct said){.rcode = __VA_ARGS__})

static inline struct outcome outcome_without_reply(enum outcome_status status)
{
    return (struct outcome){
        .status = (uint8_t)status,
        .attempts = 2,
        .queries_sent = 2,
        .attempts_lost = 2,
        .rtt_ns = -1,
        .connect_ns = -1,
        .tls_ns = -1,
    };
}

#endif
