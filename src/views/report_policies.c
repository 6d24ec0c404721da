/*
 * The guest lists as tables: what each policy expects of every resolver it names, for every client there is. Decides
 * how that reads; who is asked and who is left out is the plan's.
 */
#include "report_render.h"

#include <stdlib.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

#define LINE_WIDTH 100 /* of a table; it goes on in another one below */

enum word { NOT_ASKED, ALLOW, DENY, WORDS };
static const char *const words[WORDS] = {"-", "allow", "deny"};
#define WORD_WIDTH 5

/* Where the queries, probes and omissions of each check begin in the plan; one more entry ends the last. */
struct spans {
    uint32_t *queries;
    uint32_t *probes;
    uint32_t *omissions;
};

static void spans_fini(struct spans *spans)
{
    free(spans->queries);
    free(spans->probes);
    free(spans->omissions);
}

static struct spans find_spans(const struct plan *plan)
{
    size_t count = plan->config->check_count;
    struct spans spans = {.queries = mem_array(count + 1, sizeof(*spans.queries)),
                          .probes = mem_array(count + 1, sizeof(*spans.probes)),
                          .omissions = mem_array(count + 1, sizeof(*spans.omissions))};
    for (uint32_t i = 0; i < plan->probe_count; i++) spans.probes[plan->probes[i].check->index + 1]++;
    for (uint32_t i = 0; i < plan->omission_count; i++) spans.omissions[plan->omissions[i].check->index + 1]++;
    for (size_t i = 0; i < count; i++) {
        spans.queries[i + 1] = spans.queries[i] + (uint32_t)plan->config->checks[i].query_count;
        spans.probes[i + 1] += spans.probes[i];
        spans.omissions[i + 1] += spans.omissions[i];
    }
    return spans;
}

struct grid {
    const struct config *config;
    const struct config_resolver **columns; /* those that the policy names, in the order of the file */
    uint32_t *column_of;                    /* per resolver */
    size_t column_count;
    uint8_t *cells; /* enum word; rows are all clients */
    size_t client_width;
};

static void grid_fini(struct grid *grid)
{
    free(grid->columns);
    free(grid->column_of);
    free(grid->cells);
}

static struct grid grid_new(const struct plan *plan, const struct config_check *const checks[2])
{
    const struct config *config = plan->config;
    struct grid grid = {.config = config,
                        .columns = mem_array(config->resolver_count, sizeof(*grid.columns)),
                        .column_of = mem_array(config->resolver_count, sizeof(*grid.column_of)),
                        .client_width = strlen("CLIENT")};
    for (int i = 0; i < 2; i++)
        for (size_t k = 0; checks[i] && k < checks[i]->resolver_count; k++)
            grid.column_of[checks[i]->resolvers[k].resolver->index] = 1;
    for (size_t i = 0; i < config->resolver_count; i++) {
        if (!grid.column_of[i]) continue;
        grid.column_of[i] = (uint32_t)grid.column_count;
        grid.columns[grid.column_count++] = &config->resolvers[i];
    }
    for (size_t i = 0; i < config->client_count; i++) {
        size_t width = report_width_of(config->clients[i].name);
        if (width > grid.client_width) grid.client_width = width;
    }
    grid.cells = mem_array(config->client_count * grid.column_count, sizeof(*grid.cells));
    return grid;
}

static void fill(struct grid *grid, const struct plan *plan, const struct spans *spans,
                 const struct config_check *check, enum word word)
{
    for (uint32_t i = spans->probes[check->index]; i < spans->probes[check->index + 1]; i++) {
        const struct plan_probe *probe = &plan->probes[i];
        size_t cell = probe->client->index * grid->column_count + grid->column_of[probe->resolver->index];
        grid->cells[cell] = (uint8_t)word;
    }
}

static size_t column_width(const struct grid *grid, size_t column)
{
    size_t width = report_width_of(grid->columns[column]->name);
    return width > WORD_WIDTH ? width : WORD_WIDTH;
}

static void add_columns(const struct grid *grid, size_t from, size_t to, struct strbuf *out)
{
    strbuf_puts(out, "  ");
    report_add_padded(out, "CLIENT", grid->client_width, false);
    for (size_t column = from; column < to; column++)
        report_add_padded(out, grid->columns[column]->name, column_width(grid, column), column + 1 == to);
    strbuf_putc(out, '\n');
    for (size_t row = 0; row < grid->config->client_count; row++) {
        strbuf_puts(out, "  ");
        report_add_padded(out, grid->config->clients[row].name, grid->client_width, false);
        for (size_t column = from; column < to; column++)
            report_add_padded(out, words[grid->cells[row * grid->column_count + column]], column_width(grid, column),
                              column + 1 == to);
        strbuf_putc(out, '\n');
    }
}

static void add_grid(const struct grid *grid, struct strbuf *out)
{
    size_t from = 0;
    while (from < grid->column_count) {
        size_t to = from, width = 2 + grid->client_width;
        do {
            width += 2 + column_width(grid, to);
            to++;
        } while (to < grid->column_count && width + 2 + column_width(grid, to) <= LINE_WIDTH);
        if (from) strbuf_putc(out, '\n');
        add_columns(grid, from, to, out);
        from = to;
    }
}

/* "www.example.com A" as it is labelled, "the zone corp.example by AXFR", "probe.corp.example TXT in the zone
 * corp.example". */
static void add_query(const struct plan_query *query, struct strbuf *out)
{
    const struct dns_question *question = &query->config->question;
    char type[DNS_NUMBER_TEXT_SIZE];
    dns_type_format(question->type, type);
    if (dns_question_is_transfer(question))
        strbuf_addf(out, "the zone %s by %s", question->name, type);
    else if (question->zone)
        strbuf_addf(out, "%s %s in the zone %s", question->name, type, question->zone);
    else
        strbuf_addf(out, "%s %s", query->qname_label, query->qtype_label);
}

static void add_header(const struct plan *plan, const struct spans *spans, const struct config_policy *policy,
                       const struct config_check *check, struct strbuf *out)
{
    uint32_t first = spans->queries[check->index], end = spans->queries[check->index + 1];
    strbuf_addf(out, "policy %s: %s", policy->name, policy_operation_names[policy->operation]);
    for (uint32_t i = first; i < end; i++) {
        strbuf_puts(out, i > first && i + 1 == end ? " and " : ", ");
        add_query(&plan->queries[i], out);
    }
    const char *transports[TRANSPORTS];
    size_t count = 0;
    for (int transport = 0; transport < TRANSPORTS; transport++)
        if (check->transports & 1u << transport) transports[count++] = transport_names[transport];
    strbuf_puts(out, " over ");
    text_add_list(out, transports, count, "and");
    if (policy->denied) {
        count = 0;
        while (policy->denied->expect.rcode_texts[count]) count++;
        strbuf_puts(out, ", deny_with ");
        text_add_list(out, policy->denied->expect.rcode_texts, count, "or");
    }
    strbuf_putc(out, '\n');
}

/* A client's omissions for one reason are one line. */
static void add_omissions(const struct plan *plan, uint32_t from, uint32_t to, struct strbuf *out)
{
    for (uint32_t i = from; i < to;) {
        const struct plan_omission *first = &plan->omissions[i];
        strbuf_addf(out, "  left out: %s at %s", first->client->name, first->resolver->name);
        for (i++; i < to; i++) {
            const struct plan_omission *next = &plan->omissions[i];
            if (next->client != first->client || strcmp(next->reason, first->reason) != 0) break;
            strbuf_addf(out, ", %s", next->resolver->name);
        }
        strbuf_addf(out, ": %s\n", first->reason);
    }
}

static void add_policy(const struct plan *plan, const struct spans *spans, const struct config_policy *policy,
                       struct strbuf *out)
{
    const struct config_check *const checks[2] = {policy->allowed, policy->denied};
    AUTO(grid_fini) struct grid grid = grid_new(plan, checks);
    if (policy->allowed) fill(&grid, plan, spans, policy->allowed, ALLOW);
    if (policy->denied) fill(&grid, plan, spans, policy->denied, DENY);
    add_header(plan, spans, policy, policy->allowed ? policy->allowed : policy->denied, out);
    add_grid(&grid, out);
    for (int i = 0; i < 2; i++)
        if (checks[i])
            add_omissions(plan, spans->omissions[checks[i]->index], spans->omissions[checks[i]->index + 1], out);
}

void report_policies(const struct plan *plan, struct strbuf *out)
{
    AUTO(spans_fini) struct spans spans = find_spans(plan);
    for (size_t i = 0; i < plan->config->policy_count; i++) {
        const struct config_policy *policy = &plan->config->policies[i];
        if (!policy->allowed && !policy->denied) continue;
        strbuf_putc(out, '\n');
        add_policy(plan, &spans, policy, out);
    }
}
