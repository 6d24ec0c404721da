/* What a scraper's headers ask for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dnspolicy/views/metrics.h"

static bool openmetrics(const char *accept) { return metrics_negotiate(accept, NULL).openmetrics; }
static bool gzip(const char *accept_encoding) { return metrics_negotiate(NULL, accept_encoding).gzip; }

static void who_asks_for_nothing_gets_plain_text(void **state)
{
    (void)state;
    assert_false(openmetrics(NULL));
    assert_false(openmetrics(""));
    assert_false(openmetrics("*/*"));
    assert_false(openmetrics("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
    assert_false(gzip(NULL));
    assert_false(gzip(""));
}

static void prometheus_gets_openmetrics_when_it_prefers_it(void **state)
{
    (void)state;
    assert_true(
        openmetrics("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
    assert_true(openmetrics("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                            "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.2"));
    assert_true(openmetrics("application/openmetrics-text"));
    assert_true(openmetrics("Application/OpenMetrics-Text ; Version=\"1.0.0\""));
}

static void the_higher_quality_wins(void **state)
{
    (void)state;
    assert_false(openmetrics("application/openmetrics-text;version=1.0.0;q=0.3,text/plain;q=0.5"));
    assert_true(openmetrics("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.5"));
    assert_false(openmetrics("application/openmetrics-text;q=0.4,text/*;q=0.9"));
    assert_false(openmetrics("application/openmetrics-text;q=0.4,*/*"));
    assert_true(openmetrics("application/openmetrics-text;q=0.4,text/plain;q=0,*/*"));
}

static void a_version_that_is_not_ours_is_not_served(void **state)
{
    (void)state;
    assert_false(openmetrics("application/openmetrics-text;version=0.0.1"));
    assert_false(openmetrics("application/openmetrics-text;version=2.0.0,text/plain;q=0.1"));
}

static void quality_zero_means_never(void **state)
{
    (void)state;
    assert_false(openmetrics("application/openmetrics-text;q=0"));
    assert_false(openmetrics("application/openmetrics-text;q=0.000"));
    assert_false(gzip("gzip;q=0"));
    assert_false(gzip("gzip;q=0, *"));
    assert_false(gzip("*;q=0"));
}

static void gzip_is_for_those_who_accept_it(void **state)
{
    (void)state;
    assert_true(gzip("gzip"));
    assert_true(gzip("deflate, GZIP;q=0.5 , br"));
    assert_true(gzip("x-gzip"));
    assert_true(gzip("*"));
    assert_true(gzip("gzip;q=1.0, identity;q=0.5"));
    assert_false(gzip("identity, gzip;q=0.5"));
    assert_false(gzip("deflate, br"));
    assert_false(gzip("gzipped"));
}

static void nonsense_asks_for_nothing(void **state)
{
    (void)state;
    assert_false(openmetrics(",;,;=;\"\\"));
    assert_false(openmetrics("application/openmetrics-text;q=2"));
    assert_false(openmetrics("application/openmetrics-text;q=1.5"));
    assert_false(openmetrics("application/openmetrics-text;q=0.1234"));
    assert_false(openmetrics("application/openmetrics-text;q="));
    assert_false(openmetrics("text/plain;x=\",application/openmetrics-text"));
    assert_false(gzip("gzip;q=-1"));
    assert_true(gzip(",, ;gzip, gzip;q=0.001"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_asks_for_nothing_gets_plain_text),
        cmocka_unit_test(prometheus_gets_openmetrics_when_it_prefers_it),
        cmocka_unit_test(the_higher_quality_wins),
        cmocka_unit_test(a_version_that_is_not_ours_is_not_served),
        cmocka_unit_test(quality_zero_means_never),
        cmocka_unit_test(gzip_is_for_those_who_accept_it),
        cmocka_unit_test(nonsense_asks_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
