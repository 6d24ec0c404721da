/* Decides the one sentence that goes with a verdict: what was expected, what came, from whom, for whom, and where to
 * look. */
#include "explain.h"

#include "dnspolicy/base/mem.h"
#include "match.h"

static void explain_pending(const struct telling *t)
{
    tell_expected(t);
    tell(t, "; ");
    if (!t->outcome) {
        tell_client(t);
        tell(t, " has not asked %s yet", t->probe->resolver->name);
        return;
    }
    bool is_forbidden = match_is_forbidden(t->outcome);
    tell(t, is_forbidden ? "%s answered HTTP status 403 to " : "%s was silent to ", t->probe->resolver->name);
    tell_client(t);
    tell(t, ", which is an answer only from a %s that is known to live: waiting for a reply from ",
         is_forbidden ? "DNS server" : "server");
    tell_where(t);
    tell(t, " to another probe");
}

static void explain_as_expected(const struct telling *t)
{
    tell_expected(t);
    if (t->outcome->status == OUTCOME_RESPONSE) {
        tell(t, ", and %s answered ", t->probe->resolver->name);
        tell_reply(t);
        tell(t, " to ");
        tell_client(t);
        explain_notauth(t);
        return;
    }
    tell(t, ", and %s ", t->probe->resolver->name);
    if (t->outcome->status == OUTCOME_TIMEOUT)
        tell(t, "stayed silent to ");
    else if (match_is_forbidden(t->outcome))
        tell(t, "answered HTTP status 403 to ");
    else
        tell(t, "%s the connection without an answer to ", t->outcome->status == OUTCOME_CLOSED ? "closed" : "reset");
    tell_client(t);
    tell(t, " while it answers others");
}

static void explain_wrong_answer(const struct telling *t)
{
    tell_expected_and_came(t);
    tell(t, ", which is right, but ");
    tell_failed_part(t);
}

static bool is_policy_marked(const struct telling *t)
{
    for (uint16_t code = DNS_EDE_BLOCKED; code <= DNS_EDE_PROHIBITED; code++)
        if (match_reply_has_ede(t->reply, code)) return true;
    return false;
}

static void explain_wrong_rcode(const struct telling *t)
{
    uint16_t rcode = t->reply->rcode;
    bool wants_answer = t->probe->check->expect.words & EXPECT_ANSWERED;
    tell_expected_and_came(t);
    if (rcode == DNS_RCODE_NOTIMP)
        tell(t, ": it does not implement %s, so it denies everyone; list NOTIMP or DENIED if that will do",
             t->probe->query->qtype_label);
    else if (is_policy_marked(t))
        tell(t, ": a policy of the server made this answer");
    else if (rcode == DNS_RCODE_BADCOOKIE)
        tell(t, ": it asks for its own cookie; set `cookie: true`, or ask over tcp");
    else if (rcode == DNS_RCODE_SERVFAIL && dns_question_zone(t->asked))
        tell(t, ": the zone may not be loaded, have expired, or its primary be away; see its log");
    else if (rcode == DNS_RCODE_NOERROR && dns_question_is_transfer(t->asked))
        tell(t, " with %s and not the zone's SOA first: no transfer begins like this",
             t->reply->counts[DNS_SECTION_ANSWER] ? "records" : "no record");
    else if (rcode == DNS_RCODE_SERVFAIL)
        tell(t, ": it could not resolve the name, as when its own upstream refuses; see its log");
    else if (wants_answer && (rcode == DNS_RCODE_NOERROR || rcode == DNS_RCODE_NXDOMAIN))
        tell(t,
             " with neither a record of the type nor a SOA in the authority section: a referral, or made by a policy");
    else if (rcode == DNS_RCODE_NXDOMAIN)
        tell(t, ": for this client the name does not exist");
    else if (rcode == DNS_RCODE_NOERROR)
        tell(t, ": for this client the name exists");
    else if (rcode == DNS_RCODE_NOTAUTH)
        explain_notauth(t);
    else
        tell(t, ": see the server's log");
}

static void (*const sentences[VERDICTS])(const struct telling *t) = {
    [VERDICT_PENDING] = explain_pending,
    [VERDICT_LOCAL_ERROR] = explain_local_error,
    [VERDICT_AS_EXPECTED] = explain_as_expected,
    [VERDICT_NETWORK_ERROR] = explain_network_error,
    [VERDICT_NO_RESPONSE] = explain_no_response,
    [VERDICT_BAD_CREDENTIALS] = explain_bad_credentials,
    [VERDICT_PROTOCOL_ERROR] = explain_protocol_error,
    [VERDICT_OPEN_TRANSFER] = explain_open_transfer,
    [VERDICT_OPEN_UPDATE] = explain_open_update,
    [VERDICT_OPEN_RECURSION] = explain_open_recursion,
    [VERDICT_OPEN_CACHE] = explain_open_cache,
    [VERDICT_UNEXPECTED_ANSWER] = explain_unexpected_answer,
    [VERDICT_UNEXPECTED_REFUSAL] = explain_unexpected_refusal,
    [VERDICT_WRONG_ANSWER] = explain_wrong_answer,
    [VERDICT_WRONG_RCODE] = explain_wrong_rcode,
};

/* Access lists judge the claimed address, but not all of them. */
static void tell_proxied(const struct telling *t)
{
    char claimed[ADDR_TEXT_SIZE];
    enum verdict verdict = (enum verdict)t->judgement.verdict;
    if (t->probe->claimed) addr_format(t->probe->claimed, claimed);
    if (verdict == VERDICT_NO_RESPONSE) tell(t, "; see that it takes PROXYv2 there, and from this source");
    if (verdict == VERDICT_NO_RESPONSE && t->probe->transport >= TRANSPORT_TLS)
        tell(t, ", before TLS: Unbound and dnsdist 1.7 take it within");
    if (!t->probe->claimed) return;
    if (verdict_table[verdict].category == CATEGORY_TOO_OPEN)
        tell(t, "; it judged by the address %s that the PROXYv2 header claimed", claimed);
    else if (verdict == VERDICT_UNEXPECTED_REFUSAL || verdict == VERDICT_NO_RESPONSE)
        tell(t,
             "; the PROXYv2 header claimed %s, but an access list for the real peer may have decided, as dnsdist's "
             "setACL does",
             claimed);
    else if (verdict_table[verdict].category == CATEGORY_MISMATCH)
        tell(t, "; the PROXYv2 header claimed %s", claimed);
}

void judge_explain(const struct plan_probe *probe, const struct outcome *outcome, struct judgement judgement,
                   struct strbuf *out)
{
    REQUIRE(judgement.verdict < VERDICTS && sentences[judgement.verdict]);
    REQUIRE(outcome || judgement.verdict == VERDICT_PENDING);
    struct telling t = {
        .probe = probe,
        .asked = &probe->query->config->question,
        .outcome = outcome,
        .reply = outcome ? &outcome->reply : NULL,
        .judgement = judgement,
        .out = out,
    };
    sentences[judgement.verdict](&t);
    if (!outcome) return;
    if (outcome->bad_cookie && outcome->status == OUTCOME_RESPONSE)
        tell(&t, "; its first reply was BADCOOKIE, and this one is to the query with the server's cookie");
    if (probe->resolver->proxy) tell_proxied(&t);
}
