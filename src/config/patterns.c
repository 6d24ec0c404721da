/*
 * Decides which regular expressions are safe to run on every reply: POSIX extended, without back-references (matching
 * them takes exponential time) and of a bounded size (a{9}{9}{9} is short and enormous).
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

/* The larger bound of "{n}", "{n,}" or "{n,m}". */
static uint64_t repetitions(const char *at)
{
    uint64_t bounds[2] = {0, 0};
    size_t which = 0;
    for (at++; *at && *at != '}'; at++) {
        if (*at == ',') which = 1;
        if (*at >= '0' && *at <= '9' && bounds[which] < 100000)
            bounds[which] = bounds[which] * 10 + (uint64_t)(*at - '0');
    }
    uint64_t more = bounds[0] > bounds[1] ? bounds[0] : bounds[1];
    return more ? more : 1;
}

/* How many single-character matchers the pattern has with its repetitions written out; stops when there are too many. */
static uint64_t count_atoms(const char *text)
{
    uint64_t sums[PATTERN_MAX + 1] = {0}; /* of each open group */
    size_t depth = 0;
    uint64_t last = 0; /* what a repetition would repeat */
    for (const char *at = text; *at && sums[depth] <= PATTERN_ATOMS_MAX; at++) {
        const char *end = *at == '{' ? at + 1 + strspn(at + 1, "0123456789,") : at;
        if (*end == '}' && end > at) {
            uint64_t times = repetitions(at);
            at = end;
            sums[depth] += last * (times - 1);
            last *= times;
        } else if (*at == '(') {
            sums[++depth] = 0;
        } else if (*at == ')' && depth > 0) {
            last = sums[depth--];
            sums[depth] += last;
        } else if (!strchr("*+?|^$", *at)) {
            if (*at == '\\' && at[1])
                at++;
            else if (*at == '[')
                at = skip_bracket(at);
            sums[depth] += last = 1;
            if (!*at) break;
        }
    }
    uint64_t most = 0;
    for (size_t i = 0; i <= depth; i++) most = sums[i] > most ? sums[i] : most;
    return most;
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
    if (count_atoms(text) > PATTERN_ATOMS_MAX) {
        snprintf(reason, reason_size, "the pattern is too large with its repetitions written out");
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
