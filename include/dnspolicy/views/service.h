/*
 * What the views look at: the state, the engine, and a few facts about this process that its owner keeps current.
 * Views read; they never make the prober wait longer than for a bounded copy.
 */
#ifndef DNSPOLICY_VIEWS_SERVICE_H
#define DNSPOLICY_VIEWS_SERVICE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dnspolicy/probe/engine.h"
#include "dnspolicy/state/state.h"

/* Requests served, for http_requests_total. Written by the web's threads, read by the exposition. */
#define VIEW_HTTP_HANDLERS 24
#define VIEW_HTTP_CODES 16
extern const unsigned view_http_codes[VIEW_HTTP_CODES]; /* 200, 400, 401, 403, 404, 405, …; 0 ends the list */
struct view_http_counts {
    const char *handlers[VIEW_HTTP_HANDLERS]; /* labels, set once before any thread runs; NULL ends the list */
    atomic_uint_fast64_t counts[VIEW_HTTP_HANDLERS][VIEW_HTTP_CODES];
};
void view_http_count(struct view_http_counts *counts, unsigned handler, unsigned code);

struct view_service {
    struct state *state;
    struct engine *engine; /* NULL: none runs, its figures read 0 */
    const char *config_file;
    int64_t started_wall_ns;
    unsigned lanes;
    bool lifecycle_enabled;
    /* A failed reload: 0 and the time stays. Written by the main thread. */
    atomic_bool last_reload_ok;
    atomic_int_fast64_t last_reload_success_wall_ns;
    struct view_http_counts http;
};

/* "0.9.75" and the like, for build_info; set by the web, which alone knows its library. */
extern const char *view_microhttpd_version;

#endif
