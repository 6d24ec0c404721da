/*
 * Decides from a request's headers which format and coding /metrics is served in: RFC 9110 sections 12.4.2, 12.5.1 and
 * 12.5.3. What cannot be parsed asks for nothing, and who asks for nothing gets the plain text format.
 */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "dnspolicy/views/metrics.h"

#define Q_MAX 1000 /* a quality of 1, in thousandths */
#define Q_ABSENT (-1)

struct token {
    const char *text;
    size_t len;
};

static struct token trim(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t')) from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t')) to--;
    return (struct token){from, (size_t)(to - from)};
}

/* The next part of *at up to one of `separators` outside quotes, which is skipped. False: nothing is left. */
static bool next_part(struct token *rest, char separator, struct token *part)
{
    if (!rest->text) return false;
    const char *at = rest->text, *end = rest->text + rest->len;
    bool quoted = false;
    for (; at < end && (quoted || *at != separator); at++) {
        if (quoted && *at == '\\' && at + 1 < end)
            at++;
        else if (*at == '"')
            quoted = !quoted;
    }
    *part = trim(rest->text, at);
    *rest = at < end ? (struct token){at + 1, (size_t)(end - at - 1)} : (struct token){NULL, 0};
    return true;
}

static bool token_is(struct token token, const char *word)
{
    return token.len == strlen(word) && strncasecmp(token.text, word, token.len) == 0;
}

/* "0", "0.5", "1.000"; anything else is no quality, which counts as 0. */
static int parse_quality(struct token text)
{
    if (!text.len || (text.text[0] != '0' && text.text[0] != '1')) return 0;
    int quality = (text.text[0] - '0') * Q_MAX;
    if (text.len == 1) return quality;
    if (text.text[1] != '.' || text.len > 5) return 0;
    int unit = Q_MAX / 10;
    for (size_t i = 2; i < text.len; i++, unit /= 10) {
        if (text.text[i] < '0' || text.text[i] > '9') return 0;
        quality += (text.text[i] - '0') * unit;
    }
    return quality > Q_MAX ? 0 : quality;
}

struct range {
    struct token name;
    struct token version; /* of a media range; text NULL: none */
    int quality;
};

static void parse_range(struct token text, struct range *range)
{
    struct token part;
    *range = (struct range){.quality = Q_MAX};
    next_part(&text, ';', &range->name);
    while (next_part(&text, ';', &part)) {
        const char *equals = memchr(part.text, '=', part.len);
        if (!equals) continue;
        struct token key = trim(part.text, equals), value = trim(equals + 1, part.text + part.len);
        if (value.len >= 2 && value.text[0] == '"') value = (struct token){value.text + 1, value.len - 2};
        if (token_is(key, "q")) range->quality = parse_quality(value);
        if (token_is(key, "version")) range->version = value;
    }
}

/* OpenMetrics is for those who name it; a wildcard gets the format that everything can read. */
static bool wants_openmetrics(struct token accept)
{
    int openmetrics = Q_ABSENT, text = Q_ABSENT, any_text = Q_ABSENT, any = Q_ABSENT;
    struct token part;
    while (next_part(&accept, ',', &part)) {
        struct range range;
        parse_range(part, &range);
        if (token_is(range.name, "application/openmetrics-text")) {
            bool is_ours = !range.version.text || token_is(range.version, "1.0.0");
            if (is_ours && range.quality > openmetrics) openmetrics = range.quality;
        } else if (token_is(range.name, "text/plain") && range.quality > text) {
            text = range.quality;
        } else if (token_is(range.name, "text/*")) {
            any_text = range.quality;
        } else if (token_is(range.name, "*/*")) {
            any = range.quality;
        }
    }
    if (text == Q_ABSENT) text = any_text != Q_ABSENT ? any_text : any;
    return openmetrics > 0 && openmetrics >= text;
}

static bool wants_gzip(struct token accept_encoding)
{
    int gzip = Q_ABSENT, identity = Q_ABSENT, any = Q_ABSENT;
    struct token part;
    while (next_part(&accept_encoding, ',', &part)) {
        struct range range;
        parse_range(part, &range);
        if (token_is(range.name, "gzip") || token_is(range.name, "x-gzip"))
            gzip = range.quality;
        else if (token_is(range.name, "identity"))
            identity = range.quality;
        else if (token_is(range.name, "*"))
            any = range.quality;
    }
    if (gzip == Q_ABSENT) gzip = any;
    return gzip > 0 && gzip >= identity;
}

static struct token header(const char *value) { return (struct token){value, value ? strlen(value) : 0}; }

struct metrics_options metrics_negotiate(const char *accept, const char *accept_encoding)
{
    return (struct metrics_options){
        .openmetrics = wants_openmetrics(header(accept)),
        .gzip = wants_gzip(header(accept_encoding)),
    };
}
