/* The policy file: any text gives a config or at least one error, quickly, and nothing leaks. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/config/config.h"

#define INPUT_MAX ((size_t)64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct config_sources sources = {"/nonexistent/resolv.conf", "/nonexistent/upstreams"};
    if (size > INPUT_MAX) return -1;
    AUTO(problems_fini) struct problems problems;
    AUTO(strbuf_fini) struct strbuf lines = {0};
    problems_init(&problems, "fuzz.yml");
    AUTO(mem_free_ptr) char *text = mem_copy(data, size);
    struct config *config = config_parse("fuzz.yml", text, size, &sources, &problems);
    REQUIRE((config != NULL) == (problems.errors == 0));
    for (size_t i = 0; i < problems.count; i++) problems_format(&problems, &problems.items[i], &lines);
    REQUIRE(!lines.data || strlen(lines.data) == lines.len);
    config_unref(config);
    return 0;
}
