/*
 * Decides who may change something over HTTP, and how a reload is waited for. What a reload does is its owner's
 * business.
 */
#include "lifecycle.h"

#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/mem.h"
#include "answer.h"
#include "origin.h"

#define RELOAD_WAIT_S 50 /* below the time that an answer may take in all */

bool lifecycle_is_allowed(struct request *request)
{
    if (!request->web->is_lifecycle_enabled) {
        answer_sentence(request, MHD_HTTP_FORBIDDEN,
                        "Lifecycle API is not enabled: start with --web.enable-lifecycle.");
        return false;
    }
    bool is_tls = request->front->settings->config->cert_pem != NULL;
    bool is_foreign = origin_is_foreign(request_header(request, "Origin"), request_header(request, "Sec-Fetch-Site"),
                                        request_header(request, "Host"), is_tls);
    if (is_foreign) answer_sentence(request, MHD_HTTP_FORBIDDEN, "This request comes from a page of another origin.");
    return !is_foreign;
}

/* ---- the thread ---- */

struct reload_result {
    bool is_good;
    char *error;
};

static void free_result(void *arg)
{
    struct reload_result *result = arg;
    if (!result) return;
    free(result->error);
    free(result);
}

static void answer_all(struct later **waiting, size_t count, bool is_good, const char *error)
{
    for (size_t i = 0; i < count; i++) {
        struct reload_result *result = mem_alloc(sizeof(*result));
        *result = (struct reload_result){.is_good = is_good, .error = mem_strdup(error)};
        later_answer(waiting[i], result, free_result);
    }
}

static void *run_reloader(void *arg)
{
    struct reloader *reloader = arg;
    pthread_mutex_lock(&reloader->lock);
    for (;;) {
        while (!reloader->count && !reloader->is_stopping) pthread_cond_wait(&reloader->changed, &reloader->lock);
        if (reloader->is_stopping) break;
        struct later *waiting[RELOADS_WAITING_MAX];
        size_t count = reloader->count;
        memcpy(waiting, reloader->waiting, sizeof(waiting));
        reloader->count = 0;
        pthread_mutex_unlock(&reloader->lock);
        AUTO(mem_free_ptr) char *error = NULL;
        bool is_good = reloader->reload(reloader->ctx, &error);
        answer_all(waiting, count, is_good, error);
        pthread_mutex_lock(&reloader->lock);
    }
    for (size_t i = 0; i < reloader->count; i++) later_unref(reloader->waiting[i]);
    reloader->count = 0;
    pthread_mutex_unlock(&reloader->lock);
    return NULL;
}

void reloader_init(struct reloader *reloader, bool (*reload)(void *ctx, char **error), void *ctx)
{
    *reloader = (struct reloader){.reload = reload, .ctx = ctx};
    pthread_mutex_init(&reloader->lock, NULL);
    pthread_cond_init(&reloader->changed, NULL);
}

bool reloader_start(struct reloader *reloader, char **error)
{
    int failure = pthread_create(&reloader->thread, NULL, run_reloader, reloader);
    reloader->has_thread = failure == 0;
    if (failure) *error = mem_printf("cannot start a thread: %s", strerror(failure));
    return failure == 0;
}

void reloader_fini(struct reloader *reloader)
{
    pthread_mutex_lock(&reloader->lock);
    reloader->is_stopping = true;
    pthread_cond_signal(&reloader->changed);
    pthread_mutex_unlock(&reloader->lock);
    if (reloader->has_thread) pthread_join(reloader->thread, NULL);
    pthread_cond_destroy(&reloader->changed);
    pthread_mutex_destroy(&reloader->lock);
}

/* ---- the route ---- */

static bool has_room(struct reloader *reloader)
{
    pthread_mutex_lock(&reloader->lock);
    bool has_it = reloader->count < RELOADS_WAITING_MAX;
    pthread_mutex_unlock(&reloader->lock);
    return has_it;
}

/* Only the event loop adds, and two of them do while one drains: the last place may be lost in between. */
static bool add_waiting(struct reloader *reloader, struct later *later)
{
    pthread_mutex_lock(&reloader->lock);
    bool is_added = reloader->count < RELOADS_WAITING_MAX;
    if (is_added) reloader->waiting[reloader->count++] = later;
    pthread_cond_signal(&reloader->changed);
    pthread_mutex_unlock(&reloader->lock);
    return is_added;
}

void reload_handle(struct request *request)
{
    struct reloader *reloader = &request->web->reloader;
    if (!lifecycle_is_allowed(request)) return;
    if (!has_room(reloader)) {
        answer_sentence(request, MHD_HTTP_SERVICE_UNAVAILABLE, "too many reloads are waiting");
        return;
    }
    struct later *later = request_wait(request, REQUEST_WORK, RELOAD_WAIT_S);
    if (later && !add_waiting(reloader, later)) later_answer(later, NULL, free_result);
}

void reload_resume(struct request *request)
{
    void *arg;
    enum later_status status = later_take(&request->web->laters, MEM_STEAL(request->later), &arg);
    struct reload_result *result = arg;
    if (status == LATER_STOPPED)
        answer_sentence(request, MHD_HTTP_SERVICE_UNAVAILABLE, "the exporter is stopping");
    else if (status == LATER_EXPIRED)
        answer_sentence(request, MHD_HTTP_GATEWAY_TIMEOUT, "the reload goes on, but takes too long to wait for");
    else if (!result)
        answer_sentence(request, MHD_HTTP_SERVICE_UNAVAILABLE, "too many reloads are waiting");
    else if (!result->is_good)
        answer_sentence(request, MHD_HTTP_INTERNAL_SERVER_ERROR, result->error ? result->error : "the reload failed");
    else
        answer_sentence(request, MHD_HTTP_OK, "Reloaded");
    free_result(result);
}
