/* What --web.listen-address says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dnspolicy/base/mem.h"
#include "web/listen.h"
#include "web/routes.h"

static void assert_address(const char *text, const char *expected, bool is_dual_stack)
{
    struct listen_address address;
    char *error = NULL;
    char name[ADDR_PORT_TEXT_SIZE];
    assert_true(listen_parse(text, &address, &error));
    addr_format_port(&address.address, address.port, name);
    assert_string_equal(name, expected);
    assert_int_equal(address.is_dual_stack, is_dual_stack);
}

static void addresses_are_read_as_go_programs_read_them(void **state)
{
    (void)state;
    assert_address(":10953", "[::]:10953", true);
    assert_address("[::]:0", "[::]:0", true);
    assert_address("127.0.0.1:10953", "127.0.0.1:10953", false);
    assert_address("0.0.0.0:65535", "0.0.0.0:65535", false);
    assert_address("[::1]:10953", "[::1]:10953", false);
    assert_address("localhost:10953", "127.0.0.1:10953", false);
}

static void only_no_address_at_all_may_fall_back_to_ipv4(void **state)
{
    (void)state;
    struct listen_address address;
    char *error = NULL;
    assert_true(listen_parse(":1", &address, &error) && address.is_any);
    assert_true(listen_parse("[::]:1", &address, &error) && !address.is_any);
}

static void what_is_no_address_is_refused_with_a_sentence(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",    "10953", "127.0.0.1",  "127.0.0.1:",   "127.0.0.1:65536", "::1:10953", "[::1:1",
        "a:1", "[]:1",  "[::1]10953", "127.0.0.1:-1", "127.0.0.1:x",     "[::1]:1 ",  "1.2.3:4"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct listen_address address;
        AUTO(mem_free_ptr) char *error = NULL;
        assert_false(listen_parse(texts[i], &address, &error));
        assert_non_null(error);
    }
}

static void a_taken_address_is_told_with_what_to_do(void **state)
{
    (void)state;
    struct listeners first, second;
    AUTO(mem_free_ptr) char *error = NULL;
    assert_true(listeners_open(&first, (const char *const[]){"127.0.0.1:0", NULL}, &error));
    const char *const taken[] = {"127.0.0.1:0", first.items[0].name, NULL};
    assert_false(listeners_open(&second, taken, &error));
    AUTO(mem_free_ptr)
    char *expected =
        mem_printf("%s is in use: end the program that listens there, or choose another --web.listen-address",
                   first.items[0].name);
    assert_string_equal(error, expected);
    assert_int_equal(second.count, 0);
    listeners_close(&first);
}

static void the_telemetry_path_takes_no_other_pages_place(void **state)
{
    (void)state;
    static const char *const bad[] = {"/", "/health",      "/-/ready",  "/api/v1/probes", "/api/v1/probes/x", "metrics",
                                      "",  "/metrics?a=b", "/me trics", "/métrics",       "/<script>",        "/a%41"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO(mem_free_ptr) char *error = NULL;
        assert_false(routes_check_telemetry_path(bad[i], &error));
        assert_non_null(error);
    }
    char *none = NULL;
    assert_true(routes_check_telemetry_path("/metrics", &none));
    assert_true(routes_check_telemetry_path("/dns/metrics", &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_as_go_programs_read_them),
        cmocka_unit_test(only_no_address_at_all_may_fall_back_to_ipv4),
        cmocka_unit_test(what_is_no_address_is_refused_with_a_sentence),
        cmocka_unit_test(a_taken_address_is_told_with_what_to_do),
        cmocka_unit_test(the_telemetry_path_takes_no_other_pages_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
