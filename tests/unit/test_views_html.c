/* Text on its way into a page: whatever it is, it stays text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "views/html.h"

#define REPLACED "\xEF\xBF\xBD"

static void assert_shown(const char *bytes, size_t len, const char *shown)
{
    AUTO(strbuf_fini) struct strbuf out = {0};
    html_add_bytes(&out, bytes, len);
    assert_string_equal(strbuf_text(&out), shown);
}

static void markup_becomes_text_in_tags_and_in_attributes(void **state)
{
    (void)state;
    assert_shown("<script>alert(1)</script>", 25, "&lt;script&gt;alert(1)&lt;/script&gt;");
    assert_shown("\" onload='x", 11, "&quot; onload=&#39;x");
    assert_shown("&lt;&", 5, "&amp;lt;&amp;");
    assert_shown("", 0, "");
    assert_shown("]]>-->", 6, "]]&gt;--&gt;");
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
    (void)state;
    assert_shown("a\0<\x1b[31m", 8, "a" REPLACED "&lt;" REPLACED "[31m");
    assert_shown("\xff<\xc3\x28", 4, REPLACED "&lt;" REPLACED "(");
    assert_shown("\xc2\x85\n\t\x7f", 5, REPLACED REPLACED REPLACED REPLACED);
    /* '<' in a longer form than it needs. */
    assert_shown("\xc0\xbc", 2, REPLACED REPLACED);
    assert_shown("\xed\xa0\x80", 3, REPLACED REPLACED REPLACED);
}

static void text_of_all_languages_stays_as_it_is(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf out = {0};
    html_add_text(&out, "Büro & 本社 ✓");
    assert_string_equal(strbuf_text(&out), "Büro &amp; 本社 ✓");
}

static void a_link_carries_any_value(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf out = {0};
    struct html_link link = html_link_begin(&out);
    html_link_add(&link, "client", "a&b=c+d #\"'<%>");
    html_link_add(&link, "resolver", "host/10.0.0.53,ü");
    html_link_end(&link);
    assert_string_equal(strbuf_text(&out), " href=\"?client=a%26b%3Dc%2Bd%20%23%22%27%3C%25%3E&amp;"
                                           "resolver=host/10.0.0.53,%C3%BC\"");
}

static void a_link_without_parameters_is_the_page_itself(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf out = {0};
    struct html_link link = html_link_begin(&out);
    html_link_end(&link);
    assert_string_equal(strbuf_text(&out), " href=\"./\"");
}

static void a_pair_without_a_text_is_left_out(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf out = {0};
    html_add_pair(&out, "description", NULL);
    html_add_pair(&out, "error", "");
    assert_int_equal(out.len, 0);
    html_add_pair(&out, "NSID", "<b>");
    assert_string_equal(strbuf_text(&out), "<dt>NSID</dt><dd>&lt;b&gt;</dd>\n");
}

static void times_are_for_people_and_for_programs(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf out = {0};
    html_add_time(&out, INT64_C(1767323045678) * (int64_t)NS_PER_MS);
    assert_string_equal(strbuf_text(&out),
                        "<time datetime=\"2026-01-02T03:04:05.678Z\">2026-01-02 03:04:05 UTC</time>");
    strbuf_clear(&out);
    html_add_rfc3339(&out, "2027-01-15T08:00:00Z");
    assert_string_equal(strbuf_text(&out), "<time datetime=\"2027-01-15T08:00:00Z\">2027-01-15 08:00:00 UTC</time>");
    strbuf_clear(&out);
    html_add_time(&out, 0);
    assert_string_equal(strbuf_text(&out), "never");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_becomes_text_in_tags_and_in_attributes),
        cmocka_unit_test(bytes_that_are_no_text_are_replaced),
        cmocka_unit_test(text_of_all_languages_stays_as_it_is),
        cmocka_unit_test(a_link_carries_any_value),
        cmocka_unit_test(a_link_without_parameters_is_the_page_itself),
        cmocka_unit_test(a_pair_without_a_text_is_left_out),
        cmocka_unit_test(times_are_for_people_and_for_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
