/*
 * Decides the verdict: one small function per row of the table of verdicts, in the table's order; the first that holds
 * wins. Knows no sentences, no time and no other outcome than the one it is shown.
 */
#include "dnspolicy/judge/verdict.h"

#include "dnspolicy/base/mem.h"
#include "match.h"

/* What every row looks at. */
struct question {
    const struct plan_probe *probe;
    const struct dns_question *asked;
    const struct outcome *outcome;
    const struct dns_reply *reply; /* NULL: no reply that could be read */
    struct match match;
    enum silence silence;
};

bool judge_needs_life(const struct outcome *outcome, const struct plan_probe *probe)
{
    return match_is_silence(probe, outcome) || match_is_forbidden(outcome);
}

static bool is_waiting(const struct question *q)
{
    return !q->reply && q->match.failed == JUDGE_PART_NONE && q->silence == SILENCE_WAITING;
}

static bool is_local_error(const struct question *q) { return q->outcome->status == OUTCOME_LOCAL_ERROR; }

static bool is_as_expected(const struct question *q)
{
    return q->match.failed == JUDGE_PART_NONE && (q->reply || q->silence == SILENCE_VOUCHED);
}

static bool is_network_error(const struct question *q)
{
    return q->outcome->status == OUTCOME_UNREACHABLE || q->outcome->status == OUTCOME_CONNECT_REFUSED;
}

static bool is_no_response(const struct question *q)
{
    return q->outcome->status == OUTCOME_TIMEOUT || q->outcome->status == OUTCOME_CLOSED ||
           q->outcome->status == OUTCOME_RESET;
}

static bool is_bad_credentials(const struct question *q)
{
    if (!q->reply || q->reply->rcode != DNS_RCODE_NOTAUTH) return false;
    uint16_t error = q->reply->tsig_error;
    return error == DNS_TSIG_BADSIG || error == DNS_TSIG_BADTIME ||
           (error == DNS_TSIG_BADKEY && !q->probe->expects_denial);
}

/* A NOTIMP to an UPDATE or a NOTIFY that should be denied is a no, if not the one that was named. */
static bool is_protocol_error(const struct question *q)
{
    if (!q->reply)
        return q->outcome->status == OUTCOME_MALFORMED || q->outcome->status == OUTCOME_TLS_FAILED ||
               q->outcome->status == OUTCOME_HTTP_FAILED;
    if (match_is_unproven_permission(q->probe, q->outcome)) return true;
    if (q->match.failed != JUDGE_PART_RCODE) return false;
    if (q->probe->expects_denial && match_is_unsupported(q->probe, q->reply)) return false;
    return q->reply->rcode == DNS_RCODE_FORMERR || q->reply->rcode == DNS_RCODE_BADVERS ||
           q->reply->rcode == DNS_RCODE_NOTIMP;
}

static bool is_open_transfer(const struct question *q)
{
    return q->reply && q->probe->expects_denial && dns_question_is_transfer(q->asked) &&
           q->reply->rcode == DNS_RCODE_NOERROR && q->reply->answer_starts_with_soa;
}

static bool is_open_update(const struct question *q)
{
    return q->reply && q->probe->expects_denial && q->asked->opcode == DNS_OPCODE_UPDATE &&
           match_is_update_permission(q->reply->rcode);
}

/* A denial was to be had for a name that the server answers only by recursion or from a cache, and it did not claim the
 * name as its own. */
static bool is_foreign_reply(const struct question *q)
{
    return q->reply && q->probe->expects_denial && q->asked->opcode == DNS_OPCODE_QUERY &&
           match_is_outside_zones(q->probe) && !(q->reply->flags & DNS_FLAG_AA);
}

/* What a refusal carries in its answer section is no answer. */
static bool has_answer_record(const struct dns_reply *reply)
{
    return reply->counts[DNS_SECTION_ANSWER] > 0 && reply->rcode != DNS_RCODE_REFUSED &&
           reply->rcode != DNS_RCODE_NOTAUTH;
}

static bool is_open_recursion(const struct question *q)
{
    return is_foreign_reply(q) && q->asked->recursion_desired && (q->reply->flags & DNS_FLAG_RA) &&
           (has_answer_record(q->reply) || match_is_negative_answer(q->reply));
}

static bool is_open_cache(const struct question *q)
{
    return is_foreign_reply(q) && has_answer_record(q->reply) &&
           (!(q->reply->flags & DNS_FLAG_RA) || !q->asked->recursion_desired);
}

static bool is_unexpected_answer(const struct question *q)
{
    return q->reply && q->probe->expects_denial &&
           (q->reply->rcode == DNS_RCODE_NOERROR || q->reply->rcode == DNS_RCODE_NXDOMAIN);
}

static bool is_unexpected_refusal(const struct question *q)
{
    return q->reply && !q->probe->expects_denial && match_is_denial_in_words(q->probe, q->reply);
}

static bool is_wrong_answer(const struct question *q) { return q->reply && q->match.failed != JUDGE_PART_RCODE; }

static bool is_anything_else(const struct question *q)
{
    (void)q;
    return true;
}

static const struct {
    enum verdict verdict;
    bool (*holds)(const struct question *q);
} rows[] = {
    {VERDICT_PENDING, is_waiting},
    {VERDICT_LOCAL_ERROR, is_local_error},
    {VERDICT_AS_EXPECTED, is_as_expected},
    {VERDICT_NETWORK_ERROR, is_network_error},
    {VERDICT_NO_RESPONSE, is_no_response},
    {VERDICT_BAD_CREDENTIALS, is_bad_credentials},
    {VERDICT_PROTOCOL_ERROR, is_protocol_error},
    {VERDICT_OPEN_TRANSFER, is_open_transfer},
    {VERDICT_OPEN_UPDATE, is_open_update},
    {VERDICT_OPEN_RECURSION, is_open_recursion},
    {VERDICT_OPEN_CACHE, is_open_cache},
    {VERDICT_UNEXPECTED_ANSWER, is_unexpected_answer},
    {VERDICT_UNEXPECTED_REFUSAL, is_unexpected_refusal},
    {VERDICT_WRONG_ANSWER, is_wrong_answer},
    {VERDICT_WRONG_RCODE, is_anything_else},
};

struct judgement judge(const struct plan_probe *probe, const struct outcome *outcome, enum silence silence)
{
    REQUIRE(outcome->status != OUTCOME_ABANDONED);
    struct question q = {
        .probe = probe,
        .asked = &probe->query->config->question,
        .outcome = outcome,
        .reply = outcome->status == OUTCOME_RESPONSE ? &outcome->reply : NULL,
        .match = match_expectation(probe, outcome),
        .silence = silence,
    };
    size_t row = 0;
    while (!rows[row].holds(&q)) row++;
    return (struct judgement){
        .verdict = (uint8_t)rows[row].verdict,
        .failed_part = (uint8_t)q.match.failed,
        .silence = (uint8_t)(judge_needs_life(outcome, probe) ? silence : SILENCE_VOUCHED),
        .answer_cut = q.match.answer_cut,
        .failed_index = q.match.failed_index,
    };
}

static uint32_t bit(enum verdict verdict) { return UINT32_C(1) << verdict; }

uint32_t judge_possible_verdicts(const struct plan_probe *probe)
{
    const struct dns_question *asked = &probe->query->config->question;
    uint32_t possible = bit(VERDICT_AS_EXPECTED);
    if (!probe->expects_denial) return possible | bit(VERDICT_UNEXPECTED_REFUSAL);
    if (asked->opcode == DNS_OPCODE_UPDATE) return possible | bit(VERDICT_OPEN_UPDATE);
    possible |= bit(VERDICT_UNEXPECTED_ANSWER);
    if (dns_question_is_transfer(asked)) return possible | bit(VERDICT_OPEN_TRANSFER);
    if (asked->opcode != DNS_OPCODE_QUERY || !match_is_outside_zones(probe)) return possible;
    possible |= bit(VERDICT_OPEN_CACHE);
    if (asked->recursion_desired) possible |= bit(VERDICT_OPEN_RECURSION);
    return possible;
}
