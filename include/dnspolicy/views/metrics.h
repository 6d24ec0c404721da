/*
 * /metrics: the Prometheus text format 0.0.4 and OpenMetrics 1.0.0, plain or gzip, produced piece by piece: a scrape
 * holds a generation, the labels of its plan (checks, clients, resolvers, queries) and a few buffers, whatever the
 * number of probes. One table (metrics_table) says every family's name, type, labels and help, and one writer
 * (exposition.c) owns the format.
 */
#ifndef DNSPOLICY_VIEWS_METRICS_H
#define DNSPOLICY_VIEWS_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "dnspolicy/views/service.h"

struct metrics_options {
    bool openmetrics;
    bool gzip; /* zlib level 1 */
};
#define METRICS_TYPE_TEXT "text/plain; version=0.0.4; charset=utf-8"
#define METRICS_TYPE_OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* What the request's headers ask for (either may be NULL), RFC 9110 section 12.5, q=0 honoured. */
struct metrics_options metrics_negotiate(const char *accept, const char *accept_encoding);

struct metrics_stream;
struct metrics_stream *metrics_stream_new(struct view_service *service, struct metrics_options options);
/* Fills buf with up to max bytes; 0: the end. Never blocks but on a lane's lock for one bounded copy. One thread at a
 * time. */
size_t metrics_stream_read(struct metrics_stream *stream, char *buf, size_t max);
void metrics_stream_free(struct metrics_stream *stream);

/* For the manual. */
struct metric_info {
    const char *name;   /* with _total where the text format has it */
    const char *type;   /* "counter", "gauge", "histogram" */
    const char *labels; /* "client, subnet, resolver", "" for none */
    const char *help;
};
const struct metric_info *metrics_reference(size_t idx); /* NULL past the end */

/* How many samples a plan makes at the start, for `lint`. */
uint64_t metrics_count_samples(const struct plan *plan, unsigned lanes);

#endif
