/* How a client's queries get to look like its own, and how a resolver is asked over TLS, HTTPS and through a proxy. */
#include "config_lines.h"

#include <unistd.h>

#include "dnspolicy/base/file.h"

#define CLIENT(parts) FILE_WITH_CLIENTS("  c: {subnet: 192.0.2.0/24, " parts "}")
#define RESOLVER(parts) FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1, " parts "}")

static void a_client_says_where_and_how_it_stands_in_the_network(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config = assert_good(
        FILE_WITH_CLIENTS("  a: {subnet: 192.0.2.0/24, interface: wg-branch.4094x, netns: pods, mark: 4294967295,\n"
                          "      source: 192.0.2.4, transparent: true}\n"
                          "  b: {subnet: 192.0.2.0/24, netns: /proc/1/ns/net}\n  c: {subnet: 192.0.2.0/24}"));
    const struct config_client *a = &config->clients[0], *c = &config->clients[2];
    assert_string_equal(a->interface, "wg-branch.4094x");
    assert_string_equal(a->netns, "/run/netns/pods");
    assert_true(a->has_mark && a->transparent);
    assert_int_equal(a->mark, UINT32_MAX);
    assert_string_equal(config->clients[1].netns, "/proc/1/ns/net");
    assert_true(!c->interface && !c->netns && !c->has_mark && !c->transparent && !c->key && !c->ecs.base.present);
    assert_false(config_client_has_proxy(c));
    assert_int_equal(c->ecs_option.len, 0);
}

static void an_interface_has_a_name_that_the_kernel_takes(void **state)
{
    (void)state;
    assert_lines(CLIENT("interface: abcdefghijklmnop"),
                 "f:2:40: clients.c.interface: 'abcdefghijklmnop': the name of an interface has at most 15 bytes");
    assert_lines(CLIENT("interface: a/b"), "f:2:40: clients.c.interface: 'a/b' is not the name of an interface");
    assert_lines(CLIENT("interface: \"eth0:1\""),
                 "f:2:40: clients.c.interface: 'eth0:1' is not the name of an interface");
    assert_lines(CLIENT("interface: .."), "f:2:40: clients.c.interface: '..' is not the name of an interface");
    assert_lines(CLIENT("interface: \"\""), "f:2:40: clients.c.interface: '' is not the name of an interface");
}

static void a_namespace_is_a_name_or_an_absolute_path(void **state)
{
    (void)state;
    assert_lines(CLIENT("netns: a/b"),
                 "f:2:36: clients.c.netns: 'a/b' is neither a name under /run/netns nor an absolute path");
    assert_lines(CLIENT("netns: .."),
                 "f:2:36: clients.c.netns: '..' is neither a name under /run/netns nor an absolute path");
}

static void a_mark_is_a_number_and_not_zero(void **state)
{
    (void)state;
    assert_lines(CLIENT("mark: 0"), "f:2:35: clients.c.mark: 0 is out of range: 1 to 4294967295");
    assert_lines(CLIENT("mark: 4294967296"), "f:2:35: clients.c.mark: 4294967296 is out of range: 1 to 4294967295");
    assert_lines(CLIENT("mark: 0x9"), "f:2:35: clients.c.mark: '0x9' is not a whole number in plain decimal");
}

static void transparent_is_about_a_source(void **state)
{
    (void)state;
    assert_lines(CLIENT("transparent: true"),
                 "f:2:42: clients.c.transparent: 'transparent' is about the source, and there is no 'source'");
    assert_lines(CLIENT("transparent: false"), "");
}

static void a_claimed_source_lies_in_the_subnet_and_frees_the_real_one(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config =
        assert_good(FILE_WITH_CLIENTS("  c: {subnet: [192.0.2.0/24, 2001:db8::/48], proxy: [192.0.2.7, 2001:db8::7], "
                                      "source: 10.0.0.1}"));
    assert_true(config_client_has_proxy(&config->clients[0]));
    assert_true(config->clients[0].proxy[ADDR_V6].present);
    assert_true(config->clients[0].source[ADDR_V4].present);
    assert_lines(CLIENT("proxy: 198.51.100.1"),
                 "f:2:36: clients.c.proxy: 198.51.100.1 is outside of the client's subnet 192.0.2.0/24; if the server "
                 "sees another address, set 'nat: true'");
    assert_lines(CLIENT("proxy: 198.51.100.1, nat: true"), "");
    assert_lines(CLIENT("proxy: [192.0.2.1, \"2001:db8::1\"]"),
                 "f:2:48: clients.c.proxy[1]: the proxy is IPv6 and the client has no IPv6 subnet");
    assert_lines(CLIENT("proxy: [192.0.2.1, 192.0.2.2]"),
                 "f:2:48: clients.c.proxy[1]: a second IPv4 proxy; a client has one of each family");
    assert_lines(CLIENT("proxy: host.example"),
                 "f:2:36: clients.c.proxy: 'host.example' is a host name; an address is expected: the monitor must not "
                 "depend on the DNS it tests");
}

/* RFC 7871 section 6: option 8, length, family 1, source prefix 20, scope 0, three octets. */
static void a_client_subnet_option_is_ready_to_send(void **state)
{
    (void)state;
    static const uint8_t option[] = {0, 8, 0, 7, 0, 1, 20, 0, 203, 0, 112};
    AUTO(config_unref_ptr) struct config *config = assert_good(CLIENT("ecs: 203.0.112.0/20"));
    const struct config_client *client = &config->clients[0];
    assert_int_equal(client->ecs.prefix_len, 20);
    assert_int_equal(client->ecs_option.len, sizeof(option));
    assert_memory_equal(client->ecs_option.bytes, option, sizeof(option));
    assert_lines(CLIENT("ecs: 203.0.113.1/24"),
                 "f:2:34: clients.c.ecs: '203.0.113.1/24' has host bits set; did you mean '203.0.113.0/24'?");
}

static void a_resolver_is_asked_over_https_at_the_usual_path(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config = assert_good(
        FILE_WITH_RESOLVERS("  r: {address: 192.0.2.1}\n  s: {address: 192.0.2.2, proxy: true, https: {path: "
                            "/doh, method: get}, tls: {server_name: DoH.Example.}}"));
    const struct config_resolver *r = &config->resolvers[0], *s = &config->resolvers[1];
    assert_string_equal(r->https_path, "/dns-query");
    assert_true(!r->https_get && !r->proxy && !r->tls_server_name && !r->tls_ca_pem);
    assert_string_equal(s->https_path, "/doh");
    assert_true(s->https_get && s->proxy);
    assert_string_equal(s->tls_server_name, "doh.example");
    assert_int_equal(config_resolver_port(r, TRANSPORT_UDP), 53);
    assert_int_equal(config_resolver_port(r, TRANSPORT_TLS), 853);
    assert_int_equal(config_resolver_port(r, TRANSPORT_HTTPS), 443);
}

static void a_path_and_a_method_are_those_of_rfc_8484(void **state)
{
    (void)state;
    assert_lines(RESOLVER("https: {path: dns-query}"),
                 "f:4:41: resolvers.r.https.path: 'dns-query' does not begin with '/'");
    assert_lines(
        RESOLVER("https: {path: \"/a b\"}"),
        "f:4:41: resolvers.r.https.path: '/a b' has a space or a character that is not ASCII: write it as %20");
    assert_lines(RESOLVER("https: {path: \"/dns-query{?dns}\"}"),
                 "f:4:41: resolvers.r.https.path: '/dns-query{?dns}': a path ends before '?', '#' or '{'; the query is "
                 "appended to it");
    assert_lines(RESOLVER("https: {method: PUT, pth: /}"),
                 "f:4:43: resolvers.r.https.method: 'PUT' is neither GET nor POST\n"
                 "f:4:48: resolvers.r.https: unknown key 'pth'; did you mean 'path'?");
}

static void a_certificate_names_a_host_or_the_address(void **state)
{
    (void)state;
    assert_lines(
        RESOLVER("tls: {server_name: 192.0.2.1}"),
        "f:4:46: resolvers.r.tls.server_name: '192.0.2.1' is an address: without 'server_name' the certificate "
        "must name the address");
    assert_lines(RESOLVER("tls: {server_name: \"*.example\"}"),
                 "f:4:46: resolvers.r.tls.server_name: '*.example' is not the name of a host");
    assert_lines(RESOLVER("tls: []"), "f:4:32: resolvers.r.tls: a mapping is expected, not a list");
}

static void a_ca_file_lies_beside_the_config_and_holds_a_certificate(void **state)
{
    (void)state;
    static const char pem[] = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n";
    static const char text[] = RESOLVER("tls: {ca_file: ca.pem}");
    char directory[] = "/tmp/dnspolicy-test-XXXXXX";
    assert_non_null(mkdtemp(directory));
    AUTO(mem_free_ptr) char *base = mem_printf("%s/f", directory);
    AUTO(mem_free_ptr) char *path = mem_printf("%s/ca.pem", directory);
    AUTO(mem_free_ptr) char *error = NULL;
    const char *const contents[] = {pem, "-----BEGIN PRIVATE KEY-----\n", NULL};
    for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
        AUTO(problems_fini) struct problems problems;
        problems_init(&problems, "f");
        if (contents[i]) assert_true(file_write_whole(path, contents[i], strlen(contents[i]), &error));
        AUTO(config_unref_ptr) struct config *config = config_parse(base, text, strlen(text), &no_sources, &problems);
        unlink(path);
        if (i == 0) {
            assert_non_null(config);
            assert_string_equal(config->resolvers[0].tls_ca_pem, pem);
            assert_string_equal(config->resolvers[0].tls_ca_file, path);
            assert_int_equal(config->resolvers[0].tls_ca_place.line, 4);
            continue;
        }
        AUTO(mem_free_ptr)
        char *line =
            i == 1 ? mem_printf("f:4:42: resolvers.r.tls.ca_file: %s holds no certificate in PEM form", path)
                   : mem_printf("f:4:42: resolvers.r.tls.ca_file: cannot open %s: No such file or directory", path);
        assert_lines_of(&problems, line);
    }
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_says_where_and_how_it_stands_in_the_network),
        cmocka_unit_test(an_interface_has_a_name_that_the_kernel_takes),
        cmocka_unit_test(a_namespace_is_a_name_or_an_absolute_path),
        cmocka_unit_test(a_mark_is_a_number_and_not_zero),
        cmocka_unit_test(transparent_is_about_a_source),
        cmocka_unit_test(a_claimed_source_lies_in_the_subnet_and_frees_the_real_one),
        cmocka_unit_test(a_client_subnet_option_is_ready_to_send),
        cmocka_unit_test(a_resolver_is_asked_over_https_at_the_usual_path),
        cmocka_unit_test(a_path_and_a_method_are_those_of_rfc_8484),
        cmocka_unit_test(a_certificate_names_a_host_or_the_address),
        cmocka_unit_test(a_ca_file_lies_beside_the_config_and_holds_a_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
