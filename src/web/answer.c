/*
 * Decides what stands in every answer beside its content: the headers that keep browsers from guessing, storing and
 * framing, those of the web config, and when a connection ends. Counts what is sent.
 */
#include "answer.h"

#include <string.h>
#include <strings.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/views/page.h"
#include "routes.h"

#define CONTENT_SECURITY_POLICY "Content-Security-Policy"
#define CACHE_CONTROL "Cache-Control"

/* What an operator configured wins over these, and what a route has of its own too. */
static const struct {
    const char *name, *value;
} default_headers[] = {
    {"X-Content-Type-Options", "nosniff"},
    {CONTENT_SECURITY_POLICY, "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {CACHE_CONTROL, "no-store"},
};
/* The page's own style sheet, script and form, and what the script fetches: nothing inline, nothing from elsewhere. */
#define PAGE_SECURITY_POLICY                                                                                           \
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "              \
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

static bool is_configured(const struct web_config *config, const char *name)
{
    for (size_t i = 0; i < config->header_count; i++)
        if (strcasecmp(config->headers[i].name, name) == 0) return true;
    return false;
}

/* What a route asks for in the place of a default. */
static const char *value_of(const struct route *route, size_t header)
{
    const char *name = default_headers[header].name;
    if (route && route->is_page && strcmp(name, CONTENT_SECURITY_POLICY) == 0) return PAGE_SECURITY_POLICY;
    if (route && route->match == ROUTE_ASSET && strcmp(name, CACHE_CONTROL) == 0) return "no-cache";
    return default_headers[header].value;
}

static void add_headers(const struct request *request, struct MHD_Response *response)
{
    const struct web_config *config = request->settings->config;
    for (size_t i = 0; i < ARRAY_LEN(default_headers); i++)
        if (!is_configured(config, default_headers[i].name))
            MHD_add_response_header(response, default_headers[i].name, value_of(request->route, i));
    for (size_t i = 0; i < config->header_count; i++)
        MHD_add_response_header(response, config->headers[i].name, config->headers[i].value);
    if (atomic_load(&request->front->is_draining) || atomic_load(&request->web->is_stopping))
        MHD_add_response_header(response, "Connection", "close");
}

/* A status page that looks again (page.js) says by itself that the login is over: at a challenge that browsers know
 * they would open a dialog that nobody has asked for. RFC 9110 section 15.5.2 wants some challenge. */
static const char *challenge_for(const struct request *request)
{
    const char *by = request_header(request, "X-Requested-With");
    return by && strcmp(by, "page.js") == 0 ? "Reload realm=\"dnspolicy\""
                                            : "Basic realm=\"dnspolicy\", charset=\"UTF-8\"";
}

/* What goes with a status, whoever gives it. */
static void add_headers_of_code(const struct request *request, unsigned code, struct MHD_Response *response)
{
    if (code == MHD_HTTP_UNAUTHORIZED) MHD_add_response_header(response, "WWW-Authenticate", challenge_for(request));
    if (code == MHD_HTTP_METHOD_NOT_ALLOWED) MHD_add_response_header(response, "Allow", route_allow(request->route));
    bool is_health = request->route && request->route->is_health;
    if (code == MHD_HTTP_SERVICE_UNAVAILABLE && !is_health) MHD_add_response_header(response, "Retry-After", "1");
}

void answer_response(struct request *request, unsigned code, const char *type, struct MHD_Response *response)
{
    if (!response) PANIC("the HTTP library could not make a response");
    MHD_add_response_header(response, "Content-Type", type);
    add_headers(request, response);
    add_headers_of_code(request, code, response);
    request->step = REQUEST_ANSWERED;
    routes_count(request->web, request->route, code);
    request->is_broken = MHD_queue_response(request->connection, code, response) != MHD_YES;
    MHD_destroy_response(response);
}

void answer_body(struct request *request, unsigned code, const char *type, struct strbuf *body)
{
    size_t len = body->len;
    answer_response(request, code, type,
                    MHD_create_response_from_buffer(len, strbuf_steal(body), MHD_RESPMEM_MUST_FREE));
}

static bool is_api(const struct request *request)
{
    const char *path = strbuf_text(&request->path);
    return strncmp(path, "/api/", strlen("/api/")) == 0 || (request->route && request->route->is_json);
}

void answer_sentence(struct request *request, unsigned code, const char *sentence)
{
    AUTO(strbuf_fini) struct strbuf body = {0};
    if (is_api(request)) {
        json_error(code, sentence, &body);
        answer_body(request, code, ANSWER_JSON, &body);
        return;
    }
    if (request->route && request->route->is_page) {
        page_error(code, sentence, &body);
        answer_body(request, code, ANSWER_HTML, &body);
        return;
    }
    strbuf_puts(&body, sentence);
    if (body.len == 0 || body.data[body.len - 1] != '\n') strbuf_putc(&body, '\n');
    answer_body(request, code, ANSWER_TEXT, &body);
}
