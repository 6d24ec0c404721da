/*
 * The status page. Decides which view a request is: one probe, one cell, or the matrix. Everything comes from the query
 * string, so a view can be bookmarked; the parts are files of their own (page_parts.h).
 */
#include "page_parts.h"

#include "dnspolicy/base/mem.h"
#include "document.h"
#include "gzip.h"

static void page_fini(struct page *page)
{
    survey_fini(&page->every);
    survey_fini(&page->some);
}

/* One look at all probes serves both, unless the filters choose between categories or verdicts. */
static void look(struct page *page)
{
    survey_init(&page->every, page->generation, page->params, PAGE_CHOICES);
    page->survey = &page->every;
    if (!(page->params->given & PAGE_CHOICES)) return;
    survey_init(&page->some, page->generation, page->params, 0);
    page->survey = &page->some;
}

static void add_title(struct page *page)
{
    AUTO(strbuf_fini) struct strbuf title = {0};
    strbuf_puts(&title, "dnspolicy: ");
    page_add_counts(&title, page->every.by_category);
    page_begin(page->out, strbuf_text(&title), page->now_wall_ns);
}

/* A client with a resolver, or with the only one of a group: there is nothing to lay out in rows and columns. */
static bool is_cell(const struct page *page, const struct matrix *matrix)
{
    unsigned given = page->params->given;
    return given & VIEW_PARAM_CLIENT && given & (VIEW_PARAM_RESOLVER | VIEW_PARAM_GROUP) && matrix->rows.count <= 1 &&
           matrix->columns.count <= 1;
}

static void show_cell(struct page *page, const struct matrix *matrix)
{
    const struct config *config = page->plan->config;
    const char *client = matrix->rows.count ? config->clients[matrix->rows.order[0]].name : page->params->client;
    const char *resolver =
        matrix->columns.count ? config->resolvers[matrix->columns.order[0]].name : page->params->resolver;
    page_begin_path(page->out);
    page_add_step(page->out, client, NULL);
    if (resolver) page_add_step(page->out, client, resolver);
    page_end_path(page->out);
    page_add_probes(page, false);
    page_add_changes(page, 0);
}

static void show_matrix(struct page *page, struct matrix *matrix)
{
    bool is_filtered = page->params->given & PAGE_FILTERS;
    page_add_matrix(page, matrix);
    if (is_filtered && page->survey->total && page->survey->total <= page->params->limit) page_add_probes(page, true);
    page_add_changes(page, 0);
}

static unsigned show_view(struct page *page)
{
    AUTO(matrix_fini) struct matrix matrix = {0};
    matrix_init(&matrix, page->survey);
    add_title(page);
    page_add_notice(page);
    page_add_summary(page);
    page_add_filters(page);
    if (is_cell(page, &matrix))
        show_cell(page, &matrix);
    else
        show_matrix(page, &matrix);
    page_end(page->out, page->telemetry_path);
    return 200;
}

unsigned page_render(struct view_service *service, const struct view_params *params, const char *telemetry_path,
                     int64_t now_wall_ns, struct strbuf *out)
{
    AUTO(doc_release) struct generation *generation = state_acquire(service->state);
    if (!generation) {
        page_error(503, "No configuration is loaded yet.", out);
        return 503;
    }
    static const struct view_params nothing;
    bool is_probe = params->given & VIEW_PARAM_PROBE;
    AUTO(page_fini)
    struct page page = {
        .service = service,
        .generation = generation,
        .plan = generation_plan(generation),
        .params = is_probe ? &nothing : params,
        .telemetry_path = telemetry_path,
        .now_wall_ns = now_wall_ns,
        .out = out,
    };
    look(&page);
    return is_probe ? page_show_probe(&page, params->probe_id) : show_view(&page);
}

void page_error(unsigned http_status, const char *sentence, struct strbuf *out)
{
    AUTO(strbuf_fini) struct strbuf title = {0};
    strbuf_addf(&title, "dnspolicy: error %u", http_status);
    page_begin(out, strbuf_text(&title), 0);
    strbuf_puts(out, "<section id=\"error\" role=\"alert\">\n<h2>This view cannot be shown</h2>\n<p>");
    html_add_text(out, sentence);
    strbuf_puts(out, "</p>\n<p><a href=\"./\">Clients × resolvers</a></p>\n</section>\n");
    page_end(out, NULL);
}

void page_compress(struct strbuf *page) { gzip_whole(page); }
