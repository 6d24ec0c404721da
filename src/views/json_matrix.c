/* Clients × resolvers for scripts. Decides what a row and a cell say; their order and counts are matrix.c's. */
#include "document.h"

#include "dnspolicy/base/mem.h"
#include "matrix.h"

static void set_state(json_t *object, const matrix_counts counts)
{
    doc_set(object, "category", doc_text(category_names[matrix_worst(counts)]));
    doc_set(object, "counts", doc_category_counts(counts));
}

static json_t *cells_of(const struct matrix *matrix)
{
    const struct config *config = matrix->survey->plan->config;
    json_t *cells = doc_list();
    for (size_t i = 0; i < config->resolver_count; i++) {
        if (matrix_worst(matrix->cells[i]) == MATRIX_NO_PROBE) continue;
        json_t *cell = doc_object();
        doc_set(cell, "resolver", doc_text(config->resolvers[i].name));
        set_state(cell, matrix->cells[i]);
        doc_add(cells, cell);
    }
    return cells;
}

static json_t *row_of(struct matrix *matrix, uint32_t idx)
{
    const struct config_client *client = &matrix->survey->plan->config->clients[idx];
    json_t *subnets = doc_list();
    for (unsigned family = 0; family < ADDR_FAMILIES; family++)
        if (client->subnet_text[family]) doc_add(subnets, doc_text(client->subnet_text[family]));
    json_t *row = doc_object();
    doc_set(row, "client", doc_text(client->name));
    doc_set(row, "description", doc_text(client->description));
    doc_set(row, "subnets", subnets);
    set_state(row, matrix->rows.counts[idx]);
    matrix_count_row(matrix, idx);
    doc_set(row, "cells", cells_of(matrix));
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

    const struct config *config = survey.plan->config;
    json_t *resolvers = doc_list();
    for (size_t i = 0; i < config->resolver_count; i++) doc_add(resolvers, doc_text(config->resolvers[i].name));
    json_t *rows = doc_list();
    for (uint32_t i = params->offset; i < matrix.rows.count && i - params->offset < params->limit; i++)
        doc_add(rows, row_of(&matrix, matrix.rows.order[i]));
    json_t *data = doc_object();
    doc_set(data, "categories", doc_category_counts(survey.by_category));
    doc_set(data, "resolvers", resolvers);
    doc_set(data, "rows", rows);
    doc_set_page(data, matrix.rows.count, params->limit, params->offset);
    return doc_success(data, out);
}
