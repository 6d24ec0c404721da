/*
 * Decides what an operator is told of an exchange that failed although something came back: TLS, HTTP, signatures, and
 * replies to our own form. Knows nothing of policy.
 */
#include "dnspolicy/base/mem.h"
#include "explain.h"
#include "match.h"

static const char *key_name(const struct telling *t)
{
    return t->probe->client->key ? t->probe->client->key->name : "of the query";
}

void explain_bad_credentials(const struct telling *t)
{
    tell_expected_and_came(t);
    if (t->reply->tsig_error == DNS_TSIG_BADTIME)
        tell(t, ": the clocks of this host and of the server differ");
    else if (t->reply->tsig_error == DNS_TSIG_BADSIG)
        tell(t, ": the secret of the key %s is another one on the server", key_name(t));
    else
        tell(t, ": the server does not know the key %s with this algorithm, or not for this", key_name(t));
}

static void tell_unproven_permission(const struct telling *t)
{
    static const char *const reasons[DNS_TSIG_STATUSES] = {
        [DNS_TSIG_NOT_ASKED] = "the query was not signed",
        [DNS_TSIG_UNSIGNED] = "it is not signed: the server does not look at TSIG here, or something on the way "
                              "answered in its place",
        [DNS_TSIG_WRONG_KEY] = "it is signed with another key or algorithm",
        [DNS_TSIG_WRONG_MAC] = "its signature is wrong: the secret differs, or the reply was changed on the way",
        [DNS_TSIG_WRONG_TIME] = "its signature is right and its time is not: compare the clocks of this host and of "
                                "the server",
    };
    tell_expected_and_came(t);
    REQUIRE(t->outcome->tsig < DNS_TSIG_STATUSES && reasons[t->outcome->tsig]);
    tell(t, ", which counts only with a signature by the key %s, and %s", key_name(t), reasons[t->outcome->tsig]);
}

static void tell_failed_tls(const struct telling *t)
{
    tell_expected(t);
    tell(t, "; TLS between ");
    tell_client(t);
    tell(t, " and %s at ", t->probe->resolver->name);
    tell_where(t);
    tell(t, " failed: ");
    tell_error(t);
    if (t->outcome->error.step == OUTCOME_STEP_CERTIFICATE)
        tell(t, "; see the server's certificate, and `server_name` and `ca_file` of the resolver's `tls`");
    else
        tell(t, "; see that TLS is served there, in version 1.2 or later");
}

static void tell_failed_http(const struct telling *t)
{
    tell_expected(t);
    tell(t, "; %s at ", t->probe->resolver->name);
    tell_where(t);
    switch ((enum outcome_http_error)t->outcome->error.http) {
    case OUTCOME_HTTP_STATUS:
        tell(t, " answered HTTP status %u to ", t->outcome->http_status);
        tell_client(t);
        if (match_is_forbidden(t->outcome)) {
            tell(t, ": its access list may deny this client, as dnsdist's setACL does, or %s is not for DNS",
                 t->probe->resolver->https_path);
            return;
        }
        tell(t, ": see that %s is its path, that it takes %s, and its log", t->probe->resolver->https_path,
             t->probe->resolver->https_get ? "GET" : "POST");
        return;
    case OUTCOME_HTTP_NO_HTTP2:
        tell(t, " did not offer HTTP/2 to ");
        tell_client(t);
        tell(t, ": something other than a DNS server over HTTPS may listen there");
        return;
    case OUTCOME_HTTP_PROTOCOL:
        tell(t, " broke off the HTTP/2 exchange with ");
        tell_client(t);
        tell(t, ": see its log");
        return;
    case OUTCOME_HTTP_MEDIA_TYPE:
        tell(t, " answered ");
        tell_client(t);
        tell(t, " with something other than application/dns-message: see that %s is its path",
             t->probe->resolver->https_path);
    }
}

static void tell_malformed(const struct telling *t)
{
    tell_expected(t);
    tell(t, "; what %s sent to ", t->probe->resolver->name);
    tell_client(t);
    tell(t, " is no DNS message that can be read (%u bytes): something other than a DNS server may answer at ",
         t->reply->size);
    tell_where(t);
}

/* Unbound 1.17 with refuse_non_local and ede says no like this. */
static bool is_bare_formerr(const struct telling *t)
{
    return t->reply->rcode == DNS_RCODE_FORMERR && t->reply->size == DNS_HEADER_SIZE && t->probe->expects_denial;
}

static const char *form_advice(const struct telling *t)
{
    if (is_bare_formerr(t))
        return "a bare header, which is how Unbound's refuse_non_local denies when its ede is on; list FORMERR if so";
    if (t->reply->rcode == DNS_RCODE_FORMERR && t->probe->client->key)
        return "it, or a box on the way, does not take this form of query; Unbound says so to whatever is signed";
    if (t->reply->rcode == DNS_RCODE_FORMERR)
        return "it, or a box on the way, does not take this form of query; try `edns: false`";
    if (t->reply->rcode == DNS_RCODE_BADVERS) return "it does not take EDNS version 0; try `edns: false`";
    return "it does not implement this kind of query";
}

void explain_protocol_error(const struct telling *t)
{
    if (t->outcome->status == OUTCOME_MALFORMED) {
        tell_malformed(t);
    } else if (t->outcome->status == OUTCOME_TLS_FAILED) {
        tell_failed_tls(t);
    } else if (t->outcome->status == OUTCOME_HTTP_FAILED) {
        tell_failed_http(t);
    } else if (match_is_unproven_permission(t->probe, t->outcome)) {
        tell_unproven_permission(t);
    } else {
        tell_expected_and_came(t);
        tell(t, ": %s", form_advice(t));
    }
}
