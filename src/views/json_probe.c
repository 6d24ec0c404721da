/* Decides what of a probe the API shows, and under which keys. Judges nothing. */
#include "document.h"

#include "dnspolicy/base/mem.h"
#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/views/report.h"
#include "facts.h"

/* ---- what was asked ---- */

/* How the client appears as itself; what it has not is left out. Of a key only the name. */
static void add_context(const struct plan_probe *probe, json_t *object)
{
    const struct config_client *client = probe->client;
    char claimed[ADDR_TEXT_SIZE], ecs[SUBNET_TEXT_SIZE];
    if (client->interface) doc_set(object, "interface", doc_text(client->interface));
    if (client->netns) doc_set(object, "netns", doc_text(client->netns));
    if (client->has_mark) doc_set(object, "mark", doc_number(client->mark));
    if (client->transparent) doc_set(object, "transparent", json_true());
    if (probe->claimed) {
        addr_format(probe->claimed, claimed);
        doc_set(object, "proxy", doc_text(claimed));
    }
    if (client->ecs.present) {
        subnet_format(&client->ecs, ecs);
        doc_set(object, "ecs", doc_text(ecs));
    }
    if (client->key) doc_set(object, "key", doc_text(client->key->name));
}

static json_t *client_of(const struct plan_probe *probe)
{
    const struct addr *source = &probe->client->source[probe->family];
    char text[ADDR_TEXT_SIZE];
    if (source->present) addr_format(source, text);
    json_t *client = doc_object();
    doc_set(client, "name", doc_text(probe->client->name));
    doc_set(client, "subnet", doc_text(probe->client->subnet_text[probe->subnet_family]));
    doc_set(client, "source", doc_text(source->present ? text : NULL));
    add_context(probe, client);
    return client;
}

static json_t *resolver_of(const struct plan_probe *probe)
{
    char text[ADDR_TEXT_SIZE];
    addr_format(&probe->resolver->address, text);
    json_t *resolver = doc_object();
    doc_set(resolver, "name", doc_text(probe->resolver->name));
    doc_set(resolver, "address", doc_text(text));
    doc_set(resolver, "port", doc_number(probe->port));
    doc_set(resolver, "group", doc_text(probe->resolver->group));
    return resolver;
}

/* What differs from the defaults is added; RD is always told, for so much hangs on it. */
static json_t *query_of(const struct dns_question *question)
{
    char type[DNS_NUMBER_TEXT_SIZE], klass[DNS_NUMBER_TEXT_SIZE], opcode[DNS_NUMBER_TEXT_SIZE];
    dns_type_format(question->type, type);
    dns_class_format(question->klass, klass);
    dns_opcode_format(question->opcode, opcode);
    json_t *query = doc_object();
    if (question->zone) doc_set(query, "zone", doc_text(question->zone));
    doc_set(query, "name", doc_text(question->name));
    doc_set(query, "type", doc_text(type));
    doc_set(query, "class", doc_text(klass));
    doc_set(query, "opcode", doc_text(opcode));
    doc_set(query, "recursion_desired", json_boolean(question->recursion_desired));
    if (question->checking_disabled) doc_set(query, "checking_disabled", json_true());
    if (question->dnssec_ok) doc_set(query, "dnssec_ok", json_true());
    if (!question->edns) doc_set(query, "edns", json_false());
    if (question->edns && question->bufsize != BUFSIZE_DEFAULT)
        doc_set(query, "bufsize", doc_number(question->bufsize));
    if (question->edns && !question->nsid) doc_set(query, "nsid", json_false());
    if (question->cookie) doc_set(query, "cookie", json_true());
    return query;
}

static json_t *texts_of(const char *const *texts)
{
    json_t *list = doc_list();
    for (; texts && *texts; texts++) doc_add(list, doc_text(*texts));
    return list;
}

static json_t *expected_flags(const struct expectation *expect)
{
    json_t *list = doc_list();
    for (unsigned i = 0; i < DNS_FLAG_COUNT; i++)
        if (expect->flags_set & (1u << i)) doc_add(list, doc_text(dns_flag_names[i]));
    for (unsigned i = 0; i < DNS_FLAG_COUNT; i++) {
        if (!(expect->flags_clear & (1u << i))) continue;
        AUTO(mem_free_ptr) char *text = mem_printf("!%s", dns_flag_names[i]);
        doc_add(list, doc_text(text));
    }
    return list;
}

static json_t *expected_answer(const struct expectation *expect)
{
    json_t *answer = doc_object();
    if (expect->has_answer_min) doc_set(answer, "min", doc_number(expect->answer_min));
    if (expect->has_answer_max) doc_set(answer, "max", doc_number(expect->answer_max));
    if (expect->answer_contains) doc_set(answer, "contains", texts_of(expect->answer_contains));
    if (expect->answer_matches.text) doc_set(answer, "matches", doc_text(expect->answer_matches.text));
    if (expect->answer_none_match.text) doc_set(answer, "none_match", doc_text(expect->answer_none_match.text));
    return answer;
}

static json_t *expect_of(const struct expectation *expect)
{
    json_t *object = doc_object();
    if (expect->rcode_texts && expect->rcode_texts[0]) doc_set(object, "rcode", texts_of(expect->rcode_texts));
    if (expect->flags_set || expect->flags_clear) doc_set(object, "flags", expected_flags(expect));
    json_t *answer = expected_answer(expect);
    if (json_object_size(answer))
        doc_set(object, "answer", answer);
    else
        json_decref(answer);
    if (expect->ede_count) {
        json_t *codes = doc_list();
        for (size_t i = 0; i < expect->ede_count; i++) doc_add(codes, doc_number(expect->ede[i]));
        doc_set(object, "ede", codes);
    }
    if (expect->nsid.text) doc_set(object, "nsid", doc_text(expect->nsid.text));
    return object;
}

/* ---- the probe ---- */

static json_t *policy_of(const struct config_policy *policy)
{
    json_t *object = doc_object();
    doc_set(object, "operation", doc_text(policy_operation_names[policy->operation]));
    return object;
}

static json_t *build_probe(const struct plan_probe *probe, const struct probe_numbers *numbers,
                           const struct outcome *outcome)
{
    AUTO(strbuf_fini) struct strbuf explanation = {0};
    AUTO(strbuf_fini) struct strbuf command = {0};
    judge_explain(probe, outcome, numbers->judgement, &explanation);
    report_reproduce(probe, outcome && outcome->attempts ? outcome : NULL, &command);
    const struct verdict_info *verdict = &verdict_table[numbers->judgement.verdict];

    json_t *object = doc_object();
    doc_set(object, "id", doc_id(probe->id));
    doc_set(object, "check", doc_text(probe->check->name));
    doc_set(object, "description", doc_text(probe->check->description));
    doc_set(object, "severity", doc_text(probe->check->severity));
    if (probe->check->policy) doc_set(object, "policy", policy_of(probe->check->policy));
    doc_set(object, "client", client_of(probe));
    doc_set(object, "resolver", resolver_of(probe));
    doc_set(object, "transport", doc_text(transport_names[probe->transport]));
    doc_set(object, "query", query_of(&probe->query->config->question));
    doc_set(object, "expect", expect_of(&probe->check->expect));
    doc_set(object, "verdict", doc_text(verdict->name));
    doc_set(object, "category", doc_text(category_names[verdict->category]));
    doc_set(object, "since", doc_time(numbers->since_wall_ns));
    doc_set(object, "runs", doc_number(numbers->runs));
    doc_set(object, "consecutive", doc_number(numbers->consecutive));
    doc_set(object, "explanation", doc_text(strbuf_text(&explanation)));
    doc_set(object, "outcome", outcome ? doc_outcome(probe, outcome) : json_null());
    doc_set(object, "diagnosis", json_null());
    doc_set(object, "reproduce", doc_text(strbuf_text(&command)));
    return object;
}

json_t *doc_probe(const struct generation *generation, uint32_t probe)
{
    AUTO(probe_detail_fini) struct probe_detail detail = {0};
    generation_copy_detail(generation, probe, &detail);
    return build_probe(&generation_plan(generation)->probes[probe], &detail.numbers,
                       detail.has_outcome ? &detail.outcome : NULL);
}

/* A run on demand changes no standing: a verdict that is not the standing one stands since no time. */
json_t *doc_probe_run(const struct generation *generation, uint32_t probe, const struct outcome *outcome,
                      struct judgement judgement)
{
    struct probe_numbers numbers;
    generation_copy_numbers(generation, probe, 1, &numbers);
    if (numbers.judgement.verdict != judgement.verdict) {
        numbers.since_wall_ns = 0;
        numbers.consecutive = 0;
    }
    numbers.judgement = judgement;
    return build_probe(&generation_plan(generation)->probes[probe], &numbers, outcome);
}

json_t *doc_probes(const struct survey *survey, const struct survey_list *list)
{
    AUTO(mem_free_ptr) uint32_t *picked = mem_array(list->limit, sizeof(*picked));
    json_t *probes = doc_list();
    uint32_t count = survey_pick(survey, list, picked);
    for (uint32_t i = 0; i < count; i++) doc_add(probes, doc_probe(survey->generation, picked[i]));
    return probes;
}

json_t *doc_probe_row(const struct generation *generation, uint32_t probe_index)
{
    const struct plan_probe *probe = &generation_plan(generation)->probes[probe_index];
    AUTO(probe_detail_fini) struct probe_detail detail = {0};
    AUTO(strbuf_fini) struct strbuf explanation = {0};
    generation_copy_detail(generation, probe_index, &detail);
    judge_explain(probe, detail.has_outcome ? &detail.outcome : NULL, detail.numbers.judgement, &explanation);
    const struct verdict_info *verdict = &verdict_table[detail.numbers.judgement.verdict];

    json_t *row = doc_object();
    doc_set(row, "id", doc_id(probe->id));
    doc_set(row, "check", doc_text(probe->check->name));
    doc_set(row, "client", doc_text(probe->client->name));
    doc_set(row, "subnet", doc_text(probe->client->subnet_text[probe->subnet_family]));
    doc_set(row, "resolver", doc_text(probe->resolver->name));
    doc_set(row, "transport", doc_text(transport_names[probe->transport]));
    doc_set(row, "qname", doc_text(probe->query->qname_label));
    doc_set(row, "qtype", doc_text(probe->query->qtype_label));
    doc_set(row, "severity", doc_text(probe->check->severity));
    doc_set(row, "verdict", doc_text(verdict->name));
    doc_set(row, "category", doc_text(category_names[verdict->category]));
    doc_set(row, "since", doc_time(detail.numbers.since_wall_ns));
    doc_set(row, "consecutive", doc_number(detail.numbers.consecutive));
    doc_set(row, "explanation", doc_text(strbuf_text(&explanation)));
    return row;
}
