/*
 * Tables of the keys that a mapping may have. One table drives the loader and the manual: key, form, default and
 * meaning are said once. Defaults are texts that go through the same reader as the file's own.
 */
#ifndef DNSPOLICY_SRC_CONFIG_SCHEMA_H
#define DNSPOLICY_SRC_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader.h"

struct schema_key;
/* Reads into the section's struct. */
typedef void schema_read(struct loader *loader, const struct schema_key *key, const struct node *node, void *target);

struct schema_key {
    const char *key;
    const char *form;
    const char *fallback; /* default as written in YAML; "required"; "" for none */
    const char *meaning;
    schema_read *read; /* NULL: known, not supported yet */
    size_t offset;     /* of the field, for the readers below */
    uint64_t min;      /* nanoseconds for a duration */
    uint64_t max;
};
struct schema_section {
    const char *name;
    const struct schema_key *keys;
    size_t key_count;
    bool hides_words; /* an unknown key may be a secret in the wrong place: no message shows it */
};

/* Reads every key in the order of the table; false: the node is no mapping. Errors are reported on the way. */
bool schema_read_section(struct loader *loader, const struct schema_section *section, const struct node *node,
                         void *target);

/* Readers of fields. A number or duration that is not good leaves 0. */
void schema_read_duration(struct loader *loader, const struct schema_key *key, const struct node *node, void *target);
void schema_read_count(struct loader *loader, const struct schema_key *key, const struct node *node, void *target);
void schema_read_rate(struct loader *loader, const struct schema_key *key, const struct node *node, void *target);
void schema_read_bool(struct loader *loader, const struct schema_key *key, const struct node *node, void *target);
void schema_read_name(struct loader *loader, const struct schema_key *key, const struct node *node, void *target);
void schema_read_description(struct loader *loader, const struct schema_key *key, const struct node *node,
                             void *target);

/* The pieces that other readers are made of. Each reports what is wrong and returns false or NULL. */
bool read_expect_kind(struct loader *loader, const struct node *node, enum node_kind kind, const char *form);
const char *read_scalar(struct loader *loader, const struct node *node, const char *form); /* one line, not null */
bool read_integer(struct loader *loader, const struct node *node, uint64_t min, uint64_t max, uint64_t *out);
#define READ_NAME_MAX 128
bool read_name_is_good(struct loader *loader, struct place place, const char *name);

/* A scalar stands for a list of one. */
size_t read_list_count(const struct node *node);
const struct node *read_list_item(const struct node *node, size_t idx);
/* Enters the item's path only where there is a list. */
size_t read_list_enter(struct loader *loader, const struct node *node, size_t idx);

#endif
