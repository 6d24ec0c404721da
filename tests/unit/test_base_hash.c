/* Identities that must never change, and the index that is built on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dnspolicy/base/hash.h"
#include "dnspolicy/base/mem.h"

static uint64_t hash_of(const char *first, const char *second)
{
    struct hash hash;
    hash_init(&hash);
    hash_add_text(&hash, first);
    hash_add_text(&hash, second);
    return hash_end(&hash);
}

static uint64_t hash_of_number(uint64_t value)
{
    struct hash hash;
    hash_init(&hash);
    hash_add_u64(&hash, value);
    return hash_end(&hash);
}

static void the_border_between_two_texts_counts(void **state)
{
    (void)state;
    assert_true(hash_of("ab", "c") == hash_of("ab", "c"));
    assert_true(hash_of("ab", "c") != hash_of("a", "bc"));
    assert_true(hash_of("abc", "") != hash_of("", "abc"));
    assert_true(hash_of("a", "b") != hash_of("b", "a"));
}

static void no_text_differs_from_empty_text(void **state)
{
    (void)state;
    assert_true(hash_of(NULL, "") != hash_of("", ""));
    assert_true(hash_of(NULL, "") != hash_of("", NULL));
    assert_true(hash_of(NULL, NULL) != hash_of(NULL, ""));
}

static void a_number_differs_from_its_bytes(void **state)
{
    (void)state;
    static const uint8_t bytes[8] = {1};
    struct hash hash;
    hash_init(&hash);
    hash_add(&hash, bytes, sizeof(bytes));
    assert_true(hash_end(&hash) != hash_of_number(1));
    hash_init(&hash);
    hash_add(&hash, NULL, 0);
    assert_true(hash_end(&hash) != hash_of_number(0));
}

/* Computed apart from this code. If it changes, every counter of every installation starts anew. */
static void an_identity_stays_what_it_is(void **state)
{
    (void)state;
    struct hash hash;
    hash_init(&hash);
    hash_add_text(&hash, "internal-recursion");
    hash_add_u64(&hash, 53);
    hash_add_text(&hash, NULL);
    assert_true(hash_end(&hash) == UINT64_C(0x64cbf9e776a7c171));
}

static void asking_for_the_end_twice_gives_the_same(void **state)
{
    (void)state;
    struct hash hash;
    hash_init(&hash);
    hash_add_text(&hash, "x");
    uint64_t end = hash_end(&hash);
    assert_true(hash_end(&hash) == end);
}

/* The start state for which the rest would be 0. */
static void the_end_is_never_0(void **state)
{
    (void)state;
    struct hash hash = {.state = 0};
    assert_int_equal(hash_end(&hash), 1);
}

/* Neighbouring numbers as phases: each of 16 slots of an interval gets its share, give or take a quarter. */
static void the_low_bits_spread_neighbours_evenly(void **state)
{
    (void)state;
    unsigned slots[16] = {0};
    for (uint64_t i = 0; i < 16000; i++) slots[hash_of_number(i) % 16]++;
    for (size_t i = 0; i < ARRAY_LEN(slots); i++) assert_in_range(slots[i], 750, 1250);
}

static void an_index_keeps_every_key_while_it_grows(void **state)
{
    (void)state;
    struct hash_index index = {0};
    for (uint32_t i = 0; i < 5000; i++) {
        assert_int_equal(hash_index_get(&index, hash_of_number(i)), HASH_INDEX_NONE);
        hash_index_put(&index, hash_of_number(i), i);
    }
    assert_int_equal(index.count, 5000);
    for (uint32_t i = 0; i < 5000; i++) assert_int_equal(hash_index_get(&index, hash_of_number(i)), i);
    for (uint32_t i = 5000; i < 10000; i++)
        assert_int_equal(hash_index_get(&index, hash_of_number(i)), HASH_INDEX_NONE);
    hash_index_fini(&index);
}

static void a_key_put_again_takes_the_new_value(void **state)
{
    (void)state;
    struct hash_index index = {0};
    hash_index_put(&index, 17, 1);
    hash_index_put(&index, 17, 2);
    assert_int_equal(index.count, 1);
    assert_int_equal(hash_index_get(&index, 17), 2);
    hash_index_fini(&index);
}

/* All of them want the last place of a small table, and the search for a free one wraps around. */
static void keys_that_collide_are_told_apart(void **state)
{
    (void)state;
    struct hash_index index = {0};
    for (uint32_t i = 1; i <= 7; i++) hash_index_put(&index, ((uint64_t)i << 32) | 15, i);
    for (uint32_t i = 1; i <= 7; i++) assert_int_equal(hash_index_get(&index, ((uint64_t)i << 32) | 15), i);
    assert_int_equal(hash_index_get(&index, (UINT64_C(8) << 32) | 15), HASH_INDEX_NONE);
    hash_index_fini(&index);
}

static void an_empty_index_has_nothing(void **state)
{
    (void)state;
    struct hash_index index = {0};
    assert_int_equal(hash_index_get(&index, 1), HASH_INDEX_NONE);
    hash_index_put(&index, 1, 0);
    hash_index_fini(&index);
    assert_int_equal(hash_index_get(&index, 1), HASH_INDEX_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_border_between_two_texts_counts),
        cmocka_unit_test(no_text_differs_from_empty_text),
        cmocka_unit_test(a_number_differs_from_its_bytes),
        cmocka_unit_test(an_identity_stays_what_it_is),
        cmocka_unit_test(asking_for_the_end_twice_gives_the_same),
        cmocka_unit_test(the_end_is_never_0),
        cmocka_unit_test(the_low_bits_spread_neighbours_evenly),
        cmocka_unit_test(an_index_keeps_every_key_while_it_grows),
        cmocka_unit_test(a_key_put_again_takes_the_new_value),
        cmocka_unit_test(keys_that_collide_are_told_apart),
        cmocka_unit_test(an_empty_index_has_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
