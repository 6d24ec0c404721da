/*
 * Decides when the web config in force is replaced: when its file, or a file named in it, says something else and is
 * good. Contents are compared, not stamps: a mount of Kubernetes swaps links, and a copied file may keep its time.
 */
#include "settings.h"

#include <string.h>

#include "dnspolicy/base/log.h"
#include "dnspolicy/base/mem.h"
#include "auth.h"
#include "tls.h"

struct settings *settings_ref(struct settings *settings)
{
    atomic_fetch_add(&settings->references, 1);
    return settings;
}

void settings_unref(struct settings *settings)
{
    if (!settings || atomic_fetch_sub(&settings->references, 1) != 1) return;
    web_config_free(settings->config);
    mem_free_ptr(&settings->dummy_hash);
    mem_free_ptr(&settings);
}

static void add_problems(const struct problems *problems, struct strbuf *out)
{
    for (size_t i = 0; i < problems->count; i++) {
        problems_format(problems, &problems->items[i], out);
        strbuf_putc(out, '\n');
    }
}

static struct web_config *load_file(const char *path, struct strbuf *out)
{
    AUTO(problems_fini) struct problems problems;
    AUTO(mem_free_ptr) char *error = NULL;
    problems_init(&problems, path);
    struct web_config *config = web_config_load(path, &problems);
    if (config && !tls_check(config, &error)) {
        problems_error(&problems, (struct place){0}, "tls_server_config", "%s", error);
        web_config_free(config);
        config = NULL;
    }
    add_problems(&problems, out);
    return config;
}

struct settings *settings_load(const char *path, struct strbuf *problems)
{
    struct web_config *config = path ? load_file(path, problems) : mem_alloc(sizeof(*config));
    if (!config) return NULL;
    struct settings *settings = mem_alloc(sizeof(*settings));
    atomic_init(&settings->references, 1);
    settings->config = config;
    settings->dummy_hash = auth_dummy_hash(config);
    return settings;
}

static bool is_same_text(const char *a, const char *b) { return a == b || (a && b && strcmp(a, b) == 0); }

bool settings_has_same_tls(const struct settings *a, const struct settings *b)
{
    const struct web_config *x = a->config, *y = b->config;
    return is_same_text(x->cert_pem, y->cert_pem) && is_same_text(x->key_pem, y->key_pem) &&
           is_same_text(x->client_ca_pem, y->client_ca_pem) && x->client_auth == y->client_auth &&
           x->min_version_tls13 == y->min_version_tls13 && x->max_version_tls12 == y->max_version_tls12;
}

bool settings_are_equal(const struct settings *a, const struct settings *b)
{
    const struct web_config *x = a->config, *y = b->config;
    if (!settings_has_same_tls(a, b)) return false;
    if (x->user_count != y->user_count || x->header_count != y->header_count) return false;
    for (size_t i = 0; i < x->user_count; i++)
        if (strcmp(x->users[i].name, y->users[i].name) != 0 || strcmp(x->users[i].bcrypt, y->users[i].bcrypt) != 0)
            return false;
    for (size_t i = 0; i < x->header_count; i++)
        if (strcmp(x->headers[i].name, y->headers[i].name) != 0 ||
            strcmp(x->headers[i].value, y->headers[i].value) != 0)
            return false;
    return true;
}

/* Every line is an event of its own. */
bool settings_watch_init(struct settings_watch *watch, const char *path, struct strbuf *problems)
{
    struct settings *first = settings_load(path, problems);
    if (!first) return false;
    *watch = (struct settings_watch){.path = mem_strdup(path), .present = first};
    watch->last_problems = mem_strdup(strbuf_text(problems));
    pthread_mutex_init(&watch->lock, NULL);
    log_lines(LOG_LEVEL_WARN, strbuf_text(problems));
    return true;
}

void settings_watch_fini(struct settings_watch *watch)
{
    settings_unref(watch->present);
    mem_free_ptr(&watch->path);
    mem_free_ptr(&watch->last_problems);
    pthread_mutex_destroy(&watch->lock);
}

struct settings *settings_watch_ref(struct settings_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    struct settings *settings = settings_ref(watch->present);
    pthread_mutex_unlock(&watch->lock);
    return settings;
}

static void say_problems(struct settings_watch *watch, const char *problems, bool is_good)
{
    if (strcmp(problems, watch->last_problems) == 0) return;
    mem_free_ptr(&watch->last_problems);
    watch->last_problems = mem_strdup(problems);
    log_lines(is_good ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, problems);
    if (!is_good) log_event(LOG_LEVEL_ERROR, "the web config that is in force stays", "file", watch->path, NULL);
}

struct settings *settings_watch_look(struct settings_watch *watch)
{
    if (!watch->path) return NULL;
    AUTO(strbuf_fini) struct strbuf problems = {0};
    struct settings *next = settings_load(watch->path, &problems);
    say_problems(watch, strbuf_text(&problems), next != NULL);
    if (!next || !settings_are_equal(next, watch->present)) return next;
    settings_unref(next);
    return NULL;
}

void settings_watch_adopt(struct settings_watch *watch, struct settings *next)
{
    pthread_mutex_lock(&watch->lock);
    struct settings *previous = watch->present;
    watch->present = next;
    pthread_mutex_unlock(&watch->lock);
    settings_unref(previous);
    log_event(LOG_LEVEL_INFO, "web config taken into use", "file", watch->path, NULL);
}
