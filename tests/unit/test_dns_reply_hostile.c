/* Replies that want to break their reader: what is refused, and what is survived. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/reply.h"
#include "dns_message.h"

#define REPLY 0x8180

static struct dns_reader reader;
static struct message message;
static struct dns_reply reply;

static bool parse(void) { return dns_reply_parse(&reader, message.bytes, message.len, DNS_TYPE_A, &reply); }

static void an_edns_option_13_that_crashes_the_printer_of_ldns_is_harmless(void **state)
{
    (void)state;
    put_header(&message, REPLY, 0, 0, 0, 1);
    put_opt(&message, 0, "\0\x0d\0\0\0\x0d\0\3\1a\0\xfd\xe9\0\1x", 4 + 7 + 5);
    assert_true(parse());
    assert_true(reply.has_edns);
}

static void a_second_opt_record_is_refused(void **state)
{
    (void)state;
    put_header(&message, REPLY, 0, 0, 0, 2);
    put_opt(&message, 0, NULL, 0);
    put_opt(&message, 0, NULL, 0);
    assert_false(parse());
}

static void an_opt_record_has_the_root_as_owner_and_its_place(void **state)
{
    (void)state;
    put_header(&message, REPLY, 1, 0, 0, 1);
    put_question(&message, "x.test", 1);
    put_record(&message, 41, NULL, 0);
    assert_false(parse());
    put_header(&message, REPLY, 0, 1, 0, 0);
    put_opt(&message, 0, NULL, 0);
    assert_false(parse());
    put_header(&message, REPLY, 0, 0, 1, 0);
    put_opt(&message, 0, NULL, 0);
    assert_false(parse());
}

static void a_broken_option_list_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } broken[] = {{"\0", 1}, {"\0\3\0", 3}, {"\0\3\0\1", 4}, {"\0\3\0\0\0", 5}, {"\0\3\xff\xff", 4}};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        put_header(&message, REPLY, 0, 0, 0, 1);
        put_opt(&message, 0, broken[i].bytes, broken[i].len);
        put_bytes(&message, "behind", 6);
        assert_false(parse());
    }
}

static void an_extended_error_too_short_for_its_code_is_not_one(void **state)
{
    (void)state;
    put_header(&message, REPLY, 0, 0, 0, 1);
    put_opt(&message, 0, "\0\x0f\0\1\0", 5);
    assert_true(parse());
    assert_int_equal(reply.ede_count, 0);
}

static void only_the_first_extended_errors_are_kept(void **state)
{
    (void)state;
    put_header(&message, REPLY, 0, 0, 0, 1);
    put_opt(&message, 0, "\0\x0f\0\2\0\1\0\x0f\0\2\0\2\0\x0f\0\2\0\3\0\x0f\0\2\0\4\0\x0f\0\2\0\5", 30);
    assert_true(parse());
    assert_int_equal(reply.ede_count, DNS_EDE_MAX);
    assert_int_equal(reply.ede[DNS_EDE_MAX - 1].code, 4);
}

static void a_tsig_stands_last_and_alone(void **state)
{
    (void)state;
    put_header(&message, REPLY, 0, 0, 0, 2);
    put_tsig(&message, 0, 32);
    put_opt(&message, 0, NULL, 0);
    assert_false(parse());
    put_header(&message, REPLY, 0, 0, 0, 2);
    put_tsig(&message, 0, 32);
    put_tsig(&message, 0, 32);
    assert_false(parse());
    put_header(&message, REPLY, 0, 0, 1, 0);
    put_tsig(&message, 0, 32);
    assert_false(parse());
}

static void a_tsig_whose_lengths_disagree_is_refused(void **state)
{
    (void)state;
    put_header(&message, REPLY, 0, 0, 0, 1);
    put_tsig(&message, 0, 4);
    size_t mac_size_at = message.len - 6 - 4 - 2;
    assert_true(parse());
    message.bytes[mac_size_at + 1] = 3;
    assert_false(parse());
    message.bytes[mac_size_at] = 0xff;
    assert_false(parse());
}

static void the_largest_message_with_a_short_tsig_is_read(void **state)
{
    (void)state;
    static const uint8_t filler[UINT16_MAX];
    put_header(&message, REPLY, 0, 1, 0, 1);
    put_u8(&message, 0);
    size_t at = put_fixed(&message, 65280, 1, 0);
    put_bytes(&message, filler, UINT16_MAX - message.len - 44);
    end_rdata(&message, at);
    put_tsig(&message, 0, 0);
    assert_int_equal(message.len, UINT16_MAX);
    assert_true(parse());
    assert_int_equal(reply.size, UINT16_MAX);
    message.len++;
    assert_false(parse());
    assert_int_equal(reply.size, UINT16_MAX);
}

static void put_name_reply(struct message *to, const void *name, size_t len)
{
    put_header(to, REPLY, 0, 1, 0, 0);
    put_bytes(to, name, len);
    size_t at = put_fixed(to, 1, 1, 0);
    put_bytes(to, "\1\2\3\4", 4);
    end_rdata(to, at);
}

static void pointers_lead_backwards_or_nowhere(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\xc0\x0c",    /* itself */
        "\xc0\x0e",    /* forwards */
        "\xff\xff",    /* outside */
        "\1a\xc0\x0c", /* its own start */
        "\1a\xc0\x0d", /* its own middle */
        "\xc0\x04",    /* the header */
        "\x80\x01",    /* a reserved kind of label */
        "\x40\x01",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put_name_reply(&message, bad[i], strlen(bad[i]));
        assert_false(parse());
    }
}

static void a_chain_of_pointers_has_an_end(void **state)
{
    (void)state;
    for (unsigned pointers = 63; pointers <= 64; pointers++) {
        put_header(&message, REPLY, 0, 1, 0, 0);
        put_u8(&message, 0);
        size_t at = put_fixed(&message, 65280, 1, 0);
        size_t target = MESSAGE_QNAME_AT;
        for (unsigned i = 0; i < pointers; i++) {
            size_t here = message.len;
            put_pointer(&message, target);
            target = here;
        }
        end_rdata(&message, at);
        message.bytes[7] = 2;
        put_pointer(&message, target);
        end_rdata(&message, put_fixed(&message, 65280, 1, 0));
        assert_int_equal(parse(), pointers == 63); /* and the owner's own */
    }
}

static void names_longer_than_255_octets_are_refused(void **state)
{
    (void)state;
    for (unsigned extra = 0; extra <= 1; extra++) {
        put_header(&message, REPLY, 0, 2, 0, 0);
        for (int i = 0; i < 3; i++) {
            put_u8(&message, 63);
            put_bytes(&message, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 63);
        }
        put_u8(&message, 0);
        end_rdata(&message, put_fixed(&message, 65280, 1, 0));
        put_u8(&message, 61 + extra); /* 1 + 61 + 3 × 64 + 1 */
        put_bytes(&message, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 61 + extra);
        put_pointer(&message, MESSAGE_QNAME_AT);
        end_rdata(&message, put_fixed(&message, 65280, 1, 0));
        assert_int_equal(parse(), extra == 0);
    }
}

static void rdata_must_have_the_form_of_its_type(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        const char *rdata;
        size_t len;
    } bad[] = {{1, "\1\2\3", 3}, {1, "\1\2\3\4\5", 5}, {1, "", 0},     {28, "\1\2\3\4", 4},     {2, "\1a", 2},
               {2, "\1a\0x", 4}, {15, "\0", 1},        {16, "\2a", 2}, {33, "\0\1\0\1\0\1", 6}, {6, "\0\0\0\0\0\1", 6}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (unsigned section = 0; section < 3; section++) {
            put_header(&message, REPLY, 1, section == 0, section == 1, section == 2);
            put_question(&message, "x.test", 1);
            put_record(&message, bad[i].type, bad[i].rdata, bad[i].len);
            put_bytes(&message, "\0\0\0\0\0\0\0\0", 8);
            assert_false(parse());
        }
    }
}

static void counts_beyond_the_message_are_refused_and_the_header_is_kept(void **state)
{
    (void)state;
    put_header(&message, 0x8785, 0, 65535, 65535, 65535);
    assert_false(parse());
    assert_int_equal(reply.rcode, DNS_RCODE_REFUSED);
    assert_int_equal(reply.flags, DNS_FLAG_QR | DNS_FLAG_AA | DNS_FLAG_TC | DNS_FLAG_RD | DNS_FLAG_RA);
    assert_int_equal(reply.size, 12);
    assert_null(reply.answer);
    message.len = 11;
    assert_false(parse());
    assert_int_equal(reply.size, 11);
    assert_int_equal(reply.flags, 0);
}

/* Parsed from a block of its own size, so that a read beyond the end cannot go unseen under a sanitizer. */
static bool parse_copy(size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, message.bytes, len);
    bool is_valid = dns_reply_parse(&reader, copy, len, DNS_TYPE_A, &reply);
    dns_reply_match(message.bytes, message.len, copy, len);
    free(copy);
    return is_valid;
}

static void no_prefix_of_a_message_is_valid_or_read_beyond_its_end(void **state)
{
    (void)state;
    put_header(&message, REPLY, 1, 6, 1, 2);
    put_question(&message, "www.example.com", 1);
    put_record(&message, 5, "\1a\xc0\x10", 4);
    put_record(&message, 1, "\xc0\0\2\1", 4);
    put_record(&message, 16, "\3a b\0\1\xff", 7);
    put_record(&message, 33, "\0\1\0\2\0\3\1s\xc0\x10", 10);
    put_record(&message, 48, "\1\1\3\x0d\1\2\3\4", 8);
    put_record(&message, 65, "\0\1\0\0\1\0\3\2h2", 10);
    put_record(&message, 6, "\0\xc0\x10\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5", 23);
    put_opt(&message, 0, "\0\3\0\3ns1\0\x0f\0\4\0\x12no", 15);
    put_tsig(&message, 0, 32);
    for (size_t len = 0; len < message.len; len++) assert_false(parse_copy(len));
    assert_true(parse_copy(message.len));
    assert_int_equal(reply.records_of_qtype, 1);
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
        cmocka_unit_test(an_edns_option_13_that_crashes_the_printer_of_ldns_is_harmless),
        cmocka_unit_test(a_second_opt_record_is_refused),
        cmocka_unit_test(an_opt_record_has_the_root_as_owner_and_its_place),
        cmocka_unit_test(a_broken_option_list_is_refused),
        cmocka_unit_test(an_extended_error_too_short_for_its_code_is_not_one),
        cmocka_unit_test(only_the_first_extended_errors_are_kept),
        cmocka_unit_test(a_tsig_stands_last_and_alone),
        cmocka_unit_test(a_tsig_whose_lengths_disagree_is_refused),
        cmocka_unit_test(the_largest_message_with_a_short_tsig_is_read),
        cmocka_unit_test(pointers_lead_backwards_or_nowhere),
        cmocka_unit_test(a_chain_of_pointers_has_an_end),
        cmocka_unit_test(names_longer_than_255_octets_are_refused),
        cmocka_unit_test(rdata_must_have_the_form_of_its_type),
        cmocka_unit_test(counts_beyond_the_message_are_refused_and_the_header_is_kept),
        cmocka_unit_test(no_prefix_of_a_message_is_valid_or_read_beyond_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, free_reader);
}
