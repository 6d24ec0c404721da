/* Decides which probes are in scope and in which order they are shown. Refuses to know how. */
#include "survey.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dnspolicy/base/mem.h"

/* ---- the scope: one answer per check, client, resolver and query, so that a probe costs four look-ups ---- */

struct scope {
    bool *checks, *clients, *resolvers, *queries;
    uint32_t transports, verdicts;
};

static void scope_fini(struct scope *scope)
{
    free(scope->checks);
    free(scope->clients);
    free(scope->resolvers);
    free(scope->queries);
}

typedef int compare(const char *a, const char *b, size_t len);

/* `wanted` NULL: anything does. */
static bool matches_by(compare *equal, const char *wanted, const char *actual)
{
    if (!wanted) return true;
    if (!actual) return false;
    size_t actual_len = strlen(actual);
    if (strlen(wanted) == actual_len && equal(wanted, actual, actual_len) == 0) return true;
    for (const char *at = wanted;; at++) {
        size_t len = strcspn(at, ",");
        if (len == actual_len && equal(at, actual, len) == 0) return true;
        at += len;
        if (!*at) return false;
    }
}

static bool matches(const char *wanted, const char *actual) { return matches_by(strncmp, wanted, actual); }

static void scope_init(struct scope *scope, const struct plan *plan, const struct view_params *params, unsigned ignored)
{
    const struct config *config = plan->config;
    unsigned given = params->given & ~ignored;
    const char *check = given & VIEW_PARAM_CHECK ? params->check : NULL;
    const char *severity = given & VIEW_PARAM_SEVERITY ? params->severity : NULL;
    const char *client = given & VIEW_PARAM_CLIENT ? params->client : NULL;
    const char *resolver = given & VIEW_PARAM_RESOLVER ? params->resolver : NULL;
    const char *group = given & VIEW_PARAM_GROUP ? params->group : NULL;
    const char *qtype = given & VIEW_PARAM_QTYPE ? params->qtype : NULL;
    *scope = (struct scope){
        .checks = mem_array(config->check_count, sizeof(bool)),
        .clients = mem_array(config->client_count, sizeof(bool)),
        .resolvers = mem_array(config->resolver_count, sizeof(bool)),
        .queries = mem_array(plan->query_count, sizeof(bool)),
        .transports = given & VIEW_PARAM_TRANSPORT ? params->transports : UINT32_MAX,
        .verdicts = survey_verdicts_given(params, given),
    };
    for (size_t i = 0; i < config->check_count; i++)
        scope->checks[i] = matches(check, config->checks[i].name) && matches(severity, config->checks[i].severity);
    for (size_t i = 0; i < config->client_count; i++) scope->clients[i] = matches(client, config->clients[i].name);
    for (size_t i = 0; i < config->resolver_count; i++)
        scope->resolvers[i] =
            matches(resolver, config->resolvers[i].name) && matches(group, config->resolvers[i].group);
    for (uint32_t i = 0; i < plan->query_count; i++)
        scope->queries[i] = matches_by(strncasecmp, qtype, plan->queries[i].qtype_label);
}

static bool in_scope(const struct scope *scope, const struct plan *plan, const struct plan_probe *probe,
                     uint8_t verdict)
{
    return scope->checks[probe->check->index] && scope->clients[probe->client->index] &&
           scope->resolvers[probe->resolver->index] && scope->queries[probe->query - plan->queries] &&
           scope->transports & (UINT32_C(1) << probe->transport) && scope->verdicts & (UINT32_C(1) << verdict);
}

/* ---- the survey ---- */

void survey_init(struct survey *survey, const struct generation *generation, const struct view_params *params,
                 unsigned ignored)
{
    static const struct view_params everything;
    const struct plan *plan = generation_plan(generation);
    AUTO(scope_fini) struct scope scope;
    scope_init(&scope, plan, params ? params : &everything, ignored);
    *survey = (struct survey){.generation = generation, .plan = plan, .verdicts = mem_array(plan->probe_count, 1)};

    struct probe_numbers numbers[STATE_COPY_MAX];
    for (uint32_t first = 0; first < plan->probe_count; first += STATE_COPY_MAX) {
        uint32_t count = plan->probe_count - first;
        if (count > STATE_COPY_MAX) count = STATE_COPY_MAX;
        generation_copy_numbers(generation, first, count, numbers);
        for (uint32_t i = 0; i < count; i++) {
            uint8_t verdict = numbers[i].judgement.verdict;
            if (!in_scope(&scope, plan, &plan->probes[first + i], verdict)) {
                survey->verdicts[first + i] = SURVEY_OUT_OF_SCOPE;
                continue;
            }
            survey->verdicts[first + i] = verdict;
            survey->by_verdict[verdict]++;
            survey->by_category[verdict_table[verdict].category]++;
            survey->total++;
        }
    }
}

void survey_fini(struct survey *survey)
{
    free(survey->verdicts);
    *survey = (struct survey){0};
}

/* Appends the probes whose verdict is in `verdicts` to out[0 … *count-1]; *skip is what of the offset is left. */
static void pick(const struct survey *survey, uint32_t verdicts, uint32_t limit, uint32_t *skip, uint32_t *out,
                 uint32_t *count)
{
    uint32_t matching = survey_count(survey, verdicts);
    if (matching <= *skip) {
        *skip -= matching;
        return;
    }
    for (uint32_t i = 0; i < survey->plan->probe_count && *count < limit; i++) {
        if (survey->verdicts[i] == SURVEY_OUT_OF_SCOPE) continue;
        if (!(verdicts & (UINT32_C(1) << survey->verdicts[i]))) continue;
        if (*skip)
            --*skip;
        else
            out[(*count)++] = i;
    }
}

uint32_t survey_pick(const struct survey *survey, const struct survey_list *list, uint32_t *out)
{
    uint32_t skip = list->offset, count = 0;
    if (!list->worst_first) {
        pick(survey, list->verdicts, list->limit, &skip, out, &count);
        return count;
    }
    for (unsigned category = CATEGORIES; category-- > 0 && count < list->limit;)
        pick(survey, list->verdicts & survey_verdicts_of(UINT32_C(1) << category), list->limit, &skip, out, &count);
    return count;
}

uint32_t survey_count(const struct survey *survey, uint32_t verdicts)
{
    uint32_t count = 0;
    for (unsigned verdict = 0; verdict < VERDICTS; verdict++)
        if (verdicts & (UINT32_C(1) << verdict)) count += survey->by_verdict[verdict];
    return count;
}

uint32_t survey_verdicts_of(uint32_t categories)
{
    uint32_t verdicts = 0;
    for (unsigned verdict = 0; verdict < VERDICTS; verdict++)
        if (categories & (UINT32_C(1) << verdict_table[verdict].category)) verdicts |= UINT32_C(1) << verdict;
    return verdicts;
}

uint32_t survey_verdicts_given(const struct view_params *params, unsigned given)
{
    return (given & VIEW_PARAM_VERDICT ? params->verdicts : SURVEY_ALL_VERDICTS) &
           (given & VIEW_PARAM_CATEGORY ? survey_verdicts_of(params->categories) : SURVEY_ALL_VERDICTS);
}
