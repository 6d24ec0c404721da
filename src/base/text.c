/*
 * Decides which bytes are text, how a word survives a shell, which word a person meant, and what a duration is.
 * Refuses to know where the text came from or where it goes.
 */
#include "dnspolicy/base/text.h"

#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* RFC 3629, section 4: how many bytes follow the lead byte, and the range of the first of them. It is that range that
 * shuts out overlong forms, surrogates and what lies beyond U+10FFFF. */
struct utf8_lead {
    uint8_t first, last;
    uint8_t follow;
    uint8_t low, high;
};
static const struct utf8_lead utf8_leads[] = {
    {0xC2, 0xDF, 1, 0x80, 0xBF}, {0xE0, 0xE0, 2, 0xA0, 0xBF}, {0xE1, 0xEC, 2, 0x80, 0xBF}, {0xED, 0xED, 2, 0x80, 0x9F},
    {0xEE, 0xEF, 2, 0x80, 0xBF}, {0xF0, 0xF0, 3, 0x90, 0xBF}, {0xF1, 0xF3, 3, 0x80, 0xBF}, {0xF4, 0xF4, 3, 0x80, 0x8F},
};

static const struct utf8_lead *find_lead(uint8_t byte)
{
    for (size_t i = 0; i < ARRAY_LEN(utf8_leads); i++)
        if (byte >= utf8_leads[i].first && byte <= utf8_leads[i].last) return &utf8_leads[i];
    return NULL;
}

/* The length of the character at `at`, or, when it is not valid, of the longest beginning of a valid one (at least 1),
 * which becomes one replacement character, as the Unicode standard advises. */
static size_t utf8_length(const uint8_t *at, size_t left, bool *valid)
{
    *valid = at[0] < 0x80;
    if (*valid) return 1;
    const struct utf8_lead *lead = find_lead(at[0]);
    if (!lead || left < 2 || at[1] < lead->low || at[1] > lead->high) return 1;
    size_t len = 2;
    while (len <= lead->follow && len < left && (at[len] & 0xC0) == 0x80) len++;
    *valid = len == (size_t)lead->follow + 1;
    return len;
}

static bool is_control(const uint8_t *at) { return at[0] < 0x20 || at[0] == 0x7F || (at[0] == 0xC2 && at[1] < 0xA0); }

void text_add_clean(struct strbuf *buf, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    strbuf_reserve(buf, len);
    while (len) {
        bool valid;
        size_t step = utf8_length(at, len, &valid);
        if (valid && !is_control(at))
            strbuf_add(buf, at, step);
        else
            strbuf_puts(buf, replacement);
        at += step;
        len -= step;
    }
}

bool text_is_printable_ascii(const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i++)
        if (at[i] < 0x20 || at[i] > 0x7E) return false;
    return true;
}

void text_add_shell_word(struct strbuf *buf, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    if (word[0] && !word[strspn(word, plain)]) {
        strbuf_puts(buf, word);
        return;
    }
    strbuf_putc(buf, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            strbuf_puts(buf, "'\\''");
        else
            strbuf_putc(buf, *word);
    }
    strbuf_putc(buf, '\'');
}

void text_add_list(struct strbuf *buf, const char *const *words, size_t count, const char *conjunction)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && i + 1 == count)
            strbuf_addf(buf, " %s ", conjunction);
        else if (i > 0)
            strbuf_puts(buf, ", ");
        strbuf_puts(buf, words[i]);
    }
}

/* Nobody mistypes a word of this length, and a hostile one must not cost its square. */
#define NEAREST_MAX 128

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static size_t min_of(size_t a, size_t b) { return a < b ? a : b; }

/* Optimal string alignment: insert, delete, replace, or swap two neighbours. Both lengths ≤ NEAREST_MAX. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][NEAREST_MAX + 1];
    for (size_t j = 0; j <= b_len; j++) rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *above_that = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
            row[j] = min_of(min_of(above[j], row[j - 1]) + 1, above[j - 1] + change);
            bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) row[j] = min_of(row[j], above_that[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

const char *text_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t word_len = strnlen(word, NEAREST_MAX + 1);
    if (word_len > NEAREST_MAX) return NULL;
    size_t too_far = (word_len / 3 > 2 ? word_len / 3 : 2) + 1;
    too_far = min_of(too_far, word_len);
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t len = strnlen(candidates[i], NEAREST_MAX + 1);
        size_t difference = len > word_len ? len - word_len : word_len - len;
        if (len > NEAREST_MAX || difference >= too_far) continue;
        size_t distance = edit_distance(word, word_len, candidates[i], len);
        if (distance >= too_far) continue;
        too_far = distance;
        nearest = candidates[i];
    }
    return nearest;
}

/* Returns the end of the digits, or NULL if there are none or the value exceeds max. */
static const char *parse_digits(const char *text, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (digit > max || value > (max - digit) / 10) return NULL;
        value = value * 10 + digit;
    }
    *out = value;
    return at > text ? at : NULL;
}

bool text_parse_u64(const char *text, uint64_t max, uint64_t *out)
{
    uint64_t value;
    const char *end = parse_digits(text, max, &value);
    if (!end || *end) return false;
    *out = value;
    return true;
}

static const struct {
    const char *name;
    uint64_t ns;
} duration_units[] = {
    {"h", 3600 * NS_PER_SEC},
    {"m", 60 * NS_PER_SEC},
    {"s", NS_PER_SEC},
    {"ms", NS_PER_MS},
};

bool text_parse_duration(const char *text, uint64_t *ns)
{
    uint64_t count;
    const char *unit = parse_digits(text, UINT64_MAX, &count);
    if (!unit) return false;
    for (size_t i = 0; i < ARRAY_LEN(duration_units); i++) {
        if (strcmp(unit, duration_units[i].name) != 0) continue;
        if (count > UINT64_MAX / duration_units[i].ns) return false;
        *ns = count * duration_units[i].ns;
        return true;
    }
    return false;
}

void text_add_duration(struct strbuf *buf, uint64_t ns)
{
    for (size_t i = 0; ns && i < ARRAY_LEN(duration_units); i++) {
        if (ns % duration_units[i].ns != 0) continue;
        strbuf_add_u64(buf, ns / duration_units[i].ns);
        strbuf_puts(buf, duration_units[i].name);
        return;
    }
    strbuf_add_u64(buf, ns);
    strbuf_puts(buf, ns ? "ns" : "s");
}
