/*
 * Decides what each query of a check is on the wire and in labels, and that no two queries of one check share their
 * labels: check, client and resolver names are unique, so that is the one way to two probes with the same series.
 */
#include "build.h"

#include <stdio.h>
#include <string.h>

#include "dnspolicy/base/hash.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/base/text.h"

static void build_qtype_label(const struct dns_question *question, char out[2 * DNS_NUMBER_TEXT_SIZE])
{
    char type[DNS_NUMBER_TEXT_SIZE], klass[DNS_NUMBER_TEXT_SIZE];
    if (question->opcode != DNS_OPCODE_QUERY) {
        dns_opcode_format(question->opcode, out);
        return;
    }
    dns_type_format(question->type, type);
    dns_class_format(question->klass, klass);
    if (question->klass == DNS_CLASS_IN)
        snprintf(out, 2 * DNS_NUMBER_TEXT_SIZE, "%s", type);
    else
        snprintf(out, 2 * DNS_NUMBER_TEXT_SIZE, "%s:%s", klass, type);
}

/* "dnssec_ok and nsid", or nothing where the two are the same in all. */
static void add_differences(struct strbuf *out, const struct dns_question *a, const struct dns_question *b)
{
    const char *keys[10];
    size_t count = 0;
    if (a->klass != b->klass) keys[count++] = "class";
    if (a->type != b->type) keys[count++] = "type";
    if ((a->zone || b->zone) && !(a->zone && b->zone && strcmp(a->zone, b->zone) == 0)) keys[count++] = "zone";
    if (a->recursion_desired != b->recursion_desired) keys[count++] = "recursion_desired";
    if (a->checking_disabled != b->checking_disabled) keys[count++] = "checking_disabled";
    if (a->dnssec_ok != b->dnssec_ok) keys[count++] = "dnssec_ok";
    if (a->edns != b->edns) keys[count++] = "edns";
    if (a->bufsize != b->bufsize) keys[count++] = "bufsize";
    if (a->nsid != b->nsid) keys[count++] = "nsid";
    if (a->cookie != b->cookie) keys[count++] = "cookie";
    text_add_list(out, keys, count, "and");
}

char *queries_path(const struct config_check *check, size_t idx)
{
    if (check->query_count == 1) return mem_printf("%s.query", check->path);
    return mem_printf("%s.query[%zu]", check->path, idx);
}

bool queries_is_foreign(const struct dns_question *question, const struct config_resolver *resolver)
{
    if (question->opcode != DNS_OPCODE_QUERY || question->klass != DNS_CLASS_IN) return false;
    for (size_t i = 0; resolver->zones && resolver->zones[i]; i++)
        if (dns_name_is_within(question->name, resolver->zones[i])) return false;
    return true;
}

static void report_same_labels(const struct config_check *check, const struct plan_query *first,
                               const struct plan_query *second, struct problems *problems)
{
    AUTO(mem_free_ptr) char *path = queries_path(check, (size_t)(second->config - check->queries));
    AUTO(strbuf_fini) struct strbuf differences = {0};
    add_differences(&differences, &first->config->question, &second->config->question);
    const struct place *at = &first->config->place;
    if (!differences.len) {
        problems_error(problems, second->config->place, path, "'%s %s' is the query of line %u, column %u again",
                       second->qname_label, second->qtype_label, at->line, at->column);
        return;
    }
    problems_error(
        problems, second->config->place, path,
        "the probes of this '%s %s' and of the one at line %u, column %u would have the same metric labels "
        "(check, client, subnet, resolver, transport, qname, qtype, severity): they differ in %s only, which is "
        "no label; make two checks of them",
        second->qname_label, second->qtype_label, at->line, at->column, strbuf_text(&differences));
}

static bool has_same_labels(const struct plan_query *a, const struct plan_query *b)
{
    return strcmp(a->qname_label, b->qname_label) == 0 && strcmp(a->qtype_label, b->qtype_label) == 0;
}

/* Each query is compared with the first that has its labels: one error a query at most. */
static void check_labels(const struct config_check *check, const struct plan_query *queries, struct problems *problems)
{
    AUTO(hash_index_fini) struct hash_index first_of = {0};
    for (uint32_t i = 0; i < check->query_count; i++) {
        struct hash labels;
        hash_init(&labels);
        hash_add_text(&labels, queries[i].qname_label);
        hash_add_text(&labels, queries[i].qtype_label);
        uint32_t first = hash_index_get(&first_of, hash_end(&labels));
        if (first == HASH_INDEX_NONE)
            hash_index_put(&first_of, hash_end(&labels), i);
        else if (has_same_labels(&queries[first], &queries[i]))
            report_same_labels(check, &queries[first], &queries[i], problems);
    }
}

static void build_query(struct plan_query *query, const struct config_query *config, char *qtype_label,
                        struct dns_query *soa)
{
    query->config = config;
    dns_query_build(&config->question, &query->wire);
    build_qtype_label(&config->question, qtype_label);
    query->qname_label = config->question.name;
    query->qtype_label = qtype_label;
    if (!dns_question_is_transfer(&config->question)) return;
    dns_query_build_soa(&config->question, soa);
    query->soa = soa;
}

void queries_build(struct plan *plan, struct problems *problems)
{
    const struct config *config = plan->config;
    struct plan_arena *arena = plan->arena;
    size_t total = 0, transfers = 0;
    for (size_t i = 0; i < config->check_count; i++) {
        const struct config_check *check = &config->checks[i];
        total += check->query_count;
        for (size_t k = 0; k < check->query_count; k++)
            transfers += dns_question_is_transfer(&check->queries[k].question);
    }
    REQUIRE(total < PLAN_NONE);
    plan->queries = mem_array(total, sizeof(*plan->queries));
    arena->qtype_labels = mem_array(total, sizeof(*arena->qtype_labels));
    arena->soas = mem_array(transfers, sizeof(*arena->soas));
    struct dns_query *soa = arena->soas;
    for (size_t i = 0; i < config->check_count; i++) {
        const struct config_check *check = &config->checks[i];
        struct plan_query *queries = &plan->queries[plan->query_count];
        for (size_t k = 0; k < check->query_count; k++) {
            build_query(&queries[k], &check->queries[k], arena->qtype_labels[plan->query_count + k], soa);
            soa += queries[k].soa != NULL;
        }
        check_labels(check, queries, problems);
        plan->query_count += (uint32_t)check->query_count;
    }
}
