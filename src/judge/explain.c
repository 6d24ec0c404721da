/* Decides the one sentence that goes with a verdict: what was expected, what came, from whom, for whom, and where to look. */
#include "explain.h"

#include "dnspolicy/base/mem.h"
#include "match.h"

static bool is_random(const struct telling *t) { return dns_name_has_random(t->asked->name); }

/* "REFUSED was expected; ns1 answered NOERROR to office (10.20.0.0/16)" */
static void tell_expected_and_came(const struct telling *t)
{
    tell_expected(t);
    tell(t, "; %s answered ", t->probe->resolver->name);
    tell_reply(t);
    tell(t, " to ");
    tell_client(t);
}

static void explain_pending(const struct telling *t)
{
    tell_expected(t);
    tell(t, "; ");
    if (!t->outcome) {
        tell_client(t);
        tell(t, " has not asked %s yet", t->probe->resolver->name);
        return;
    }
    tell(t, "%s was silent to ", t->probe->resolver->name);
    tell_client(t);
    tell(t, ", which is an answer only from a server that is known to live: waiting for a reply from ");
    tell_where(t);
    tell(t, " to another probe");
}

static void tell_notauth(const struct telling *t)
{
    if (t->reply->rcode == DNS_RCODE_NOTAUTH && t->reply->tsig_error == DNS_TSIG_NONE)
        tell(t, ": denied, or zone not served here");
}

static void explain_as_expected(const struct telling *t)
{
    tell_expected(t);
    if (t->outcome->status == OUTCOME_RESPONSE) {
        tell(t, ", and %s answered ", t->probe->resolver->name);
        tell_reply(t);
        tell(t, " to ");
        tell_client(t);
        tell_notauth(t);
        return;
    }
    tell(t, ", and %s ", t->probe->resolver->name);
    if (t->outcome->status == OUTCOME_TIMEOUT)
        tell(t, "stayed silent to ");
    else
        tell(t, "%s the connection without an answer to ", t->outcome->status == OUTCOME_CLOSED ? "closed" : "reset");
    tell_client(t);
    tell(t, " while it answers others");
}

static void explain_bad_credentials(const struct telling *t)
{
    tell_expected_and_came(t);
    if (t->reply->tsig_error == DNS_TSIG_BADTIME)
        tell(t, ": the clocks of this host and of the server differ");
    else if (t->reply->tsig_error == DNS_TSIG_BADSIG)
        tell(t, ": the key's secret is another one on the server");
    else
        tell(t, ": the server does not know the key, or not for this");
}

/* Unbound 1.17 with refuse_non_local and ede says no like this. */
static bool is_bare_formerr(const struct telling *t)
{
    return t->reply->rcode == DNS_RCODE_FORMERR && t->reply->size == DNS_HEADER_SIZE && t->probe->expects_denial;
}

static void explain_protocol_error(const struct telling *t)
{
    if (t->outcome->status == OUTCOME_MALFORMED) {
        tell_expected(t);
        tell(t, "; what %s sent to ", t->probe->resolver->name);
        tell_client(t);
        tell(t, " is no DNS message that can be read (%u bytes): something other than a DNS server may answer at ",
             t->reply->size);
        tell_where(t);
        return;
    }
    tell_expected_and_came(t);
    if (is_bare_formerr(t))
        tell(t,
             ": a bare header, which is how Unbound's refuse_non_local denies when its ede is on; list FORMERR if so");
    else if (t->reply->rcode == DNS_RCODE_FORMERR)
        tell(t, ": it, or a box on the way, does not take this form of query; try `edns: false`");
    else if (t->reply->rcode == DNS_RCODE_BADVERS)
        tell(t, ": it does not take EDNS version 0; try `edns: false`");
    else
        tell(t, ": it does not implement this kind of query");
}

static void explain_open_recursion(const struct telling *t)
{
    tell_expected(t);
    tell(t, "; %s resolved ", t->probe->resolver->name);
    if (is_random(t))
        tell(t, "a fresh name");
    else
        tell_name(t);
    tell(t, " for ");
    tell_client(t);
    if (is_random(t))
        tell(t, ": it recurses for clients it should refuse");
    else
        tell(t, ": it recurses for clients it should refuse, or a cache may have answered; a name with {random} tells "
                "them apart");
}

static void explain_open_cache(const struct telling *t)
{
    tell_expected(t);
    tell(t, "; %s answered ", t->probe->resolver->name);
    tell_name(t);
    tell(t, " for ");
    tell_client(t);
    tell(t, " without recursion, with ");
    tell_records(t);
    tell(t, ": its cache is open to clients it should refuse, who can see what others ask");
}

static void explain_unexpected_answer(const struct telling *t)
{
    tell_expected_and_came(t);
    tell(t, " with ");
    tell_records(t);
    if (match_is_noerror_denial(&t->probe->check->expect, t->reply))
        tell(t, ": it answers, but says that it will not follow the name further");
    else if (t->reply->flags & DNS_FLAG_AA)
        tell(t, ": it serves the name to clients it should deny");
    else if (t->reply->counts[DNS_SECTION_ANSWER] == 0 && t->reply->counts[DNS_SECTION_AUTHORITY] > 0 &&
             !t->reply->authority_soa)
        tell(t, ": a referral, so it talks to clients it should deny");
    else
        tell(t, ": its access list lets this client in");
}

static const char *refusal_advice(const struct telling *t)
{
    if (t->reply->rcode == DNS_RCODE_NOTAUTH) return "denied, or zone not served here";
    if (match_is_noerror_denial(&t->probe->check->expect, t->reply))
        return "it answered a part and will not look up the rest for this client; see its recursion access list";
    if (match_reply_has_ede(t->reply, DNS_EDE_NOT_AUTHORITATIVE))
        return t->asked->recursion_desired ? "it does not serve this name, and does not recurse for this client"
                                           : "it answers only queries with RD set";
    if (!t->asked->recursion_desired)
        return "the query had RD clear, which Unbound, Knot Resolver and systemd-resolved refuse to everyone";
    if (t->reply->flags & DNS_FLAG_AA) return "a rule for this name or this client denies it";
    return "see its access lists, and those of a forwarder behind it";
}

static void explain_unexpected_refusal(const struct telling *t)
{
    tell_expected(t);
    tell(t, "; %s refused ", t->probe->resolver->name);
    tell_client(t);
    tell(t, ": ");
    tell_reply(t);
    tell(t, "; %s", refusal_advice(t));
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
    if (is_policy_marked(t))
        tell(t, ": a policy of the server made this answer");
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
        tell_notauth(t);
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
    [VERDICT_OPEN_RECURSION] = explain_open_recursion,
    [VERDICT_OPEN_CACHE] = explain_open_cache,
    [VERDICT_UNEXPECTED_ANSWER] = explain_unexpected_answer,
    [VERDICT_UNEXPECTED_REFUSAL] = explain_unexpected_refusal,
    [VERDICT_WRONG_ANSWER] = explain_wrong_answer,
    [VERDICT_WRONG_RCODE] = explain_wrong_rcode,
};

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
}
