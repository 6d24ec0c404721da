/* The timer heap against a list that is searched from end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dnspolicy/base/heap.h"
#include "dnspolicy/base/mem.h"

#define TIMERS 300

struct timer {
    struct heap_node node;
    uint64_t key;
    bool is_in;
};

/* xorshift64 with a fixed seed: the same story at every run. */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void assert_same_as_model(const struct heap *heap, const struct timer *timers, size_t count)
{
    size_t in = 0;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(heap_contains(&timers[i].node), timers[i].is_in);
        if (!timers[i].is_in) continue;
        const struct heap_entry *entry = &heap->entries[timers[i].node.slot - 1];
        assert_ptr_equal(entry->node, &timers[i].node);
        assert_true(entry->key == timers[i].key);
        if (timers[i].key < least) least = timers[i].key;
        in++;
    }
    assert_int_equal(heap->count, in);
    assert_true(heap_first_key(heap) == least);
}

static void assert_ordered(const struct heap *heap)
{
    for (size_t i = 1; i < heap->count; i++)
        assert_true(heap->entries[(i - 1) / HEAP_CHILDREN].key <= heap->entries[i].key);
}

static void any_mix_of_operations_agrees_with_a_searched_list(void **state)
{
    (void)state;
    static struct timer timers[TIMERS];
    struct heap heap = {0};
    uint64_t seed = 20260102;
    for (int step = 0; step < 20000; step++) {
        struct timer *timer = &timers[next_random(&seed) % TIMERS];
        /* Few different keys, so that equal ones are common. */
        uint64_t key = next_random(&seed) % 64;
        bool puts = next_random(&seed) % 3 != 0;
        if (puts)
            heap_put(&heap, &timer->node, key);
        else
            heap_remove(&heap, &timer->node);
        timer->key = puts ? key : timer->key;
        timer->is_in = puts;
        assert_same_as_model(&heap, timers, TIMERS);
        assert_ordered(&heap);
    }
    heap_fini(&heap);
}

static void timers_leave_in_the_order_of_their_keys(void **state)
{
    (void)state;
    struct timer timers[TIMERS] = {0};
    struct heap heap = {0};
    uint64_t seed = 7;
    for (size_t i = 0; i < TIMERS; i++) heap_put(&heap, &timers[i].node, next_random(&seed));
    uint64_t last = 0;
    for (size_t i = 0; i < TIMERS; i++) {
        uint64_t key = heap_first_key(&heap);
        assert_true(key >= last);
        last = key;
        heap_remove(&heap, heap_first(&heap, UINT64_MAX));
    }
    assert_int_equal(heap.count, 0);
    heap_fini(&heap);
}

static void the_first_is_due_from_its_key_on(void **state)
{
    (void)state;
    struct timer timer = {0};
    struct heap heap = {0};
    assert_null(heap_first(&heap, UINT64_MAX));
    heap_put(&heap, &timer.node, 1000);
    assert_null(heap_first(&heap, 999));
    assert_ptr_equal(heap_first(&heap, 1000), &timer.node);
    assert_int_equal(heap.count, 1);
    heap_fini(&heap);
}

static void an_empty_heap_is_never_due(void **state)
{
    (void)state;
    struct heap heap = {0};
    assert_true(heap_first_key(&heap) == UINT64_MAX);
}

static void a_timer_put_twice_is_moved(void **state)
{
    (void)state;
    struct timer a = {0};
    struct timer b = {0};
    struct heap heap = {0};
    heap_put(&heap, &a.node, 10);
    heap_put(&heap, &b.node, 20);
    heap_put(&heap, &a.node, 30);
    assert_int_equal(heap.count, 2);
    assert_ptr_equal(heap_first(&heap, 100), &b.node);
    heap_put(&heap, &a.node, 5);
    assert_ptr_equal(heap_first(&heap, 100), &a.node);
    heap_fini(&heap);
}

static void removing_what_is_not_in_it_changes_nothing(void **state)
{
    (void)state;
    struct timer in = {0};
    struct timer out = {0};
    struct heap heap = {0};
    heap_put(&heap, &in.node, 10);
    heap_remove(&heap, &out.node);
    heap_remove(&heap, &in.node);
    heap_remove(&heap, &in.node);
    assert_int_equal(heap.count, 0);
    heap_fini(&heap);
}

static void the_end_of_a_heap_lets_its_nodes_go(void **state)
{
    (void)state;
    struct timer timer = {0};
    struct heap heap = {0};
    heap_put(&heap, &timer.node, 10);
    heap_fini(&heap);
    assert_false(heap_contains(&timer.node));
    heap_put(&heap, &timer.node, 20);
    assert_int_equal(heap_first_key(&heap), 20);
    heap_fini(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_mix_of_operations_agrees_with_a_searched_list),
        cmocka_unit_test(timers_leave_in_the_order_of_their_keys),
        cmocka_unit_test(the_first_is_due_from_its_key_on),
        cmocka_unit_test(an_empty_heap_is_never_due),
        cmocka_unit_test(a_timer_put_twice_is_moved),
        cmocka_unit_test(removing_what_is_not_in_it_changes_nothing),
        cmocka_unit_test(the_end_of_a_heap_lets_its_nodes_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
