/* For the tests of sentences: one check in a world, an outcome, and what is said of it. */
#ifndef TESTS_EXPLAIN_STORY_H
#define TESTS_EXPLAIN_STORY_H

#include "outcome_story.h"

static inline struct story story_of_check(const char *world, const char *check)
{
    AUTO(mem_free_ptr)
    char *yaml = mem_printf("%schecks:\n  - {name: c, %s%s}\n", world, check,
                            strstr(check, "client:") ? "" : ", client: stranger, resolver: ns1");
    return story_of_plan(yaml);
}

/* The kept copy is what sentences are made from, so these are too. */
static inline void assert_sentence_in(const char *world, const char *check, struct outcome outcome,
                                      enum silence silence, const char *expected)
{
    AUTO(story_fini) struct story story = story_of_check(world, check);
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    AUTO(outcome_texts_fini) struct outcome_texts texts = {0};
    struct outcome kept;
    struct judgement judgement = judge(&story.plan->probes[0], &outcome, silence);
    outcome_copy(&kept, &texts, &outcome);
    judge_explain(&story.plan->probes[0], &kept, judgement, &sentence);
    assert_string_equal(strbuf_text(&sentence), expected);
}

#endif
