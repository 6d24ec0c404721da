/* Decides when what outlives a generation is shared, copied and freed. Knows nothing of what is inside. */
#include "object.h"

#include <stdlib.h>

#include "dnspolicy/base/mem.h"

static void *object_ref(void *object)
{
    atomic_fetch_add_explicit(&((struct object *)object)->references, 1, memory_order_relaxed);
    return object;
}

void *object_new(const struct object_kind *kind)
{
    struct object *object = mem_alloc(kind->size);
    atomic_init(&object->references, 1);
    return object;
}

void object_release(const struct object_kind *kind, void *object)
{
    struct object *held = object;
    if (atomic_fetch_sub_explicit(&held->references, 1, memory_order_acq_rel) != 1) return;
    if (kind->fini) kind->fini(object);
    free(object);
}

void handovers_fini(struct handovers *handovers)
{
    free(handovers->items);
    *handovers = (struct handovers){0};
}

void *object_hand_over(const struct object_kind *kind, const void *old, unsigned old_lane, struct handovers *handovers)
{
    void *object = object_new(kind);
    handovers->items = mem_grow(handovers->items, handovers->count, &handovers->capacity, sizeof(*handovers->items));
    handovers->items[handovers->count++] =
        (struct handover){.copy = kind->copy, .to = object, .from = old, .from_lane = old_lane};
    return object;
}

void *object_carry_over(const struct object_kind *kind, void *old, unsigned old_lane, unsigned lane,
                        struct handovers *handovers)
{
    if (!old) return object_new(kind);
    if (old_lane == lane) return object_ref(old);
    return object_hand_over(kind, old, old_lane, handovers);
}

void shelf_fini(struct shelf *shelf)
{
    for (uint32_t i = 0; i < shelf->count; i++) object_release(shelf->kind, shelf->slots[i].object);
    free(shelf->slots);
    *shelf = (struct shelf){0};
}

void shelf_builder_init(struct shelf_builder *builder, struct shelf *shelf, const struct shelf *previous,
                        struct handovers *handovers)
{
    *builder = (struct shelf_builder){.shelf = shelf, .previous = previous, .handovers = handovers};
    for (uint32_t i = 0; previous && i < previous->count; i++)
        hash_index_put(&builder->previous_index, previous->slots[i].key, i);
}

void shelf_builder_fini(struct shelf_builder *builder)
{
    struct shelf *shelf = builder->shelf;
    if (shelf->count) shelf->slots = mem_resize(shelf->slots, shelf->count, sizeof(*shelf->slots));
    shelf->capacity = shelf->count;
    hash_index_fini(&builder->index);
    hash_index_fini(&builder->previous_index);
}

uint32_t shelf_put(struct shelf_builder *builder, uint64_t key, unsigned lane)
{
    struct shelf *shelf = builder->shelf;
    uint32_t idx = hash_index_get(&builder->index, key);
    if (idx != HASH_INDEX_NONE) {
        REQUIRE(shelf->slots[idx].lane == lane);
        return idx;
    }
    uint32_t before = hash_index_get(&builder->previous_index, key);
    void *old = before == HASH_INDEX_NONE ? NULL : builder->previous->slots[before].object;
    unsigned old_lane = before == HASH_INDEX_NONE ? 0 : builder->previous->slots[before].lane;
    void *object = object_carry_over(shelf->kind, old, old_lane, lane, builder->handovers);
    shelf->slots = mem_grow(shelf->slots, shelf->count, &shelf->capacity, sizeof(*shelf->slots));
    shelf->slots[shelf->count] = (struct shelf_slot){.key = key, .object = object, .lane = (uint8_t)lane};
    hash_index_put(&builder->index, key, shelf->count);
    return shelf->count++;
}
