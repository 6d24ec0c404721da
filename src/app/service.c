/*
 * Decides the order in which the parts start, replace each other and stop, and what a signal means. The main thread
 * runs here: it reads signals, reload requests and verdict changes, and sleeps otherwise. It knows no DNS.
 */
#include "dnspolicy/app/service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "event_log.h"
#include "reload_desk.h"
#include "supervisor.h"
#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/log.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/probe/engine.h"
#include "dnspolicy/probe/placement.h"
#include "dnspolicy/probe/trust.h"
#include "dnspolicy/state/state.h"
#include "dnspolicy/views/service.h"
#include "dnspolicy/web/web.h"

#define KEPT_DESCRIPTORS 256
#define SOCKETS_PER_LANE_MAX 200000

struct service {
    const struct service_options *options;
    const struct plan *plan;           /* one reference */
    const struct placement *placement; /* owned by the state's generation */
    struct state *state;
    struct engine *engine;
    struct web *web;
    struct reload_desk desk;
    struct view_service view;
    struct supervisor supervisor;
    unsigned sockets_per_lane;
    int signal_fd;
    bool is_stopping;
};

unsigned service_default_lanes(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > 4 ? 4 : (unsigned)processors;
}

unsigned service_sockets_per_lane(unsigned lanes)
{
    struct rlimit limit = {.rlim_cur = 1024, .rlim_max = 1024};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) getrlimit(RLIMIT_NOFILE, &limit);
    }
    rlim_t left = limit.rlim_cur > 2 * KEPT_DESCRIPTORS ? limit.rlim_cur - KEPT_DESCRIPTORS : limit.rlim_cur / 2;
    rlim_t share = left / lanes;
    if (share > SOCKETS_PER_LANE_MAX) share = SOCKETS_PER_LANE_MAX;
    return share ? (unsigned)share : 1;
}

/* One problem a line. */
static void list_problems(const struct problems *problems, bool with_warnings, struct strbuf *out)
{
    for (size_t i = 0; i < problems->count; i++) {
        if (problems->items[i].is_warning && !with_warnings) continue;
        problems_format(problems, &problems->items[i], out);
        strbuf_putc(out, '\n');
    }
    size_t listed = out->len;
    problems_format_rest(problems, out);
    if (out->len > listed) strbuf_putc(out, '\n');
}

static void print_problems(struct problems *problems)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    problems_sort(problems);
    list_problems(problems, true, &text);
    fputs(strbuf_text(&text), stderr);
}

static struct plan *load_plan(const char *config_file, struct problems *problems)
{
    struct config *config = config_load(config_file, NULL, problems);
    struct plan *plan = config && trust_check(config, problems) ? plan_build(config, problems) : NULL;
    config_unref(config);
    return plan;
}

struct plan *service_load_plan(const char *config_file)
{
    AUTO(problems_fini) struct problems problems;
    problems_init(&problems, config_file);
    struct plan *plan = load_plan(config_file, &problems);
    print_problems(&problems);
    return plan;
}

int service_check_file(const char *config_file)
{
    AUTO(problems_fini) struct problems problems;
    problems_init(&problems, config_file);
    struct plan *plan = load_plan(config_file, &problems);
    print_problems(&problems);
    if (!plan) return problems.is_file_empty ? SERVICE_EXIT_EMPTY : EXIT_FAILURE;
    printf("%s: fine, %u probes\n", config_file, plan->probe_count);
    plan_unref(plan);
    return EXIT_SUCCESS;
}

static void log_number(enum log_level level, const char *message, const char *file, const char *key, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    log_event(level, message, "file", file, key, text, NULL);
}

static void warn_of_descriptors(const struct service *service, const struct plan *plan)
{
    uint64_t all = (uint64_t)service->sockets_per_lane * service->options->lanes;
    if (plan->cost.sockets_at_worst <= all) return;
    char needed[24], limit[24];
    snprintf(needed, sizeof(needed), "%llu", (unsigned long long)plan->cost.sockets_at_worst);
    snprintf(limit, sizeof(limit), "%llu", (unsigned long long)all);
    log_event(
        LOG_LEVEL_WARN,
        "if every resolver fell silent the probes would need more sockets than this process may open: raise the limit "
        "of open files (LimitNOFILE in systemd)",
        "needed", needed, "available", limit, NULL);
}

/* ---- the first plan and the next ones ---- */

struct commit {
    struct state *state;
    struct generation *next;
};

static void commit_generation(void *arg)
{
    struct commit *commit = arg;
    state_commit(commit->state, commit->next);
}

static struct generation *prepare(struct service *service, const struct plan *next, struct placement **placement,
                                  struct plan_diff *diff)
{
    plan_diff_init(diff, service->plan, next);
    *placement = placement_new(next, service->options->lanes, service->plan, service->placement);
    return state_prepare(service->state, next, *placement, diff, clock_wall_ns());
}

static bool start_engine(struct service *service, struct plan *plan, char **error)
{
    struct plan_diff diff;
    struct placement *placement;
    state_commit(service->state, prepare(service, plan, &placement, &diff));
    plan_diff_fini(&diff);
    service->plan = plan;
    service->placement = placement;
    const struct engine_options options = {
        .lanes = service->options->lanes,
        .sockets_per_lane = service->sockets_per_lane,
    };
    service->engine = engine_start(&options, plan, placement, state_sink(service->state), error);
    return service->engine != NULL;
}

static void adopt_plan(struct service *service, struct plan *next)
{
    struct plan_diff diff;
    struct placement *placement;
    struct generation *generation = prepare(service, next, &placement, &diff);
    struct commit commit = {service->state, generation};
    engine_swap(service->engine, next, placement, &diff, commit_generation, &commit);
    char unchanged[16], changed[16], added[16], removed[16];
    snprintf(unchanged, sizeof(unchanged), "%u", diff.unchanged_count);
    snprintf(changed, sizeof(changed), "%u", diff.changed_count);
    snprintf(added, sizeof(added), "%u", diff.added_count);
    snprintf(removed, sizeof(removed), "%u", diff.removed_count);
    log_event(LOG_LEVEL_INFO, "configuration reloaded", "file", service->options->config_file, "unchanged", unchanged,
              "changed", changed, "added", added, "removed", removed, NULL);
    plan_diff_fini(&diff);
    plan_unref(service->plan);
    service->plan = next;
    service->placement = placement;
}

static void log_problems(const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        AUTO(strbuf_fini) struct strbuf text = {0};
        problems_format(problems, &problems->items[i], &text);
        log_event(problems->items[i].is_warning ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, strbuf_text(&text), NULL);
    }
    AUTO(strbuf_fini) struct strbuf rest = {0};
    problems_format_rest(problems, &rest);
    if (rest.len) log_event(LOG_LEVEL_WARN, strbuf_text(&rest), NULL);
}

/* What a service says of its file goes to the log, in the log's form, at the start as later. */
static struct plan *load_and_log(const char *file, struct problems *problems)
{
    problems_init(problems, file);
    struct plan *plan = load_plan(file, problems);
    problems_sort(problems);
    log_problems(problems);
    return plan;
}

static struct plan *load_first(const char *file, int *exit_status)
{
    AUTO(problems_fini) struct problems problems;
    struct plan *plan = load_and_log(file, &problems);
    *exit_status = plan ? EXIT_SUCCESS : problems.is_file_empty ? SERVICE_EXIT_EMPTY : EXIT_FAILURE;
    if (problems.is_file_empty)
        log_event(LOG_LEVEL_ERROR, "no checks yet: this file says what to check, and then this can start", "file", file,
                  NULL);
    else if (!plan)
        log_number(LOG_LEVEL_ERROR, "the configuration has errors; nothing was started", file, "errors",
                   problems.errors);
    return plan;
}

static void tell_ready(struct service *service)
{
    supervisor_ready(&service->supervisor, service->plan->probe_count, service->options->lanes,
                     atomic_load(&service->view.last_reload_success_wall_ns));
}

static void tell_reload_failed(struct service *service, const struct problems *problems, const char *errors)
{
    supervisor_reload_failed(&service->supervisor, errors, problems->errors, service->plan->probe_count,
                             atomic_load(&service->view.last_reload_success_wall_ns));
}

/* A bad file changes nothing but the reload metrics. *error: the errors, one a line; NULL when it went well. */
static bool reload(struct service *service, char **error)
{
    const char *file = service->options->config_file;
    AUTO(problems_fini) struct problems problems;
    supervisor_reloading(&service->supervisor, clock_mono_ns());
    struct plan *next = load_and_log(file, &problems);
    if (!next) {
        AUTO(strbuf_fini) struct strbuf text = {0};
        list_problems(&problems, false, &text);
        *error = strbuf_steal(&text);
        tell_reload_failed(service, &problems, *error);
        atomic_store(&service->view.last_reload_ok, false);
        log_number(LOG_LEVEL_ERROR, "reload failed; the running configuration stays", file, "errors", problems.errors);
        return false;
    }
    warn_of_descriptors(service, next);
    adopt_plan(service, next);
    atomic_store(&service->view.last_reload_success_wall_ns, clock_wall_ns());
    atomic_store(&service->view.last_reload_ok, true);
    tell_ready(service);
    return true;
}

/* ---- signals and the main loop ---- */

static void block_signals(sigset_t *taken)
{
    sigemptyset(taken);
    sigaddset(taken, SIGTERM);
    sigaddset(taken, SIGINT);
    sigaddset(taken, SIGHUP);
    if (pthread_sigmask(SIG_BLOCK, taken, NULL) != 0) PANIC("pthread_sigmask: %s", strerror(errno));
    signal(SIGPIPE, SIG_IGN);
}

static void take_signal(struct service *service)
{
    struct signalfd_siginfo info;
    if (read(service->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info)) return;
    if (info.ssi_signo == SIGHUP) {
        AUTO(mem_free_ptr) char *error = NULL;
        reload(service, &error);
        return;
    }
    log_event(LOG_LEVEL_INFO, "stopping", "signal", info.ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT", NULL);
    service->is_stopping = true;
    /* From now on a second signal ends the process at once. */
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
}

static void answer_reload_request(struct service *service)
{
    if (!reload_desk_take(&service->desk)) return;
    char *error = NULL;
    bool is_good = reload(service, &error);
    reload_desk_answer(&service->desk, is_good, error);
}

/* Of two timeouts; -1 is never. */
static int sooner_ms(int a, int b) { return a < 0 ? b : b < 0 || a < b ? a : b; }

static void serve(struct service *service)
{
    struct event_log events = {.state = service->state};
    while (!service->is_stopping) {
        struct pollfd waits[] = {
            {.fd = service->signal_fd, .events = POLLIN},
            {.fd = reload_desk_fd(&service->desk), .events = POLLIN},
            {.fd = state_log_fd(service->state), .events = POLLIN},
        };
        uint64_t now_ns = clock_mono_ns();
        int events_ms = event_log_timeout_ms(&events, now_ns);
        if (events_ms >= 0) waits[2].fd = -1;
        int timeout_ms = sooner_ms(events_ms, supervisor_timeout_ms(&service->supervisor, now_ns));
        if (poll(waits, ARRAY_LEN(waits), timeout_ms) < 0 && errno != EINTR) PANIC("poll: %s", strerror(errno));
        if (waits[0].revents) take_signal(service);
        if (waits[1].revents) answer_reload_request(service);
        if (waits[2].revents || events_ms >= 0) event_log_drain(&events, clock_mono_ns());
        supervisor_look(&service->supervisor, clock_mono_ns());
    }
    supervisor_stopping(&service->supervisor);
    event_log_drain(&events, clock_mono_ns());
}

static bool start_web(struct service *service, char **error)
{
    const struct web_options options = {
        .listen_addresses = service->options->listen_addresses,
        .telemetry_path = service->options->telemetry_path,
        .config_file = service->options->web_config_file,
        .enable_lifecycle = service->options->enable_lifecycle,
        .reload = reload_desk_ask,
        .reload_ctx = &service->desk,
    };
    service->web = web_start(&options, &service->view, error);
    return service->web != NULL;
}

static void say_started(const struct service *service)
{
    char probes[16], lanes[16];
    snprintf(probes, sizeof(probes), "%u", service->plan->probe_count);
    snprintf(lanes, sizeof(lanes), "%u", service->options->lanes);
    for (size_t i = 0; web_address(service->web, i); i++)
        log_event(LOG_LEVEL_INFO, "listening", "address", web_address(service->web, i), NULL);
    log_event(LOG_LEVEL_INFO, "started", "version", DNSPOLICY_VERSION, "revision", DNSPOLICY_REVISION, "file",
              service->options->config_file, "probes", probes, "lanes", lanes, NULL);
}

/* The order matters: nobody may ask the web once the engine is gone, and no lane may fold once the state is. */
static void stop(struct service *service)
{
    reload_desk_close(&service->desk);
    web_stop(service->web);
    engine_stop(service->engine);
    state_free(service->state);
    plan_unref(service->plan);
    reload_desk_fini(&service->desk);
    supervisor_fini(&service->supervisor);
    if (service->signal_fd >= 0) close(service->signal_fd);
}

int service_run(const struct service_options *options)
{
    struct service service = {.options = options, .signal_fd = -1};
    sigset_t taken;
    block_signals(&taken);
    int status;
    struct plan *plan = load_first(options->config_file, &status);
    if (!plan) return status;
    service.signal_fd = signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC);
    if (service.signal_fd < 0) PANIC("signalfd: %s", strerror(errno));
    service.sockets_per_lane = service_sockets_per_lane(options->lanes);
    service.state = state_new(&(struct state_options){0});
    reload_desk_init(&service.desk);
    supervisor_init(&service.supervisor);
    warn_of_descriptors(&service, plan);

    AUTO(mem_free_ptr) char *error = NULL;
    bool is_up = start_engine(&service, plan, &error);
    if (is_up) {
        service.view = (struct view_service){
            .state = service.state,
            .engine = service.engine,
            .config_file = options->config_file,
            .started_wall_ns = clock_wall_ns(),
            .lanes = options->lanes,
            .lifecycle_enabled = options->enable_lifecycle,
            .last_reload_ok = true,
            .last_reload_success_wall_ns = clock_wall_ns(),
        };
        is_up = start_web(&service, &error);
    }
    if (is_up) {
        say_started(&service);
        supervisor_watch(&service.supervisor, service.engine, service.web, clock_mono_ns());
        tell_ready(&service);
        serve(&service);
    } else {
        log_lines(LOG_LEVEL_ERROR, error);
    }
    stop(&service);
    if (is_up) log_event(LOG_LEVEL_INFO, "stopped", NULL);
    return is_up ? EXIT_SUCCESS : EXIT_FAILURE;
}
