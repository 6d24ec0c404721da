/*
 * Decides whether a login is right. Knows nothing of connections and threads; that comparing takes a good part of a
 * second is the caller's to arrange for.
 */
#include "auth.h"

#include <crypt.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/random.h"
#include "dnspolicy/base/text.h"

/* "$2y$10$" and 53 characters: 22 of salt, 31 of hash. */
#define BCRYPT_PREFIX 7
#define BCRYPT_SIZE 60

static void free_datum(gnutls_datum_t *datum)
{
    if (datum->data) gnutls_memset(datum->data, 0, datum->size);
    gnutls_free(datum->data);
}

static bool split_login(const gnutls_datum_t *text, struct auth_login *login)
{
    const unsigned char *colon = memchr(text->data, ':', text->size);
    if (!colon || text->size >= AUTH_TEXT_MAX || memchr(text->data, '\0', text->size)) return false;
    size_t user_len = (size_t)(colon - text->data);
    memcpy(login->user, text->data, user_len);
    memcpy(login->password, colon + 1, text->size - user_len - 1);
    return true;
}

bool auth_parse(const char *header, struct auth_login *login)
{
    static const char scheme[] = "Basic";
    *login = (struct auth_login){0};
    if (!header || strncasecmp(header, scheme, strlen(scheme)) != 0 || header[strlen(scheme)] != ' ') return false;
    header += strlen(scheme);
    header += strspn(header, " ");
    size_t len = strcspn(header, " \t");
    if (len == 0 || len > 2 * AUTH_TEXT_MAX || header[len + strspn(header + len, " \t")]) return false;

    AUTO(mem_free_ptr) char *encoded = mem_strndup(header, len);
    const gnutls_datum_t in = {(unsigned char *)encoded, (unsigned)len};
    AUTO(free_datum) gnutls_datum_t out = {0};
    bool is_good = gnutls_base64_decode2(&in, &out) == GNUTLS_E_SUCCESS && out.size && split_login(&out, login);
    explicit_bzero(encoded, len);
    return is_good;
}

void auth_login_wipe(struct auth_login *login) { explicit_bzero(login, sizeof(*login)); }

const char *auth_find_hash(const struct web_config *config, const char *dummy, const char *user, bool *is_known)
{
    const char *hash = dummy;
    *is_known = false;
    for (size_t i = 0; i < config->user_count; i++) {
        if (strcmp(config->users[i].name, user) != 0) continue;
        hash = config->users[i].bcrypt;
        *is_known = true;
    }
    return hash;
}

char *auth_dummy_hash(const struct web_config *config)
{
    int cost = 0;
    for (size_t i = 0; i < config->user_count; i++) {
        int user_cost = atoi(config->users[i].bcrypt + strlen("$2y$"));
        if (user_cost > cost) cost = user_cost;
    }
    if (!config->user_count) return NULL;
    return mem_printf("$2b$%02d$.....................................................", cost);
}

bool auth_password_fits(const char *password, const char *bcrypt)
{
    struct crypt_data *data = mem_alloc(sizeof(*data));
    const char *hash = crypt_r(password, bcrypt, data);
    bool fits = hash && strlen(hash) == BCRYPT_SIZE && strlen(bcrypt) == BCRYPT_SIZE &&
                gnutls_memcmp(hash + BCRYPT_PREFIX, bcrypt + BCRYPT_PREFIX, BCRYPT_SIZE - BCRYPT_PREFIX) == 0;
    explicit_bzero(data, sizeof(*data));
    free(data);
    return fits;
}

void auth_cache_init(struct auth_cache *cache)
{
    *cache = (struct auth_cache){0};
    pthread_mutex_init(&cache->lock, NULL);
    random_bytes(cache->secret, sizeof(cache->secret));
}

void auth_cache_fini(struct auth_cache *cache)
{
    pthread_mutex_destroy(&cache->lock);
    explicit_bzero(cache, sizeof(*cache));
}

static void hash_text(gnutls_hmac_hd_t hmac, const char *text)
{
    if (gnutls_hmac(hmac, text, strlen(text) + 1) < 0) PANIC("HMAC failed"); /* the NUL keeps "ab","c" from "a","bc" */
}

struct auth_key auth_cache_key(const struct auth_cache *cache, const struct auth_login *login, const char *bcrypt)
{
    struct auth_key key;
    gnutls_hmac_hd_t hmac;
    if (gnutls_hmac_init(&hmac, GNUTLS_MAC_SHA256, cache->secret, sizeof(cache->secret)) < 0) PANIC("no HMAC-SHA256");
    hash_text(hmac, login->user);
    hash_text(hmac, login->password);
    hash_text(hmac, bcrypt);
    gnutls_hmac_deinit(hmac, key.bytes);
    return key;
}

bool auth_cache_has(struct auth_cache *cache, const struct auth_key *key)
{
    bool has_it = false;
    pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; i < cache->used && !has_it; i++)
        has_it = gnutls_memcmp(cache->entries[i].bytes, key->bytes, AUTH_KEY_SIZE) == 0;
    pthread_mutex_unlock(&cache->lock);
    return has_it;
}

void auth_cache_add(struct auth_cache *cache, const struct auth_key *key)
{
    if (auth_cache_has(cache, key)) return;
    pthread_mutex_lock(&cache->lock);
    cache->entries[cache->next] = *key;
    cache->next = (cache->next + 1) % AUTH_CACHE_ENTRIES;
    if (cache->used < AUTH_CACHE_ENTRIES) cache->used++;
    pthread_mutex_unlock(&cache->lock);
}
