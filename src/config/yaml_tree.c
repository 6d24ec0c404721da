/*
 * Decides what a YAML text says as a tree: anchors, aliases and merges resolved, repeated keys and tags refused, and
 * depth and size bounded while it is read, so that no file can cost more than its limit. The only file that reads YAML
 * events. Knows no key of ours.
 */
#include "yaml_tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "dnspolicy/base/hash.h"
#include "dnspolicy/base/mem.h"
#include "yaml_hint.h"

struct anchor {
    const char *name;
    const struct node *node; /* NULL: not complete yet */
};

struct builder {
    yaml_parser_t parser;
    struct arena *arena;
    struct problems *problems;
    const char *text;
    size_t len;
    struct anchor *anchors;
    size_t anchor_count;
    size_t anchor_capacity;
    struct hash_index anchor_index;
    uint64_t total; /* nodes, aliases written out */
};

static const struct node *build_node(struct builder *builder, const yaml_event_t *event, unsigned depth);

static struct place mark_place(const yaml_mark_t *mark)
{
    return (struct place){(uint32_t)mark->line + 1, (uint32_t)mark->column + 1};
}

static bool next_event(struct builder *builder, yaml_event_t *event)
{
    if (yaml_parser_parse(&builder->parser, event)) return true;
    *event = (yaml_event_t){0};
    if (builder->parser.error == YAML_MEMORY_ERROR) PANIC("out of memory");
    yaml_hint_report(&builder->parser, builder->text, builder->len, builder->problems);
    return false;
}

/* Any text may be a secret. What libyaml itself frees while it reads is beyond reach. */
static void wipe_event(yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT) explicit_bzero(event->data.scalar.value, event->data.scalar.length);
    yaml_event_delete(event);
}

static void wipe_parser(yaml_parser_t *parser)
{
    explicit_bzero(parser->raw_buffer.start, (size_t)(parser->raw_buffer.end - parser->raw_buffer.start));
    explicit_bzero(parser->buffer.start, (size_t)(parser->buffer.end - parser->buffer.start));
    yaml_parser_delete(parser);
}

static bool count_nodes(struct builder *builder, struct place place, uint64_t count)
{
    builder->total += count;
    if (builder->total <= YAML_TREE_NODES_MAX) return true;
    problems_error(builder->problems, place, "", "the file holds more than %u values, aliases written out",
                   YAML_TREE_NODES_MAX);
    return false;
}

static struct node *new_node(struct builder *builder, const yaml_event_t *event, enum node_kind kind)
{
    struct place place = mark_place(&event->start_mark);
    if (!count_nodes(builder, place, 1)) return NULL;
    struct node *node = arena_alloc(builder->arena, sizeof(*node));
    *node = (struct node){.kind = (uint8_t)kind, .height = 1, .size = 1, .place = place};
    return node;
}

static uint64_t hash_of(const char *text)
{
    struct hash hash;
    hash_init(&hash);
    hash_add_text(&hash, text);
    return hash_end(&hash);
}

/* Adds an anchor that is open: until it is complete an alias of it would be endless. */
static size_t open_anchor(struct builder *builder, const yaml_char_t *name)
{
    if (!name) return SIZE_MAX;
    const char *copy = arena_strdup(builder->arena, (const char *)name);
    builder->anchors =
        mem_grow(builder->anchors, builder->anchor_count, &builder->anchor_capacity, sizeof(*builder->anchors));
    builder->anchors[builder->anchor_count] = (struct anchor){.name = copy};
    hash_index_put(&builder->anchor_index, hash_of(copy), (uint32_t)builder->anchor_count);
    return builder->anchor_count++;
}

static const struct node *close_anchor(struct builder *builder, size_t anchor, const struct node *node)
{
    if (anchor != SIZE_MAX) builder->anchors[anchor].node = node;
    return node;
}

static const struct node *build_alias(struct builder *builder, const yaml_event_t *event, unsigned depth)
{
    const char *name = (const char *)event->data.alias.anchor;
    struct place place = mark_place(&event->start_mark);
    uint32_t at = hash_index_get(&builder->anchor_index, hash_of(name));
    const struct anchor *anchor = at == HASH_INDEX_NONE ? NULL : &builder->anchors[at];
    if (!anchor || strcmp(anchor->name, name) != 0) {
        problems_error(builder->problems, place, "",
                       "there is no anchor '&%.64s' before this alias; if it is no alias, put it in quotes", name);
        return new_node(builder, event, NODE_BROKEN);
    }
    if (!anchor->node) {
        problems_error(builder->problems, place, "", "the alias '*%.64s' stands inside of its own anchor", name);
        return new_node(builder, event, NODE_BROKEN);
    }
    if (depth + anchor->node->height > YAML_TREE_DEPTH_MAX + 1) {
        problems_error(builder->problems, place, "", "nested more than %u deep", YAML_TREE_DEPTH_MAX);
        return NULL;
    }
    return count_nodes(builder, place, anchor->node->size) ? anchor->node : NULL;
}

/* Tab and newline may stand in a description; everything else that is invisible is a mistake or an attack. */
static bool has_control(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_c1 = c == 0xC2 && (unsigned char)text[i + 1] < 0xA0;
        if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7F || is_c1) return true;
    }
    return false;
}

static bool is_known_tag(const yaml_char_t *tag)
{
    return !tag || strcmp((const char *)tag, "!") == 0 || strcmp((const char *)tag, YAML_STR_TAG) == 0;
}

static const struct node *build_scalar(struct builder *builder, const yaml_event_t *event)
{
    struct node *node = new_node(builder, event, NODE_SCALAR);
    if (!node) return NULL;
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    yaml_scalar_style_t style = event->data.scalar.style;
    if (!is_known_tag(event->data.scalar.tag)) {
        problems_error(builder->problems, node->place, "", "%s",
                       "tags of YAML have no meaning here; if '!' is part of the text, put it in quotes");
        node->kind = NODE_BROKEN;
        return node;
    }
    if (has_control(text, len)) {
        problems_error(builder->problems, node->place, "", "a NUL byte or control character in a text");
        node->kind = NODE_BROKEN;
        return node;
    }
    bool is_block = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
    while (is_block && len > 0 && text[len - 1] == '\n') len--;
    node->is_plain = style == YAML_PLAIN_SCALAR_STYLE && !event->data.scalar.tag;
    node->text = arena_strndup(builder->arena, text, len);
    return node;
}

static void adopt(struct node *parent, const struct node *child)
{
    parent->size += child->size;
    if (child->height >= parent->height) parent->height = (uint16_t)(child->height + 1);
}

static bool check_depth(struct builder *builder, const yaml_event_t *event, unsigned depth)
{
    if (depth <= YAML_TREE_DEPTH_MAX) return true;
    problems_error(builder->problems, mark_place(&event->start_mark), "", "nested more than %u deep",
                   YAML_TREE_DEPTH_MAX);
    return false;
}

static void check_collection_tag(struct builder *builder, struct node *node, const yaml_char_t *tag)
{
    if (!tag) return;
    problems_error(builder->problems, node->place, "", "tags of YAML have no meaning here");
    node->kind = NODE_BROKEN;
}

static const struct node *build_list(struct builder *builder, const yaml_event_t *start, unsigned depth)
{
    struct node *node = check_depth(builder, start, depth) ? new_node(builder, start, NODE_LIST) : NULL;
    if (!node) return NULL;
    node->is_flow = start->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    AUTO(mem_free_ptr) const struct node **items = NULL;
    size_t capacity = 0;
    for (;;) {
        AUTO(wipe_event) yaml_event_t event;
        if (!next_event(builder, &event)) return NULL;
        if (event.type == YAML_SEQUENCE_END_EVENT) break;
        const struct node *item = build_node(builder, &event, depth + 1);
        if (!item) return NULL;
        items = mem_grow(items, node->count, &capacity, sizeof(*items));
        items[node->count++] = item;
        adopt(node, item);
    }
    node->items = arena_copy(builder->arena, items, node->count, sizeof(*items));
    check_collection_tag(builder, node, start->data.sequence_start.tag);
    return node;
}

/* A mapping while it is read. */
struct entries {
    struct node_entry *items;
    size_t count;
    size_t capacity;
    struct hash_index index;
    const struct node *merge; /* value of "<<"; NULL: none */
};

static void entries_fini(struct entries *entries)
{
    free(entries->items);
    hash_index_fini(&entries->index);
}

static const struct node_entry *find_entry(const struct entries *entries, const char *key)
{
    uint32_t at = hash_index_get(&entries->index, hash_of(key));
    return at != HASH_INDEX_NONE && strcmp(entries->items[at].key, key) == 0 ? &entries->items[at] : NULL;
}

static void add_entry(struct entries *entries, struct node *map, const struct node_entry *entry)
{
    entries->items = mem_grow(entries->items, entries->count, &entries->capacity, sizeof(*entries->items));
    hash_index_put(&entries->index, hash_of(entry->key), (uint32_t)entries->count);
    entries->items[entries->count++] = *entry;
    adopt(map, entry->value);
}

static void put_entry(struct builder *builder, struct entries *entries, struct node *map, const struct node *key,
                      struct place place, const struct node *value)
{
    if (key->kind == NODE_BROKEN) return;
    if (key->kind != NODE_SCALAR) {
        problems_error(builder->problems, place, "", "%s",
                       "a list or mapping cannot be a key; if it is a text with '{' or '[', put it in quotes");
        return;
    }
    bool is_merge = key->is_plain && strcmp(key->text, "<<") == 0;
    const struct node_entry *first = is_merge ? NULL : find_entry(entries, key->text);
    if (first) {
        problems_error(builder->problems, place, "", "repeated key '%.64s'; it is first in line %u", key->text,
                       first->place.line);
    } else if (is_merge && entries->merge) {
        problems_error(builder->problems, place, "", "repeated key '<<'; it takes a list of aliases");
    } else if (is_merge) {
        entries->merge = value;
    } else {
        add_entry(entries, map, &(struct node_entry){.key = key->text, .place = place, .value = value});
    }
}

/* False: the file is too large. A key that is there already wins over a merged one. */
static bool merge_one(struct builder *builder, struct entries *entries, struct node *map, const struct node *from)
{
    if (from->kind == NODE_BROKEN) return true;
    if (from->kind != NODE_MAP) {
        problems_error(builder->problems, from->place, "", "'<<' merges mappings only: an alias or a list of them");
        return true;
    }
    if (!count_nodes(builder, map->place, from->size)) return false;
    for (size_t i = 0; i < from->count; i++)
        if (!find_entry(entries, from->entries[i].key)) add_entry(entries, map, &from->entries[i]);
    return true;
}

static bool merge(struct builder *builder, struct entries *entries, struct node *map)
{
    const struct node *from = entries->merge;
    if (!from) return true;
    if (from->kind != NODE_LIST) return merge_one(builder, entries, map, from);
    for (size_t i = 0; i < from->count; i++)
        if (!merge_one(builder, entries, map, from->items[i])) return false;
    return true;
}

static const struct node *build_map(struct builder *builder, const yaml_event_t *start, unsigned depth)
{
    struct node *node = check_depth(builder, start, depth) ? new_node(builder, start, NODE_MAP) : NULL;
    if (!node) return NULL;
    node->is_flow = start->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    AUTO(entries_fini) struct entries entries = {0};
    for (;;) {
        AUTO(wipe_event) yaml_event_t key_event;
        if (!next_event(builder, &key_event)) return NULL;
        if (key_event.type == YAML_MAPPING_END_EVENT) break;
        const struct node *key = build_node(builder, &key_event, depth + 1);
        if (!key) return NULL;
        AUTO(wipe_event) yaml_event_t value_event;
        if (!next_event(builder, &value_event)) return NULL;
        const struct node *value = build_node(builder, &value_event, depth + 1);
        if (!value) return NULL;
        put_entry(builder, &entries, node, key, mark_place(&key_event.start_mark), value);
    }
    if (!merge(builder, &entries, node)) return NULL;
    node->count = entries.count;
    node->entries = arena_copy(builder->arena, entries.items, entries.count, sizeof(*entries.items));
    check_collection_tag(builder, node, start->data.mapping_start.tag);
    return node;
}

static const struct node *build_node(struct builder *builder, const yaml_event_t *event, unsigned depth)
{
    size_t anchor = SIZE_MAX;
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return build_alias(builder, event, depth);
    case YAML_SCALAR_EVENT:
        anchor = open_anchor(builder, event->data.scalar.anchor);
        return close_anchor(builder, anchor, build_scalar(builder, event));
    case YAML_SEQUENCE_START_EVENT:
        anchor = open_anchor(builder, event->data.sequence_start.anchor);
        return close_anchor(builder, anchor, build_list(builder, event, depth));
    case YAML_MAPPING_START_EVENT:
        anchor = open_anchor(builder, event->data.mapping_start.anchor);
        return close_anchor(builder, anchor, build_map(builder, event, depth));
    default:
        PANIC("libyaml gave event %d where a value begins", (int)event->type);
    }
}

/* After the first document comes the end of its text. */
static bool check_end(struct builder *builder)
{
    for (;;) {
        AUTO(wipe_event) yaml_event_t event;
        if (!next_event(builder, &event)) return false;
        if (event.type == YAML_STREAM_END_EVENT) return true;
        if (event.type != YAML_DOCUMENT_START_EVENT) continue;
        problems_error(builder->problems, mark_place(&event.start_mark), "",
                       "a second document begins here; one file holds one");
        return false;
    }
}

static const struct node *build_document(struct builder *builder)
{
    for (;;) {
        AUTO(wipe_event) yaml_event_t event;
        if (!next_event(builder, &event) || event.type == YAML_STREAM_END_EVENT) return NULL;
        if (event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_START_EVENT) continue;
        const struct node *root = build_node(builder, &event, 1);
        return root && check_end(builder) ? root : NULL;
    }
}

const struct node *yaml_tree_parse(struct arena *arena, const char *text, size_t len, struct problems *problems)
{
    struct builder builder = {.arena = arena, .problems = problems, .text = text, .len = len};
    if (!yaml_parser_initialize(&builder.parser)) PANIC("out of memory");
    yaml_parser_set_input_string(&builder.parser, (const unsigned char *)text, len);
    const struct node *root = build_document(&builder);
    wipe_parser(&builder.parser);
    free(builder.anchors);
    hash_index_fini(&builder.anchor_index);
    return root;
}

const struct node *node_get(const struct node *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->entries[i].key, key) == 0) return map->entries[i].value;
    return NULL;
}

bool node_is_null(const struct node *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    if (node->kind != NODE_SCALAR || !node->is_plain) return false;
    for (size_t i = 0; i < ARRAY_LEN(nulls); i++)
        if (strcmp(node->text, nulls[i]) == 0) return true;
    return false;
}

bool node_is_braced_word(const struct node *node)
{
    return node->kind == NODE_MAP && node->is_flow && node->count == 1 && node_is_null(node->entries[0].value);
}
