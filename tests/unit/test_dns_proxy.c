/* PROXYv2 headers, octet by octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dnspolicy/dns/proxy.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

static struct proxy_claim claim_of(const char *source, const char *destination)
{
    struct proxy_claim claim = {.source_port = 0x1234, .destination_port = 53};
    addr_parse(destination, &claim.destination);
    if (source) addr_parse(source, &claim.source);
    return claim;
}

static void assert_header(const struct proxy_claim *claim, const void *expected, size_t len)
{
    uint8_t out[PROXY_HEADER_MAX];
    memset(out, 0xee, sizeof out);
    assert_int_equal(proxy_header_write(claim, out), len);
    assert_memory_equal(out, expected, len);
}

static void a_connection_that_speaks_for_itself_is_local(void **state)
{
    (void)state;
    struct proxy_claim claim = claim_of(NULL, "192.0.2.53");
    assert_header(&claim, SIGNATURE "\x20\0\0\0", 16);
    claim.is_stream = true;
    assert_header(&claim, SIGNATURE "\x20\0\0\0", 16);
}

static void a_claim_in_one_family_is_written_as_it_is(void **state)
{
    (void)state;
    struct proxy_claim claim = claim_of("198.51.100.7", "192.0.2.53");
    assert_header(&claim, SIGNATURE "\x21\x12\0\x0c\xc6\x33\x64\x07\xc0\0\2\x35\x12\x34\0\x35", 28);
    claim.is_stream = true;
    assert_header(&claim, SIGNATURE "\x21\x11\0\x0c\xc6\x33\x64\x07\xc0\0\2\x35\x12\x34\0\x35", 28);
    claim = claim_of("2001:db8::7", "2001:db8::53");
    assert_header(&claim,
                  SIGNATURE "\x21\x22\0\x24\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\7"
                            "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\x53\x12\x34\0\x35",
                  PROXY_HEADER_MAX);
}

static void an_ipv4_destination_fits_a_claim_of_ipv6(void **state)
{
    (void)state;
    struct proxy_claim claim = claim_of("2001:db8::7", "192.0.2.53");
    claim.is_stream = true;
    assert_header(&claim,
                  SIGNATURE "\x21\x21\0\x24\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\7"
                            "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\x35\x12\x34\0\x35",
                  PROXY_HEADER_MAX);
}

static void an_ipv6_destination_does_not_fit_a_claim_of_ipv4(void **state)
{
    (void)state;
    struct proxy_claim claim = claim_of("198.51.100.7", "2001:db8::53");
    assert_header(&claim, SIGNATURE "\x21\x12\0\x0c\xc6\x33\x64\x07\0\0\0\0\x12\x34\0\x35", 28);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_that_speaks_for_itself_is_local),
        cmocka_unit_test(a_claim_in_one_family_is_written_as_it_is),
        cmocka_unit_test(an_ipv4_destination_fits_a_claim_of_ipv6),
        cmocka_unit_test(an_ipv6_destination_does_not_fit_a_claim_of_ipv4),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
