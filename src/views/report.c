/* Decides what passed, what failed and what that is worth to a script. The formats are elsewhere. */
#include "report_render.h"

#include "dnspolicy/base/mem.h"

const char *const report_format_names[REPORT_FORMATS] = {
    [REPORT_TABLE] = "table", [REPORT_JSON] = "json",     [REPORT_JUNIT] = "junit",
    [REPORT_TAP] = "tap",     [REPORT_NAGIOS] = "nagios",
};

static void (*const renderers[REPORT_FORMATS])(const struct report *report, struct strbuf *out) = {
    [REPORT_TABLE] = report_table, [REPORT_JSON] = report_json,     [REPORT_JUNIT] = report_junit,
    [REPORT_TAP] = report_tap,     [REPORT_NAGIOS] = report_nagios,
};

/* The one severity that a failing probe may have without failing the run outright. */
#define MILD_SEVERITY "warning"

static struct report_summary summarize(const struct survey *survey)
{
    struct report_summary summary = {.probes = survey->total};
    for (uint32_t i = 0; i < survey->plan->probe_count; i++) {
        switch (verdict_table[survey->verdicts[i]].category) {
        case CATEGORY_PASS:
            summary.passed++;
            break;
        case CATEGORY_UNKNOWN:
            summary.unjudged++;
            break;
        default:
            if (strcmp(survey->plan->probes[i].check->severity, MILD_SEVERITY) == 0)
                summary.failed_warning++;
            else
                summary.failed_other++;
        }
    }
    return summary;
}

struct report_summary report_render(const struct generation *generation, enum report_format format, bool color,
                                    int64_t now_wall_ns, struct strbuf *out)
{
    struct report report = {
        .generation = generation,
        .plan = generation_plan(generation),
        .color = color,
        .now_wall_ns = now_wall_ns,
    };
    survey_init(&report.survey, generation, NULL, 0);
    report.summary = summarize(&report.survey);
    report.worst_first = mem_array(report.plan->probe_count, sizeof(*report.worst_first));
    struct survey_list all = {.verdicts = SURVEY_ALL_VERDICTS, .worst_first = true, .limit = report.plan->probe_count};
    survey_pick(&report.survey, &all, report.worst_first);
    renderers[format](&report, out);
    mem_free_ptr(&report.worst_first);
    survey_fini(&report.survey);
    return report.summary;
}

/* Where something could not be judged, what passes is no proof: a source address that is missing must not turn a job
 * green. */
int report_exit_code(const struct report_summary *summary)
{
    if (summary->failed_other) return 2;
    if (summary->failed_warning) return 1;
    return summary->passed && !summary->unjudged ? 0 : 3;
}

int64_t report_explain(const struct report *report, uint32_t probe, struct strbuf *sentence)
{
    AUTO(probe_detail_fini) struct probe_detail detail = {0};
    generation_copy_detail(report->generation, probe, &detail);
    judge_explain(&report->plan->probes[probe], detail.has_outcome ? &detail.outcome : NULL, detail.numbers.judgement,
                  sentence);
    return detail.numbers.rtt_ns;
}

void report_add_summary(const struct report_summary *summary, struct strbuf *out)
{
    strbuf_addf(out, "%u probe%s: %u passed, %u failed", summary->probes, summary->probes == 1 ? "" : "s",
                summary->passed, summary->failed_warning + summary->failed_other);
    if (summary->unjudged) strbuf_addf(out, ", %u not judged", summary->unjudged);
}

const char report_color_end[] = "\x1b[0m";

const char *report_color_of(bool color, enum category category)
{
    static const char *const colors[CATEGORIES] = {
        [CATEGORY_PASS] = "\x1b[32m",     [CATEGORY_UNKNOWN] = "\x1b[90m",      [CATEGORY_UNREACHABLE] = "\x1b[35m",
        [CATEGORY_MISMATCH] = "\x1b[33m", [CATEGORY_TOO_STRICT] = "\x1b[1;33m", [CATEGORY_TOO_OPEN] = "\x1b[1;31m",
    };
    return color ? colors[category] : "";
}
