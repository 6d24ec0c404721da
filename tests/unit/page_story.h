/* The status page asked for as a browser does. */
#ifndef TESTS_PAGE_STORY_H
#define TESTS_PAGE_STORY_H

#include "views_story.h"

#include "dnspolicy/views/page.h"

/* `query` as in the address bar, decoded. */
static inline unsigned look(struct telling *telling, const char *query, struct strbuf *out)
{
    AUTO(view_params_fini) struct view_params params;
    take_params(&params, PAGE_PARAMS, query);
    strbuf_clear(out);
    return page_render(&telling->service, &params, "/metrics", TOLD_AT, out);
}

static inline unsigned look_at_probe(struct telling *telling, uint32_t probe, struct strbuf *out)
{
    char query[sizeof("probe=") + PLAN_ID_TEXT_SIZE] = "probe=";
    plan_format_id(telling->story.plan->probes[probe].id, query + strlen(query));
    return look(telling, query, out);
}

static inline unsigned count_of(const struct strbuf *out, const char *text)
{
    unsigned count = 0;
    for (const char *at = strbuf_text(out); (at = strstr(at, text)); at += strlen(text)) count++;
    return count;
}

static inline const char *changes_of(const struct strbuf *out)
{
    return strstr(strbuf_text(out), "<section id=\"changes\">");
}

#endif
