/*
 * Decides which clients and resolvers are rows and columns of a matrix, and in which order: the worst first. Refuses to
 * know how a cell is shown.
 */
#include "matrix.h"

#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/hash.h"
#include "dnspolicy/base/mem.h"

static unsigned category_at(const struct survey *survey, uint32_t probe)
{
    return verdict_table[survey->verdicts[probe]].category;
}

unsigned matrix_worst(const matrix_counts counts)
{
    unsigned category = CATEGORIES;
    while (category > 0 && !counts[category - 1]) category--;
    return category ? category - 1 : MATRIX_NO_PROBE;
}

uint32_t matrix_total(const matrix_counts counts)
{
    uint32_t total = 0;
    for (unsigned category = 0; category < CATEGORIES; category++) total += counts[category];
    return total;
}

static void axis_init(struct matrix_axis *axis, size_t count)
{
    axis->counts = mem_array(count, sizeof(*axis->counts));
    axis->order = mem_array(count, sizeof(*axis->order));
}

static void axis_fini(struct matrix_axis *axis)
{
    free(axis->counts);
    free(axis->order);
}

static void axis_sort(struct matrix_axis *axis, size_t count)
{
    axis->count = 0;
    for (unsigned category = CATEGORIES; category-- > 0;)
        for (uint32_t i = 0; i < count; i++)
            if (matrix_worst(axis->counts[i]) == category) axis->order[axis->count++] = i;
}

static void group_by_client(struct matrix *matrix)
{
    const struct survey *survey = matrix->survey;
    uint32_t *next = matrix->first;
    for (uint32_t i = 0; i < survey->plan->probe_count; i++) {
        if (survey->verdicts[i] == SURVEY_OUT_OF_SCOPE) continue;
        const struct plan_probe *probe = &survey->plan->probes[i];
        matrix->rows.counts[probe->client->index][category_at(survey, i)]++;
        matrix->columns.counts[probe->resolver->index][category_at(survey, i)]++;
        next[probe->client->index + 1]++;
    }
    for (size_t i = 0; i < survey->plan->config->client_count; i++) next[i + 1] += next[i];
    /* Filling moves each start to the next one's; walking backwards moves it from the end to the start. */
    for (uint32_t i = survey->plan->probe_count; i-- > 0;)
        if (survey->verdicts[i] != SURVEY_OUT_OF_SCOPE)
            matrix->by_client[--next[survey->plan->probes[i].client->index + 1]] = i;
}

void matrix_init(struct matrix *matrix, const struct survey *survey)
{
    const struct config *config = survey->plan->config;
    *matrix = (struct matrix){
        .survey = survey,
        .column_of = mem_array(config->resolver_count, sizeof(*matrix->column_of)),
        .members = mem_array(config->resolver_count, sizeof(*matrix->members)),
        .first = mem_array(config->client_count + 1, sizeof(*matrix->first)),
        .by_client = mem_array(survey->total, sizeof(*matrix->by_client)),
        .cells = mem_array(config->resolver_count, sizeof(*matrix->cells)),
    };
    axis_init(&matrix->rows, config->client_count);
    axis_init(&matrix->columns, config->resolver_count);
    group_by_client(matrix);
    for (uint32_t i = 0; i < config->resolver_count; i++) {
        matrix->column_of[i] = i;
        matrix->members[i] = 1;
    }
    axis_sort(&matrix->rows, config->client_count);
    axis_sort(&matrix->columns, config->resolver_count);
}

void matrix_fini(struct matrix *matrix)
{
    axis_fini(&matrix->rows);
    axis_fini(&matrix->columns);
    free(matrix->column_of);
    free(matrix->members);
    free(matrix->first);
    free(matrix->by_client);
    free(matrix->cells);
}

static uint64_t hash_of(const char *name)
{
    struct hash hash;
    hash_init(&hash);
    hash_add_text(&hash, name);
    return hash_end(&hash);
}

static void join(struct matrix *matrix, uint32_t resolver, uint32_t column)
{
    matrix_counts *counts = matrix->columns.counts;
    matrix->column_of[resolver] = column;
    matrix->members[column]++;
    for (unsigned category = 0; category < CATEGORIES; category++)
        counts[column][category] += counts[resolver][category];
    memset(counts[resolver], 0, sizeof(counts[resolver]));
}

void matrix_join_groups(struct matrix *matrix)
{
    const struct config *config = matrix->survey->plan->config;
    AUTO(hash_index_fini) struct hash_index columns = {0};
    for (uint32_t i = 0; i < config->resolver_count; i++) {
        const char *group = config->resolvers[i].group;
        if (!group || matrix_worst(matrix->columns.counts[i]) == MATRIX_NO_PROBE) continue;
        uint32_t column = hash_index_get(&columns, hash_of(group));
        if (column == HASH_INDEX_NONE)
            hash_index_put(&columns, hash_of(group), i);
        else
            join(matrix, i, column);
    }
    axis_sort(&matrix->columns, config->resolver_count);
    matrix->is_grouped = columns.count > 0;
}

void matrix_count_row(struct matrix *matrix, uint32_t client)
{
    const struct config *config = matrix->survey->plan->config;
    const struct plan_probe *probes = matrix->survey->plan->probes;
    uint32_t first = matrix->first[client + 1];
    uint32_t end = client + 1 < config->client_count ? matrix->first[client + 2] : matrix->survey->total;
    memset(matrix->cells, 0, config->resolver_count * sizeof(*matrix->cells));
    for (uint32_t i = first; i < end; i++) {
        uint32_t probe = matrix->by_client[i];
        matrix->cells[matrix->column_of[probes[probe].resolver->index]][category_at(matrix->survey, probe)]++;
    }
}
