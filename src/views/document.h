/*
 * JSON documents piece by piece, over jansson. Text of any origin is cleaned on the way in, so nothing here can fail:
 * what jansson would refuse is a broken invariant. Every json_t * that is handed in is owned by the callee from then
 * on.
 */
#ifndef VIEWS_DOCUMENT_H
#define VIEWS_DOCUMENT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/views/json.h"
#include "survey.h"

json_t *doc_object(void);
json_t *doc_list(void);
json_t *doc_text(const char *text); /* NULL becomes null */
json_t *doc_bytes(const void *bytes, size_t len);
json_t *doc_number(uint64_t number);
json_t *doc_time(int64_t wall_ns);   /* RFC 3339; 0 becomes null */
json_t *doc_seconds(int64_t unix_s); /* RFC 3339 without a fraction; a year that has not four digits becomes null */
json_t *doc_id(uint64_t id);
void doc_set(json_t *object, const char *key, json_t *value);
void doc_add(json_t *list, json_t *value);
void doc_dump(json_t *value, struct strbuf *out);

/* {"status":"success","data":…}; returns 200. */
unsigned doc_success(json_t *data, struct strbuf *out);
/* Counts by name, zeros included; worst category first. */
json_t *doc_verdict_counts(const struct survey *survey);
json_t *doc_category_counts(const uint32_t counts[CATEGORIES]);
/* total, limit and offset, as every list has them. */
void doc_set_page(json_t *data, size_t total, uint32_t limit, uint32_t offset);

/* A probe as the API shows it, at length; as it stands, and as an on-demand run found it. */
json_t *doc_probe(const struct generation *generation, uint32_t probe);
json_t *doc_probe_run(const struct generation *generation, uint32_t probe, const struct outcome *outcome,
                      struct judgement judgement);
json_t *doc_outcome(const struct plan_probe *probe, const struct outcome *outcome);
json_t *doc_probes(const struct survey *survey, const struct survey_list *list);
/* A probe as one row of an answer for a pager: the labels it has on /metrics, and why. */
json_t *doc_probe_row(const struct generation *generation, uint32_t probe);

/* The present generation, or NULL with a 503 in *out: nothing is loaded yet. */
struct generation *doc_acquire(struct view_service *service, struct strbuf *out);
void doc_release(struct generation **generation); /* for AUTO */

#endif
