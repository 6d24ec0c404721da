/* Numbers as text, time as text, durations in buckets, random bytes used once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/histogram.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/random.h"
#include "dnspolicy/base/strbuf.h"

static void assert_seconds(int64_t ns, const char *expected)
{
    AUTO(strbuf_fini) struct strbuf buf = {0};
    strbuf_add_seconds(&buf, ns);
    assert_string_equal(strbuf_text(&buf), expected);
}

static void seconds_are_exact_and_end_without_zeros(void **state)
{
    (void)state;
    assert_seconds(0, "0");
    assert_seconds(1, "0.000000001");
    assert_seconds(1500000, "0.0015");
    assert_seconds(100000000, "0.1");
    assert_seconds(1000000000, "1");
    assert_seconds(10000000010, "10.00000001");
    assert_seconds(1767322645678901234, "1767322645.678901234");
    assert_seconds(INT64_MAX, "9223372036.854775807");
}

static void negative_seconds_keep_their_sign(void **state)
{
    (void)state;
    assert_seconds(-1, "-0.000000001");
    assert_seconds(-1500000, "-0.0015");
    assert_seconds(-2000000000, "-2");
    assert_seconds(INT64_MIN, "-9223372036.854775808");
}

static void text_grows_piece_by_piece(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf buf = {0};
    assert_string_equal(strbuf_text(&buf), "");
    strbuf_add(&buf, NULL, 0);
    strbuf_add_u64(&buf, 0);
    strbuf_putc(&buf, ' ');
    strbuf_add_u64(&buf, UINT64_MAX);
    strbuf_addf(&buf, " %s=%d ", "x", -5);
    strbuf_add_hex(&buf, "\x00\xAB\x0F", 3);
    assert_string_equal(strbuf_text(&buf), "0 18446744073709551615 x=-5 00ab0f");
    strbuf_clear(&buf);
    assert_string_equal(strbuf_text(&buf), "");
}

/* Every fill of the buffer meets a formatted piece of every length once, so that no edge goes by. */
static void formatted_text_fits_at_every_edge_of_the_buffer(void **state)
{
    (void)state;
    static const char filler[] = "0123456789012345678901234567890123456789012345678901234567890123456789";
    for (int before = 0; before <= 70; before++) {
        for (int more = 0; more <= 70; more++) {
            AUTO(strbuf_fini) struct strbuf buf = {0};
            strbuf_add(&buf, filler, (size_t)before);
            strbuf_addf(&buf, "%.*s", more, filler);
            assert_int_equal(buf.len, before + more);
            assert_int_equal(strlen(strbuf_text(&buf)), buf.len);
            assert_memory_equal(buf.data + before, filler, (size_t)more);
        }
    }
}

static void stolen_text_is_never_null_and_leaves_an_empty_buffer(void **state)
{
    (void)state;
    struct strbuf buf = {0};
    AUTO(mem_free_ptr) char *nothing = strbuf_steal(&buf);
    assert_string_equal(nothing, "");
    strbuf_puts(&buf, "x");
    AUTO(mem_free_ptr) char *something = strbuf_steal(&buf);
    assert_string_equal(something, "x");
    assert_null(buf.data);
    assert_int_equal(buf.len, 0);
}

static void assert_time(int64_t wall_ns, const char *expected)
{
    char out[CLOCK_TEXT_SIZE];
    clock_format(wall_ns, out);
    assert_string_equal(out, expected);
}

static void time_is_written_in_utc_with_milliseconds(void **state)
{
    (void)state;
    assert_time(0, "1970-01-01T00:00:00.000Z");
    assert_time(1767323045678999999, "2026-01-02T03:04:05.678Z");
    assert_time(-1, "1969-12-31T23:59:59.999Z");
    assert_time(INT64_MAX, "2262-04-11T23:47:16.854Z");
    assert_time(INT64_MIN, "1677-09-21T00:12:43.145Z");
}

static void the_clocks_tick_forward_and_are_never_0(void **state)
{
    (void)state;
    uint64_t mono = clock_mono_ns();
    assert_true(mono > 0);
    assert_true(clock_mono_ns() >= mono);
    assert_true(clock_boot_ns() >= mono);
    /* After 2020: nobody's wall clock is that wrong. */
    assert_true(clock_wall_ns() > INT64_C(1577836800) * (int64_t)NS_PER_SEC);
}

static void the_wall_clock_is_the_monotonic_one_and_an_offset(void **state)
{
    (void)state;
    int64_t before = clock_wall_ns();
    int64_t between = (int64_t)clock_mono_ns() + clock_wall_offset_ns();
    int64_t after = clock_wall_ns();
    assert_true(between >= before - (int64_t)NS_PER_MS && between <= after + (int64_t)NS_PER_MS);
}

static void a_value_on_a_bound_belongs_to_it(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    struct histogram_copy copy = {0};
    uint64_t sum_ns = 0;
    for (int i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
        histogram_observe(&histogram, histogram_bounds_ns[i]);
        histogram_observe(&histogram, histogram_bounds_ns[i] + 1);
        sum_ns += 2 * histogram_bounds_ns[i] + 1;
        if (i) assert_true(histogram_bounds_ns[i] > histogram_bounds_ns[i - 1]);
    }
    histogram_add_to(&histogram, &copy);
    assert_int_equal(copy.buckets[0], 1);
    for (int i = 1; i < HISTOGRAM_BUCKETS - 1; i++) assert_int_equal(copy.buckets[i], 2);
    assert_int_equal(copy.buckets[HISTOGRAM_BUCKETS - 1], 1);
    assert_true(copy.sum_ns == sum_ns);
}

static void histograms_add_up(void **state)
{
    (void)state;
    struct histogram a = {0};
    struct histogram b = {0};
    struct histogram_copy sum = {0};
    histogram_observe(&a, 0);
    histogram_observe(&b, 90 * NS_PER_US);
    histogram_observe(&b, 10 * NS_PER_SEC);
    histogram_add_to(&a, &sum);
    histogram_add_to(&b, &sum);
    assert_int_equal(sum.buckets[0], 2);
    assert_int_equal(sum.buckets[HISTOGRAM_BUCKETS - 1], 1);
    assert_true(sum.sum_ns == 10 * NS_PER_SEC + 90 * NS_PER_US);
}

static void random_bytes_are_handed_out_once_and_wiped(void **state)
{
    (void)state;
    static const uint8_t zeros[64];
    struct random_pool pool = {0};
    uint8_t first[64];
    uint8_t again[64];
    random_pool_take(&pool, first, sizeof(first));
    assert_int_equal(pool.left, sizeof(pool.bytes) - sizeof(first));
    assert_memory_equal(pool.bytes, zeros, sizeof(first));
    assert_memory_not_equal(first, zeros, sizeof(first));
    for (int i = 0; i < 100; i++) {
        random_pool_take(&pool, again, 63);
        assert_memory_not_equal(first, again, 63);
        memcpy(first, again, 63);
    }
}

static void memory_of_no_size_is_memory_all_the_same(void **state)
{
    (void)state;
    AUTO(mem_free_ptr) void *nothing = mem_alloc(0);
    AUTO(mem_free_ptr) void *copy = mem_copy(NULL, 0);
    AUTO(mem_free_ptr) char *part = mem_strndup("abc", 2);
    AUTO(mem_free_ptr) char *whole = mem_strndup("abc", SIZE_MAX);
    assert_non_null(nothing);
    assert_non_null(copy);
    assert_string_equal(part, "ab");
    assert_string_equal(whole, "abc");
    assert_null(mem_strdup(NULL));
}

static void an_array_grows_by_doubling_and_keeps_its_elements(void **state)
{
    (void)state;
    AUTO(mem_free_ptr) int *numbers = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 1000; i++) {
        numbers = mem_grow(numbers, (size_t)i, &capacity, sizeof(*numbers));
        numbers[i] = i;
    }
    for (int i = 0; i < 1000; i++) assert_int_equal(numbers[i], i);
    assert_int_equal(capacity, 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seconds_are_exact_and_end_without_zeros),
        cmocka_unit_test(negative_seconds_keep_their_sign),
        cmocka_unit_test(text_grows_piece_by_piece),
        cmocka_unit_test(formatted_text_fits_at_every_edge_of_the_buffer),
        cmocka_unit_test(stolen_text_is_never_null_and_leaves_an_empty_buffer),
        cmocka_unit_test(time_is_written_in_utc_with_milliseconds),
        cmocka_unit_test(the_clocks_tick_forward_and_are_never_0),
        cmocka_unit_test(the_wall_clock_is_the_monotonic_one_and_an_offset),
        cmocka_unit_test(a_value_on_a_bound_belongs_to_it),
        cmocka_unit_test(histograms_add_up),
        cmocka_unit_test(random_bytes_are_handed_out_once_and_wiped),
        cmocka_unit_test(memory_of_no_size_is_memory_all_the_same),
        cmocka_unit_test(an_array_grows_by_doubling_and_keeps_its_elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
