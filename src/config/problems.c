/* Decides how problems are kept, ordered and shown. Knows nothing of what can be wrong. */
#include "dnspolicy/config/problems.h"

#include <stdarg.h>
#include <stdlib.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

void problems_init(struct problems *problems, const char *file)
{
    *problems = (struct problems){.file = mem_strdup(file)};
}

void problems_fini(struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        free(problems->items[i].path);
        free(problems->items[i].sentence);
    }
    free(problems->items);
    free(problems->file);
    *problems = (struct problems){0};
}

/* Text from the file may stand in a sentence, and a sentence is one line on a terminal. */
static char *clean_text(const char *text, size_t len)
{
    AUTO(strbuf_fini) struct strbuf clean = {0};
    text_add_clean(&clean, text, len);
    return strbuf_steal(&clean);
}

__attribute__((format(printf, 5, 0))) static void add(struct problems *problems, bool is_warning, struct place place,
                                                      const char *path, const char *format, va_list args)
{
    /* Each kind has its own bound: a thousand warnings must not hide the error that stops everything. */
    size_t so_far = is_warning ? ++problems->warnings : ++problems->errors;
    if (so_far > PROBLEMS_MAX) return;
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    strbuf_addv(&sentence, format, args);
    problems->items = mem_grow(problems->items, problems->count, &problems->capacity, sizeof(*problems->items));
    problems->items[problems->count++] = (struct problem){
        .is_warning = is_warning,
        .place = place,
        .path = clean_text(path, strlen(path)),
        .sentence = clean_text(strbuf_text(&sentence), sentence.len),
    };
}

void problems_error(struct problems *problems, struct place place, const char *path, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(problems, false, place, path, format, args);
    va_end(args);
}

void problems_warning(struct problems *problems, struct place place, const char *path, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(problems, true, place, path, format, args);
    va_end(args);
}

static bool is_before(const struct place *a, const struct place *b)
{
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* By insertion: there are few, nearly in order, and it is stable. */
void problems_sort(struct problems *problems)
{
    for (size_t i = 1; i < problems->count; i++) {
        struct problem moving = problems->items[i];
        size_t at = i;
        for (; at > 0 && is_before(&moving.place, &problems->items[at - 1].place); at--)
            problems->items[at] = problems->items[at - 1];
        problems->items[at] = moving;
    }
}

void problems_format(const struct problems *problems, const struct problem *problem, struct strbuf *out)
{
    strbuf_puts(out, problems->file ? problems->file : "");
    if (problem->place.line) {
        strbuf_addf(out, ":%u", problem->place.line);
        if (problem->place.column) strbuf_addf(out, ":%u", problem->place.column);
    }
    strbuf_puts(out, ": ");
    if (problem->path[0]) strbuf_addf(out, "%s: ", problem->path);
    if (problem->is_warning) strbuf_puts(out, "warning: ");
    strbuf_puts(out, problem->sentence);
}

void problems_format_rest(const struct problems *problems, struct strbuf *out)
{
    size_t errors = problems->errors > PROBLEMS_MAX ? problems->errors - PROBLEMS_MAX : 0;
    size_t warnings = problems->warnings > PROBLEMS_MAX ? problems->warnings - PROBLEMS_MAX : 0;
    if (errors + warnings == 0) return;
    strbuf_addf(out, "%s: ", problems->file ? problems->file : "");
    if (errors) strbuf_addf(out, "%zu more error%s", errors, errors == 1 ? "" : "s");
    if (warnings) strbuf_addf(out, "%s%zu more warning%s", errors ? " and " : "", warnings, warnings == 1 ? "" : "s");
    strbuf_puts(out, errors + warnings == 1 ? " is not shown" : " are not shown");
}
