/*
 * What the command line prints: the result of `dnspolicy check` in its formats, and the difference of two JSON results.
 */
#ifndef DNSPOLICY_VIEWS_REPORT_H
#define DNSPOLICY_VIEWS_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/state/state.h"

enum report_format { REPORT_TABLE, REPORT_JSON, REPORT_JUNIT, REPORT_TAP, REPORT_NAGIOS, REPORT_FORMATS };
extern const char *const report_format_names[REPORT_FORMATS];

struct report_summary {
    uint32_t probes;
    uint32_t passed;
    uint32_t failed_warning; /* failing probes of severity "warning" */
    uint32_t failed_other;
    uint32_t unjudged; /* pending or local_error: nothing is known */
};
/* Renders every probe of the generation, worst first where the format has an order. `color` only affects the table. */
struct report_summary report_render(const struct generation *generation, enum report_format format, bool color,
                                    int64_t now_wall_ns, struct strbuf *out);
/* 0 all pass, 1 only probes of severity `warning` fail, 2 anything else fails, 3 else: some could not be judged. */
int report_exit_code(const struct report_summary *summary);

/* Compares two files of `check --format json`: what opened, what closed, what changed. 0 same, 1 different, 2 trouble
 * (*error). */
int report_diff(const char *before_path, const char *after_path, bool color, struct strbuf *out, char **error);

/* The policies of the plan, each a table: which clients are expected to be allowed and denied by which resolvers, and
 * which pairs "*" left out. Nothing where there is no policy; else each begins with an empty line. */
void report_policies(const struct plan *plan, struct strbuf *out);

/* A shell-quoted command without secrets that sends the same query: dig with the source, port, flags and EDNS options.
 * `outcome` gives the name as it was asked; NULL: a fresh-looking name. */
void report_reproduce(const struct plan_probe *probe, const struct outcome *outcome, struct strbuf *out);

#endif
