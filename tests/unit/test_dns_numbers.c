/* The registries' names, read in any case and written in one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dnspolicy/dns/numbers.h"

static void every_named_rcode_but_the_tsig_errors_reads_back(void **state)
{
    (void)state;
    unsigned named = 0;
    for (uint16_t rcode = 0; rcode <= DNS_RCODE_MAX; rcode++) {
        char text[DNS_NUMBER_TEXT_SIZE];
        uint16_t parsed = UINT16_MAX;
        dns_rcode_format(rcode, text);
        named += dns_rcode_name(rcode) != NULL;
        bool is_tsig_error = rcode == DNS_TSIG_BADKEY || rcode == DNS_TSIG_BADTIME;
        assert_int_equal(dns_rcode_parse(text, &parsed), !is_tsig_error);
        if (!is_tsig_error) assert_int_equal(parsed, rcode);
    }
    assert_int_equal(named, 12 + 8);
}

static void rcodes_are_read_in_any_case_and_as_numbers(void **state)
{
    (void)state;
    uint16_t rcode = 0;
    assert_true(dns_rcode_parse("refused", &rcode));
    assert_int_equal(rcode, DNS_RCODE_REFUSED);
    assert_true(dns_rcode_parse("BadCookie", &rcode));
    assert_int_equal(rcode, 23);
    assert_true(dns_rcode_parse("rcode3841", &rcode));
    assert_int_equal(rcode, 3841);
    const char *const wrong[] = {"", "RCODE", "RCODE4096", "RCODE-1", "RCODE1x", "REFUSEDX", "BADSIG", "5", "NOTIMPL"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) assert_false(dns_rcode_parse(wrong[i], &rcode));
    assert_int_equal(rcode, 3841);
}

static void sixteen_is_badvers_and_the_unnamed_are_numbers(void **state)
{
    (void)state;
    char text[DNS_NUMBER_TEXT_SIZE];
    dns_rcode_format(16, text);
    assert_string_equal(text, "BADVERS");
    dns_rcode_format(12, text);
    assert_string_equal(text, "RCODE12");
    assert_null(dns_rcode_name(15));
    assert_null(dns_rcode_name(24));
    assert_null(dns_rcode_name(UINT16_MAX));
}

static void extended_errors_have_the_names_of_the_registry(void **state)
{
    (void)state;
    assert_string_equal(dns_ede_name(0), "Other Error");
    assert_string_equal(dns_ede_name(DNS_EDE_BLOCKED), "Blocked");
    assert_string_equal(dns_ede_name(DNS_EDE_PROHIBITED), "Prohibited");
    assert_string_equal(dns_ede_name(DNS_EDE_NOT_AUTHORITATIVE), "Not Authoritative");
    assert_string_equal(dns_ede_name(30), "Invalid Query Type");
    assert_null(dns_ede_name(49152));
}

static void every_type_and_class_reads_back(void **state)
{
    (void)state;
    for (unsigned number = 0; number <= UINT16_MAX; number++) {
        char text[DNS_NUMBER_TEXT_SIZE];
        uint16_t parsed = 0;
        dns_type_format((uint16_t)number, text);
        assert_true(dns_type_parse(text, &parsed));
        assert_int_equal(parsed, number);
        dns_class_format((uint16_t)number, text);
        assert_true(dns_class_parse(text, &parsed));
        assert_int_equal(parsed, number);
    }
}

static void types_have_their_mnemonics(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        const char *name;
    } known[] = {{1, "A"},      {6, "SOA"},   {28, "AAAA"}, {65, "HTTPS"},        {250, "TSIG"}, {251, "IXFR"},
                 {252, "AXFR"}, {255, "ANY"}, {257, "CAA"}, {65280, "TYPE65280"}, {0, "TYPE0"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[DNS_NUMBER_TEXT_SIZE];
        dns_type_format(known[i].type, text);
        assert_string_equal(text, known[i].name);
    }
}

static void what_atoi_would_let_pass_is_refused(void **state)
{
    (void)state;
    uint16_t number = 7;
    const char *const wrong_types[] = {"", "NOSUCHTYPE", "TYPE", "TYPE65536", "TYPE1x", "TYPE-1", "TYPE 1", "1"};
    for (size_t i = 0; i < sizeof wrong_types / sizeof *wrong_types; i++)
        assert_false(dns_type_parse(wrong_types[i], &number));
    const char *const wrong_classes[] = {"", "INTERNET", "CLASS", "CLASS65536", "CLASSin", "1"};
    for (size_t i = 0; i < sizeof wrong_classes / sizeof *wrong_classes; i++)
        assert_false(dns_class_parse(wrong_classes[i], &number));
    assert_int_equal(number, 7);
    assert_true(dns_type_parse("aaaa", &number));
    assert_int_equal(number, 28);
    assert_true(dns_class_parse("ch", &number));
    assert_int_equal(number, DNS_CLASS_CH);
}

static void opcodes_are_names_or_numbers_up_to_fifteen(void **state)
{
    (void)state;
    char text[DNS_NUMBER_TEXT_SIZE];
    uint8_t opcode = 0;
    assert_true(dns_opcode_parse("update", &opcode));
    assert_int_equal(opcode, DNS_OPCODE_UPDATE);
    assert_true(dns_opcode_parse("6", &opcode));
    assert_int_equal(opcode, 6);
    assert_true(dns_opcode_parse("OPCODE15", &opcode));
    assert_int_equal(opcode, 15);
    assert_false(dns_opcode_parse("16", &opcode));
    assert_false(dns_opcode_parse("", &opcode));
    assert_false(dns_opcode_parse("QUERIES", &opcode));
    dns_opcode_format(4, text);
    assert_string_equal(text, "NOTIFY");
    dns_opcode_format(3, text);
    assert_string_equal(text, "OPCODE3");
    dns_opcode_format(7, text);
    assert_string_equal(text, "OPCODE7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_named_rcode_but_the_tsig_errors_reads_back),
        cmocka_unit_test(rcodes_are_read_in_any_case_and_as_numbers),
        cmocka_unit_test(sixteen_is_badvers_and_the_unnamed_are_numbers),
        cmocka_unit_test(extended_errors_have_the_names_of_the_registry),
        cmocka_unit_test(every_type_and_class_reads_back),
        cmocka_unit_test(types_have_their_mnemonics),
        cmocka_unit_test(what_atoi_would_let_pass_is_refused),
        cmocka_unit_test(opcodes_are_names_or_numbers_up_to_fifteen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
