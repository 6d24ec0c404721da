/* What a client and a run add to a query: its subnet and its cookie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/query.h"
#include "dns_message.h"

static const struct dns_stamp stamp = {.id = MESSAGE_ID};

static struct dns_ecs ecs_of(const char *text)
{
    struct subnet subnet;
    struct dns_ecs ecs;
    subnet_parse(text, &subnet);
    dns_ecs_build(&subnet, &ecs);
    return ecs;
}

static void assert_ecs(const char *text, const void *expected, size_t len)
{
    struct dns_ecs ecs = ecs_of(text);
    assert_int_equal(ecs.len, len);
    assert_memory_equal(ecs.bytes, expected, len);
}

static void a_subnet_takes_the_octets_that_its_prefix_needs(void **state)
{
    (void)state;
    assert_ecs("203.0.113.0/24", "\0\x08\0\7\0\1\x18\0\xcb\0\x71", 11);
    assert_ecs("203.0.113.7/32", "\0\x08\0\x08\0\1\x20\0\xcb\0\x71\x07", 12);
    assert_ecs("203.0.112.0/20", "\0\x08\0\7\0\1\x14\0\xcb\0\x70", 11);
    assert_ecs("128.0.0.0/1", "\0\x08\0\5\0\1\1\0\x80", 9);
    assert_ecs("2001:db8::/33", "\0\x08\0\x09\0\2\x21\0\x20\1\xd\xb8\0", 13);
    assert_ecs("2001:db8::1/128", "\0\x08\0\x14\0\2\x80\0\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 24);
}

static void the_whole_world_is_a_prefix_without_octets(void **state)
{
    (void)state;
    assert_ecs("0.0.0.0/0", "\0\x08\0\4\0\1\0\0", 8);
    assert_ecs("::/0", "\0\x08\0\4\0\2\0\0", 8);
}

static void bits_behind_the_prefix_are_cleared(void **state)
{
    (void)state;
    struct subnet subnet = {
        .present = true, .prefix_len = 12, .base = {.present = true, .bytes = {10, 0xff, 0xff, 0xff}}};
    struct dns_ecs ecs;
    dns_ecs_build(&subnet, &ecs);
    assert_int_equal(ecs.len, 10);
    assert_memory_equal(ecs.bytes, "\0\x08\0\6\0\1\x0c\0\x0a\xf0", 10);
    dns_ecs_build(&(struct subnet){0}, &ecs);
    assert_int_equal(ecs.len, 0);
}

/* The query for example.com with an OPT record that holds these options is what leaves. */
static void assert_options(bool nsid, bool has_cookie, const struct dns_additions *additions, const void *options,
                           size_t len)
{
    static struct message expected;
    struct dns_query query;
    uint8_t out[DNS_MESSAGE_MAX];
    struct dns_question question = {.name = "example.com",
                                    .type = 1,
                                    .klass = 1,
                                    .edns = true,
                                    .bufsize = 1232,
                                    .nsid = nsid,
                                    .cookie = has_cookie};
    dns_query_build(&question, &query);
    assert_int_equal(query.has_cookie, has_cookie);
    put_header(&expected, 0, 1, 0, 0, 1);
    put_question(&expected, "example.com", 1);
    put_opt(&expected, 0, options, len);
    assert_int_equal(dns_query_complete(&query, &stamp, additions, out), expected.len);
    assert_memory_equal(out, expected.bytes, expected.len);
}

static void a_client_cookie_is_patched_in(void **state)
{
    (void)state;
    struct dns_cookie cookie = {.client = "abcdefgh"};
    assert_options(false, true, &(struct dns_additions){.cookie = &cookie},
                   "\0\x0a\0\x08"
                   "abcdefgh",
                   12);
    assert_options(true, true, &(struct dns_additions){.cookie = &cookie},
                   "\0\3\0\0\0\x0a\0\x08"
                   "abcdefgh",
                   16);
}

static void a_server_cookie_follows_it(void **state)
{
    (void)state;
    struct dns_cookie cookie = {.client = "abcdefgh", .server = "0123456789abcdef", .server_len = 16};
    assert_options(true, true, &(struct dns_additions){.cookie = &cookie},
                   "\0\3\0\0\0\x0a\0\x18"
                   "abcdefgh0123456789abcdef",
                   32);
    cookie.server_len = 8;
    assert_options(false, true, &(struct dns_additions){.cookie = &cookie},
                   "\0\x0a\0\x10"
                   "abcdefgh01234567",
                   20);
}

static void a_cookie_goes_only_into_a_query_that_has_one(void **state)
{
    (void)state;
    struct dns_cookie cookie = {.client = "abcdefgh"};
    assert_options(true, false, &(struct dns_additions){.cookie = &cookie}, "\0\3\0\0", 4);
    assert_options(true, true, &(struct dns_additions){0}, "\0\3\0\0", 4);
    assert_options(false, true, &(struct dns_additions){0}, "", 0);
}

static void a_subnet_stands_beside_the_other_options(void **state)
{
    (void)state;
    struct dns_cookie cookie = {.client = "abcdefgh", .server = "01234567", .server_len = 8};
    struct dns_ecs ecs = ecs_of("10.0.0.0/8");
    struct dns_ecs none = {0};
    assert_options(false, false, &(struct dns_additions){.ecs = &ecs}, "\0\x08\0\5\0\1\x08\0\x0a", 9);
    assert_options(false, false, &(struct dns_additions){.ecs = &none}, "", 0);
    assert_options(true, true, &(struct dns_additions){.ecs = &ecs, .cookie = &cookie},
                   "\0\3\0\0\0\x0a\0\x10"
                   "abcdefgh01234567\0\x08\0\5\0\1\x08\0\x0a",
                   33);
}

static void without_an_opt_record_nothing_is_added(void **state)
{
    (void)state;
    struct dns_query query;
    uint8_t out[DNS_MESSAGE_MAX];
    struct dns_cookie cookie = {.client = "abcdefgh"};
    struct dns_question question = {.name = "example.com", .type = 1, .klass = 1, .cookie = true, .nsid = true};
    dns_query_build(&question, &query);
    assert_false(query.has_cookie);
    assert_int_equal(dns_query_complete(&query, &stamp, &(struct dns_additions){.cookie = &cookie}, out), 12 + 13 + 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subnet_takes_the_octets_that_its_prefix_needs),
        cmocka_unit_test(the_whole_world_is_a_prefix_without_octets),
        cmocka_unit_test(bits_behind_the_prefix_are_cleared),
        cmocka_unit_test(a_client_cookie_is_patched_in),
        cmocka_unit_test(a_server_cookie_follows_it),
        cmocka_unit_test(a_cookie_goes_only_into_a_query_that_has_one),
        cmocka_unit_test(a_subnet_stands_beside_the_other_options),
        cmocka_unit_test(without_an_opt_record_nothing_is_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
