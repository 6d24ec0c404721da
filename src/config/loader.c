/* Decides how a problem is addressed: its path, and how much of a hostile text stands in it. */
#include "loader.h"

#include <stdarg.h>
#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

#define SHOWN_MAX 64

void loader_fini(struct loader *loader)
{
    strbuf_fini(&loader->path);
    name_table_fini(&loader->clients);
    name_table_fini(&loader->resolvers);
    name_table_fini(&loader->groups);
    name_table_fini(&loader->checks);
    name_table_fini(&loader->policies);
    name_table_fini(&loader->keys);
}

void loader_error(struct loader *loader, const struct node *node, const char *format, ...)
{
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    va_list args;
    va_start(args, format);
    strbuf_addv(&sentence, format, args);
    va_end(args);
    problems_error(loader->problems, node->place, strbuf_text(&loader->path), "%s", strbuf_text(&sentence));
}

void loader_error_at(struct loader *loader, struct place place, const char *format, ...)
{
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    va_list args;
    va_start(args, format);
    strbuf_addv(&sentence, format, args);
    va_end(args);
    problems_error(loader->problems, place, strbuf_text(&loader->path), "%s", strbuf_text(&sentence));
}

void loader_warning(struct loader *loader, const struct node *node, const char *format, ...)
{
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    va_list args;
    va_start(args, format);
    strbuf_addv(&sentence, format, args);
    va_end(args);
    problems_warning(loader->problems, node->place, strbuf_text(&loader->path), "%s", strbuf_text(&sentence));
}

size_t loader_enter_key(struct loader *loader, const char *key)
{
    size_t mark = loader->path.len;
    strbuf_addf(&loader->path, "%s%s", mark ? "." : "", key[0] ? loader_shown(loader, key) : "\"\"");
    return mark;
}

size_t loader_enter_item(struct loader *loader, size_t idx)
{
    size_t mark = loader->path.len;
    strbuf_addf(&loader->path, "[%zu]", idx);
    return mark;
}

void loader_leave(struct loader *loader, size_t mark)
{
    loader->path.len = mark;
    loader->path.data[mark] = '\0';
}

const char *loader_shown(struct loader *loader, const char *text)
{
    size_t len = strnlen(text, SHOWN_MAX + 1);
    if (len <= SHOWN_MAX) return text;
    for (len = SHOWN_MAX; len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80;) len--;
    return arena_printf(loader->arena, "%.*s…", (int)len, text);
}

const char *loader_did_you_mean(struct loader *loader, const char *word, const char *const *words, size_t count)
{
    const char *nearest = text_nearest(word, words, count);
    return nearest ? arena_printf(loader->arena, "; did you mean '%s'?", loader_shown(loader, nearest)) : "";
}

const char *loader_or_list(struct loader *loader, const char *word, const char *const *words, size_t count)
{
    AUTO(strbuf_fini) struct strbuf list = {0};
    if (text_nearest(word, words, count)) return loader_did_you_mean(loader, word, words, count);
    text_add_list(&list, words, count, "or");
    return arena_printf(loader->arena, ": it is %s", strbuf_text(&list));
}
