/* Joins the status page and HTTP: when it was asked for, and whether a browser has the style sheet and the script
 * already. */
#include "page.h"

#include <string.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/hash.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/views/metrics.h"
#include "dnspolicy/views/page.h"
#include "answer.h"
#include "routes.h"

void page_handle(struct request *request)
{
    AUTO(strbuf_fini) struct strbuf body = {0};
    unsigned code =
        page_render(request->web->service, &request->params, request->web->telemetry_path, clock_wall_ns(), &body);
    bool is_gzip = metrics_negotiate(NULL, request_header(request, "Accept-Encoding")).gzip;
    if (is_gzip) page_compress(&body);
    size_t len = body.len;
    struct MHD_Response *response = MHD_create_response_from_buffer(len, strbuf_steal(&body), MHD_RESPMEM_MUST_FREE);
    if (response && is_gzip) MHD_add_response_header(response, "Content-Encoding", "gzip");
    if (response) MHD_add_response_header(response, "Vary", "Accept-Encoding");
    answer_response(request, code, ANSWER_HTML, response);
}

bool page_tag_matches(const char *header, const char *tag)
{
    size_t len = strlen(tag);
    for (const char *at = header; at && *at;) {
        at += strspn(at, " \t,");
        if (*at == '*') return true;
        if (strncmp(at, "W/", 2) == 0) at += 2;
        if (strncmp(at, tag, len) == 0 && (!at[len] || strchr(" \t,", at[len]))) return true;
        at += strcspn(at, ",");
    }
    return false;
}

/* The tag is of the bytes, so a browser asks again after every change and never for the same bytes twice. */
static char *tag_of(const struct page_asset *asset)
{
    struct hash hash;
    hash_init(&hash);
    hash_add(&hash, asset->bytes, asset->len);
    return mem_printf("\"%016llx\"", (unsigned long long)hash_end(&hash));
}

void page_handle_asset(struct request *request)
{
    struct page_asset asset;
    AUTO(mem_free_ptr) char *name = routes_name_of(request->route, strbuf_text(&request->path));
    REQUIRE(page_asset_find(name, &asset));
    AUTO(mem_free_ptr) char *tag = tag_of(&asset);
    bool is_known = page_tag_matches(request_header(request, "If-None-Match"), tag);
    /* With a 304 only its length is told, which must be that of the whole file (RFC 9110 section 8.6). */
    AUTO(strbuf_fini) struct strbuf body = {0};
    strbuf_add(&body, asset.bytes, asset.len);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(asset.len, strbuf_steal(&body), MHD_RESPMEM_MUST_FREE);
    if (response) MHD_add_response_header(response, "ETag", tag);
    answer_response(request, is_known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, asset.type, response);
}
