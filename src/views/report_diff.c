/*
 * Compares two results of `check --format json`. Decides what a difference means for the one who asks: did the server
 * begin to serve (opened), did it cease to (closed), or is it something else. What an answer holds is no difference: it
 * may differ at every query.
 */
#include "dnspolicy/base/file.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"
#include "document.h"
#include "report_render.h"

#define RESULT_MAX (1u << 30)

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* ---- reading ---- */

struct result {
    json_t *document;
    json_t *probes; /* of the document */
    json_t *by_id;
};

static void result_fini(struct result *result)
{
    json_decref(result->document);
    json_decref(result->by_id);
}

static bool index_probes(struct result *result)
{
    size_t idx;
    json_t *probe;
    result->by_id = doc_object();
    json_array_foreach(result->probes, idx, probe)
    {
        const char *id = text_at(probe, "id");
        if (!id[0] || json_object_get(result->by_id, id)) return false;
        doc_set(result->by_id, id, json_incref(probe));
    }
    return true;
}

static bool result_read(struct result *result, const char *path, char **error)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    json_error_t parse_error;
    if (!file_read(path, RESULT_MAX, &text, error)) return false;
    result->document = json_loadb(strbuf_text(&text), text.len, 0, &parse_error);
    if (!result->document) {
        *error = mem_printf("%s:%d:%d: not JSON: %s", path, parse_error.line, parse_error.column, parse_error.text);
        return false;
    }
    result->probes = json_object_get(result->document, "probes");
    if (!json_is_array(result->probes) || !json_object_get(result->document, "summary") || !index_probes(result)) {
        *error = mem_printf("%s: not a result of `dnspolicy check --format json`", path);
        return false;
    }
    return true;
}

/* ---- comparing ---- */

enum access { ACCESS_UNCLEAR, ACCESS_OPEN, ACCESS_CLOSED };

static bool has_ede(const json_t *outcome, json_int_t code)
{
    size_t idx;
    json_t *ede;
    json_array_foreach(json_object_get(outcome, "ede"), idx, ede)
    {
        if (json_integer_value(json_object_get(ede, "code")) == code) return true;
    }
    return false;
}

/* Whether the server served, whatever was expected of it. Silence closes only where it was judged to be the denial. */
static enum access access_of(const json_t *probe)
{
    const json_t *outcome = json_object_get(probe, "outcome");
    const char *status = text_at(outcome, "status"), *rcode = text_at(outcome, "rcode");
    if (strcmp(status, outcome_status_names[OUTCOME_RESPONSE]) == 0) {
        if (strcmp(rcode, "REFUSED") == 0 || strcmp(rcode, "NOTAUTH") == 0) return ACCESS_CLOSED;
        if (has_ede(outcome, DNS_EDE_PROHIBITED)) return ACCESS_CLOSED;
        if (strcmp(rcode, "NOERROR") == 0 || strcmp(rcode, "NXDOMAIN") == 0) return ACCESS_OPEN;
        return ACCESS_UNCLEAR;
    }
    bool is_silence = strcmp(status, outcome_status_names[OUTCOME_TIMEOUT]) == 0 ||
                      strcmp(status, outcome_status_names[OUTCOME_CLOSED]) == 0 ||
                      strcmp(status, outcome_status_names[OUTCOME_RESET]) == 0;
    bool passes = strcmp(text_at(probe, "verdict"), verdict_table[VERDICT_AS_EXPECTED].name) == 0;
    return is_silence && passes ? ACCESS_CLOSED : ACCESS_UNCLEAR;
}

enum change { CHANGE_OPENED, CHANGE_CLOSED, CHANGE_CHANGED, CHANGE_ADDED, CHANGE_REMOVED, CHANGES };

static const struct {
    const char *name;
    enum category color;
} changes[CHANGES] = {
    [CHANGE_OPENED] = {"opened", CATEGORY_TOO_OPEN},   [CHANGE_CLOSED] = {"closed", CATEGORY_TOO_STRICT},
    [CHANGE_CHANGED] = {"changed", CATEGORY_MISMATCH}, [CHANGE_ADDED] = {"added", CATEGORY_UNKNOWN},
    [CHANGE_REMOVED] = {"removed", CATEGORY_UNKNOWN},
};

static bool differs(const json_t *before, const json_t *after, const char *key)
{
    return strcmp(text_at(before, key), text_at(after, key)) != 0;
}

/* CHANGES: no difference. Either may be NULL. */
static enum change compare(const json_t *before, const json_t *after)
{
    if (!before) return CHANGE_ADDED;
    if (!after) return CHANGE_REMOVED;
    enum access was = access_of(before), is = access_of(after);
    if (was == ACCESS_CLOSED && is == ACCESS_OPEN) return CHANGE_OPENED;
    if (was == ACCESS_OPEN && is == ACCESS_CLOSED) return CHANGE_CLOSED;
    const json_t *outcome_before = json_object_get(before, "outcome"),
                 *outcome_after = json_object_get(after, "outcome");
    bool is_different = differs(before, after, "verdict") || differs(outcome_before, outcome_after, "status") ||
                        differs(outcome_before, outcome_after, "rcode");
    return is_different ? CHANGE_CHANGED : CHANGES;
}

/* ---- telling ---- */

/* "NOERROR (as_expected)", "timeout (no_response)" */
static void add_state(const json_t *probe, struct strbuf *out)
{
    const json_t *outcome = json_object_get(probe, "outcome");
    const char *rcode = text_at(outcome, "rcode"), *status = text_at(outcome, "status");
    const char *what = rcode[0] ? rcode : status[0] ? status : "nothing";
    strbuf_addf(out, "%s (%s)", what, text_at(probe, "verdict"));
}

/* The files come from anywhere: JSON text may hold control characters. */
static void add_line(enum change change, const json_t *before, const json_t *after, bool color, struct strbuf *out)
{
    const json_t *probe = after ? after : before;
    const json_t *client = json_object_get(probe, "client"), *query = json_object_get(probe, "query");
    AUTO(strbuf_fini) struct strbuf line = {0};
    strbuf_addf(&line, "%s %s (%s) -> %s %s %s %s: ", text_at(probe, "check"), text_at(client, "name"),
                text_at(client, "subnet"), text_at(json_object_get(probe, "resolver"), "name"),
                text_at(probe, "transport"), text_at(query, "name"), text_at(query, "type"));
    if (before) add_state(before, &line);
    if (before && after) strbuf_puts(&line, " -> ");
    if (after) add_state(after, &line);
    strbuf_addf(out, "%s%-8s%s", report_color_of(color, changes[change].color), changes[change].name,
                color ? report_color_end : "");
    text_add_clean(out, strbuf_text(&line), line.len);
    strbuf_putc(out, '\n');
}

static uint32_t add_changes(enum change change, const struct result *before, const struct result *after, bool color,
                            struct strbuf *out)
{
    const struct result *walked = change == CHANGE_REMOVED ? before : after;
    uint32_t count = 0;
    size_t idx;
    json_t *probe;
    json_array_foreach(walked->probes, idx, probe)
    {
        const char *id = text_at(probe, "id");
        const json_t *was = json_object_get(before->by_id, id), *is = json_object_get(after->by_id, id);
        if (compare(was, is) != change) continue;
        add_line(change, was, is, color, out);
        count++;
    }
    return count;
}

int report_diff(const char *before_path, const char *after_path, bool color, struct strbuf *out, char **error)
{
    AUTO(result_fini) struct result before = {0};
    AUTO(result_fini) struct result after = {0};
    if (!result_read(&before, before_path, error) || !result_read(&after, after_path, error)) return 2;

    uint32_t counts[CHANGES], total = 0;
    for (unsigned change = 0; change < CHANGES; change++) {
        counts[change] = add_changes((enum change)change, &before, &after, color, out);
        total += counts[change];
    }
    if (!total) {
        strbuf_addf(out, "no difference in %zu probes\n", json_array_size(after.probes));
        return 0;
    }
    strbuf_putc(out, '\n');
    for (unsigned change = 0; change < CHANGES; change++)
        strbuf_addf(out, "%s%u %s", change ? ", " : "", counts[change], changes[change].name);
    strbuf_putc(out, '\n');
    return 1;
}
