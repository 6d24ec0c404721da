/*
 * Decides whether a mapping has the keys of its table: unknown ones, missing ones, those not supported yet. Knows no
 * section by name.
 */
#include "schema.h"

#include <string.h>

#include "dnspolicy/base/mem.h"

static const struct schema_key *find_key(const struct schema_section *section, const char *word)
{
    for (size_t i = 0; i < section->key_count; i++)
        if (strcmp(section->keys[i].key, word) == 0) return &section->keys[i];
    return NULL;
}

static void report_unknown(struct loader *loader, const struct schema_section *section, const struct node_entry *entry)
{
    const char *words[32];
    REQUIRE(section->key_count <= ARRAY_LEN(words));
    for (size_t i = 0; i < section->key_count; i++) words[i] = section->keys[i].key;
    const char *hint = loader_did_you_mean(loader, entry->key, words, section->key_count);
    if (section->hides_words)
        loader_error_at(loader, entry->place, "unknown key%s", hint);
    else
        loader_error_at(loader, entry->place, "unknown key '%s'%s", loader_shown(loader, entry->key), hint);
}

static void check_keys(struct loader *loader, const struct schema_section *section, const struct node *node)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct node_entry *entry = &node->entries[i];
        const struct schema_key *key = find_key(section, entry->key);
        if (!key) {
            report_unknown(loader, section, entry);
        } else if (!key->read) {
            size_t mark = loader_enter_key(loader, key->key);
            loader_error_at(loader, entry->place, "'%s' is not supported yet", key->key);
            loader_leave(loader, mark);
        }
    }
}

static void read_default(struct loader *loader, const struct schema_key *key, const struct node *section, void *target)
{
    if (!key->fallback[0]) return;
    struct node fallback = {.kind = NODE_SCALAR, .is_plain = true, .place = section->place, .text = key->fallback};
    key->read(loader, key, &fallback, target);
}

static void read_key(struct loader *loader, const struct schema_key *key, const struct node *section, void *target)
{
    bool is_required = strcmp(key->fallback, "required") == 0;
    const struct node *node = node_get(section, key->key);
    if (!node && is_required) {
        loader_error(loader, section, "the required key '%s' is missing", key->key);
        return;
    }
    if (!is_required) read_default(loader, key, section, target);
    if (!node || node->kind == NODE_BROKEN) return;
    size_t mark = loader_enter_key(loader, key->key);
    key->read(loader, key, node, target);
    loader_leave(loader, mark);
}

bool schema_read_section(struct loader *loader, const struct schema_section *section, const struct node *node,
                         void *target)
{
    if (!read_expect_kind(loader, node, NODE_MAP, "a mapping")) return false;
    check_keys(loader, section, node);
    for (size_t i = 0; i < section->key_count; i++)
        if (section->keys[i].read) read_key(loader, &section->keys[i], node, target);
    return true;
}
