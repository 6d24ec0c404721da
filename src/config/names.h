/* Names of a file and what they stand for: a range of dense indexes. */
#ifndef DNSPOLICY_SRC_CONFIG_NAMES_H
#define DNSPOLICY_SRC_CONFIG_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/hash.h"

struct named {
    const char *name; /* belongs to the caller */
    uint32_t first;
    uint32_t count;
    bool is_set; /* stands for whatever is there, as {address: system} does */
};
struct name_table {
    struct hash_index index;
    struct named *items;
    size_t count;
    size_t capacity;
    unsigned suggestions; /* made so far: each looks at every name */
};

void name_table_fini(struct name_table *table);
const struct named *name_table_find(const struct name_table *table, const char *name);
/* False: the name is there already. */
bool name_table_add(struct name_table *table, struct named named);
/* NULL: no name is near, or enough suggestions were made in this run. */
const char *name_table_nearest(struct name_table *table, const char *name);

#endif
