/* What an API path takes, and the sentence for what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/views/json.h"

#define EVERYTHING ((VIEW_PARAM_PROBE << 1) - 1)

static void assert_taken(struct view_params *params, const char *key, const char *value)
{
    AUTO(mem_free_ptr) char *error = NULL;
    if (!view_params_set(params, key, value, &error)) fail_msg("%s=%s: %s", key, value, error);
    assert_null(error);
}

static void assert_refused_of(unsigned allowed, const char *key, const char *value, const char *sentence)
{
    AUTO(view_params_fini) struct view_params params;
    AUTO(mem_free_ptr) char *error = NULL;
    view_params_init(&params, allowed);
    assert_false(view_params_set(&params, key, value, &error));
    assert_string_equal(error, sentence);
}

static void assert_refused(const char *key, const char *value, const char *sentence)
{
    assert_refused_of(EVERYTHING, key, value, sentence);
}

static void names_are_kept_as_given_and_words_become_bits(void **state)
{
    (void)state;
    AUTO(view_params_fini) struct view_params params;
    view_params_init(&params, EVERYTHING);
    assert_int_equal(params.limit, VIEW_LIMIT_DEFAULT);
    assert_taken(&params, "client", "office, or so");
    assert_taken(&params, "verdict", "open_recursion,as_expected");
    assert_taken(&params, "category", "too_open");
    assert_taken(&params, "transport", "udp,tcp");
    assert_string_equal(params.client, "office, or so");
    assert_int_equal(params.verdicts, 1u << VERDICT_OPEN_RECURSION | 1u << VERDICT_AS_EXPECTED);
    assert_int_equal(params.categories, 1u << CATEGORY_TOO_OPEN);
    assert_int_equal(params.transports, 3);
    assert_int_equal(params.given, VIEW_PARAM_CLIENT | VIEW_PARAM_VERDICT | VIEW_PARAM_CATEGORY | VIEW_PARAM_TRANSPORT);
}

static void an_unknown_key_names_the_nearest_one(void **state)
{
    (void)state;
    assert_refused("resolvers", "x", "unknown parameter \"resolvers\"; did you mean \"resolver\"?");
    assert_refused_of(VIEW_PARAM_LIMIT | VIEW_PARAM_OFFSET, "zzz", "x",
                      "unknown parameter \"zzz\"; this path takes limit and offset");
    assert_refused_of(0, "limit", "5", "unknown parameter \"limit\"; this path takes none");
    assert_refused_of(VIEW_PARAM_LIMIT, "a\x01\xff", "5",
                      "unknown parameter \"a\xEF\xBF\xBD\xEF\xBF\xBD\"; this path takes limit");
}

static void an_unknown_word_names_the_nearest_one(void **state)
{
    (void)state;
    assert_refused("verdict", "open_recursio", "unknown verdict \"open_recursio\"; did you mean \"open_recursion\"?");
    assert_refused("category", "too_open,", "unknown category \"\"");
    assert_refused("transport", "carrier pigeon", "unknown transport \"carrier pigeon\"");
}

static void a_key_may_be_given_once(void **state)
{
    (void)state;
    AUTO(view_params_fini) struct view_params params;
    AUTO(mem_free_ptr) char *error = NULL;
    view_params_init(&params, EVERYTHING);
    assert_taken(&params, "check", "a");
    assert_false(view_params_set(&params, "check", "b", &error));
    assert_string_equal(error, "parameter \"check\" is given twice; separate values by commas");
    assert_string_equal(params.check, "a");
}

static void numbers_have_bounds(void **state)
{
    (void)state;
    AUTO(view_params_fini) struct view_params params;
    view_params_init(&params, EVERYTHING);
    assert_taken(&params, "limit", "1000");
    assert_taken(&params, "offset", "4294967295");
    assert_int_equal(params.limit, 1000);
    assert_int_equal(params.offset, UINT32_MAX);
    assert_refused("limit", "1001", "limit must be a whole number from 1 to 1000");
    assert_refused("limit", "0", "limit must be a whole number from 1 to 1000");
    assert_refused("limit", "", "limit must be a whole number from 1 to 1000");
    assert_refused("limit", "-1", "limit must be a whole number from 1 to 1000");
    assert_refused("offset", "4294967296", "offset must be a whole number from 0 to 4294967295");
}

static int64_t since(const char *value)
{
    AUTO(view_params_fini) struct view_params params;
    view_params_init(&params, EVERYTHING);
    assert_taken(&params, "since", value);
    return params.since_wall_ns;
}

static void since_is_a_time_in_either_form(void **state)
{
    (void)state;
    const int64_t at = INT64_C(1767323045) * (int64_t)NS_PER_SEC;
    assert_int_equal(since("1767323045"), at);
    assert_int_equal(since("1767323045.678"), at + 678000000);
    assert_int_equal(since("1767323045.0000000019"), at + 1);
    assert_int_equal(since("0"), 0);
    assert_int_equal(since("2026-01-02T03:04:05Z"), at);
    assert_int_equal(since("2026-01-02t03:04:05.678z"), at + 678000000);
    assert_int_equal(since("2026-01-02T05:34:05+02:30"), at);
    assert_int_equal(since("2026-01-02T05:34:05 02:30"), at);
    assert_int_equal(since("2026-01-01T19:04:05-08:00"), at);
    assert_int_equal(since("1969-12-31T23:59:59Z"), -(int64_t)NS_PER_SEC);
    assert_int_equal(since("2024-02-29T00:00:00Z"), INT64_C(1709164800) * (int64_t)NS_PER_SEC);
}

static void since_is_nothing_else(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "-5",
        "1.",
        ".5",
        "1e9",
        "now",
        "99999999999999999999",
        "9223372036854775807",
        "2026-01-02",
        "2026-01-02T03:04:05",
        "2026-01-02T03:04:05X",
        "2026-01-02T03:04:05Z ",
        "2026-13-02T03:04:05Z",
        "2026-02-30T03:04:05Z",
        "2026-01-02T25:04:05Z",
        "2026-01-02T03:04:05+2:30",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+02:30Z",
        "2026-01-02T03:04:05.Z",
        " 026-01-02T03:04:05Z",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_refused("since", bad[i], "since must be a time such as 2026-01-02T03:04:05Z, or seconds since 1970");
}

static void the_place_in_a_matrix_and_a_probe_are_told_by_number(void **state)
{
    (void)state;
    AUTO(view_params_fini) struct view_params params;
    view_params_init(&params, EVERYTHING);
    assert_taken(&params, "column", "24");
    assert_taken(&params, "probe", "5f0c2a9e81b34d77");
    assert_int_equal(params.column, 24);
    assert_true(params.probe_id == UINT64_C(0x5f0c2a9e81b34d77));
    assert_refused("column", "-1", "column must be a whole number from 0 to 4294967295");
    assert_refused("probe", "5F0C2A9E81B34D77", "the id of a probe is 16 hexadecimal digits in lower case");
    assert_refused("probe", "", "the id of a probe is 16 hexadecimal digits in lower case");
}

static void a_form_may_leave_fields_empty(void **state)
{
    (void)state;
    AUTO(view_params_fini) struct view_params params;
    AUTO(mem_free_ptr) char *error = NULL;
    view_params_init(&params, EVERYTHING);
    params.is_form = true;
    assert_taken(&params, "client", "");
    assert_taken(&params, "category", "");
    assert_taken(&params, "limit", "");
    assert_int_equal(params.given, 0);
    assert_taken(&params, "client", "office");
    assert_false(view_params_set(&params, "cleint", "", &error));
    assert_string_equal(error, "unknown parameter \"cleint\"; did you mean \"client\"?");
}

static void what_was_given_can_be_given_again(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value, *again; /* NULL: as it was */
    } cases[] = {
        {"check", "a, b", NULL},
        {"client", "x", NULL},
        {"resolver", "r,s", NULL},
        {"group", "g", NULL},
        {"qtype", "aaaa", NULL},
        {"severity", "page", NULL},
        {"limit", "7", NULL},
        {"verdict", "wrong_rcode,pending", "pending,wrong_rcode"},
        {"offset", "0", NULL},
        {"category", "too_open,pass", "pass,too_open"},
        {"column", "12", NULL},
        {"transport", "https,udp,udp", "udp,https"},
        {"probe", "00000000000000ff", NULL},
    };
    AUTO(view_params_fini) struct view_params params;
    view_params_init(&params, EVERYTHING);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(strbuf_fini) struct strbuf value = {0};
        unsigned before = params.given;
        assert_taken(&params, cases[i].key, cases[i].value);
        enum view_param param = (enum view_param)(params.given & ~before);
        view_params_add_value(&params, param, &value);
        assert_string_equal(view_param_key(param), cases[i].key);
        assert_string_equal(strbuf_text(&value), cases[i].again ? cases[i].again : cases[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_kept_as_given_and_words_become_bits),
        cmocka_unit_test(an_unknown_key_names_the_nearest_one),
        cmocka_unit_test(an_unknown_word_names_the_nearest_one),
        cmocka_unit_test(a_key_may_be_given_once),
        cmocka_unit_test(numbers_have_bounds),
        cmocka_unit_test(since_is_a_time_in_either_form),
        cmocka_unit_test(since_is_nothing_else),
        cmocka_unit_test(the_place_in_a_matrix_and_a_probe_are_told_by_number),
        cmocka_unit_test(a_form_may_leave_fields_empty),
        cmocka_unit_test(what_was_given_can_be_given_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
