/* Clients × resolvers, counted and put in order. */
#include "views_story.h"

#include "views/matrix.h"

#define PLACES                                                                                                         \
    "clients:\n"                                                                                                       \
    "  a: {subnet: 127.1.0.0/16, source: 127.1.0.1}\n"                                                                 \
    "  b: {subnet: 127.2.0.0/16, source: 127.2.0.1}\n"                                                                 \
    "  c: {subnet: 127.3.0.0/16, source: 127.3.0.1}\n"                                                                 \
    "resolvers:\n"                                                                                                     \
    "  r0: {address: 127.0.0.10, group: east}\n"                                                                       \
    "  r1: {address: 127.0.0.11}\n"                                                                                    \
    "  r2: {address: 127.0.0.12, group: east}\n"                                                                       \
    "  r3: {address: 127.0.0.13, group: west}\n"                                                                       \
    "checks:\n"                                                                                                        \
    "  - {name: one, client: [a, b], resolver: [r0, r1, r2, r3], query: \"{random}.example A\", expect: REFUSED}\n"    \
    "  - {name: two, client: b, resolver: r2, query: \"{random}.two.example A\", expect: REFUSED}\n"

enum { A, B, C, R0 = 0, R1, R2, R3 };
/* The probes in the order of the plan. */
enum { A_R0, A_R1, A_R2, A_R3, B_R0, B_R1, B_R2, B_R3, B_R2_TWO };

struct counted {
    struct telling telling;
    struct survey survey;
    struct matrix matrix;
};

static void counted_fini(struct counted *counted)
{
    matrix_fini(&counted->matrix);
    survey_fini(&counted->survey);
    telling_fini(&counted->telling);
}

/* b's second question to r2 is answered, so is a's to r3 with another rcode; r1 denies a; all others have not run. */
static void count(struct counted *counted, const char *query)
{
    AUTO(view_params_fini) struct view_params params;
    telling_begin(&counted->telling, PLACES);
    tell_run(&counted->telling, reply_of(B_R2_TWO, DNS_RCODE_NXDOMAIN), 1);
    tell_run(&counted->telling, reply_of(A_R3, DNS_RCODE_SERVFAIL), 1);
    tell_run(&counted->telling, reply_of(A_R1, DNS_RCODE_REFUSED), 1);
    take_params(&params, UINT32_MAX, query);
    survey_init(&counted->survey, counted->telling.generation, &params, 0);
    matrix_init(&counted->matrix, &counted->survey);
}

static void assert_order(const struct matrix_axis *axis, const uint32_t *order, uint32_t count)
{
    assert_int_equal(axis->count, count);
    for (uint32_t i = 0; i < count; i++) assert_int_equal(axis->order[i], order[i]);
}

static void the_worst_clients_and_resolvers_come_first_else_as_in_the_file(void **state)
{
    (void)state;
    AUTO(counted_fini) struct counted counted;
    count(&counted, "");
    assert_order(&counted.matrix.rows, (const uint32_t[]){B, A}, 2);
    assert_order(&counted.matrix.columns, (const uint32_t[]){R2, R3, R0, R1}, 4);
}

static void a_row_counts_the_probes_of_its_cells(void **state)
{
    (void)state;
    AUTO(counted_fini) struct counted counted;
    count(&counted, "");
    matrix_count_row(&counted.matrix, B);
    assert_int_equal(matrix_total(counted.matrix.cells[R2]), 2);
    assert_int_equal(matrix_worst(counted.matrix.cells[R2]), CATEGORY_TOO_OPEN);
    assert_int_equal(matrix_worst(counted.matrix.cells[R3]), CATEGORY_UNKNOWN);
    matrix_count_row(&counted.matrix, A);
    assert_int_equal(matrix_total(counted.matrix.cells[R2]), 1);
    assert_int_equal(matrix_worst(counted.matrix.cells[R3]), CATEGORY_MISMATCH);
    assert_int_equal(matrix_worst(counted.matrix.cells[R1]), CATEGORY_PASS);
    matrix_count_row(&counted.matrix, C);
    assert_int_equal(matrix_worst(counted.matrix.cells[R2]), MATRIX_NO_PROBE);
}

static void members_of_a_group_share_a_column(void **state)
{
    (void)state;
    AUTO(counted_fini) struct counted counted;
    count(&counted, "");
    matrix_join_groups(&counted.matrix);
    assert_true(counted.matrix.is_grouped);
    /* r0 stands for east, whose worst is r2's. */
    assert_order(&counted.matrix.columns, (const uint32_t[]){R0, R3, R1}, 3);
    assert_int_equal(counted.matrix.members[R0], 2);
    assert_int_equal(counted.matrix.members[R3], 1);
    matrix_count_row(&counted.matrix, B);
    assert_int_equal(matrix_total(counted.matrix.cells[R0]), 3);
    assert_int_equal(matrix_worst(counted.matrix.cells[R0]), CATEGORY_TOO_OPEN);
    assert_int_equal(matrix_worst(counted.matrix.cells[R2]), MATRIX_NO_PROBE);
}

static void only_what_is_in_scope_is_there(void **state)
{
    (void)state;
    AUTO(counted_fini) struct counted counted;
    count(&counted, "category=too_open,pass");
    assert_order(&counted.matrix.rows, (const uint32_t[]){B, A}, 2);
    assert_order(&counted.matrix.columns, (const uint32_t[]){R2, R1}, 2);
    matrix_count_row(&counted.matrix, B);
    assert_int_equal(matrix_total(counted.matrix.cells[R2]), 1);
}

static void without_a_group_in_scope_nothing_is_joined(void **state)
{
    (void)state;
    AUTO(counted_fini) struct counted counted;
    count(&counted, "resolver=r1");
    matrix_join_groups(&counted.matrix);
    assert_false(counted.matrix.is_grouped);
    assert_order(&counted.matrix.columns, (const uint32_t[]){R1}, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_clients_and_resolvers_come_first_else_as_in_the_file),
        cmocka_unit_test(a_row_counts_the_probes_of_its_cells),
        cmocka_unit_test(members_of_a_group_share_a_column),
        cmocka_unit_test(only_what_is_in_scope_is_there),
        cmocka_unit_test(without_a_group_in_scope_nothing_is_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
