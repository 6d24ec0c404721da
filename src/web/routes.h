/* What can be asked for, in one table. */
#ifndef DNSPOLICY_WEB_ROUTES_H
#define DNSPOLICY_WEB_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "request.h"

enum route_match { ROUTE_EXACT, ROUTE_TELEMETRY, ROUTE_PROBE, ROUTE_PROBE_RUN, ROUTE_ASSET };

struct route {
    const char *path; /* NULL: --web.telemetry-path. Of a probe or an asset: what stands before its name */
    enum route_match match;
    const char *handler; /* label of http_requests_total */
    bool is_post;        /* else GET and HEAD */
    bool is_json;        /* errors too, and its parameters are checked */
    bool is_page;        /* the same for people: errors are pages, and a parameter that is empty is absent */
    bool is_health;      /* 503 is an answer, not a request to come again */
    unsigned params;     /* enum view_param */
    void (*handle)(struct request *request);
    void (*resume)(struct request *request); /* after request_wait(): takes request->later */
};

/* Names the handlers in the service's counters; before any thread runs. */
void routes_setup(struct view_service *service);
/* Whether the path can be given to the metrics. False: *error (to be freed) is a sentence. */
bool routes_check_telemetry_path(const char *path, char **error);
/* NULL: no such path. */
const struct route *routes_find(const struct web *web, const char *path);
/* The id in the path of a ROUTE_PROBE or ROUTE_PROBE_RUN, the name in that of a ROUTE_ASSET; the caller frees. */
char *routes_name_of(const struct route *route, const char *path);
const char *route_allow(const struct route *route);
void routes_count(struct web *web, const struct route *route, unsigned code); /* NULL: "other" */

#endif
