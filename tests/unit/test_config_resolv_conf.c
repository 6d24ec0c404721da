/* What the host says about its own resolvers, and what {address: system} makes of it. */
#include "config_lines.h"

#include <stdio.h>
#include <unistd.h>

#include "config/resolv_conf.h"
#include "dnspolicy/base/file.h"

static void assert_servers(const char *text, const char *expected)
{
    AUTO(resolv_conf_fini) struct resolv_conf conf = {0};
    AUTO(strbuf_fini) struct strbuf servers = {0};
    resolv_conf_parse(&conf, text, strlen(text));
    for (size_t i = 0; i < conf.count; i++) {
        char addr[ADDR_TEXT_SIZE];
        addr_format(&conf.servers[i], addr);
        strbuf_addf(&servers, "%s%s", i ? " " : "", addr);
    }
    assert_string_equal(strbuf_text(&servers), expected);
}

static void servers_are_read_as_the_c_library_reads_them(void **state)
{
    (void)state;
    assert_servers("nameserver 192.0.2.1\nnameserver 2001:db8::1\n", "192.0.2.1 2001:db8::1");
    assert_servers("nameserver\t192.0.2.1   # near\noptions edns0\nsearch corp.example\n", "192.0.2.1");
    assert_servers("# nameserver 192.0.2.1\n; nameserver 192.0.2.2\n nameserver 192.0.2.3\n", "");
    assert_servers("nameservers 192.0.2.1\nnameserver\nnameserver \nnameserver192.0.2.2", "");
    assert_servers("nameserver fe80::1%lo", "fe80::1%lo");
    assert_servers("nameserver 192.0.2.1\r\nnameserver 192.0.2.1\r\n", "192.0.2.1");
    assert_servers("", "");
}

static void what_is_no_address_is_kept_for_a_warning(void **state)
{
    (void)state;
    AUTO(resolv_conf_fini) struct resolv_conf conf = {0};
    const char text[] = "nameserver dns.example.net\nnameserver fe80::1%nosuch0\nnameserver 192.0.2.1\n";
    resolv_conf_parse(&conf, text, strlen(text));
    assert_int_equal(conf.count, 1);
    assert_string_equal(strbuf_text(&conf.ignored),
                        "its nameserver 'dns.example.net' is not an address that this host can use");
}

static void what_no_query_can_go_to_is_no_server(void **state)
{
    (void)state;
    assert_servers("nameserver 0.0.0.0\nnameserver ::\nnameserver ff02::fb%lo\nnameserver 255.255.255.255\n"
                   "nameserver fe80::1\nnameserver 192.0.2.1\n",
                   "192.0.2.1");
}

static void a_hostile_file_gives_a_bounded_list(void **state)
{
    (void)state;
    AUTO(resolv_conf_fini) struct resolv_conf conf = {0};
    AUTO(strbuf_fini) struct strbuf text = {0};
    for (unsigned i = 0; i < 200; i++) strbuf_addf(&text, "nameserver 192.0.2.%u\n", i);
    strbuf_puts(&text, "nameserver ");
    for (unsigned i = 0; i < 5000; i++) strbuf_putc(&text, '1');
    strbuf_add(&text, "\nnameserver 192.0.2.1\0", 22);
    resolv_conf_parse(&conf, strbuf_text(&text), text.len);
    assert_int_equal(conf.count, RESOLV_CONF_SERVERS_MAX);
    assert_true(conf.ignored.len < 200);
}

static void the_stub_of_systemd_resolved_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool has_stub;
    } cases[] = {
        {"nameserver 127.0.0.53\n", true},
        {"nameserver 192.0.2.1\nnameserver 127.0.0.54\n", true},
        {"nameserver 127.0.0.1\n", false},
        {"nameserver 192.0.2.53\n", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(resolv_conf_fini) struct resolv_conf conf = {0};
        resolv_conf_parse(&conf, cases[i].text, strlen(cases[i].text));
        assert_int_equal(resolv_conf_has_stub(&conf), cases[i].has_stub);
    }
}

/* A host with these two files; NULL: it has none. */
struct host {
    char directory[32];
    char resolv_conf[64];
    char upstreams[64];
    struct config_sources sources;
};

static void host_init(struct host *host, const char *resolv_conf, const char *upstreams)
{
    AUTO(mem_free_ptr) char *error = NULL;
    snprintf(host->directory, sizeof(host->directory), "/tmp/dnspolicy-test-XXXXXX");
    assert_non_null(mkdtemp(host->directory));
    snprintf(host->resolv_conf, sizeof(host->resolv_conf), "%s/resolv.conf", host->directory);
    snprintf(host->upstreams, sizeof(host->upstreams), "%s/upstreams", host->directory);
    host->sources = (struct config_sources){host->resolv_conf, host->upstreams};
    if (resolv_conf) assert_true(file_write_whole(host->resolv_conf, resolv_conf, strlen(resolv_conf), &error));
    if (upstreams) assert_true(file_write_whole(host->upstreams, upstreams, strlen(upstreams), &error));
}

static void host_fini(struct host *host)
{
    unlink(host->resolv_conf);
    unlink(host->upstreams);
    rmdir(host->directory);
}

#define SYSTEM                                                                                                         \
    "clients:\n  c: {subnet: 192.0.2.0/24}\nresolvers:\n  host: {address: system, group: g}\n"                         \
    "  a: {address: 192.0.2.99}\nchecks:\n"                                                                            \
    "  - {name: k, client: c, resolver: [host, host/192.0.2.2], query: example.com, expect: ANSWERED}\n"

static void system_gives_the_stub_and_the_servers_behind_it(void **state)
{
    (void)state;
    AUTO(host_fini) struct host host;
    AUTO(problems_fini) struct problems problems;
    host_init(&host, "nameserver 127.0.0.53\n", "nameserver 192.0.2.1\nnameserver 192.0.2.2\n");
    problems_init(&problems, "f");
    AUTO(config_unref_ptr) struct config *config = config_parse("f", SYSTEM, strlen(SYSTEM), &host.sources, &problems);
    assert_lines_of(&problems, "");
    assert_non_null(config);
    assert_int_equal(config->resolver_count, 4);
    assert_string_equal(config->resolvers[0].name, "host/127.0.0.53");
    assert_string_equal(config->resolvers[2].name, "host/192.0.2.2");
    assert_string_equal(config->resolvers[2].group, "g");
    assert_int_equal(config->resolvers[2].index, 2);
    const struct config_check *check = &config->checks[0];
    assert_int_equal(check->resolver_count, 3);
    assert_true(check->resolvers[0].by_wildcard);  /* whatever the host has */
    assert_false(check->resolvers[2].by_wildcard); /* named by the author */
}

static void a_host_without_servers_is_an_error_at_its_place(void **state)
{
    (void)state;
    AUTO(host_fini) struct host host;
    AUTO(problems_fini) struct problems problems;
    host_init(&host, "search corp.example\n", NULL);
    problems_init(&problems, "f");
    assert_null(config_parse("f", SYSTEM, strlen(SYSTEM), &host.sources, &problems));
    assert_int_equal(problems.items[0].place.line, 4);
    assert_string_equal(problems.items[0].path, "resolvers.host.address");
    assert_non_null(strstr(problems.items[0].sentence, "/resolv.conf names no server"));
    assert_lines(
        "resolvers:\n  r: {address: system}\nclients: {c: {subnet: 192.0.2.0/24}}\n" CHECKS_OF_ALL,
        "f:2:16: resolvers.r.address: the host's servers cannot be known: cannot open /nonexistent/resolv.conf: "
        "No such file or directory");
}

static void a_stub_without_its_servers_is_warned_of(void **state)
{
    (void)state;
    AUTO(host_fini) struct host host;
    AUTO(problems_fini) struct problems problems;
    host_init(&host, "nameserver 127.0.0.53\nnameserver 192.0.2.2\n", NULL);
    problems_init(&problems, "f");
    AUTO(config_unref_ptr) struct config *config = config_parse("f", SYSTEM, strlen(SYSTEM), &host.sources, &problems);
    assert_non_null(config);
    assert_int_equal(problems.warnings, 1);
    assert_non_null(strstr(problems.items[0].sentence, "the servers behind the stub of systemd-resolved"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_are_read_as_the_c_library_reads_them),
        cmocka_unit_test(what_is_no_address_is_kept_for_a_warning),
        cmocka_unit_test(what_no_query_can_go_to_is_no_server),
        cmocka_unit_test(a_hostile_file_gives_a_bounded_list),
        cmocka_unit_test(the_stub_of_systemd_resolved_is_known),
        cmocka_unit_test(system_gives_the_stub_and_the_servers_behind_it),
        cmocka_unit_test(a_host_without_servers_is_an_error_at_its_place),
        cmocka_unit_test(a_stub_without_its_servers_is_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
