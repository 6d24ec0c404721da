/* The last verdict changes. Decides which of them a view shows, and how one reads. */
#include "page_parts.h"

#include <string.h>

#include "dnspolicy/base/mem.h"

#define SHOWN_MAX 10

static bool matches(const struct page_changes_of *of, const struct state_event *event)
{
    return (!of->probe_id || of->probe_id == event->probe_id) &&
           (!of->client || strcmp(of->client, event->client) == 0) &&
           (!of->resolver || strcmp(of->resolver, event->resolver) == 0);
}

static void add_verdict(struct strbuf *out, const char *class, enum verdict verdict)
{
    strbuf_addf(out, "<span class=\"%s %s\">", class, category_names[verdict_table[verdict].category]);
    strbuf_addf(out, "<span class=\"symbol\" aria-hidden=\"true\">%s</span> %s</span>",
                page_words[verdict_table[verdict].category].symbol, verdict_table[verdict].name);
}

static void add_change(struct page *page, const struct state_event *event, bool is_of_probe)
{
    struct strbuf *out = page->out;
    strbuf_puts(out, "<li>");
    html_add_time(out, event->at_wall_ns);
    strbuf_putc(out, ' ');
    if (!is_of_probe) {
        strbuf_puts(out, "<a");
        page_link_probe(out, event->probe_id);
        strbuf_putc(out, '>');
        html_add_text(out, event->check);
        strbuf_puts(out, "</a> <span class=\"pair\">");
        html_add_text(out, event->client);
        strbuf_puts(out, " at ");
        html_add_text(out, event->resolver);
        strbuf_puts(out, " over ");
        html_add_text(out, event->transport);
        strbuf_puts(out, "</span> ");
    }
    add_verdict(out, "from", (enum verdict)event->from);
    strbuf_puts(out, " <span aria-hidden=\"true\">→</span> ");
    add_verdict(out, "to", (enum verdict)event->to);
    if (event->repeated) strbuf_addf(out, " <span class=\"repeated\">after %u earlier changes</span>", event->repeated);
    strbuf_puts(out, " <span class=\"explanation\">");
    html_add_text(out, event->explanation);
    strbuf_puts(out, "</span></li>\n");
}

void page_add_changes(struct page *page, const struct page_changes_of *of)
{
    AUTO(state_event_list_fini) struct state_event_list events = {0};
    bool is_of_all = !of->probe_id && !of->client && !of->resolver;
    unsigned shown = 0;
    state_copy_events(page->service->state, INT64_MIN, is_of_all ? SHOWN_MAX : STATE_EVENTS, 0, &events);
    strbuf_puts(page->out, "<section id=\"changes\">\n<h2>Last verdict changes</h2>\n");
    for (size_t i = 0; i < events.count && shown < SHOWN_MAX; i++) {
        if (!matches(of, &events.items[i])) continue;
        if (!shown++) strbuf_puts(page->out, "<ol>\n");
        add_change(page, &events.items[i], of->probe_id != 0);
    }
    strbuf_puts(page->out, shown ? "</ol>\n</section>\n" : "<p>None since the start.</p>\n</section>\n");
}
