/* Addresses and subnets: what is one, what contains what, and how they are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "dnspolicy/base/addr.h"
#include "dnspolicy/base/mem.h"

static struct addr parsed(const char *text)
{
    struct addr addr;
    if (!addr_parse(text, &addr)) fail_msg("\"%s\" is not an address", text);
    assert_true(addr.present);
    return addr;
}

static void assert_written(const char *text, const char *expected)
{
    struct addr addr = parsed(text);
    char out[ADDR_TEXT_SIZE];
    addr_format(&addr, out);
    assert_string_equal(out, expected);
}

static void addresses_are_read_and_written_in_their_shortest_form(void **state)
{
    (void)state;
    assert_written("192.0.2.1", "192.0.2.1");
    assert_written("0.0.0.0", "0.0.0.0");
    assert_written("255.255.255.255", "255.255.255.255");
    assert_written("::1", "::1");
    assert_written("::", "::");
    assert_written("2001:DB8:0:0:0:0:0:1", "2001:db8::1");
    assert_written("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void what_is_not_an_address_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "localhost",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.1 ",
        " 192.0.2.1",
        "192.0.2.1.",
        "192.0.2.01",
        "3221225985",
        "192.0.2.1/24",
        "192.0.2.1:53",
        "[::1]",
        "::1::",
        "1:2:3:4:5:6:7:8:9",
        "2001:db8::g",
        "2001:db8::1/64",
        "192.0.2.1%lo",
        "1111:2222:3333:4444:5555:6666:7777:88888888888888888888888888888",
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct addr addr;
        memset(&addr, 0xAA, sizeof(addr));
        if (addr_parse(wrong[i], &addr)) fail_msg("\"%s\" was taken for an address", wrong[i]);
        assert_false(addr.present);
        assert_int_equal(addr.scope_id, 0);
    }
}

static void an_ipv4_mapped_address_is_refused(void **state)
{
    (void)state;
    struct addr addr;
    assert_false(addr_parse("::ffff:192.0.2.1", &addr));
    assert_false(addr_parse("::ffff:c000:201", &addr));
    assert_true(addr_parse("::fffe:c000:201", &addr));
}

static void a_zone_is_a_name_or_an_index(void **state)
{
    (void)state;
    unsigned lo = if_nametoindex("lo");
    assert_int_not_equal(lo, 0);
    assert_int_equal(parsed("fe80::1%lo").scope_id, lo);
    assert_written("fe80::1%lo", "fe80::1%lo");
    assert_int_equal(parsed("ff02::fb%lo").scope_id, lo);
    assert_int_equal(parsed("fe80::1%4294967295").scope_id, UINT32_MAX);
    /* No interface has this index, so it is written as a number. */
    assert_written("fe80::1%4294967295", "fe80::1%4294967295");
    assert_int_equal(parsed("fe80::1").scope_id, 0);
}

static void an_unknown_zone_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"fe80::1%",
                                        "fe80::1%no-such-if",
                                        "fe80::1%0",
                                        "fe80::1%4294967296",
                                        "fe80::1%lo%lo",
                                        "fe80::1%-1",
                                        "fe80::1%an-interface-name-that-is-too-long"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct addr addr;
        if (addr_parse(wrong[i], &addr)) fail_msg("\"%s\" was taken for an address", wrong[i]);
        assert_false(addr.present);
    }
}

static void an_address_without_zones_takes_none(void **state)
{
    (void)state;
    struct addr addr;
    assert_false(addr_parse("2001:db8::1%lo", &addr));
    assert_false(addr_parse("::1%1", &addr));
    assert_false(addr_parse("ff0e::1%lo", &addr));
}

static void a_port_stands_after_brackets_only_in_ipv6(void **state)
{
    (void)state;
    char out[ADDR_PORT_TEXT_SIZE];
    struct addr v4 = parsed("192.0.2.1");
    struct addr v6 = parsed("2001:db8::1");
    addr_format_port(&v4, 53, out);
    assert_string_equal(out, "192.0.2.1:53");
    addr_format_port(&v6, 65535, out);
    assert_string_equal(out, "[2001:db8::1]:65535");
}

static void no_address_is_written_as_nothing(void **state)
{
    (void)state;
    struct addr none = {0};
    struct subnet no_subnet = {0};
    char out[SUBNET_TEXT_SIZE] = "x";
    addr_format(&none, out);
    assert_string_equal(out, "");
    subnet_format(&no_subnet, out);
    assert_string_equal(out, "");
}

static void addresses_are_equal_in_every_part_or_not_at_all(void **state)
{
    (void)state;
    struct addr a = parsed("fe80::1%1");
    struct addr same = parsed("fe80:0::1%1");
    struct addr other_zone = parsed("fe80::1%2");
    struct addr zero4 = parsed("0.0.0.0");
    struct addr zero6 = parsed("::");
    struct addr none = {0};
    assert_true(addr_equal(&a, &same));
    assert_false(addr_equal(&a, &other_zone));
    assert_false(addr_equal(&zero4, &zero6));
    assert_false(addr_equal(&zero4, &none));
    assert_true(addr_equal(&none, &none));
}

static void a_socket_address_gives_back_what_went_in(void **state)
{
    (void)state;
    static const char *const texts[] = {"192.0.2.1", "2001:db8::1", "fe80::1%7"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct addr in = parsed(texts[i]);
        struct addr out;
        struct sockaddr_storage storage;
        uint16_t port = 0;
        socklen_t len = addr_to_sockaddr(&in, 5353, &storage);
        assert_int_equal(storage.ss_family, addr_socket_family(&in));
        assert_int_equal(len, in.family == ADDR_V4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
        assert_true(addr_from_sockaddr(&storage, &out, &port));
        assert_true(addr_equal(&in, &out));
        assert_int_equal(port, 5353);
    }
}

static void a_mapped_peer_of_a_dual_stack_socket_is_ipv4(void **state)
{
    (void)state;
    struct sockaddr_in6 mapped = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
    static const uint8_t bytes[16] = {[10] = 0xFF, [11] = 0xFF, 192, 0, 2, 1};
    memcpy(&mapped.sin6_addr, bytes, sizeof(bytes));
    struct sockaddr_storage storage = {0};
    memcpy(&storage, &mapped, sizeof(mapped));
    struct addr expected = parsed("192.0.2.1");
    struct addr out;
    uint16_t port = 0;
    assert_true(addr_from_sockaddr(&storage, &out, &port));
    assert_true(addr_equal(&out, &expected));
    assert_int_equal(port, 80);
}

static void a_socket_address_of_another_family_is_none(void **state)
{
    (void)state;
    struct sockaddr_storage storage = {.ss_family = AF_UNIX};
    struct addr out = {.present = true};
    uint16_t port;
    assert_false(addr_from_sockaddr(&storage, &out, &port));
    assert_false(out.present);
}

static void assert_subnet(const char *text, enum subnet_error expected, const char *written)
{
    struct subnet subnet;
    memset(&subnet, 0xAA, sizeof(subnet));
    char out[SUBNET_TEXT_SIZE];
    assert_int_equal(subnet_parse(text, &subnet), expected);
    assert_int_equal(subnet.present, expected != SUBNET_NOT_CIDR);
    subnet_format(&subnet, out);
    assert_string_equal(out, written);
}

static void subnets_are_read_and_written(void **state)
{
    (void)state;
    assert_subnet("10.20.0.0/16", SUBNET_OK, "10.20.0.0/16");
    assert_subnet("0.0.0.0/0", SUBNET_OK, "0.0.0.0/0");
    assert_subnet("192.0.2.1/32", SUBNET_OK, "192.0.2.1/32");
    assert_subnet("192.0.2.128/25", SUBNET_OK, "192.0.2.128/25");
    assert_subnet("::/0", SUBNET_OK, "::/0");
    assert_subnet("2001:db8::/32", SUBNET_OK, "2001:db8::/32");
    assert_subnet("2001:db8::1/128", SUBNET_OK, "2001:db8::1/128");
}

static void host_bits_are_told_and_cleared(void **state)
{
    (void)state;
    assert_subnet("10.20.30.40/16", SUBNET_HOST_BITS, "10.20.0.0/16");
    assert_subnet("192.0.2.129/25", SUBNET_HOST_BITS, "192.0.2.128/25");
    assert_subnet("192.0.2.1/31", SUBNET_HOST_BITS, "192.0.2.0/31");
    assert_subnet("128.0.0.0/0", SUBNET_HOST_BITS, "0.0.0.0/0");
    assert_subnet("2001:db8:8000::/32", SUBNET_HOST_BITS, "2001:db8::/32");
    assert_subnet("2001:db8::1/127", SUBNET_HOST_BITS, "2001:db8::/127");
}

static void what_is_not_cidr_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",         "10.0.0.0",     "10.0.0.0/",   "10.0.0.0/33", "::/129",
                                        "10.0.0/8", "10/8",         "10.0.0.0/-1", "10.0.0.0/8 ", "10.0.0.0/08",
                                        "/8",       "10.0.0.0/8/8", "fe80::%1/64", "fe80::/64%1", "10.0.0.0/255.0.0.0"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) assert_subnet(wrong[i], SUBNET_NOT_CIDR, "");
}

static bool contains(const char *subnet_text, const char *addr_text)
{
    struct subnet subnet;
    struct addr addr = parsed(addr_text);
    assert_int_equal(subnet_parse(subnet_text, &subnet), SUBNET_OK);
    return subnet_contains(&subnet, &addr);
}

static void a_subnet_contains_its_first_and_last_address_and_no_neighbour(void **state)
{
    (void)state;
    assert_true(contains("10.20.0.0/15", "10.20.0.0"));
    assert_true(contains("10.20.0.0/15", "10.21.255.255"));
    assert_false(contains("10.20.0.0/15", "10.22.0.0"));
    assert_false(contains("10.20.0.0/15", "10.19.255.255"));
    assert_true(contains("0.0.0.0/0", "255.255.255.255"));
    assert_true(contains("192.0.2.1/32", "192.0.2.1"));
    assert_false(contains("192.0.2.1/32", "192.0.2.0"));
    assert_true(contains("2001:db8::/33", "2001:db8:7fff:ffff::1"));
    assert_false(contains("2001:db8::/33", "2001:db8:8000::"));
    assert_true(contains("fe80::/10", "fe80::1%1"));
}

static void a_subnet_contains_nothing_of_the_other_family(void **state)
{
    (void)state;
    struct subnet none = {0};
    struct addr none_addr = {0};
    struct addr zero = parsed("0.0.0.0");
    struct subnet all;
    assert_int_equal(subnet_parse("0.0.0.0/0", &all), SUBNET_OK);
    assert_false(contains("0.0.0.0/0", "::"));
    assert_false(contains("::/0", "0.0.0.0"));
    assert_false(subnet_contains(&none, &zero));
    assert_false(subnet_contains(&all, &none_addr));
}

/* Every prefix length against every single flipped bit. */
static void exactly_the_bits_of_the_prefix_decide(void **state)
{
    (void)state;
    for (unsigned prefix_len = 0; prefix_len <= 128; prefix_len++) {
        char text[SUBNET_TEXT_SIZE];
        struct subnet subnet;
        snprintf(text, sizeof(text), "::/%u", prefix_len);
        assert_int_equal(subnet_parse(text, &subnet), SUBNET_OK);
        for (unsigned bit = 0; bit < 128; bit++) {
            struct addr addr = parsed("::");
            addr.bytes[bit / 8] = (uint8_t)(0x80u >> (bit % 8));
            assert_int_equal(subnet_contains(&subnet, &addr), bit >= prefix_len);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written_in_their_shortest_form),
        cmocka_unit_test(what_is_not_an_address_is_refused_and_leaves_nothing),
        cmocka_unit_test(an_ipv4_mapped_address_is_refused),
        cmocka_unit_test(a_zone_is_a_name_or_an_index),
        cmocka_unit_test(an_unknown_zone_is_refused),
        cmocka_unit_test(an_address_without_zones_takes_none),
        cmocka_unit_test(a_port_stands_after_brackets_only_in_ipv6),
        cmocka_unit_test(no_address_is_written_as_nothing),
        cmocka_unit_test(addresses_are_equal_in_every_part_or_not_at_all),
        cmocka_unit_test(a_socket_address_gives_back_what_went_in),
        cmocka_unit_test(a_mapped_peer_of_a_dual_stack_socket_is_ipv4),
        cmocka_unit_test(a_socket_address_of_another_family_is_none),
        cmocka_unit_test(subnets_are_read_and_written),
        cmocka_unit_test(host_bits_are_told_and_cleared),
        cmocka_unit_test(what_is_not_cidr_is_refused),
        cmocka_unit_test(a_subnet_contains_its_first_and_last_address_and_no_neighbour),
        cmocka_unit_test(a_subnet_contains_nothing_of_the_other_family),
        cmocka_unit_test(exactly_the_bits_of_the_prefix_decide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
