/*
 * Clients × resolvers of one survey: which rows and columns there are, the worst first, and the counts of a row's
 * cells. A page is a page of rows, and only its cells are counted one by one.
 */
#ifndef VIEWS_MATRIX_H
#define VIEWS_MATRIX_H

#include <stdbool.h>
#include <stdint.h>

#include "survey.h"

typedef uint32_t matrix_counts[CATEGORIES];

/* Those with a probe in scope. */
struct matrix_axis {
    matrix_counts *counts; /* by index of the client, or of the column */
    uint32_t *order;       /* indexes, worst first, else in the order of the file */
    uint32_t count;        /* of order */
};
struct matrix {
    const struct survey *survey;
    struct matrix_axis rows;    /* clients */
    struct matrix_axis columns; /* resolvers; with groups, one resolver stands for its group */
    bool is_grouped;            /* the members of a group share a column */
    uint32_t *column_of;        /* [resolver]: the index of the one that stands for it, its own without groups */
    uint32_t *members;          /* [column]: resolvers in scope that it stands for */
    uint32_t *first;            /* [client + 1]: where its probes begin in by_client */
    uint32_t *by_client;        /* probes in scope, grouped by client */
    matrix_counts *cells;       /* by column, of the row counted last */
};
/* The survey must outlive it. */
void matrix_init(struct matrix *matrix, const struct survey *survey);
/* The members of a group share a column from now on; nothing changes where no resolver in scope has a group. */
void matrix_join_groups(struct matrix *matrix);
void matrix_fini(struct matrix *matrix);

/* Counts the cells of one client's row into matrix->cells, until the next row. */
void matrix_count_row(struct matrix *matrix, uint32_t client);

#define MATRIX_NO_PROBE CATEGORIES
/* The worst category, or MATRIX_NO_PROBE. */
unsigned matrix_worst(const matrix_counts counts);
uint32_t matrix_total(const matrix_counts counts);

#endif
