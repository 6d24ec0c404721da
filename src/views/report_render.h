/* The formats of report_render(): each renders the same report. */
#ifndef VIEWS_REPORT_RENDER_H
#define VIEWS_REPORT_RENDER_H

#include "dnspolicy/views/report.h"
#include "survey.h"

struct report {
    const struct generation *generation;
    const struct plan *plan;
    struct survey survey; /* of all probes */
    struct report_summary summary;
    uint32_t *worst_first; /* all probes */
    bool color;
    int64_t now_wall_ns;
};

void report_table(const struct report *report, struct strbuf *out);
void report_json(const struct report *report, struct strbuf *out);
void report_junit(const struct report *report, struct strbuf *out);
void report_tap(const struct report *report, struct strbuf *out);
void report_nagios(const struct report *report, struct strbuf *out);

static inline enum verdict report_verdict(const struct report *report, uint32_t probe)
{
    return (enum verdict)report->survey.verdicts[probe];
}
/* Why a probe has its verdict, with what its run took. Pass strbuf for the sentence; -1: no reply. */
int64_t report_explain(const struct report *report, uint32_t probe, struct strbuf *sentence);
/* What a terminal shows of clean UTF-8, wide and combining characters aside. */
size_t report_width_of(const char *text);
/* A cell of that width and two spaces; the last one of a line as it is. */
void report_add_padded(struct strbuf *out, const char *text, size_t width, bool is_last);
/* "3 probes: 1 passed, 1 failed, 1 not judged". */
void report_add_summary(const struct report_summary *summary, struct strbuf *out);
/* "\x1b[31m" for the category when color is wanted, else "". */
const char *report_color_of(bool color, enum category category);
extern const char report_color_end[];

#endif
