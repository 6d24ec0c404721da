/*
 * Clients × resolvers. Decides the order of the rows (clients, the worst first) and what a cell says. A row is one client;
 * a page is a page of rows, and only its cells are counted one by one.
 */
#include "document.h"

#include <stdlib.h>

#include "dnspolicy/base/mem.h"

struct matrix {
    const struct survey *survey;
    const struct config *config;
    uint32_t (*clients)[CATEGORIES]; /* counts by client and category */
    uint32_t *order;                 /* clients with a probe in scope, worst first */
    uint32_t rows;
    uint32_t *first;               /* [client]: where its probes begin in by_client; one more at the end */
    uint32_t *by_client;           /* probes in scope, grouped by client */
    uint32_t (*cells)[CATEGORIES]; /* scratch: counts of one row by resolver */
};

static void matrix_fini(struct matrix *matrix)
{
    free(matrix->clients);
    free(matrix->order);
    free(matrix->first);
    free(matrix->by_client);
    free(matrix->cells);
}

static unsigned category_at(const struct survey *survey, uint32_t probe)
{
    return verdict_table[survey->verdicts[probe]].category;
}

static unsigned worst(const uint32_t counts[CATEGORIES])
{
    unsigned category = CATEGORIES;
    while (category > 0 && !counts[category - 1]) category--;
    return category ? category - 1 : CATEGORIES; /* CATEGORIES: no probe at all */
}

static void group_by_client(struct matrix *matrix)
{
    const struct survey *survey = matrix->survey;
    uint32_t *next = matrix->first;
    for (uint32_t i = 0; i < survey->plan->probe_count; i++) {
        if (survey->verdicts[i] == SURVEY_OUT_OF_SCOPE) continue;
        uint32_t client = survey->plan->probes[i].client->index;
        matrix->clients[client][category_at(survey, i)]++;
        next[client + 1]++;
    }
    for (size_t i = 0; i < matrix->config->client_count; i++) next[i + 1] += next[i];
    /* Filling moves each start to the next one's; walking backwards moves it from the end to the start. */
    for (uint32_t i = survey->plan->probe_count; i-- > 0;)
        if (survey->verdicts[i] != SURVEY_OUT_OF_SCOPE)
            matrix->by_client[--next[survey->plan->probes[i].client->index + 1]] = i;
}

static void matrix_init(struct matrix *matrix, const struct survey *survey)
{
    const struct config *config = survey->plan->config;
    *matrix = (struct matrix){
        .survey = survey,
        .config = config,
        .clients = mem_array(config->client_count, sizeof(*matrix->clients)),
        .order = mem_array(config->client_count, sizeof(*matrix->order)),
        .first = mem_array(config->client_count + 1, sizeof(*matrix->first)),
        .by_client = mem_array(survey->total, sizeof(*matrix->by_client)),
        .cells = mem_array(config->resolver_count, sizeof(*matrix->cells)),
    };
    group_by_client(matrix);
    for (unsigned category = CATEGORIES; category-- > 0;)
        for (uint32_t i = 0; i < config->client_count; i++)
            if (worst(matrix->clients[i]) == category) matrix->order[matrix->rows++] = i;
}

static void set_state(json_t *object, const uint32_t counts[CATEGORIES])
{
    doc_set(object, "category", doc_text(category_names[worst(counts)]));
    doc_set(object, "counts", doc_category_counts(counts));
}

static json_t *cells_of(struct matrix *matrix, const uint32_t *probes, uint32_t count)
{
    const struct plan *plan = matrix->survey->plan;
    for (uint32_t i = 0; i < count; i++)
        matrix->cells[plan->probes[probes[i]].resolver->index][category_at(matrix->survey, probes[i])]++;
    json_t *cells = doc_list();
    for (size_t i = 0; i < matrix->config->resolver_count; i++) {
        if (worst(matrix->cells[i]) == CATEGORIES) continue;
        json_t *cell = doc_object();
        doc_set(cell, "resolver", doc_text(matrix->config->resolvers[i].name));
        set_state(cell, matrix->cells[i]);
        doc_add(cells, cell);
        memset(matrix->cells[i], 0, sizeof(matrix->cells[i]));
    }
    return cells;
}

static json_t *row_of(struct matrix *matrix, uint32_t idx)
{
    const struct config_client *client = &matrix->config->clients[idx];
    json_t *subnets = doc_list();
    for (unsigned family = 0; family < ADDR_FAMILIES; family++)
        if (client->subnet_text[family]) doc_add(subnets, doc_text(client->subnet_text[family]));
    json_t *row = doc_object();
    doc_set(row, "client", doc_text(client->name));
    doc_set(row, "description", doc_text(client->description));
    doc_set(row, "subnets", subnets);
    set_state(row, matrix->clients[idx]);
    uint32_t first = matrix->first[idx + 1];
    uint32_t end = idx + 1 < matrix->config->client_count ? matrix->first[idx + 2] : matrix->survey->total;
    doc_set(row, "cells", cells_of(matrix, matrix->by_client + first, end - first));
    return row;
}

unsigned json_matrix(struct view_service *service, const struct view_params *params, struct strbuf *out)
{
    AUTO(doc_release) struct generation *generation = doc_acquire(service, out);
    if (!generation) return 503;
    AUTO(survey_fini) struct survey survey = {0};
    AUTO(matrix_fini) struct matrix matrix = {0};
    survey_init(&survey, generation, params, 0);
    matrix_init(&matrix, &survey);

    json_t *resolvers = doc_list();
    for (size_t i = 0; i < matrix.config->resolver_count; i++)
        doc_add(resolvers, doc_text(matrix.config->resolvers[i].name));
    json_t *rows = doc_list();
    for (uint32_t i = params->offset; i < matrix.rows && i - params->offset < params->limit; i++)
        doc_add(rows, row_of(&matrix, matrix.order[i]));
    json_t *data = doc_object();
    doc_set(data, "categories", doc_category_counts(survey.by_category));
    doc_set(data, "resolvers", resolvers);
    doc_set(data, "rows", rows);
    doc_set_page(data, matrix.rows, params->limit, params->offset);
    return doc_success(data, out);
}
