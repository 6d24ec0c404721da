/*
 * Decides what a policy file is as a whole: its sections, their order of reading (checks name what the others define),
 * and that a file with one error gives no config. Owns the life of a config.
 */
#include "dnspolicy/config/config.h"

#include <stdlib.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/file.h"
#include "dnspolicy/base/mem.h"
#include "sections.h"

#define RATE_MAX 1000000u

#define GLOBAL_KEY(name, form, fallback, meaning, read, field, min, max)                                               \
    {                                                                                                                  \
        name, form, fallback, meaning, read, offsetof(struct config_global, field), min, max                           \
    }
static const struct schema_key global_keys[] = {
    GLOBAL_KEY("interval", "duration 100ms to 24h", "30s", "The time from one run of a probe to its next.",
               schema_read_duration, interval_ns, 100 * NS_PER_MS, 24 * 3600 * NS_PER_SEC),
    GLOBAL_KEY("timeout", "duration 1ms to 1h", "2s",
               "How long one attempt waits; timeout × attempts must be below the interval.", schema_read_duration,
               timeout_ns, NS_PER_MS, 3600 * NS_PER_SEC),
    GLOBAL_KEY("attempts", "1 to 10", "2",
               "Attempts over UDP before silence is believed; over the other transports there is one.",
               schema_read_count, attempts, 1, 10),
    GLOBAL_KEY("max_qps_per_resolver", "number, 0 for no limit", "100",
               "The most queries a second to one server address, retries included.", schema_read_rate,
               max_qps_per_resolver, 0, RATE_MAX),
    GLOBAL_KEY("max_denied_qps", "number, 0 for no limit", "2",
               "The most queries a second per client and resolver that expect a denial: servers rate-limit refusals.",
               schema_read_rate, max_denied_qps, 0, RATE_MAX),
};
const struct schema_section global_section = {"global", global_keys, ARRAY_LEN(global_keys), false};

static const struct schema_key root_keys[] = {
    {"global", "mapping", "", "Settings for all checks.", read_global, 0, 0, 0},
    {"keys", "mapping of names to keys", "", "TSIG keys (RFC 8945); a key's name is the one on the wire.", read_keys, 0,
     0, 0},
    {"clients", "mapping of names to clients", "required", "Who may be asking.", read_clients, 0, 0, 0},
    {"resolvers", "mapping of names to resolvers", "required", "The servers under test.", read_resolvers, 0, 0, 0},
    {"checks", "list of checks", "", "What is asked, and what is expected.", read_checks, 0, 0, 0},
    {"policies", "list of policies", "",
     "Guest lists: one entry states who may, and everybody else is expected to be denied.", read_policies, 0, 0, 0},
};
const struct schema_section root_section = {"", root_keys, ARRAY_LEN(root_keys), false};

void read_global(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_global *global = &((struct config *)target)->global;
    const struct node empty = {.kind = NODE_MAP, .place = node->place};
    const struct node *settings = node_is_null(node) ? &empty : node;
    if (schema_read_section(loader, &global_section, settings, global))
        check_run_fits(loader, settings, global->interval_ns, global->timeout_ns, global->attempts);
}

static size_t count_items(const struct node *root, const char *key)
{
    const struct node *list = node_get(root, key);
    return list && list->kind == NODE_LIST ? list->count : 0;
}

static void read_root(struct loader *loader, const struct node *root)
{
    const struct node empty = {.kind = NODE_MAP};
    struct config *config = loader->config;
    read_global(loader, NULL, &empty, config);
    if (root->kind == NODE_MAP) {
        /* Pointers into the array are taken while it grows, so it has its final size from the start. */
        size_t room = count_items(root, "checks") + 2 * count_items(root, "policies");
        config->checks = arena_array(loader->arena, room, sizeof(*config->checks));
        if (!node_get(root, "checks") && !node_get(root, "policies"))
            loader_error(loader, root, "'checks' or 'policies' is missing: nothing is asked");
    }
    schema_read_section(loader, &root_section, root, config);
}

static void say_empty(struct problems *problems)
{
    problems->is_file_empty = true;
    problems_error(problems, (struct place){0}, "", "the file is empty: clients, resolvers and checks are expected");
}

static void read_text(struct config *config, const char *text, size_t len, const struct config_sources *sources,
                      struct problems *problems)
{
    AUTO(arena_free_ptr) struct arena *tree = arena_new();
    AUTO(loader_fini)
    struct loader loader = {
        .arena = config->arena,
        .problems = problems,
        .config = config,
        .sources = sources,
    };
    size_t errors = problems->errors;
    const struct node *root = yaml_tree_parse(tree, text, len, problems);
    if (root && !node_is_null(root))
        read_root(&loader, root);
    else if (problems->errors == errors)
        say_empty(problems);
}

struct config *config_parse(const char *base_path, const char *text, size_t len, const struct config_sources *sources,
                            struct problems *problems)
{
    struct config *config = mem_alloc(sizeof(*config));
    atomic_init(&config->references, 1);
    config->file = mem_strdup(base_path);
    config->arena = arena_new();
    if (len > CONFIG_FILE_MAX)
        problems_error(problems, (struct place){0}, "", "the file is larger than %u MiB", CONFIG_FILE_MAX >> 20);
    else
        read_text(config, text, len, sources, problems);
    problems_sort(problems);
    if (problems->errors == 0) return config;
    config_unref(config);
    return NULL;
}

struct config *config_load(const char *path, const struct config_sources *sources, struct problems *problems)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    if (file_read(path, CONFIG_FILE_MAX, &text, &error)) {
        struct config *config = config_parse(path, strbuf_text(&text), text.len, sources, problems);
        explicit_bzero(text.data, text.capacity); /* secrets may stand in it */
        return config;
    }
    problems_error(problems, (struct place){0}, "", "%s", error);
    return NULL;
}

struct config *config_ref(struct config *config)
{
    atomic_fetch_add_explicit(&config->references, 1, memory_order_relaxed);
    return config;
}

void config_unref(struct config *config)
{
    if (!config || atomic_fetch_sub_explicit(&config->references, 1, memory_order_acq_rel) != 1) return;
    for (size_t i = 0; i < config->key_count; i++) dns_tsig_key_free(config->keys[i].tsig);
    for (size_t i = 0; i < config->check_count; i++) expectation_fini(&config->checks[i].expect);
    arena_free(config->arena);
    free(config->file);
    free(config);
}
