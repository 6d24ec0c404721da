/*
 * What outlives a generation: records, counters, liveness. An object has one writer, the lane that owns its server, and
 * is read under that lane's lock. Consecutive generations share it for as long as its identity and its lane stay; when
 * the lane changes, the next generation has a copy of its own, made while no lane runs.
 */
#ifndef DNSPOLICY_STATE_OBJECT_H
#define DNSPOLICY_STATE_OBJECT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/hash.h"

/* First member of every object. */
struct object {
    atomic_uint references;
};
struct object_kind {
    size_t size;
    void (*copy)(void *to, const void *from); /* of all values; `to` is new */
    void (*fini)(void *object);               /* NULL: nothing inside is owned */
};
void *object_new(const struct object_kind *kind); /* zeroed, one reference */
void object_release(const struct object_kind *kind, void *object);

/* A copy that is to be made once no lane writes any more. The old objects are kept by the generation they belong to. */
struct handover {
    void (*copy)(void *to, const void *from);
    void *to;
    const void *from;
    unsigned from_lane;
};
struct handovers {
    struct handover *items;
    size_t count;
    size_t capacity;
};
void handovers_fini(struct handovers *handovers);

/* A new object that takes over `old`'s values later, as the kind copies them. */
void *object_hand_over(const struct object_kind *kind, const void *old, unsigned old_lane, struct handovers *handovers);
/* `old`, with another reference, while its lane stays; else a new object that takes over from it, if there is one. */
void *object_carry_over(const struct object_kind *kind, void *old, unsigned old_lane, unsigned lane,
                        struct handovers *handovers);

/* Objects of one kind with dense indexes, found by key while a generation is built. */
struct shelf_slot {
    uint64_t key;
    void *object;
    uint8_t lane;
};
struct shelf {
    const struct object_kind *kind;
    struct shelf_slot *slots;
    uint32_t count;
    size_t capacity;
};
struct shelf_builder {
    struct shelf *shelf;
    const struct shelf *previous; /* NULL: none */
    struct handovers *handovers;
    struct hash_index index;
    struct hash_index previous_index;
};
void shelf_fini(struct shelf *shelf);
void shelf_builder_init(struct shelf_builder *builder, struct shelf *shelf, const struct shelf *previous,
                        struct handovers *handovers);
void shelf_builder_fini(struct shelf_builder *builder);
/* The index of the key, which is put there when it is new. */
uint32_t shelf_put(struct shelf_builder *builder, uint64_t key, unsigned lane);

#endif
