/* Decides the identity of config text, for ever: a change here changes every probe's id. Knows nothing of config. */
#include "dnspolicy/base/hash.h"

#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/mem.h"

/* Each value is framed by its kind, and bytes by their length too. */
enum hash_kind { HASH_KIND_NULL, HASH_KIND_BYTES, HASH_KIND_U64 };

static void mix_byte(struct hash *hash, uint8_t byte) { hash->state = (hash->state ^ byte) * UINT64_C(0x100000001b3); }

static void mix_u64(struct hash *hash, uint64_t value)
{
    for (int shift = 0; shift < 64; shift += 8) mix_byte(hash, (uint8_t)(value >> shift));
}

void hash_init(struct hash *hash) { hash->state = UINT64_C(0xcbf29ce484222325); }

void hash_add(struct hash *hash, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    mix_byte(hash, HASH_KIND_BYTES);
    mix_u64(hash, len);
    for (size_t i = 0; i < len; i++) mix_byte(hash, at[i]);
}

void hash_add_text(struct hash *hash, const char *text)
{
    if (text)
        hash_add(hash, text, strlen(text));
    else
        mix_byte(hash, HASH_KIND_NULL);
}

void hash_add_u64(struct hash *hash, uint64_t value)
{
    mix_byte(hash, HASH_KIND_U64);
    mix_u64(hash, value);
}

/* The finaliser of MurmurHash3: FNV-1a alone leaves the last bytes in the low bits only. */
uint64_t hash_end(const struct hash *hash)
{
    uint64_t value = hash->state;
    value ^= value >> 33;
    value *= UINT64_C(0xff51afd7ed558ccd);
    value ^= value >> 33;
    value *= UINT64_C(0xc4ceb9fe1a85ec53);
    value ^= value >> 33;
    return value ? value : 1;
}

void hash_index_fini(struct hash_index *index)
{
    free(index->keys);
    free(index->values);
    *index = (struct hash_index){0};
}

/* Where the key is, or the free place where it belongs. The index has one always. */
static size_t find_place(const struct hash_index *index, uint64_t key)
{
    size_t mask = index->capacity - 1;
    size_t at = (size_t)key & mask;
    while (index->keys[at] && index->keys[at] != key) at = (at + 1) & mask;
    return at;
}

static void grow(struct hash_index *index)
{
    REQUIRE(index->capacity <= SIZE_MAX / 2);
    struct hash_index bigger = {.count = index->count, .capacity = index->capacity ? index->capacity * 2 : 16};
    bigger.keys = mem_array(bigger.capacity, sizeof(*bigger.keys));
    bigger.values = mem_array(bigger.capacity, sizeof(*bigger.values));
    for (size_t i = 0; i < index->capacity; i++) {
        if (!index->keys[i]) continue;
        size_t at = find_place(&bigger, index->keys[i]);
        bigger.keys[at] = index->keys[i];
        bigger.values[at] = index->values[i];
    }
    hash_index_fini(index);
    *index = bigger;
}

uint32_t hash_index_get(const struct hash_index *index, uint64_t key)
{
    REQUIRE(key != 0);
    if (!index->count) return HASH_INDEX_NONE;
    size_t at = find_place(index, key);
    return index->keys[at] ? index->values[at] : HASH_INDEX_NONE;
}

void hash_index_put(struct hash_index *index, uint64_t key, uint32_t value)
{
    REQUIRE(key != 0 && value != HASH_INDEX_NONE);
    if (index->count >= index->capacity / 2) grow(index);
    size_t at = find_place(index, key);
    if (!index->keys[at]) index->count++;
    index->keys[at] = key;
    index->values[at] = value;
}
