/*
 * Decides in which order logins are compared, and how many may wait: few in all, and fewer from one address, so that
 * somebody who guesses passwords cannot keep others out. Knows nothing of requests.
 */
#include "auth_desk.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "dnspolicy/base/mem.h"

struct auth_job {
    struct auth_job *next;
    struct addr from;
    struct auth_login login;
    char *bcrypt;
    bool is_known;
    struct later *later;
};

struct auth_desk {
    struct auth_cache cache;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned owners; /* the server and the thread; the last one frees */
    bool is_stopping;
    struct auth_job *first; /* the one under way is in the list until it is done */
};

static void free_job(struct auth_job *job)
{
    auth_login_wipe(&job->login);
    mem_free_ptr(&job->bcrypt);
    mem_free_ptr(&job);
}

/* Gives the lock back. */
static void disown(struct auth_desk *desk)
{
    bool is_last = --desk->owners == 0;
    pthread_mutex_unlock(&desk->lock);
    if (!is_last) return;
    pthread_mutex_destroy(&desk->lock);
    pthread_cond_destroy(&desk->changed);
    auth_cache_fini(&desk->cache);
    mem_free_ptr(&desk);
}

static void drop_jobs(struct auth_desk *desk)
{
    while (desk->first) {
        struct auth_job *job = desk->first;
        desk->first = job->next;
        later_unref(job->later);
        free_job(job);
    }
}

/* A browser sends several requests at once: the first one's result serves the others. */
static bool compare(struct auth_desk *desk, const struct auth_job *job)
{
    struct auth_key key = auth_cache_key(&desk->cache, &job->login, job->bcrypt);
    if (job->is_known && auth_cache_has(&desk->cache, &key)) return true;
    if (!auth_password_fits(job->login.password, job->bcrypt) || !job->is_known) return false;
    auth_cache_add(&desk->cache, &key);
    return true;
}

static void free_nothing(void *result) { (void)result; }

static void *run_desk(void *arg)
{
    struct auth_desk *desk = arg;
    pthread_mutex_lock(&desk->lock);
    for (;;) {
        while (!desk->first && !desk->is_stopping) pthread_cond_wait(&desk->changed, &desk->lock);
        if (desk->is_stopping) break;
        struct auth_job *job = desk->first;
        pthread_mutex_unlock(&desk->lock);
        bool is_right = compare(desk, job);
        pthread_mutex_lock(&desk->lock);
        desk->first = job->next;
        later_answer(job->later, is_right ? desk : NULL, free_nothing);
        free_job(job);
    }
    drop_jobs(desk);
    disown(desk);
    return NULL;
}

struct auth_desk *auth_desk_start(char **error)
{
    struct auth_desk *desk = mem_alloc(sizeof(*desk));
    pthread_attr_t detached;
    pthread_t thread;
    auth_cache_init(&desk->cache);
    pthread_mutex_init(&desk->lock, NULL);
    pthread_cond_init(&desk->changed, NULL);
    desk->owners = 2;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    int failure = pthread_create(&thread, &detached, run_desk, desk);
    pthread_attr_destroy(&detached);
    if (failure == 0) return desk;
    *error = mem_printf("cannot start a thread: %s", strerror(failure));
    pthread_mutex_lock(&desk->lock);
    desk->owners = 1;
    disown(desk);
    return NULL;
}

void auth_desk_stop(struct auth_desk *desk)
{
    if (!desk) return;
    pthread_mutex_lock(&desk->lock);
    desk->is_stopping = true;
    pthread_cond_signal(&desk->changed);
    disown(desk);
}

struct auth_cache *auth_desk_cache(struct auth_desk *desk) { return &desk->cache; }

bool auth_desk_has_room(struct auth_desk *desk, const struct addr *from)
{
    size_t waiting = 0, of_address = 0;
    pthread_mutex_lock(&desk->lock);
    for (const struct auth_job *job = desk->first; job; job = job->next) {
        waiting++;
        of_address += addr_equal(&job->from, from);
    }
    pthread_mutex_unlock(&desk->lock);
    return waiting < AUTH_WAITING_MAX && of_address < AUTH_WAITING_PER_ADDRESS;
}

void auth_desk_ask(struct auth_desk *desk, const struct addr *from, const struct auth_login *login, const char *bcrypt,
                   bool is_known, struct later *later)
{
    struct auth_job *job = mem_alloc(sizeof(*job));
    *job = (struct auth_job){.from = *from, .login = *login, .is_known = is_known, .later = later};
    job->bcrypt = mem_strdup(bcrypt);
    pthread_mutex_lock(&desk->lock);
    struct auth_job **end = &desk->first;
    while (*end) end = &(*end)->next;
    *end = job;
    pthread_cond_signal(&desk->changed);
    pthread_mutex_unlock(&desk->lock);
}
