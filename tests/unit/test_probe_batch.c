/* What the sink is handed, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dnspolicy/base/mem.h"
#include "probe/batch.h"

struct folded {
    size_t calls;
    size_t outcomes;
    size_t text; /* bytes of answers, all of which said what they were given */
    unsigned lane;
};

static void fold(void *ctx, unsigned lane, const struct outcome *outcomes, size_t count)
{
    struct folded *folded = ctx;
    folded->calls++;
    folded->lane = lane;
    for (size_t i = 0; i < count; i++) {
        const struct dns_reply *reply = &outcomes[i].reply;
        assert_int_equal(outcomes[i].probe, folded->outcomes++);
        for (uint32_t k = 0; k < reply->answer_len; k++)
            assert_int_equal((uint8_t)reply->answer[k], (uint8_t)outcomes[i].probe);
        folded->text += reply->answer_len;
        if (reply->ede_count) assert_memory_equal(reply->ede[0].text, "gone", 4);
        if (reply->has_nsid) assert_memory_equal(reply->nsid, "ns1", 3);
    }
}

/* The scratch is overwritten after each call, as the next reply overwrites it. */
static void add(struct batch *batch, uint32_t probe, char *scratch, uint32_t answer_len)
{
    memset(scratch, (int)probe, answer_len);
    char why[] = "gone";
    uint8_t nsid[] = {'n', 's', '1'};
    struct outcome outcome = {.probe = probe,
                              .reply = {.answer = answer_len ? scratch : NULL,
                                        .answer_len = answer_len,
                                        .ede_count = 1,
                                        .ede = {{.code = 18, .text = why, .text_len = 4}},
                                        .has_nsid = true,
                                        .nsid = nsid,
                                        .nsid_len = 3}};
    batch_add(batch, &outcome);
    memset(scratch, 0x5a, answer_len);
    memset(why, 0, sizeof(why));
    memset(nsid, 0, sizeof(nsid));
}

static void texts_outlive_the_scratch_they_came_in(void **state)
{
    (void)state;
    struct lane_stats stats = {0};
    struct folded folded = {0};
    struct batch *batch = batch_new((struct engine_sink){&folded, fold}, 3, &stats);
    char scratch[100];
    for (uint32_t i = 0; i < 10; i++) add(batch, i, scratch, i * 10);
    assert_int_equal(folded.calls, 0);
    batch_flush(batch);
    assert_int_equal(folded.calls, 1);
    assert_int_equal(folded.outcomes, 10);
    assert_int_equal(folded.text, 450);
    assert_int_equal(folded.lane, 3);
    batch_free(batch);
}

static void an_empty_batch_is_not_handed_over(void **state)
{
    (void)state;
    struct lane_stats stats = {0};
    struct folded folded = {0};
    struct batch *batch = batch_new((struct engine_sink){&folded, fold}, 0, &stats);
    batch_flush(batch);
    assert_int_equal(folded.calls, 0);
    batch_free(batch);
}

static void a_full_batch_is_handed_over_before_the_next_outcome(void **state)
{
    (void)state;
    struct lane_stats stats = {0};
    struct folded folded = {0};
    struct batch *batch = batch_new((struct engine_sink){&folded, fold}, 0, &stats);
    char scratch[1];
    for (uint32_t i = 0; i < 257; i++) add(batch, i, scratch, 1);
    assert_int_equal(folded.calls, 1);
    assert_int_equal(folded.outcomes, 256);
    batch_flush(batch);
    assert_int_equal(folded.outcomes, 257);
    batch_free(batch);
}

static void the_longest_answers_there_can_be_all_arrive(void **state)
{
    (void)state;
    struct lane_stats stats = {0};
    struct folded folded = {0};
    struct batch *batch = batch_new((struct engine_sink){&folded, fold}, 0, &stats);
    AUTO(mem_free_ptr) char *scratch = mem_alloc(DNS_ANSWER_TEXT_MAX);
    for (uint32_t i = 0; i < 20; i++) add(batch, i, scratch, DNS_ANSWER_TEXT_MAX);
    batch_flush(batch);
    assert_int_equal(folded.outcomes, 20);
    assert_int_equal(folded.text, (size_t)20 * DNS_ANSWER_TEXT_MAX);
    batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_outlive_the_scratch_they_came_in),
        cmocka_unit_test(an_empty_batch_is_not_handed_over),
        cmocka_unit_test(a_full_batch_is_handed_over_before_the_next_outcome),
        cmocka_unit_test(the_longest_answers_there_can_be_all_arrive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
