/*
 * Decides what a single value may look like: numbers, durations, booleans, names, one-line texts. A number that YAML
 * readers disagree about (010, 1e3, 0x10, 1_000) is refused, never guessed.
 */
#include "schema.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

static const char *kind_word(const struct node *node)
{
    if (node->kind == NODE_LIST) return "a list";
    return node->kind == NODE_MAP ? "a mapping" : "a single value";
}

bool read_expect_kind(struct loader *loader, const struct node *node, enum node_kind kind, const char *form)
{
    if (node->kind == NODE_BROKEN) return false;
    if (node->kind == kind) return true;
    if (node_is_null(node))
        loader_error(loader, node, "the value is missing: %s is expected", form);
    else if (node_is_braced_word(node))
        loader_error(loader, node, "%s is expected, and a bare '{' begins a mapping of YAML: put it in quotes", form);
    else
        loader_error(loader, node, "%s is expected, not %s", form, kind_word(node));
    return false;
}

const char *read_scalar(struct loader *loader, const struct node *node, const char *form)
{
    if (!read_expect_kind(loader, node, NODE_SCALAR, form)) return NULL;
    if (node_is_null(node)) {
        loader_error(loader, node, "the value is missing: %s is expected", form);
        return NULL;
    }
    if (strpbrk(node->text, "\t\n")) {
        loader_error(loader, node, "%s is expected, without tabs and line breaks", form);
        return NULL;
    }
    return node->text;
}

/* Digits as JSON has them: no sign, no leading zero. */
static bool is_decimal(const char *text)
{
    return text[0] && !text[strspn(text, "0123456789")] && (text[0] != '0' || !text[1]);
}

bool read_integer(struct loader *loader, const struct node *node, uint64_t min, uint64_t max, uint64_t *out)
{
    const char *text = read_scalar(loader, node, "a whole number");
    if (!text) return false;
    bool is_number = text[0] && !text[strspn(text, "0123456789")];
    if (!is_decimal(text)) {
        loader_error(loader, node, "'%s' is not a whole number in plain decimal%s", loader_shown(loader, text),
                     is_number ? ": no leading zero, YAML readers disagree about it" : "");
        return false;
    }
    if (text_parse_u64(text, max, out) && *out >= min) return true;
    loader_error(loader, node, "%s is out of range: %llu to %llu", loader_shown(loader, text), (unsigned long long)min,
                 (unsigned long long)max);
    return false;
}

void schema_read_count(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    uint64_t value;
    bool is_good = read_integer(loader, node, key->min, key->max, &value);
    *(uint32_t *)(void *)((char *)target + key->offset) = is_good ? (uint32_t)value : 0;
}

/* Digits, and perhaps a point and more digits. */
static bool is_decimal_fraction(const char *text)
{
    size_t whole = strspn(text, "0123456789");
    if (whole == 0 || whole > 9 || (text[0] == '0' && whole > 1)) return false;
    if (!text[whole]) return true;
    size_t fraction = strspn(text + whole + 1, "0123456789");
    return text[whole] == '.' && fraction > 0 && fraction <= 9 && !text[whole + 1 + fraction];
}

void schema_read_rate(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    const char *text = read_scalar(loader, node, "a number");
    if (!text) return;
    if (!is_decimal_fraction(text)) {
        loader_error(loader, node, "'%s' is not a number in plain decimal, such as 20 or 0.5",
                     loader_shown(loader, text));
        return;
    }
    double value = strtod(text, NULL);
    if (value > (double)key->max)
        loader_error(loader, node, "%s is out of range: 0 to %llu", text, (unsigned long long)key->max);
    else
        *(double *)(void *)((char *)target + key->offset) = value;
}

static bool parse_duration(struct loader *loader, const struct schema_key *key, const struct node *node, uint64_t *ns)
{
    const char *text = read_scalar(loader, node, "a duration such as 30s");
    if (!text) return false;
    bool has_leading_zero = text[0] == '0' && isdigit((unsigned char)text[1]);
    if (has_leading_zero || !text_parse_duration(text, ns)) {
        loader_error(loader, node, "'%s' is not a duration: a whole number and a unit (ms, s, m, h), such as 30s",
                     loader_shown(loader, text));
        return false;
    }
    if (*ns >= key->min && *ns <= key->max) return true;
    AUTO(strbuf_fini) struct strbuf range = {0};
    text_add_duration(&range, key->min);
    strbuf_puts(&range, " to ");
    text_add_duration(&range, key->max);
    loader_error(loader, node, "%s is out of range: %s", text, strbuf_text(&range));
    return false;
}

void schema_read_duration(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    uint64_t ns = 0;
    bool is_good = parse_duration(loader, key, node, &ns);
    *(uint64_t *)(void *)((char *)target + key->offset) = is_good ? ns : 0;
}

void schema_read_bool(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"true", true}, {"false", false}, {"yes", true}, {"no", false}, {"on", true}, {"off", false}};
    const char *text = read_scalar(loader, node, "true or false");
    if (!text) return;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcasecmp(text, words[i].word) != 0) continue;
        *(bool *)((char *)target + key->offset) = words[i].value;
        return;
    }
    loader_error(loader, node, "'%s' is neither true nor false", loader_shown(loader, text));
}

bool read_name_is_good(struct loader *loader, struct place place, const char *name)
{
    const char *reason = NULL;
    if (!name[0])
        reason = "a name cannot be empty";
    else if (strlen(name) > READ_NAME_MAX)
        reason = "a name has at most 128 bytes";
    else if (strpbrk(name, "\t\n"))
        reason = "a name has no tabs and line breaks";
    else if (name[0] == ' ' || name[strlen(name) - 1] == ' ')
        reason = "a name neither begins nor ends with a space";
    if (reason) loader_error_at(loader, place, "%s", reason);
    return !reason;
}

void schema_read_name(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    const char *text = read_scalar(loader, node, "a text");
    if (!text || !read_name_is_good(loader, node->place, text)) return;
    *(const char **)(void *)((char *)target + key->offset) = arena_strdup(loader->arena, text);
}

#define DESCRIPTION_MAX 1024

/* Folded over lines in the file, one line in a table. */
void schema_read_description(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    if (!read_expect_kind(loader, node, NODE_SCALAR, "a text")) return;
    if (node_is_null(node) || !node->text[0]) {
        loader_error(loader, node, "the value is missing: a text is expected");
        return;
    }
    if (strlen(node->text) > DESCRIPTION_MAX) {
        loader_error(loader, node, "a description has at most %d bytes", DESCRIPTION_MAX);
        return;
    }
    char *text = arena_strdup(loader->arena, node->text);
    for (char *at = text; (at = strpbrk(at, "\t\n"));) *at = ' ';
    *(const char **)(void *)((char *)target + key->offset) = text;
}

size_t read_list_count(const struct node *node) { return node->kind == NODE_LIST ? node->count : 1; }

const struct node *read_list_item(const struct node *node, size_t idx)
{
    return node->kind == NODE_LIST ? node->items[idx] : node;
}

size_t read_list_enter(struct loader *loader, const struct node *node, size_t idx)
{
    return node->kind == NODE_LIST ? loader_enter_item(loader, idx) : loader->path.len;
}
