/* A POST from somebody else's page is told from one of our own, and from a program's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "web/origin.h"

static void a_program_sends_no_origin_and_may(void **state)
{
    (void)state;
    assert_false(origin_is_foreign(NULL, NULL, "ns1:10953", false));
    assert_false(origin_is_foreign(NULL, NULL, NULL, false));
}

static void our_own_page_may(void **state)
{
    (void)state;
    assert_false(origin_is_foreign("http://ns1:10953", "same-origin", "ns1:10953", false));
    assert_false(origin_is_foreign("http://ns1:10953", NULL, "ns1:10953", false));
    assert_false(origin_is_foreign("https://NS1:10953", NULL, "ns1:10953", true));
    assert_false(origin_is_foreign(NULL, "none", "ns1:10953", false)); /* typed by the user */
}

static void a_port_that_is_the_schemes_own_may_be_left_out(void **state)
{
    (void)state;
    assert_false(origin_is_foreign("http://ns1", NULL, "ns1:80", false));
    assert_false(origin_is_foreign("https://ns1:443", NULL, "ns1", true));
    assert_true(origin_is_foreign("http://ns1:443", NULL, "ns1", false));
    assert_true(origin_is_foreign("http://ns1:8080", NULL, "ns1:80", false));
}

static void other_hosts_ports_and_schemes_are_foreign(void **state)
{
    (void)state;
    assert_true(origin_is_foreign("http://evil.example", NULL, "ns1:10953", false));
    assert_true(origin_is_foreign("http://ns1:8080", NULL, "ns1:10953", false));
    assert_true(origin_is_foreign("http://ns1:10953", NULL, "ns1:10953", true));
    assert_true(origin_is_foreign("https://ns1:10953", NULL, "ns1:10953", false));
    assert_true(origin_is_foreign("http://ns1:10953.evil.example", NULL, "ns1:10953", false));
    assert_true(origin_is_foreign("http://ns1", NULL, NULL, false));
}

static void an_opaque_or_empty_origin_is_foreign(void **state)
{
    (void)state;
    assert_true(origin_is_foreign("null", NULL, "ns1:10953", false));
    assert_true(origin_is_foreign("", NULL, "ns1:10953", false));
    assert_true(origin_is_foreign("http://", NULL, "ns1:10953", false));
}

static void what_the_browser_says_of_the_site_counts_without_an_origin(void **state)
{
    (void)state;
    assert_true(origin_is_foreign(NULL, "cross-site", "ns1:10953", false));
    assert_true(origin_is_foreign(NULL, "same-site", "ns1:10953", false));
    assert_true(origin_is_foreign("http://ns1:10953", "cross-site", "ns1:10953", false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_sends_no_origin_and_may),
        cmocka_unit_test(our_own_page_may),
        cmocka_unit_test(a_port_that_is_the_schemes_own_may_be_left_out),
        cmocka_unit_test(other_hosts_ports_and_schemes_are_foreign),
        cmocka_unit_test(an_opaque_or_empty_origin_is_foreign),
        cmocka_unit_test(what_the_browser_says_of_the_site_counts_without_an_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
