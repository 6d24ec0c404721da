/* What the command line prints of a check, in each of its formats, and of the difference of two. */
#include "views_story.h"

#include <unistd.h>

#include "dnspolicy/views/report.h"

static struct report_summary render(struct telling *telling, enum report_format format, bool color, struct strbuf *out)
{
    strbuf_clear(out);
    return report_render(telling->generation, format, color, TOLD_AT, out);
}

static void assert_report_is_golden(enum report_format format, const char *name)
{
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    struct report_summary summary = render(&telling, format, false, &out);
    assert_golden(name, &out);
    assert_int_equal(summary.probes, 4);
    assert_int_equal(summary.passed, 1);
    assert_int_equal(summary.failed_warning, 2);
    assert_int_equal(summary.failed_other, 0);
    assert_int_equal(summary.unjudged, 1);
}

static void the_table_aligns_its_columns_and_explains_what_fails(void **state)
{
    (void)state;
    assert_report_is_golden(REPORT_TABLE, "report.table");
}

static void color_changes_nothing_but_the_color(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf plain = {0};
    AUTO(strbuf_fini) struct strbuf colored = {0};
    AUTO(strbuf_fini) struct strbuf stripped = {0};
    tell_office_and_stranger(&telling);
    render(&telling, REPORT_TABLE, false, &plain);
    render(&telling, REPORT_TABLE, true, &colored);
    assert_non_null(strstr(strbuf_text(&colored), "\x1b[1;31mopen_recursion"));
    for (const char *at = strbuf_text(&colored); *at; at++) {
        if (*at == '\x1b')
            at = strchr(at, 'm');
        else
            strbuf_putc(&stripped, *at);
    }
    assert_string_equal(strbuf_text(&stripped), strbuf_text(&plain));
}

static void json_is_one_document(void **state)
{
    (void)state;
    static const char version[] = "{\"version\":\"" DNSPOLICY_VERSION "\",";
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    AUTO(strbuf_fini) struct strbuf rest = {0};
    tell_office_and_stranger(&telling);
    render(&telling, REPORT_JSON, false, &out);
    assert_true(out.len > sizeof(version));
    assert_memory_equal(out.data, version, sizeof(version) - 1);
    strbuf_putc(&rest, '{');
    strbuf_add(&rest, out.data + sizeof(version) - 1, out.len - (sizeof(version) - 1));
    assert_golden("report.json", &rest);
}

static void junit_has_a_suite_per_check(void **state)
{
    (void)state;
    assert_report_is_golden(REPORT_JUNIT, "report.junit.xml");
}

static void tap_numbers_probes_as_the_plan_does(void **state)
{
    (void)state;
    assert_report_is_golden(REPORT_TAP, "report.tap");
}

static void nagios_gets_its_state_and_figures_on_the_first_line(void **state)
{
    (void)state;
    assert_report_is_golden(REPORT_NAGIOS, "report.nagios");
}

/* ---- hostile and large ---- */

#define ODD_NAMES                                                                                                      \
    "clients:\n  \"a|b <&> 'c' \\\"d\\\"\": {subnet: 10.0.0.0/8}\n"                                                    \
    "resolvers:\n  \"r#1\": {address: 192.0.2.1}\n"                                                                    \
    "checks:\n  - {name: \"x # y\", client: \"*\", resolver: \"*\", query: \"{random}.example A\", expect: REFUSED}\n"

static void assert_shown(struct telling *telling, enum report_format format, const char *text)
{
    AUTO(strbuf_fini) struct strbuf out = {0};
    render(telling, format, false, &out);
    if (!strstr(strbuf_text(&out), text)) fail_msg("expected %s in:\n%s", text, strbuf_text(&out));
}

static void names_cannot_break_a_format(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    telling_begin(&telling, ODD_NAMES);
    tell_run(&telling, reply_of(0, DNS_RCODE_SERVFAIL), 1);
    assert_shown(&telling, REPORT_JUNIT, "name=\"a|b &lt;&amp;&gt; 'c' &quot;d&quot; (10.0.0.0/8) -&gt; r#1 udp");
    assert_shown(&telling, REPORT_TAP, "not ok 1 - x \\# y: a|b <&> 'c' \"d\" (10.0.0.0/8) -> r\\#1 udp");
    assert_shown(&telling, REPORT_TAP, "a|b <&> ''c'' \"d\"");
    assert_shown(&telling, REPORT_NAGIOS,
                 "DNSPOLICY WARNING - 1 probe: 0 passed, 1 failed: wrong_rcode x # y a/b <&> ");
}

static void the_first_line_for_nagios_stays_within_a_kilobyte(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf yaml = {0};
    AUTO(strbuf_fini) struct strbuf out = {0};
    strbuf_puts(&yaml, "global: {interval: 1h}\nclients: {c: {subnet: 10.0.0.0/8}}\nresolvers:\n");
    for (int i = 0; i < 1200; i++) strbuf_addf(&yaml, "  r%d: {address: 192.0.%d.%d}\n", i, i / 250, i % 250);
    strbuf_puts(&yaml, "checks:\n  - {name: all, client: c, resolver: \"*\", severity: page, "
                       "query: \"{random}.example A\", expect: REFUSED}\n");
    telling_begin(&telling, strbuf_text(&yaml));
    for (uint32_t i = 0; i < 1200; i++) tell_run(&telling, reply_of(i, DNS_RCODE_SERVFAIL), 1);
    render(&telling, REPORT_NAGIOS, false, &out);
    const char *line_end = strchr(strbuf_text(&out), '\n');
    size_t len = (size_t)(line_end + 1 - strbuf_text(&out));
    assert_in_range(len, 900, 1024);
    static const char end[] = ", ... | probes=1200;;;0 passed=0;;;0 failed=1200;;;0 unjudged=0;;;0\n";
    assert_memory_equal(line_end + 2 - sizeof(end), end, sizeof(end) - 1);
    assert_non_null(strstr(strbuf_text(&out), "\nand 200 more\n"));
}

/* ---- exit codes ---- */

static void the_exit_code_follows_from_the_summary(void **state)
{
    (void)state;
    assert_int_equal(report_exit_code(&(struct report_summary){.probes = 2, .passed = 2}), 0);
    assert_int_equal(report_exit_code(&(struct report_summary){.probes = 2, .passed = 1, .unjudged = 1}), 3);
    assert_int_equal(report_exit_code(&(struct report_summary){.probes = 2, .passed = 1, .failed_warning = 1}), 1);
    assert_int_equal(report_exit_code(&(struct report_summary){.probes = 2, .failed_warning = 1, .failed_other = 1}),
                     2);
    assert_int_equal(report_exit_code(&(struct report_summary){.probes = 2, .unjudged = 2}), 3);
}

static void another_severity_than_warning_fails_outright(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    telling_begin(&telling, OFFICE_AND_STRANGER);
    tell_run(&telling, reply_of(OFFICE_UDP, DNS_RCODE_REFUSED), 1);
    struct report_summary summary = render(&telling, REPORT_TABLE, false, &out);
    assert_int_equal(summary.failed_other, 1);
    assert_int_equal(report_exit_code(&summary), 2);
}

/* ---- the difference ---- */

struct pair {
    char before[64];
    char after[64];
};

static void pair_fini(struct pair *pair)
{
    unlink(pair->before);
    unlink(pair->after);
}

static void write_text(char path[64], const char *text)
{
    AUTO(mem_free_ptr) char *error = NULL;
    snprintf(path, 64, "/tmp/test_views_report.XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    if (!file_write_whole(path, text, strlen(text), &error)) fail_msg("%s", error);
}

static void write_result(struct telling *telling, char path[64])
{
    AUTO(strbuf_fini) struct strbuf out = {0};
    render(telling, REPORT_JSON, false, &out);
    write_text(path, strbuf_text(&out));
}

static void the_difference_tells_what_opened_closed_and_changed(void **state)
{
    (void)state;
    AUTO(pair_fini) struct pair pair;
    AUTO(strbuf_fini) struct strbuf out = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    AUTO(telling_fini) struct telling telling;
    tell_office_and_stranger(&telling);
    struct outcome allowed = reply_of(OFFICE_TCP, DNS_RCODE_NXDOMAIN);
    allowed.reply.flags |= DNS_FLAG_RA;
    allowed.reply.authority_soa = true;
    tell_run(&telling, reply_of(STRANGER_NS1, DNS_RCODE_REFUSED), 130);
    tell_run(&telling, allowed, 130);
    write_result(&telling, pair.before);

    allowed.probe = STRANGER_NS1;
    tell_run(&telling, allowed, 140);
    tell_run(&telling, reply_of(STRANGER_NS2, DNS_RCODE_SERVFAIL), 140);
    tell_run(&telling, reply_of(OFFICE_TCP, DNS_RCODE_REFUSED), 140);
    write_result(&telling, pair.after);
    assert_int_equal(report_diff(pair.before, pair.after, false, &out, &error), 1);
    assert_golden("report.diff", &out);
}

static void equal_results_have_no_difference_whatever_the_time(void **state)
{
    (void)state;
    AUTO(pair_fini) struct pair pair;
    AUTO(strbuf_fini) struct strbuf out = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    AUTO(telling_fini) struct telling telling;
    tell_office_and_stranger(&telling);
    write_result(&telling, pair.before);
    struct outcome slower = silence_of(STRANGER_NS2);
    slower.attempts = 1;
    tell_run(&telling, slower, 150);
    write_result(&telling, pair.after);
    assert_int_equal(report_diff(pair.before, pair.after, false, &out, &error), 0);
    assert_string_equal(strbuf_text(&out), "no difference in 4 probes\n");
}

static void probes_that_only_one_result_has_are_told(void **state)
{
    (void)state;
    AUTO(pair_fini) struct pair pair;
    AUTO(strbuf_fini) struct strbuf out = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    AUTO(telling_fini) struct telling telling;
    AUTO(telling_fini) struct telling other;
    tell_office_and_stranger(&telling);
    telling_begin(&other, ODD_NAMES);
    write_result(&telling, pair.before);
    write_result(&other, pair.after);
    assert_int_equal(report_diff(pair.before, pair.after, true, &out, &error), 1);
    assert_non_null(strstr(strbuf_text(&out), "\n0 opened, 0 closed, 0 changed, 1 added, 4 removed\n"));
    assert_non_null(strstr(strbuf_text(&out), "\x1b[90madded   \x1b[0mx # y "));
}

static void assert_trouble(const char *text, const char *sentence)
{
    AUTO(pair_fini) struct pair pair;
    AUTO(strbuf_fini) struct strbuf out = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    write_text(pair.before, text);
    write_text(pair.after, text);
    assert_int_equal(report_diff(pair.before, pair.after, false, &out, &error), 2);
    if (!strstr(error, sentence)) fail_msg("expected \"%s\" in \"%s\"", sentence, error);
}

static void what_is_no_result_is_trouble(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf out = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    assert_trouble("", "not JSON");
    assert_trouble("{\"probes\":[", "not JSON");
    assert_trouble("[]", "not a result of");
    assert_trouble("{\"summary\":{},\"probes\":{}}", "not a result of");
    assert_trouble("{\"summary\":{},\"probes\":[7]}", "not a result of");
    assert_trouble("{\"summary\":{},\"probes\":[{\"id\":\"a\"},{\"id\":\"a\"}]}", "not a result of");
    assert_int_equal(report_diff("/nonexistent/a", "/nonexistent/b", false, &out, &error), 2);
    assert_non_null(strstr(error, "/nonexistent/a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_aligns_its_columns_and_explains_what_fails),
        cmocka_unit_test(color_changes_nothing_but_the_color),
        cmocka_unit_test(json_is_one_document),
        cmocka_unit_test(junit_has_a_suite_per_check),
        cmocka_unit_test(tap_numbers_probes_as_the_plan_does),
        cmocka_unit_test(nagios_gets_its_state_and_figures_on_the_first_line),
        cmocka_unit_test(names_cannot_break_a_format),
        cmocka_unit_test(the_first_line_for_nagios_stays_within_a_kilobyte),
        cmocka_unit_test(the_exit_code_follows_from_the_summary),
        cmocka_unit_test(another_severity_than_warning_fails_outright),
        cmocka_unit_test(the_difference_tells_what_opened_closed_and_changed),
        cmocka_unit_test(equal_results_have_no_difference_whatever_the_time),
        cmocka_unit_test(probes_that_only_one_result_has_are_told),
        cmocka_unit_test(what_is_no_result_is_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
