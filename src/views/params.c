/* Decides what the query string of an API path may say. Refuses to know how it was encoded, and which probes it
 * picks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"
#include "dnspolicy/views/json.h"

static const struct {
    enum view_param param;
    const char *key;
} param_keys[] = {
    {VIEW_PARAM_CHECK, "check"},         {VIEW_PARAM_CLIENT, "client"},   {VIEW_PARAM_RESOLVER, "resolver"},
    {VIEW_PARAM_GROUP, "group"},         {VIEW_PARAM_VERDICT, "verdict"}, {VIEW_PARAM_CATEGORY, "category"},
    {VIEW_PARAM_TRANSPORT, "transport"}, {VIEW_PARAM_QTYPE, "qtype"},     {VIEW_PARAM_SEVERITY, "severity"},
    {VIEW_PARAM_LIMIT, "limit"},         {VIEW_PARAM_OFFSET, "offset"},   {VIEW_PARAM_SINCE, "since"},
    {VIEW_PARAM_COLUMN, "column"},       {VIEW_PARAM_PROBE, "probe"},
};

void view_params_init(struct view_params *params, unsigned allowed)
{
    *params = (struct view_params){.allowed = allowed, .limit = VIEW_LIMIT_DEFAULT};
}

void view_params_fini(struct view_params *params)
{
    free(params->check);
    free(params->client);
    free(params->resolver);
    free(params->group);
    free(params->qtype);
    free(params->severity);
    *params = (struct view_params){0};
}

/* The key's param, or 0 with *error. */
static unsigned find_param(const struct view_params *params, const char *key, char **error)
{
    const char *known[ARRAY_LEN(param_keys)];
    size_t known_count = 0;
    for (size_t i = 0; i < ARRAY_LEN(param_keys); i++) {
        if (!(params->allowed & param_keys[i].param)) continue;
        if (strcmp(param_keys[i].key, key) == 0) return param_keys[i].param;
        known[known_count++] = param_keys[i].key;
    }
    AUTO(strbuf_fini) struct strbuf sentence = {0};
    strbuf_puts(&sentence, "unknown parameter \"");
    text_add_clean(&sentence, key, strnlen(key, 64));
    strbuf_putc(&sentence, '"');
    const char *nearest = text_nearest(key, known, known_count);
    if (nearest) {
        strbuf_addf(&sentence, "; did you mean \"%s\"?", nearest);
    } else if (known_count) {
        strbuf_puts(&sentence, "; this path takes ");
        text_add_list(&sentence, known, known_count, "and");
    } else {
        strbuf_puts(&sentence, "; this path takes none");
    }
    *error = strbuf_steal(&sentence);
    return 0;
}

/* Ors the bit of each comma-separated word into *bits. */
static bool parse_words(const char *what, const char *value, const char *const *names, size_t count, uint32_t *bits,
                        char **error)
{
    AUTO(strbuf_fini) struct strbuf word = {0};
    for (const char *at = value;; at++) {
        size_t len = strcspn(at, ",");
        size_t idx = 0;
        strbuf_clear(&word);
        text_add_clean(&word, at, len);
        while (idx < count && strcmp(names[idx], strbuf_text(&word)) != 0) idx++;
        if (idx == count) {
            const char *nearest = text_nearest(strbuf_text(&word), names, count);
            *error = mem_printf("unknown %s \"%.64s\"%s%s%s", what, strbuf_text(&word),
                                nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
            return false;
        }
        *bits |= UINT32_C(1) << idx;
        at += len;
        if (!*at) return true;
    }
}

static bool parse_verdicts(const char *value, uint32_t *bits, char **error)
{
    const char *names[VERDICTS];
    for (size_t i = 0; i < VERDICTS; i++) names[i] = verdict_table[i].name;
    return parse_words("verdict", value, names, VERDICTS, bits, error);
}

static bool parse_number(const char *key, const char *value, uint32_t min, uint32_t max, uint32_t *out, char **error)
{
    uint64_t number;
    if (!text_parse_u64(value, max, &number) || number < min) {
        *error = mem_printf("%s must be a whole number from %u to %u", key, min, max);
        return false;
    }
    *out = (uint32_t)number;
    return true;
}

/* Up to nine digits after a point; further ones are finer than the clock and dropped. Returns the end. */
static const char *parse_decimals(const char *at, int64_t *ns)
{
    *ns = 0;
    if (*at != '.') return at;
    int64_t unit = (int64_t)NS_PER_SEC / 10;
    const char *first = ++at;
    for (; *at >= '0' && *at <= '9'; at++, unit /= 10) *ns += (*at - '0') * unit;
    return at > first ? at : NULL;
}

#define SECONDS_MAX (INT64_MAX / (int64_t)NS_PER_SEC - 1)

static bool parse_unix_time(const char *value, int64_t *wall_ns)
{
    char digits[20];
    size_t len = strspn(value, "0123456789");
    uint64_t seconds;
    int64_t decimals;
    if (!len || len >= sizeof(digits)) return false;
    memcpy(digits, value, len);
    digits[len] = '\0';
    const char *end = parse_decimals(value + len, &decimals);
    if (!end || *end || !text_parse_u64(digits, (uint64_t)SECONDS_MAX, &seconds)) return false;
    *wall_ns = (int64_t)seconds * (int64_t)NS_PER_SEC + decimals;
    return true;
}

/* A '+' in a query string may have been read as a space. */
static bool parse_zone(const char *at, int64_t *offset_seconds)
{
    unsigned hours, minutes;
    int end = 0;
    *offset_seconds = 0;
    if ((*at == 'Z' || *at == 'z') && !at[1]) return true;
    if (*at != '+' && *at != '-' && *at != ' ') return false;
    if (strspn(at + 1, "0123456789:") != 5 || sscanf(at + 1, "%2u:%2u%n", &hours, &minutes, &end) != 2) return false;
    if (end != 5 || at[6] || hours > 23 || minutes > 59) return false;
    *offset_seconds = (int64_t)(hours * 60 + minutes) * (*at == '-' ? -60 : 60);
    return true;
}

static bool parse_rfc3339(const char *value, int64_t *wall_ns)
{
    struct tm utc = {0};
    int64_t decimals, offset_seconds;
    /* strptime() is lenient with digits and blanks, the shape is not. */
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    for (size_t i = 0; i < sizeof(shape) - 1; i++) {
        bool is_digit = value[i] >= '0' && value[i] <= '9';
        bool is_t = shape[i] == 'T' && (value[i] == 't' || value[i] == ' ');
        if (shape[i] == 'd' ? !is_digit : value[i] != shape[i] && !is_t) return false;
    }
    if (!strptime(value, "%Y-%m-%d", &utc) || !strptime(value + 11, "%H:%M:%S", &utc)) return false;
    int day = utc.tm_mday;
    const char *end = parse_decimals(value + sizeof(shape) - 1, &decimals);
    if (!end || !parse_zone(end, &offset_seconds)) return false;
    int64_t seconds = timegm(&utc) - offset_seconds;
    if (utc.tm_mday != day && utc.tm_sec < 60) return false; /* 31 April became 1 May */
    if (seconds > SECONDS_MAX || seconds < -SECONDS_MAX) return false;
    *wall_ns = seconds * (int64_t)NS_PER_SEC + decimals;
    return true;
}

static bool parse_since(const char *value, int64_t *wall_ns, char **error)
{
    if (parse_unix_time(value, wall_ns) || parse_rfc3339(value, wall_ns)) return true;
    *error = mem_strdup("since must be a time such as 2026-01-02T03:04:05Z, or seconds since 1970");
    return false;
}

static bool parse_id(const char *value, uint64_t *id, char **error)
{
    if (plan_parse_id(value, id)) return true;
    *error = mem_strdup("the id of a probe is 16 hexadecimal digits in lower case");
    return false;
}

static bool set_text(char **text, const char *value)
{
    *text = mem_strdup(value);
    return true;
}

bool view_params_set(struct view_params *params, const char *key, const char *value, char **error)
{
    unsigned param = find_param(params, key, error);
    if (!param) return false;
    if (params->is_form && !*value) return true;
    if (params->given & param) {
        *error = mem_printf("parameter \"%s\" is given twice; separate values by commas", key);
        return false;
    }
    params->given |= param;
    switch ((enum view_param)param) {
    case VIEW_PARAM_CHECK:
        return set_text(&params->check, value);
    case VIEW_PARAM_CLIENT:
        return set_text(&params->client, value);
    case VIEW_PARAM_RESOLVER:
        return set_text(&params->resolver, value);
    case VIEW_PARAM_GROUP:
        return set_text(&params->group, value);
    case VIEW_PARAM_QTYPE:
        return set_text(&params->qtype, value);
    case VIEW_PARAM_SEVERITY:
        return set_text(&params->severity, value);
    case VIEW_PARAM_VERDICT:
        return parse_verdicts(value, &params->verdicts, error);
    case VIEW_PARAM_CATEGORY:
        return parse_words("category", value, category_names, CATEGORIES, &params->categories, error);
    case VIEW_PARAM_TRANSPORT:
        return parse_words("transport", value, transport_names, TRANSPORTS, &params->transports, error);
    case VIEW_PARAM_LIMIT:
        return parse_number(key, value, 1, VIEW_LIMIT_MAX, &params->limit, error);
    case VIEW_PARAM_OFFSET:
        return parse_number(key, value, 0, UINT32_MAX, &params->offset, error);
    case VIEW_PARAM_SINCE:
        return parse_since(value, &params->since_wall_ns, error);
    case VIEW_PARAM_COLUMN:
        return parse_number(key, value, 0, UINT32_MAX, &params->column, error);
    case VIEW_PARAM_PROBE:
        return parse_id(value, &params->probe_id, error);
    }
    PANIC("parameter %u has no parser", param);
}

/* ---- and back ---- */

const char *view_param_key(enum view_param param)
{
    for (size_t i = 0; i < ARRAY_LEN(param_keys); i++)
        if (param_keys[i].param == param) return param_keys[i].key;
    PANIC("parameter %d has no key", (int)param);
}

static void add_words(struct strbuf *out, const char *const *names, size_t count, uint32_t bits)
{
    const char *separator = "";
    for (size_t i = 0; i < count; i++) {
        if (!(bits & UINT32_C(1) << i)) continue;
        strbuf_puts(out, separator);
        strbuf_puts(out, names[i]);
        separator = ",";
    }
}

static void add_verdicts(struct strbuf *out, uint32_t bits)
{
    const char *names[VERDICTS];
    for (size_t i = 0; i < VERDICTS; i++) names[i] = verdict_table[i].name;
    add_words(out, names, VERDICTS, bits);
}

static void add_id(struct strbuf *out, uint64_t id)
{
    char text[PLAN_ID_TEXT_SIZE];
    plan_format_id(id, text);
    strbuf_puts(out, text);
}

/* NULL: the value is not kept as text. */
static const char *text_of(const struct view_params *params, enum view_param param)
{
    const struct {
        enum view_param param;
        const char *text;
    } texts[] = {
        {VIEW_PARAM_CHECK, params->check}, {VIEW_PARAM_CLIENT, params->client}, {VIEW_PARAM_RESOLVER, params->resolver},
        {VIEW_PARAM_GROUP, params->group}, {VIEW_PARAM_QTYPE, params->qtype},   {VIEW_PARAM_SEVERITY, params->severity},
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i].param == param) return texts[i].text;
    return NULL;
}

void view_params_add_value(const struct view_params *params, enum view_param param, struct strbuf *out)
{
    const char *text = text_of(params, param);
    if (text)
        strbuf_puts(out, text);
    else if (param == VIEW_PARAM_VERDICT)
        add_verdicts(out, params->verdicts);
    else if (param == VIEW_PARAM_CATEGORY)
        add_words(out, category_names, CATEGORIES, params->categories);
    else if (param == VIEW_PARAM_TRANSPORT)
        add_words(out, transport_names, TRANSPORTS, params->transports);
    else if (param == VIEW_PARAM_LIMIT)
        strbuf_add_u64(out, params->limit);
    else if (param == VIEW_PARAM_OFFSET)
        strbuf_add_u64(out, params->offset);
    else if (param == VIEW_PARAM_COLUMN)
        strbuf_add_u64(out, params->column);
    else if (param == VIEW_PARAM_PROBE)
        add_id(out, params->probe_id);
    else
        PANIC("parameter %d is not passed on", (int)param);
}
