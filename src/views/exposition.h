/*
 * The one writer of the text formats: Prometheus 0.0.4 and OpenMetrics 1.0.0. Label sets come as pieces rendered once
 * by exposition_add_label() and then only copied; numbers are written by hand. Samples never carry a timestamp.
 */
#ifndef VIEWS_EXPOSITION_H
#define VIEWS_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/histogram.h"
#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/views/metrics.h"

/* Bytes of one or more labels as exposition_add_label() wrote them; len 0: no label. */
struct span {
    const char *text;
    size_t len;
};

struct exposition {
    struct strbuf *out;
    bool openmetrics;
    const struct metric_info *family; /* of the samples that follow */
    size_t name_len;
};

/* Appends `,name="value"`: valid UTF-8, escaped. */
void exposition_add_label(struct strbuf *out, const char *name, const char *value);

/* HELP and TYPE, once per family. */
void exposition_begin_family(struct exposition *x, const struct metric_info *family);
void exposition_end(struct exposition *x);

void exposition_sample_u64(struct exposition *x, const struct span *labels, size_t count, uint64_t value);
/* Nanoseconds, shown as seconds with all digits that they have. */
void exposition_sample_seconds(struct exposition *x, const struct span *labels, size_t count, uint64_t ns);
/* Wall clock nanoseconds, shown as seconds with milliseconds. */
void exposition_sample_timestamp(struct exposition *x, const struct span *labels, size_t count, int64_t wall_ns);
void exposition_histogram(struct exposition *x, const struct span *labels, size_t count,
                          const struct histogram_copy *histogram);

#endif
