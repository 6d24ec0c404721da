/* Keeps the least key first and every node's slot in step with its entry. Knows nothing of what the nodes belong to. */
#include "dnspolicy/base/heap.h"

#include <stdlib.h>

#include "dnspolicy/base/mem.h"

static void place(struct heap *heap, size_t at, struct heap_entry entry)
{
    heap->entries[at] = entry;
    entry.node->slot = (uint32_t)(at + 1);
}

/* Puts `entry` into the hole at `at`, or higher. Returns where it came to rest. */
static size_t sift_up(struct heap *heap, size_t at, struct heap_entry entry)
{
    while (at > 0) {
        size_t parent = (at - 1) / HEAP_CHILDREN;
        if (heap->entries[parent].key <= entry.key) break;
        place(heap, at, heap->entries[parent]);
        at = parent;
    }
    place(heap, at, entry);
    return at;
}

/* The child with the least key. There is one at least. */
static size_t first_child(const struct heap *heap, size_t at)
{
    size_t first = HEAP_CHILDREN * at + 1;
    size_t end = first + HEAP_CHILDREN < heap->count ? first + HEAP_CHILDREN : heap->count;
    for (size_t child = first + 1; child < end; child++)
        if (heap->entries[child].key < heap->entries[first].key) first = child;
    return first;
}

static void sift_down(struct heap *heap, size_t at, struct heap_entry entry)
{
    while (HEAP_CHILDREN * at + 1 < heap->count) {
        size_t child = first_child(heap, at);
        if (entry.key <= heap->entries[child].key) break;
        place(heap, at, heap->entries[child]);
        at = child;
    }
    place(heap, at, entry);
}

static void settle(struct heap *heap, size_t at, struct heap_entry entry)
{
    if (sift_up(heap, at, entry) == at) sift_down(heap, at, entry);
}

static size_t index_of(const struct heap *heap, const struct heap_node *node)
{
    size_t at = node->slot - 1;
    REQUIRE(at < heap->count && heap->entries[at].node == node);
    return at;
}

void heap_fini(struct heap *heap)
{
    for (size_t i = 0; i < heap->count; i++) heap->entries[i].node->slot = 0;
    free(heap->entries);
    *heap = (struct heap){0};
}

void heap_put(struct heap *heap, struct heap_node *node, uint64_t key)
{
    struct heap_entry entry = {.key = key, .node = node};
    if (node->slot) {
        settle(heap, index_of(heap, node), entry);
        return;
    }
    REQUIRE(heap->count < UINT32_MAX);
    heap->entries = mem_grow(heap->entries, heap->count, &heap->capacity, sizeof(*heap->entries));
    heap->count++;
    sift_up(heap, heap->count - 1, entry);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    if (!node->slot) return;
    size_t at = index_of(heap, node);
    node->slot = 0;
    heap->count--;
    if (at < heap->count) settle(heap, at, heap->entries[heap->count]);
}
