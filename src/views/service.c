/* Counts what the web served. Knows the codes that it may answer with, and nothing of requests. */
#include "dnspolicy/views/service.h"

#include "dnspolicy/base/mem.h"

const unsigned view_http_codes[VIEW_HTTP_CODES] = {200, 301, 304, 400, 401, 403, 404, 405,
                                                   406, 413, 414, 429, 431, 500, 503, 504};

const char *view_microhttpd_version = "";

void view_http_count(struct view_http_counts *counts, unsigned handler, unsigned code)
{
    REQUIRE(handler < VIEW_HTTP_HANDLERS);
    for (unsigned i = 0; i < VIEW_HTTP_CODES; i++) {
        if (view_http_codes[i] != code) continue;
        atomic_fetch_add_explicit(&counts->counts[handler][i], 1, memory_order_relaxed);
        return;
    }
    PANIC("HTTP status %u is not in the table of codes", code);
}
