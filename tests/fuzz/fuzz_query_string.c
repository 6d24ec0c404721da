/*
 * A request target: split, decoded and set as parameters, every one either taken or refused with a sentence. A link of
 * the status page that passes them on says the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/views/page.h"
#include "views/html.h"
#include "web/query_string.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take(void *params, const char *key, const char *value, char **error)
{
    bool is_taken = view_params_set(params, key, value, error);
    REQUIRE(is_taken == (*error == NULL));
    return is_taken;
}

static void add_link(const struct view_params *params, struct strbuf *out)
{
    AUTO(strbuf_fini) struct strbuf value = {0};
    struct html_link link = html_link_begin(out);
    for (unsigned param = 1; param <= VIEW_PARAM_PROBE; param <<= 1) {
        if (!(params->given & PAGE_PARAMS & param)) continue;
        strbuf_clear(&value);
        view_params_add_value(params, (enum view_param)param, &value);
        html_link_add(&link, view_param_key((enum view_param)param), strbuf_text(&value));
    }
    html_link_end(&link);
}

/* What a browser asks for that follows the link: between the quotes, with the one entity that a link may have
 * undone. */
static void follow(const char *link, struct strbuf *query)
{
    const char *at = strchr(link, '"') + 1;
    size_t len = strcspn(at, "\"");
    REQUIRE(at[len] == '"' && !at[len + 1] && strcspn(at, "<>'") > len);
    while (len) {
        const char *entity = strstr(at, "&amp;");
        size_t plain = entity ? (size_t)(entity - at) : len;
        REQUIRE(!memchr(at, '&', plain));
        strbuf_add(query, at, plain);
        at += plain;
        len -= plain;
        if (!entity) break;
        strbuf_putc(query, '&');
        at += strlen("&amp;");
        len -= strlen("&amp;");
    }
}

static void check_link(const struct view_params *params)
{
    AUTO(strbuf_fini) struct strbuf link = {0};
    AUTO(strbuf_fini) struct strbuf query = {0};
    AUTO(strbuf_fini) struct strbuf link_again = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    AUTO(view_params_fini) struct view_params again;
    view_params_init(&again, PAGE_PARAMS);
    add_link(params, &link);
    if (!(params->given & PAGE_PARAMS)) return;
    follow(strbuf_text(&link), &query);
    REQUIRE(strbuf_text(&query)[0] == '?' && query_string_parse(strbuf_text(&query) + 1, take, &again, &error));
    REQUIRE(again.given == (params->given & PAGE_PARAMS));
    add_link(&again, &link_again);
    REQUIRE(strcmp(strbuf_text(&link), strbuf_text(&link_again)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(strbuf_fini) struct strbuf target = {0};
    AUTO(strbuf_fini) struct strbuf path = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    AUTO(view_params_fini) struct view_params params;
    const char *query;
    strbuf_add(&target, data, size);
    view_params_init(&params, UINT32_MAX);
    if (!target_split(strbuf_text(&target), &path, &query, &error)) {
        REQUIRE(error);
        return 0;
    }
    REQUIRE(strlen(strbuf_text(&path)) == path.len);
    bool is_good = query_string_parse(query, take, &params, &error);
    REQUIRE(is_good == (error == NULL));
    if (is_good) check_link(&params);
    return 0;
}
