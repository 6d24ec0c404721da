/*
 * 64-bit hashes of config text, for identities that are the same on every machine and in every version (FNV-1a with a
 * final avalanche, so that the low bits are good enough for a phase). Not for hostile input: use a keyed hash there.
 */
#ifndef DNSPOLICY_BASE_HASH_H
#define DNSPOLICY_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash {
    uint64_t state;
};

void hash_init(struct hash *hash);
void hash_add(struct hash *hash, const void *bytes, size_t len); /* framed: ("ab","c") differs from ("a","bc") */
void hash_add_text(struct hash *hash, const char *text);         /* NULL differs from "" */
void hash_add_u64(struct hash *hash, uint64_t value);
uint64_t hash_end(const struct hash *hash); /* never 0 */

/*
 * An index from 64-bit keys to uint32 values, for building plans and generations: open addressing, no deletion.
 * Keys come from hash_end(), so they spread and are never 0.
 */
struct hash_index {
    uint64_t *keys;
    uint32_t *values;
    size_t count;
    size_t capacity;
};
#define HASH_INDEX_NONE UINT32_MAX
void hash_index_fini(struct hash_index *index);
uint32_t hash_index_get(const struct hash_index *index, uint64_t key); /* HASH_INDEX_NONE if absent */
void hash_index_put(struct hash_index *index, uint64_t key, uint32_t value);

#endif
