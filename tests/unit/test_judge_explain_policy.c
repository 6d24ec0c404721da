/* The sentences for transfers, updates, NOTIFY, signatures, claimed addresses, TLS and HTTPS. */
#include <errno.h>

#include "explain_story.h"

#define AXFR "query: corp.example AXFR, resolver: ns1, "
#define UPDATE "query: {opcode: UPDATE, zone: corp.example, name: p.corp.example, type: TXT}, resolver: ns1, "
#define STRANGER "client: stranger, "
#define SECONDARY "client: secondary, "
#define CLAIMED "client: internet, resolver: edge1, query: '{random}.probe.example.net', "

static void assert_sentence_of(const char *check, struct outcome outcome, enum silence silence, const char *expected)
{
    assert_sentence_in(POLICY_WORLD, check, outcome, silence, expected);
}

static void assert_sentence(const char *check, struct outcome outcome, const char *expected)
{
    assert_sentence_of(check, outcome, SILENCE_VOUCHED, expected);
}

static void an_open_transfer_names_the_zone_and_who_can_read_it(void **unused)
{
    (void)unused;
    struct outcome begins = REPLY(DNS_RCODE_NOERROR, .answers = 1, .begins_with_soa = true);
    assert_sentence(STRANGER AXFR "expect: DENIED", begins,
                    "DENIED was expected; ns1 began to transfer corp.example to stranger (127.66.0.0/16): clients that "
                    "it should deny can read the whole zone; see who may transfer it (in BIND's allow-transfer an "
                    "address is enough even where a key is listed too)");
    assert_sentence(STRANGER "query: corp.example IXFR, resolver: ns1, expect: DENIED", begins,
                    "DENIED was expected; ns1 began to transfer corp.example to stranger (127.66.0.0/16): clients that "
                    "it should deny can read the whole zone; see who may transfer it (in BIND's allow-transfer an "
                    "address is enough even where a key is listed too)");
}

static void an_open_update_names_the_record_and_that_nothing_was_changed(void **unused)
{
    (void)unused;
    assert_sentence(STRANGER UPDATE "expect: DENIED", REPLY(DNS_RCODE_YXRRSET),
                    "DENIED was expected; ns1 would let stranger (127.66.0.0/16) update p.corp.example TXT: it went on "
                    "to the prerequisite (YXRRSET); nothing was changed; see the update policy of corp.example");
    assert_sentence(STRANGER UPDATE "expect: DENIED", REPLY(DNS_RCODE_NOERROR),
                    "DENIED was expected; ns1 would let stranger (127.66.0.0/16) update p.corp.example TXT: it took "
                    "the update (NOERROR); nothing was changed; see the update policy of corp.example");
    assert_sentence(STRANGER UPDATE "expect: REFUSED", REPLY(DNS_RCODE_NOTIMP),
                    "REFUSED was expected; ns1 answered NOTIMP to stranger (127.66.0.0/16): it does not implement "
                    "UPDATE, so it denies everyone; list NOTIMP or DENIED if that will do");
}

static void a_notify_taken_from_a_stranger_says_what_it_leads_to(void **unused)
{
    (void)unused;
    assert_sentence(STRANGER "query: {opcode: NOTIFY, name: corp.example}, resolver: ns1, expect: DENIED",
                    REPLY(DNS_RCODE_NOERROR),
                    "DENIED was expected; ns1 answered NOERROR to stranger (127.66.0.0/16): it takes notice of "
                    "corp.example from clients it should deny, and any of them can make it ask its primary");
}

static void notauth_is_told_by_whether_the_zone_is_served(void **unused)
{
    (void)unused;
    assert_sentence(STRANGER AXFR "expect: ANSWERED", REPLY(DNS_RCODE_NOTAUTH, .zone = OUTCOME_ZONE_SERVED),
                    "ANSWERED was expected; ns1 refused stranger (127.66.0.0/16): NOTAUTH: denied; the zone is served "
                    "here, for its SOA came before");
    assert_sentence(STRANGER AXFR "expect: DENIED", REPLY(DNS_RCODE_NOTAUTH, .zone = OUTCOME_ZONE_NOT_SERVED),
                    "DENIED was expected, and ns1 answered NOTAUTH to stranger (127.66.0.0/16): denied, or zone not "
                    "served here; the SOA query before it was not answered either: see that the zone is served here");
    assert_sentence(SECONDARY AXFR "expect: ANSWERED", REPLY(DNS_RCODE_NOTAUTH, .tsig = DNS_TSIG_UNSIGNED),
                    "ANSWERED was expected; ns1 refused secondary (10.20.30.54/32): NOTAUTH: denied, or zone not "
                    "served here; PowerDNS also says so to a key xfr that it does not accept");
}

static void a_signature_that_does_not_hold_says_which_side_to_look_at(void **unused)
{
    (void)unused;
    static const struct {
        enum dns_tsig_status tsig;
        const char *end;
    } rows[] = {
        {DNS_TSIG_UNSIGNED, "it is not signed: the server does not look at TSIG here, or something on the way answered "
                            "in its place"},
        {DNS_TSIG_WRONG_KEY, "it is signed with another key or algorithm"},
        {DNS_TSIG_WRONG_MAC, "its signature is wrong: the secret differs, or the reply was changed on the way"},
        {DNS_TSIG_WRONG_TIME, "its signature is right and its time is not: compare the clocks of this host and of the "
                              "server"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(mem_free_ptr)
        char *sentence = mem_printf("ANSWERED was expected; ns1 answered NOERROR to secondary (10.20.30.54/32), which "
                                    "counts only with a signature by the key xfr, and %s",
                                    rows[i].end);
        assert_sentence(SECONDARY AXFR "expect: ANSWERED",
                        REPLY(DNS_RCODE_NOERROR, .begins_with_soa = true, .tsig = rows[i].tsig), sentence);
    }
}

static void what_the_server_says_of_our_signature_names_the_key(void **unused)
{
    (void)unused;
    assert_sentence(SECONDARY AXFR "expect: ANSWERED", REPLY(DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADKEY),
                    "ANSWERED was expected; ns1 answered NOTAUTH with TSIG error BADKEY to secondary (10.20.30.54/32): "
                    "the server does not know the key xfr with this algorithm, or not for this");
    assert_sentence(SECONDARY AXFR "expect: ANSWERED", REPLY(DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADSIG),
                    "ANSWERED was expected; ns1 answered NOTAUTH with TSIG error BADSIG to secondary (10.20.30.54/32): "
                    "the secret of the key xfr is another one on the server");
    assert_sentence(SECONDARY AXFR "expect: ANSWERED", REPLY(DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADTIME),
                    "ANSWERED was expected; ns1 answered NOTAUTH with TSIG error BADTIME to secondary "
                    "(10.20.30.54/32): the clocks of this host and of the server differ");
    assert_sentence(SECONDARY AXFR "expect: ANSWERED", REPLY(DNS_RCODE_FORMERR),
                    "ANSWERED was expected; ns1 answered FORMERR to secondary (10.20.30.54/32): it, or a box on the "
                    "way, does not take this form of query; Unbound says so to whatever is signed");
}

static void a_claimed_address_is_told_and_who_else_may_have_decided(void **unused)
{
    (void)unused;
    struct outcome resolved = REPLY(DNS_RCODE_NOERROR, .flags = DNS_FLAG_RD | DNS_FLAG_RA, .answers = 1, .of_qtype = 1);
    assert_sentence(CLAIMED "expect: DENIED", resolved,
                    "DENIED was expected; edge1 resolved a fresh name for internet (198.51.100.0/24): it recurses for "
                    "clients it should refuse; it judged by the address 198.51.100.7 that the PROXYv2 header claimed");
    assert_sentence(CLAIMED "expect: ANSWERED", REPLY(DNS_RCODE_REFUSED),
                    "ANSWERED was expected; edge1 refused internet (198.51.100.0/24): REFUSED; see its access lists, "
                    "and those of a forwarder behind it; the PROXYv2 header claimed 198.51.100.7, but an access list "
                    "for the real peer may have decided, as dnsdist's setACL does");
    assert_sentence(CLAIMED "expect: ANSWERED", outcome_without_reply(OUTCOME_TIMEOUT),
                    "ANSWERED was expected; edge1 did not reply to internet (198.51.100.0/24) to any of 2 attempts: it "
                    "is down, the network or a firewall drops, or its access list drops silently; compare with another "
                    "client; see that it takes PROXYv2 there, and from this source; the PROXYv2 header claimed "
                    "198.51.100.7, but an access list for the real peer may have decided, as dnsdist's setACL does");
    assert_sentence("client: stranger, resolver: edge1, query: x.example, expect: ANSWERED",
                    outcome_without_reply(OUTCOME_TIMEOUT),
                    "ANSWERED was expected; edge1 did not reply to stranger (127.66.0.0/16) to any of 2 attempts: it "
                    "is down, the network or a firewall drops, or its access list drops silently; compare with another "
                    "client; see that it takes PROXYv2 there, and from this source");
    assert_sentence(
        "client: stranger, resolver: edge1, query: x.example, transport: tls, expect: ANSWERED",
        outcome_without_reply(OUTCOME_CLOSED),
        "ANSWERED was expected; edge1 accepted the connection of stranger (127.66.0.0/16) and closed it "
        "without an answer: access lists that drop do this to clients they deny; compare with another "
        "client; see that it takes PROXYv2 there, and from this source, before TLS: Unbound and dnsdist 1.7 "
        "take it within");
    assert_sentence(CLAIMED "expect: DENIED", REPLY(DNS_RCODE_REFUSED),
                    "DENIED was expected, and edge1 answered REFUSED to internet (198.51.100.0/24)");
}

static void a_failed_handshake_gives_the_reason_and_a_failed_exchange_the_status(void **unused)
{
    (void)unused;
    struct outcome expired = outcome_without_reply(OUTCOME_TLS_FAILED);
    expired.error = (struct outcome_error){.step = OUTCOME_STEP_CERTIFICATE, .number = 10};
    assert_sentence(STRANGER "query: x.example, resolver: ns1, transport: tls, expect: ANSWERED", expired,
                    "ANSWERED was expected; TLS between stranger (127.66.0.0/16) and ns1 at 10.20.30.40:853 over tls "
                    "failed: verify the certificate: certificate has expired; see the server's certificate, and "
                    "`server_name` and `ca_file` of the resolver's `tls`");
    struct outcome not_found = outcome_without_reply(OUTCOME_HTTP_FAILED);
    not_found.error = (struct outcome_error){.step = OUTCOME_STEP_HTTP, .http = OUTCOME_HTTP_STATUS};
    not_found.http_status = 404;
    assert_sentence(STRANGER "query: x.example, resolver: ns1, transport: https, expect: ANSWERED", not_found,
                    "ANSWERED was expected; ns1 at 10.20.30.40:443 over https answered HTTP status 404 to stranger "
                    "(127.66.0.0/16): see that /dns-query is its path, that it takes POST, and its log");
    not_found.http_status = 403;
    assert_sentence(STRANGER "query: x.example, resolver: ns1, transport: https, expect: ANSWERED", not_found,
                    "ANSWERED was expected; ns1 at 10.20.30.40:443 over https answered HTTP status 403 to stranger "
                    "(127.66.0.0/16): its access list may deny this client, as dnsdist's setACL does, or /dns-query is "
                    "not for DNS");
    assert_sentence(
        STRANGER "query: x.example, resolver: ns1, transport: https, expect: DENIED", not_found,
        "DENIED was expected, and ns1 answered HTTP status 403 to stranger (127.66.0.0/16) while it answers "
        "others");
    assert_sentence_of(
        STRANGER "query: x.example, resolver: ns1, transport: https, expect: DENIED", not_found, SILENCE_WAITING,
        "DENIED was expected; ns1 answered HTTP status 403 to stranger (127.66.0.0/16), which is an answer only from a "
        "DNS server that is known to live: waiting for a reply from 10.20.30.40:443 over https to another probe");
    not_found.error.http = OUTCOME_HTTP_MEDIA_TYPE;
    assert_sentence(STRANGER "query: x.example, resolver: ns1, transport: https, expect: ANSWERED", not_found,
                    "ANSWERED was expected; ns1 at 10.20.30.40:443 over https answered stranger (127.66.0.0/16) with "
                    "something other than application/dns-message: see that /dns-query is its path");
    not_found.error.http = OUTCOME_HTTP_NO_HTTP2;
    assert_sentence(STRANGER "query: x.example, resolver: ns1, transport: https, expect: ANSWERED", not_found,
                    "ANSWERED was expected; ns1 at 10.20.30.40:443 over https did not offer HTTP/2 to stranger "
                    "(127.66.0.0/16): something other than a DNS server over HTTPS may listen there");
    not_found.error.http = OUTCOME_HTTP_PROTOCOL;
    assert_sentence(STRANGER "query: x.example, resolver: ns1, transport: https, expect: ANSWERED", not_found,
                    "ANSWERED was expected; ns1 at 10.20.30.40:443 over https broke off the HTTP/2 exchange with "
                    "stranger (127.66.0.0/16): see its log");
}

static void replies_to_a_source_that_is_not_local_need_a_way_back(void **unused)
{
    (void)unused;
    assert_sentence("client: routed, resolver: ns1, query: x.example, expect: ANSWERED",
                    outcome_without_reply(OUTCOME_TIMEOUT),
                    "ANSWERED was expected; ns1 did not reply to routed (172.16.9.0/24) to any of 2 attempts: it is "
                    "down, the network or a firewall drops, or its access list drops silently; compare with another "
                    "client; see that replies to its source, which is not local, are routed to this host and taken in "
                    "(AnyIP: `ip route add local`)");
}

static void a_reply_without_its_end_is_told_from_silence(void **unused)
{
    (void)unused;
    struct outcome cut = outcome_without_reply(OUTCOME_TIMEOUT);
    cut.cut_short = true;
    assert_sentence(STRANGER AXFR "expect: DENIED", cut,
                    "DENIED was expected; ns1 began to answer stranger (127.66.0.0/16) and the time was over before "
                    "all of it had come: that is neither an answer nor a denial; see that `timeout` is long enough for "
                    "what it sends, and the path's MTU");
    cut.status = OUTCOME_CLOSED;
    assert_sentence(STRANGER AXFR "expect: DENIED", cut,
                    "DENIED was expected; ns1 began to answer stranger (127.66.0.0/16) and closed the connection "
                    "before all of it had come: that is neither an answer nor a denial; see its log");
}

static void a_reply_after_badcookie_says_so(void **unused)
{
    (void)unused;
    assert_sentence(
        STRANGER "query: {name: x.example, cookie: true}, resolver: ns1, expect: ANSWERED",
        REPLY(DNS_RCODE_REFUSED, .flags = DNS_FLAG_RD, .bad_cookie = true),
        "ANSWERED was expected; ns1 refused stranger (127.66.0.0/16): REFUSED; see its access lists, and those of a "
        "forwarder behind it; its first reply was BADCOOKIE, and this one is to the query with the server's cookie");
    assert_sentence(STRANGER "query: x.example, resolver: ns1, expect: ANSWERED", REPLY(DNS_RCODE_BADCOOKIE),
                    "ANSWERED was expected; ns1 answered BADCOOKIE to stranger (127.66.0.0/16): it asks for its own "
                    "cookie; set `cookie: true`, or ask over tcp");
}

static void what_this_host_lacks_for_a_context_is_named(void **unused)
{
    (void)unused;
    struct outcome unsent = outcome_without_reply(OUTCOME_LOCAL_ERROR);
    unsent.error = (struct outcome_error){.step = OUTCOME_STEP_TRANSPARENT, .number = EPERM};
    assert_sentence(STRANGER "query: x.example, resolver: ns1, expect: ANSWERED", unsent,
                    "ANSWERED was expected; the query of stranger (127.66.0.0/16) to ns1 could not be sent from here "
                    "as asked: send from an address that is not local: Operation not permitted; it needs CAP_NET_ADMIN "
                    "or CAP_NET_RAW; grant it to this program");
    unsent.error = (struct outcome_error){.step = OUTCOME_STEP_NETNS, .number = EACCES};
    assert_sentence("client: pods, query: x.example, resolver: ns1, expect: ANSWERED", unsent,
                    "ANSWERED was expected; the query of pods (127.30.0.0/16) to ns1 could not be sent from here as "
                    "asked: enter the network namespace /run/netns/pods: Permission denied; let this program read it "
                    "and search the folders above it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_transfer_names_the_zone_and_who_can_read_it),
        cmocka_unit_test(an_open_update_names_the_record_and_that_nothing_was_changed),
        cmocka_unit_test(a_notify_taken_from_a_stranger_says_what_it_leads_to),
        cmocka_unit_test(notauth_is_told_by_whether_the_zone_is_served),
        cmocka_unit_test(a_signature_that_does_not_hold_says_which_side_to_look_at),
        cmocka_unit_test(what_the_server_says_of_our_signature_names_the_key),
        cmocka_unit_test(a_claimed_address_is_told_and_who_else_may_have_decided),
        cmocka_unit_test(a_failed_handshake_gives_the_reason_and_a_failed_exchange_the_status),
        cmocka_unit_test(replies_to_a_source_that_is_not_local_need_a_way_back),
        cmocka_unit_test(a_reply_without_its_end_is_told_from_silence),
        cmocka_unit_test(a_reply_after_badcookie_says_so),
        cmocka_unit_test(what_this_host_lacks_for_a_context_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
