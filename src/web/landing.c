/* Decides what a person sees first. No script and no style: the content security policy allows neither. */
#include "landing.h"

#include <stddef.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/strbuf.h"

static const struct {
    const char *path, *text; /* NULL: the telemetry path */
} links[] = {
    {NULL, "metrics, for Prometheus"},
    {"/health", "does every judged probe pass?"},
    {"/api/v1/verdicts", "verdicts, and every probe that does not pass"},
    {"/api/v1/matrix", "clients by resolvers"},
    {"/api/v1/probes", "all probes"},
    {"/api/v1/events", "the last verdict changes"},
    {"/api/v1/status", "this exporter"},
};

static void add_escaped(struct strbuf *page, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            strbuf_puts(page, "&amp;");
        else
            strbuf_putc(page, *text);
    }
}

char *landing_render(const char *telemetry_path)
{
    struct strbuf page = {0};
    strbuf_puts(&page,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n"
                "<title>dnspolicy exporter</title>\n</head>\n<body>\n<h1>dnspolicy exporter</h1>\n"
                "<p>Version " DNSPOLICY_VERSION ". Asks DNS servers as its clients would, and judges the replies "
                "against policy.</p>\n<ul>\n");
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        const char *path = links[i].path ? links[i].path : telemetry_path;
        strbuf_puts(&page, "<li><a href=\"");
        add_escaped(&page, path);
        strbuf_puts(&page, "\">");
        add_escaped(&page, path);
        strbuf_addf(&page, "</a>: %s</li>\n", links[i].text);
    }
    strbuf_puts(&page, "</ul>\n</body>\n</html>\n");
    return strbuf_steal(&page);
}
