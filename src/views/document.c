/* Decides how values become JSON. Knows no probe. */
#include "document.h"

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"
#include "facts.h"

#define REAL_DIGITS 12 /* a round-trip time in nanoseconds shows as it was measured, not as its binary neighbour */

static json_t *checked(json_t *value)
{
    if (!value) PANIC("out of memory: a JSON value");
    return value;
}

json_t *doc_object(void) { return checked(json_object()); }

json_t *doc_list(void) { return checked(json_array()); }

json_t *doc_bytes(const void *bytes, size_t len)
{
    AUTO(strbuf_fini) struct strbuf clean = {0};
    text_add_clean(&clean, bytes, len);
    return checked(json_stringn(strbuf_text(&clean), clean.len));
}

json_t *doc_text(const char *text) { return text ? doc_bytes(text, strlen(text)) : json_null(); }

json_t *doc_number(uint64_t number) { return checked(json_integer((json_int_t)number)); }

json_t *doc_time(int64_t wall_ns)
{
    char text[CLOCK_TEXT_SIZE];
    if (!wall_ns) return json_null();
    clock_format(wall_ns, text);
    return doc_text(text);
}

json_t *doc_seconds(int64_t unix_s)
{
    char text[CLOCK_TEXT_SIZE];
    return facts_format_seconds(unix_s, text) ? doc_text(text) : json_null();
}

json_t *doc_id(uint64_t id)
{
    char text[PLAN_ID_TEXT_SIZE];
    plan_format_id(id, text);
    return doc_text(text);
}

void doc_set(json_t *object, const char *key, json_t *value)
{
    REQUIRE(json_object_set_new_nocheck(object, key, checked(value)) == 0);
}

void doc_add(json_t *list, json_t *value) { REQUIRE(json_array_append_new(list, checked(value)) == 0); }

static int append(const char *bytes, size_t len, void *out)
{
    strbuf_add(out, bytes, len);
    return 0;
}

void doc_dump(json_t *value, struct strbuf *out)
{
    size_t flags = JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(REAL_DIGITS);
    REQUIRE(json_dump_callback(value, append, out, flags) == 0);
    json_decref(value);
}

/* A line of its own: behind it on a terminal comes the prompt. */
static void dump_answer(json_t *document, struct strbuf *out)
{
    doc_dump(document, out);
    strbuf_putc(out, '\n');
}

unsigned doc_success(json_t *data, struct strbuf *out)
{
    json_t *document = doc_object();
    doc_set(document, "status", doc_text("success"));
    doc_set(document, "data", data);
    dump_answer(document, out);
    return 200;
}

json_t *doc_verdict_counts(const struct survey *survey)
{
    json_t *counts = doc_object();
    for (unsigned verdict = 0; verdict < VERDICTS; verdict++)
        doc_set(counts, verdict_table[verdict].name, doc_number(survey->by_verdict[verdict]));
    return counts;
}

json_t *doc_category_counts(const uint32_t counts[CATEGORIES])
{
    json_t *object = doc_object();
    for (unsigned category = CATEGORIES; category-- > 0;)
        doc_set(object, category_names[category], doc_number(counts[category]));
    return object;
}

void doc_set_page(json_t *data, size_t total, uint32_t limit, uint32_t offset)
{
    doc_set(data, "total", doc_number(total));
    doc_set(data, "limit", doc_number(limit));
    doc_set(data, "offset", doc_number(offset));
}

static const struct {
    unsigned http_status;
    const char *type;
} error_types[] = {
    {401, "unauthorized"}, {403, "forbidden"}, {404, "not_found"},   {406, "not_acceptable"},
    {429, "unavailable"},  {500, "internal"},  {503, "unavailable"}, {504, "timeout"},
};

void json_error(unsigned http_status, const char *sentence, struct strbuf *out)
{
    const char *type = "bad_data";
    for (size_t i = 0; i < ARRAY_LEN(error_types); i++)
        if (error_types[i].http_status == http_status) type = error_types[i].type;
    json_t *document = doc_object();
    doc_set(document, "status", doc_text("error"));
    doc_set(document, "errorType", doc_text(type));
    doc_set(document, "error", doc_text(sentence));
    dump_answer(document, out);
}

struct generation *doc_acquire(struct view_service *service, struct strbuf *out)
{
    struct generation *generation = state_acquire(service->state);
    if (!generation) json_error(503, "no configuration is loaded yet", out);
    return generation;
}

void doc_release(struct generation **generation) { generation_release(*generation); }
