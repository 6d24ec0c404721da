/* The report for people: aligned columns, the worst first, and under what does not pass the reason. */
#include "report_render.h"

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

enum { COLUMN_VERDICT, COLUMN_CHECK, COLUMN_CLIENT, COLUMN_RESOLVER, COLUMN_TRANSPORT, COLUMN_QUERY, COLUMNS };

static const char *const headings[COLUMNS] = {"VERDICT", "CHECK", "CLIENT", "RESOLVER", "VIA", "QUERY"};

size_t report_width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++) width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void add_cell(const struct report *report, uint32_t idx, int column, struct strbuf *out)
{
    const struct plan_probe *probe = &report->plan->probes[idx];
    const char *text = "";
    switch (column) {
    case COLUMN_VERDICT:
        text = verdict_table[report_verdict(report, idx)].name;
        break;
    case COLUMN_CHECK:
        text = probe->check->name;
        break;
    case COLUMN_CLIENT:
        text = probe->client->name;
        break;
    case COLUMN_RESOLVER:
        text = probe->resolver->name;
        break;
    case COLUMN_TRANSPORT:
        text = transport_names[probe->transport];
        break;
    case COLUMN_QUERY:
        text = probe->query->qname_label;
        break;
    }
    text_add_clean(out, text, strlen(text));
    if (column == COLUMN_QUERY) strbuf_addf(out, " %s", probe->query->qtype_label);
}

void report_add_padded(struct strbuf *out, const char *text, size_t width, bool is_last)
{
    strbuf_puts(out, text);
    for (size_t used = report_width_of(text); !is_last && used < width + 2; used++) strbuf_putc(out, ' ');
}

static void measure(const struct report *report, size_t widths[COLUMNS])
{
    AUTO(strbuf_fini) struct strbuf cell = {0};
    for (int column = 0; column < COLUMNS; column++) {
        widths[column] = strlen(headings[column]);
        for (uint32_t i = 0; i < report->plan->probe_count; i++) {
            strbuf_clear(&cell);
            add_cell(report, i, column, &cell);
            size_t width = report_width_of(strbuf_text(&cell));
            if (width > widths[column]) widths[column] = width;
        }
    }
}

static void add_row(const struct report *report, uint32_t probe, const size_t widths[COLUMNS], struct strbuf *out)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    enum category category = verdict_table[report_verdict(report, probe)].category;
    for (int column = 0; column < COLUMNS; column++) {
        strbuf_clear(&text);
        add_cell(report, probe, column, &text);
        if (column == COLUMN_VERDICT) strbuf_puts(out, report_color_of(report->color, category));
        report_add_padded(out, strbuf_text(&text), widths[column], column == COLUMNS - 1);
        if (column == COLUMN_VERDICT && report->color) strbuf_puts(out, report_color_end);
    }
    strbuf_putc(out, '\n');
    if (category == CATEGORY_PASS) return;
    strbuf_clear(&text);
    report_explain(report, probe, &text);
    strbuf_puts(out, "    ");
    text_add_clean(out, strbuf_text(&text), text.len);
    strbuf_putc(out, '\n');
}

void report_table(const struct report *report, struct strbuf *out)
{
    size_t widths[COLUMNS];
    measure(report, widths);
    for (int column = 0; column < COLUMNS; column++)
        report_add_padded(out, headings[column], widths[column], column == COLUMNS - 1);
    strbuf_putc(out, '\n');
    for (uint32_t i = 0; i < report->plan->probe_count; i++) add_row(report, report->worst_first[i], widths, out);
    strbuf_putc(out, '\n');
    report_add_summary(&report->summary, out);
    strbuf_putc(out, '\n');
}
