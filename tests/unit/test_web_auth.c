/* Basic auth: what the header says, who is right, and who is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dnspolicy/base/mem.h"
#include "web/auth.h"

/* Of "secret", with the least cost there is. */
static char alice_hash[] = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

static void assert_login(const char *header, const char *user, const char *password)
{
    struct auth_login login;
    assert_true(auth_parse(header, &login));
    assert_string_equal(login.user, user);
    assert_string_equal(login.password, password);
}

static void assert_no_login(const char *header)
{
    struct auth_login login;
    assert_false(auth_parse(header, &login));
}

static void a_login_is_user_and_password(void **state)
{
    (void)state;
    assert_login("Basic YWxpY2U6c2VjcmV0", "alice", "secret");
    assert_login("basic  YWxpY2U6c2VjcmV0 ", "alice", "secret");
    assert_login("BASIC YTpiOmM=", "a", "b:c");
    assert_login("Basic Og==", "", "");
    assert_login("Basic YWxpY2U6Z3LDvMOfZQ==", "alice", "grüße");
}

static void what_is_not_basic_auth_is_no_login(void **state)
{
    (void)state;
    assert_no_login(NULL);
    assert_no_login("");
    assert_no_login("Basic");
    assert_no_login("Basic ");
    assert_no_login("Bearer YWxpY2U6c2VjcmV0");
    assert_no_login("BasicYWxpY2U6c2VjcmV0");
    assert_no_login("Basic YWxpY2U="); /* no colon */
    assert_no_login("Basic !!!!");     /* no base64 */
    assert_no_login("Basic YWxpY2U6c2VjcmV0 more");
    assert_no_login("Basic YWxpY2U6c2UAY3JldA=="); /* a NUL, which would cut the password */
}

static void a_login_of_any_length_is_bounded(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf header = {0};
    strbuf_puts(&header, "Basic YTpi");
    for (int i = 0; i < 300; i++) strbuf_puts(&header, "YWFh");
    assert_no_login(strbuf_text(&header));
}

static void a_password_fits_its_hash_only(void **state)
{
    (void)state;
    assert_true(auth_password_fits("secret", alice_hash));
    assert_false(auth_password_fits("Secret", alice_hash));
    assert_false(auth_password_fits("", alice_hash));
    assert_true(auth_password_fits("secret", "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"));
    assert_false(auth_password_fits("secret", "$2y$04$broken"));
    assert_false(auth_password_fits("secret", ""));
}

static void an_unknown_user_costs_what_the_dearest_known_one_costs(void **state)
{
    (void)state;
    char bob_hash[] = "$2b$06$abcdefghijklmnopqrstuuNPTTcmkxt3KTMUnHOk2PDlmcBcv2MBa";
    struct web_user users[] = {{(char[]){"alice"}, alice_hash}, {(char[]){"bob"}, bob_hash}};
    const struct web_config config = {.users = users, .user_count = 2};
    AUTO(mem_free_ptr) char *dummy = auth_dummy_hash(&config);
    assert_int_equal(strlen(dummy), 60);
    assert_memory_equal(dummy, "$2b$06$", 7);

    bool is_known;
    assert_string_equal(auth_find_hash(&config, dummy, "bob", &is_known), bob_hash);
    assert_true(is_known);
    assert_string_equal(auth_find_hash(&config, dummy, "mallory", &is_known), dummy);
    assert_false(is_known);
    assert_false(auth_password_fits("", dummy));
    assert_null(auth_dummy_hash(&(struct web_config){0}));
}

static struct auth_key key_of(const struct auth_cache *cache, const char *user, const char *password,
                              const char *bcrypt)
{
    struct auth_login login = {0};
    strcpy(login.user, user);
    strcpy(login.password, password);
    return auth_cache_key(cache, &login, bcrypt);
}

static void only_the_very_same_login_is_remembered(void **state)
{
    (void)state;
    AUTO(auth_cache_fini) struct auth_cache cache;
    auth_cache_init(&cache);
    struct auth_key good = key_of(&cache, "alice", "secret", alice_hash);
    assert_false(auth_cache_has(&cache, &good));
    auth_cache_add(&cache, &good);
    assert_true(auth_cache_has(&cache, &good));

    struct auth_key others[] = {
        key_of(&cache, "alice", "Secret", alice_hash), key_of(&cache, "bob", "secret", alice_hash),
        key_of(&cache, "alicesecret", "", alice_hash), key_of(&cache, "alice", "secret", "$2y$04$another")};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) assert_false(auth_cache_has(&cache, &others[i]));
}

static void another_process_makes_other_keys(void **state)
{
    (void)state;
    AUTO(auth_cache_fini) struct auth_cache one;
    AUTO(auth_cache_fini) struct auth_cache two;
    auth_cache_init(&one);
    auth_cache_init(&two);
    struct auth_key a = key_of(&one, "alice", "secret", alice_hash), b = key_of(&two, "alice", "secret", alice_hash);
    assert_memory_not_equal(a.bytes, b.bytes, AUTH_KEY_SIZE);
}

static void the_oldest_login_is_forgotten_when_the_memory_is_full(void **state)
{
    (void)state;
    AUTO(auth_cache_fini) struct auth_cache cache;
    auth_cache_init(&cache);
    struct auth_key first = key_of(&cache, "alice", "secret", alice_hash), next = first;
    auth_cache_add(&cache, &first);
    auth_cache_add(&cache, &first); /* takes one place */
    for (int i = 1; i < AUTH_CACHE_ENTRIES; i++) {
        next.bytes[0] = (uint8_t)i;
        next.bytes[1] = (uint8_t)~first.bytes[1];
        auth_cache_add(&cache, &next);
    }
    assert_true(auth_cache_has(&cache, &first));
    next.bytes[0] = 0;
    auth_cache_add(&cache, &next);
    assert_false(auth_cache_has(&cache, &first));
    assert_true(auth_cache_has(&cache, &next));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_login_is_user_and_password),
        cmocka_unit_test(what_is_not_basic_auth_is_no_login),
        cmocka_unit_test(a_login_of_any_length_is_bounded),
        cmocka_unit_test(a_password_fits_its_hash_only),
        cmocka_unit_test(an_unknown_user_costs_what_the_dearest_known_one_costs),
        cmocka_unit_test(only_the_very_same_login_is_remembered),
        cmocka_unit_test(another_process_makes_other_keys),
        cmocka_unit_test(the_oldest_login_is_forgotten_when_the_memory_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
