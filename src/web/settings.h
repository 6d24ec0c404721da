/*
 * The file of --web.config.file as it is in force. Immutable and reference-counted: a request keeps the one that it
 * began with.
 */
#ifndef DNSPOLICY_WEB_SETTINGS_H
#define DNSPOLICY_WEB_SETTINGS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/config/web_config.h"

struct settings {
    atomic_uint references;
    struct web_config *config; /* never NULL: empty without a file */
    char *dummy_hash;          /* NULL without users */
};
struct settings *settings_ref(struct settings *settings);
void settings_unref(struct settings *settings); /* NULL is fine */

/* NULL path: no TLS, no users. NULL result: *problems, one a line, says why. Otherwise it may hold warnings. */
struct settings *settings_load(const char *path, struct strbuf *problems);
/* Whether a server with the one's TLS can go on with the other's. */
bool settings_has_same_tls(const struct settings *a, const struct settings *b);
bool settings_are_equal(const struct settings *a, const struct settings *b);

/* The file, looked at again and again, and what of it is in force. */
struct settings_watch {
    char *path; /* NULL: nothing ever changes */
    pthread_mutex_t lock;
    struct settings *present;
    char *last_problems; /* said already */
};
/* False: *problems as above. */
bool settings_watch_init(struct settings_watch *watch, const char *path, struct strbuf *problems);
void settings_watch_fini(struct settings_watch *watch);
struct settings *settings_watch_ref(struct settings_watch *watch);
/* Reads the file again; on one thread at a time. What it says when it is good and has changed, else NULL; it is in
 * force after settings_watch_adopt(). A bad file is logged once and changes nothing. */
struct settings *settings_watch_look(struct settings_watch *watch);
void settings_watch_adopt(struct settings_watch *watch, struct settings *next); /* takes the reference */

#endif
