/* Cookies in replies: ours proves that the reply is no forgery, the server's is kept for the next query. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/reply.h"
#include "dns_message.h"

#define OURS "abcdefgh"
#define SERVERS "0123456789abcdef0123456789abcdef"

static struct message message;
static struct dns_cookie cookie;

static void begin(unsigned additionals)
{
    put_header(&message, 0x8185, 1, 0, 0, additionals);
    put_question(&message, "www.example.com", 1);
}

/* A reply whose only option has this code and these first `len` octets. */
static enum dns_match take_option(unsigned code, const char *data, size_t len)
{
    struct message option = {.len = 0};
    put_u16(&option, code);
    put_u16(&option, (unsigned)len);
    put_bytes(&option, data, len);
    begin(1);
    put_opt(&message, 0, option.bytes, option.len);
    cookie = (struct dns_cookie){.client = OURS};
    return dns_reply_take_cookie(message.bytes, message.len, &cookie);
}

static void a_server_cookie_of_any_legal_length_is_kept(void **state)
{
    (void)state;
    for (size_t len = 8; len <= DNS_SERVER_COOKIE_MAX; len++) {
        assert_int_equal(take_option(10, OURS SERVERS, 8 + len), DNS_MATCH_OK);
        assert_int_equal(cookie.server_len, len);
        assert_memory_equal(cookie.server, SERVERS, len);
    }
}

static void our_cookie_alone_is_ours_and_leaves_the_servers_as_it_was(void **state)
{
    (void)state;
    assert_int_equal(take_option(10, OURS, 8), DNS_MATCH_OK);
    assert_int_equal(cookie.server_len, 0);
    cookie = (struct dns_cookie){.client = OURS, .server = SERVERS, .server_len = 8};
    assert_int_equal(dns_reply_take_cookie(message.bytes, message.len, &cookie), DNS_MATCH_OK);
    assert_int_equal(cookie.server_len, 8);
}

static void a_cookie_that_is_not_ours_is_refused_and_not_kept(void **state)
{
    (void)state;
    assert_int_equal(take_option(10, "abcdefgX" SERVERS, 24), DNS_MATCH_WRONG_COOKIE);
    assert_int_equal(cookie.server_len, 0);
    assert_int_equal(take_option(10, "abcdefgX", 8), DNS_MATCH_WRONG_COOKIE);
}

static void a_cookie_of_an_impossible_length_is_not_ours(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 7, 9, 15, 41, 64};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_int_equal(take_option(10, OURS SERVERS SERVERS, lengths[i]), DNS_MATCH_WRONG_COOKIE);
        assert_int_equal(cookie.server_len, 0);
    }
}

static void servers_without_cookies_are_believed(void **state)
{
    (void)state;
    assert_int_equal(take_option(3, "ns1", 3), DNS_MATCH_OK);
    begin(0);
    assert_int_equal(dns_reply_take_cookie(message.bytes, message.len, &cookie), DNS_MATCH_OK);
    put_header(&message, 0x8105, 0, 0, 0, 0);
    assert_int_equal(dns_reply_take_cookie(message.bytes, message.len, &cookie), DNS_MATCH_OK);
    assert_int_equal(cookie.server_len, 0);
}

static void the_first_of_several_cookies_counts_wherever_the_opt_record_is(void **state)
{
    (void)state;
    cookie = (struct dns_cookie){.client = OURS};
    begin(3);
    put_record(&message, 1, "\1\2\3\4", 4);
    put_opt(&message, 0, "\0\3\0\1x\0\x0a\0\x10" OURS "01234567\0\x0a\0\x08 another", 5 + 20 + 12);
    put_tsig(&message, 0, 32);
    assert_int_equal(dns_reply_take_cookie(message.bytes, message.len, &cookie), DNS_MATCH_OK);
    assert_int_equal(cookie.server_len, 8);
}

static void an_opt_record_in_another_section_is_none(void **state)
{
    (void)state;
    cookie = (struct dns_cookie){.client = OURS};
    put_header(&message, 0x8185, 1, 1, 0, 0);
    put_question(&message, "www.example.com", 1);
    put_opt(&message, 0, "\0\x0a\0\x08 another", 12);
    assert_int_equal(dns_reply_take_cookie(message.bytes, message.len, &cookie), DNS_MATCH_OK);
}

static void what_cannot_be_read_changes_nothing(void **state)
{
    (void)state;
    take_option(10, OURS SERVERS, 40);
    for (size_t len = 0; len < message.len; len++) {
        cookie = (struct dns_cookie){.client = OURS};
        assert_int_equal(dns_reply_take_cookie(message.bytes, len, &cookie), DNS_MATCH_OK);
        assert_int_equal(cookie.server_len, 0);
    }
    begin(1);
    put_opt(&message, 0, "\0\x0a\0\x09" OURS, 12); /* an option longer than the record */
    assert_int_equal(dns_reply_take_cookie(message.bytes, message.len, &cookie), DNS_MATCH_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_cookie_of_any_legal_length_is_kept),
        cmocka_unit_test(our_cookie_alone_is_ours_and_leaves_the_servers_as_it_was),
        cmocka_unit_test(a_cookie_that_is_not_ours_is_refused_and_not_kept),
        cmocka_unit_test(a_cookie_of_an_impossible_length_is_not_ours),
        cmocka_unit_test(servers_without_cookies_are_believed),
        cmocka_unit_test(the_first_of_several_cookies_counts_wherever_the_opt_record_is),
        cmocka_unit_test(an_opt_record_in_another_section_is_none),
        cmocka_unit_test(what_cannot_be_read_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
