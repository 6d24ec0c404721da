/* TSIG keys: names, algorithms, where a secret may stand, and that no message ever shows one. */
#include "config_lines.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/base64.h"
#include "config/key_file.h"
#include "dnspolicy/base/file.h"
#include "dnspolicy/dns/tsig.h"

#define SECRET "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=" /* 32 bytes */
#define REST FILE_WITH_CLIENTS("  c: {subnet: 192.0.2.0/24, key: xfr}")
#define KEYS(keys) "keys:\n" keys "\n" REST
#define KEY(parts) KEYS("  xfr: {" parts "}")

static void bytes_are(const char *text, const char *expected)
{
    uint8_t bytes[8];
    size_t len;
    assert_null(base64_decode(text, strlen(text), bytes, sizeof(bytes), &len));
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(bytes, expected, len);
}

static void is_refused(const char *text, const char *reason)
{
    uint8_t bytes[8];
    size_t len;
    assert_string_equal(base64_decode(text, strlen(text), bytes, sizeof(bytes), &len), reason);
}

/* The vectors of RFC 4648 section 10. */
static void base64_gives_the_bytes_of_the_rfc(void **state)
{
    (void)state;
    bytes_are("Zg==", "f");
    bytes_are("Zm8=", "fo");
    bytes_are("Zm9v", "foo");
    bytes_are("Zm9vYg==", "foob");
    bytes_are("Zm9vYmE=", "fooba");
    bytes_are("Zm9vYmFy", "foobar");
    bytes_are("+/+/", "\xFB\xFF\xBF");
}

static void base64_that_has_two_meanings_has_none(void **state)
{
    (void)state;
    static const char character[] = "is not base64: it has a character that base64 does not";
    static const char length[] = "is not base64: its length, padded with '=', is a multiple of four";
    static const char end[] = "is not base64: its end is damaged";
    is_refused("", "is empty");
    is_refused("Zg", length);
    is_refused("Zg=", length);
    is_refused("Zm9vZ", length);
    is_refused("Zh==", end); /* stray bits */
    is_refused("Zm9=", end);
    is_refused("=", length);
    is_refused("==", length);
    is_refused("Z===", character);
    is_refused("Zg==Zg==", character);
    is_refused("Zm 9v", character);
    is_refused("Zm-_", character);
    is_refused("Zm9vYmFyZm9v", "is too long");
}

static void a_key_has_a_name_an_algorithm_and_a_secret(void **state)
{
    (void)state;
    AUTO(config_unref_ptr)
    struct config *config = assert_good(KEYS("  Xfr.Example.: {algorithm: HMAC-SHA1., secret: " SECRET "}\n"
                                             "  xfr: {algorithm: hmac-sha256, secret: " SECRET "}"));
    assert_int_equal(config->key_count, 2);
    assert_string_equal(config->keys[0].name, "xfr.example");
    assert_int_equal(config->keys[0].algorithm, DNS_TSIG_HMAC_SHA1);
    assert_int_equal(config->keys[1].algorithm, DNS_TSIG_HMAC_SHA256);
    assert_int_equal(config->keys[1].index, 1);
    assert_null(config->keys[1].secret_path);
    assert_non_null(config->keys[1].tsig);
    assert_ptr_equal(config->clients[0].key, &config->keys[1]);
}

static void a_secret_is_the_bytes_that_base64_stands_for(void **state)
{
    (void)state;
    static const uint8_t bytes[] = "secretsecretsecretsecretsecret!";
    AUTO(config_unref_ptr)
    struct config *config =
        assert_good(KEYS("  xfr: {algorithm: hmac-sha1, secret: c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0IQ==}"));
    struct dns_tsig_key *same = dns_tsig_key_new("xfr", DNS_TSIG_HMAC_SHA1, bytes, sizeof(bytes) - 1);
    struct dns_tsig_key *other = dns_tsig_key_new("xfr", DNS_TSIG_HMAC_SHA1, bytes, sizeof(bytes) - 2);
    assert_true(dns_tsig_key_fingerprint(config->keys[0].tsig) == dns_tsig_key_fingerprint(same));
    assert_true(dns_tsig_key_fingerprint(config->keys[0].tsig) != dns_tsig_key_fingerprint(other));
    dns_tsig_key_free(same);
    dns_tsig_key_free(other);
}

static void an_algorithm_is_one_of_the_rfc_and_never_md5(void **state)
{
    (void)state;
    assert_lines(
        KEY("algorithm: hmac-md5, secret: " SECRET),
        "f:2:20: keys.xfr.algorithm: hmac-md5 is not offered: RFC 8945 section 6 says that it MUST NOT be used");
    assert_lines(
        KEY("algorithm: HMAC-MD5.SIG-ALG.REG.INT., secret: " SECRET),
        "f:2:20: keys.xfr.algorithm: hmac-md5 is not offered: RFC 8945 section 6 says that it MUST NOT be used");
    assert_lines(KEY("algorithm: hmac-sha265, secret: " SECRET),
                 "f:2:20: keys.xfr.algorithm: unknown algorithm; did you mean 'hmac-sha256'?");
    assert_lines(KEY("algorithm: rot13, secret: " SECRET),
                 "f:2:20: keys.xfr.algorithm: unknown algorithm: it is hmac-sha1, hmac-sha224, hmac-sha256, "
                 "hmac-sha384 or hmac-sha512");
    assert_lines(KEY("secret: " SECRET), "f:2:8: keys.xfr: the required key 'algorithm' is missing");
}

static void there_is_one_secret(void **state)
{
    (void)state;
    assert_lines(KEY("algorithm: hmac-sha1"), "f:2:8: keys.xfr: 'secret' or 'secret_file' is missing");
    assert_lines(KEY("algorithm: hmac-sha1, secret: " SECRET ", secret_file: x"),
                 "f:2:8: keys.xfr: 'secret' and 'secret_file' exclude each other");
}

static void a_secret_shorter_than_the_hash_is_warned_of(void **state)
{
    (void)state;
    assert_lines(KEY("algorithm: hmac-sha256, secret: c2VjcmV0"),
                 "f:2:41: keys.xfr.secret: warning: the secret is shorter than the 32 bytes of hmac-sha256: RFC 8945 "
                 "section 8 advises more");
    assert_lines(KEY("algorithm: hmac-sha512, secret: " SECRET),
                 "f:2:41: keys.xfr.secret: warning: the secret is shorter than the 64 bytes of hmac-sha512: RFC 8945 "
                 "section 8 advises more");
}

static void a_client_names_a_key_that_there_is(void **state)
{
    (void)state;
    assert_lines("keys: {xft: {algorithm: hmac-sha1, secret: " SECRET "}}\n" REST,
                 "f:3:34: clients.c.key: there is no key of that name; did you mean 'xft'?");
    assert_lines(REST, "f:2:34: clients.c.key: there is no key of that name");
    assert_lines("keys: 1\n" REST, "f:1:7: keys: a mapping of names to keys is expected, not a single value");
    assert_lines(KEYS("  xfr: {algorithm: hmac-sha1, secret: " SECRET
                      "}\n  XFR.: {algorithm: hmac-sha1, secret: " SECRET
                      "}\n  \"{random}.x\": {algorithm: hmac-sha1, secret: " SECRET "}"),
                 "f:3:3: keys.XFR.: there is another key with the name 'xfr'\n"
                 "f:4:3: keys.{random}.x: a key has one name: no {random}");
}

/* Wherever a secret may stand by mistake, no message has it. */
static void no_message_shows_a_secret(void **state)
{
    (void)state;
    static const char *const files[] = {
        KEY("algorithm: hmac-sha1, secret: [HUSHHUSH]"),
        KEY("algorithm: hmac-sha1, secret: {HUSHHUSH: }"),
        KEY("algorithm: hmac-sha1, secret: \"HUSHHUSH\\n\""),
        KEY("algorithm: hmac-sha1, secret: HUSHHUSH="),
        KEY("algorithm: hmac-sha1, HUSHHUSH: 1"),
        KEY("algorithm: hmac-sha1, secert: HUSHHUSH"),
        KEY("algorithm: HUSHHUSH, secret: HUSHHUSH"),
        KEYS("  xfr: HUSHHUSH"),
        KEYS("  xfr: [hmac-sha1, HUSHHUSH]"),
        FILE_WITH_CLIENTS("  c: {subnet: 192.0.2.0/24, key: \"hmac-sha1:xfr:HUSHHUSH\"}"),
    };
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        AUTO(problems_fini) struct problems problems;
        assert_null(parse(files[i], &problems));
        assert_true(problems.errors > 0);
        for (size_t k = 0; k < problems.count; k++) assert_null(strstr(problems.items[k].sentence, "HUSH"));
    }
}

static void a_key_file_is_bare_base64_or_one_clause(void **state)
{
    (void)state;
    struct key_file file;
    const char bare[] = "\n  c2VjcmV0\t\r\n";
    assert_null(key_file_parse(bare, strlen(bare), &file));
    assert_false(file.is_clause);
    assert_int_equal(file.secret.len, 8);

    const char clause[] =
        "# from tsig-keygen\nkey \"xfr\" { // one\n\talgorithm hmac-sha256;\n\tsecret /* { */ \"c2Vj\";\n};\n";
    assert_null(key_file_parse(clause, strlen(clause), &file));
    assert_true(file.is_clause);
    assert_memory_equal(file.name.text, "xfr", file.name.len);
    assert_memory_equal(file.algorithm.text, "hmac-sha256", file.algorithm.len);
    assert_memory_equal(file.secret.text, "c2Vj", file.secret.len);
}

static void a_clause_that_is_broken_is_refused(void **state)
{
    (void)state;
    static const char broken[] = "is no key clause: key \"NAME\" { algorithm ALGORITHM; secret \"BASE64\"; };";
    static const struct {
        const char *text;
        const char *reason;
    } files[] = {
        {"", "is empty"},
        {" \n", "is empty"},
        {"key x {", broken},
        {"key \"x { algorithm a; secret b; };", broken},
        {"key { algorithm a; secret b; };", broken},
        {"zone x { algorithm a; secret b; };", broken},
        {"key x { algorithm a; };", broken},
        {"key x { algorithm a; algorithm b; secret c; };", broken},
        {"key x { algorithm a; secret b };", broken},
        {"key x { algorithm a; colour b; secret c; };", broken},
        {"key x { algorithm a; secret b; }; key y { algorithm a; secret b; };", "holds more than one key clause"},
        {"key x { algorithm a; /* secret b; };", broken},
    };
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct key_file file;
        assert_string_equal(key_file_parse(files[i].text, strlen(files[i].text), &file), files[i].reason);
    }
}

/* A config in a directory of its own, beside a key file. */
static void assert_key_file(const char *key_text, mode_t mode, const char *expected, bool is_clause)
{
    char directory[] = "/tmp/dnspolicy-test-XXXXXX";
    assert_non_null(mkdtemp(directory));
    AUTO(mem_free_ptr) char *base = mem_printf("%s/f", directory);
    AUTO(mem_free_ptr) char *path = mem_printf("%s/xfr.key", directory);
    AUTO(mem_free_ptr) char *error = NULL;
    if (key_text) {
        assert_true(file_write_whole(path, key_text, strlen(key_text), &error));
        assert_int_equal(chmod(path, mode), 0);
    }
    const char text[] = KEY("algorithm: hmac-sha256, secret_file: xfr.key");
    AUTO(problems_fini) struct problems problems;
    problems_init(&problems, "f");
    struct config *config = config_parse(base, text, strlen(text), &no_sources, &problems);
    unlink(path);
    rmdir(directory);
    AUTO(strbuf_fini) struct strbuf lines = {0};
    for (size_t i = 0; i < problems.count; i++) problems_format(&problems, &problems.items[i], &lines);
    const char *at = strstr(strbuf_text(&lines), path);
    AUTO(mem_free_ptr)
    char *shown = at ? mem_printf("%.*sPATH%s", (int)(at - strbuf_text(&lines)), strbuf_text(&lines), at + strlen(path))
                     : mem_strdup(strbuf_text(&lines));
    assert_string_equal(shown, expected);
    assert_int_equal(config != NULL, problems.errors == 0);
    if (config) assert_int_equal(config->keys[0].is_clause, is_clause);
    if (config) assert_string_equal(config->keys[0].secret_path, path);
    config_unref(config);
}

static void a_secret_is_found_from_every_directory(void **state)
{
    (void)state;
    char directory[] = "/tmp/dnspolicy-test-XXXXXX";
    assert_non_null(mkdtemp(directory));
    AUTO(mem_free_ptr) char *home = getcwd(NULL, 0);
    AUTO(mem_free_ptr) char *path = mem_printf("%s/xfr.key", directory);
    AUTO(mem_free_ptr) char *error = NULL;
    assert_true(file_write_whole(path, SECRET, strlen(SECRET), &error));
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(chdir(directory), 0);
    AUTO(config_unref_ptr) struct config *config = assert_good(KEY("algorithm: hmac-sha256, secret_file: xfr.key"));
    assert_int_equal(chdir(home), 0);
    unlink(path);
    rmdir(directory);
    assert_string_equal(config->keys[0].secret_path, path);
}

#define LONG_SECRET "4H1/lm4tRnoGNrayF8Ck6m6JIsrTBZ/2J7moDWZiGjo="
#define CLAUSE(name, algorithm) "key \"" name "\" {\n\talgorithm " algorithm ";\n\tsecret \"" LONG_SECRET "\";\n};\n"

static void a_secret_in_the_place_of_its_file_is_not_shown(void **state)
{
    (void)state;
    assert_lines(
        KEY("algorithm: hmac-sha256, secret_file: " LONG_SECRET),
        "f:2:46: keys.xfr.secret_file: the file cannot be read, and its name, which looks like a secret, is not "
        "shown: the secret itself stands in 'secret'");
    assert_lines(
        KEY("algorithm: hmac-sha256, secret_file: 4H1/lm4tRnoGNrayF8Ck6m6JIsrTBZ/2J7moDWZiGjo"),
        "f:2:46: keys.xfr.secret_file: the file cannot be read, and its name, which looks like a secret, is not "
        "shown: the secret itself stands in 'secret'");
}

static void a_secret_file_lies_beside_the_config(void **state)
{
    (void)state;
    assert_key_file(LONG_SECRET "\n", 0600, "", false);
    assert_key_file(CLAUSE("XFR.", "HMAC-SHA256"), 0640, "", true);
    assert_key_file(NULL, 0, "f:2:46: keys.xfr.secret_file: cannot open PATH: No such file or directory", false);
    assert_key_file(
        "oops", 0600,
        "f:2:46: keys.xfr.secret_file: warning: the secret is shorter than the 32 bytes of hmac-sha256: RFC "
        "8945 section 8 advises more",
        false);
    assert_key_file("oops!", 0600,
                    "f:2:46: keys.xfr.secret_file: the secret is not base64: it has a character that base64 does not",
                    false);
    assert_key_file("", 0600, "f:2:46: keys.xfr.secret_file: PATH is empty", false);
}

static void a_clause_agrees_with_the_config(void **state)
{
    (void)state;
    assert_key_file(CLAUSE("xfer", "hmac-sha256"), 0600,
                    "f:2:46: keys.xfr.secret_file: the clause in PATH is of a key with another name", true);
    assert_key_file(CLAUSE("xfr", "hmac-sha512"), 0600,
                    "f:2:46: keys.xfr.secret_file: the clause in PATH has another algorithm", true);
}

static void a_secret_file_for_everybody_is_warned_of(void **state)
{
    (void)state;
    assert_key_file(
        LONG_SECRET, 0644,
        "f:2:46: keys.xfr.secret_file: warning: PATH holds a secret, and everybody on this host may read or "
        "write it: chmod o= it",
        false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_gives_the_bytes_of_the_rfc),
        cmocka_unit_test(base64_that_has_two_meanings_has_none),
        cmocka_unit_test(a_key_has_a_name_an_algorithm_and_a_secret),
        cmocka_unit_test(a_secret_is_the_bytes_that_base64_stands_for),
        cmocka_unit_test(an_algorithm_is_one_of_the_rfc_and_never_md5),
        cmocka_unit_test(there_is_one_secret),
        cmocka_unit_test(a_secret_shorter_than_the_hash_is_warned_of),
        cmocka_unit_test(a_client_names_a_key_that_there_is),
        cmocka_unit_test(no_message_shows_a_secret),
        cmocka_unit_test(a_key_file_is_bare_base64_or_one_clause),
        cmocka_unit_test(a_clause_that_is_broken_is_refused),
        cmocka_unit_test(a_secret_is_found_from_every_directory),
        cmocka_unit_test(a_secret_in_the_place_of_its_file_is_not_shown),
        cmocka_unit_test(a_secret_file_lies_beside_the_config),
        cmocka_unit_test(a_clause_agrees_with_the_config),
        cmocka_unit_test(a_secret_file_for_everybody_is_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
