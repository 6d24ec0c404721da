/* Which verdict an outcome has: every row of the table, every word, and the shapes in which real servers say no. */
#include "outcome_story.h"

#define AA DNS_FLAG_AA
#define RD DNS_FLAG_RD
#define RA DNS_FLAG_RA
#define TC DNS_FLAG_TC

/* One check of one probe. `check` is what follows the name. */
static struct story story_of_check(const char *check)
{
    AUTO(mem_free_ptr)
    char *yaml = mem_printf(WORLD "checks:\n  - {name: c, %s%s%s}\n", check,
                            strstr(check, "client:") ? "" : ", client: stranger, resolver: ns1",
                            strstr(check, "query:") ? "" : ", query: '{random}.probe.example.net'");
    return story_of_plan(yaml);
}

static struct judgement judge_check(const char *check, const struct outcome *outcome, enum silence silence)
{
    AUTO(story_fini) struct story story = story_of_check(check);
    return judge(&story.plan->probes[0], outcome, silence);
}

static void assert_verdict(const char *check, struct outcome outcome, enum verdict expected)
{
    struct judgement judgement = judge_check(check, &outcome, SILENCE_VOUCHED);
    if (judgement.verdict != expected)
        fail_msg("%s, rcode %u: %s, not %s", check, outcome.reply.rcode, verdict_table[judgement.verdict].name,
                 verdict_table[expected].name);
}

/* ---- the table itself ---- */

static void every_verdict_has_a_name_a_category_and_a_meaning(void **unused)
{
    (void)unused;
    for (unsigned verdict = 0; verdict < VERDICTS; verdict++) {
        for (unsigned other = 0; other < verdict; other++)
            assert_string_not_equal(verdict_table[verdict].name, verdict_table[other].name);
        assert_true(verdict_table[verdict].category < CATEGORIES);
        assert_true(strlen(verdict_table[verdict].meaning) > 20);
    }
    for (unsigned category = 1; category < CATEGORIES; category++)
        assert_string_not_equal(category_names[category], category_names[category - 1]);
    assert_true(CATEGORY_TOO_OPEN > CATEGORY_TOO_STRICT && CATEGORY_TOO_STRICT > CATEGORY_MISMATCH &&
                CATEGORY_MISMATCH > CATEGORY_UNREACHABLE && CATEGORY_UNREACHABLE > CATEGORY_UNKNOWN &&
                CATEGORY_UNKNOWN > CATEGORY_PASS);
}

/* ---- how servers say no ---- */

static const struct {
    const char *who;
    struct said said;
    bool is_denied; /* in the sense of DENIED */
    enum verdict if_answer_expected;
} refusals[] = {
    {"BIND allow-recursion", {DNS_RCODE_REFUSED, .flags = RD, .ede = 18}, true, VERDICT_UNEXPECTED_REFUSAL},
    {"BIND recursion no", {DNS_RCODE_REFUSED, .flags = RD}, true, VERDICT_UNEXPECTED_REFUSAL},
    {"BIND zone allow-query, recursing client",
     {DNS_RCODE_REFUSED, .flags = RD | RA, .ede = 18},
     true,
     VERDICT_UNEXPECTED_REFUSAL},
    {"Unbound, ede off", {DNS_RCODE_REFUSED, .flags = RD, .is_bare = true}, true, VERDICT_UNEXPECTED_REFUSAL},
    {"Unbound local-zone", {DNS_RCODE_REFUSED, .flags = AA | RD | RA}, true, VERDICT_UNEXPECTED_REFUSAL},
    {"Unbound refuse_non_local with ede",
     {DNS_RCODE_FORMERR, .flags = RD, .is_bare = true},
     false,
     VERDICT_PROTOCOL_ERROR},
    {"Knot ACL", {DNS_RCODE_NOTAUTH, .flags = RD}, true, VERDICT_UNEXPECTED_REFUSAL},
    {"Knot, key not in the ACL", {DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADKEY}, true, VERDICT_BAD_CREDENTIALS},
    {"NSD, zone not served", {DNS_RCODE_REFUSED, .flags = RD, .ede = 20}, true, VERDICT_UNEXPECTED_REFUSAL},
    {"Knot Resolver REFUSE",
     {DNS_RCODE_REFUSED, .flags = RD | RA, .ede = 18, .ede_text = "EIM4"},
     true,
     VERDICT_UNEXPECTED_REFUSAL},
    {"Knot Resolver DROP",
     {DNS_RCODE_SERVFAIL, .flags = RD | RA, .ede = 18, .ede_text = "U5KL"},
     true,
     VERDICT_UNEXPECTED_REFUSAL},
    {"dnsdist REFUSED, RA copied from RD", {DNS_RCODE_REFUSED, .flags = RD | RA}, true, VERDICT_UNEXPECTED_REFUSAL},
    {"dnsmasq without upstream", {DNS_RCODE_REFUSED, .flags = RD | RA, .ede = 14}, true, VERDICT_UNEXPECTED_REFUSAL},
    {"systemd-resolved without upstream", {DNS_RCODE_REFUSED, .flags = AA | RD | RA}, true, VERDICT_UNEXPECTED_REFUSAL},
    {"a resolver whose upstream refuses", {DNS_RCODE_SERVFAIL, .flags = RD | RA}, false, VERDICT_WRONG_RCODE},
    {"BIND, CNAME out of its zone",
     {DNS_RCODE_NOERROR, .flags = AA | RD, .answers = 1, .ede = 18},
     false,
     VERDICT_UNEXPECTED_REFUSAL},
    {"BIND, wrong secret", {DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADSIG}, false, VERDICT_BAD_CREDENTIALS},
    {"BIND, wrong clock", {DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADTIME}, false, VERDICT_BAD_CREDENTIALS},
    {"Knot Resolver DENY",
     {DNS_RCODE_NXDOMAIN, .flags = AA | RD | RA, .soa = true, .ede = 15},
     false,
     VERDICT_WRONG_RCODE},
    {"Unbound RPZ NXDOMAIN", {DNS_RCODE_NXDOMAIN, .flags = AA | RD | RA}, false, VERDICT_WRONG_RCODE},
    {"BIND RPZ NODATA", {DNS_RCODE_NOERROR, .flags = RD | RA}, false, VERDICT_WRONG_RCODE},
};

static void a_denial_is_one_however_a_server_says_it(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct outcome outcome = outcome_of_reply(&refusals[i].said);
        struct judgement judgement = judge_check("expect: DENIED", &outcome, SILENCE_VOUCHED);
        if ((judgement.verdict == VERDICT_AS_EXPECTED) != refusals[i].is_denied)
            fail_msg("%s: %s", refusals[i].who, verdict_table[judgement.verdict].name);
    }
}

static void a_denial_where_an_answer_was_expected_is_named_by_what_it_is(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct outcome outcome = outcome_of_reply(&refusals[i].said);
        struct judgement judgement = judge_check("expect: ANSWERED", &outcome, SILENCE_VOUCHED);
        if (judgement.verdict != refusals[i].if_answer_expected)
            fail_msg("%s: %s, not %s", refusals[i].who, verdict_table[judgement.verdict].name,
                     verdict_table[refusals[i].if_answer_expected].name);
    }
}

static void a_bare_refusal_counts_like_any_other(void **unused)
{
    (void)unused;
    assert_verdict("expect: REFUSED", REPLY(DNS_RCODE_REFUSED, .is_bare = true), VERDICT_AS_EXPECTED);
    assert_verdict("expect: REFUSED", REPLY(DNS_RCODE_NOTAUTH), VERDICT_WRONG_RCODE);
    assert_verdict("expect: NOTAUTH", REPLY(DNS_RCODE_NOTAUTH), VERDICT_AS_EXPECTED);
    assert_verdict("expect: NOTAUTH", REPLY(DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADKEY), VERDICT_AS_EXPECTED);
    /* A broken key must not pass for a denial: it is met only where it is named. */
    assert_verdict("expect: NOTAUTH", REPLY(DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADSIG), VERDICT_BAD_CREDENTIALS);
    assert_verdict("expect: NOTAUTH", REPLY(DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADTIME),
                   VERDICT_BAD_CREDENTIALS);
    assert_verdict("expect: BADTIME", REPLY(DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADTIME), VERDICT_AS_EXPECTED);
    assert_verdict("expect: BADKEY", REPLY(DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADKEY), VERDICT_AS_EXPECTED);
    assert_verdict("expect: BADKEY", REPLY(DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADSIG), VERDICT_BAD_CREDENTIALS);
    assert_verdict("expect: REFUSED", REPLY(DNS_RCODE_NOTAUTH, .tsig_error = DNS_TSIG_BADKEY), VERDICT_WRONG_RCODE);
}

static void noerror_with_ede_18_and_no_record_answers_nobody_who_did_not_ask_for_18(void **unused)
{
    (void)unused;
    struct outcome cname_only = REPLY(DNS_RCODE_NOERROR, .flags = AA | RD, .answers = 1, .ede = 18);
    struct outcome with_record = REPLY(DNS_RCODE_NOERROR, .flags = AA | RD, .answers = 2, .of_qtype = 1, .ede = 18);
    assert_verdict("expect: NOERROR", cname_only, VERDICT_UNEXPECTED_REFUSAL);
    assert_verdict("expect: ANSWERED", cname_only, VERDICT_UNEXPECTED_REFUSAL);
    assert_verdict("expect: {rcode: NOERROR, ede: [18]}", cname_only, VERDICT_AS_EXPECTED);
    assert_verdict("expect: {rcode: ANSWERED, ede: [18]}", cname_only, VERDICT_AS_EXPECTED);
    assert_verdict("expect: {rcode: NOERROR, ede: [15]}", cname_only, VERDICT_UNEXPECTED_REFUSAL);
    assert_verdict("expect: NOERROR", with_record, VERDICT_AS_EXPECTED);
    assert_verdict("expect: ANSWERED", with_record, VERDICT_WRONG_RCODE);
}

/* ---- how servers say yes ---- */

static void an_answer_is_a_record_of_the_type_or_a_negative_one_with_its_soa(void **unused)
{
    (void)unused;
    assert_verdict("expect: ANSWERED", REPLY(DNS_RCODE_NOERROR, .answers = 1, .of_qtype = 1), VERDICT_AS_EXPECTED);
    assert_verdict("expect: ANSWERED", REPLY(DNS_RCODE_NOERROR, .soa = true), VERDICT_AS_EXPECTED);
    assert_verdict("expect: ANSWERED", REPLY(DNS_RCODE_NOERROR, .answers = 1, .soa = true), VERDICT_AS_EXPECTED);
    assert_verdict("expect: ANSWERED", REPLY(DNS_RCODE_NXDOMAIN, .soa = true), VERDICT_AS_EXPECTED);
    assert_verdict("expect: ANSWERED", REPLY(DNS_RCODE_NXDOMAIN), VERDICT_WRONG_RCODE);
    assert_verdict("expect: ANSWERED", REPLY(DNS_RCODE_NOERROR, .authority = 2), VERDICT_WRONG_RCODE);
    assert_verdict("expect: ANSWERED", REPLY(DNS_RCODE_NOERROR, .answers = 1), VERDICT_WRONG_RCODE);
    for (uint16_t ede = 14; ede <= 19; ede++)
        assert_verdict("expect: ANSWERED", REPLY(DNS_RCODE_NOERROR, .answers = 1, .of_qtype = 1, .ede = ede),
                       ede >= 15 && ede <= 18 ? VERDICT_WRONG_RCODE : VERDICT_AS_EXPECTED);
}

/* ---- what is too open ---- */

static void resolving_a_foreign_name_for_a_stranger_is_open_recursion(void **unused)
{
    (void)unused;
    const char *check = "expect: REFUSED";
    assert_verdict(check, REPLY(DNS_RCODE_NOERROR, .flags = RD | RA, .answers = 1, .of_qtype = 1),
                   VERDICT_OPEN_RECURSION);
    assert_verdict(check, REPLY(DNS_RCODE_NXDOMAIN, .flags = RD | RA, .soa = true), VERDICT_OPEN_RECURSION);
    assert_verdict(check, REPLY(DNS_RCODE_NOERROR, .flags = RD | RA, .soa = true), VERDICT_OPEN_RECURSION);
    assert_verdict("expect: DENIED", REPLY(DNS_RCODE_NXDOMAIN, .flags = RD | RA, .soa = true), VERDICT_OPEN_RECURSION);
    assert_verdict("expect: NO_RESPONSE", REPLY(DNS_RCODE_NXDOMAIN, .flags = RD | RA, .soa = true),
                   VERDICT_OPEN_RECURSION);
    assert_verdict("expect: [REFUSED, NXDOMAIN]", REPLY(DNS_RCODE_NOERROR, .flags = RD | RA, .answers = 1),
                   VERDICT_OPEN_RECURSION);
    assert_verdict("expect: [REFUSED, NOERROR]", REPLY(DNS_RCODE_NXDOMAIN, .flags = RD | RA, .soa = true),
                   VERDICT_WRONG_RCODE);
}

static void a_referral_local_data_and_a_policy_zone_prove_no_recursion(void **unused)
{
    (void)unused;
    const char *check = "expect: REFUSED";
    assert_verdict(check, REPLY(DNS_RCODE_NOERROR, .flags = RD | RA, .authority = 3), VERDICT_UNEXPECTED_ANSWER);
    assert_verdict(check, REPLY(DNS_RCODE_NXDOMAIN, .flags = RD | RA), VERDICT_UNEXPECTED_ANSWER);
    assert_verdict(check, REPLY(DNS_RCODE_NOERROR, .flags = AA | RD | RA, .answers = 1, .of_qtype = 1),
                   VERDICT_UNEXPECTED_ANSWER);
    assert_verdict(check, REPLY(DNS_RCODE_NXDOMAIN, .flags = AA | RD | RA, .soa = true, .ede = 15),
                   VERDICT_UNEXPECTED_ANSWER);
    assert_verdict(check, REPLY(DNS_RCODE_SERVFAIL, .flags = RD | RA), VERDICT_WRONG_RCODE);
}

static void a_name_in_the_resolvers_zones_is_no_recursion(void **unused)
{
    (void)unused;
    struct outcome answer = REPLY(DNS_RCODE_NOERROR, .flags = RD | RA, .answers = 1, .of_qtype = 1);
    assert_verdict("query: www.corp.example, expect: REFUSED", answer, VERDICT_UNEXPECTED_ANSWER);
    assert_verdict("query: corp.example, expect: REFUSED", answer, VERDICT_UNEXPECTED_ANSWER);
    assert_verdict("query: notcorp.example, expect: REFUSED", answer, VERDICT_OPEN_RECURSION);
    assert_verdict("query: version.bind TXT CH, expect: REFUSED", answer, VERDICT_UNEXPECTED_ANSWER);
}

static void data_without_recursion_is_an_open_cache(void **unused)
{
    (void)unused;
    struct outcome cached = REPLY(DNS_RCODE_NOERROR, .flags = RD, .answers = 1, .of_qtype = 1);
    struct outcome without_rd = REPLY(DNS_RCODE_NOERROR, .flags = RA, .answers = 1, .of_qtype = 1);
    const char *no_rd = "query: {name: www.example.com, recursion_desired: false}, expect: REFUSED";
    assert_verdict("query: www.example.com, expect: REFUSED", cached, VERDICT_OPEN_CACHE);
    assert_verdict(no_rd, without_rd, VERDICT_OPEN_CACHE);
    assert_verdict(no_rd, cached, VERDICT_OPEN_CACHE);
    assert_verdict("query: www.corp.example, expect: REFUSED", cached, VERDICT_UNEXPECTED_ANSWER);
    assert_verdict("expect: REFUSED", REPLY(DNS_RCODE_NOERROR, .flags = RD, .authority = 1), VERDICT_UNEXPECTED_ANSWER);
    assert_verdict(no_rd, REPLY(DNS_RCODE_NXDOMAIN, .flags = RA, .soa = true), VERDICT_UNEXPECTED_ANSWER);
}

static void a_refusal_with_records_in_it_is_no_answer(void **unused)
{
    (void)unused;
    struct outcome odd = REPLY(DNS_RCODE_REFUSED, .flags = RD | RA, .answers = 1, .of_qtype = 1);
    assert_verdict("expect: REFUSED", odd, VERDICT_AS_EXPECTED);
    assert_verdict("expect: {rcode: REFUSED, flags: ['!ra']}", odd, VERDICT_WRONG_ANSWER);
}

/* ---- what never reached the server, or never came back ---- */

static void the_network_is_never_called_a_refusal(void **unused)
{
    (void)unused;
    static const char *const checks[] = {"expect: DENIED", "expect: NO_RESPONSE", "expect: ANSWERED",
                                         "expect: REFUSED"};
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        assert_verdict(checks[i], outcome_without_reply(OUTCOME_UNREACHABLE), VERDICT_NETWORK_ERROR);
        assert_verdict(checks[i], outcome_without_reply(OUTCOME_CONNECT_REFUSED), VERDICT_NETWORK_ERROR);
        assert_verdict(checks[i], outcome_without_reply(OUTCOME_LOCAL_ERROR), VERDICT_LOCAL_ERROR);
        assert_verdict(checks[i], outcome_without_reply(OUTCOME_MALFORMED), VERDICT_PROTOCOL_ERROR);
    }
}

static void silence_is_worth_what_another_probe_vouches_for(void **unused)
{
    (void)unused;
    static const struct {
        const char *check;
        enum silence silence;
        enum verdict verdict;
    } rows[] = {
        {"expect: DENIED", SILENCE_VOUCHED, VERDICT_AS_EXPECTED},
        {"expect: NO_RESPONSE", SILENCE_VOUCHED, VERDICT_AS_EXPECTED},
        {"expect: DENIED", SILENCE_WAITING, VERDICT_PENDING},
        {"expect: NO_RESPONSE", SILENCE_WAITING, VERDICT_PENDING},
        {"expect: DENIED", SILENCE_UNVOUCHED, VERDICT_NO_RESPONSE},
        {"expect: NO_RESPONSE", SILENCE_UNVOUCHED, VERDICT_NO_RESPONSE},
        {"expect: ANSWERED", SILENCE_VOUCHED, VERDICT_NO_RESPONSE},
        {"expect: ANSWERED", SILENCE_WAITING, VERDICT_NO_RESPONSE},
        {"expect: REFUSED", SILENCE_WAITING, VERDICT_NO_RESPONSE},
        {"expect: [NOERROR, NO_RESPONSE]", SILENCE_VOUCHED, VERDICT_AS_EXPECTED},
        {"expect: {rcode: DENIED, ede: [18]}", SILENCE_VOUCHED, VERDICT_NO_RESPONSE},
    };
    struct outcome timeout = outcome_without_reply(OUTCOME_TIMEOUT);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct judgement judgement = judge_check(rows[i].check, &timeout, rows[i].silence);
        if (judgement.verdict != rows[i].verdict)
            fail_msg("%s with silence %d: %s", rows[i].check, (int)rows[i].silence,
                     verdict_table[judgement.verdict].name);
        assert_int_equal(judgement.silence, rows[i].silence);
    }
}

static void a_connection_closed_without_an_answer_is_silence_over_tcp(void **unused)
{
    (void)unused;
    static const char *const tcp = "transport: tcp, expect: DENIED";
    struct outcome closed = outcome_without_reply(OUTCOME_CLOSED), reset = outcome_without_reply(OUTCOME_RESET);
    assert_verdict(tcp, closed, VERDICT_AS_EXPECTED);
    assert_verdict(tcp, reset, VERDICT_AS_EXPECTED);
    assert_verdict("transport: tcp, expect: NO_RESPONSE", reset, VERDICT_AS_EXPECTED);
    assert_verdict("transport: tcp, expect: ANSWERED", closed, VERDICT_NO_RESPONSE);
    assert_int_equal(judge_check(tcp, &closed, SILENCE_WAITING).verdict, VERDICT_PENDING);
    assert_int_equal(judge_check(tcp, &reset, SILENCE_UNVOUCHED).verdict, VERDICT_NO_RESPONSE);
}

static void a_truncated_reply_is_no_silence_whatever_tcp_does(void **unused)
{
    (void)unused;
    struct outcome closed = outcome_without_reply(OUTCOME_CLOSED), timeout = outcome_without_reply(OUTCOME_TIMEOUT);
    closed.truncated = timeout.truncated = true;
    assert_verdict("expect: DENIED", closed, VERDICT_NO_RESPONSE);
    assert_verdict("expect: NO_RESPONSE", timeout, VERDICT_NO_RESPONSE);
    assert_int_equal(judge_check("expect: DENIED", &timeout, SILENCE_WAITING).verdict, VERDICT_NO_RESPONSE);
}

static void complaints_about_our_form_are_protocol_errors_unless_expected(void **unused)
{
    (void)unused;
    static const uint16_t rcodes[] = {DNS_RCODE_FORMERR, DNS_RCODE_NOTIMP, DNS_RCODE_BADVERS};
    for (size_t i = 0; i < ARRAY_LEN(rcodes); i++) {
        assert_verdict("expect: ANSWERED", REPLY(rcodes[i]), VERDICT_PROTOCOL_ERROR);
        assert_verdict("expect: REFUSED", REPLY(rcodes[i]), VERDICT_PROTOCOL_ERROR);
        assert_verdict("expect: [FORMERR, NOTIMP, BADVERS]", REPLY(rcodes[i]), VERDICT_AS_EXPECTED);
        assert_verdict("expect: {rcode: [FORMERR, NOTIMP, BADVERS], flags: [aa]}", REPLY(rcodes[i]),
                       VERDICT_WRONG_ANSWER);
    }
    assert_verdict("expect: ANSWERED", REPLY(DNS_RCODE_BADCOOKIE), VERDICT_WRONG_RCODE);
    assert_verdict("expect: RCODE3841", REPLY(3841), VERDICT_AS_EXPECTED);
}

/* ---- parts of an expectation ---- */

#define TWO_A                                                                                                          \
    .answers = 2, .of_qtype = 2, .flags = RD | RA,                                                                     \
    .answer = "www.example.com. 60 IN A 10.2.2.1\nwww.example.com. 60 IN A 10.2.2.2\n"

static void assert_part(const char *check, struct outcome outcome, enum judge_part expected)
{
    struct judgement judgement = judge_check(check, &outcome, SILENCE_VOUCHED);
    assert_int_equal(judgement.failed_part, expected);
    assert_int_equal(judgement.verdict, expected == JUDGE_PART_NONE ? VERDICT_AS_EXPECTED : VERDICT_WRONG_ANSWER);
}

static void every_part_must_hold_and_the_first_that_does_not_is_named(void **unused)
{
    (void)unused;
    struct outcome two = REPLY(DNS_RCODE_NOERROR, TWO_A, .ede = 3, .nsid = "ams1-7");
    assert_part("expect: {rcode: NOERROR, flags: [ra, '!aa']}", two, JUDGE_PART_NONE);
    assert_part("expect: {rcode: NOERROR, flags: [aa]}", two, JUDGE_PART_FLAGS);
    assert_part("expect: {rcode: NOERROR, flags: ['!ra']}", two, JUDGE_PART_FLAGS);
    assert_part("expect: {answer: {min: 2, max: 2}}", two, JUDGE_PART_NONE);
    assert_part("expect: {answer: {min: 3}}", two, JUDGE_PART_ANSWER_MIN);
    assert_part("expect: {answer: {max: 1}}", two, JUDGE_PART_ANSWER_MAX);
    assert_part("expect: {answer: {contains: [10.2.2.2, 10.2.2.1]}}", two, JUDGE_PART_NONE);
    assert_part("expect: {answer: {contains: [10.2.2.2, 10.2.2.3]}}", two, JUDGE_PART_ANSWER_CONTAINS);
    assert_part("expect: {answer: {matches: '^10[.]2[.]2[.]2$'}}", two, JUDGE_PART_NONE);
    assert_part("expect: {answer: {matches: '^www'}}", two, JUDGE_PART_ANSWER_MATCHES);
    assert_part("expect: {answer: {none_match: '^192[.]168[.]'}}", two, JUDGE_PART_NONE);
    assert_part("expect: {answer: {none_match: '[.]2$'}}", two, JUDGE_PART_ANSWER_NONE_MATCH);
    assert_part("expect: {rcode: NOERROR, ede: [18, 3]}", two, JUDGE_PART_NONE);
    assert_part("expect: {rcode: NOERROR, ede: [18]}", two, JUDGE_PART_EDE);
    assert_part("expect: {rcode: NOERROR, nsid: '^ams1-'}", two, JUDGE_PART_NONE);
    assert_part("expect: {rcode: NOERROR, nsid: '^fra1-'}", two, JUDGE_PART_NSID);
    assert_part("expect: {rcode: NOERROR, nsid: '^ams1-'}", REPLY(DNS_RCODE_NOERROR, TWO_A), JUDGE_PART_NSID);
    struct judgement second = judge_check("expect: {answer: {contains: [10.2.2.2, 10.2.2.3]}}", &two, SILENCE_VOUCHED);
    assert_int_equal(second.failed_index, 1);
}

static void names_in_answers_compare_without_case_and_final_dot_but_strings_do_not(void **unused)
{
    (void)unused;
    struct outcome mx =
        REPLY(DNS_RCODE_NOERROR, .answers = 1, .of_qtype = 1, .answer = "example.com. 60 IN MX 10 Mail.Example.com.\n");
    struct outcome txt =
        REPLY(DNS_RCODE_NOERROR, .answers = 1, .of_qtype = 1, .answer = "example.com. 60 IN TXT \"v=spf1 -all\"\n");
    assert_part("query: example.com MX, expect: {answer: {contains: ['10 mail.example.com']}}", mx, JUDGE_PART_NONE);
    assert_part("query: example.com MX, expect: {answer: {contains: ['10 mail.example.com.']}}", mx, JUDGE_PART_NONE);
    assert_part("query: example.com MX, expect: {answer: {contains: ['mail.example.com']}}", mx,
                JUDGE_PART_ANSWER_CONTAINS);
    assert_part("query: example.com TXT, expect: {answer: {contains: ['\"v=spf1 -all\"']}}", txt, JUDGE_PART_NONE);
    assert_part("query: example.com TXT, expect: {answer: {contains: ['\"V=SPF1 -all\"']}}", txt,
                JUDGE_PART_ANSWER_CONTAINS);
}

static void what_a_cut_answer_hides_does_not_hold(void **unused)
{
    (void)unused;
    struct outcome cut = REPLY(DNS_RCODE_NOERROR, TWO_A);
    cut.reply.answer_cut = true;
    assert_part("expect: {answer: {contains: [10.2.2.1]}}", cut, JUDGE_PART_NONE);
    assert_part("expect: {answer: {contains: [10.2.2.9]}}", cut, JUDGE_PART_ANSWER_CONTAINS);
    assert_part("expect: {answer: {matches: '^10'}}", cut, JUDGE_PART_NONE);
    assert_part("expect: {answer: {none_match: '^192'}}", cut, JUDGE_PART_ANSWER_NONE_MATCH);
    assert_true(judge_check("expect: {answer: {none_match: '^192'}}", &cut, SILENCE_VOUCHED).answer_cut);
    assert_false(judge_check("expect: {answer: {none_match: '^10'}}", &cut, SILENCE_VOUCHED).answer_cut);
}

static void a_record_too_long_for_a_pattern_is_not_taken_for_a_match(void **unused)
{
    (void)unused;
    AUTO(strbuf_fini) struct strbuf answer = {0};
    strbuf_puts(&answer, "x. 60 IN TXT \"");
    for (int i = 0; i < 9000; i++) strbuf_putc(&answer, 'a');
    strbuf_puts(&answer, "\"\nx. 60 IN TXT \"b\"\n");
    struct outcome long_one = REPLY(DNS_RCODE_NOERROR, .answers = 2, .of_qtype = 2, .answer = answer.data);
    assert_part("query: x TXT, expect: {answer: {matches: b}}", long_one, JUDGE_PART_NONE);
    assert_part("query: x TXT, expect: {answer: {matches: aa}}", long_one, JUDGE_PART_ANSWER_MATCHES);
    assert_part("query: x TXT, expect: {answer: {none_match: c}}", long_one, JUDGE_PART_ANSWER_NONE_MATCH);
}

/* ---- what a check can give ---- */

static void only_verdicts_that_can_come_start_at_zero(void **unused)
{
    (void)unused;
    static const struct {
        const char *check;
        uint32_t possible;
    } rows[] = {
        {"expect: ANSWERED", 1U << VERDICT_AS_EXPECTED | 1U << VERDICT_UNEXPECTED_REFUSAL},
        {"expect: [REFUSED, NOERROR]", 1U << VERDICT_AS_EXPECTED | 1U << VERDICT_UNEXPECTED_REFUSAL},
        {"expect: REFUSED", 1U << VERDICT_AS_EXPECTED | 1U << VERDICT_UNEXPECTED_ANSWER | 1U << VERDICT_OPEN_CACHE |
                                1U << VERDICT_OPEN_RECURSION},
        {"query: {name: x.example, recursion_desired: false}, expect: DENIED",
         1U << VERDICT_AS_EXPECTED | 1U << VERDICT_UNEXPECTED_ANSWER | 1U << VERDICT_OPEN_CACHE},
        {"query: www.corp.example, expect: DENIED", 1U << VERDICT_AS_EXPECTED | 1U << VERDICT_UNEXPECTED_ANSWER},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(story_fini) struct story story = story_of_check(rows[i].check);
        assert_int_equal(judge_possible_verdicts(&story.plan->probes[0]), rows[i].possible);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verdict_has_a_name_a_category_and_a_meaning),
        cmocka_unit_test(a_denial_is_one_however_a_server_says_it),
        cmocka_unit_test(a_denial_where_an_answer_was_expected_is_named_by_what_it_is),
        cmocka_unit_test(a_bare_refusal_counts_like_any_other),
        cmocka_unit_test(noerror_with_ede_18_and_no_record_answers_nobody_who_did_not_ask_for_18),
        cmocka_unit_test(an_answer_is_a_record_of_the_type_or_a_negative_one_with_its_soa),
        cmocka_unit_test(resolving_a_foreign_name_for_a_stranger_is_open_recursion),
        cmocka_unit_test(a_referral_local_data_and_a_policy_zone_prove_no_recursion),
        cmocka_unit_test(a_name_in_the_resolvers_zones_is_no_recursion),
        cmocka_unit_test(data_without_recursion_is_an_open_cache),
        cmocka_unit_test(a_refusal_with_records_in_it_is_no_answer),
        cmocka_unit_test(the_network_is_never_called_a_refusal),
        cmocka_unit_test(silence_is_worth_what_another_probe_vouches_for),
        cmocka_unit_test(a_connection_closed_without_an_answer_is_silence_over_tcp),
        cmocka_unit_test(a_truncated_reply_is_no_silence_whatever_tcp_does),
        cmocka_unit_test(complaints_about_our_form_are_protocol_errors_unless_expected),
        cmocka_unit_test(every_part_must_hold_and_the_first_that_does_not_is_named),
        cmocka_unit_test(names_in_answers_compare_without_case_and_final_dot_but_strings_do_not),
        cmocka_unit_test(what_a_cut_answer_hides_does_not_hold),
        cmocka_unit_test(a_record_too_long_for_a_pattern_is_not_taken_for_a_match),
        cmocka_unit_test(only_verdicts_that_can_come_start_at_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
