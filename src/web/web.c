/*
 * Decides the order in which the server's parts start and stop. Knows none of them any closer.
 */
#include "dnspolicy/web/web.h"

#include <errno.h>
#include <microhttpd.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "routes.h"
#include "server.h"

#define STOP_NS NS_PER_SEC

static bool load_settings(struct web *web, const char *path, char **error)
{
    AUTO(strbuf_fini) struct strbuf problems = {0};
    if (settings_watch_init(&web->settings, path, &problems)) return true;
    while (problems.len && problems.data[problems.len - 1] == '\n') problems.data[--problems.len] = '\0';
    *error = strbuf_steal(&problems);
    return false;
}

static bool start_doorman(struct web *web, char **error)
{
    int failure = pthread_create(&web->doorman, NULL, doorman_run, web);
    web->has_doorman = failure == 0;
    if (!failure) pthread_setname_np(web->doorman, "doorman");
    if (failure) *error = mem_printf("cannot start a thread: %s", strerror(failure));
    return failure == 0;
}

static bool start_parts(struct web *web, const struct web_options *options, char **error)
{
    struct settings *settings = settings_watch_ref(&web->settings);
    bool is_up = listeners_open(&web->listeners, options->listen_addresses, error) &&
                 (web->auth = auth_desk_start(error)) != NULL &&
                 (!web->is_lifecycle_enabled || reloader_start(&web->reloader, error)) &&
                 (web->front = front_start(web, settings, error)) != NULL && start_doorman(web, error);
    settings_unref(settings);
    return is_up;
}

struct web *web_start(const struct web_options *options, struct view_service *service, char **error)
{
    if (!routes_check_telemetry_path(options->telemetry_path, error)) return NULL;
    struct web *web = mem_alloc(sizeof(*web));
    if (!load_settings(web, options->config_file, error)) {
        mem_free_ptr(&web);
        return NULL;
    }
    web->service = service;
    web->telemetry_path = mem_strdup(options->telemetry_path);
    web->is_lifecycle_enabled = options->enable_lifecycle;
    web->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (web->wake_fd < 0) PANIC("eventfd: %s", strerror(errno));
    limits_init(&web->limits);
    later_list_init(&web->laters);
    scrapes_init(&web->scrapes);
    reloader_init(&web->reloader, options->reload, options->reload_ctx);
    view_microhttpd_version = MHD_get_version();
    routes_setup(service);
    if (start_parts(web, options, error)) return web;
    web_stop(web);
    return NULL;
}

/* Nobody is let in any more, whoever waits is woken, and answers under way have a second. */
static void stop_serving(struct web *web)
{
    atomic_store(&web->is_stopping, true);
    eventfd_write(web->wake_fd, 1);
    if (web->has_doorman) pthread_join(web->doorman, NULL);
    listeners_close(&web->listeners);
    later_list_close(&web->laters);
    limits_wait_idle(&web->limits, clock_mono_ns() + STOP_NS);
    limits_shut_all(&web->limits);
    front_stop(web->front);
    while (web->draining) {
        struct front *front = web->draining;
        web->draining = front->next;
        front_stop(front);
    }
}

void web_stop(struct web *web)
{
    if (!web) return;
    stop_serving(web);
    reloader_fini(&web->reloader);
    auth_desk_stop(web->auth);
    later_list_fini(&web->laters);
    limits_fini(&web->limits);
    scrapes_fini(&web->scrapes);
    settings_watch_fini(&web->settings);
    close(web->wake_fd);
    mem_free_ptr(&web->telemetry_path);
    mem_free_ptr(&web);
}

void web_call_roll(struct web *web)
{
    atomic_store(&web->is_called, true);
    eventfd_write(web->wake_fd, 1);
}

bool web_is_missing(const struct web *web) { return atomic_load(&web->is_called); }

const char *web_address(const struct web *web, size_t idx)
{
    return idx < web->listeners.count ? web->listeners.items[idx].name : NULL;
}

bool web_check_config(const char *path, struct strbuf *out)
{
    struct settings *settings = settings_load(path, out);
    settings_unref(settings);
    return settings != NULL;
}
