/*
 * Decides how the HTTP library is set up: one event loop in a thread of its own, no listening socket, our callbacks.
 * What its log says is debugging, but for the requests that it answers itself, which are counted.
 */
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/log.h"
#include "dnspolicy/base/mem.h"
#include "request.h"
#include "routes.h"
#include "server.h"
#include "tls.h"

/* Of one connection: a request's header, and a block of an answer. */
#define POOL_SIZE ((size_t)32768)
/* The doorman counts; this is for those that he has turned out and that are not gone yet. */
#define LIBRARY_CONNECTIONS (2u * WEB_CONNECTIONS_MAX)
/* Beyond our own limits, which are for whole phases. */
#define LIBRARY_TIMEOUT_S (2u * WEB_RESPONSE_TIMEOUT_S)

static void log_library(void *arg, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* Malformed and over-long requests never reach a handler; the log is the only place where the library tells. */
static void count_own_answer(struct web *web, const char *format, va_list args)
{
    static const char start[] = "Error processing request (HTTP response code is %u";
    if (strncmp(format, start, strlen(start)) != 0) return;
    va_list copy;
    va_copy(copy, args);
    unsigned code = va_arg(copy, unsigned);
    va_end(copy);
    if (code >= 400 && code < 600) routes_count(web, NULL, code);
}

static void log_library(void *arg, const char *format, va_list args)
{
    const struct front *front = arg;
    count_own_answer(front->web, format, args);
    if (!log_wants(LOG_LEVEL_DEBUG)) return;
    char text[512];
    vsnprintf(text, sizeof(text), format, args);
    text[strcspn(text, "\n")] = '\0';
    log_event(LOG_LEVEL_DEBUG, "libmicrohttpd", "says", text, NULL);
}

static void end_roll(struct front *front)
{
    atomic_store(&front->roll_fd, -1);
    atomic_store(&front->web->is_called, false);
}

static void connection_changed(void *arg, struct MHD_Connection *connection, void **context,
                               enum MHD_ConnectionNotificationCode code)
{
    struct front *front = arg;
    struct limits *limits = &front->web->limits;
    int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    bool is_roll = fd == atomic_load(&front->roll_fd);
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (is_roll)
            end_roll(front);
        else
            limits_ended(limits, *context);
        return;
    }
    if (!is_roll) *context = limits_started(limits, front, fd, clock_mono_ns());
    const union MHD_ConnectionInfo *tls = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (tls) tls_prepare_session(front->settings->config, tls->tls_session);
}

static struct MHD_Daemon *start_library(struct front *front)
{
    const struct web_config *config = front->settings->config;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
                     MHD_USE_ERROR_LOG;
    const struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_library, front}, /* first: it hears of the others */
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)request_begin, front},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)request_end, front},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connection_changed, front},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, POOL_SIZE, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, LIBRARY_CONNECTIONS, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, LIBRARY_TIMEOUT_S, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        /* What is left out without TLS. */
        {config->cert_pem ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, config->cert_pem},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, config->key_pem},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)tls_priorities(config)},
        {config->client_ca_pem ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0, config->client_ca_pem},
        {MHD_OPTION_END, 0, NULL},
    };
    if (config->cert_pem) flags |= MHD_USE_TLS;
    return MHD_start_daemon(flags, 0, NULL, NULL, request_proceed, front, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

struct front *front_start(struct web *web, struct settings *settings, char **error)
{
    struct front *front = mem_alloc(sizeof(*front));
    *front = (struct front){.web = web, .settings = settings_ref(settings), .roll_fd = -1};
    front->library = start_library(front);
    if (front->library) return front;
    *error = mem_strdup("the HTTP library could not start; --log.level=debug shows why");
    front_stop(front);
    return NULL;
}

void front_stop(struct front *front)
{
    if (!front) return;
    if (front->library) MHD_stop_daemon(front->library);
    settings_unref(front->settings);
    mem_free_ptr(&front);
}

void front_take(struct front *front, int fd, const struct sockaddr_storage *address, socklen_t len)
{
    struct limits *limits = &front->web->limits;
    struct addr from = {0};
    uint16_t port;
    if (!addr_from_sockaddr(address, &from, &port) || !limits_admit(limits, front, fd, &from, clock_mono_ns())) {
        close(fd);
        return;
    }
    if (MHD_add_connection(front->library, fd, (const struct sockaddr *)address, len) != MHD_YES)
        limits_withdraw(limits, fd);
}

void front_call_roll(struct front *front)
{
    if (atomic_load(&front->roll_fd) >= 0) return; /* still under way */
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
        /* A process without descriptors has a trouble of its own, and it is no loop that hangs. */
        end_roll(front);
        return;
    }
    const struct sockaddr nobody = {.sa_family = AF_UNIX};
    close(ends[1]);
    atomic_store(&front->roll_fd, ends[0]);
    if (MHD_add_connection(front->library, ends[0], &nobody, sizeof(nobody)) != MHD_YES)
        atomic_store(&front->roll_fd, -1);
}
