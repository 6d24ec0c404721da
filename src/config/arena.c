/* Decides where the texts and arrays of a loaded file live. Knows nothing of what they mean. */
#include "arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/strbuf.h"

#define ARENA_BLOCK_SIZE ((size_t)16 * 1024)
#define ARENA_ALIGN _Alignof(max_align_t)

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct arena_block *blocks; /* the first is the one that is filled */
};

struct arena *arena_new(void) { return mem_alloc(sizeof(struct arena)); }

void arena_free(struct arena *arena)
{
    if (!arena) return;
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        explicit_bzero(block->bytes, block->used);
        free(block);
    }
    free(arena);
}

void arena_free_ptr(struct arena **arena)
{
    arena_free(*arena);
    *arena = NULL;
}

/* What is larger than a block gets one of its own, behind the one that is filled. */
static struct arena_block *add_block(struct arena *arena, size_t size)
{
    bool is_large = size > ARENA_BLOCK_SIZE / 4;
    size_t room = is_large ? size : ARENA_BLOCK_SIZE;
    struct arena_block *block = mem_alloc(sizeof(*block) + room);
    block->size = room;
    if (is_large && arena->blocks) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    REQUIRE(size <= SIZE_MAX / 2);
    size = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < size) block = add_block(arena, size);
    void *room = block->bytes + block->used;
    block->used += size;
    return room;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    REQUIRE(size == 0 || count <= SIZE_MAX / 2 / size);
    return arena_alloc(arena, count * size);
}

void *arena_copy(struct arena *arena, const void *bytes, size_t count, size_t size)
{
    void *room = arena_array(arena, count, size);
    if (count) memcpy(room, bytes, count * size);
    return room;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);
    memcpy(copy, text, len);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    va_list args;
    va_start(args, format);
    strbuf_addv(&text, format, args);
    va_end(args);
    return arena_strndup(arena, strbuf_text(&text), text.len);
}
