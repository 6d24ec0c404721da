/*
 * Decides whether each part of an expectation holds for an outcome. Knows no verdicts, and nothing of what silence is
 * worth at the moment.
 */
#include "match.h"

#include <string.h>
#include <strings.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

/* Patterns see no more of one record: what a regular expression costs grows with the text, and the text is hostile. */
#define MATCH_RDATA_MAX 4096
#define HTTP_FORBIDDEN 403 /* RFC 9110 section 15.5.4 */

bool match_reply_has_ede(const struct dns_reply *reply, uint16_t code)
{
    for (size_t i = 0; i < reply->ede_count; i++)
        if (reply->ede[i].code == code) return true;
    return false;
}

static bool lists_ede(const struct expectation *expectation, uint16_t code)
{
    for (size_t i = 0; i < expectation->ede_count; i++)
        if (expectation->ede[i] == code) return true;
    return false;
}

/* A truncated reply over UDP is one: what follows over TCP is no silence any more. Nor is a reply without its end: the
 * large one of an open server over a slow path is cut short most easily. */
bool match_is_silence(const struct plan_probe *probe, const struct outcome *outcome)
{
    if (outcome->truncated || outcome->cut_short) return false;
    if (outcome->status == OUTCOME_TIMEOUT) return true;
    return transport_is_stream(probe->transport) &&
           (outcome->status == OUTCOME_CLOSED || outcome->status == OUTCOME_RESET);
}

bool match_is_forbidden(const struct outcome *outcome)
{
    return outcome->status == OUTCOME_HTTP_FAILED && outcome->error.http == OUTCOME_HTTP_STATUS &&
           outcome->http_status == HTTP_FORBIDDEN;
}

static const struct dns_question *question_of(const struct plan_probe *probe)
{
    return &probe->query->config->question;
}

/* A record of what was asked for: of the type, or of a transfer its beginning. */
static bool has_wanted_record(const struct plan_probe *probe, const struct dns_reply *reply)
{
    return dns_question_is_transfer(question_of(probe)) ? reply->answer_starts_with_soa : reply->records_of_qtype > 0;
}

bool match_is_noerror_denial(const struct plan_probe *probe, const struct dns_reply *reply)
{
    return reply->rcode == DNS_RCODE_NOERROR && question_of(probe)->opcode == DNS_OPCODE_QUERY &&
           !has_wanted_record(probe, reply) && match_reply_has_ede(reply, DNS_EDE_PROHIBITED) &&
           !lists_ede(&probe->check->expect, DNS_EDE_PROHIBITED);
}

bool match_is_denial_in_words(const struct plan_probe *probe, const struct dns_reply *reply)
{
    switch (reply->rcode) {
    case DNS_RCODE_REFUSED:
        return true;
    case DNS_RCODE_NOTAUTH:
        return reply->tsig_error == DNS_TSIG_NONE;
    case DNS_RCODE_SERVFAIL:
        return match_reply_has_ede(reply, DNS_EDE_PROHIBITED);
    default:
        return match_is_noerror_denial(probe, reply);
    }
}

bool match_is_unsupported(const struct plan_probe *probe, const struct dns_reply *reply)
{
    uint8_t opcode = question_of(probe)->opcode;
    return reply->rcode == DNS_RCODE_NOTIMP && (opcode == DNS_OPCODE_UPDATE || opcode == DNS_OPCODE_NOTIFY);
}

static bool is_prerequisite_error(uint16_t rcode)
{
    return rcode == DNS_RCODE_NXDOMAIN || rcode == DNS_RCODE_YXDOMAIN || rcode == DNS_RCODE_YXRRSET ||
           rcode == DNS_RCODE_NXRRSET;
}

bool match_is_update_permission(uint16_t rcode)
{
    return rcode == DNS_RCODE_NOERROR || rcode == DNS_RCODE_NOTZONE || is_prerequisite_error(rcode);
}

bool match_is_unproven_permission(const struct plan_probe *probe, const struct outcome *outcome)
{
    const struct dns_reply *reply = &outcome->reply;
    if (!probe->client->key || outcome->status != OUTCOME_RESPONSE || outcome->tsig == DNS_TSIG_GOOD) return false;
    if (question_of(probe)->opcode == DNS_OPCODE_UPDATE) return match_is_update_permission(reply->rcode);
    return (reply->rcode == DNS_RCODE_NOERROR || reply->rcode == DNS_RCODE_NXDOMAIN) &&
           !match_is_noerror_denial(probe, reply);
}

bool match_is_outside_zones(const struct plan_probe *probe)
{
    const struct dns_question *question = question_of(probe);
    if (question->klass != DNS_CLASS_IN) return false;
    for (const char **zone = probe->resolver->zones; zone && *zone; zone++)
        if (dns_name_is_within(question->name, *zone)) return false;
    return true;
}

bool match_is_negative_answer(const struct dns_reply *reply)
{
    bool is_nodata = reply->rcode == DNS_RCODE_NOERROR && reply->records_of_qtype == 0;
    return reply->authority_soa && (is_nodata || reply->rcode == DNS_RCODE_NXDOMAIN);
}

/* ---- the rcode part ---- */

/* EDE 15 to 18 say that policy, not the DNS, made the answer. */
static bool is_policy_answer(const struct expectation *expectation, const struct dns_reply *reply)
{
    for (uint16_t code = DNS_EDE_BLOCKED; code <= DNS_EDE_PROHIBITED; code++)
        if (match_reply_has_ede(reply, code) && !lists_ede(expectation, code)) return true;
    return false;
}

static bool is_listed_noerror_denial(const struct expectation *expectation, const struct dns_reply *reply)
{
    return reply->rcode == DNS_RCODE_NOERROR && match_reply_has_ede(reply, DNS_EDE_PROHIBITED) &&
           lists_ede(expectation, DNS_EDE_PROHIBITED);
}

static bool is_query_answered(const struct plan_probe *probe, const struct dns_reply *reply)
{
    const struct expectation *expectation = &probe->check->expect;
    if (is_policy_answer(expectation, reply)) return false;
    bool has_record = reply->rcode == DNS_RCODE_NOERROR && reply->records_of_qtype > 0;
    return has_record || match_is_negative_answer(reply) || is_listed_noerror_denial(expectation, reply);
}

static bool is_answered(const struct plan_probe *probe, const struct dns_reply *reply)
{
    bool is_noerror = reply->rcode == DNS_RCODE_NOERROR;
    switch (question_of(probe)->opcode) {
    case DNS_OPCODE_QUERY:
        if (!dns_question_is_transfer(question_of(probe))) return is_query_answered(probe, reply);
        return is_noerror && reply->answer_starts_with_soa;
    case DNS_OPCODE_UPDATE:
        return is_noerror || is_prerequisite_error(reply->rcode);
    default:
        return is_noerror;
    }
}

/* Any other TSIG error is about the signature: permission was not looked at. */
static bool is_about_permission(const struct dns_reply *reply)
{
    return reply->rcode != DNS_RCODE_NOTAUTH || reply->tsig_error == DNS_TSIG_NONE ||
           reply->tsig_error == DNS_TSIG_BADKEY;
}

static bool is_denied(const struct plan_probe *probe, const struct dns_reply *reply)
{
    switch (reply->rcode) {
    case DNS_RCODE_REFUSED:
        return true;
    case DNS_RCODE_NOTAUTH:
        return is_about_permission(reply);
    case DNS_RCODE_SERVFAIL:
        return match_reply_has_ede(reply, DNS_EDE_PROHIBITED);
    default:
        return match_is_unsupported(probe, reply);
    }
}

static bool is_allowed_tsig_error(const struct expectation *expectation, const struct dns_reply *reply)
{
    static const struct {
        uint8_t word;
        uint16_t error;
    } words[] = {
        {EXPECT_BADSIG, DNS_TSIG_BADSIG}, {EXPECT_BADKEY, DNS_TSIG_BADKEY}, {EXPECT_BADTIME, DNS_TSIG_BADTIME}};
    if (reply->rcode != DNS_RCODE_NOTAUTH) return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if ((expectation->words & words[i].word) && reply->tsig_error == words[i].error) return true;
    return false;
}

static bool rcode_holds(const struct plan_probe *probe, const struct dns_reply *reply)
{
    const struct expectation *expectation = &probe->check->expect;
    bool is_by_number = expectation_allows_rcode(expectation, reply->rcode) && !match_is_noerror_denial(probe, reply) &&
                        is_about_permission(reply);
    return is_by_number || ((expectation->words & EXPECT_ANSWERED) && is_answered(probe, reply)) ||
           ((expectation->words & EXPECT_DENIED) && is_denied(probe, reply)) ||
           is_allowed_tsig_error(expectation, reply);
}

/* ---- the answer part ---- */

struct rdata {
    const char *text;
    size_t len;
};

/* The RDATA of the next record, or false at the end. *at moves on. */
static bool next_rdata(const struct dns_reply *reply, size_t *at, struct rdata *out)
{
    if (*at >= reply->answer_len) return false;
    const char *line = reply->answer + *at;
    size_t left = reply->answer_len - *at;
    const char *newline = memchr(line, '\n', left);
    size_t len = newline ? (size_t)(newline - line) : left;
    *at += len + 1;
    const char *text = line;
    for (int spaces = 0; spaces < 4; spaces++) {
        const char *space = memchr(text, ' ', len - (size_t)(text - line));
        text = space ? space + 1 : line + len;
    }
    *out = (struct rdata){text, len - (size_t)(text - line)};
    return true;
}

/* Names compare without regard to case and final dot; what is in quotes compares byte by byte. */
static bool rdata_equals(const struct rdata *rdata, const char *wanted)
{
    size_t len = rdata->len, wanted_len = strlen(wanted);
    bool is_quoted = memchr(rdata->text, '"', len) != NULL;
    if (len > 1 && rdata->text[len - 1] == '.') len--;
    if (wanted_len > 1 && wanted[wanted_len - 1] == '.') wanted_len--;
    if (len != wanted_len) return false;
    return is_quoted ? memcmp(rdata->text, wanted, len) == 0 : strncasecmp(rdata->text, wanted, len) == 0;
}

static bool answer_contains(const struct dns_reply *reply, const char *wanted)
{
    struct rdata rdata;
    for (size_t at = 0; next_rdata(reply, &at, &rdata);)
        if (rdata_equals(&rdata, wanted)) return true;
    return false;
}

/* True when a record matches. *is_whole: every record's RDATA could be looked at to its end. */
static bool answer_matches(const struct dns_reply *reply, const regex_t *regex, bool *is_whole)
{
    char text[MATCH_RDATA_MAX + 1];
    struct rdata rdata;
    *is_whole = !reply->answer_cut;
    for (size_t at = 0; next_rdata(reply, &at, &rdata);) {
        if (rdata.len > MATCH_RDATA_MAX) {
            *is_whole = false;
            continue;
        }
        memcpy(text, rdata.text, rdata.len);
        text[rdata.len] = '\0';
        if (regexec(regex, text, 0, NULL, 0) == 0) return true;
    }
    return false;
}

static struct match match_answer(const struct expectation *expectation, const struct dns_reply *reply)
{
    uint16_t records = reply->counts[DNS_SECTION_ANSWER];
    bool is_whole;
    if (expectation->has_answer_min && records < expectation->answer_min)
        return (struct match){.failed = JUDGE_PART_ANSWER_MIN};
    if (expectation->has_answer_max && records > expectation->answer_max)
        return (struct match){.failed = JUDGE_PART_ANSWER_MAX};
    for (uint16_t i = 0; expectation->answer_contains && expectation->answer_contains[i]; i++)
        if (!answer_contains(reply, expectation->answer_contains[i]))
            return (struct match){JUDGE_PART_ANSWER_CONTAINS, i, reply->answer_cut};
    if (expectation->answer_matches.text && !answer_matches(reply, &expectation->answer_matches.regex, &is_whole))
        return (struct match){JUDGE_PART_ANSWER_MATCHES, 0, !is_whole};
    if (expectation->answer_none_match.text) {
        if (answer_matches(reply, &expectation->answer_none_match.regex, &is_whole))
            return (struct match){.failed = JUDGE_PART_ANSWER_NONE_MATCH};
        if (!is_whole) return (struct match){JUDGE_PART_ANSWER_NONE_MATCH, 0, true};
    }
    return (struct match){.failed = JUDGE_PART_NONE};
}

/* ---- flags, EDE, NSID ---- */

static bool flags_hold(const struct expectation *expectation, const struct dns_reply *reply)
{
    return (reply->flags & expectation->flags_set) == expectation->flags_set &&
           (reply->flags & expectation->flags_clear) == 0;
}

static bool ede_holds(const struct expectation *expectation, const struct dns_reply *reply)
{
    for (size_t i = 0; i < reply->ede_count; i++)
        if (lists_ede(expectation, reply->ede[i].code)) return true;
    return expectation->ede_count == 0;
}

static bool nsid_holds(const struct expectation *expectation, const struct dns_reply *reply)
{
    if (!expectation->nsid.text) return true;
    if (!reply->has_nsid) return false;
    AUTO(strbuf_fini) struct strbuf text = {0};
    text_add_clean(&text, reply->nsid, reply->nsid_len);
    return regexec(&expectation->nsid.regex, strbuf_text(&text), 0, NULL, 0) == 0;
}

static struct match match_reply(const struct plan_probe *probe, const struct outcome *outcome)
{
    const struct expectation *expectation = &probe->check->expect;
    const struct dns_reply *reply = &outcome->reply;
    if (!rcode_holds(probe, reply) || match_is_unproven_permission(probe, outcome))
        return (struct match){.failed = JUDGE_PART_RCODE};
    if (!flags_hold(expectation, reply)) return (struct match){.failed = JUDGE_PART_FLAGS};
    struct match answer = match_answer(expectation, reply);
    if (answer.failed) return answer;
    if (!ede_holds(expectation, reply)) return (struct match){.failed = JUDGE_PART_EDE};
    if (!nsid_holds(expectation, reply)) return (struct match){.failed = JUDGE_PART_NSID};
    return answer;
}

/* Silence has neither flags nor records: it cannot meet an expectation that asks for more than an rcode. */
static enum judge_part first_part_beyond_rcode(const struct expectation *expectation)
{
    if (expectation->flags_set || expectation->flags_clear) return JUDGE_PART_FLAGS;
    if (expectation->has_answer_min) return JUDGE_PART_ANSWER_MIN;
    if (expectation->has_answer_max) return JUDGE_PART_ANSWER_MAX;
    if (expectation->answer_contains) return JUDGE_PART_ANSWER_CONTAINS;
    if (expectation->answer_matches.text) return JUDGE_PART_ANSWER_MATCHES;
    if (expectation->answer_none_match.text) return JUDGE_PART_ANSWER_NONE_MATCH;
    if (expectation->ede_count) return JUDGE_PART_EDE;
    return expectation->nsid.text ? JUDGE_PART_NSID : JUDGE_PART_NONE;
}

struct match match_expectation(const struct plan_probe *probe, const struct outcome *outcome)
{
    const struct expectation *expectation = &probe->check->expect;
    if (outcome->status == OUTCOME_RESPONSE) return match_reply(probe, outcome);
    bool is_denial = match_is_silence(probe, outcome)
                         ? expectation_allows_silence(expectation)
                         : match_is_forbidden(outcome) && (expectation->words & EXPECT_DENIED);
    if (is_denial) return (struct match){.failed = first_part_beyond_rcode(expectation)};
    return (struct match){.failed = JUDGE_PART_RCODE};
}
