/*
 * Memory of one owner that is freed as a whole: the texts and arrays of a loaded file. Not for more than one thread at
 * a time while it grows. It may hold secrets, so it is wiped when freed.
 */
#ifndef DNSPOLICY_SRC_CONFIG_ARENA_H
#define DNSPOLICY_SRC_CONFIG_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);      /* NULL is fine */
void arena_free_ptr(struct arena **arena); /* for AUTO */

void *arena_alloc(struct arena *arena, size_t size);               /* zeroed, aligned for anything; never NULL */
void *arena_array(struct arena *arena, size_t count, size_t size); /* overflow panics; never NULL */
void *arena_copy(struct arena *arena, const void *bytes, size_t count, size_t size);
char *arena_strdup(struct arena *arena, const char *text); /* NULL stays NULL */
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
