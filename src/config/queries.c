/* Decides what may be asked: name, type, class and the knobs of a query. Knows nothing of who asks whom. */
#include "sections.h"

#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

static schema_read read_query_name, read_query_type, read_query_class, read_query_opcode, read_query_zone, read_bufsize;

#define KEY(name, form, fallback, meaning, read, field)                                                                \
    {                                                                                                                  \
        name, form, fallback, meaning, read, offsetof(struct dns_question, field), 0, 0                                \
    }
static const struct schema_key query_keys[] = {
    KEY("name", "domain name", "",
        "The name to ask for, required where there is no `zone`. `{random}` in it becomes a fresh label of 16 hex "
        "digits at every attempt, so that no "
        "cache "
        "can answer; the whole text then needs quotes.",
        read_query_name, name),
    KEY("type", "mnemonic or TYPEnnn", "A", "The type to ask for; AXFR and IXFR transfer a zone.", read_query_type,
        type),
    KEY("class", "mnemonic or CLASSnnn", "IN", "The class to ask in.", read_query_class, klass),
    KEY("opcode", "mnemonic or 0 to 15", "QUERY",
        "The opcode. A NOTIFY is about the SOA of the zone `name`; an UPDATE asks to remove a record of `name` and "
        "`type` "
        "that does not exist, under a condition that no zone meets: it changes nothing, whatever the server allows.",
        read_query_opcode, opcode),
    KEY("zone", "domain name", "",
        "The zone of an update or a transfer; it must be among the `zones` of every resolver asked.", read_query_zone,
        zone),
    KEY("recursion_desired", "true or false", "true", "The RD flag; always clear for UPDATE, NOTIFY, AXFR and IXFR.",
        schema_read_bool, recursion_desired),
    KEY("checking_disabled", "true or false", "false", "The CD flag.", schema_read_bool, checking_disabled),
    KEY("dnssec_ok", "true or false", "false", "The DO flag of EDNS.", schema_read_bool, dnssec_ok),
    KEY("edns", "true or false", "true", "false: no OPT record at all.", schema_read_bool, edns),
    KEY("bufsize", "512 to 65535", "1232", "The UDP payload size announced by EDNS.", read_bufsize, bufsize),
    KEY("nsid", "true or false", "true", "Asks the server for its identifier; without EDNS it is off.",
        schema_read_bool, nsid),
    KEY("cookie", "true or false", "false", "Sends a DNS cookie (RFC 7873).", schema_read_bool, cookie),
};
const struct schema_section query_section = {"checks[].query", query_keys, ARRAY_LEN(query_keys), false};

const char *read_dns_name(struct loader *loader, const struct node *node, const char *text)
{
    char name[DNS_NAME_TEXT_SIZE];
    const char *reason = dns_name_canonical(text, name);
    if (!reason) return arena_strdup(loader->arena, name);
    loader_error(loader, node, "'%s': %s", loader_shown(loader, text), reason);
    return NULL;
}

static void read_query_name(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct dns_question *question = target;
    const char *text = read_scalar(loader, node, "a domain name");
    if (text) question->name = read_dns_name(loader, node, text);
}

static void read_query_zone(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct dns_question *question = target;
    const char *text = read_scalar(loader, node, "a domain name");
    if (text) question->zone = read_dns_name(loader, node, text);
}

static bool parse_type(struct loader *loader, const struct node *node, const char *text, uint16_t *type)
{
    static const char *const common[] = {"A",   "AAAA",  "NS",   "SOA",    "MX", "TXT",  "PTR",   "CNAME", "SRV",
                                         "CAA", "HTTPS", "SVCB", "DNSKEY", "DS", "NSEC", "RRSIG", "TLSA",  "ANY"};
    const char *shown = loader_shown(loader, text);
    uint16_t parsed, klass;
    if (!dns_type_parse(text, &parsed)) {
        const char *hint = loader_did_you_mean(loader, text, common, ARRAY_LEN(common));
        if (!hint[0]) hint = ": it is a mnemonic such as A or TXT, or TYPEnnn";
        if (dns_class_parse(text, &klass)) hint = "; it is a class, and the order is NAME TYPE CLASS";
        loader_error(loader, node, "unknown type '%s'%s", shown, hint);
        return false;
    }
    if (parsed == 0 || parsed == DNS_TYPE_OPT || parsed == DNS_TYPE_TSIG)
        loader_error(loader, node, "type %s cannot be asked for", shown);
    else
        *type = parsed;
    return *type == parsed;
}

static void read_query_type(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct dns_question *question = target;
    const char *text = read_scalar(loader, node, "a type");
    if (text) parse_type(loader, node, text, &question->type);
}

static bool parse_class(struct loader *loader, const struct node *node, const char *text, uint16_t *klass)
{
    static const char *const common[] = {"IN", "CH", "HS", "ANY", "CLASSnnn"};
    if (dns_class_parse(text, klass)) return true;
    loader_error(loader, node, "unknown class '%s'%s", loader_shown(loader, text),
                 loader_or_list(loader, text, common, ARRAY_LEN(common)));
    return false;
}

static void read_query_class(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct dns_question *question = target;
    const char *text = read_scalar(loader, node, "a class");
    if (text) parse_class(loader, node, text, &question->klass);
}

static void read_query_opcode(struct loader *loader, const struct schema_key *key, const struct node *node,
                              void *target)
{
    (void)key;
    static const char *const opcodes[] = {"QUERY", "NOTIFY", "UPDATE", "a number from 0 to 15"};
    struct dns_question *question = target;
    const char *text = read_scalar(loader, node, "an opcode");
    uint8_t opcode;
    if (!text) return;
    const char *shown = loader_shown(loader, text);
    if (!dns_opcode_parse(text, &opcode))
        loader_error(loader, node, "unknown opcode '%s'%s", shown,
                     loader_or_list(loader, text, opcodes, ARRAY_LEN(opcodes)));
    else
        question->opcode = opcode;
}

static void read_bufsize(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct dns_question *question = target;
    uint64_t size;
    if (read_integer(loader, node, 512, UINT16_MAX, &size)) question->bufsize = (uint16_t)size;
}

/* What rides on EDNS cannot be had without it. */
static void check_edns(struct loader *loader, const struct node *node, struct dns_question *question)
{
    static const char *const riders[] = {"dnssec_ok", "nsid", "bufsize", "cookie"};
    if (question->edns) return;
    const bool asked[] = {question->dnssec_ok, question->nsid, true, question->cookie};
    for (size_t i = 0; i < ARRAY_LEN(riders); i++) {
        const struct node *rider = node_get(node, riders[i]);
        if (!rider || !asked[i]) continue;
        size_t mark = loader_enter_key(loader, riders[i]);
        loader_error(loader, rider, "'%s' is a part of EDNS, and 'edns' is false", riders[i]);
        loader_leave(loader, mark);
    }
    question->nsid = false;
}

static size_t split_words(char *text, char *words[], size_t max)
{
    size_t count = 0;
    for (char *rest = NULL, *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (count < max) words[count] = word;
        count++;
    }
    return count;
}

bool read_short_query(struct loader *loader, const struct node *node, const char *text, struct dns_question *out)
{
    char *words[3] = {NULL};
    size_t count = split_words(arena_strdup(loader->arena, text), words, ARRAY_LEN(words));
    if (count < 1 || count > ARRAY_LEN(words)) {
        loader_error(loader, node, "'%s' is not a query: NAME [TYPE] [CLASS]", loader_shown(loader, text));
        return false;
    }
    out->name = read_dns_name(loader, node, words[0]);
    bool is_good = out->name != NULL;
    if (words[1] && !parse_type(loader, node, words[1], &out->type)) is_good = false;
    if (is_good && words[2] && !parse_class(loader, node, words[2], &out->klass)) is_good = false;
    return is_good;
}

/* The short form takes its defaults from the table, as a mapping does. */
static bool read_scalar_query(struct loader *loader, const struct node *node, const struct query_preset *preset,
                              struct dns_question *question)
{
    const char *text = read_scalar(loader, node, "NAME [TYPE] [CLASS]");
    if (!text) return false;
    for (size_t i = 0; i < ARRAY_LEN(query_keys); i++) {
        const struct schema_key *key = &query_keys[i];
        bool has_default = key->fallback[0];
        struct node fallback = {.kind = NODE_SCALAR, .place = node->place, .text = key->fallback};
        if (has_default) key->read(loader, key, &fallback, question);
    }
    if (preset) question->opcode = preset->opcode;
    if (preset) question->type = preset->type;
    return read_short_query(loader, node, text, question);
}

bool read_query(struct loader *loader, const struct node *node, const struct query_preset *preset,
                struct config_query *query)
{
    query->place = node->place;
    if (node->kind != NODE_MAP || node_is_braced_word(node))
        return read_scalar_query(loader, node, preset, &query->question) &&
               query_settle(loader, node, preset, &query->question);
    size_t errors = loader->problems->errors;
    schema_read_section(loader, &query_section, node, &query->question);
    if (preset && !node_get(node, "opcode")) query->question.opcode = preset->opcode;
    if (preset && !node_get(node, "type")) query->question.type = preset->type;
    check_edns(loader, node, &query->question);
    return query_settle(loader, node, preset, &query->question) && loader->problems->errors == errors;
}

void read_check_query(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct config_check *check = target;
    if (node->kind == NODE_LIST && node->count == 0) loader_error(loader, node, "the list is empty: nothing is asked");
    check->query_count = read_list_count(node);
    check->queries = arena_array(loader->arena, check->query_count, sizeof(*check->queries));
    for (size_t i = 0; i < check->query_count; i++) {
        size_t mark = read_list_enter(loader, node, i);
        read_query(loader, read_list_item(node, i), NULL, &check->queries[i]);
        loader_leave(loader, mark);
    }
}
