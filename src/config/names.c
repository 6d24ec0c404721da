/* Decides what a name of the file stands for, and which name was meant. Knows nothing of clients and resolvers. */
#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

#define SUGGESTIONS_MAX 20 /* a file of ten thousand names may misspell each of them */

void name_table_fini(struct name_table *table)
{
    hash_index_fini(&table->index);
    free(table->items);
    *table = (struct name_table){0};
}

static uint64_t hash_of(const char *name)
{
    struct hash hash;
    hash_init(&hash);
    hash_add_text(&hash, name);
    return hash_end(&hash);
}

const struct named *name_table_find(const struct name_table *table, const char *name)
{
    uint32_t at = hash_index_get(&table->index, hash_of(name));
    return at != HASH_INDEX_NONE && strcmp(table->items[at].name, name) == 0 ? &table->items[at] : NULL;
}

bool name_table_add(struct name_table *table, struct named named)
{
    if (name_table_find(table, named.name)) return false;
    table->items = mem_grow(table->items, table->count, &table->capacity, sizeof(*table->items));
    hash_index_put(&table->index, hash_of(named.name), (uint32_t)table->count);
    table->items[table->count++] = named;
    return true;
}

const char *name_table_nearest(struct name_table *table, const char *name)
{
    if (table->suggestions++ >= SUGGESTIONS_MAX) return NULL;
    AUTO(mem_free_ptr) const char **names = mem_array(table->count + 1, sizeof(*names));
    for (size_t i = 0; i < table->count; i++) names[i] = table->items[i].name;
    return text_nearest(name, names, table->count);
}
