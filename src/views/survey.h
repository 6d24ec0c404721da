/*
 * One look over all probes: which are in scope, what their verdicts are, and which are shown, worst first. A byte per
 * probe; whatever is shown of one is copied later, for the rows of one page only.
 */
#ifndef VIEWS_SURVEY_H
#define VIEWS_SURVEY_H

#include "dnspolicy/judge/verdict.h"
#include "dnspolicy/state/state.h"
#include "dnspolicy/views/json.h"

#define SURVEY_OUT_OF_SCOPE UINT8_MAX

struct survey {
    const struct generation *generation;
    const struct plan *plan;
    uint8_t *verdicts; /* per probe: enum verdict, or SURVEY_OUT_OF_SCOPE */
    uint32_t total;    /* in scope */
    uint32_t by_verdict[VERDICTS];
    uint32_t by_category[CATEGORIES];
};
/* The scope is what `params` give, but for the params in `ignored`; NULL params: all. The generation must outlive
 * it. */
void survey_init(struct survey *survey, const struct generation *generation, const struct view_params *params,
                 unsigned ignored);
void survey_fini(struct survey *survey);

/* Which probes of the survey a list shows: verdict by bit, order, page. */
struct survey_list {
    uint32_t verdicts; /* bits 1 << enum verdict */
    bool worst_first;  /* by category; else in the order of the plan, as within a category */
    uint32_t limit;
    uint32_t offset;
};
#define SURVEY_ALL_VERDICTS ((UINT32_C(1) << VERDICTS) - 1)
/* Fills at most list->limit indexes of probes; returns how many. */
uint32_t survey_pick(const struct survey *survey, const struct survey_list *list, uint32_t *out);
uint32_t survey_count(const struct survey *survey, uint32_t verdicts);
/* The bits of the verdicts that belong to the categories. */
uint32_t survey_verdicts_of(uint32_t categories);
/* Those that the filters by verdict and category take, of the params in `given`. */
uint32_t survey_verdicts_given(const struct view_params *params, unsigned given);

#endif
