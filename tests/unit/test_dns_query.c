/* Queries as they leave, octet by octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/query.h"
#include "dns_message.h"

static struct dns_question plain(const char *name)
{
    return (struct dns_question){.name = name, .type = DNS_TYPE_A, .klass = DNS_CLASS_IN};
}

static void assert_wire(const struct dns_query *query, const struct message *expected)
{
    assert_int_equal(query->len, expected->len);
    assert_memory_equal(query->wire, expected->bytes, expected->len);
}

static void put_query_header(struct message *to, unsigned flags, unsigned additionals)
{
    put_header(to, flags, 1, 0, 0, additionals);
    memset(to->bytes, 0, 2);
}

static void a_plain_query_is_a_header_and_a_question(void **state)
{
    (void)state;
    static struct message expected;
    struct dns_query query;
    struct dns_question question = plain("www.example.com");
    dns_query_build(&question, &query);
    put_query_header(&expected, 0x0000, 0);
    put_question(&expected, "www.example.com", 1);
    assert_wire(&query, &expected);
    assert_int_equal(query.random_offset, 0);
}

static void every_flag_and_the_opcode_have_their_bits(void **state)
{
    (void)state;
    static struct message expected;
    struct dns_query query;
    struct dns_question question = plain("example.com");
    question.recursion_desired = true;
    question.checking_disabled = true;
    question.opcode = 2;
    dns_query_build(&question, &query);
    put_query_header(&expected, 2 << 11 | 0x0110, 0);
    put_question(&expected, "example.com", 1);
    assert_wire(&query, &expected);
}

static void edns_brings_an_opt_record_with_size_do_and_nsid(void **state)
{
    (void)state;
    static struct message expected;
    struct dns_query query;
    struct dns_question question = plain("example.com");
    question.edns = question.nsid = question.dnssec_ok = question.recursion_desired = true;
    question.bufsize = 1232;
    dns_query_build(&question, &query);
    put_query_header(&expected, 0x0100, 1);
    put_question(&expected, "example.com", 1);
    put_bytes(&expected, "\0\0\x29\x04\xd0\0\0\x80\0\0\x04\0\x03\0\0", 15);
    assert_wire(&query, &expected);
}

static void edns_without_options_has_empty_rdata_whatever_the_size(void **state)
{
    (void)state;
    static struct message expected;
    struct dns_query query;
    struct dns_question question = plain(".");
    question.edns = true;
    dns_query_build(&question, &query);
    put_query_header(&expected, 0, 1);
    put_question(&expected, "", 1);
    put_bytes(&expected, "\0\0\x29\0\0\0\0\0\0\0\0", 11);
    assert_wire(&query, &expected);
}

static void types_and_classes_without_names_go_out_as_they_are(void **state)
{
    (void)state;
    static const uint16_t numbers[] = {0, 1, 3, 252, 255, 257, 65280, UINT16_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct dns_query query;
        struct dns_question question = plain("x");
        question.type = numbers[i];
        question.klass = numbers[i];
        dns_query_build(&question, &query);
        assert_int_equal(query.len, 12 + 3 + 4);
        assert_int_equal(query.wire[15] << 8 | query.wire[16], numbers[i]);
        assert_int_equal(query.wire[17] << 8 | query.wire[18], numbers[i]);
    }
}

static void escapes_become_octets(void **state)
{
    (void)state;
    struct dns_query query;
    struct dns_question question = plain("a\\.b\\000\\123random}");
    dns_query_build(&question, &query);
    assert_memory_equal(query.wire + 12,
                        "\x0c"
                        "a.b\0{random}\0",
                        14);
    assert_int_equal(query.random_offset, 0);
    question = plain("x\\.");
    dns_query_build(&question, &query);
    assert_memory_equal(query.wire + 12, "\2x.\0", 4);
}

static void a_stamp_patches_the_id_and_the_random_digits_only(void **state)
{
    (void)state;
    struct dns_query query;
    uint8_t out[DNS_MESSAGE_MAX];
    struct dns_stamp stamp = {.id = 0xbeef, .random = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}};
    struct dns_question question = plain("x-{random}.example.net");
    dns_query_build(&question, &query);
    assert_int_equal(query.random_offset, 12 + 1 + 2);
    size_t len = dns_query_complete(&query, &stamp, &(struct dns_additions){0}, out);
    assert_int_equal(len, query.len);
    assert_memory_equal(out, "\xbe\xef", 2);
    assert_memory_equal(out + 2, query.wire + 2, 10);
    assert_memory_equal(out + 12,
                        "\x12x-0123456789abcdef\x07"
                        "example\x03net\0\0\x01\0\x01",
                        len - 12);
    char name[DNS_NAME_TEXT_SIZE];
    dns_query_name(question.name, &stamp, name);
    assert_string_equal(name, "x-0123456789abcdef.example.net");
    dns_query_name("plain.test", &stamp, name);
    assert_string_equal(name, "plain.test");
}

static void the_digits_are_found_behind_labels_escapes_and_zeros(void **state)
{
    (void)state;
    struct dns_query query;
    uint8_t out[DNS_MESSAGE_MAX];
    struct dns_stamp stamp = {.random = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    struct dns_question question = plain("0000000000000000.a\\.\\046\\255.{random}.test");
    dns_query_build(&question, &query);
    dns_query_complete(&query, &stamp, &(struct dns_additions){0}, out);
    assert_memory_equal(out + 12,
                        "\x10"
                        "0000000000000000\x04"
                        "a..\xff\x10"
                        "ffffffffffffffff\x04test",
                        17 + 5 + 17 + 6);
}

static void the_longest_name_with_everything_fits(void **state)
{
    (void)state;
    char name[246]; /* {random} grows by eight */
    struct dns_query query;
    memset(name, 'a', sizeof name);
    memcpy(name, DNS_NAME_RANDOM, strlen(DNS_NAME_RANDOM));
    name[55] = name[119] = name[183] = '.';
    name[sizeof name - 1] = '\0';
    struct dns_question question = plain(name);
    question.edns = question.nsid = true;
    dns_query_build(&question, &query);
    assert_int_equal(query.len, 12 + 255 + 4 + 15);
    assert_int_equal(query.random_offset, 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_query_is_a_header_and_a_question),
        cmocka_unit_test(every_flag_and_the_opcode_have_their_bits),
        cmocka_unit_test(edns_brings_an_opt_record_with_size_do_and_nsid),
        cmocka_unit_test(edns_without_options_has_empty_rdata_whatever_the_size),
        cmocka_unit_test(types_and_classes_without_names_go_out_as_they_are),
        cmocka_unit_test(escapes_become_octets),
        cmocka_unit_test(a_stamp_patches_the_id_and_the_random_digits_only),
        cmocka_unit_test(the_digits_are_found_behind_labels_escapes_and_zeros),
        cmocka_unit_test(the_longest_name_with_everything_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
