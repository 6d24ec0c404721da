/* What replies say: samples of real servers, and which of them answer a query. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/query.h"
#include "dnspolicy/dns/reply.h"
#include "dns_message.h"

#define REPLY 0x8180 /* qr rd ra */

static struct dns_reader reader;
static struct message message;
static struct dns_reply reply;

static bool parse(uint16_t qtype) { return dns_reply_parse(&reader, message.bytes, message.len, qtype, &reply); }

static enum dns_match match(void)
{
    struct dns_query query;
    uint8_t wire[DNS_MESSAGE_MAX];
    struct dns_stamp stamp = {.id = MESSAGE_ID};
    struct dns_question question = {.name = "www.example.com", .type = DNS_TYPE_A, .klass = DNS_CLASS_IN, .edns = true};
    dns_query_build(&question, &query);
    size_t len = dns_query_complete(&query, &stamp, &(struct dns_additions){0}, wire);
    return dns_reply_match(wire, len, message.bytes, message.len);
}

static void a_bare_refusal_of_twelve_bytes_is_a_whole_reply(void **state)
{
    (void)state;
    put_header(&message, 0x8105, 0, 0, 0, 0);
    assert_int_equal(match(), DNS_MATCH_OK);
    assert_true(parse(DNS_TYPE_A));
    assert_int_equal(reply.size, 12);
    assert_int_equal(reply.rcode, DNS_RCODE_REFUSED);
    assert_int_equal(reply.flags, DNS_FLAG_QR | DNS_FLAG_RD);
    assert_false(reply.has_question);
    assert_false(reply.has_edns);
    assert_null(reply.answer);
}

static void a_refusal_with_ede_and_nsid_keeps_both(void **state)
{
    (void)state;
    put_header(&message, 0x8105, 1, 0, 0, 1);
    put_question(&message, "www.example.com", 1);
    put_opt(&message, 0, "\0\x03\0\3ns1\0\x0f\0\7\0\x12no wa\0\x0f\0\2\0\x14", 7 + 11 + 6);
    assert_int_equal(match(), DNS_MATCH_OK);
    assert_true(parse(DNS_TYPE_A));
    assert_true(reply.has_edns && reply.has_nsid && reply.has_question);
    assert_int_equal(reply.nsid_len, 3);
    assert_memory_equal(reply.nsid, "ns1", 3);
    assert_int_equal(reply.ede_count, 2);
    assert_int_equal(reply.ede[0].code, DNS_EDE_PROHIBITED);
    assert_int_equal(reply.ede[0].text_len, 5);
    assert_memory_equal(reply.ede[0].text, "no wa", 5);
    assert_int_equal(reply.ede[1].code, DNS_EDE_NOT_AUTHORITATIVE);
    assert_null(reply.ede[1].text);
}

static void the_texts_do_not_lie_in_the_message(void **state)
{
    (void)state;
    put_header(&message, 0x8105, 0, 0, 0, 1);
    put_opt(&message, 0, "\0\x03\0\3ns1\0\x0f\0\4\0\x12no", 15);
    assert_true(parse(DNS_TYPE_A));
    memset(message.bytes, 0xff, message.len);
    assert_memory_equal(reply.nsid, "ns1", 3);
    assert_memory_equal(reply.ede[0].text, "no", 2);
}

static void an_empty_nsid_and_a_long_one_are_kept_within_bounds(void **state)
{
    (void)state;
    uint8_t option[4 + 400] = {0, 3, 400 >> 8, 400 & 255};
    put_header(&message, 0x8105, 0, 0, 0, 1);
    put_opt(&message, 0, "\0\3\0\0", 4);
    assert_true(parse(DNS_TYPE_A));
    assert_true(reply.has_nsid);
    assert_int_equal(reply.nsid_len, 0);
    assert_null(reply.nsid);
    put_header(&message, 0x8105, 0, 0, 0, 1);
    put_opt(&message, 0, option, sizeof option);
    assert_true(parse(DNS_TYPE_A));
    assert_int_equal(reply.nsid_len, DNS_NSID_MAX);
    option[1] = 15;
    put_header(&message, 0x8105, 0, 0, 0, 1);
    put_opt(&message, 0, option, sizeof option);
    assert_true(parse(DNS_TYPE_A));
    assert_int_equal(reply.ede[0].text_len, DNS_EDE_TEXT_MAX);
}

static void the_extended_rcode_is_one_number(void **state)
{
    (void)state;
    put_header(&message, 0x8100, 0, 0, 0, 1);
    put_opt(&message, 1, NULL, 0);
    assert_true(parse(DNS_TYPE_A));
    assert_int_equal(reply.rcode, DNS_RCODE_BADVERS);
    put_header(&message, 0x8107, 0, 0, 0, 1);
    put_opt(&message, 1, NULL, 0);
    assert_true(parse(DNS_TYPE_A));
    assert_int_equal(reply.rcode, DNS_RCODE_BADCOOKIE);
    put_header(&message, 0x8101, 0, 0, 0, 1);
    put_opt(&message, 240, NULL, 0);
    assert_true(parse(DNS_TYPE_A));
    assert_int_equal(reply.rcode, 3841);
}

static void an_answer_counts_the_records_of_the_type_asked_for(void **state)
{
    (void)state;
    put_header(&message, REPLY | 0x0400, 1, 3, 0, 0);
    put_question(&message, "www.example.com", 1);
    put_record(&message, 5, "\1a\xc0\x10", 4);
    put_record(&message, 1, "\xc0\0\2\1", 4);
    put_record(&message, 1, "\xc0\0\2\2", 4);
    assert_int_equal(match(), DNS_MATCH_OK);
    assert_true(parse(DNS_TYPE_A));
    assert_int_equal(reply.flags, DNS_FLAG_QR | DNS_FLAG_AA | DNS_FLAG_RD | DNS_FLAG_RA);
    assert_int_equal(reply.counts[DNS_SECTION_ANSWER], 3);
    assert_int_equal(reply.records_of_qtype, 2);
    assert_string_equal(reply.answer, "www.example.com. 60 IN CNAME a.example.com.\n"
                                      "www.example.com. 60 IN A 192.0.2.1\n"
                                      "www.example.com. 60 IN A 192.0.2.2\n");
    assert_int_equal(reply.answer_len, strlen(reply.answer));
    assert_true(parse(28));
    assert_int_equal(reply.records_of_qtype, 0);
    assert_true(parse(DNS_TYPE_ANY));
    assert_int_equal(reply.records_of_qtype, 3);
}

static void a_negative_answer_shows_its_soa(void **state)
{
    (void)state;
    static const uint8_t soa[] = "\2ns\xc0\x10\4host\xc0\x10\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5";
    put_header(&message, REPLY | 3, 1, 0, 1, 0);
    put_question(&message, "www.example.com", 1);
    put_record(&message, 6, soa, sizeof soa - 1);
    assert_true(parse(DNS_TYPE_A));
    assert_int_equal(reply.rcode, DNS_RCODE_NXDOMAIN);
    assert_true(reply.authority_soa);
    assert_int_equal(reply.records_of_qtype, 0);
    assert_null(reply.answer);
}

static void a_truncated_reply_and_another_opcode_are_facts_too(void **state)
{
    (void)state;
    put_header(&message, 0x8380, 1, 0, 0, 0);
    put_question(&message, "www.example.com", 1);
    assert_true(parse(DNS_TYPE_A));
    assert_int_equal(reply.flags, DNS_FLAG_QR | DNS_FLAG_TC | DNS_FLAG_RD | DNS_FLAG_RA);
    put_header(&message, 0x8000 | DNS_OPCODE_UPDATE << 11 | 4, 0, 0, 0, 0);
    assert_true(parse(DNS_TYPE_SOA));
    assert_int_equal(reply.opcode, DNS_OPCODE_UPDATE);
    assert_int_equal(reply.rcode, DNS_RCODE_NOTIMP);
}

static void a_tsig_as_the_last_record_tells_its_error(void **state)
{
    (void)state;
    put_header(&message, 0x8109, 0, 0, 0, 2);
    put_opt(&message, 0, NULL, 0);
    put_tsig(&message, DNS_TSIG_BADKEY, 0);
    assert_true(parse(DNS_TYPE_A));
    assert_int_equal(reply.rcode, DNS_RCODE_NOTAUTH);
    assert_true(reply.has_tsig);
    assert_int_equal(reply.tsig_error, DNS_TSIG_BADKEY);
}

static void bytes_after_the_counted_sections_are_tolerated(void **state)
{
    (void)state;
    put_header(&message, 0x8105, 0, 0, 0, 0);
    put_bytes(&message, "garbage", 7);
    assert_true(parse(DNS_TYPE_A));
    assert_int_equal(reply.size, 19);
}

static void a_reply_must_carry_our_id_and_our_question(void **state)
{
    (void)state;
    put_header(&message, REPLY, 1, 0, 0, 0);
    put_question(&message, "wWw.EXAMPLE.com", 1);
    assert_int_equal(match(), DNS_MATCH_OK);
    message.bytes[1] ^= 1;
    assert_int_equal(match(), DNS_MATCH_WRONG_ID);
    message.bytes[1] ^= 1;
    message.bytes[2] &= 0x7f;
    assert_int_equal(match(), DNS_MATCH_NOT_A_REPLY);
    message.bytes[2] |= 0x80;
    message.bytes[message.len - 3] ^= 1;
    assert_int_equal(match(), DNS_MATCH_WRONG_QUESTION);
    message.bytes[message.len - 3] ^= 1;
    message.len--;
    assert_int_equal(match(), DNS_MATCH_WRONG_QUESTION);
    message.len = 11;
    assert_int_equal(match(), DNS_MATCH_SHORT);
}

static void letters_alone_are_compared_without_case(void **state)
{
    (void)state;
    put_header(&message, REPLY, 1, 0, 0, 0);
    put_question(&message,
                 "www\x0e"
                 "example.com",
                 1);
    assert_int_equal(match(), DNS_MATCH_WRONG_QUESTION);
    put_header(&message, REPLY, 1, 0, 0, 0);
    put_question(&message, "vww.example.com", 1);
    assert_int_equal(match(), DNS_MATCH_WRONG_QUESTION);
    put_header(&message, REPLY, 2, 0, 0, 0);
    put_question(&message, "www.example.com", 1);
    put_question(&message, "www.example.com", 1);
    assert_int_equal(match(), DNS_MATCH_WRONG_QUESTION);
}

/* A SOA of `serial` with the root's names, owned by what stands at `owner_at`. */
static void put_soa(size_t owner_at, unsigned klass, uint32_t serial)
{
    put_pointer(&message, owner_at);
    size_t at = put_fixed(&message, DNS_TYPE_SOA, klass, 60);
    put_u16(&message, 0);
    put_u32(&message, serial);
    put_bytes(&message, "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1", 16);
    end_rdata(&message, at);
}

static void a_transfer_begins_with_the_soa_of_the_zone(void **state)
{
    (void)state;
    put_header(&message, 0x8400, 1, 2, 0, 0);
    put_question(&message, "Zone.test", DNS_TYPE_AXFR);
    size_t owner = message.len;
    put_name(&message, "zone.TEST");
    size_t at = put_fixed(&message, DNS_TYPE_SOA, DNS_CLASS_IN, 60);
    put_bytes(&message, "\2ns", 3);
    put_pointer(&message, owner);
    put_pointer(&message, owner + 5);
    put_bytes(&message, "\xfe\xdc\xba\x98\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1", 20);
    end_rdata(&message, at);
    put_record(&message, DNS_TYPE_A, "\1\2\3\4", 4);
    assert_true(parse(DNS_TYPE_AXFR));
    assert_true(reply.answer_starts_with_soa);
    assert_int_equal(reply.soa_serial, 0xfedcba98);
}

static void another_first_record_is_no_transfer(void **state)
{
    (void)state;
    put_header(&message, 0x8400, 1, 2, 0, 0);
    put_question(&message, "zone.test", DNS_TYPE_AXFR);
    put_record(&message, DNS_TYPE_A, "\1\2\3\4", 4);
    put_soa(MESSAGE_QNAME_AT, DNS_CLASS_IN, 7);
    assert_true(parse(DNS_TYPE_AXFR));
    assert_false(reply.answer_starts_with_soa);

    put_header(&message, 0x8400, 1, 1, 0, 0);
    put_question(&message, "zone.test", DNS_TYPE_AXFR);
    put_soa(MESSAGE_QNAME_AT + 5, DNS_CLASS_IN, 7);
    assert_true(parse(DNS_TYPE_AXFR));
    assert_false(reply.answer_starts_with_soa);

    put_header(&message, 0x8400, 1, 0, 1, 0);
    put_question(&message, "zone.test", DNS_TYPE_AXFR);
    put_soa(MESSAGE_QNAME_AT, DNS_CLASS_IN, 7);
    assert_true(parse(DNS_TYPE_AXFR));
    assert_false(reply.answer_starts_with_soa);
    assert_true(reply.authority_soa);
}

static void without_a_question_no_soa_is_the_zone_s(void **state)
{
    (void)state;
    put_header(&message, 0x8400, 0, 1, 0, 0);
    put_u8(&message, 0);
    size_t at = put_fixed(&message, DNS_TYPE_SOA, DNS_CLASS_IN, 60);
    put_bytes(&message, "\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1", 22);
    end_rdata(&message, at);
    assert_true(parse(DNS_TYPE_AXFR));
    assert_false(reply.answer_starts_with_soa);
}

static void an_update_that_comes_back_as_it_went_is_read(void **state)
{
    (void)state;
    put_header(&message, 0xa804, 1, 1, 1, 0);
    put_question(&message, "zone.test", DNS_TYPE_SOA);
    put_pointer(&message, MESSAGE_QNAME_AT);
    put_fixed(&message, DNS_TYPE_SOA, DNS_CLASS_NONE, 0);
    put_pointer(&message, MESSAGE_QNAME_AT);
    put_fixed(&message, DNS_TYPE_A, DNS_CLASS_ANY, 0);
    assert_true(parse(DNS_TYPE_SOA));
    assert_int_equal(reply.rcode, DNS_RCODE_NOTIMP);
    assert_false(reply.answer_starts_with_soa);
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
        cmocka_unit_test(a_bare_refusal_of_twelve_bytes_is_a_whole_reply),
        cmocka_unit_test(a_refusal_with_ede_and_nsid_keeps_both),
        cmocka_unit_test(the_texts_do_not_lie_in_the_message),
        cmocka_unit_test(an_empty_nsid_and_a_long_one_are_kept_within_bounds),
        cmocka_unit_test(the_extended_rcode_is_one_number),
        cmocka_unit_test(an_answer_counts_the_records_of_the_type_asked_for),
        cmocka_unit_test(a_negative_answer_shows_its_soa),
        cmocka_unit_test(a_truncated_reply_and_another_opcode_are_facts_too),
        cmocka_unit_test(a_tsig_as_the_last_record_tells_its_error),
        cmocka_unit_test(bytes_after_the_counted_sections_are_tolerated),
        cmocka_unit_test(a_reply_must_carry_our_id_and_our_question),
        cmocka_unit_test(letters_alone_are_compared_without_case),
        cmocka_unit_test(a_transfer_begins_with_the_soa_of_the_zone),
        cmocka_unit_test(another_first_record_is_no_transfer),
        cmocka_unit_test(without_a_question_no_soa_is_the_zone_s),
        cmocka_unit_test(an_update_that_comes_back_as_it_went_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, free_reader);
}
