/* Decides what stands around every page: head, header, footer with the ways to the rest of this exporter. */
#include "page_parts.h"

#include "dnspolicy/base/mem.h"

void page_begin(struct strbuf *out, const char *title, int64_t now_wall_ns)
{
    strbuf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    html_add_text(out, title);
    strbuf_puts(out, "</title>\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=\"color-scheme\" content=\"light dark\">\n"
                     "<link rel=\"icon\" href=\"data:,\">\n"
                     "<link rel=\"stylesheet\" href=\"assets/page.css\">\n"
                     "<script src=\"assets/page.js\" defer></script>\n"
                     "<noscript><meta http-equiv=\"refresh\" content=\"30\"></noscript>\n"
                     "</head>\n<body data-refresh=\"5\">\n"
                     "<a class=\"skip\" href=\"#main\">Skip to the findings</a>\n"
                     "<header>\n<h1><a href=\"./\">dnspolicy</a></h1>\n");
    if (now_wall_ns) {
        strbuf_puts(out, "<p id=\"updated\">as of ");
        html_add_time(out, now_wall_ns);
        strbuf_puts(out, "</p>\n");
    }
    strbuf_puts(out, "</header>\n<main id=\"main\">\n");
}

/* Else somebody who has just changed the file would take the old one's verdicts for the new one's. */
void page_add_notice(struct page *page)
{
    const struct view_service *service = page->service;
    if (atomic_load(&service->last_reload_ok)) return;
    strbuf_puts(page->out, "<p id=\"notice\">The last reload failed: what was loaded ");
    html_add_time(page->out, atomic_load(&service->last_reload_success_wall_ns));
    strbuf_puts(page->out, " is still running. The log says why, and so does <code>dnspolicy lint</code> of ");
    html_add_text(page->out, service->config_file);
    strbuf_puts(page->out, ".</p>\n");
}

static const struct {
    const char *path, *text;
} links[] = {
    {"health", "does every judged probe pass?"},   {"api/v1/verdicts", "verdicts, and every probe that does not pass"},
    {"api/v1/matrix", "clients by resolvers"},     {"api/v1/probes", "all probes"},
    {"api/v1/events", "the last verdict changes"}, {"api/v1/status", "this exporter"},
};

static void add_link(struct strbuf *out, const char *path, const char *text)
{
    strbuf_puts(out, "<li><a href=\"./");
    html_add_text(out, path);
    strbuf_puts(out, "\">/");
    html_add_text(out, path);
    strbuf_addf(out, "</a> %s</li>\n", text);
}

void page_end(struct strbuf *out, const char *telemetry_path)
{
    strbuf_puts(out, "</main>\n<footer>\n<ul>\n");
    if (telemetry_path) add_link(out, telemetry_path + 1, "metrics, for Prometheus");
    for (size_t i = 0; i < ARRAY_LEN(links); i++) add_link(out, links[i].path, links[i].text);
    strbuf_puts(out,
                "</ul>\n<p>dnspolicy " DNSPOLICY_VERSION ", which asks DNS servers as its clients would and judges "
                "the replies against policy</p>\n</footer>\n</body>\n</html>\n");
}
