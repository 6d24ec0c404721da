/* A request target is read in one way, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/views/json.h"
#include "web/query_string.h"

static bool note(void *ctx, const char *key, const char *value, char **error)
{
    (void)error;
    strbuf_addf(ctx, "[%s=%s]", key, value);
    return true;
}

static bool set(void *ctx, const char *key, const char *value, char **error)
{
    return view_params_set(ctx, key, value, error);
}

static void assert_pairs(const char *query, const char *expected)
{
    AUTO(strbuf_fini) struct strbuf pairs = {0};
    char *error = NULL;
    assert_true(query_string_parse(query, note, &pairs, &error));
    assert_null(error);
    assert_string_equal(strbuf_text(&pairs), expected);
}

static void assert_refused(const char *query, const char *sentence)
{
    AUTO(strbuf_fini) struct strbuf pairs = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    assert_false(query_string_parse(query, note, &pairs, &error));
    assert_string_equal(error, sentence);
}

static void pairs_come_decoded_and_in_their_order(void **state)
{
    (void)state;
    assert_pairs("", "");
    assert_pairs("client=office&check=no-open-recursion", "[client=office][check=no-open-recursion]");
    assert_pairs("a=b%20c+d%2Be&%63lient=%e2%82%ac", "[a=b c d+e][client=€]");
    assert_pairs("a==b&c=d=e", "[a==b][c=d=e]");
    assert_pairs("a=1&a=2", "[a=1][a=2]"); /* which keys may come twice is not decided here */
}

static void a_key_may_lack_a_value_and_a_pair_may_be_empty(void **state)
{
    (void)state;
    assert_pairs("a", "[a=]");
    assert_pairs("a=&&=b&", "[a=][=b]");
}

static void a_percent_sign_needs_two_hexadecimal_digits(void **state)
{
    (void)state;
    static const char sentence[] = "the URL has a '%' that two hexadecimal digits do not follow";
    assert_refused("a=%", sentence);
    assert_refused("a=%4", sentence);
    assert_refused("a=%4&b=1", sentence);
    assert_refused("%g0=1", sentence);
    assert_refused("a=100%", sentence);
    assert_refused("a=%%34", sentence);
}

static void nul_control_characters_and_bad_utf8_are_refused(void **state)
{
    (void)state;
    static const char sentence[] = "the URL is not valid UTF-8 or has control characters";
    assert_refused("a=%00", sentence);
    assert_refused("client=office%00x", sentence);
    assert_refused("a=%0d%0aSet-Cookie:x", sentence);
    assert_refused("a=%7f", sentence);
    assert_refused("a=%ff", sentence);
    assert_refused("a=%c0%80", sentence);
    assert_refused("a=%ed%a0%80", sentence);
    assert_refused("a=%e2%82", sentence);
    assert_refused("a=\xff", sentence);
    assert_pairs("a=%ef%bf%bd", "[a=\xef\xbf\xbd]"); /* U+FFFD itself is fine */
}

static void the_number_of_pairs_is_bounded(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf query = {0};
    AUTO(strbuf_fini) struct strbuf pairs = {0};
    for (int i = 0; i < QUERY_PAIRS_MAX; i++) strbuf_puts(&query, "a=1&");
    char *none = NULL;
    assert_true(query_string_parse(strbuf_text(&query), note, &pairs, &none));
    strbuf_puts(&query, "b=1");
    assert_refused(strbuf_text(&query), "the URL has more than 32 parameters");
}

static void a_parameter_given_twice_is_refused_with_a_sentence(void **state)
{
    (void)state;
    AUTO(view_params_fini) struct view_params params;
    AUTO(mem_free_ptr) char *error = NULL;
    view_params_init(&params, VIEW_PARAM_CLIENT);
    assert_false(query_string_parse("client=a&client=b", set, &params, &error));
    assert_non_null(error);
    assert_string_equal(params.client, "a");
}

static void assert_split(const char *target, const char *path, const char *query)
{
    AUTO(strbuf_fini) struct strbuf decoded = {0};
    const char *raw = NULL;
    char *error = NULL;
    assert_true(target_split(target, &decoded, &raw, &error));
    assert_string_equal(strbuf_text(&decoded), path);
    assert_string_equal(raw, query);
}

static void a_target_is_a_path_and_a_query(void **state)
{
    (void)state;
    assert_split("/metrics", "/metrics", "");
    assert_split("/health?client=%41", "/health", "client=%41");
    assert_split("/a%2fb+c?", "/a/b+c", "");
    assert_split("/a?b?c", "/a", "b?c");
    assert_split("", "", "");
    assert_split("*", "*", "");
}

static void the_absolute_form_names_the_same_path(void **state)
{
    (void)state;
    assert_split("http://ns1.example:10953/health?a=b", "/health", "a=b");
    assert_split("HTTPS://ns1.example", "/", "");
    assert_split("http://ns1.example?a=b", "/", "a=b");
}

static void a_path_is_decoded_as_strictly(void **state)
{
    (void)state;
    static const char *const targets[] = {"/%", "/%zz", "/metrics%00", "/%ff", "/a\x01", "/\xc3"};
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        AUTO(strbuf_fini) struct strbuf path = {0};
        AUTO(mem_free_ptr) char *error = NULL;
        const char *query;
        assert_false(target_split(targets[i], &path, &query, &error));
        assert_non_null(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_come_decoded_and_in_their_order),
        cmocka_unit_test(a_key_may_lack_a_value_and_a_pair_may_be_empty),
        cmocka_unit_test(a_percent_sign_needs_two_hexadecimal_digits),
        cmocka_unit_test(nul_control_characters_and_bad_utf8_are_refused),
        cmocka_unit_test(the_number_of_pairs_is_bounded),
        cmocka_unit_test(a_parameter_given_twice_is_refused_with_a_sentence),
        cmocka_unit_test(a_target_is_a_path_and_a_query),
        cmocka_unit_test(the_absolute_form_names_the_same_path),
        cmocka_unit_test(a_path_is_decoded_as_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
