/*
 * Decides what a reply tells of a server's policy: to whom it is open and where to close it, or what was denied and
 * where to look. Knows no silence and no failed exchange.
 */
#include "explain.h"
#include "match.h"

static bool is_random(const struct telling *t) { return dns_name_has_random(t->asked->name); }

/* The SOA query that went before a transfer tells the two meanings apart. */
void explain_notauth(const struct telling *t)
{
    if (t->reply->rcode != DNS_RCODE_NOTAUTH || t->reply->tsig_error != DNS_TSIG_NONE) return;
    if (t->outcome->zone == OUTCOME_ZONE_SERVED) {
        tell(t, ": denied; the zone is served here, for its SOA came before");
    } else {
        tell(t, ": denied, or zone not served here");
        if (t->outcome->zone == OUTCOME_ZONE_NOT_SERVED)
            tell(t, "; the SOA query before it was not answered either: see that the zone is served here");
    }
    if (t->probe->client->key)
        tell(t, "; PowerDNS also says so to a key %s that it does not accept", t->probe->client->key->name);
}

void explain_open_transfer(const struct telling *t)
{
    tell_expected(t);
    tell(t, "; %s began to transfer %s to ", t->probe->resolver->name, t->asked->name);
    tell_client(t);
    tell(t, ": clients that it should deny can read the whole zone; see who may transfer it");
    if (t->probe->client->key) return;
    tell(t, " (in BIND's allow-transfer an address is enough even where a key is listed too)");
}

void explain_open_update(const struct telling *t)
{
    char type[DNS_NUMBER_TEXT_SIZE];
    dns_type_format(t->asked->type, type);
    tell_expected(t);
    tell(t, "; %s would let ", t->probe->resolver->name);
    tell_client(t);
    tell(t, " update ");
    tell_name(t);
    tell(t, " %s: it ", type);
    if (t->reply->rcode == DNS_RCODE_NOERROR)
        tell(t, "took the update (");
    else if (t->reply->rcode == DNS_RCODE_NOTZONE)
        tell(t, "looked at the record and finds it outside the zone (");
    else
        tell(t, "went on to the prerequisite (");
    tell_reply(t);
    tell(t, "); nothing was changed; see the update policy of %s", t->asked->zone);
}

void explain_open_recursion(const struct telling *t)
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

void explain_open_cache(const struct telling *t)
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

void explain_unexpected_answer(const struct telling *t)
{
    tell_expected_and_came(t);
    if (t->asked->opcode == DNS_OPCODE_NOTIFY) {
        tell(t, ": it takes notice of %s from clients it should deny, and any of them can make it ask its primary",
             t->asked->name);
        return;
    }
    tell(t, " with ");
    tell_records(t);
    if (match_is_noerror_denial(t->probe, t->reply))
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
    if (match_is_noerror_denial(t->probe, t->reply))
        return "it answered a part and will not look up the rest for this client; see its recursion access list";
    if (match_reply_has_ede(t->reply, DNS_EDE_NOT_AUTHORITATIVE))
        return t->asked->recursion_desired ? "it does not serve this name, and does not recurse for this client"
                                           : "it answers only queries with RD set";
    if (dns_question_zone(t->asked)) return "see the zone's access lists, and those of the server as a whole";
    if (!t->asked->recursion_desired)
        return "the query had RD clear, which Unbound, Knot Resolver and systemd-resolved refuse to everyone";
    if (t->reply->flags & DNS_FLAG_AA) return "a rule for this name or this client denies it";
    return "see its access lists, and those of a forwarder behind it";
}

void explain_unexpected_refusal(const struct telling *t)
{
    tell_expected(t);
    tell(t, "; %s refused ", t->probe->resolver->name);
    tell_client(t);
    tell(t, ": ");
    tell_reply(t);
    if (t->reply->rcode == DNS_RCODE_NOTAUTH)
        explain_notauth(t);
    else
        tell(t, "; %s", refusal_advice(t));
}
