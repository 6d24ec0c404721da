/*
 * Decides which regular expressions are safe to run on every reply: POSIX extended, without back-references (matching
 * them takes exponential time) and of a bounded size (((a{9}){9}){9} is short and enormous).
 */
#include "patterns.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/mem.h"

static bool has_back_reference(const char *text)
{
    for (; *text; text++) {
        if (*text != '\\' || !text[1]) continue;
        text++;
        if (*text >= '1' && *text <= '9') return true;
    }
    return false;
}

/* The end of a bracket expression that begins at `at`: "]" in the first place is a member, classes nest. */
static const char *skip_bracket(const char *at)
{
    at++;
    if (*at == '^') at++;
    if (*at == ']') at++;
    while (*at && *at != ']') {
        bool is_class = *at == '[' && at[1] && strchr(":.=", at[1]);
        const char *end = is_class ? strchr(at + 2, at[1]) : NULL;
        at = end && end[1] == ']' ? end + 2 : at + 1;
    }
    return at;
}

struct part {
    uint64_t size; /* characters, classes, groups and operators, repetitions written out */
    bool may_be_empty;
};

/* An open group, or the pattern itself. */
struct group {
    uint64_t size;
    bool branch_may_be_empty; /* what of this branch stands before the last part */
    bool other_may_be_empty;  /* an earlier branch */
    struct part last;         /* what a repetition would repeat */
};
static const struct group new_group = {.size = 1, .branch_may_be_empty = true, .last = {.may_be_empty = true}};

static void add_part(struct group *group, struct part part)
{
    group->branch_may_be_empty &= group->last.may_be_empty;
    group->size += part.size;
    group->last = part;
}

static bool branch_may_be_empty(const struct group *group)
{
    return group->branch_may_be_empty && group->last.may_be_empty;
}

static struct part close_group(const struct group *group)
{
    return (struct part){group->size, group->other_may_be_empty || branch_may_be_empty(group)};
}

static void begin_branch(struct group *group)
{
    group->other_may_be_empty |= branch_may_be_empty(group);
    group->branch_may_be_empty = true;
    group->last = (struct part){.may_be_empty = true};
}

/* The bounds of "{n}", "{n,}" or "{n,m}"; `end` is on the brace that closes. False: it is none. */
static bool parse_interval(const char *at, const char **end, uint64_t bounds[2])
{
    size_t which = 0;
    *end = at + 1 + strspn(at + 1, "0123456789,");
    if (**end != '}' || *end == at + 1) return false;
    bounds[0] = bounds[1] = 0;
    for (at++; at < *end; at++) {
        if (*at == ',') which = 1;
        bool is_digit = *at != ',' && bounds[which] <= PATTERN_SIZE_MAX;
        if (is_digit) bounds[which] = bounds[which] * 10 + (uint64_t)(*at - '0');
    }
    if ((*end)[-1] == ',') bounds[1] = bounds[0] + 1; /* compiled as what must be there, and a "*" of the same */
    return true;
}

/* Moves *at to the last character of the repetition there, if there is one. False: it repeats what may be empty. */
static bool repeat(struct group *group, const char **at)
{
    uint64_t bounds[2] = {**at == '+', **at == '+' ? 2 : 1}; /* "x+" is compiled as "xx*" */
    const char *end = *at;
    if (**at == '{' && !parse_interval(*at, &end, bounds)) return true;
    *at = end;
    if (group->last.size == 0) return true; /* nothing stands before it: regcomp() will say so */
    if (group->last.may_be_empty) return false;
    uint64_t times = bounds[0] > bounds[1] ? bounds[0] : bounds[1];
    uint64_t more = group->last.size * (times ? times - 1 : 0) + 1;
    group->size += more;
    group->last.size += more;
    group->last.may_be_empty = bounds[0] == 0;
    return true;
}

static const char *skip_character(const char *at)
{
    if (*at == '\\' && at[1]) return at + 1;
    return *at == '[' ? skip_bracket(at) : at;
}

/*
 * NULL, or why the pattern is not safe. The C library takes memory in the square of the size (at 300, under 1 MB), and
 * time without bound where a repetition repeats what may be empty: measured, minutes for 20 characters.
 */
static const char *find_danger(const char *text)
{
    struct group groups[PATTERN_MAX + 1] = {new_group};
    size_t depth = 0;
    for (const char *at = text; *at; at++) {
        struct group *group = &groups[depth];
        if (*at == '(') {
            groups[++depth] = new_group;
        } else if (*at == ')' && depth > 0) {
            add_part(&groups[--depth], close_group(group));
        } else if (*at == '|') {
            begin_branch(group);
        } else if (strchr("*+?{", *at)) {
            if (!repeat(group, &at))
                return "a repetition of what may be empty, such as (a*)*, takes too long to compile";
        } else {
            add_part(group, (struct part){1, *at == '^' || *at == '$'});
            at = skip_character(at);
            if (!*at) break; /* an open bracket: regcomp() will say so */
        }
        if (groups[depth].size > PATTERN_SIZE_MAX) return "the pattern is too large with its repetitions written out";
    }
    return NULL;
}

bool pattern_compile(struct expect_pattern *out, const char *text, char *reason, size_t reason_size)
{
    *out = (struct expect_pattern){0};
    if (!text[0] || strlen(text) > PATTERN_MAX) {
        snprintf(reason, reason_size, "a pattern has 1 to %d bytes", PATTERN_MAX);
        return false;
    }
    if (has_back_reference(text)) {
        snprintf(reason, reason_size, "back-references such as \\1 are not allowed: they take too long to match");
        return false;
    }
    const char *danger = find_danger(text);
    if (danger) {
        snprintf(reason, reason_size, "%s", danger);
        return false;
    }
    int error = regcomp(&out->regex, text, REG_EXTENDED | REG_NOSUB);
    if (error) {
        char detail[96];
        regerror(error, &out->regex, detail, sizeof(detail));
        snprintf(reason, reason_size, "not an extended regular expression: %s", detail);
        *out = (struct expect_pattern){0};
        return false;
    }
    out->text = text;
    return true;
}

void pattern_fini(struct expect_pattern *pattern)
{
    if (pattern->text) regfree(&pattern->regex);
    *pattern = (struct expect_pattern){0};
}
