/* The reports that programs read: JSON, JUnit XML, TAP 13. Decides how each says failed, skipped and why. */
#include "report_render.h"

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"
#include "document.h"

/* ---- JSON: one document, written probe by probe ---- */

void report_json(const struct report *report, struct strbuf *out)
{
    const struct report_summary *summary = &report->summary;
    json_t *counts = doc_object();
    doc_set(counts, "probes", doc_number(summary->probes));
    doc_set(counts, "passed", doc_number(summary->passed));
    doc_set(counts, "failed_warning", doc_number(summary->failed_warning));
    doc_set(counts, "failed_other", doc_number(summary->failed_other));
    doc_set(counts, "unjudged", doc_number(summary->unjudged));
    doc_set(counts, "verdicts", doc_verdict_counts(&report->survey));
    doc_set(counts, "categories", doc_category_counts(report->survey.by_category));
    json_t *head = doc_object();
    doc_set(head, "version", doc_text(DNSPOLICY_VERSION));
    doc_set(head, "at", doc_time(report->now_wall_ns));
    doc_set(head, "summary", counts);
    doc_dump(head, out);

    out->len--; /* reopens the object: the list may be long */
    strbuf_puts(out, ",\"probes\":[");
    for (uint32_t i = 0; i < report->plan->probe_count; i++) {
        strbuf_puts(out, i ? ",\n" : "\n");
        doc_dump(doc_probe(report->generation, report->worst_first[i]), out);
    }
    strbuf_puts(out, "\n]}\n");
}

/* ---- JUnit: a suite per check ---- */

/* Control characters are none of XML's, cleaning has replaced them. */
static void add_xml(struct strbuf *out, const char *text)
{
    AUTO(strbuf_fini) struct strbuf clean = {0};
    text_add_clean(&clean, text, strlen(text));
    for (const char *at = strbuf_text(&clean); *at; at++) {
        switch (*at) {
        case '&':
            strbuf_puts(out, "&amp;");
            break;
        case '<':
            strbuf_puts(out, "&lt;");
            break;
        case '>':
            strbuf_puts(out, "&gt;");
            break;
        case '"':
            strbuf_puts(out, "&quot;");
            break;
        default:
            strbuf_putc(out, *at);
        }
    }
}

/* "office (10.20.0.0/16) -> ns1 udp www.example.com A" */
static void add_title(const struct plan_probe *probe, struct strbuf *out)
{
    strbuf_addf(out, "%s (%s) -> %s %s %s %s", probe->client->name, probe->client->subnet_text[probe->subnet_family],
                probe->resolver->name, transport_names[probe->transport], probe->query->qname_label,
                probe->query->qtype_label);
}

static void add_case(const struct report *report, uint32_t idx, struct strbuf *out)
{
    const struct plan_probe *probe = &report->plan->probes[idx];
    const struct verdict_info *verdict = &verdict_table[report_verdict(report, idx)];
    AUTO(strbuf_fini) struct strbuf text = {0};
    add_title(probe, &text);
    strbuf_puts(out, "    <testcase classname=\"");
    add_xml(out, probe->check->name);
    strbuf_puts(out, "\" name=\"");
    add_xml(out, strbuf_text(&text));
    strbuf_clear(&text);
    int64_t rtt_ns = report_explain(report, idx, &text);
    strbuf_puts(out, "\" time=\"");
    strbuf_add_seconds(out, rtt_ns < 0 ? 0 : rtt_ns);
    if (verdict->category == CATEGORY_PASS) {
        strbuf_puts(out, "\"/>\n");
        return;
    }
    bool is_pending = report_verdict(report, idx) == VERDICT_PENDING;
    const char *element = is_pending ? "skipped" : verdict->category == CATEGORY_UNKNOWN ? "error" : "failure";
    strbuf_addf(out, "\">\n      <%s", element);
    if (!is_pending) strbuf_addf(out, " type=\"%s\"", verdict->name);
    strbuf_puts(out, " message=\"");
    add_xml(out, strbuf_text(&text));
    strbuf_puts(out, "\"/>\n    </testcase>\n");
}

struct suite {
    uint32_t tests, failures, errors, skipped;
};

static void count_case(struct suite *suite, enum verdict verdict)
{
    enum category category = verdict_table[verdict].category;
    suite->tests++;
    if (verdict == VERDICT_PENDING)
        suite->skipped++;
    else if (category == CATEGORY_UNKNOWN)
        suite->errors++;
    else if (category != CATEGORY_PASS)
        suite->failures++;
}

static void add_counts(const struct suite *suite, struct strbuf *out)
{
    strbuf_addf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\">\n", suite->tests, suite->failures,
                suite->errors, suite->skipped);
}

void report_junit(const struct report *report, struct strbuf *out)
{
    const struct plan *plan = report->plan;
    struct suite all = {0};
    for (uint32_t i = 0; i < plan->probe_count; i++) count_case(&all, report_verdict(report, i));
    strbuf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dnspolicy\"");
    add_counts(&all, out);
    /* The plan's order is by check, so a check's probes stand together. */
    for (uint32_t first = 0, end; first < plan->probe_count; first = end) {
        const struct config_check *check = plan->probes[first].check;
        struct suite suite = {0};
        for (end = first; end < plan->probe_count && plan->probes[end].check == check; end++)
            count_case(&suite, report_verdict(report, end));
        strbuf_puts(out, "  <testsuite name=\"");
        add_xml(out, check->name);
        strbuf_putc(out, '"');
        add_counts(&suite, out);
        for (uint32_t i = first; i < end; i++) add_case(report, i, out);
        strbuf_puts(out, "  </testsuite>\n");
    }
    strbuf_puts(out, "</testsuites>\n");
}

/* ---- TAP 13, in the order of the plan, so that a number means the same probe in every run ---- */

/* A '#' would begin a directive. */
static void add_description(struct strbuf *out, const char *text)
{
    AUTO(strbuf_fini) struct strbuf clean = {0};
    text_add_clean(&clean, text, strlen(text));
    for (const char *at = strbuf_text(&clean); *at; at++) {
        if (*at == '#' || *at == '\\') strbuf_putc(out, '\\');
        strbuf_putc(out, *at);
    }
}

static void add_yaml_text(struct strbuf *out, const char *key, const char *text)
{
    AUTO(strbuf_fini) struct strbuf clean = {0};
    text_add_clean(&clean, text, strlen(text));
    strbuf_addf(out, "  %s: '", key);
    for (const char *at = strbuf_text(&clean); *at; at++) {
        if (*at == '\'') strbuf_putc(out, '\'');
        strbuf_putc(out, *at);
    }
    strbuf_puts(out, "'\n");
}

static void add_test(const struct report *report, uint32_t idx, struct strbuf *out)
{
    const struct plan_probe *probe = &report->plan->probes[idx];
    enum verdict verdict = report_verdict(report, idx);
    bool is_ok = verdict == VERDICT_AS_EXPECTED || verdict == VERDICT_PENDING;
    AUTO(strbuf_fini) struct strbuf text = {0};
    strbuf_addf(&text, "%s: ", probe->check->name);
    add_title(probe, &text);
    strbuf_addf(out, "%sok %u - ", is_ok ? "" : "not ", idx + 1);
    add_description(out, strbuf_text(&text));
    if (verdict == VERDICT_PENDING) strbuf_puts(out, " # SKIP pending");
    strbuf_putc(out, '\n');
    if (is_ok) return;
    strbuf_clear(&text);
    report_explain(report, idx, &text);
    strbuf_puts(out, "  ---\n");
    add_yaml_text(out, "message", strbuf_text(&text));
    add_yaml_text(out, "severity", probe->check->severity);
    add_yaml_text(out, "verdict", verdict_table[verdict].name);
    add_yaml_text(out, "category", category_names[verdict_table[verdict].category]);
    strbuf_puts(out, "  ...\n");
}

void report_tap(const struct report *report, struct strbuf *out)
{
    strbuf_addf(out, "TAP version 13\n1..%u\n", report->plan->probe_count);
    for (uint32_t i = 0; i < report->plan->probe_count; i++) add_test(report, i, out);
}
