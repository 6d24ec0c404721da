/* Decides what of a view its links keep: the filters, and never the place in a list. */
#include "page_parts.h"

#include "dnspolicy/base/mem.h"

static void add_given(struct html_link *link, const struct view_params *params, unsigned wanted)
{
    AUTO(strbuf_fini) struct strbuf value = {0};
    for (unsigned param = 1; param <= VIEW_PARAM_PROBE; param <<= 1) {
        if (!(params->given & wanted & param)) continue;
        strbuf_clear(&value);
        view_params_add_value(params, (enum view_param)param, &value);
        html_link_add(link, view_param_key((enum view_param)param), strbuf_text(&value));
    }
}

struct html_link page_link_begin(const struct page *page, unsigned without)
{
    struct html_link link = html_link_begin(page->out);
    add_given(&link, page->params, (PAGE_FILTERS | VIEW_PARAM_LIMIT) & ~without);
    return link;
}

void page_link_probe(struct strbuf *out, uint64_t id)
{
    char text[PLAN_ID_TEXT_SIZE];
    plan_format_id(id, text);
    struct html_link link = html_link_begin(out);
    html_link_add(&link, view_param_key(VIEW_PARAM_PROBE), text);
    html_link_end(&link);
}

/* ---- the way up ---- */

void page_begin_path(struct strbuf *out)
{
    strbuf_puts(out, "<nav class=\"path\" aria-label=\"Breadcrumb\">\n<ol>\n<li><a href=\"./\">all</a></li>\n");
}

void page_add_step(struct strbuf *out, const char *client, const char *resolver)
{
    strbuf_puts(out, "<li><a");
    struct html_link link = html_link_begin(out);
    html_link_add(&link, "client", client);
    if (resolver) html_link_add(&link, "resolver", resolver);
    html_link_end(&link);
    strbuf_putc(out, '>');
    html_add_text(out, resolver ? resolver : client);
    strbuf_puts(out, "</a></li>\n");
}

void page_end_path(struct strbuf *out) { strbuf_puts(out, "</ol>\n</nav>\n"); }

/* ---- pages ---- */

static void add_page(const struct page *page, const struct page_of *of, uint32_t offset, const char *rel,
                     const char *word)
{
    unsigned other = (VIEW_PARAM_OFFSET | VIEW_PARAM_COLUMN) & ~(unsigned)of->param;
    AUTO(strbuf_fini) struct strbuf value = {0};
    strbuf_addf(page->out, " <a rel=\"%s\"", rel);
    struct html_link link = page_link_begin(page, 0);
    add_given(&link, page->params, other);
    strbuf_add_u64(&value, offset);
    if (offset) html_link_add(&link, view_param_key(of->param), strbuf_text(&value));
    html_link_end(&link);
    strbuf_addf(page->out, ">%s</a>", word);
}

void page_add_pages(const struct page *page, const struct page_of *of)
{
    if (!of->offset && of->total <= of->size) return;
    uint32_t end = of->offset > of->total || of->total - of->offset < of->size ? of->total : of->offset + of->size;
    strbuf_addf(page->out, "<nav class=\"pages\" aria-label=\"Pages of %s\">", of->what);
    if (of->offset < end)
        strbuf_addf(page->out, "%s %u–%u of %u", of->what, of->offset + 1, end, of->total);
    else
        strbuf_addf(page->out, "no more than %u %s", of->total, of->what);
    if (of->offset) {
        uint32_t from = of->offset < of->total ? of->offset : of->total;
        add_page(page, of, from > of->size ? from - of->size : 0, "prev", "previous");
    }
    if (end < of->total) add_page(page, of, end, "next", "next");
    strbuf_puts(page->out, "</nav>\n");
}
