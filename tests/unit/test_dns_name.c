/* One spelling for every name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dnspolicy/dns/name.h"

static void assert_canonical(const char *text, const char *expected)
{
    char out[DNS_NAME_TEXT_SIZE];
    assert_null(dns_name_canonical(text, out));
    assert_string_equal(out, expected);
}

static void assert_refused(const char *text, const char *word)
{
    char out[DNS_NAME_TEXT_SIZE];
    const char *problem = dns_name_canonical(text, out);
    assert_non_null(problem);
    assert_non_null(strstr(problem, word));
    assert_string_equal(out, "");
}

static void names_are_lower_case_without_the_final_dot(void **state)
{
    (void)state;
    assert_canonical("WWW.Example.COM.", "www.example.com");
    assert_canonical("www.example.com", "www.example.com");
    assert_canonical("_dmarc.a-b.test", "_dmarc.a-b.test");
    assert_canonical(".", ".");
}

static void escapes_are_kept_where_they_are_needed_and_only_there(void **state)
{
    (void)state;
    assert_canonical("first\\.last.test", "first\\.last.test");
    assert_canonical("first\\046last.test", "first\\.last.test");
    assert_canonical("a\\032b.test", "a\\032b.test");
    assert_canonical("\\065bc.test", "abc.test");
    assert_canonical("\\x.test\\.", "x.test\\.");
    assert_canonical("a\\255.test", "a\\255.test");
    assert_canonical("a@b;c.test", "a\\@b\\;c.test");
}

static void a_canonical_name_is_its_own_canonical_name(void **state)
{
    (void)state;
    const char *const names[] = {"a\\.b.\\(x\\).test", "\\000\\255.", "{random}.test", "\\{random\\}.test", "$.@"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char once[DNS_NAME_TEXT_SIZE];
        char twice[DNS_NAME_TEXT_SIZE];
        assert_null(dns_name_canonical(names[i], once));
        assert_null(dns_name_canonical(once, twice));
        assert_string_equal(once, twice);
    }
}

static void bad_names_are_refused_with_a_reason(void **state)
{
    (void)state;
    assert_refused("", "empty");
    assert_refused("a..b", "empty label");
    assert_refused(".a", "empty label");
    assert_refused("..", "empty label");
    assert_refused("a b.test", "white space");
    assert_refused("a\tb", "white space");
    assert_refused("b\xc3\xbc"
                   "cher.test",
                   "A-label");
    assert_refused("a\\", "escape");
    assert_refused("a\\25", "escape");
    assert_refused("a\\256", "escape");
    assert_refused("a\\2x5", "escape");
    assert_refused("{random}.{random}.test", "more than once");
    assert_refused("{rand}.test", "{random}");
    assert_refused("{random.test", "{random}");
}

static void a_label_has_63_octets_and_a_name_255(void **state)
{
    (void)state;
    char name[512];
    memset(name, 'a', sizeof name);
    name[63] = '\0';
    assert_canonical(name, name);
    name[63] = 'a';
    name[64] = '\0';
    assert_refused(name, "63");
    memset(name, 'a', sizeof name);
    name[63] = name[127] = name[191] = '.';
    name[253] = '\0'; /* 3 × 64 + 62 + the root's */
    assert_canonical(name, name);
    name[253] = 'a';
    name[254] = '\0';
    assert_refused(name, "255");
    name[253] = '.';
    name[254] = '\0';
    char out[DNS_NAME_TEXT_SIZE];
    assert_null(dns_name_canonical(name, out));
}

static void the_longest_escaped_name_fits_its_buffer(void **state)
{
    (void)state;
    char name[DNS_NAME_TEXT_SIZE] = "";
    char out[DNS_NAME_TEXT_SIZE];
    for (int octet = 0; octet < 250; octet++) strcat(name, octet % 63 == 62 ? "\\001." : "\\001");
    assert_null(dns_name_canonical(name, out));
    assert_string_equal(out, name);
}

static void the_limits_hold_with_the_random_digits_expanded(void **state)
{
    (void)state;
    char name[128] = "{random}";
    memset(name + 8, 'a', 47);
    assert_canonical(name, name);
    name[8 + 47] = 'a';
    assert_refused(name, "63");
}

static void random_is_a_placeholder_only_where_it_was_written_as_one(void **state)
{
    (void)state;
    char out[DNS_NAME_TEXT_SIZE];
    assert_null(dns_name_canonical("x-{RANDOM}.test", out));
    assert_string_equal(out, "x-{random}.test");
    assert_true(dns_name_has_random(out));
    assert_null(dns_name_canonical("\\{random\\}.test", out));
    assert_false(dns_name_has_random(out));
    assert_null(dns_name_canonical("\\\\{random}.test", out));
    assert_true(dns_name_has_random(out));
}

static void a_name_is_within_its_zone_at_label_borders_only(void **state)
{
    (void)state;
    assert_true(dns_name_is_within("www.example.com", "example.com"));
    assert_true(dns_name_is_within("example.com", "example.com"));
    assert_true(dns_name_is_within("example.com", "."));
    assert_true(dns_name_is_within(".", "."));
    assert_false(dns_name_is_within("badexample.com", "example.com"));
    assert_false(dns_name_is_within("com", "example.com"));
    assert_false(dns_name_is_within(".", "com"));
    assert_false(dns_name_is_within("a\\.example.com", "example.com"));
    assert_true(dns_name_is_within("a\\\\.example.com", "example.com"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_lower_case_without_the_final_dot),
        cmocka_unit_test(escapes_are_kept_where_they_are_needed_and_only_there),
        cmocka_unit_test(a_canonical_name_is_its_own_canonical_name),
        cmocka_unit_test(bad_names_are_refused_with_a_reason),
        cmocka_unit_test(a_label_has_63_octets_and_a_name_255),
        cmocka_unit_test(the_longest_escaped_name_fits_its_buffer),
        cmocka_unit_test(the_limits_hold_with_the_random_digits_expanded),
        cmocka_unit_test(random_is_a_placeholder_only_where_it_was_written_as_one),
        cmocka_unit_test(a_name_is_within_its_zone_at_label_borders_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
