/*
 * The JSON API's documents. Each function appends one whole document, envelope included, and gives the HTTP status that
 * goes with it. Parameters come checked: see view_params.
 */
#ifndef DNSPOLICY_VIEWS_JSON_H
#define DNSPOLICY_VIEWS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/views/service.h"

/* Parameters that a path may take; the last two are the status page's. */
enum view_param {
    VIEW_PARAM_CHECK = 1 << 0,
    VIEW_PARAM_CLIENT = 1 << 1,
    VIEW_PARAM_RESOLVER = 1 << 2,
    VIEW_PARAM_GROUP = 1 << 3,
    VIEW_PARAM_VERDICT = 1 << 4,
    VIEW_PARAM_CATEGORY = 1 << 5,
    VIEW_PARAM_TRANSPORT = 1 << 6,
    VIEW_PARAM_QTYPE = 1 << 7,
    VIEW_PARAM_SEVERITY = 1 << 8,
    VIEW_PARAM_LIMIT = 1 << 9, /* 1 to 1000, default 100 */
    VIEW_PARAM_OFFSET = 1 << 10,
    VIEW_PARAM_SINCE = 1 << 11,  /* RFC 3339, or Unix seconds with an optional fraction */
    VIEW_PARAM_COLUMN = 1 << 12, /* what `offset` is to rows */
    VIEW_PARAM_PROBE = 1 << 13   /* an id */
};
#define VIEW_LIMIT_DEFAULT 100
#define VIEW_LIMIT_MAX 1000

/*
 * A filter takes what matches all of its parameters; a parameter matches when its whole value, or one of its
 * comma-separated parts, is the probe's.
 */
struct view_params {
    unsigned allowed; /* enum view_param: what the path takes */
    unsigned given;
    bool is_form; /* an empty value is no value: a form sends all of its fields */
    char *check, *client, *resolver, *group, *qtype, *severity;
    uint32_t verdicts; /* bits 1 << enum verdict; with VIEW_PARAM_VERDICT given */
    uint32_t categories;
    uint32_t transports;
    uint32_t limit;
    uint32_t offset;
    uint32_t column;
    uint64_t probe_id;
    int64_t since_wall_ns;
};
void view_params_init(struct view_params *params, unsigned allowed);
void view_params_fini(struct view_params *params);
/* Takes one decoded key and value. False: *error (to be freed) is a sentence: unknown key with the nearest one, unknown
 * verdict, a key given twice, a limit out of range. */
bool view_params_set(struct view_params *params, const char *key, const char *value, char **error);
const char *view_param_key(enum view_param param);
/* Appends the value of a parameter that is given, as it may be given again; not of `since`, which nobody passes on. */
void view_params_add_value(const struct view_params *params, enum view_param param, struct strbuf *out);

/* All return the HTTP status. */
unsigned json_health(struct view_service *service, const struct view_params *params, struct strbuf *out);
unsigned json_probes(struct view_service *service, const struct view_params *params, struct strbuf *out);
unsigned json_probe(struct view_service *service, const char *id_text, struct strbuf *out); /* 400, 404 */
unsigned json_verdicts(struct view_service *service, const struct view_params *params, struct strbuf *out);
unsigned json_matrix(struct view_service *service, const struct view_params *params, struct strbuf *out);
unsigned json_events(struct view_service *service, const struct view_params *params, struct strbuf *out);
unsigned json_status(struct view_service *service, struct strbuf *out);
/* One probe with the outcome and the judgement of an on-demand run in the place of its last run's. */
unsigned json_probe_run(const struct generation *generation, uint32_t probe, const struct outcome *outcome,
                        struct judgement judgement, struct strbuf *out);
/* {"status":"error","errorType":…,"error":…}; the type follows from the status code, as Prometheus names them. */
void json_error(unsigned http_status, const char *sentence, struct strbuf *out);

#endif
