/*
 * The status page: HTML for people, rendered on the server, whole without JavaScript. One path; all that it shows is in
 * its query string, so a view can be bookmarked and sent on:
 *
 *     /                                     the summary, the matrix clients × resolvers, the last verdict changes
 *     /?category=too_open&resolver=ns1      the same of what the filter takes (those of /api/v1/probes, and their
 * names)
 *     /?client=office&resolver=ns1          a single cell: its probes as a list, worst first
 *     /?probe=5f0c2a9e81b34d77              one probe: expectation, outcome, the sentence, its last changes, the
 * command
 *
 * `limit` and `offset` page through the list of a cell; `offset` and `column` through the rows and columns of the
 * matrix.
 *
 * All links are relative to the page, so that it works behind a proxy that adds a path. What comes from the wire or
 * from the configuration is hostile text and is escaped in one function (html.h).
 */
#ifndef DNSPOLICY_VIEWS_PAGE_H
#define DNSPOLICY_VIEWS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/views/json.h"
#include "dnspolicy/views/service.h"

/* Appends one whole document and gives its HTTP status: 200, 404 (no such probe), 503 (nothing is loaded yet). Its size
 * is bounded by the matrix's page (PAGE_ROWS × PAGE_COLUMNS) and by params->limit, whatever the number of probes. Takes
 * the parameters of PAGE_PARAMS. */
#define PAGE_FILTERS                                                                                                   \
    (VIEW_PARAM_CHECK | VIEW_PARAM_CLIENT | VIEW_PARAM_RESOLVER | VIEW_PARAM_GROUP | VIEW_PARAM_VERDICT |              \
     VIEW_PARAM_CATEGORY | VIEW_PARAM_TRANSPORT | VIEW_PARAM_QTYPE | VIEW_PARAM_SEVERITY)
#define PAGE_PARAMS (PAGE_FILTERS | VIEW_PARAM_LIMIT | VIEW_PARAM_OFFSET | VIEW_PARAM_COLUMN | VIEW_PARAM_PROBE)
#define PAGE_ROWS 40
#define PAGE_COLUMNS 24
unsigned page_render(struct view_service *service, const struct view_params *params, const char *telemetry_path,
                     int64_t now_wall_ns, struct strbuf *out);
/* The page that tells a person what was wrong with his request. */
void page_error(unsigned http_status, const char *sentence, struct strbuf *out);
void page_compress(struct strbuf *page); /* gzip: a matrix of many cells becomes a twentieth */

/* The style sheet and the script, which are files of their own (src/views/assets/) compiled in. */
struct page_asset {
    const char *name; /* "page.css", "page.js" */
    const char *type; /* content type */
    const unsigned char *bytes;
    size_t len;
};
bool page_asset_find(const char *name, struct page_asset *out); /* false: no such asset */

#endif
