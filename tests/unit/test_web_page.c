/* Which of a browser's copies of a file are still good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dnspolicy/views/page.h"
#include "web/page.h"

#define TAG "\"0123456789abcdef\""

static void a_copy_with_the_tag_is_good(void **state)
{
    (void)state;
    assert_true(page_tag_matches(TAG, TAG));
    assert_true(page_tag_matches("W/" TAG, TAG));
    assert_true(page_tag_matches("*", TAG));
    assert_true(page_tag_matches("\"other\", W/\"x\" ,\t" TAG " , \"y\"", TAG));
}

static void any_other_copy_is_not(void **state)
{
    (void)state;
    assert_false(page_tag_matches(NULL, TAG));
    assert_false(page_tag_matches("", TAG));
    assert_false(page_tag_matches(",,", TAG));
    assert_false(page_tag_matches("\"other\"", TAG));
    assert_false(page_tag_matches("0123456789abcdef", TAG));
    assert_false(page_tag_matches(TAG "x", TAG));
    assert_false(page_tag_matches("w/" TAG, TAG));
    assert_false(page_tag_matches("\"0123456789abcde", TAG));
}

static void the_files_of_the_page_are_there_and_no_others(void **state)
{
    (void)state;
    struct page_asset asset;
    assert_true(page_asset_find("page.css", &asset));
    assert_string_equal(asset.type, "text/css; charset=utf-8");
    assert_true(asset.len > 100);
    assert_true(page_asset_find("page.js", &asset));
    assert_string_equal(asset.type, "text/javascript; charset=utf-8");
    assert_false(page_asset_find("", &asset));
    assert_false(page_asset_find("../page.css", &asset));
    assert_false(page_asset_find("page.css/", &asset));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_with_the_tag_is_good),
        cmocka_unit_test(any_other_copy_is_not),
        cmocka_unit_test(the_files_of_the_page_are_there_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
