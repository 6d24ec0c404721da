/*
 * Decides which function answers a path, and what it may be asked. Knows nothing of the answers.
 */
#include "routes.h"

#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"
#include "dnspolicy/views/page.h"
#include "api.h"
#include "lifecycle.h"
#include "page.h"
#include "scrape.h"

#define PROBES "/api/v1/probes/"
#define RUN "/run"
#define ASSETS "/assets/"

#define BY_NAME (VIEW_PARAM_CHECK | VIEW_PARAM_CLIENT | VIEW_PARAM_RESOLVER | VIEW_PARAM_GROUP)
#define SCOPE (BY_NAME | VIEW_PARAM_SEVERITY | VIEW_PARAM_CATEGORY)
#define FILTER (SCOPE | VIEW_PARAM_VERDICT | VIEW_PARAM_TRANSPORT | VIEW_PARAM_QTYPE)
#define LIST (VIEW_PARAM_LIMIT | VIEW_PARAM_OFFSET)

static const struct route routes[] = {
    {.path = "/", .handler = "index", .is_page = true, .params = PAGE_PARAMS, .handle = page_handle},
    {.path = ASSETS, .match = ROUTE_ASSET, .handler = "assets", .handle = page_handle_asset},
    {.match = ROUTE_TELEMETRY, .handler = "metrics", .handle = scrape_handle},
    {.path = "/health", .handler = "health", .is_json = true, .is_health = true, .params = SCOPE, .handle = api_health},
    {.path = "/-/healthy", .handler = "healthy", .is_health = true, .handle = api_healthy},
    {.path = "/-/ready", .handler = "ready", .is_health = true, .handle = api_ready},
    {.path = "/-/reload", .handler = "reload", .is_post = true, .handle = reload_handle, .resume = reload_resume},
    {.path = "/api/v1/probes", .handler = "api_probes", .is_json = true, .params = FILTER | LIST, .handle = api_probes},
    {.path = PROBES,
     .match = ROUTE_PROBE_RUN,
     .handler = "api_probe_run",
     .is_json = true,
     .is_post = true,
     .handle = run_handle,
     .resume = run_resume},
    {.path = PROBES, .match = ROUTE_PROBE, .handler = "api_probe", .is_json = true, .handle = api_probe},
    {.path = "/api/v1/verdicts",
     .handler = "api_verdicts",
     .is_json = true,
     .params = FILTER | LIST,
     .handle = api_verdicts},
    {.path = "/api/v1/matrix", .handler = "api_matrix", .is_json = true, .params = FILTER | LIST, .handle = api_matrix},
    {.path = "/api/v1/events",
     .handler = "api_events",
     .is_json = true,
     .params = LIST | VIEW_PARAM_SINCE,
     .handle = api_events},
    {.path = "/api/v1/status", .handler = "api_status", .is_json = true, .handle = api_status},
};
#define OTHER ARRAY_LEN(routes)
_Static_assert(OTHER < VIEW_HTTP_HANDLERS, "every route needs a counter, and so do unknown paths");

void routes_setup(struct view_service *service)
{
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) service->http.handlers[i] = routes[i].handler;
    service->http.handlers[OTHER] = "other";
}

static bool matches(const struct route *route, const struct web *web, const char *path)
{
    if (route->match == ROUTE_TELEMETRY) return strcmp(path, web->telemetry_path) == 0;
    if (route->match == ROUTE_EXACT) return strcmp(path, route->path) == 0;
    size_t len = strlen(path), before = strlen(route->path);
    struct page_asset asset;
    if (strncmp(path, route->path, before) != 0) return false;
    if (route->match == ROUTE_ASSET) return page_asset_find(path + before, &asset);
    if (route->match == ROUTE_PROBE_RUN) {
        if (len <= before + strlen(RUN) || strcmp(path + len - strlen(RUN), RUN) != 0) return false;
        len -= strlen(RUN);
    }
    return len > before && !memchr(path + before, '/', len - before);
}

const struct route *routes_find(const struct web *web, const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(routes); i++)
        if (matches(&routes[i], web, path)) return &routes[i];
    return NULL;
}

char *routes_name_of(const struct route *route, const char *path)
{
    size_t before = strlen(route->path), after = route->match == ROUTE_PROBE_RUN ? strlen(RUN) : 0;
    return mem_strndup(path + before, strlen(path) - before - after);
}

bool routes_check_telemetry_path(const char *path, char **error)
{
    size_t len = strlen(path);
    if (path[0] != '/' || !text_is_printable_ascii(path, len) || strpbrk(path, " ?#%\"<>\\")) {
        *error = mem_printf("--web.telemetry-path takes a path such as /metrics, not '%s'", path);
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (routes[i].match == ROUTE_TELEMETRY || !matches(&routes[i], NULL, path)) continue;
        *error = mem_printf("--web.telemetry-path %s is taken by another page: choose another path", path);
        return false;
    }
    return true;
}

const char *route_allow(const struct route *route) { return route->is_post ? "POST" : "GET, HEAD"; }

/* A status that the table of codes lacks is counted as the plain one of its class. */
static unsigned counted_code(unsigned code)
{
    for (size_t i = 0; i < VIEW_HTTP_CODES; i++)
        if (view_http_codes[i] == code) return code;
    return code / 100 * 100;
}

void routes_count(struct web *web, const struct route *route, unsigned code)
{
    unsigned handler = route ? (unsigned)(route - routes) : (unsigned)OTHER;
    view_http_count(&web->service->http, handler, counted_code(code));
}
