/*
 * Decides in which order a request is looked at: its form, who asks, where to, with which method and parameters. The
 * first thing wrong is its answer. What is right goes to its route.
 */
#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "answer.h"
#include "login.h"
#include "query_string.h"
#include "routes.h"

void *request_begin(void *front, const char *target, struct MHD_Connection *connection)
{
    struct request *request = mem_alloc(sizeof(*request));
    request->front = front;
    request->web = request->front->web;
    request->connection = connection;
    request->visit = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    request->settings = settings_watch_ref(&request->web->settings);
    view_params_init(&request->params, 0);
    size_t len = target ? strnlen(target, WEB_URL_MAX + 1) : 0;
    request->is_target_too_long = len > WEB_URL_MAX;
    request->target = request->is_target_too_long ? NULL : mem_strdup(target ? target : "");
    request->query = "";
    return request;
}

void request_end(void *front, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode reason)
{
    (void)front, (void)connection, (void)reason;
    struct request *request = MEM_STEAL(*context);
    if (!request) return;
    if (request->later) later_forget(&request->web->laters, request->later);
    limits_idle(&request->web->limits, request->visit, clock_mono_ns());
    settings_unref(request->settings);
    view_params_fini(&request->params);
    strbuf_fini(&request->path);
    free(request->target);
    free(request);
}

const char *request_header(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

struct later *request_wait(struct request *request, enum request_step step, unsigned at_most_s)
{
    uint64_t deadline_ns = clock_mono_ns() + at_most_s * NS_PER_SEC;
    request->later = later_begin(&request->web->laters, request->connection, deadline_ns);
    if (request->later)
        request->step = step;
    else
        answer_sentence(request, MHD_HTTP_SERVICE_UNAVAILABLE, "the exporter is stopping");
    return request->later;
}

/* ---- its form ---- */

struct header_count {
    unsigned hosts, lengths;
};

static enum MHD_Result count_header(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind, (void)value;
    struct header_count *count = arg;
    count->hosts += strcasecmp(name, "Host") == 0;
    count->lengths += strcasecmp(name, "Content-Length") == 0;
    return MHD_YES;
}

static bool has_body(const struct request *request)
{
    const char *length = request_header(request, "Content-Length");
    return request_header(request, "Transfer-Encoding") || (length && strspn(length, "0") != strlen(length));
}

/* 0: nothing is wrong. */
static unsigned check_form(struct request *request, char **error)
{
    struct header_count count = {0};
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, count_header, &count);
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    unsigned code = MHD_HTTP_BAD_REQUEST;
    if (request->is_target_too_long) {
        *error = mem_printf("the URL is longer than %d bytes", WEB_URL_MAX);
        code = MHD_HTTP_URI_TOO_LONG;
    } else if (size && size->header_size > WEB_HEADER_MAX) {
        *error = mem_printf("the request's header is longer than %d bytes", WEB_HEADER_MAX);
        code = MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
    } else if (count.hosts > 1 || count.lengths > 1) {
        *error = mem_strdup("the request has a header twice that may be there once only");
    } else if (target_split(request->target, &request->path, &request->query, error)) {
        if (!has_body(request)) return 0;
        *error = mem_strdup("requests with a body are not taken");
        code = MHD_HTTP_CONTENT_TOO_LARGE;
    }
    return code;
}

/* ---- where it goes ---- */

static bool take_param(void *params, const char *key, const char *value, char **error)
{
    return view_params_set(params, key, value, error);
}

static bool take_any(void *ctx, const char *key, const char *value, char **error)
{
    (void)ctx, (void)key, (void)value, (void)error;
    return true;
}

/* Only the API and the page have parameters; elsewhere they must be well-formed and mean nothing. */
static bool read_params(struct request *request, char **error)
{
    const struct route *route = request->route;
    view_params_fini(&request->params);
    view_params_init(&request->params, route->params);
    request->params.is_form = route->is_page;
    bool has_params = route->is_json || route->is_page;
    return query_string_parse(request->query, has_params ? take_param : take_any, &request->params, error);
}

static void dispatch(struct request *request, const char *method)
{
    AUTO(mem_free_ptr) char *error = NULL;
    const struct route *route = request->route = routes_find(request->web, strbuf_text(&request->path));
    bool is_post = strcmp(method, "POST") == 0;
    bool is_get = strcmp(method, "GET") == 0 || request->is_head;
    if (!route)
        answer_sentence(request, MHD_HTTP_NOT_FOUND, "there is nothing here; / has links to all there is");
    else if (route->is_post && !is_post)
        answer_sentence(request, MHD_HTTP_METHOD_NOT_ALLOWED, "This endpoint requires a POST request.");
    else if (!route->is_post && !is_get)
        answer_sentence(request, MHD_HTTP_METHOD_NOT_ALLOWED, "This endpoint requires a GET or HEAD request.");
    else if (!read_params(request, &error))
        answer_sentence(request, MHD_HTTP_BAD_REQUEST, error);
    else
        route->handle(request);
}

static void begin(struct request *request, const char *method)
{
    AUTO(mem_free_ptr) char *error = NULL;
    limits_busy(&request->web->limits, request->visit, clock_mono_ns());
    request->is_head = strcmp(method, "HEAD") == 0;
    unsigned code = check_form(request, &error);
    if (code)
        answer_sentence(request, code, error);
    else
        request->step = REQUEST_READY;
}

enum MHD_Result request_proceed(void *front, struct MHD_Connection *connection, const char *url, const char *method,
                                const char *version, const char *upload, size_t *upload_size, void **context)
{
    (void)front, (void)connection, (void)url, (void)version, (void)upload;
    struct request *request = *context;
    if (*upload_size) return MHD_NO; /* a body was announced by nobody */
    switch (request->step) {
    case REQUEST_NEW:
        begin(request, method);
        break;
    case REQUEST_READY:
        if (login_passes(request)) dispatch(request, method);
        break;
    case REQUEST_LOGIN:
        if (login_resumes(request)) dispatch(request, method);
        break;
    case REQUEST_WORK:
        request->route->resume(request);
        break;
    case REQUEST_ANSWERED:
        break;
    }
    return request->is_broken ? MHD_NO : MHD_YES;
}
