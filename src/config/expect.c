/*
 * Decides what an expectation says: which rcodes and words, flags, answers, extended errors and identifiers are
 * allowed, and which combinations no reply could meet. Judging replies is for others.
 */
#include "sections.h"

#include <string.h>
#include <strings.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"
#include "dnspolicy/dns/reply.h"
#include "patterns.h"

static schema_read read_rcodes, read_flags, read_answer, read_ede, read_nsid;
static schema_read read_contains, read_matches, read_none_match, read_answer_min, read_answer_max;

#define KEY(name, form, meaning, read)                                                                                 \
    {                                                                                                                  \
        name, form, "", meaning, read, 0, 0, 0                                                                         \
    }
static const struct schema_key expect_keys[] = {
    KEY("rcode", "rcode or word, or a list of them",
        "What the server may say: an IANA rcode, RCODEnnn, BADSIG, BADKEY, BADTIME, or ANSWERED, DENIED, NO_RESPONSE. "
        "Where "
        "a mapping has no rcode, NOERROR is expected; `ede` must say its rcode.",
        read_rcodes),
    KEY("flags", "list of aa, ra, rd, tc, ad, cd, each with ! for clear", "Header flags that must be set, or clear.",
        read_flags),
    KEY("answer", "mapping", "What the answer section must hold.", read_answer),
    KEY("ede", "0 to 65535, or a list of them", "Extended DNS errors, one of which must be there.", read_ede),
    KEY("nsid", "extended regular expression", "What the text of the server's identifier must match.", read_nsid),
};
const struct schema_section expect_section = {"checks[].expect", expect_keys, ARRAY_LEN(expect_keys), false};

static const struct schema_key answer_keys[] = {
    KEY("min", "0 to 65535", "The least number of records.", read_answer_min),
    KEY("max", "0 to 65535", "The largest number of records.", read_answer_max),
    KEY("contains", "RDATA text, or a list of them", "Each must be the data of a record.", read_contains),
    KEY("matches", "extended regular expression", "At least one record's data matches.", read_matches),
    KEY("none_match", "extended regular expression", "No record's data matches.", read_none_match),
};
const struct schema_section answer_section = {"checks[].expect.answer", answer_keys, ARRAY_LEN(answer_keys), false};

static const struct {
    const char *name;
    uint8_t word;
} words[] = {
    {"ANSWERED", EXPECT_ANSWERED}, {"DENIED", EXPECT_DENIED}, {"NO_RESPONSE", EXPECT_NO_RESPONSE},
    {"BADSIG", EXPECT_BADSIG},     {"BADKEY", EXPECT_BADKEY}, {"BADTIME", EXPECT_BADTIME},
};

bool expectation_allows_rcode(const struct expectation *expectation, uint16_t rcode)
{
    for (size_t i = 0; i < expectation->rcode_count; i++)
        if (expectation->rcodes[i] == rcode) return true;
    return false;
}

bool expectation_allows_silence(const struct expectation *expectation)
{
    return expectation->words & (EXPECT_NO_RESPONSE | EXPECT_DENIED);
}

bool expectation_is_denial(const struct expectation *expectation)
{
    bool allows_denial = expectation_allows_silence(expectation) ||
                         expectation_allows_rcode(expectation, DNS_RCODE_REFUSED) ||
                         expectation_allows_rcode(expectation, DNS_RCODE_NOTAUTH);
    bool allows_answer =
        (expectation->words & EXPECT_ANSWERED) || expectation_allows_rcode(expectation, DNS_RCODE_NOERROR);
    return allows_denial && !allows_answer;
}

void expectation_fini(struct expectation *expectation)
{
    pattern_fini(&expectation->answer_matches);
    pattern_fini(&expectation->answer_none_match);
    pattern_fini(&expectation->nsid);
}

static void report_unknown_rcode(struct loader *loader, const struct node *node, const char *text)
{
    const char *names[DNS_RCODE_BADCOOKIE + 1 + ARRAY_LEN(words)];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) names[count++] = words[i].name;
    for (uint16_t i = 0; i <= DNS_RCODE_BADCOOKIE; i++)
        if (dns_rcode_name(i)) names[count++] = dns_rcode_name(i);
    uint64_t number;
    const char *name = text_parse_u64(text, DNS_RCODE_MAX, &number) ? dns_rcode_name((uint16_t)number) : NULL;
    const char *hint = name ? arena_printf(loader->arena, "; rcode %s is written %s", text, name)
                            : loader_did_you_mean(loader, text, names, count);
    loader_error(loader, node, "unknown rcode '%s'%s", loader_shown(loader, text), hint);
}

/* The text as shown everywhere, or NULL: unknown. */
static const char *add_rcode(struct loader *loader, struct expectation *expectation, const char *text, bool *is_new)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcasecmp(text, words[i].name) != 0) continue;
        *is_new = !(expectation->words & words[i].word);
        expectation->words |= words[i].word;
        return words[i].name;
    }
    uint16_t rcode;
    char name[DNS_NUMBER_TEXT_SIZE];
    if (!dns_rcode_parse(text, &rcode)) return NULL;
    *is_new = !expectation_allows_rcode(expectation, rcode);
    if (*is_new) expectation->rcodes[expectation->rcode_count++] = rcode;
    dns_rcode_format(rcode, name);
    return arena_strdup(loader->arena, name);
}

#define RCODES_MAX 64 /* more than the registry has */

static void read_rcodes(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct expectation *expectation = target;
    size_t listed = read_list_count(node);
    if (listed < 1 || listed > RCODES_MAX) {
        loader_error(loader, node, "a list of 1 to %d rcodes is expected", RCODES_MAX);
        return;
    }
    size_t count = 0;
    expectation->rcodes = arena_array(loader->arena, listed, sizeof(*expectation->rcodes));
    expectation->rcode_texts = arena_array(loader->arena, listed + 1, sizeof(*expectation->rcode_texts));
    for (size_t i = 0; i < listed; i++) {
        const struct node *item = read_list_item(node, i);
        size_t mark = read_list_enter(loader, node, i);
        bool is_new = true;
        const char *text = read_scalar(loader, item, "an rcode");
        const char *name = text ? add_rcode(loader, expectation, text, &is_new) : NULL;
        if (name && is_new)
            expectation->rcode_texts[count++] = name;
        else if (name)
            loader_error(loader, item, "%s is listed twice", name);
        else if (text)
            report_unknown_rcode(loader, item, text);
        loader_leave(loader, mark);
    }
}

static void read_flag(struct loader *loader, const struct node *node, struct expectation *expectation)
{
    const char *text = read_scalar(loader, node, "a flag");
    if (!text) return;
    bool is_clear = text[0] == '!';
    const char *name = text + (is_clear ? 1 : 0);
    for (size_t i = 1; i < DNS_FLAG_COUNT; i++) { /* 0 is qr: every reply has it */
        if (strcasecmp(name, dns_flag_names[i]) != 0) continue;
        uint8_t flag = (uint8_t)(1u << i);
        if ((expectation->flags_set | expectation->flags_clear) & flag)
            loader_error(loader, node, "the flag %s is listed twice", dns_flag_names[i]);
        else if (is_clear)
            expectation->flags_clear |= flag;
        else
            expectation->flags_set |= flag;
        return;
    }
    loader_error(loader, node, "unknown flag '%s': aa, ra, rd, tc, ad or cd is expected, with ! for clear",
                 loader_shown(loader, text));
}

static void read_flags(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    if (node->kind == NODE_LIST && node->count == 0) loader_error(loader, node, "the list is empty");
    for (size_t i = 0; i < read_list_count(node); i++) {
        size_t mark = read_list_enter(loader, node, i);
        read_flag(loader, read_list_item(node, i), target);
        loader_leave(loader, mark);
    }
}

#define EDES_MAX 64

static void read_ede(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct expectation *expectation = target;
    size_t listed = read_list_count(node);
    if (listed < 1 || listed > EDES_MAX) {
        loader_error(loader, node, "a list of 1 to %d numbers is expected", EDES_MAX);
        return;
    }
    expectation->ede = arena_array(loader->arena, listed, sizeof(*expectation->ede));
    for (size_t i = 0; i < listed; i++) {
        size_t mark = read_list_enter(loader, node, i);
        uint64_t code;
        if (read_integer(loader, read_list_item(node, i), 0, UINT16_MAX, &code))
            expectation->ede[expectation->ede_count++] = (uint16_t)code;
        loader_leave(loader, mark);
    }
}

static void read_pattern(struct loader *loader, const struct node *node, struct expect_pattern *pattern)
{
    char reason[160];
    const char *text = read_scalar(loader, node, "a regular expression");
    if (!text) return;
    if (!pattern_compile(pattern, arena_strdup(loader->arena, text), reason, sizeof(reason)))
        loader_error(loader, node, "%s", reason);
}

static void read_nsid(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    read_pattern(loader, node, &((struct expectation *)target)->nsid);
}

static void read_matches(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    read_pattern(loader, node, &((struct expectation *)target)->answer_matches);
}

static void read_none_match(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    read_pattern(loader, node, &((struct expectation *)target)->answer_none_match);
}

static void read_answer_min(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct expectation *expectation = target;
    uint64_t count;
    expectation->has_answer_min = read_integer(loader, node, 0, UINT16_MAX, &count);
    if (expectation->has_answer_min) expectation->answer_min = (uint32_t)count;
}

static void read_answer_max(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct expectation *expectation = target;
    uint64_t count;
    expectation->has_answer_max = read_integer(loader, node, 0, UINT16_MAX, &count);
    if (expectation->has_answer_max) expectation->answer_max = (uint32_t)count;
}

#define CONTAINS_MAX 256

/* An address is brought into the form in which replies are shown; other data is the author's to write exactly. */
static const char *read_rdata(struct loader *loader, const struct node *node)
{
    struct addr addr;
    char canonical[ADDR_TEXT_SIZE];
    const char *text = read_scalar(loader, node, "the data of a record");
    if (!text) return NULL;
    if (!text[0]) {
        loader_error(loader, node, "the data of a record is not empty");
        return NULL;
    }
    if (!addr_parse(text, &addr) || addr.scope_id) return arena_strdup(loader->arena, text);
    addr_format(&addr, canonical);
    return arena_strdup(loader->arena, canonical);
}

static void read_contains(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct expectation *expectation = target;
    size_t listed = read_list_count(node);
    if (listed < 1 || listed > CONTAINS_MAX) {
        loader_error(loader, node, "a list of 1 to %d texts is expected", CONTAINS_MAX);
        return;
    }
    size_t count = 0;
    expectation->answer_contains = arena_array(loader->arena, listed + 1, sizeof(*expectation->answer_contains));
    for (size_t i = 0; i < listed; i++) {
        size_t mark = read_list_enter(loader, node, i);
        const char *text = read_rdata(loader, read_list_item(node, i));
        if (text) expectation->answer_contains[count++] = text;
        loader_leave(loader, mark);
    }
}

static void read_answer(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    (void)key;
    struct expectation *expectation = target;
    if (!schema_read_section(loader, &answer_section, node, target)) return;
    if (node->count == 0) loader_error(loader, node, "the mapping is empty: nothing is expected of the answer");
    bool has_max = expectation->has_answer_max;
    bool wants_record = expectation->answer_contains || expectation->answer_matches.text;
    if (has_max && expectation->has_answer_min && expectation->answer_min > expectation->answer_max)
        loader_error(loader, node, "min is above max: no answer has %u to %u records", expectation->answer_min,
                     expectation->answer_max);
    else if (has_max && expectation->answer_max == 0 && wants_record)
        loader_error(loader, node, "with 'max: 0' no record can match");
}

/* Silence has neither flags nor records. */
static void check_silence(struct loader *loader, const struct node *node, const struct expectation *expectation)
{
    bool is_silence_only = expectation->words == EXPECT_NO_RESPONSE && expectation->rcode_count == 0;
    if (is_silence_only && node->count > 1)
        loader_error(loader, node, "NO_RESPONSE has neither flags nor answer, ede or nsid: no outcome could meet both");
}

static void read_mapping(struct loader *loader, const struct node *node, struct expectation *expectation)
{
    schema_read_section(loader, &expect_section, node, expectation);
    bool has_rcode = node_get(node, "rcode") != NULL;
    if (node->count == 0) {
        loader_error(loader, node, "the mapping is empty: nothing is expected");
    } else if (!has_rcode && node_get(node, "ede")) {
        loader_error(loader, node, "'ede' needs an 'rcode': extended errors come with any of them");
    } else if (!has_rcode) {
        struct node noerror = {.kind = NODE_SCALAR, .is_plain = true, .place = node->place, .text = "NOERROR"};
        read_rcodes(loader, NULL, &noerror, expectation);
    }
    check_silence(loader, node, expectation);
}

void read_check_expect(struct loader *loader, const struct schema_key *key, const struct node *node, void *target)
{
    struct expectation *expectation = &((struct config_check *)target)->expect;
    if (node->kind == NODE_MAP)
        read_mapping(loader, node, expectation);
    else
        read_rcodes(loader, key, node, expectation);
}
