/*
 * The policy's health, for load balancers and pagers. Decides what counts: a probe that is pending was not judged and
 * counts nowhere; neither was one that could not be sent from here (local_error), so it is told as unjudged and holds
 * the health of no server against it, unless the scope names `category=unknown`. Where nothing is judged there is no
 * offender: the answer is 200 and says that it rests on nothing, because a monitor that has just started, or that is
 * broken itself, must not take every server out of rotation.
 */
#include "document.h"

#include "dnspolicy/base/mem.h"

#define BIT(verdict) (UINT32_C(1) << (verdict))
#define PENDING BIT(VERDICT_PENDING)
#define LOCAL_ERROR BIT(VERDICT_LOCAL_ERROR)
#define PASSING BIT(VERDICT_AS_EXPECTED)

static json_t *rows_of(const struct survey *survey, uint32_t verdicts)
{
    struct survey_list list = {.verdicts = verdicts, .worst_first = true, .limit = VIEW_LIMIT_MAX};
    AUTO(mem_free_ptr) uint32_t *picked = mem_array(list.limit, sizeof(*picked));
    uint32_t count = survey_pick(survey, &list, picked);
    json_t *rows = doc_list();
    for (uint32_t i = 0; i < count; i++) doc_add(rows, doc_probe_row(survey->generation, picked[i]));
    return rows;
}

static void set_rows(json_t *data, const char *key, const char *total_key, const struct survey *survey,
                     uint32_t verdicts)
{
    doc_set(data, total_key, doc_number(survey_count(survey, verdicts)));
    doc_set(data, key, rows_of(survey, verdicts));
}

unsigned json_health(struct view_service *service, const struct view_params *params, struct strbuf *out)
{
    AUTO(doc_release) struct generation *generation = doc_acquire(service, out);
    if (!generation) return 503;
    AUTO(survey_fini) struct survey survey = {0};
    survey_init(&survey, generation, params, VIEW_PARAM_CATEGORY);
    if (!survey.total) {
        json_error(404, "no probe matches the scope", out);
        return 404;
    }
    uint32_t offending = SURVEY_ALL_VERDICTS & ~(PASSING | PENDING | LOCAL_ERROR);
    if (params->given & VIEW_PARAM_CATEGORY) offending = survey_verdicts_of(params->categories) & ~(PASSING | PENDING);
    uint32_t judged = survey_count(&survey, SURVEY_ALL_VERDICTS & ~(PENDING | LOCAL_ERROR));
    bool is_healthy = survey_count(&survey, offending) == 0;

    json_t *data = doc_object();
    doc_set(data, "healthy", json_boolean(is_healthy));
    if (!judged) doc_set(data, "note", doc_text("no probe in scope has been judged yet"));
    doc_set(data, "judged", doc_number(judged));
    doc_set(data, "passing", doc_number(survey_count(&survey, PASSING)));
    set_rows(data, "offenders", "offenders_total", &survey, offending);
    set_rows(data, "pending", "pending_total", &survey, PENDING);
    set_rows(data, "unjudged", "unjudged_total", &survey, LOCAL_ERROR & ~offending);
    doc_success(data, out);
    return is_healthy ? 200 : 503;
}
