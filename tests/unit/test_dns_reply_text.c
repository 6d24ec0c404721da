/* Answers as text: every type's form, and how little a hostile answer can make of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "dnspolicy/base/text.h"
#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/reply.h"
#include "dns_message.h"

static struct dns_reader reader;
static struct message message;
static struct dns_reply reply;

static bool parse(void) { return dns_reply_parse(&reader, message.bytes, message.len, DNS_TYPE_A, &reply); }

static void begin(unsigned answers)
{
    put_header(&message, 0x8180, 1, answers, 0, 0);
    put_question(&message, "x.test", 1);
}

static void assert_printed(unsigned type, const void *rdata, size_t len, const char *expected)
{
    begin(1);
    put_record(&message, type, rdata, len);
    assert_true(parse());
    assert_false(reply.answer_cut);
    assert_memory_equal(reply.answer, "x.test. 60 IN ", 14);
    assert_string_equal(reply.answer + 14, expected);
}
#define ASSERT_PRINTED(type, rdata, expected) assert_printed(type, rdata, sizeof(rdata) - 1, expected "\n")

static void everyday_types_are_in_presentation_form(void **state)
{
    (void)state;
    ASSERT_PRINTED(1, "\xc0\0\2\1", "A 192.0.2.1");
    ASSERT_PRINTED(28, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", "AAAA 2001:db8::1");
    ASSERT_PRINTED(2, "\2ns\xc0\x0c", "NS ns.x.test.");
    ASSERT_PRINTED(12, "\0", "PTR .");
    ASSERT_PRINTED(15, "\0\x0a\4mail\xc0\x0e", "MX 10 mail.test.");
    ASSERT_PRINTED(6, "\2ns\xc0\x0c\0\x78\x49\x4f\x52\0\0\0\1\0\0\0\2\xff\xff\xff\xff\0\0\0\0",
                   "SOA ns.x.test. . 2018070354 1 2 4294967295 0");
    ASSERT_PRINTED(33, "\0\1\0\2\0\x35\1s\0", "SRV 1 2 53 s.");
    ASSERT_PRINTED(16, "\5hello\0\1b", "TXT \"hello\" \"\" \"b\"");
    ASSERT_PRINTED(35, "\0\1\0\2\1u\7E2U+sip\4!^.*\0", "NAPTR 1 2 \"u\" \"E2U+sip\" \"!^.*\" .");
    ASSERT_PRINTED(13, "\1a\1b", "HINFO \"a\" \"b\"");
}

static void strings_and_names_are_escaped_into_printable_ascii(void **state)
{
    (void)state;
    ASSERT_PRINTED(16,
                   "\x0b"
                   "a b\"\\\n\t\x7f\xc3\xbc;",
                   "TXT \"a b\\\"\\\\\\010\\009\\127\\195\\188;\"");
    ASSERT_PRINTED(5,
                   "\x0a"
                   "a b.\\\0\xff\n@z\0",
                   "CNAME a\\032b\\.\\\\\\000\\255\\010\\@z.");
}

static void an_owner_holds_no_raw_space(void **state)
{
    (void)state;
    put_header(&message, 0x8180, 0, 1, 0, 0);
    put_bytes(&message, "\3a b\0", 5);
    size_t at = put_fixed(&message, 1, 1, 0);
    put_bytes(&message, "\1\2\3\4", 4);
    end_rdata(&message, at);
    assert_true(parse());
    assert_string_equal(reply.answer, "a\\032b. 0 IN A 1.2.3.4\n");
}

static void security_and_service_types_are_printed_by_ldns_with_single_spaces(void **state)
{
    (void)state;
    ASSERT_PRINTED(43, "\x30\x39\x0d\2\xab\xcd", "DS 12345 13 2 abcd");
    ASSERT_PRINTED(48, "\1\1\3\x0d\1\2\3", "DNSKEY 257 3 13 AQID");
    ASSERT_PRINTED(46, "\0\1\x0d\2\0\0\0\x3c\0\0\0\0\0\0\0\0\x30\x39\4test\0\1\2\3",
                   "RRSIG A 13 2 60 19700101000000 19700101000000 12345 test. AQID");
    ASSERT_PRINTED(47, "\1b\4test\0\0\1\x60", "NSEC b.test. A NS");
    ASSERT_PRINTED(47, "\1\"\0\0\1\x40", "NSEC \". A");
    ASSERT_PRINTED(47, "\1b\0", "NSEC b.");
    ASSERT_PRINTED(51, "\1\0\0\0\0", "NSEC3PARAM 1 0 0 -");
    ASSERT_PRINTED(65, "\0\1\0\0\1\0\3\2h2\0\4\0\4\1\2\3\4", "HTTPS 1 . alpn=h2 ipv4hint=1.2.3.4");
    ASSERT_PRINTED(257, "\0\5issuea  b", "CAA 0 issue \"a  b\"");
    ASSERT_PRINTED(44, "\4\2\xab\xcd", "SSHFP 4 2 abcd");
}

static void what_ldns_cannot_read_is_shown_as_it_came(void **state)
{
    (void)state;
    ASSERT_PRINTED(48, "\1", "DNSKEY \\# 1 01");
    ASSERT_PRINTED(65, "\0\1\0\0\1\0\7\2h2", "HTTPS \\# 10 00010000010007026832");
    ASSERT_PRINTED(257, "\0\5issuea\tb", "CAA \\# 10 00056973737565610962");
    ASSERT_PRINTED(44, "\4\2", "SSHFP \\# 2 0402");
}

static void a_compressed_name_where_none_may_be_is_not_followed(void **state)
{
    (void)state;
    ASSERT_PRINTED(47, "\xc0\x0c\0\1\x60", "NSEC \\# 5 C00C000160");
    ASSERT_PRINTED(65, "\0\1\xc0\x0c", "HTTPS \\# 4 0001C00C");
}

static void unknown_types_and_those_that_ldns_looks_up_are_in_the_generic_form(void **state)
{
    (void)state;
    ASSERT_PRINTED(65280, "\xde\xad", "TYPE65280 \\# 2 DEAD");
    ASSERT_PRINTED(65280, "", "TYPE65280 \\# 0");
    ASSERT_PRINTED(11, "\1\2\3\4\6\xff", "WKS \\# 6 0102030406FF");
    ASSERT_PRINTED(16, "", "TXT \\# 0");
    put_header(&message, 0x8180, 0, 1, 0, 0);
    put_u8(&message, 0);
    end_rdata(&message, put_fixed(&message, 1, 254, 0));
    assert_true(parse());
    assert_string_equal(reply.answer, ". 0 NONE A \\# 0\n");
}

static void an_address_of_another_class_is_not_an_address(void **state)
{
    (void)state;
    put_header(&message, 0x8180, 0, 2, 0, 0);
    put_u8(&message, 0);
    size_t at = put_fixed(&message, 1, DNS_CLASS_CH, 0);
    put_bytes(&message, "\0\0\1", 3);
    end_rdata(&message, at);
    put_u8(&message, 0);
    at = put_fixed(&message, 16, DNS_CLASS_CH, 0);
    put_bytes(&message, "\3v 1", 4);
    end_rdata(&message, at);
    assert_true(parse());
    assert_string_equal(reply.answer, ". 0 CH A \\# 3 000001\n. 0 CH TXT \"v 1\"\n");
}

/* What holds for every answer, and what a reader of its lines relies on. */
static void assert_sound_text(void)
{
    size_t lines = 0;
    assert_in_range(reply.answer_len, 0, DNS_ANSWER_TEXT_MAX);
    if (reply.answer_len == 0) return;
    assert_int_equal(reply.answer[reply.answer_len - 1], '\n');
    for (const char *line = reply.answer, *end; line < reply.answer + reply.answer_len; line = end + 1, lines++) {
        end = strchr(line, '\n');
        assert_true(text_is_printable_ascii(line, (size_t)(end - line)));
    }
    assert_true(reply.answer_cut ? lines < reply.counts[DNS_SECTION_ANSWER]
                                 : lines == reply.counts[DNS_SECTION_ANSWER]);
}

/* Fills the message with records of one type, owned by a name whose every octet needs an escape. */
static void fill(unsigned type, const void *rdata, size_t len)
{
    static const uint8_t label[63];
    unsigned records = 0;
    put_header(&message, 0x8180, 1, 0, 0, 0);
    for (int i = 0; i < 3; i++) {
        put_u8(&message, sizeof label);
        put_bytes(&message, label, sizeof label);
    }
    put_bytes(&message, "\0\0\1\0\1", 5);
    for (; message.len + 12 + len <= UINT16_MAX; records++) put_record(&message, type, rdata, len);
    message.bytes[6] = (uint8_t)(records >> 8);
    message.bytes[7] = (uint8_t)records;
}

static void a_compressed_answer_cannot_outgrow_its_bound(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        const char *rdata;
        size_t len;
    } records[] = {
        {1, "\1\2\3\4", 4}, {5, "\xc0\x0c", 2}, {14, "\xc0\x0c\xc0\x0c", 4}, {11, "\1\2\3\4\6\xff", 6}, {65280, "", 0}};
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        fill(records[i].type, records[i].rdata, records[i].len);
        assert_true(parse());
        assert_true(reply.answer_cut);
        assert_sound_text();
        assert_true(reply.answer_len > DNS_ANSWER_TEXT_MAX - 4096);
        assert_int_equal(reply.records_of_qtype, records[i].type == 1 ? reply.counts[DNS_SECTION_ANSWER] : 0);
    }
}

static void after_the_bound_nothing_more_is_printed(void **state)
{
    (void)state;
    fill(65280, "", 0);
    assert_true(parse());
    uint32_t len = reply.answer_len;
    message.len -= 12;
    put_u8(&message, 0); /* would fit: the root as owner */
    end_rdata(&message, put_fixed(&message, 1, 254, 0));
    assert_true(parse());
    assert_int_equal(reply.answer_len, len);
}

static void a_text_of_empty_strings_costs_no_more_than_its_length(void **state)
{
    (void)state;
    static const uint8_t strings[65000];
    begin(1);
    put_record(&message, 16, strings, sizeof strings);
    assert_true(parse());
    assert_false(reply.answer_cut);
    assert_int_equal(reply.answer_len, strlen("x.test. 60 IN TXT ") + 3 * sizeof strings);
    assert_sound_text();
}

static void a_large_bitmap_is_not_handed_to_ldns(void **state)
{
    (void)state;
    static uint8_t rdata[65000];
    memset(rdata + 1, 0xff, sizeof rdata - 1);
    begin(1);
    put_record(&message, 47, rdata, sizeof rdata);
    assert_true(parse());
    assert_sound_text();
    assert_int_equal(reply.answer_len, strlen("x.test. 60 IN NSEC \\# 65000 \n") + 2 * sizeof rdata);
}

static void service_keys_get_the_room_that_ldns_forgets_to_ask_for(void **state)
{
    (void)state;
    uint8_t rdata[4000] = {0, 1, 0};
    for (size_t len = 7 + 2; len < sizeof rdata; len = len * 5 / 4 / 2 * 2 + 1) {
        rdata[5] = (uint8_t)((len - 7) >> 8);
        rdata[6] = (uint8_t)(len - 7);
        for (size_t i = 7; i < len; i += 2) rdata[i + 1] = 2; /* mandatory=no-default-alpn,no-default-alpn,... */
        begin(1);
        put_record(&message, 65, rdata, len);
        assert_true(parse());
        assert_sound_text();
        assert_non_null(strstr(reply.answer, "1 . mandatory=no-default-alpn"));
        assert_int_equal(reply.answer_len, strlen("x.test. 60 IN HTTPS 1 . mandatory=") + 8 * (len - 7));
    }
}

static void service_keys_without_values_get_it_too(void **state)
{
    (void)state;
    uint8_t rdata[3 + 4 * 900] = {0, 1, 0};
    for (size_t len = 7; len <= sizeof rdata; len += 4) {
        memcpy(rdata + len - 4, "\0\2\0\0", 4);
        begin(1);
        put_record(&message, 64, rdata, len);
        assert_true(parse());
        assert_sound_text();
    }
}

static int free_reader(void **state)
{
    (void)state;
    dns_reader_fini(&reader);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everyday_types_are_in_presentation_form),
        cmocka_unit_test(strings_and_names_are_escaped_into_printable_ascii),
        cmocka_unit_test(an_owner_holds_no_raw_space),
        cmocka_unit_test(security_and_service_types_are_printed_by_ldns_with_single_spaces),
        cmocka_unit_test(what_ldns_cannot_read_is_shown_as_it_came),
        cmocka_unit_test(a_compressed_name_where_none_may_be_is_not_followed),
        cmocka_unit_test(unknown_types_and_those_that_ldns_looks_up_are_in_the_generic_form),
        cmocka_unit_test(an_address_of_another_class_is_not_an_address),
        cmocka_unit_test(a_compressed_answer_cannot_outgrow_its_bound),
        cmocka_unit_test(after_the_bound_nothing_more_is_printed),
        cmocka_unit_test(a_text_of_empty_strings_costs_no_more_than_its_length),
        cmocka_unit_test(a_large_bitmap_is_not_handed_to_ldns),
        cmocka_unit_test(service_keys_get_the_room_that_ldns_forgets_to_ask_for),
        cmocka_unit_test(service_keys_without_values_get_it_too),
    };
    return cmocka_run_group_tests(tests, NULL, free_reader);
}
