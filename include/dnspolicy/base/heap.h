/*
 * An indexed min-heap of timers. The element embeds a struct heap_node; the heap holds (key, node) pairs side by side
 * so that sifting stays in one array, and four children to a parent: they fill a cache line, and every level less is a
 * node less whose slot has to be fetched to be written. Keys are monotonic nanoseconds. One owner, no locking.
 */
#ifndef DNSPOLICY_BASE_HEAP_H
#define DNSPOLICY_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_CHILDREN 4

struct heap_node {
    uint32_t slot; /* 1-based place in the heap; 0: not in it */
};
struct heap_entry {
    uint64_t key;
    struct heap_node *node;
};
struct heap {
    struct heap_entry *entries;
    size_t count;
    size_t capacity;
};

void heap_fini(struct heap *heap);
void heap_put(struct heap *heap, struct heap_node *node, uint64_t key); /* inserts, or moves to the new key */
void heap_remove(struct heap *heap, struct heap_node *node);            /* a node that is not in it is left alone */
static inline bool heap_contains(const struct heap_node *node) { return node->slot != 0; }
static inline uint64_t heap_first_key(const struct heap *heap)
{
    return heap->count ? heap->entries[0].key : UINT64_MAX;
}
/* The first node if its key is ≤ limit, else NULL; it stays in the heap. */
static inline struct heap_node *heap_first(const struct heap *heap, uint64_t limit)
{
    return heap->count && heap->entries[0].key <= limit ? heap->entries[0].node : NULL;
}

#endif
