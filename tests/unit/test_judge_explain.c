/* The sentence that goes with a verdict, as an operator reads it. */
#include <errno.h>

#include "explain_story.h"

#define AA DNS_FLAG_AA
#define RD DNS_FLAG_RD
#define RA DNS_FLAG_RA

static void assert_sentence_of(const char *check, struct outcome outcome, enum silence silence, const char *expected)
{
    assert_sentence_in(WORLD, check, outcome, silence, expected);
}

static void assert_sentence(const char *check, struct outcome outcome, const char *expected)
{
    assert_sentence_of(check, outcome, SILENCE_VOUCHED, expected);
}

#define RANDOM "query: '{random}.probe.example.net', "
#define FIXED "query: www.example.com, "
#define OFFICE "client: office, resolver: ns1, "

static void before_the_first_run_it_says_who_has_not_asked(void **unused)
{
    (void)unused;
    AUTO(story_fini) struct story story = story_of_check(WORLD, FIXED "expect: REFUSED");
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    judge_explain(&story.plan->probes[0], NULL, (struct judgement){.verdict = VERDICT_PENDING}, &sentence);
    assert_string_equal(strbuf_text(&sentence), "REFUSED was expected; stranger (127.66.0.0/16) has not asked ns1 yet");
}

static void what_passes_is_told_with_what_came(void **unused)
{
    (void)unused;
    assert_sentence(RANDOM "expect: [REFUSED, NOTAUTH]", REPLY(DNS_RCODE_REFUSED, .ede = 18, .ede_text = "not you\x01"),
                    "REFUSED or NOTAUTH was expected, and ns1 answered REFUSED with EDE 18 (Prohibited: \"not "
                    "you\xef\xbf\xbd\") to stranger (127.66.0.0/16)");
    assert_sentence(
        RANDOM "expect: DENIED", REPLY(DNS_RCODE_NOTAUTH),
        "DENIED was expected, and ns1 answered NOTAUTH to stranger (127.66.0.0/16): denied, or zone not served here");
    assert_sentence(RANDOM "expect: DENIED", outcome_without_reply(OUTCOME_TIMEOUT),
                    "DENIED was expected, and ns1 stayed silent to stranger (127.66.0.0/16) while it answers others");
    assert_sentence(RANDOM "transport: tcp, expect: DENIED", outcome_without_reply(OUTCOME_RESET),
                    "DENIED was expected, and ns1 reset the connection without an answer to stranger (127.66.0.0/16) "
                    "while it answers others");
}

static void what_is_too_open_says_for_whom_and_where_to_close_it(void **unused)
{
    (void)unused;
    struct outcome resolved = REPLY(DNS_RCODE_NOERROR, .flags = RD | RA, .answers = 1, .of_qtype = 1);
    struct outcome cached = REPLY(DNS_RCODE_NOERROR, .flags = RD, .answers = 2, .of_qtype = 2);
    assert_sentence(RANDOM "expect: REFUSED", resolved,
                    "REFUSED was expected; ns1 resolved a fresh name for stranger (127.66.0.0/16): it recurses for "
                    "clients it should refuse");
    assert_sentence(FIXED "expect: REFUSED", resolved,
                    "REFUSED was expected; ns1 resolved www.example.com for stranger (127.66.0.0/16): it recurses for "
                    "clients it should refuse, or a cache may have answered; a name with {random} tells them apart");
    assert_sentence(
        FIXED "expect: REFUSED", cached,
        "REFUSED was expected; ns1 answered www.example.com for stranger (127.66.0.0/16) without recursion, with 2 "
        "records: its cache is open to clients it should refuse, who can see what others ask");
    assert_sentence(FIXED "expect: DENIED", REPLY(DNS_RCODE_NOERROR, .flags = RD, .authority = 3),
                    "DENIED was expected; ns1 answered NOERROR to stranger (127.66.0.0/16) with no record: a referral, "
                    "so it talks to clients it should deny");
    assert_sentence("query: www.corp.example, expect: DENIED",
                    REPLY(DNS_RCODE_NOERROR, .flags = AA, .answers = 1, .of_qtype = 1),
                    "DENIED was expected; ns1 answered NOERROR to stranger (127.66.0.0/16) with 1 record: it serves "
                    "the name to clients it should deny");
    assert_sentence("query: www.corp.example, expect: DENIED",
                    REPLY(DNS_RCODE_NOERROR, .flags = AA, .answers = 1, .ede = 18),
                    "DENIED was expected; ns1 answered NOERROR with EDE 18 (Prohibited) to stranger (127.66.0.0/16) "
                    "with 1 record: it answers, but says that it will not follow the name further");
}

static void what_is_too_strict_says_what_the_server_said(void **unused)
{
    (void)unused;
    assert_sentence(OFFICE FIXED "expect: ANSWERED", REPLY(DNS_RCODE_REFUSED, .flags = RD, .ede = 18),
                    "ANSWERED was expected; ns1 refused office (10.20.0.0/16): REFUSED with EDE 18 (Prohibited); see "
                    "its access lists, and those of a forwarder behind it");
    assert_sentence(OFFICE FIXED "expect: ANSWERED", REPLY(DNS_RCODE_REFUSED, .flags = RD, .ede = 20),
                    "ANSWERED was expected; ns1 refused office (10.20.0.0/16): REFUSED with EDE 20 (Not "
                    "Authoritative); it does not serve this name, and does not recurse for this client");
    assert_sentence(OFFICE FIXED "expect: ANSWERED", REPLY(DNS_RCODE_REFUSED, .flags = AA | RD | RA),
                    "ANSWERED was expected; ns1 refused office (10.20.0.0/16): REFUSED; a rule for this name or this "
                    "client denies it");
    assert_sentence(
        OFFICE FIXED "expect: ANSWERED", REPLY(DNS_RCODE_NOTAUTH),
        "ANSWERED was expected; ns1 refused office (10.20.0.0/16): NOTAUTH: denied, or zone not served here");
    assert_sentence(OFFICE FIXED "expect: NOERROR", REPLY(DNS_RCODE_NOERROR, .answers = 1, .ede = 18),
                    "NOERROR was expected; ns1 refused office (10.20.0.0/16): NOERROR with EDE 18 (Prohibited); it "
                    "answered a part and will not look up the rest for this client; see its recursion access list");
    assert_sentence(OFFICE "query: {name: www.example.com, recursion_desired: false}, expect: ANSWERED",
                    REPLY(DNS_RCODE_REFUSED, .flags = RA),
                    "ANSWERED was expected; ns1 refused office (10.20.0.0/16): REFUSED; the query had RD clear, which "
                    "Unbound, Knot Resolver and systemd-resolved refuse to everyone");
}

static void what_never_left_or_never_came_back_says_why(void **unused)
{
    (void)unused;
    struct outcome unbound = outcome_without_reply(OUTCOME_LOCAL_ERROR);
    unbound.error = (struct outcome_error){.step = OUTCOME_STEP_BIND, .number = EADDRNOTAVAIL};
    assert_sentence(
        FIXED "expect: REFUSED", unbound,
        "REFUSED was expected; the query of stranger (127.66.0.0/16) to ns1 could not be sent from here as asked: bind "
        "to 127.66.6.6: Cannot assign requested address; add the address to this host, or correct `source`");
    struct outcome icmp = outcome_without_reply(OUTCOME_UNREACHABLE);
    icmp.error = (struct outcome_error){.has_icmp = true, .icmp_type = 3, .icmp_code = 13};
    addr_parse("10.0.0.1", &icmp.error.icmp_sender);
    assert_sentence(
        FIXED "expect: DENIED", icmp,
        "DENIED was expected; the query of stranger (127.66.0.0/16) did not get to ns1 at 10.20.30.40:53 over udp: "
        "ICMP communication administratively prohibited from 10.0.0.1; look at routes and firewalls on the way");
    struct outcome unrouted = outcome_without_reply(OUTCOME_UNREACHABLE);
    unrouted.error = (struct outcome_error){.step = OUTCOME_STEP_CONNECT, .number = ENETUNREACH};
    assert_sentence(FIXED "expect: DENIED", unrouted,
                    "DENIED was expected; the query of stranger (127.66.0.0/16) did not get to ns1 at 10.20.30.40:53 "
                    "over udp: connect: Network is unreachable; this host has no route to it from that source");
    struct outcome refused = outcome_without_reply(OUTCOME_CONNECT_REFUSED);
    refused.error = (struct outcome_error){.step = OUTCOME_STEP_CONNECT, .number = ECONNREFUSED};
    assert_sentence(FIXED "transport: tcp, expect: DENIED", refused,
                    "DENIED was expected; the query of stranger (127.66.0.0/16) did not get to ns1 at 10.20.30.40:53 "
                    "over tcp: connect: Connection refused; no server listens there, or a firewall rejects: that is "
                    "the network, not the DNS rcode REFUSED");
    refused.truncated = true;
    assert_sentence(OFFICE FIXED "expect: ANSWERED", refused,
                    "ANSWERED was expected; ns1 sent office (10.20.0.0/16) a truncated reply over udp, and the query "
                    "over tcp did not get there: connect: Connection refused; no server listens there, or a firewall "
                    "rejects: that is the network, not the DNS rcode REFUSED");
    assert_sentence(
        OFFICE FIXED "expect: ANSWERED", outcome_without_reply(OUTCOME_TIMEOUT),
        "ANSWERED was expected; ns1 did not reply to office (10.20.0.0/16) to any of 2 attempts: it is down, the "
        "network or a firewall drops, or its access list drops silently; compare with another client");
    assert_sentence(OFFICE FIXED "transport: tcp, expect: ANSWERED", outcome_without_reply(OUTCOME_CLOSED),
                    "ANSWERED was expected; ns1 accepted the connection of office (10.20.0.0/16) and closed it without "
                    "an answer: access lists that drop do this to clients they deny; compare with another client");
    struct outcome truncated = outcome_without_reply(OUTCOME_TIMEOUT);
    truncated.truncated = true;
    assert_sentence(OFFICE FIXED "expect: ANSWERED", truncated,
                    "ANSWERED was expected; ns1 sent office (10.20.0.0/16) a truncated reply over udp and none over "
                    "tcp: see that ns1 serves TCP to this client too");
}

static void silence_that_proves_nothing_says_what_would(void **unused)
{
    (void)unused;
    struct outcome timeout = outcome_without_reply(OUTCOME_TIMEOUT);
    assert_sentence_of(
        FIXED "expect: DENIED", timeout, SILENCE_WAITING,
        "DENIED was expected; ns1 was silent to stranger (127.66.0.0/16), which is an answer only from a server that "
        "is known to live: waiting for a reply from 10.20.30.40:53 over udp to another probe");
    assert_sentence_of(FIXED "expect: DENIED", timeout, SILENCE_UNVOUCHED,
                       "DENIED was expected; ns1 did not reply to stranger (127.66.0.0/16) to any of 2 attempts, and "
                       "no other probe has had a reply from 10.20.30.40:53 over udp lately: it may be down, so silence "
                       "proves no denial; see that it runs, and have another check that it answers");
    assert_sentence(FIXED "expect: {rcode: DENIED, ede: [18]}", timeout,
                    "DENIED was expected; ns1 did not reply to stranger (127.66.0.0/16) to any of 2 attempts: silence "
                    "has neither flags nor records, and the expectation asks for them");
}

static void broken_replies_and_credentials_say_what_to_try(void **unused)
{
    (void)unused;
    struct outcome malformed = outcome_without_reply(OUTCOME_MALFORMED);
    malformed.reply.size = 31;
    assert_sentence(FIXED "expect: REFUSED", malformed,
                    "REFUSED was expected; what ns1 sent to stranger (127.66.0.0/16) is no DNS message that can be "
                    "read (31 bytes): something other than a DNS server may answer at 10.20.30.40:53 over udp");
    assert_sentence(FIXED "expect: REFUSED", REPLY(DNS_RCODE_FORMERR, .is_bare = true),
                    "REFUSED was expected; ns1 answered FORMERR to stranger (127.66.0.0/16): a bare header, which is "
                    "how Unbound's refuse_non_local denies when its ede is on; list FORMERR if so");
    assert_sentence(OFFICE FIXED "expect: ANSWERED", REPLY(DNS_RCODE_FORMERR),
                    "ANSWERED was expected; ns1 answered FORMERR to office (10.20.0.0/16): it, or a box on the way, "
                    "does not take this form of query; try `edns: false`");
    assert_sentence(OFFICE FIXED "expect: ANSWERED", REPLY(DNS_RCODE_BADVERS),
                    "ANSWERED was expected; ns1 answered BADVERS to office (10.20.0.0/16): it does not take EDNS "
                    "version 0; try `edns: false`");
    assert_sentence(OFFICE FIXED "expect: ANSWERED", REPLY(DNS_RCODE_NOTIMP),
                    "ANSWERED was expected; ns1 answered NOTIMP to office (10.20.0.0/16): it does not implement this "
                    "kind of query");
    assert_sentence(OFFICE FIXED "expect: ANSWERED", REPLY(DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADTIME),
                    "ANSWERED was expected; ns1 answered NOTAUTH with TSIG error BADTIME to office (10.20.0.0/16): the "
                    "clocks of this host and of the server differ");
}

static void a_wrong_part_is_told_as_it_was_written_and_as_it_came(void **unused)
{
    (void)unused;
    struct outcome one = REPLY(DNS_RCODE_NOERROR, .flags = RD | RA, .answers = 1, .of_qtype = 1, .nsid = "fra1-2",
                               .answer = "www.example.com. 60 IN A 192.168.1.1\n");
    assert_sentence(OFFICE FIXED "expect: {flags: [aa, '!ra']}", one,
                    "NOERROR was expected; ns1 answered NOERROR to office (10.20.0.0/16), which is right, but the "
                    "flags were expected to be aa !ra and came as qr rd ra");
    assert_sentence(OFFICE FIXED "expect: {answer: {min: 2}}", one,
                    "NOERROR was expected; ns1 answered NOERROR to office (10.20.0.0/16), which is right, but at least "
                    "2 in the answer were expected, and 1 record came");
    assert_sentence(OFFICE FIXED "expect: {answer: {max: 0}}", one,
                    "NOERROR was expected; ns1 answered NOERROR to office (10.20.0.0/16), which is right, but at most "
                    "0 in the answer were expected, and 1 record came");
    assert_sentence(OFFICE FIXED "expect: {answer: {contains: [10.2.2.1]}}", one,
                    "NOERROR was expected; ns1 answered NOERROR to office (10.20.0.0/16), which is right, but the "
                    "answer does not contain 10.2.2.1");
    assert_sentence(OFFICE FIXED "expect: {answer: {matches: '^10[.]'}}", one,
                    "NOERROR was expected; ns1 answered NOERROR to office (10.20.0.0/16), which is right, but no "
                    "record's data matches \"^10[.]\"");
    assert_sentence(OFFICE FIXED "expect: {answer: {none_match: '^192[.]168[.]'}}", one,
                    "NOERROR was expected; ns1 answered NOERROR to office (10.20.0.0/16), which is right, but a "
                    "record's data matches \"^192[.]168[.]\"");
    assert_sentence(OFFICE FIXED "expect: {rcode: NOERROR, ede: [3, 4]}", one,
                    "NOERROR was expected; ns1 answered NOERROR to office (10.20.0.0/16), which is right, but EDE 3 or "
                    "4 was expected, and no extended error came");
    assert_sentence(OFFICE FIXED "expect: {rcode: NOERROR, nsid: '^ams1-'}", one,
                    "NOERROR was expected; ns1 answered NOERROR to office (10.20.0.0/16), which is right, but the NSID "
                    "was expected to match \"^ams1-\", and \"fra1-2\" answered");
    one.reply.answer_cut = true;
    assert_sentence(OFFICE FIXED "expect: {answer: {none_match: '^10[.]'}}", one,
                    "NOERROR was expected; ns1 answered NOERROR to office (10.20.0.0/16), which is right, but no "
                    "record's data may match \"^10[.]\", and the answer is too long to be looked at to its end");
}

static void another_rcode_says_what_it_usually_means(void **unused)
{
    (void)unused;
    assert_sentence(OFFICE FIXED "expect: ANSWERED", REPLY(DNS_RCODE_SERVFAIL, .flags = RD | RA),
                    "ANSWERED was expected; ns1 answered SERVFAIL to office (10.20.0.0/16): it could not resolve the "
                    "name, as when its own upstream refuses; see its log");
    assert_sentence(OFFICE FIXED "expect: ANSWERED", REPLY(DNS_RCODE_NOERROR, .authority = 2),
                    "ANSWERED was expected; ns1 answered NOERROR to office (10.20.0.0/16) with neither a record of the "
                    "type nor a SOA in the authority section: a referral, or made by a policy");
    assert_sentence(OFFICE FIXED "expect: NOERROR", REPLY(DNS_RCODE_NXDOMAIN, .soa = true),
                    "NOERROR was expected; ns1 answered NXDOMAIN to office (10.20.0.0/16): for this client the name "
                    "does not exist");
    assert_sentence(
        OFFICE FIXED "expect: NXDOMAIN", REPLY(DNS_RCODE_NOERROR, .answers = 1),
        "NXDOMAIN was expected; ns1 answered NOERROR to office (10.20.0.0/16): for this client the name exists");
    assert_sentence(OFFICE FIXED "expect: NOERROR", REPLY(DNS_RCODE_NXDOMAIN, .ede = 17, .ede_text = "adult"),
                    "NOERROR was expected; ns1 answered NXDOMAIN with EDE 17 (Filtered: \"adult\") to office "
                    "(10.20.0.0/16): a policy of the server made this answer");
    assert_sentence(
        FIXED "expect: REFUSED", REPLY(DNS_RCODE_NOTAUTH),
        "REFUSED was expected; ns1 answered NOTAUTH to stranger (127.66.0.0/16): denied, or zone not served here");
    assert_sentence(FIXED "expect: REFUSED", REPLY(3841),
                    "REFUSED was expected; ns1 answered RCODE3841 to stranger (127.66.0.0/16): see the server's log");
}

/* EDE texts and NSIDs are whatever a server likes to send. */
static void hostile_text_cannot_leave_its_sentence(void **unused)
{
    (void)unused;
    AUTO(story_fini) struct story story = story_of_check(WORLD, FIXED "expect: {rcode: REFUSED, nsid: x}");
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    struct outcome outcome = REPLY(DNS_RCODE_REFUSED, .ede = 18, .ede_text = "a\nb\x1b[31m\xff", .nsid = "\x80\x81\n");
    struct judgement judgement = judge(&story.plan->probes[0], &outcome, SILENCE_VOUCHED);
    judge_explain(&story.plan->probes[0], &outcome, judgement, &sentence);
    for (size_t i = 0; i < sentence.len; i++) assert_true((unsigned char)sentence.data[i] >= ' ');
    assert_non_null(strstr(sentence.data, "\xef\xbf\xbd"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_the_first_run_it_says_who_has_not_asked),
        cmocka_unit_test(what_passes_is_told_with_what_came),
        cmocka_unit_test(what_is_too_open_says_for_whom_and_where_to_close_it),
        cmocka_unit_test(what_is_too_strict_says_what_the_server_said),
        cmocka_unit_test(what_never_left_or_never_came_back_says_why),
        cmocka_unit_test(silence_that_proves_nothing_says_what_would),
        cmocka_unit_test(broken_replies_and_credentials_say_what_to_try),
        cmocka_unit_test(a_wrong_part_is_told_as_it_was_written_and_as_it_came),
        cmocka_unit_test(another_rcode_says_what_it_usually_means),
        cmocka_unit_test(hostile_text_cannot_leave_its_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
