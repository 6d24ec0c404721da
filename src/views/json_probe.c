/* Decides what of a probe the API shows, and under which keys. Judges nothing. */
#include "document.h"

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"
#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/views/report.h"

#define BUFSIZE_DEFAULT 1232

/* ---- what was asked ---- */

static json_t *client_of(const struct plan_probe *probe)
{
    const struct addr *source = &probe->client->source[probe->family];
    char text[ADDR_TEXT_SIZE];
    if (source->present) addr_format(source, text);
    json_t *client = doc_object();
    doc_set(client, "name", doc_text(probe->client->name));
    doc_set(client, "subnet", doc_text(probe->client->subnet_text[probe->subnet_family]));
    doc_set(client, "source", doc_text(source->present ? text : NULL));
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

/* ---- what came back ---- */

static json_t *flags_of(const struct dns_reply *reply)
{
    json_t *list = doc_list();
    for (unsigned i = 0; i < DNS_FLAG_COUNT; i++)
        if (reply->flags & (1u << i)) doc_add(list, doc_text(dns_flag_names[i]));
    return list;
}

static json_t *counts_of(const struct dns_reply *reply)
{
    static const char *const names[DNS_SECTIONS] = {"question", "answer", "authority", "additional"};
    json_t *counts = doc_object();
    for (unsigned i = 0; i < DNS_SECTIONS; i++) doc_set(counts, names[i], doc_number(reply->counts[i]));
    return counts;
}

static json_t *answer_of(const struct dns_reply *reply)
{
    json_t *list = doc_list();
    const char *at = reply->answer, *end = at ? at + reply->answer_len : NULL;
    while (at && at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        if (!line_end) line_end = end;
        doc_add(list, doc_bytes(at, (size_t)(line_end - at)));
        at = line_end + 1;
    }
    return list;
}

static json_t *ede_of(const struct dns_reply *reply)
{
    json_t *list = doc_list();
    for (unsigned i = 0; i < reply->ede_count; i++) {
        const struct dns_ede *ede = &reply->ede[i];
        json_t *object = doc_object();
        doc_set(object, "code", doc_number(ede->code));
        doc_set(object, "name", doc_text(dns_ede_name(ede->code)));
        doc_set(object, "text", ede->text ? doc_bytes(ede->text, ede->text_len) : json_null());
        doc_add(list, object);
    }
    return list;
}

static json_t *nsid_of(const struct dns_reply *reply)
{
    if (!reply->has_nsid) return json_null();
    AUTO(strbuf_fini) struct strbuf hex = {0};
    bool is_text = text_is_printable_ascii(reply->nsid, reply->nsid_len);
    strbuf_add_hex(&hex, reply->nsid, reply->nsid_len);
    json_t *nsid = doc_object();
    doc_set(nsid, "hex", doc_text(strbuf_text(&hex)));
    doc_set(nsid, "text", is_text ? doc_bytes(reply->nsid, reply->nsid_len) : json_null());
    return nsid;
}

/* Of a malformed reply the header is known, when there was one. */
static void set_reply(json_t *object, const struct outcome *outcome, const char *qname)
{
    static const struct dns_reply nothing;
    bool is_whole = outcome->status == OUTCOME_RESPONSE;
    bool is_malformed = outcome->status == OUTCOME_MALFORMED;
    bool has_header = is_whole || (is_malformed && outcome->reply.size >= DNS_HEADER_SIZE);
    const struct dns_reply *header = has_header ? &outcome->reply : &nothing;
    const struct dns_reply *reply = is_whole ? &outcome->reply : &nothing;
    char rcode[DNS_NUMBER_TEXT_SIZE];
    dns_rcode_format(header->rcode, rcode);

    doc_set(object, "rcode", doc_text(has_header ? rcode : NULL));
    doc_set(object, "flags", flags_of(header));
    doc_set(object, "qname", doc_text(qname));
    doc_set(object, "counts", is_whole ? counts_of(reply) : json_null());
    doc_set(object, "answer", answer_of(reply));
    if (reply->answer_cut) doc_set(object, "answer_cut", json_true());
    doc_set(object, "ede", ede_of(reply));
    doc_set(object, "nsid", nsid_of(reply));
    doc_set(object, "size", is_whole || is_malformed ? doc_number(outcome->reply.size) : json_null());
}

static json_t *outcome_of(const struct plan_probe *probe, const struct outcome *outcome)
{
    AUTO(strbuf_fini) struct strbuf error = {0};
    char qname[DNS_NAME_TEXT_SIZE], local[ADDR_PORT_TEXT_SIZE];
    dns_query_name(probe->query->config->question.name, &outcome->stamp, qname);
    if (outcome->local.present) addr_format_port(&outcome->local, outcome->local_port, local);

    json_t *object = doc_object();
    doc_set(object, "status", doc_text(outcome_status_names[outcome->status]));
    set_reply(object, outcome, outcome->attempts ? qname : NULL);
    doc_set(object, "rtt_seconds",
            outcome->rtt_ns < 0 ? json_null() : json_real((double)outcome->rtt_ns / (double)NS_PER_SEC));
    doc_set(object, "attempts", doc_number(outcome->attempts));
    if (outcome->truncated) doc_set(object, "truncated", json_true());
    if (outcome->error.step != OUTCOME_STEP_NONE) {
        outcome_describe_error(outcome, probe, &error);
        doc_set(object, "error", doc_text(strbuf_text(&error)));
    }
    doc_set(object, "local", doc_text(outcome->local.present ? local : NULL));
    doc_set(object, "at", doc_time(outcome->ended_wall_ns));
    return object;
}

/* ---- the probe ---- */

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
    doc_set(object, "outcome", outcome ? outcome_of(probe, outcome) : json_null());
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
