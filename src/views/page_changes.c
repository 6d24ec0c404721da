/* The last verdict changes. Decides which of them a view shows, and how one reads. */
#include "page_parts.h"

#include "dnspolicy/base/hash.h"
#include "dnspolicy/base/mem.h"

#define SHOWN_MAX 10

/* Where the plan has the probes of the events, each found in the same walk. plan->probe_count: nowhere. */
static void find_probes(const struct plan *plan, const struct state_event_list *events, struct hash_index *places)
{
    for (size_t i = 0; i < events->count; i++) hash_index_put(places, events->items[i].probe_id, plan->probe_count);
    for (uint32_t i = 0; events->count && i < plan->probe_count; i++)
        if (hash_index_get(places, plan->probes[i].id) != HASH_INDEX_NONE)
            hash_index_put(places, plan->probes[i].id, i);
}

/* A view that is filtered by verdict shows what came to it, and what left it. */
static bool is_in_view(const struct page *page, const struct state_event *event, uint32_t place)
{
    uint32_t sides = UINT32_C(1) << event->from | UINT32_C(1) << event->to;
    return place < page->plan->probe_count && page->every.verdicts[place] != SURVEY_OUT_OF_SCOPE &&
           sides & survey_verdicts_given(page->params, page->params->given);
}

static void add_verdict(struct strbuf *out, const char *class, enum verdict verdict)
{
    strbuf_addf(out, "<span class=\"%s %s\">", class, category_names[verdict_table[verdict].category]);
    strbuf_addf(out, "<span class=\"symbol\" aria-hidden=\"true\">%s</span> %s</span>",
                page_words[verdict_table[verdict].category].symbol, verdict_table[verdict].name);
}

/* A reload may have taken the probe: then no page is left to link to. */
static void add_check(struct strbuf *out, const struct state_event *event, bool is_there)
{
    if (is_there) {
        strbuf_puts(out, "<a");
        page_link_probe(out, event->probe_id);
        strbuf_putc(out, '>');
    }
    html_add_text(out, event->check);
    strbuf_puts(out, is_there ? "</a>" : " (not in the configuration any more)");
}

static void add_who(struct strbuf *out, const struct state_event *event, bool is_there)
{
    add_check(out, event, is_there);
    strbuf_puts(out, " <span class=\"pair\">");
    html_add_text(out, event->client);
    strbuf_puts(out, " at ");
    html_add_text(out, event->resolver);
    strbuf_puts(out, " over ");
    html_add_text(out, event->transport);
    strbuf_puts(out, "</span> ");
}

/* `who`: the page is not that of the probe itself. */
static void add_change(struct page *page, const struct state_event *event, bool who, bool is_there)
{
    struct strbuf *out = page->out;
    strbuf_puts(out, "<li>");
    html_add_time(out, event->at_wall_ns);
    strbuf_putc(out, ' ');
    if (who) add_who(out, event, is_there);
    add_verdict(out, "from", (enum verdict)event->from);
    strbuf_puts(out, " <span aria-hidden=\"true\">→</span> ");
    add_verdict(out, "to", (enum verdict)event->to);
    if (event->repeated) strbuf_addf(out, " <span class=\"repeated\">after %u earlier changes</span>", event->repeated);
    strbuf_puts(out, " <span class=\"explanation\">");
    html_add_text(out, event->explanation);
    strbuf_puts(out, "</span></li>\n");
}

static void add_none(struct strbuf *out, size_t kept)
{
    if (kept < STATE_EVENTS)
        strbuf_puts(out, "<p>None since the start.</p>\n");
    else
        strbuf_addf(out, "<p>None among the last %zu, and no more are kept.</p>\n", kept);
}

void page_add_changes(struct page *page, uint64_t probe_id)
{
    AUTO(state_event_list_fini) struct state_event_list events = {0};
    AUTO(hash_index_fini) struct hash_index places = {0};
    struct strbuf *out = page->out;
    bool is_of_all = !probe_id && !(page->params->given & PAGE_FILTERS);
    unsigned shown = 0;
    state_copy_events(page->service->state, INT64_MIN, is_of_all ? SHOWN_MAX : STATE_EVENTS, 0, &events);
    if (!probe_id) find_probes(page->plan, &events, &places);
    strbuf_puts(out, "<section id=\"changes\">\n<h2>Last verdict changes</h2>\n");
    for (size_t i = 0; i < events.count && shown < SHOWN_MAX; i++) {
        const struct state_event *event = &events.items[i];
        uint32_t place = hash_index_get(&places, event->probe_id);
        if (!is_of_all && (probe_id ? event->probe_id != probe_id : !is_in_view(page, event, place))) continue;
        if (!shown++) strbuf_puts(out, "<ol>\n");
        add_change(page, event, !probe_id, place < page->plan->probe_count);
    }
    if (shown)
        strbuf_puts(out, "</ol>\n");
    else
        add_none(out, events.total);
    strbuf_puts(out, "</section>\n");
}
