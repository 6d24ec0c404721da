/*
 * Decides which sentence an author reads where the file is not YAML, and which quotes would mend it. Words of the file
 * are never repeated: one of them may be a secret.
 */
#include "yaml_hint.h"

#include <stdbool.h>
#include <string.h>

struct line {
    const char *text;
    size_t len;
};

static struct line find_line(const char *text, size_t len, size_t number)
{
    const char *at = text;
    const char *end = text + len;
    for (; number > 0 && at < end; number--) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return (struct line){.text = at, .len = (size_t)((newline ? newline : end) - at)};
}

/* Columns count characters, the line holds bytes. */
static size_t column_offset(struct line line, size_t column)
{
    size_t at = 0;
    while (at < line.len && column > 0) {
        at++;
        while (at < line.len && ((unsigned char)line.text[at] & 0xC0) == 0x80) at++;
        column--;
    }
    return at;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* "{random}" and the like: braces around a word alone. */
static bool has_braced_word(struct line line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.text[i] != '{') continue;
        size_t end = i + 1;
        while (end < line.len && is_word(line.text[end])) end++;
        if (end > i + 1 && end < line.len && line.text[end] == '}') return true;
    }
    return false;
}

static bool has_colon_before(struct line line, size_t offset)
{
    for (size_t i = 0; i + 1 < offset && i + 1 < line.len; i++)
        if (line.text[i] == ':' && line.text[i + 1] == ' ') return true;
    return false;
}

static const char *hint_of_character(char c, const char *problem)
{
    bool cannot_begin = strstr(problem, "cannot start any token") != NULL;
    switch (c) {
    case '*':
        return "'*' begins an alias of YAML: put it in quotes";
    case '!':
        return "'!' begins a tag of YAML: put it in quotes";
    case '&':
        return "'&' begins an anchor of YAML: put it in quotes";
    case ':':
        return "within {} and [] a bare word neither begins nor ends with ':', as ::1 does: put it in quotes";
    case '@':
    case '`':
    case '%':
        return cannot_begin ? "no bare word may begin with '@', '`' or '%': put it in quotes" : NULL;
    case '\t':
        return cannot_begin ? "YAML is indented with spaces, not with tabs" : NULL;
    default:
        return NULL;
    }
}

static const char *find_hint(const yaml_parser_t *parser, struct line line, size_t offset)
{
    bool is_misplaced_colon = strstr(parser->problem, "mapping values are not allowed") != NULL;
    if (is_misplaced_colon && has_colon_before(line, offset))
        return "a bare ':' before a space begins a mapping of YAML: put it in quotes";
    if (is_misplaced_colon) return "is the line indented as it should be?";
    if (strstr(parser->problem, "unexpected ':'")) return hint_of_character(':', parser->problem);
    const char *hint = offset < line.len ? hint_of_character(line.text[offset], parser->problem) : NULL;
    if (hint) return hint;
    return has_braced_word(line) ? "a bare '{' begins a mapping of YAML: put it in quotes" : NULL;
}

/* The reader knows a byte offset only. */
static struct place place_of_offset(const char *text, size_t len, size_t offset)
{
    struct place place = {1, 1};
    for (size_t i = 0; i < offset && i < len; i++) {
        bool is_continuation = ((unsigned char)text[i] & 0xC0) == 0x80;
        if (text[i] == '\n')
            place = (struct place){place.line + 1, 1};
        else if (!is_continuation)
            place.column++;
    }
    return place;
}

void yaml_hint_report(const yaml_parser_t *parser, const char *text, size_t len, struct problems *problems)
{
    if (parser->error == YAML_READER_ERROR) {
        problems_error(problems, place_of_offset(text, len, parser->problem_offset), "", "not a YAML text in UTF-8: %s",
                       parser->problem);
        return;
    }
    const char *context = parser->context ? parser->context : "";
    struct line line = find_line(text, len, parser->problem_mark.line);
    bool is_at_end = line.text + line.len == text + len && parser->problem_mark.column >= line.len;
    bool is_in_token = strncmp(context, "while scanning a", 16) == 0;
    bool wants_context = context[0] && (is_at_end || is_in_token);
    const yaml_mark_t *mark = wants_context ? &parser->context_mark : &parser->problem_mark;
    line = find_line(text, len, mark->line);
    const char *hint = find_hint(parser, line, column_offset(line, mark->column));
    struct place place = {(uint32_t)mark->line + 1, (uint32_t)mark->column + 1};
    problems_error(problems, place, "", "not YAML: %s%s%s%s%s", parser->problem, context[0] ? " " : "", context,
                   hint ? "; " : "", hint ? hint : "");
}
