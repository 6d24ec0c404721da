/*
 * Decides what a request target says, strictly: a target that two programs could read differently is refused. Knows no
 * route and no parameter.
 */
#include "query_string.h"

#include <string.h>
#include <strings.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* What the cleaner would leave alone is valid UTF-8 without control characters. */
static bool is_clean(const struct strbuf *text)
{
    AUTO(strbuf_fini) struct strbuf cleaned = {0};
    text_add_clean(&cleaned, strbuf_text(text), text->len);
    return cleaned.len == text->len && memcmp(strbuf_text(&cleaned), strbuf_text(text), text->len) == 0;
}

static bool decode(const char *text, size_t len, bool plus_is_space, struct strbuf *out, char **error)
{
    strbuf_clear(out);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '+' && plus_is_space) {
            strbuf_putc(out, ' ');
            continue;
        }
        if (text[i] != '%') {
            strbuf_putc(out, text[i]);
            continue;
        }
        int high = i + 1 < len ? hex_value(text[i + 1]) : -1;
        int low = high >= 0 && i + 2 < len ? hex_value(text[i + 2]) : -1;
        if (low < 0) {
            *error = mem_strdup("the URL has a '%' that two hexadecimal digits do not follow");
            return false;
        }
        strbuf_putc(out, (char)(high * 16 + low));
        i += 2;
    }
    if (is_clean(out)) return true;
    *error = mem_strdup("the URL is not valid UTF-8 or has control characters");
    return false;
}

static const char *skip_authority(const char *target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        size_t len = strlen(schemes[i]);
        if (strncasecmp(target, schemes[i], len) == 0) return target + len + strcspn(target + len, "/?");
    }
    return target;
}

bool target_split(const char *target, struct strbuf *path, const char **query, char **error)
{
    const char *start = skip_authority(target);
    size_t len = strcspn(start, "?");
    *query = start[len] ? start + len + 1 : "";
    if (!decode(start, len, false, path, error)) return false;
    if (path->len == 0 && start != target) strbuf_putc(path, '/');
    return true;
}

static bool take_pair(const char *pair, size_t len, query_take *take, void *ctx, char **error)
{
    AUTO(strbuf_fini) struct strbuf key = {0};
    AUTO(strbuf_fini) struct strbuf value = {0};
    const char *equals = memchr(pair, '=', len);
    size_t key_len = equals ? (size_t)(equals - pair) : len;
    if (!decode(pair, key_len, true, &key, error)) return false;
    if (equals && !decode(equals + 1, len - key_len - 1, true, &value, error)) return false;
    return take(ctx, strbuf_text(&key), strbuf_text(&value), error);
}

bool query_string_parse(const char *query, query_take *take, void *ctx, char **error)
{
    size_t pairs = 0;
    for (const char *at = query; *at;) {
        size_t len = strcspn(at, "&");
        if (len && ++pairs > QUERY_PAIRS_MAX) {
            *error = mem_printf("the URL has more than %d parameters", QUERY_PAIRS_MAX);
            return false;
        }
        if (len && !take_pair(at, len, take, ctx, error)) return false;
        at += len;
        if (*at == '&') at++;
    }
    return true;
}
