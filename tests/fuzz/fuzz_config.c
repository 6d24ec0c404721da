/*
 * The policy file: any text gives a config or at least one error, quickly, and nothing leaks. The same bytes as a key
 * file: a word that is found in it lies within it.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "config/base64.h"
#include "config/key_file.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/config/config.h"
#include "dnspolicy/dns/tsig.h"

#define INPUT_MAX ((size_t)64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_within(const char *text, size_t len, const struct key_file_word *word)
{
    if (word->text) REQUIRE(word->text >= text && word->len <= len - (size_t)(word->text - text));
}

static void read_key_file(const char *text, size_t len)
{
    struct key_file file;
    if (key_file_parse(text, len, &file)) return;
    require_within(text, len, &file.name);
    require_within(text, len, &file.algorithm);
    require_within(text, len, &file.secret);
    uint8_t bytes[DNS_TSIG_SECRET_MAX];
    size_t count;
    REQUIRE(file.secret.text && file.secret.len > 0);
    if (!base64_decode(file.secret.text, file.secret.len, bytes, sizeof(bytes), &count))
        REQUIRE(count > 0 && count <= sizeof(bytes) && (count + 2) / 3 * 4 == file.secret.len);
}

/* The second side of a policy is the first one's opposite, and every check of one belongs to it. */
static void require_sound(const struct config *config)
{
    for (size_t i = 0; i < config->check_count; i++) {
        const struct config_check *check = &config->checks[i];
        REQUIRE(check->index == i && check->client_count > 0 && check->query_count > 0 && check->transports != 0);
        const struct config_policy *policy = check->policy;
        REQUIRE(!policy || policy->allowed == check || policy->denied == check);
        REQUIRE(!policy || expectation_is_denial(&check->expect) == (policy->denied == check));
        for (size_t k = 0; k < check->query_count; k++) REQUIRE(check->queries[k].question.name);
    }
    for (size_t i = 0; i < config->key_count; i++) REQUIRE(config->keys[i].name && config->keys[i].tsig);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct config_sources sources = {"/nonexistent/resolv.conf", "/nonexistent/upstreams"};
    if (size > INPUT_MAX) return -1;
    AUTO(problems_fini) struct problems problems;
    AUTO(strbuf_fini) struct strbuf lines = {0};
    problems_init(&problems, "fuzz.yml");
    AUTO(mem_free_ptr) char *text = mem_copy(data, size);
    read_key_file(text, size);
    struct config *config = config_parse("fuzz.yml", text, size, &sources, &problems);
    REQUIRE((config != NULL) == (problems.errors == 0));
    if (config) require_sound(config);
    for (size_t i = 0; i < problems.count; i++) problems_format(&problems, &problems.items[i], &lines);
    REQUIRE(!lines.data || strlen(lines.data) == lines.len);
    config_unref(config);
    return 0;
}
