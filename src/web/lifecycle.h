/* What changes something: POST /-/reload and POST /api/v1/probes/ID/run. */
#ifndef DNSPOLICY_WEB_LIFECYCLE_H
#define DNSPOLICY_WEB_LIFECYCLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct request;
struct later;

/* A reload takes its time on another thread: here is the one that waits for it. Requests that come while one is under
 * way share the next one. */
#define RELOADS_WAITING_MAX 16
struct reloader {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool has_thread;
    bool is_stopping;
    bool (*reload)(void *ctx, char **error);
    void *ctx;
    struct later *waiting[RELOADS_WAITING_MAX];
    size_t count;
};
void reloader_init(struct reloader *reloader, bool (*reload)(void *ctx, char **error), void *ctx);
/* False: *error (to be freed). */
bool reloader_start(struct reloader *reloader, char **error);
void reloader_fini(struct reloader *reloader); /* waits for a reload under way */

void reload_handle(struct request *request);
void reload_resume(struct request *request);

/* On-demand runs. */
void run_handle(struct request *request);
void run_resume(struct request *request);

/* False: it was answered with 403. */
bool lifecycle_is_allowed(struct request *request);

#endif
