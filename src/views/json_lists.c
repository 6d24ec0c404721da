/* The API's documents that list probes, verdicts, changes, and the status. Decides their keys; the probe is
 * json_probe.c's. */
#include "document.h"

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"

unsigned json_probes(struct view_service *service, const struct view_params *params, struct strbuf *out)
{
    AUTO(doc_release) struct generation *generation = doc_acquire(service, out);
    if (!generation) return 503;
    AUTO(survey_fini) struct survey survey = {0};
    survey_init(&survey, generation, params, 0);
    struct survey_list list = {
        .verdicts = SURVEY_ALL_VERDICTS, .worst_first = false, .limit = params->limit, .offset = params->offset};
    json_t *data = doc_object();
    doc_set(data, "probes", doc_probes(&survey, &list));
    doc_set_page(data, survey.total, params->limit, params->offset);
    return doc_success(data, out);
}

unsigned json_probe(struct view_service *service, const char *id_text, struct strbuf *out)
{
    AUTO(doc_release) struct generation *generation = doc_acquire(service, out);
    if (!generation) return 503;
    uint64_t id;
    if (!plan_parse_id(id_text, &id)) {
        json_error(400, "the id of a probe is 16 hexadecimal digits in lower case", out);
        return 400;
    }
    uint32_t probe = plan_find(generation_plan(generation), id);
    if (probe == PLAN_NONE) {
        json_error(404, "no probe has this id", out);
        return 404;
    }
    return doc_success(doc_probe(generation, probe), out);
}

unsigned json_probe_run(const struct generation *generation, uint32_t probe, const struct outcome *outcome,
                        struct judgement judgement, struct strbuf *out)
{
    return doc_success(doc_probe_run(generation, probe, outcome, judgement), out);
}

/* All that do not pass are listed, the undecided ones last. */
unsigned json_verdicts(struct view_service *service, const struct view_params *params, struct strbuf *out)
{
    AUTO(doc_release) struct generation *generation = doc_acquire(service, out);
    if (!generation) return 503;
    AUTO(survey_fini) struct survey survey = {0};
    survey_init(&survey, generation, params, 0);
    uint32_t not_passing = SURVEY_ALL_VERDICTS & ~(UINT32_C(1) << VERDICT_AS_EXPECTED);
    struct survey_list list = {
        .verdicts = not_passing, .worst_first = true, .limit = params->limit, .offset = params->offset};
    json_t *data = doc_object();
    doc_set(data, "verdicts", doc_verdict_counts(&survey));
    doc_set(data, "categories", doc_category_counts(survey.by_category));
    doc_set(data, "probes", doc_probes(&survey, &list));
    doc_set_page(data, survey_count(&survey, not_passing), params->limit, params->offset);
    return doc_success(data, out);
}

static json_t *event_of(const struct state_event *event)
{
    json_t *object = doc_object();
    doc_set(object, "sequence", doc_number(event->sequence));
    doc_set(object, "at", doc_time(event->at_wall_ns));
    doc_set(object, "probe", doc_id(event->probe_id));
    doc_set(object, "check", doc_text(event->check));
    doc_set(object, "client", doc_text(event->client));
    doc_set(object, "subnet", doc_text(event->subnet));
    doc_set(object, "resolver", doc_text(event->resolver));
    doc_set(object, "transport", doc_text(event->transport));
    doc_set(object, "qname", doc_text(event->qname));
    doc_set(object, "qtype", doc_text(event->qtype));
    doc_set(object, "severity", doc_text(event->severity));
    doc_set(object, "from", doc_text(verdict_table[event->from].name));
    doc_set(object, "to", doc_text(verdict_table[event->to].name));
    doc_set(object, "category", doc_text(category_names[verdict_table[event->to].category]));
    doc_set(object, "repeated", doc_number(event->repeated));
    doc_set(object, "explanation", doc_text(event->explanation));
    return object;
}

unsigned json_events(struct view_service *service, const struct view_params *params, struct strbuf *out)
{
    AUTO(state_event_list_fini) struct state_event_list events = {0};
    int64_t since = params->given & VIEW_PARAM_SINCE ? params->since_wall_ns : INT64_MIN;
    state_copy_events(service->state, since, params->limit, params->offset, &events);
    json_t *list = doc_list();
    for (size_t i = 0; i < events.count; i++) doc_add(list, event_of(&events.items[i]));
    json_t *data = doc_object();
    doc_set(data, "events", list);
    doc_set_page(data, events.total, params->limit, params->offset);
    return doc_success(data, out);
}

/* The rate is that of the whole time since the start: a reader who wants another window subtracts two readings of
 * queries_sent. */
static void set_queries(json_t *data, const struct view_service *service, const struct plan *plan,
                        double uptime_seconds)
{
    struct engine_stats stats = {0};
    if (service->engine) engine_read_stats(service->engine, UINT32_MAX, &stats);
    double per_second = uptime_seconds > 0 ? (double)stats.queries_sent / uptime_seconds : 0;
    doc_set(data, "queries_sent", doc_number(stats.queries_sent));
    doc_set(data, "queries_per_second", json_real(per_second));
    doc_set(data, "queries_per_second_planned", json_real(plan ? plan->cost.queries_per_second : 0));
    doc_set(data, "probes_in_flight", doc_number(stats.in_flight));
    double wait_seconds = (double)state_longest_wait_ns(service->state) / (double)NS_PER_SEC;
    doc_set(data, "longest_lane_wait_seconds", json_real(wait_seconds));
}

unsigned json_status(struct view_service *service, struct strbuf *out)
{
    AUTO(doc_release) struct generation *generation = state_acquire(service->state);
    const struct plan *plan = generation ? generation_plan(generation) : NULL;
    double uptime_seconds = (double)(clock_wall_ns() - service->started_wall_ns) / (double)NS_PER_SEC;

    json_t *config = doc_object();
    doc_set(config, "file", doc_text(service->config_file));
    doc_set(config, "loaded", doc_time(atomic_load(&service->last_reload_success_wall_ns)));
    doc_set(config, "last_reload_successful", json_boolean(atomic_load(&service->last_reload_ok)));
    json_t *data = doc_object();
    doc_set(data, "version", doc_text(DNSPOLICY_VERSION));
    doc_set(data, "revision", doc_text(DNSPOLICY_REVISION));
    doc_set(data, "config", config);
    doc_set(data, "started", doc_time(service->started_wall_ns));
    doc_set(data, "uptime_seconds", json_real(uptime_seconds));
    doc_set(data, "lanes", doc_number(service->lanes));
    doc_set(data, "lifecycle_enabled", json_boolean(service->lifecycle_enabled));
    doc_set(data, "probes", doc_number(plan ? plan->probe_count : 0));
    set_queries(data, service, plan, uptime_seconds);
    return doc_success(data, out);
}
