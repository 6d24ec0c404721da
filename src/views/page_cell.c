/* A list of probes, the worst first. Decides what a line says; the order is the survey's, the sentence the judge's. */
#include "page_parts.h"

#include "dnspolicy/base/mem.h"

static void add_text_cell(struct strbuf *out, const char *class, const char *text)
{
    strbuf_addf(out, "<td class=\"%s\">", class);
    html_add_text(out, text);
    strbuf_puts(out, "</td>");
}

static void add_probe(struct page *page, uint32_t idx)
{
    const struct plan_probe *probe = &page->plan->probes[idx];
    struct strbuf *out = page->out;
    AUTO(probe_detail_fini) struct probe_detail detail = {0};
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    generation_copy_detail(page->generation, idx, &detail);
    enum verdict verdict = (enum verdict)detail.numbers.judgement.verdict;
    judge_explain(probe, detail.has_outcome ? &detail.outcome : NULL, detail.numbers.judgement, &sentence);

    strbuf_addf(out, "<tr class=\"%s\"><td class=\"verdict\">", category_names[verdict_table[verdict].category]);
    page_add_verdict(out, verdict);
    strbuf_puts(out, "</td><th scope=\"row\"><a");
    page_link_probe(out, probe->id);
    strbuf_putc(out, '>');
    html_add_text(out, probe->check->name);
    strbuf_puts(out, "</a></th>");
    add_text_cell(out, "client", probe->client->name);
    add_text_cell(out, "resolver", probe->resolver->name);
    strbuf_puts(out, "<td class=\"query\">");
    html_add_text(out, probe->query->qname_label);
    strbuf_putc(out, ' ');
    html_add_text(out, probe->query->qtype_label);
    strbuf_puts(out, "</td>");
    add_text_cell(out, "transport", transport_names[probe->transport]);
    strbuf_puts(out, "<td class=\"since\">");
    html_add_time(out, detail.numbers.since_wall_ns);
    strbuf_puts(out, "</td>");
    add_text_cell(out, "explanation", strbuf_text(&sentence));
    strbuf_puts(out, "</tr>\n");
}

static void add_table(struct page *page, const struct survey_list *list)
{
    AUTO(mem_free_ptr) uint32_t *picked = mem_array(list->limit, sizeof(*picked));
    uint32_t count = survey_pick(page->survey, list, picked);
    strbuf_puts(
        page->out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"List of probes\">\n<table>\n<thead>\n"
        "<tr><th scope=\"col\">verdict</th><th scope=\"col\">check</th><th scope=\"col\">client</th>"
        "<th scope=\"col\">resolver</th><th scope=\"col\">query</th><th scope=\"col\">transport</th>"
        "<th scope=\"col\">since</th><th scope=\"col\">explanation</th></tr>\n</thead>\n<tbody>\n");
    for (uint32_t i = 0; i < count; i++) add_probe(page, picked[i]);
    strbuf_puts(page->out, "</tbody>\n</table>\n</div>\n");
}

void page_add_probes(struct page *page, bool is_below_matrix)
{
    struct page_of pages = {"probes", VIEW_PARAM_OFFSET, is_below_matrix ? 0 : page->params->offset,
                            page->params->limit, page->survey->total};
    struct survey_list list = {
        .verdicts = SURVEY_ALL_VERDICTS, .worst_first = true, .limit = pages.size, .offset = pages.offset};
    strbuf_puts(page->out, "<section id=\"probes\">\n<h2>Probes</h2>\n");
    if (page->survey->total > pages.offset)
        add_table(page, &list);
    else
        strbuf_puts(page->out, "<p>No probe matches the filters.</p>\n");
    if (!is_below_matrix) page_add_pages(page, &pages);
    strbuf_puts(page->out, "</section>\n");
}
