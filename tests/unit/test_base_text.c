/* Text from people and from the wire: what is kept, what is replaced, what is guessed, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

#define FFFD "\xEF\xBF\xBD"

static void assert_cleaned(const char *bytes, size_t len, const char *expected)
{
    /* A copy of exact size, so that a sanitizer sees a read past the end. */
    AUTO(mem_free_ptr) char *exact = mem_copy(bytes, len);
    AUTO(strbuf_fini) struct strbuf buf = {0};
    text_add_clean(&buf, exact, len);
    assert_string_equal(strbuf_text(&buf), expected);
}
#define ASSERT_CLEANED(literal, expected) assert_cleaned(literal, sizeof(literal) - 1, expected)

static void valid_utf8_is_kept(void **state)
{
    (void)state;
    ASSERT_CLEANED("", "");
    ASSERT_CLEANED("plain ~", "plain ~");
    ASSERT_CLEANED("\xC2\xA0 \xC3\xA4 \xDF\xBF", "\xC2\xA0 \xC3\xA4 \xDF\xBF");
    ASSERT_CLEANED("\xE0\xA0\x80\xE2\x82\xAC\xED\x9F\xBF\xEE\x80\x80",
                   "\xE0\xA0\x80\xE2\x82\xAC\xED\x9F\xBF\xEE\x80\x80");
    ASSERT_CLEANED("\xF0\x90\x80\x80\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF",
                   "\xF0\x90\x80\x80\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF");
}

static void overlong_forms_are_replaced(void **state)
{
    (void)state;
    ASSERT_CLEANED("\xC0\xAF", FFFD FFFD);
    ASSERT_CLEANED("\xC1\xBF", FFFD FFFD);
    ASSERT_CLEANED("\xE0\x9F\xBF", FFFD FFFD FFFD);
    ASSERT_CLEANED("\xF0\x8F\xBF\xBF", FFFD FFFD FFFD FFFD);
}

static void surrogates_and_what_lies_beyond_unicode_are_replaced(void **state)
{
    (void)state;
    ASSERT_CLEANED("\xED\xA0\x80", FFFD FFFD FFFD);
    ASSERT_CLEANED("\xED\xBF\xBF", FFFD FFFD FFFD);
    ASSERT_CLEANED("\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD);
    ASSERT_CLEANED("\xF5\xFF", FFFD FFFD);
}

static void a_cut_character_is_one_replacement_and_the_next_survives(void **state)
{
    (void)state;
    ASSERT_CLEANED("\xE2\x82", FFFD);
    ASSERT_CLEANED("\xF0\x9F\x98", FFFD);
    ASSERT_CLEANED("a\xE2\x82z", "a" FFFD "z");
    ASSERT_CLEANED("\xC3", FFFD);
    ASSERT_CLEANED("\xC3\xC3\xA4", FFFD "\xC3\xA4");
    ASSERT_CLEANED("\x80z", FFFD "z");
}

static void control_characters_are_replaced(void **state)
{
    (void)state;
    ASSERT_CLEANED("a\nb\tc\0d", "a" FFFD "b" FFFD "c" FFFD "d");
    ASSERT_CLEANED("\x1F\x7F\x1B[31m", FFFD FFFD FFFD "[31m");
    ASSERT_CLEANED("\xC2\x80\xC2\x9F", FFFD FFFD);
}

/* Whatever comes in, what comes out is left alone by a second pass. */
static void every_pair_of_bytes_becomes_clean_text(void **state)
{
    (void)state;
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        const char bytes[3] = {(char)(pair >> 8), (char)(pair & 0xFF), 'z'};
        AUTO(strbuf_fini) struct strbuf once = {0};
        AUTO(strbuf_fini) struct strbuf twice = {0};
        text_add_clean(&once, bytes, sizeof(bytes));
        text_add_clean(&twice, once.data, once.len);
        assert_string_equal(once.data, twice.data);
        assert_int_equal(once.data[once.len - 1], 'z');
    }
}

static void printable_ascii_has_no_controls_and_no_high_bytes(void **state)
{
    (void)state;
    assert_true(text_is_printable_ascii("", 0));
    assert_true(text_is_printable_ascii(" az~", 4));
    assert_false(text_is_printable_ascii("a\n", 2));
    assert_false(text_is_printable_ascii("a\0", 2));
    assert_false(text_is_printable_ascii("\x7F", 1));
    assert_false(text_is_printable_ascii("\xC3\xA4", 2));
}

static void assert_shell_word(const char *word, const char *expected)
{
    AUTO(strbuf_fini) struct strbuf buf = {0};
    text_add_shell_word(&buf, word);
    assert_string_equal(strbuf_text(&buf), expected);
}

static void shell_words_are_quoted_only_where_needed(void **state)
{
    (void)state;
    assert_shell_word("@192.0.2.1", "@192.0.2.1");
    assert_shell_word("+subnet=::/0", "+subnet=::/0");
    assert_shell_word("", "''");
    assert_shell_word("a b", "'a b'");
    assert_shell_word("$(reboot)", "'$(reboot)'");
    assert_shell_word("it's", "'it'\\''s'");
    assert_shell_word("a\nb", "'a\nb'");
    assert_shell_word("~root", "'~root'");
    assert_shell_word("*.example", "'*.example'");
    assert_shell_word("\xC3\xA4", "'\xC3\xA4'");
}

static void assert_list(size_t count, const char *expected)
{
    static const char *const words[] = {"a", "b", "c"};
    AUTO(strbuf_fini) struct strbuf buf = {0};
    text_add_list(&buf, words, count, "or");
    assert_string_equal(strbuf_text(&buf), expected);
}

static void lists_read_like_a_sentence(void **state)
{
    (void)state;
    assert_list(0, "");
    assert_list(1, "a");
    assert_list(2, "a or b");
    assert_list(3, "a, b or c");
}

static const char *nearest_key(const char *word)
{
    static const char *const keys[] = {"interval", "timeout", "attempts", "qname", "type", "expected_rcodes"};
    return text_nearest(word, keys, ARRAY_LEN(keys));
}

static void the_nearest_word_is_found(void **state)
{
    (void)state;
    assert_string_equal(nearest_key("intervall"), "interval");
    assert_string_equal(nearest_key("tiemout"), "timeout");
    /* Two swaps would be four replacements, which is too far. */
    assert_string_equal(nearest_key("itmeuot"), "timeout");
    assert_string_equal(nearest_key("Timeout"), "timeout");
    assert_string_equal(nearest_key("attempt"), "attempts");
    assert_string_equal(nearest_key("name"), "qname");
    /* Four edits in a long word are near. */
    assert_string_equal(nearest_key("expectd_rcode_s_"), "expected_rcodes");
}

static void a_word_with_little_in_common_has_no_nearest(void **state)
{
    (void)state;
    assert_null(nearest_key("zone"));
    assert_null(nearest_key("xy"));
    assert_null(nearest_key(""));
    assert_null(text_nearest("interval", NULL, 0));
}

static void the_first_of_two_equally_near_words_wins(void **state)
{
    (void)state;
    static const char *const names[] = {"resolver-b", "resolver-a"};
    assert_ptr_equal(text_nearest("resolver-c", names, 2), names[0]);
    assert_ptr_equal(text_nearest("resolver-a", names, 2), names[1]);
}

static void a_word_of_any_length_is_compared_within_bounds(void **state)
{
    (void)state;
    char longest[129];
    char too_long[200];
    memset(longest, 'a', sizeof(longest));
    memset(too_long, 'a', sizeof(too_long));
    longest[sizeof(longest) - 1] = '\0';
    too_long[sizeof(too_long) - 1] = '\0';
    const char *const names[] = {too_long, longest};
    assert_ptr_equal(text_nearest(longest, names, 2), longest);
    assert_null(text_nearest(too_long, names, 2));
}

static void assert_duration(const char *text, uint64_t expected_ns, const char *shown)
{
    uint64_t ns = 0;
    assert_true(text_parse_duration(text, &ns));
    assert_true(ns == expected_ns);
    AUTO(strbuf_fini) struct strbuf buf = {0};
    text_add_duration(&buf, ns);
    assert_string_equal(strbuf_text(&buf), shown);
}

static void durations_are_read_and_written_in_the_largest_exact_unit(void **state)
{
    (void)state;
    assert_duration("30s", 30 * NS_PER_SEC, "30s");
    assert_duration("1500ms", 1500 * NS_PER_MS, "1500ms");
    assert_duration("5m", 300 * NS_PER_SEC, "5m");
    assert_duration("90m", 5400 * NS_PER_SEC, "90m");
    assert_duration("2h", 7200 * NS_PER_SEC, "2h");
    assert_duration("3600000ms", 3600 * NS_PER_SEC, "1h");
    assert_duration("0ms", 0, "0s");

    AUTO(strbuf_fini) struct strbuf buf = {0};
    text_add_duration(&buf, 1500);
    assert_string_equal(strbuf_text(&buf), "1500ns");
}

static void what_is_not_a_duration_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",     "s",    "5",   "5 s",   " 5s",  "5S",  "-5s", "+5s",
                                        "1.5s", "5sec", "5s ", "1m30s", "0x5s", "5us", "5d",  "5ms\n"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        uint64_t ns = 42;
        if (text_parse_duration(wrong[i], &ns)) fail_msg("\"%s\" was taken for a duration", wrong[i]);
        assert_int_equal(ns, 42);
    }
}

static void a_duration_that_overflows_is_refused(void **state)
{
    (void)state;
    uint64_t ns;
    /* 2^64 ns is 18446744073.709551616 s. */
    assert_true(text_parse_duration("18446744073s", &ns));
    assert_true(ns == UINT64_C(18446744073000000000));
    assert_false(text_parse_duration("18446744074s", &ns));
    assert_true(text_parse_duration("18446744073709ms", &ns));
    assert_false(text_parse_duration("18446744073710ms", &ns));
    assert_false(text_parse_duration("5124096h", &ns));
    assert_false(text_parse_duration("18446744073709551616ms", &ns));
    assert_false(text_parse_duration("99999999999999999999999999s", &ns));
}

static void numbers_are_decimal_digits_within_their_limit(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_true(text_parse_u64("0", 0, &value));
    assert_int_equal(value, 0);
    assert_true(text_parse_u64("65535", 65535, &value));
    assert_int_equal(value, 65535);
    assert_true(text_parse_u64("18446744073709551615", UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    static const char *const wrong[] = {"", "-1", "+1", " 1", "1 ", "0x1", "1e3", "65536", "18446744073709551616"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        if (text_parse_u64(wrong[i], 65535, &value)) fail_msg("\"%s\" was taken for a number", wrong[i]);
    }
    assert_false(text_parse_u64("18446744073709551616", UINT64_MAX, &value));
    assert_false(text_parse_u64("5", 3, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_utf8_is_kept),
        cmocka_unit_test(overlong_forms_are_replaced),
        cmocka_unit_test(surrogates_and_what_lies_beyond_unicode_are_replaced),
        cmocka_unit_test(a_cut_character_is_one_replacement_and_the_next_survives),
        cmocka_unit_test(control_characters_are_replaced),
        cmocka_unit_test(every_pair_of_bytes_becomes_clean_text),
        cmocka_unit_test(printable_ascii_has_no_controls_and_no_high_bytes),
        cmocka_unit_test(shell_words_are_quoted_only_where_needed),
        cmocka_unit_test(lists_read_like_a_sentence),
        cmocka_unit_test(the_nearest_word_is_found),
        cmocka_unit_test(a_word_with_little_in_common_has_no_nearest),
        cmocka_unit_test(the_first_of_two_equally_near_words_wins),
        cmocka_unit_test(a_word_of_any_length_is_compared_within_bounds),
        cmocka_unit_test(durations_are_read_and_written_in_the_largest_exact_unit),
        cmocka_unit_test(what_is_not_a_duration_is_refused),
        cmocka_unit_test(a_duration_that_overflows_is_refused),
        cmocka_unit_test(numbers_are_decimal_digits_within_their_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
