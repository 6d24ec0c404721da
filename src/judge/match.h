/* How an outcome and an expectation compare, part by part. Shared by the decision and its sentences. */
#ifndef DNSPOLICY_JUDGE_MATCH_H
#define DNSPOLICY_JUDGE_MATCH_H

#include "dnspolicy/judge/verdict.h"

struct match {
    enum judge_part failed; /* JUDGE_PART_NONE: every part holds */
    uint16_t failed_index;  /* of answer.contains */
    bool answer_cut;        /* the part failed only because the answer's text ends early */
};

/* Every part in the order of the configuration; silence is taken for an answer where the expectation allows it. */
struct match match_expectation(const struct plan_probe *probe, const struct outcome *outcome);

/* "No" in words: REFUSED, NOTAUTH without TSIG error, SERVFAIL or a recordless NOERROR with EDE 18. */
bool match_is_denial_in_words(const struct plan_probe *probe, const struct dns_reply *reply);
/* NOERROR with EDE 18 to a query or transfer, and nothing of what was asked for, where the expectation does not list
 * 18: BIND says so of a CNAME whose target would need recursion. */
bool match_is_noerror_denial(const struct plan_probe *probe, const struct dns_reply *reply);
/* A yes to a signed query whose signature is missing or wrong: anybody may have said it. */
bool match_is_unproven_permission(const struct plan_probe *probe, const struct outcome *outcome);
/* No reply at all, however that came about. */
bool match_is_silence(const struct plan_probe *probe, const struct outcome *outcome);
/* HTTP status 403: a no before any DNS message was looked at, as dnsdist's setACL says it over HTTPS. */
bool match_is_forbidden(const struct outcome *outcome);
/* The rcodes by which a server shows that it would go on with an update: NOERROR, NXDOMAIN, YXDOMAIN, YXRRSET, NXRRSET
 * and NOTZONE. */
bool match_is_update_permission(uint16_t rcode);
/* NOTIMP to an UPDATE or a NOTIFY. */
bool match_is_unsupported(const struct plan_probe *probe, const struct dns_reply *reply);
bool match_reply_has_ede(const struct dns_reply *reply, uint16_t code);
/* The probe asks for a name in none of the resolver's zones, in class IN. */
bool match_is_outside_zones(const struct plan_probe *probe);
/* NXDOMAIN or NODATA of RFC 2308, with a SOA in the authority section. */
bool match_is_negative_answer(const struct dns_reply *reply);

#endif
