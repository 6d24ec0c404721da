/* Basic auth, RFC 7617: reading the header, comparing with bcrypt, and remembering who was right. No thread of its
 * own. */
#ifndef DNSPOLICY_WEB_AUTH_H
#define DNSPOLICY_WEB_AUTH_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/config/web_config.h"

#define AUTH_TEXT_MAX 512 /* of user and password together */

struct auth_login {
    char user[AUTH_TEXT_MAX];
    char password[AUTH_TEXT_MAX];
};
/* False: the header is missing or is not basic auth. `header` may be NULL. */
bool auth_parse(const char *header, struct auth_login *login);
void auth_login_wipe(struct auth_login *login);

/* The hash that stands for the user: his own, or for an unknown one a hash of the same cost that no password fits. */
const char *auth_find_hash(const struct web_config *config, const char *dummy, const char *user, bool *is_known);
/* A well-formed hash with the highest cost of the users'; NULL without users. The caller frees. */
char *auth_dummy_hash(const struct web_config *config);
/* Takes long, by design. */
bool auth_password_fits(const char *password, const char *bcrypt);

/*
 * Logins that were right, under a keyed hash of user, password and bcrypt hash: a changed hash is another key, and the
 * memory of the process holds no password. Any thread.
 */
#define AUTH_KEY_SIZE 32
#define AUTH_CACHE_ENTRIES 256
struct auth_key {
    uint8_t bytes[AUTH_KEY_SIZE];
};
struct auth_cache {
    pthread_mutex_t lock;
    uint8_t secret[AUTH_KEY_SIZE]; /* random for every process */
    struct auth_key entries[AUTH_CACHE_ENTRIES];
    size_t used;
    size_t next; /* the oldest one, which gives way */
};
void auth_cache_init(struct auth_cache *cache);
void auth_cache_fini(struct auth_cache *cache);
struct auth_key auth_cache_key(const struct auth_cache *cache, const struct auth_login *login, const char *bcrypt);
bool auth_cache_has(struct auth_cache *cache, const struct auth_key *key);
void auth_cache_add(struct auth_cache *cache, const struct auth_key *key);

#endif
