/* For the tests of plans: from a few lines of YAML to a plan, or to what is wrong with it. */
#ifndef TESTS_PLAN_STORY_H
#define TESTS_PLAN_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/plan/plan.h"

struct story {
    struct config *config;
    struct plan *plan;
    struct problems problems;
    struct strbuf told; /* every problem, a line each */
};

static inline void story_fini(struct story *story)
{
    plan_unref(story->plan);
    config_unref(story->config);
    problems_fini(&story->problems);
    strbuf_fini(&story->told);
}

/* The config itself must be good. */
static inline struct story story_begin(const char *yaml)
{
    struct story story = {0};
    problems_init(&story.problems, "f");
    story.config = config_parse("f", yaml, strlen(yaml), NULL, &story.problems);
    if (story.config) story.plan = plan_build(story.config, &story.problems);
    for (size_t i = 0; i < story.problems.count; i++) {
        problems_format(&story.problems, &story.problems.items[i], &story.told);
        strbuf_putc(&story.told, '\n');
    }
    if (!story.config) fail_msg("bad config: %s", strbuf_text(&story.told));
    return story;
}

static inline struct story story_of_plan(const char *yaml)
{
    struct story story = story_begin(yaml);
    if (!story.plan) fail_msg("no plan: %s", strbuf_text(&story.told));
    return story;
}

static inline void assert_told(const struct story *story, const char *text)
{
    if (!strstr(strbuf_text(&story->told), text)) fail_msg("expected \"%s\" in:\n%s", text, strbuf_text(&story->told));
}

static inline void assert_refused(const char *yaml, const char *all_that_is_told)
{
    AUTO(story_fini) struct story story = story_begin(yaml);
    assert_null(story.plan);
    assert_string_equal(strbuf_text(&story.told), all_that_is_told);
}

#endif
