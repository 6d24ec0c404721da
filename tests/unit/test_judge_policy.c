/* Verdicts on transfers, updates, NOTIFY and signed queries, and on connections that never came to an answer. */
#include "outcome_story.h"

#define AXFR "query: corp.example AXFR, resolver: ns1, "
#define UPDATE "query: {opcode: UPDATE, zone: corp.example, name: p.corp.example, type: TXT}, resolver: ns1, "
#define NOTIFY "query: {opcode: NOTIFY, name: corp.example}, resolver: ns1, "
#define STRANGER "client: stranger, "
#define SECONDARY "client: secondary, "

static struct judgement judge_check(const char *check, const struct outcome *outcome, enum silence silence)
{
    AUTO(mem_free_ptr) char *yaml = mem_printf(POLICY_WORLD "checks:\n  - {name: c, %s}\n", check);
    AUTO(story_fini) struct story story = story_of_plan(yaml);
    return judge(&story.plan->probes[0], outcome, silence);
}

static void assert_verdict(const char *check, struct outcome outcome, enum verdict expected)
{
    struct judgement judgement = judge_check(check, &outcome, SILENCE_VOUCHED);
    if (judgement.verdict != expected)
        fail_msg("%s, rcode %u: %s, not %s", check, outcome.reply.rcode, verdict_table[judgement.verdict].name,
                 verdict_table[expected].name);
}

/* ---- transfers ---- */

static void a_transfer_is_answered_when_it_begins_with_the_zones_soa(void **unused)
{
    (void)unused;
    struct outcome begins = REPLY(DNS_RCODE_NOERROR, .answers = 1, .begins_with_soa = true);
    assert_verdict(STRANGER AXFR "expect: ANSWERED", begins, VERDICT_AS_EXPECTED);
    assert_verdict(STRANGER AXFR "expect: ANSWERED", REPLY(DNS_RCODE_NOERROR), VERDICT_WRONG_RCODE);
    assert_verdict(STRANGER AXFR "expect: ANSWERED", REPLY(DNS_RCODE_NOERROR, .answers = 2, .of_qtype = 2),
                   VERDICT_WRONG_RCODE);
    assert_verdict(STRANGER AXFR "expect: ANSWERED", REPLY(DNS_RCODE_NXDOMAIN, .soa = true), VERDICT_WRONG_RCODE);
}

static void a_transfer_to_a_stranger_is_an_open_one(void **unused)
{
    (void)unused;
    struct outcome begins = REPLY(DNS_RCODE_NOERROR, .flags = DNS_FLAG_AA, .answers = 1, .begins_with_soa = true);
    assert_verdict(STRANGER AXFR "expect: DENIED", begins, VERDICT_OPEN_TRANSFER);
    assert_verdict(STRANGER AXFR "expect: [REFUSED, NOTAUTH]", begins, VERDICT_OPEN_TRANSFER);
    assert_verdict(STRANGER "query: corp.example IXFR, resolver: ns1, expect: DENIED", begins, VERDICT_OPEN_TRANSFER);
    assert_verdict(STRANGER "query: corp.example SOA, resolver: ns1, expect: DENIED", begins,
                   VERDICT_UNEXPECTED_ANSWER);
    assert_verdict(STRANGER AXFR "expect: DENIED", REPLY(DNS_RCODE_NOERROR), VERDICT_UNEXPECTED_ANSWER);
}

static void every_server_has_its_own_no_to_a_transfer(void **unused)
{
    (void)unused;
    assert_verdict(STRANGER AXFR "expect: DENIED", REPLY(DNS_RCODE_REFUSED, .ede = 18), VERDICT_AS_EXPECTED);
    assert_verdict(STRANGER AXFR "expect: DENIED", REPLY(DNS_RCODE_NOTAUTH), VERDICT_AS_EXPECTED);
    assert_verdict(STRANGER AXFR "expect: DENIED", outcome_without_reply(OUTCOME_CLOSED), VERDICT_AS_EXPECTED);
    assert_verdict(STRANGER AXFR "expect: DENIED", REPLY(DNS_RCODE_NOTIMP), VERDICT_PROTOCOL_ERROR);
    assert_verdict(STRANGER AXFR "expect: ANSWERED", REPLY(DNS_RCODE_REFUSED), VERDICT_UNEXPECTED_REFUSAL);
    assert_verdict(STRANGER AXFR "expect: ANSWERED", REPLY(DNS_RCODE_NOTAUTH), VERDICT_UNEXPECTED_REFUSAL);
    assert_verdict(STRANGER AXFR "expect: NOERROR", REPLY(DNS_RCODE_NOERROR, .ede = 18), VERDICT_UNEXPECTED_REFUSAL);
}

/* ---- updates ---- */

static void an_update_that_fails_at_its_prerequisite_was_allowed(void **unused)
{
    (void)unused;
    static const uint16_t yes[] = {DNS_RCODE_NOERROR, DNS_RCODE_YXDOMAIN, DNS_RCODE_YXRRSET, DNS_RCODE_NXDOMAIN,
                                   DNS_RCODE_NXRRSET};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        assert_verdict(STRANGER UPDATE "expect: ANSWERED", REPLY(yes[i]), VERDICT_AS_EXPECTED);
        assert_verdict(STRANGER UPDATE "expect: DENIED", REPLY(yes[i]), VERDICT_OPEN_UPDATE);
        assert_verdict(STRANGER UPDATE "expect: REFUSED", REPLY(yes[i]), VERDICT_OPEN_UPDATE);
    }
    assert_verdict(STRANGER UPDATE "expect: DENIED", REPLY(DNS_RCODE_NOTZONE), VERDICT_OPEN_UPDATE);
    assert_verdict(STRANGER UPDATE "expect: ANSWERED", REPLY(DNS_RCODE_NOTZONE), VERDICT_WRONG_RCODE);
}

static void an_update_is_denied_in_words_or_not_supported_at_all(void **unused)
{
    (void)unused;
    assert_verdict(STRANGER UPDATE "expect: DENIED", REPLY(DNS_RCODE_REFUSED), VERDICT_AS_EXPECTED);
    assert_verdict(STRANGER UPDATE "expect: DENIED", REPLY(DNS_RCODE_NOTAUTH), VERDICT_AS_EXPECTED);
    assert_verdict(STRANGER UPDATE "expect: DENIED", REPLY(DNS_RCODE_NOTIMP, .is_bare = true), VERDICT_AS_EXPECTED);
    assert_verdict(STRANGER UPDATE "expect: REFUSED", REPLY(DNS_RCODE_NOTAUTH), VERDICT_WRONG_RCODE);
    assert_verdict(STRANGER UPDATE "expect: REFUSED", REPLY(DNS_RCODE_NOTIMP), VERDICT_WRONG_RCODE);
    assert_verdict(STRANGER UPDATE "expect: ANSWERED", REPLY(DNS_RCODE_NOTIMP), VERDICT_PROTOCOL_ERROR);
    assert_verdict(STRANGER UPDATE "expect: ANSWERED", REPLY(DNS_RCODE_REFUSED), VERDICT_UNEXPECTED_REFUSAL);
    assert_verdict(STRANGER UPDATE "expect: DENIED", REPLY(DNS_RCODE_SERVFAIL), VERDICT_WRONG_RCODE);
}

/* ---- NOTIFY ---- */

static void a_notify_is_taken_or_denied(void **unused)
{
    (void)unused;
    assert_verdict(STRANGER NOTIFY "expect: DENIED", REPLY(DNS_RCODE_REFUSED), VERDICT_AS_EXPECTED);
    assert_verdict(STRANGER NOTIFY "expect: DENIED", REPLY(DNS_RCODE_NOTIMP), VERDICT_AS_EXPECTED);
    assert_verdict(STRANGER NOTIFY "expect: DENIED", outcome_without_reply(OUTCOME_TIMEOUT), VERDICT_AS_EXPECTED);
    assert_verdict(STRANGER NOTIFY "expect: DENIED", REPLY(DNS_RCODE_NOERROR), VERDICT_UNEXPECTED_ANSWER);
    assert_verdict(STRANGER NOTIFY "expect: [REFUSED, NOERROR]", REPLY(DNS_RCODE_NOERROR), VERDICT_AS_EXPECTED);
}

/* ---- signatures ---- */

static void a_yes_to_a_signed_query_counts_only_with_a_good_signature(void **unused)
{
    (void)unused;
    for (uint8_t tsig = DNS_TSIG_GOOD; tsig < DNS_TSIG_STATUSES; tsig++) {
        bool is_good = tsig == DNS_TSIG_GOOD;
        struct outcome begins = REPLY(DNS_RCODE_NOERROR, .answers = 1, .begins_with_soa = true, .tsig = tsig);
        struct outcome goes_on = REPLY(DNS_RCODE_YXRRSET, .tsig = tsig);
        assert_verdict(SECONDARY AXFR "expect: ANSWERED", begins,
                       is_good ? VERDICT_AS_EXPECTED : VERDICT_PROTOCOL_ERROR);
        assert_verdict(SECONDARY AXFR "expect: NOERROR", begins,
                       is_good ? VERDICT_AS_EXPECTED : VERDICT_PROTOCOL_ERROR);
        assert_verdict(SECONDARY AXFR "expect: DENIED", begins,
                       is_good ? VERDICT_OPEN_TRANSFER : VERDICT_PROTOCOL_ERROR);
        assert_verdict(SECONDARY UPDATE "expect: ANSWERED", goes_on,
                       is_good ? VERDICT_AS_EXPECTED : VERDICT_PROTOCOL_ERROR);
    }
}

static void a_no_counts_as_what_it_says_signed_or_not(void **unused)
{
    (void)unused;
    struct outcome refused = REPLY(DNS_RCODE_REFUSED, .tsig = DNS_TSIG_UNSIGNED);
    struct outcome no_record = REPLY(DNS_RCODE_NOERROR, .ede = 18, .tsig = DNS_TSIG_UNSIGNED);
    assert_verdict(SECONDARY AXFR "expect: DENIED", refused, VERDICT_AS_EXPECTED);
    assert_verdict(SECONDARY AXFR "expect: ANSWERED", refused, VERDICT_UNEXPECTED_REFUSAL);
    assert_verdict(SECONDARY AXFR "expect: ANSWERED", REPLY(DNS_RCODE_NOTAUTH, .tsig = DNS_TSIG_UNSIGNED),
                   VERDICT_UNEXPECTED_REFUSAL);
    assert_verdict(SECONDARY AXFR "expect: ANSWERED", no_record, VERDICT_UNEXPECTED_REFUSAL);
    assert_verdict(SECONDARY AXFR "expect: DENIED", REPLY(DNS_RCODE_SERVFAIL, .tsig = DNS_TSIG_UNSIGNED),
                   VERDICT_WRONG_RCODE);
}

static void errors_of_keys_and_clocks_are_bad_credentials(void **unused)
{
    (void)unused;
#define NOTAUTH_WITH(error) REPLY(DNS_RCODE_NOTAUTH, .tsig_error = error, .tsig = DNS_TSIG_UNSIGNED)
    assert_verdict(SECONDARY AXFR "expect: ANSWERED", NOTAUTH_WITH(DNS_TSIG_BADSIG), VERDICT_BAD_CREDENTIALS);
    assert_verdict(SECONDARY AXFR "expect: ANSWERED", NOTAUTH_WITH(DNS_TSIG_BADKEY), VERDICT_BAD_CREDENTIALS);
    assert_verdict(SECONDARY AXFR "expect: ANSWERED", NOTAUTH_WITH(DNS_TSIG_BADTIME), VERDICT_BAD_CREDENTIALS);
    assert_verdict(SECONDARY AXFR "expect: DENIED", NOTAUTH_WITH(DNS_TSIG_BADSIG), VERDICT_BAD_CREDENTIALS);
    assert_verdict(SECONDARY AXFR "expect: DENIED", NOTAUTH_WITH(DNS_TSIG_BADTIME), VERDICT_BAD_CREDENTIALS);
    assert_verdict(SECONDARY AXFR "expect: DENIED", NOTAUTH_WITH(DNS_TSIG_BADKEY), VERDICT_AS_EXPECTED);
    assert_verdict(SECONDARY AXFR "expect: BADSIG", NOTAUTH_WITH(DNS_TSIG_BADSIG), VERDICT_AS_EXPECTED);
}

/* ---- connections ---- */

static void a_connection_closed_without_an_answer_is_silence_over_every_stream(void **unused)
{
    (void)unused;
    static const char *const streams[] = {"tcp", "tls", "https"};
    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        AUTO(mem_free_ptr)
        char *check = mem_printf(
            "client: stranger, resolver: ns1, query: x.corp.example, transport: %s, expect: DENIED", streams[i]);
        struct outcome closed = outcome_without_reply(OUTCOME_CLOSED), reset = outcome_without_reply(OUTCOME_RESET);
        assert_verdict(check, closed, VERDICT_AS_EXPECTED);
        assert_verdict(check, reset, VERDICT_AS_EXPECTED);
        assert_int_equal(judge_check(check, &reset, SILENCE_WAITING).verdict, VERDICT_PENDING);
        assert_int_equal(judge_check(check, &reset, SILENCE_UNVOUCHED).verdict, VERDICT_NO_RESPONSE);
    }
}

static void a_reply_that_has_begun_is_no_silence_however_it_ends(void **unused)
{
    (void)unused;
    static const enum outcome_status ends[] = {OUTCOME_CLOSED, OUTCOME_RESET, OUTCOME_TIMEOUT};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct outcome cut = outcome_without_reply(ends[i]);
        cut.cut_short = true;
        assert_verdict(STRANGER AXFR "expect: DENIED", cut, VERDICT_NO_RESPONSE);
        assert_verdict("client: stranger, resolver: ns1, query: x.corp.example, transport: https, expect: DENIED", cut,
                       VERDICT_NO_RESPONSE);
    }
}

/* As dnsdist's setACL does. Any web server may say so of a path that is not for DNS. */
static void a_forbidden_http_request_is_a_denial_of_a_server_that_answers_others(void **unused)
{
    (void)unused;
    static const char denied[] = STRANGER "resolver: ns1, query: x.corp.example, transport: https, expect: DENIED";
    struct outcome forbidden = outcome_without_reply(OUTCOME_HTTP_FAILED);
    forbidden.error.http = OUTCOME_HTTP_STATUS;
    forbidden.http_status = 403;
    assert_int_equal(judge_check(denied, &forbidden, SILENCE_VOUCHED).verdict, VERDICT_AS_EXPECTED);
    assert_int_equal(judge_check(denied, &forbidden, SILENCE_WAITING).verdict, VERDICT_PENDING);
    assert_int_equal(judge_check(denied, &forbidden, SILENCE_UNVOUCHED).verdict, VERDICT_PROTOCOL_ERROR);
    static const char *const others[] = {"NO_RESPONSE", "REFUSED", "ANSWERED"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        AUTO(mem_free_ptr)
        char *check =
            mem_printf(STRANGER "resolver: ns1, query: x.corp.example, transport: https, expect: %s", others[i]);
        assert_verdict(check, forbidden, VERDICT_PROTOCOL_ERROR);
    }
    forbidden.http_status = 404;
    assert_verdict(denied, forbidden, VERDICT_PROTOCOL_ERROR);
}

static void a_failed_handshake_or_http_exchange_is_no_denial(void **unused)
{
    (void)unused;
    static const enum outcome_status failures[] = {OUTCOME_TLS_FAILED, OUTCOME_HTTP_FAILED, OUTCOME_MALFORMED};
    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        struct outcome failed = outcome_without_reply(failures[i]);
        assert_verdict("client: stranger, resolver: ns1, query: x.corp.example, transport: https, expect: DENIED",
                       failed, VERDICT_PROTOCOL_ERROR);
        assert_verdict("client: stranger, resolver: ns1, query: x.corp.example, transport: https, expect: NO_RESPONSE",
                       failed, VERDICT_PROTOCOL_ERROR);
    }
}

/* ---- what a check can give ---- */

static void a_transfer_and_an_update_can_give_verdicts_of_their_own(void **unused)
{
    (void)unused;
    static const struct {
        const char *check;
        uint32_t possible;
    } rows[] = {
        {STRANGER AXFR "expect: ANSWERED", 1U << VERDICT_AS_EXPECTED | 1U << VERDICT_UNEXPECTED_REFUSAL},
        {STRANGER AXFR "expect: DENIED",
         1U << VERDICT_AS_EXPECTED | 1U << VERDICT_OPEN_TRANSFER | 1U << VERDICT_UNEXPECTED_ANSWER},
        {STRANGER UPDATE "expect: DENIED", 1U << VERDICT_AS_EXPECTED | 1U << VERDICT_OPEN_UPDATE},
        {STRANGER NOTIFY "expect: DENIED", 1U << VERDICT_AS_EXPECTED | 1U << VERDICT_UNEXPECTED_ANSWER},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(mem_free_ptr) char *yaml = mem_printf(POLICY_WORLD "checks:\n  - {name: c, %s}\n", rows[i].check);
        AUTO(story_fini) struct story story = story_of_plan(yaml);
        assert_int_equal(judge_possible_verdicts(&story.plan->probes[0]), rows[i].possible);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transfer_is_answered_when_it_begins_with_the_zones_soa),
        cmocka_unit_test(a_transfer_to_a_stranger_is_an_open_one),
        cmocka_unit_test(every_server_has_its_own_no_to_a_transfer),
        cmocka_unit_test(an_update_that_fails_at_its_prerequisite_was_allowed),
        cmocka_unit_test(an_update_is_denied_in_words_or_not_supported_at_all),
        cmocka_unit_test(a_notify_is_taken_or_denied),
        cmocka_unit_test(a_yes_to_a_signed_query_counts_only_with_a_good_signature),
        cmocka_unit_test(a_no_counts_as_what_it_says_signed_or_not),
        cmocka_unit_test(errors_of_keys_and_clocks_are_bad_credentials),
        cmocka_unit_test(a_connection_closed_without_an_answer_is_silence_over_every_stream),
        cmocka_unit_test(a_reply_that_has_begun_is_no_silence_however_it_ends),
        cmocka_unit_test(a_forbidden_http_request_is_a_denial_of_a_server_that_answers_others),
        cmocka_unit_test(a_failed_handshake_or_http_exchange_is_no_denial),
        cmocka_unit_test(a_transfer_and_an_update_can_give_verdicts_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
