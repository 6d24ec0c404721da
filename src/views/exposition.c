/*
 * Decides how a family, a label and a number look in the text formats. Refuses to know which families there are and
 * where their values come from.
 */
#include "exposition.h"

#include <string.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

#define VALUE_MAX 48 /* braces, a space, the longest number and the end of the line */

static bool is_special(char c) { return c == '\\' || c == '"' || ((unsigned char)c < 0x20); }

/* Control characters are kept (only the line feed has an escape): replaced, two different names could become one
 * label. */
static void add_escaped(struct strbuf *out, const char *value, bool with_quotes)
{
    while (*value) {
        size_t plain = 0;
        while (value[plain] && !is_special(value[plain])) plain++;
        text_add_clean(out, value, plain);
        value += plain;
        if (!*value) return;
        if (*value == '\n')
            strbuf_puts(out, "\\n");
        else if (*value == '\\')
            strbuf_puts(out, "\\\\");
        else if (*value == '"' && with_quotes)
            strbuf_puts(out, "\\\"");
        else
            strbuf_putc(out, *value);
        value++;
    }
}

void exposition_add_label(struct strbuf *out, const char *name, const char *value)
{
    strbuf_putc(out, ',');
    strbuf_puts(out, name);
    strbuf_puts(out, "=\"");
    add_escaped(out, value, true);
    strbuf_putc(out, '"');
}

static bool ends_with(const char *text, size_t len, const char *end)
{
    size_t end_len = strlen(end);
    return len > end_len && memcmp(text + len - end_len, end, end_len) == 0;
}

void exposition_begin_family(struct exposition *x, const struct metric_info *family)
{
    x->family = family;
    x->name_len = strlen(family->name);
    /* OpenMetrics names a counter's family without the suffix that its samples carry. */
    size_t family_len = x->name_len;
    bool drops_suffix = x->openmetrics && strcmp(family->type, "counter") == 0;
    if (drops_suffix && ends_with(family->name, family_len, "_total")) family_len -= strlen("_total");

    strbuf_puts(x->out, "# HELP ");
    strbuf_add(x->out, family->name, family_len);
    strbuf_putc(x->out, ' ');
    add_escaped(x->out, family->help, x->openmetrics);
    strbuf_puts(x->out, "\n# TYPE ");
    strbuf_add(x->out, family->name, family_len);
    strbuf_putc(x->out, ' ');
    strbuf_puts(x->out, family->type);
    strbuf_putc(x->out, '\n');
}

void exposition_end(struct exposition *x)
{
    if (x->openmetrics) strbuf_puts(x->out, "# EOF\n");
}

static char *put(char *at, const void *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

static char *put_u64(char *at, uint64_t value)
{
    char digits[20];
    size_t first = sizeof(digits);
    do {
        digits[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    return put(at, digits + first, sizeof(digits) - first);
}

/* `decimals` digits of a fraction, with or without its trailing zeros. */
static char *put_fraction(char *at, uint32_t fraction, unsigned decimals, bool trimmed)
{
    if (trimmed) {
        if (!fraction) return at;
        for (; fraction % 10 == 0; decimals--) fraction /= 10;
    }
    *at++ = '.';
    for (unsigned i = decimals; i > 0; i--) {
        at[i - 1] = (char)('0' + fraction % 10);
        fraction /= 10;
    }
    return at + decimals;
}

static char *put_seconds(char *at, uint64_t ns)
{
    return put_fraction(put_u64(at, ns / NS_PER_SEC), (uint32_t)(ns % NS_PER_SEC), 9, true);
}

/* Name, suffix and labels; each piece of labels begins with a comma, the first one's becomes the brace. Returns where
 * the value goes: room for VALUE_MAX bytes is there. */
static char *begin_sample(struct exposition *x, const char *suffix, const struct span *labels, size_t count)
{
    size_t suffix_len = strlen(suffix);
    size_t len = x->name_len + suffix_len + VALUE_MAX;
    for (size_t i = 0; i < count; i++) len += labels[i].len;
    strbuf_reserve(x->out, len);

    char *at = put(x->out->data + x->out->len, x->family->name, x->name_len);
    at = put(at, suffix, suffix_len);
    char *brace = at;
    for (size_t i = 0; i < count; i++) at = put(at, labels[i].text, labels[i].len);
    if (at > brace) {
        *brace = '{';
        *at++ = '}';
    }
    *at++ = ' ';
    return at;
}

static void end_sample(struct exposition *x, char *at)
{
    *at++ = '\n';
    *at = '\0';
    x->out->len = (size_t)(at - x->out->data);
}

void exposition_sample_u64(struct exposition *x, const struct span *labels, size_t count, uint64_t value)
{
    end_sample(x, put_u64(begin_sample(x, "", labels, count), value));
}

void exposition_sample_seconds(struct exposition *x, const struct span *labels, size_t count, uint64_t ns)
{
    end_sample(x, put_seconds(begin_sample(x, "", labels, count), ns));
}

void exposition_sample_timestamp(struct exposition *x, const struct span *labels, size_t count, int64_t wall_ns)
{
    uint64_t ms = wall_ns > 0 ? (uint64_t)wall_ns / NS_PER_MS : 0;
    char *at = put_u64(begin_sample(x, "", labels, count), ms / 1000);
    end_sample(x, put_fraction(at, (uint32_t)(ms % 1000), 3, false));
}

/* The `le` label. OpenMetrics wants a whole number to read as a float. */
static struct span bucket_label(const struct exposition *x, int bucket, char *text)
{
    char *at = put(text, ",le=\"", 5);
    if (bucket == HISTOGRAM_BUCKETS - 1) {
        at = put(at, "+Inf", 4);
    } else {
        at = put_seconds(at, histogram_bounds_ns[bucket]);
        if (x->openmetrics && histogram_bounds_ns[bucket] % NS_PER_SEC == 0) at = put(at, ".0", 2);
    }
    *at++ = '"';
    return (struct span){text, (size_t)(at - text)};
}

#define HISTOGRAM_LABELS_MAX 4

void exposition_histogram(struct exposition *x, const struct span *labels, size_t count,
                          const struct histogram_copy *histogram)
{
    struct span pieces[HISTOGRAM_LABELS_MAX + 1];
    REQUIRE(count <= HISTOGRAM_LABELS_MAX);
    for (size_t i = 0; i < count; i++) pieces[i] = labels[i];

    uint64_t total = 0;
    for (int bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        char text[VALUE_MAX];
        total += histogram->buckets[bucket];
        pieces[count] = bucket_label(x, bucket, text);
        end_sample(x, put_u64(begin_sample(x, "_bucket", pieces, count + 1), total));
    }
    end_sample(x, put_seconds(begin_sample(x, "_sum", labels, count), histogram->sum_ns));
    end_sample(x, put_u64(begin_sample(x, "_count", labels, count), total));
}
