/* A request target: split, decoded and set as parameters, every one either taken or refused with a sentence. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/views/json.h"
#include "web/query_string.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take(void *params, const char *key, const char *value, char **error)
{
    bool is_taken = view_params_set(params, key, value, error);
    REQUIRE(is_taken == (*error == NULL));
    return is_taken;
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
    return 0;
}
