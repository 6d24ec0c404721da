/*
 * A YAML document as a tree, and no more: what its words mean is for the readers. Nodes live in the arena. An alias is
 * the node of its anchor, so the tree may share branches; its size as if written out is bounded.
 */
#ifndef DNSPOLICY_SRC_CONFIG_YAML_TREE_H
#define DNSPOLICY_SRC_CONFIG_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "dnspolicy/config/problems.h"

#define YAML_TREE_NODES_MAX 1000000u /* aliases written out */
#define YAML_TREE_DEPTH_MAX 64u

enum node_kind {
    NODE_SCALAR,
    NODE_LIST,
    NODE_MAP,
    NODE_BROKEN /* its error is reported already: readers say nothing */
};

struct node;
struct node_entry {
    const char *key;
    struct place place; /* of the key */
    const struct node *value;
};
struct node {
    uint8_t kind;    /* enum node_kind */
    bool is_plain;   /* scalar without quotes: it may be null, true … */
    bool is_flow;    /* list or mapping in [] or {} */
    uint16_t height; /* 1: no children */
    uint32_t size;   /* nodes below and this one, aliases written out */
    struct place place;
    size_t count; /* of items or entries */
    union {
        const char *text; /* scalar: valid UTF-8 without NUL; of control characters only tab and newline */
        const struct node **items;
        struct node_entry *entries; /* no key twice; merges resolved */
    };
};

/*
 * NULL: *problems has an error, or the document is empty (no new error). Errors that leave the rest readable, such as a
 * repeated key, are reported and the tree is returned.
 */
const struct node *yaml_tree_parse(struct arena *arena, const char *text, size_t len, struct problems *problems);

const struct node *node_get(const struct node *map, const char *key); /* NULL: absent */
bool node_is_null(const struct node *node);
/* {random} without quotes: to YAML a mapping of one key without value. */
bool node_is_braced_word(const struct node *node);

#endif
