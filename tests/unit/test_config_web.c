/* The file of --web.config.file: what the toolkit accepts, what it refuses, and that no secret is ever repeated. */
#include "config_lines.h"

#include <stdio.h>
#include <unistd.h>

#include "config/web_values.h"
#include "dnspolicy/base/file.h"
#include "dnspolicy/config/web_config.h"

#define HASH "$2y$10$EYxs8IOG46m9CtpB/XlPxO1ei7E4BjAen0SUv6di7mD4keR/8JO6m"
#define PEM_CERT "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
#define PEM_KEY "-----BEGIN EC PRIVATE KEY-----\nMIIB\n-----END EC PRIVATE KEY-----\n"

/* A directory with a certificate, a key and the file itself. */
struct site {
    char directory[32];
};

static char *path_of(const struct site *site, const char *name) { return mem_printf("%s/%s", site->directory, name); }

static void put_file(const struct site *site, const char *name, const char *text)
{
    AUTO(mem_free_ptr) char *error = NULL;
    AUTO(mem_free_ptr) char *path = path_of(site, name);
    assert_true(file_write_whole(path, text, strlen(text), &error));
}

static void site_init(struct site *site)
{
    snprintf(site->directory, sizeof(site->directory), "/tmp/dnspolicy-test-XXXXXX");
    assert_non_null(mkdtemp(site->directory));
    put_file(site, "cert.pem", PEM_CERT);
    put_file(site, "key.pem", PEM_KEY);
}

static void site_fini(struct site *site)
{
    static const char *const names[] = {"cert.pem", "key.pem", "web.yml"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        AUTO(mem_free_ptr) char *path = path_of(site, names[i]);
        unlink(path);
    }
    rmdir(site->directory);
}

static void web_config_free_ptr(struct web_config **config) { web_config_free(*config); }

static struct web_config *load(const struct site *site, const char *text, struct problems *problems)
{
    AUTO(mem_free_ptr) char *path = path_of(site, "web.yml");
    put_file(site, "web.yml", text);
    problems_init(problems, "w");
    return web_config_load(path, problems);
}

static void assert_web_lines(const char *text, const char *expected)
{
    AUTO(site_fini) struct site site;
    AUTO(problems_fini) struct problems problems;
    site_init(&site);
    AUTO(web_config_free_ptr) struct web_config *web = load(&site, text, &problems);
    assert_lines_of(&problems, expected);
    assert_int_equal(web != NULL, problems.errors == 0);
}

static void an_empty_file_means_neither_tls_nor_users(void **state)
{
    (void)state;
    AUTO(site_fini) struct site site;
    AUTO(problems_fini) struct problems problems;
    site_init(&site);
    AUTO(web_config_free_ptr) struct web_config *web = load(&site, "", &problems);
    assert_non_null(web);
    assert_null(web->cert_pem);
    assert_int_equal(web->user_count, 0);
}

static void certificate_and_key_are_found_beside_the_file(void **state)
{
    (void)state;
    AUTO(site_fini) struct site site;
    AUTO(problems_fini) struct problems problems;
    site_init(&site);
    AUTO(web_config_free_ptr)
    struct web_config *web = load(&site,
                                  "tls_server_config: {cert_file: cert.pem, key_file: key.pem, min_version: TLS13}\n"
                                  "basic_auth_users: {alice: " HASH "}\n"
                                  "http_server_config: {http2: false, headers: {X-Frame-Options: deny}}\n",
                                  &problems);
    assert_lines_of(&problems, "");
    assert_non_null(web);
    assert_string_equal(web->cert_pem, PEM_CERT);
    assert_string_equal(web->key_pem, PEM_KEY);
    assert_true(web->min_version_tls13);
    assert_int_equal(web->client_auth, WEB_CLIENT_AUTH_NONE);
    assert_string_equal(web->users[0].name, "alice");
    assert_string_equal(web->users[0].bcrypt, HASH);
    assert_string_equal(web->headers[0].value, "deny");
}

static void texts_may_stand_in_the_file_itself(void **state)
{
    (void)state;
#define CERT_TEXT "|\n    -----BEGIN CERTIFICATE-----\n    MIIB\n    -----END CERTIFICATE-----\n"
#define KEY_TEXT "|\n    -----BEGIN PRIVATE KEY-----\n    MIIB\n    -----END PRIVATE KEY-----\n"
    assert_web_lines("tls_server_config:\n  cert: " CERT_TEXT "  key: " KEY_TEXT "  client_ca: " CERT_TEXT
                     "  client_auth_type: RequireAndVerifyClientCert\n",
                     "");
    assert_web_lines("tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n  key: " KEY_TEXT,
                     "w:4:8: tls_server_config.key: 'key' and 'key_file' exclude each other");
#undef CERT_TEXT
#undef KEY_TEXT
}

static void a_certificate_needs_its_key(void **state)
{
    (void)state;
    assert_web_lines("tls_server_config: {cert_file: cert.pem}",
                     "w:1:20: tls_server_config: 'key_file' or 'key' is missing");
    assert_web_lines("tls_server_config: {client_auth_type: RequestClientCert}",
                     "w:1:20: tls_server_config: 'cert_file' or 'cert' is missing\n"
                     "w:1:20: tls_server_config: 'key_file' or 'key' is missing");
    assert_web_lines("tls_server_config: {min_version: TLS12}", "");
}

static void client_certificates_are_verified_against_a_ca(void **state)
{
    (void)state;
#define TLS "tls_server_config: {cert_file: cert.pem, key_file: key.pem, "
    assert_web_lines(TLS "client_ca_file: cert.pem, client_auth_type: VerifyClientCertIfGiven}", "");
    assert_web_lines(TLS "client_ca_file: cert.pem}",
                     "w:1:20: tls_server_config: a client CA without a 'client_auth_type' protects nothing");
    assert_web_lines(TLS "client_auth_type: RequireAndVerifyClientCert}",
                     "w:1:20: tls_server_config: to verify clients, 'client_ca_file' or 'client_ca' is needed");
    assert_web_lines(
        TLS "client_auth_type: Maybe}",
        "w:1:79: tls_server_config.client_auth_type: unknown client auth type: NoClientCert, "
        "RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert is "
        "expected");
    assert_web_lines(TLS "client_allowed_sans: [a]}",
                     "w:1:61: tls_server_config.client_allowed_sans: 'client_allowed_sans' is not supported yet");
}

static void what_is_known_and_has_no_effect_is_warned_of(void **state)
{
    (void)state;
    assert_web_lines(
        TLS "cipher_suites: [x],\n curve_preferences: [x], prefer_server_cipher_suites: true}\n"
            "http_server_config: {http2: true}\nrate_limit: {interval: 1s}\n",
        "w:1:76: tls_server_config.cipher_suites: warning: 'cipher_suites' has no effect here\n"
        "w:2:21: tls_server_config.curve_preferences: warning: 'curve_preferences' has no effect here\n"
        "w:2:55: tls_server_config.prefer_server_cipher_suites: warning: 'prefer_server_cipher_suites' has no "
        "effect here\n"
        "w:3:29: http_server_config.http2: warning: HTTP/2 is not served\n"
        "w:4:13: rate_limit: warning: 'rate_limit' has no effect here");
    assert_web_lines(TLS "min_version: TLS10}",
                     "w:1:74: tls_server_config.min_version: warning: TLS 1.0 and 1.1 are not "
                     "served: the least is TLS 1.2");
}

static void versions_and_headers_come_from_fixed_lists(void **state)
{
    (void)state;
    assert_web_lines(TLS "min_version: TLS13, max_version: TLS12}",
                     "w:1:94: tls_server_config.max_version: max_version is below min_version");
    assert_web_lines(TLS "max_version: TLS11}", "w:1:74: tls_server_config.max_version: TLS12 or TLS13 is expected");
    assert_web_lines(TLS "min_version: SSL3}",
                     "w:1:74: tls_server_config.min_version: unknown TLS version: TLS12 or TLS13 is expected");
    assert_web_lines(
        "http_server_config: {headers: {X-Frame-Options: allow}}",
        "w:1:32: http_server_config.headers.X-Frame-Options: the value of this header is deny or sameorigin");
    assert_web_lines("tls_sever_config: {}",
                     "w:1:1: unknown key 'tls_sever_config'; did you mean 'tls_server_config'?");
}

static void a_file_that_holds_no_pem_is_refused(void **state)
{
    (void)state;
    AUTO(site_fini) struct site site;
    AUTO(problems_fini) struct problems problems;
    site_init(&site);
    AUTO(web_config_free_ptr)
    struct web_config *web = load(&site, "tls_server_config: {cert_file: key.pem, key_file: nosuch.pem}\n", &problems);
    assert_null(web);
    assert_int_equal(problems.count, 2);
    assert_non_null(strstr(problems.items[0].sentence, "/key.pem holds no CERTIFICATE in PEM form"));
    assert_non_null(strstr(problems.items[1].sentence, "/nosuch.pem"));
    assert_null(strstr(problems.items[0].sentence, "MIIB"));
}

static void a_password_is_a_bcrypt_hash_and_never_repeated(void **state)
{
    (void)state;
    assert_web_lines("basic_auth_users: {alice: hunter2}",
                     "w:1:27: basic_auth_users.alice: not a bcrypt hash; htpasswd -nB NAME makes one");
    assert_web_lines("basic_auth_users: hunter2",
                     "w:1:19: basic_auth_users: a mapping of users to bcrypt hashes is expected, not a single value");
    assert_web_lines("basic_auth_users: {\"a:b\": " HASH "}",
                     "w:1:20: basic_auth_users.a:b: a user's name has no ':' in basic auth");
    assert_web_lines("basic_auth_users:",
                     "w:1:18: basic_auth_users: the value is missing: a mapping of users to bcrypt "
                     "hashes is expected");
}

static void a_bcrypt_hash_has_a_form(void **state)
{
    (void)state;
    unsigned cost = 0;
    assert_true(web_value_is_bcrypt(HASH, &cost));
    assert_int_equal(cost, 10);
    static const char *const wrong[] = {
        "",
        "$2",
        "$2y$",
        "$2x$10$EYxs8IOG46m9CtpB/XlPxO1ei7E4BjAen0SUv6di7mD4keR/8JO6m",
        "$2y$03$EYxs8IOG46m9CtpB/XlPxO1ei7E4BjAen0SUv6di7mD4keR/8JO6m",
        "$2y$32$EYxs8IOG46m9CtpB/XlPxO1ei7E4BjAen0SUv6di7mD4keR/8JO6m",
        "$2y$10$EYxs8IOG46m9CtpB/XlPxO1ei7E4BjAen0SUv6di7mD4keR/8JO6",
        "$2y$10$EYxs8IOG46m9CtpB/XlPxO1ei7E4BjAen0SUv6di7mD4keR/8JO6m1",
        "$2y$10$EYxs8IOG46m9CtpB+XlPxO1ei7E4BjAen0SUv6di7mD4keR/8JO6m",
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) assert_false(web_value_is_bcrypt(wrong[i], &cost));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_means_neither_tls_nor_users),
        cmocka_unit_test(certificate_and_key_are_found_beside_the_file),
        cmocka_unit_test(texts_may_stand_in_the_file_itself),
        cmocka_unit_test(a_certificate_needs_its_key),
        cmocka_unit_test(client_certificates_are_verified_against_a_ca),
        cmocka_unit_test(what_is_known_and_has_no_effect_is_warned_of),
        cmocka_unit_test(versions_and_headers_come_from_fixed_lists),
        cmocka_unit_test(a_file_that_holds_no_pem_is_refused),
        cmocka_unit_test(a_password_is_a_bcrypt_hash_and_never_repeated),
        cmocka_unit_test(a_bcrypt_hash_has_a_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
