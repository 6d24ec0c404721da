/*
 * The report for Nagios and its kin: one line with the state and performance data, then what does not pass, the worst
 * first. Decides what fits on the first line, which those programs cut.
 */
#include "report_render.h"

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

#define FIRST_LINE_MAX 1024 /* with its line feed */
#define DETAILS_MAX 1000

/* What follows a '|' is performance data. */
static void add_plain(struct strbuf *out, const char *text)
{
    size_t first = out->len;
    text_add_clean(out, text, strlen(text));
    for (size_t i = first; i < out->len; i++)
        if (out->data[i] == '|') out->data[i] = '/';
}

static void add_probe(const struct report *report, uint32_t idx, struct strbuf *out)
{
    const struct plan_probe *probe = &report->plan->probes[idx];
    add_plain(out, verdict_table[report_verdict(report, idx)].name);
    strbuf_puts(out, " ");
    add_plain(out, probe->check->name);
    strbuf_puts(out, " ");
    add_plain(out, probe->client->name);
    strbuf_puts(out, " -> ");
    add_plain(out, probe->resolver->name);
    strbuf_addf(out, " %s", transport_names[probe->transport]);
}

static bool passes(const struct report *report, uint32_t probe)
{
    return report_verdict(report, probe) == VERDICT_AS_EXPECTED;
}

static void add_performance_data(const struct report_summary *summary, struct strbuf *out)
{
    strbuf_addf(out, " | probes=%u;;;0 passed=%u;;;0 failed=%u;;;0 unjudged=%u;;;0\n", summary->probes, summary->passed,
                summary->failed_warning + summary->failed_other, summary->unjudged);
}

static void add_first_line(const struct report *report, struct strbuf *out)
{
    static const char *const states[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    AUTO(strbuf_fini) struct strbuf data = {0};
    AUTO(strbuf_fini) struct strbuf item = {0};
    size_t first = out->len;
    strbuf_addf(out, "DNSPOLICY %s - ", states[report_exit_code(&report->summary)]);
    report_add_summary(&report->summary, out);
    add_performance_data(&report->summary, &data);
    for (uint32_t i = 0; i < report->plan->probe_count && !passes(report, report->worst_first[i]); i++) {
        strbuf_clear(&item);
        strbuf_puts(&item, i ? ", " : ": ");
        add_probe(report, report->worst_first[i], &item);
        if (out->len - first + item.len + strlen(", ...") + data.len > FIRST_LINE_MAX) {
            strbuf_puts(out, i ? ", ..." : "");
            break;
        }
        strbuf_add(out, item.data, item.len);
    }
    strbuf_add(out, data.data, data.len);
}

/* Passing is better than not knowing, so what does not pass stands first in the order. */
void report_nagios(const struct report *report, struct strbuf *out)
{
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    add_first_line(report, out);
    uint32_t shown = 0;
    for (; shown < report->plan->probe_count && shown < DETAILS_MAX; shown++) {
        uint32_t probe = report->worst_first[shown];
        if (passes(report, probe)) return;
        strbuf_clear(&sentence);
        report_explain(report, probe, &sentence);
        add_probe(report, probe, out);
        strbuf_puts(out, ": ");
        add_plain(out, strbuf_text(&sentence));
        strbuf_putc(out, '\n');
    }
    uint32_t left = report->summary.probes - report->summary.passed - shown;
    if (left) strbuf_addf(out, "and %u more\n", left);
}
