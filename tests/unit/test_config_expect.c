/* Queries and expectations: what is asked, and what may come back. */
#include "config_lines.h"

#include "dnspolicy/dns/reply.h"

/* The value of `query` begins in column 53, that of `expect` in column 74. */
#define QUERY(query) FILE_WITH_CHECKS("  - {name: k, client: office, resolver: ns1, query: " query ", expect: REFUSED}")
#define EXPECT(expect)                                                                                                 \
    FILE_WITH_CHECKS("  - {name: k, client: office, resolver: ns1, query: example.com, expect: " expect "}")

static const struct dns_question *question_of(const struct config *config, size_t idx)
{
    return &config->checks[0].queries[idx].question;
}

static void the_short_form_and_a_mapping_have_the_same_defaults(void **state)
{
    (void)state;
    AUTO(config_unref_ptr) struct config *config = assert_good(QUERY("[Example.COM., {name: example.com}]"));
    assert_int_equal(config->checks[0].query_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct dns_question *question = question_of(config, i);
        assert_string_equal(question->name, "example.com");
        assert_int_equal(question->type, DNS_TYPE_A);
        assert_int_equal(question->klass, DNS_CLASS_IN);
        assert_int_equal(question->opcode, DNS_OPCODE_QUERY);
        assert_true(question->recursion_desired && question->edns && question->nsid);
        assert_false(question->checking_disabled || question->dnssec_ok);
        assert_int_equal(question->bufsize, 1232);
    }
}

static void a_query_says_what_is_asked(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config = assert_good(
        EXPECT("ANSWERED}\n  - {name: l, client: vpn, resolver: ns1, expect: ANSWERED, query: [version.bind TXT CH,\n"
               "     {name: \"{random}.Example.com\", type: TYPE65, class: CLASS4, edns: no, recursion_desired: off,\n"
               "      checking_disabled: on, cookie: false}, {name: a.example, dnssec_ok: true, bufsize: 4096}]"));
    const struct config_query *queries = config->checks[1].queries;
    assert_int_equal(config->checks[1].query_count, 3);
    assert_int_equal(queries[0].question.type, 16);
    assert_int_equal(queries[0].question.klass, DNS_CLASS_CH);
    assert_string_equal(queries[1].question.name, "{random}.example.com");
    assert_int_equal(queries[1].question.type, 65);
    assert_int_equal(queries[1].question.klass, 4);
    assert_false(queries[1].question.recursion_desired || queries[1].question.edns || queries[1].question.nsid);
    assert_true(queries[1].question.checking_disabled);
    assert_true(queries[2].question.dnssec_ok);
    assert_int_equal(queries[2].question.bufsize, 4096);
    assert_int_equal(queries[1].place.line, 9);
}

static void a_query_that_cannot_be_asked_is_explained(void **state)
{
    (void)state;
    assert_lines(QUERY("\"example.com IN A\""),
                 "f:7:53: checks[0].query: unknown type 'IN'; it is a class, and the order "
                 "is NAME TYPE CLASS");
    assert_lines(QUERY("example.com AAA"), "f:7:53: checks[0].query: unknown type 'AAA'; did you mean 'AAAA'?");
    assert_lines(QUERY("example.com TYPE70000"),
                 "f:7:53: checks[0].query: unknown type 'TYPE70000': it is a mnemonic such as A or TXT, or TYPEnnn");
    assert_lines(QUERY("example.com A kitchen"),
                 "f:7:53: checks[0].query: unknown class 'kitchen': it is IN, CH, HS, ANY or CLASSnnn");
    assert_lines(QUERY("example.com A IM"), "f:7:53: checks[0].query: unknown class 'IM'; did you mean 'IN'?");
    assert_lines(QUERY("example.com A IN x"),
                 "f:7:53: checks[0].query: 'example.com A IN x' is not a query: NAME [TYPE] [CLASS]");
    assert_lines(QUERY("\"\""), "f:7:53: checks[0].query: '' is not a query: NAME [TYPE] [CLASS]");
    assert_lines(QUERY("[]"), "f:7:53: checks[0].query: the list is empty: nothing is asked");
    assert_lines(QUERY("example.com OPT"), "f:7:53: checks[0].query: type OPT cannot be asked for");
    assert_lines(QUERY("{type: A}"), "f:7:53: checks[0].query: the required key 'name' is missing");
    assert_lines(QUERY("{random}"), "f:7:53: checks[0].query: NAME [TYPE] [CLASS] is expected, and a bare '{' begins a "
                                    "mapping of YAML: put it in quotes");
    assert_lines(QUERY("{name: {random}}"), "f:7:60: checks[0].query.name: a domain name is expected, and a bare '{' "
                                            "begins a mapping of YAML: put it in quotes");
}

static void a_name_obeys_the_limits_of_dns(void **state)
{
    (void)state;
    assert_lines(QUERY("bücher.example"), "f:7:53: checks[0].query: 'bücher.example': the name is not ASCII: write the "
                                          "A-label (xn--..., RFC 5890)");
    assert_lines(QUERY("{name: a..b}"), "f:7:60: checks[0].query.name: 'a..b': the name has an empty label");
    assert_lines(QUERY("\"{random}.{random}.x\""),
                 "f:7:53: checks[0].query: '{random}.{random}.x': the name has {random} more than once");
}

static void an_opcode_has_a_name_or_a_number(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config = assert_good(QUERY("[{name: a, opcode: 2}, {name: a, opcode: status}]"));
    assert_int_equal(question_of(config, 0)->opcode, 2);
    assert_int_equal(question_of(config, 1)->opcode, 2);
    assert_true(question_of(config, 0)->recursion_desired);
    assert_lines(QUERY("{name: a, opcode: QUERI}"),
                 "f:7:71: checks[0].query.opcode: unknown opcode 'QUERI'; did you mean 'QUERY'?");
    assert_lines(
        QUERY("{name: a, opcode: 16}"),
        "f:7:71: checks[0].query.opcode: unknown opcode '16': it is QUERY, NOTIFY, UPDATE or a number from 0 to 15");
}

static void what_rides_on_edns_needs_edns(void **state)
{
    (void)state;
    assert_lines(QUERY("{name: a, edns: false, nsid: true, dnssec_ok: true, bufsize: 1232, cookie: on}"),
                 "f:7:82: checks[0].query.nsid: 'nsid' is a part of EDNS, and 'edns' is false\n"
                 "f:7:99: checks[0].query.dnssec_ok: 'dnssec_ok' is a part of EDNS, and 'edns' is false\n"
                 "f:7:114: checks[0].query.bufsize: 'bufsize' is a part of EDNS, and 'edns' is false\n"
                 "f:7:128: checks[0].query.cookie: 'cookie' is a part of EDNS, and 'edns' is false");
    assert_lines(QUERY("{name: a, edns: false, nsid: false, dnssec_ok: false, cookie: false}"), "");
    AUTO(config_unref_ptr) struct config *config = assert_good(QUERY("{name: a, cookie: true}"));
    assert_true(question_of(config, 0)->cookie);
    assert_lines(QUERY("{name: a, bufsize: 511}"),
                 "f:7:72: checks[0].query.bufsize: 511 is out of range: 512 to 65535");
}

static void an_expectation_is_an_rcode_a_word_or_a_list(void **state)
{
    (void)state;
    AUTO(config_unref_ptr) struct config *one = assert_good(EXPECT("refused"));
    assert_int_equal(one->checks[0].expect.rcode_count, 1);
    assert_string_equal(one->checks[0].expect.rcode_texts[0], "REFUSED");
    assert_null(one->checks[0].expect.rcode_texts[1]);

    AUTO(config_unref_ptr) struct config *many = assert_good(EXPECT("[NXDOMAIN, DENIED, RCODE3841, BADSIG, BADVERS]"));
    const struct expectation *expect = &many->checks[0].expect;
    assert_int_equal(expect->words, EXPECT_DENIED | EXPECT_BADSIG);
    assert_int_equal(expect->rcode_count, 3);
    assert_true(expectation_allows_rcode(expect, 3841));
    assert_true(expectation_allows_rcode(expect, DNS_RCODE_BADVERS));
    assert_false(expectation_allows_rcode(expect, DNS_RCODE_REFUSED));
    assert_string_equal(expect->rcode_texts[1], "DENIED");
    assert_string_equal(expect->rcode_texts[3], "BADSIG");
    assert_null(expect->rcode_texts[5]);
}

static void an_rcode_that_is_none_is_told_the_nearest(void **state)
{
    (void)state;
    assert_lines(EXPECT("REFUSD"), "f:7:74: checks[0].expect: unknown rcode 'REFUSD'; did you mean 'REFUSED'?");
    assert_lines(EXPECT("[DENIED, ANSWRED]"),
                 "f:7:83: checks[0].expect[1]: unknown rcode 'ANSWRED'; did you mean 'ANSWERED'?");
    assert_lines(EXPECT("5"), "f:7:74: checks[0].expect: unknown rcode '5'; rcode 5 is written REFUSED");
    assert_lines(EXPECT("[REFUSED, refused]"), "f:7:84: checks[0].expect[1]: REFUSED is listed twice");
    assert_lines(EXPECT("[]"), "f:7:74: checks[0].expect: a list of 1 to 64 rcodes is expected");
    assert_lines(EXPECT("null"), "f:7:74: checks[0].expect: the value is missing: an rcode is expected");
}

static void a_denial_is_expected_where_no_is_allowed_and_yes_is_not(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_denial;
        bool allows_silence;
    } cases[] = {
        {EXPECT("REFUSED"), true, false},
        {EXPECT("NOTAUTH"), true, false},
        {EXPECT("DENIED"), true, true},
        {EXPECT("NO_RESPONSE"), true, true},
        {EXPECT("[REFUSED, SERVFAIL]"), true, false},
        {EXPECT("[REFUSED, NXDOMAIN]"), true, false},
        {EXPECT("[REFUSED, NOERROR]"), false, false},
        {EXPECT("[DENIED, ANSWERED]"), false, true},
        {EXPECT("SERVFAIL"), false, false},
        {EXPECT("BADKEY"), false, false},
        {EXPECT("{nsid: a}"), false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(config_unref_ptr) struct config *config = assert_good(cases[i].text);
        assert_int_equal(expectation_is_denial(&config->checks[0].expect), cases[i].is_denial);
        assert_int_equal(expectation_allows_silence(&config->checks[0].expect), cases[i].allows_silence);
    }
}

static void a_mapping_keeps_every_part(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config = assert_good(EXPECT(
        "{rcode: [NOERROR, NXDOMAIN], flags: [ra, \"!aa\", TC], ede: [18, 0], nsid: \"^ams1-\",\n"
        "     answer: {min: 1, max: 8, contains: [10.2.2.1, \"2001:DB8:0::1\", ns.example.], matches: \"^10[.]\",\n"
        "              none_match: \"^192[.]168[.]\"}}"));
    const struct expectation *expect = &config->checks[0].expect;
    assert_int_equal(expect->rcode_count, 2);
    assert_int_equal(expect->flags_set, DNS_FLAG_RA | DNS_FLAG_TC);
    assert_int_equal(expect->flags_clear, DNS_FLAG_AA);
    assert_true(expect->has_answer_min && expect->has_answer_max);
    assert_int_equal(expect->answer_min, 1);
    assert_int_equal(expect->answer_max, 8);
    assert_string_equal(expect->answer_contains[0], "10.2.2.1");
    assert_string_equal(expect->answer_contains[1], "2001:db8::1");
    assert_string_equal(expect->answer_contains[2], "ns.example.");
    assert_null(expect->answer_contains[3]);
    assert_int_equal(expect->ede_count, 2);
    assert_int_equal(expect->ede[0], 18);
    assert_int_equal(regexec(&expect->nsid.regex, "ams1-a", 0, NULL, 0), 0);
    assert_int_not_equal(regexec(&expect->nsid.regex, "fra1-a", 0, NULL, 0), 0);
    assert_int_equal(regexec(&expect->answer_matches.regex, "10.2.2.1", 0, NULL, 0), 0);
    assert_string_equal(expect->answer_none_match.text, "^192[.]168[.]");
}

static void a_mapping_without_rcode_expects_noerror(void **state)
{
    (void)state;
    AUTO(config_unref_ptr) struct config *config = assert_good(EXPECT("{flags: [aa]}"));
    const struct expectation *expect = &config->checks[0].expect;
    assert_int_equal(expect->rcode_count, 1);
    assert_int_equal(expect->rcodes[0], DNS_RCODE_NOERROR);
    assert_string_equal(expect->rcode_texts[0], "NOERROR");
    assert_null(expect->answer_contains);
    assert_null(expect->nsid.text);
    assert_lines(EXPECT("{ede: 18}"),
                 "f:7:74: checks[0].expect: 'ede' needs an 'rcode': extended errors come with any of them");
    assert_lines(EXPECT("{}"), "f:7:74: checks[0].expect: the mapping is empty: nothing is expected");
}

static void parts_that_no_reply_could_meet_are_errors(void **state)
{
    (void)state;
    assert_lines(EXPECT("{flags: [aa, \"!aa\"]}"), "f:7:87: checks[0].expect.flags[1]: the flag aa is listed twice");
    assert_lines(EXPECT("{flags: [qr]}"),
                 "f:7:83: checks[0].expect.flags[0]: unknown flag 'qr': aa, ra, rd, tc, ad or cd "
                 "is expected, with ! for clear");
    assert_lines(EXPECT("{answer: {min: 3, max: 1}}"),
                 "f:7:83: checks[0].expect.answer: min is above max: no answer has 3 to 1 records");
    assert_lines(EXPECT("{answer: {max: 0, matches: a}}"),
                 "f:7:83: checks[0].expect.answer: with 'max: 0' no record can match");
    assert_lines(EXPECT("{answer: {}}"),
                 "f:7:83: checks[0].expect.answer: the mapping is empty: nothing is expected of the answer");
    assert_lines(EXPECT("{rcode: REFUSED, ede: 65536}"),
                 "f:7:96: checks[0].expect.ede: 65536 is out of range: 0 to 65535");
    assert_lines(
        EXPECT("{rcode: NO_RESPONSE, ede: 1}"),
        "f:7:74: checks[0].expect: NO_RESPONSE has neither flags nor answer, ede or nsid: no outcome could meet "
        "both");
    assert_lines(EXPECT("{answer: {contains: []}}"),
                 "f:7:94: checks[0].expect.answer.contains: a list of 1 to 256 texts is expected");
}

static void a_reply_is_expected_to_hold_only_what_was_asked_for(void **state)
{
    (void)state;
#define ASK(query, expect)                                                                                             \
    FILE_WITH_CHECKS("  - name: k\n    client: office\n    resolver: ns1\n    query: " query "\n    expect: " expect)
    assert_lines(ASK("{name: a, edns: false}", "{rcode: REFUSED, ede: 18, nsid: a}"),
                 "f:11:13: checks[0].expect: 'nsid' is expected of a query that does not ask for it\n"
                 "f:11:13: checks[0].expect: 'ede' is expected of a query without EDNS");
    assert_lines(ASK("{name: a, nsid: false}", "{nsid: a}"),
                 "f:11:13: checks[0].expect: 'nsid' is expected of a query that does not ask for it");
    assert_lines(ASK("{name: a, nsid: false}", "{rcode: REFUSED, ede: 18}"), "");
#undef ASK
}

static void a_pattern_is_safe_to_run_on_every_reply(void **state)
{
    (void)state;
    const char too_large[] = "f:7:81: checks[0].expect.nsid: the pattern is too large with its repetitions written out";
    assert_lines(EXPECT("{nsid: \"(a)\\\\1\"}"), "f:7:81: checks[0].expect.nsid: back-references such as \\1 are not "
                                                 "allowed: they take too long to match");
    assert_lines(EXPECT("{nsid: \"a\\\\\\\\1\"}"), "");
    assert_lines(EXPECT("{nsid: \"a{200}{200}\"}"), too_large);
    assert_lines(EXPECT("{nsid: \"a{1,99999999999999999999}\"}"), too_large);
    assert_lines(EXPECT("{nsid: \"((a{20}){20}){20}\"}"), too_large);
    assert_lines(EXPECT("{nsid: \"[]{}]{301}\"}"), too_large);
    assert_lines(EXPECT("{nsid: \"(a+++++++++++++++++++++++++)\"}"), too_large);
    assert_lines(EXPECT("{nsid: \"a{1,}{1,}{1,}{1,}{1,}{1,}{1,}{1,}{1,}\"}"), too_large);
    const char may_be_empty[] =
        "f:7:81: checks[0].expect.nsid: a repetition of what may be empty, such as (a*)*, takes "
        "too long to compile";
    assert_lines(EXPECT("{nsid: \"(a*)*\"}"), may_be_empty);
    assert_lines(EXPECT("{nsid: \"b[ab]*{0,7}{0,10}+*\"}"), may_be_empty);
    assert_lines(EXPECT("{nsid: \"(ab|c?|d){3}\"}"), may_be_empty);
    assert_lines(EXPECT("{nsid: \"(^|x)+\"}"), may_be_empty);
    assert_lines(EXPECT("{nsid: \"((ab?)+|c)*[.](^|x)(d*)e\"}"), "");
    assert_lines(EXPECT("{nsid: \"^[0-9a-f]{64}$\"}"), "");
    assert_lines(EXPECT("{nsid: \"([0-9a-f]{1,4}:){7}[[:xdigit:]]{1,4}\"}"), "");
    assert_lines(EXPECT("{nsid: \"(\"}"),
                 "f:7:81: checks[0].expect.nsid: not an extended regular expression: Unmatched ( or \\(");
    assert_lines(EXPECT("{nsid: \"\"}"), "f:7:81: checks[0].expect.nsid: a pattern has 1 to 256 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_short_form_and_a_mapping_have_the_same_defaults),
        cmocka_unit_test(a_query_says_what_is_asked),
        cmocka_unit_test(a_query_that_cannot_be_asked_is_explained),
        cmocka_unit_test(a_name_obeys_the_limits_of_dns),
        cmocka_unit_test(an_opcode_has_a_name_or_a_number),
        cmocka_unit_test(what_rides_on_edns_needs_edns),
        cmocka_unit_test(an_expectation_is_an_rcode_a_word_or_a_list),
        cmocka_unit_test(an_rcode_that_is_none_is_told_the_nearest),
        cmocka_unit_test(a_denial_is_expected_where_no_is_allowed_and_yes_is_not),
        cmocka_unit_test(a_mapping_keeps_every_part),
        cmocka_unit_test(a_mapping_without_rcode_expects_noerror),
        cmocka_unit_test(parts_that_no_reply_could_meet_are_errors),
        cmocka_unit_test(a_reply_is_expected_to_hold_only_what_was_asked_for),
        cmocka_unit_test(a_pattern_is_safe_to_run_on_every_reply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
