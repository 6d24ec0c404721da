/* What the readers of one run share: where results go, where problems go, and the path of what is being read. */
#ifndef DNSPOLICY_SRC_CONFIG_LOADER_H
#define DNSPOLICY_SRC_CONFIG_LOADER_H

#include "arena.h"
#include "dnspolicy/config/config.h"
#include "dnspolicy/config/problems.h"
#include "names.h"
#include "yaml_tree.h"

struct loader {
    struct arena *arena;
    struct problems *problems;
    struct strbuf path;
    struct config *config; /* NULL: not a policy file */
    const struct config_sources *sources;
    struct name_table clients;
    struct name_table resolvers; /* {address: system} is one name of several */
    struct name_table groups;
    struct name_table checks;
    struct name_table policies;
    struct name_table keys;
    bool are_clients_known; /* false: the section could not be read, so no name of one is wrong */
    bool are_resolvers_known;
    bool are_keys_unreadable; /* no name of one is wrong then */
    size_t picks;             /* of all checks */
};

void loader_fini(struct loader *loader);

/* Reports at the node's place, under the current path. */
void loader_error(struct loader *loader, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void loader_error_at(struct loader *loader, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void loader_warning(struct loader *loader, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Both return what loader_leave() takes to come back. */
size_t loader_enter_key(struct loader *loader, const char *key);
size_t loader_enter_item(struct loader *loader, size_t idx);
void loader_leave(struct loader *loader, size_t mark);

/* Text from the file as it may stand in a sentence: cut, if it is long. Lives as long as the arena. */
const char *loader_shown(struct loader *loader, const char *text);
/* "; did you mean 'x'?" or "". */
const char *loader_did_you_mean(struct loader *loader, const char *word, const char *const *words, size_t count);
/* The same, or, of a word that resembles none of these few, ": it is x, y or z". */
const char *loader_or_list(struct loader *loader, const char *word, const char *const *words, size_t count);

#endif
