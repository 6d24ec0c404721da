/*
 * Decides whether a message answers a query, and what it says. A strict walk of our own comes first and sees all that
 * ldns would let pass: records after a TSIG, a second OPT, an OPT with an owner, a broken option list, extended rcodes.
 * Bytes after the counted sections are tolerated: servers send them. Knows nothing of sockets, and judges nothing.
 */
#include "dnspolicy/dns/reply.h"

#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/dns/numbers.h"
#include "reply_text.h"
#include "wire.h"

#define OPTION_NSID 3
#define OPTION_COOKIE 10
#define OPTION_EDE 15
#define SERVER_COOKIE_MIN 8
#define SOA_NUMBERS_SIZE 20

const char *const dns_flag_names[DNS_FLAG_COUNT] = {"qr", "aa", "tc", "rd", "ra", "ad", "cd"};

/* ASCII only, and without regard to where labels begin: a length octet is below 'A'. */
static bool is_equal_name(const uint8_t *a, const uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (a[i] == b[i]) continue;
        uint8_t lower = a[i] | 0x20;
        if (lower != (b[i] | 0x20) || lower < 'a' || lower > 'z') return false;
    }
    return true;
}

static bool is_same_question(const struct wire *query, const struct wire *reply)
{
    size_t name_end = wire_plain_name_end(query, DNS_HEADER_SIZE);
    size_t end = name_end + 4;
    if (name_end == 0 || end > query->len || end > reply->len || wire_u16(reply->bytes + 4) != 1) return false;
    return is_equal_name(query->bytes + DNS_HEADER_SIZE, reply->bytes + DNS_HEADER_SIZE, name_end - DNS_HEADER_SIZE) &&
           memcmp(query->bytes + name_end, reply->bytes + name_end, 4) == 0;
}

enum dns_match dns_reply_match(const uint8_t *query, size_t query_len, const uint8_t *reply, size_t reply_len)
{
    if (reply_len < DNS_HEADER_SIZE) return DNS_MATCH_SHORT;
    if (!(reply[2] & 0x80)) return DNS_MATCH_NOT_A_REPLY;
    REQUIRE(query_len >= DNS_HEADER_SIZE);
    if (reply[0] != query[0] || reply[1] != query[1]) return DNS_MATCH_WRONG_ID;
    if (wire_u16(reply + 4) == 0) return DNS_MATCH_OK;
    struct wire asked = {query, query_len};
    struct wire replied = {reply, reply_len};
    return is_same_question(&asked, &replied) ? DNS_MATCH_OK : DNS_MATCH_WRONG_QUESTION;
}

/* RFC 7873 section 4: the client's part, alone or with 8 to 32 octets of the server's. */
static enum dns_match take_cookie(const uint8_t *data, size_t len, struct dns_cookie *cookie)
{
    size_t server_len = len - DNS_CLIENT_COOKIE_SIZE;
    if (len < DNS_CLIENT_COOKIE_SIZE || memcmp(data, cookie->client, DNS_CLIENT_COOKIE_SIZE) != 0)
        return DNS_MATCH_WRONG_COOKIE;
    if (server_len == 0) return DNS_MATCH_OK;
    if (server_len < SERVER_COOKIE_MIN || server_len > DNS_SERVER_COOKIE_MAX) return DNS_MATCH_WRONG_COOKIE;
    memcpy(cookie->server, data + DNS_CLIENT_COOKIE_SIZE, server_len);
    cookie->server_len = (uint8_t)server_len;
    return DNS_MATCH_OK;
}

/* Of several cookies the first one counts: RFC 7873 section 5.2. */
static enum dns_match take_cookie_of(const uint8_t *options, size_t left, struct dns_cookie *cookie)
{
    while (left >= 4 && left - 4 >= wire_u16(options + 2)) {
        size_t len = wire_u16(options + 2);
        if (wire_u16(options) == OPTION_COOKIE) return take_cookie(options + 4, len, cookie);
        options += 4 + len;
        left -= 4 + len;
    }
    return DNS_MATCH_OK;
}

enum dns_match dns_reply_take_cookie(const uint8_t *reply, size_t reply_len, struct dns_cookie *cookie)
{
    struct wire wire = {reply, reply_len};
    struct wire_record record;
    if (reply_len < DNS_HEADER_SIZE) return DNS_MATCH_OK;
    size_t at = wire_questions_end(&wire, wire_u16(reply + 4));
    unsigned before = wire_u16(reply + 6) + wire_u16(reply + 8);
    unsigned records = before + wire_u16(reply + 10);
    for (unsigned i = 0; at && i < records; i++) {
        if (!wire_record_read(&wire, &at, &record)) break;
        if (i >= before && record.type == DNS_TYPE_OPT)
            return take_cookie_of(reply + record.rdata, record.rdata_len, cookie);
    }
    return DNS_MATCH_OK;
}

void dns_reader_fini(struct dns_reader *reader) { strbuf_fini(&reader->text); }

static void read_header(const uint8_t *wire, size_t len, struct dns_reply *out)
{
    *out = (struct dns_reply){.size = (uint16_t)(len < UINT16_MAX ? len : UINT16_MAX)};
    if (len < DNS_HEADER_SIZE) return;
    unsigned bits = wire_u16(wire + 2);
    static const uint16_t masks[DNS_FLAG_COUNT] = {0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010};
    for (size_t i = 0; i < DNS_FLAG_COUNT; i++)
        if (bits & masks[i]) out->flags |= (uint8_t)(1U << i);
    out->opcode = bits >> 11 & 15;
    out->rcode = bits & 15;
    for (size_t i = 0; i < DNS_SECTIONS; i++) out->counts[i] = wire_u16(wire + 4 + 2 * i);
    out->has_question = out->counts[DNS_SECTION_QUESTION] > 0;
}

static void read_ede(const uint8_t *data, size_t len, struct dns_reply *out)
{
    if (len < 2 || out->ede_count == DNS_EDE_MAX) return;
    size_t text_len = len - 2 < DNS_EDE_TEXT_MAX ? len - 2 : DNS_EDE_TEXT_MAX;
    out->ede[out->ede_count++] = (struct dns_ede){
        .code = wire_u16(data), .text_len = (uint16_t)text_len, .text = text_len ? (const char *)data + 2 : NULL};
}

static void read_nsid(const uint8_t *data, size_t len, struct dns_reply *out)
{
    if (out->has_nsid) return;
    out->has_nsid = true;
    out->nsid_len = (uint16_t)(len < DNS_NSID_MAX ? len : DNS_NSID_MAX);
    out->nsid = len ? data : NULL;
}

/* RFC 6891 section 6.1. The texts stay in the message until keep_texts(). */
static bool read_opt(const struct wire *wire, const struct wire_record *record, struct dns_reply *out)
{
    if (out->has_edns || wire->bytes[record->owner] != 0) return false;
    const uint8_t *at = wire->bytes + record->rdata;
    size_t left = record->rdata_len;
    out->has_edns = true;
    out->rcode |= (uint16_t)(record->ttl >> 24 << 4);
    while (left) {
        if (left < 4 || left - 4 < wire_u16(at + 2)) return false;
        uint16_t code = wire_u16(at);
        size_t len = wire_u16(at + 2);
        if (code == OPTION_NSID) read_nsid(at + 4, len, out);
        if (code == OPTION_EDE) read_ede(at + 4, len, out);
        at += 4 + len;
        left -= 4 + len;
    }
    return true;
}

/* RFC 8945 section 4.2: algorithm, time, fudge, MAC size and MAC, original id, error, other length and data. */
static bool read_tsig(const struct wire *wire, const struct wire_record *record, struct dns_reply *out)
{
    size_t end = record->rdata + record->rdata_len;
    size_t at = wire_name_end(wire, record->rdata);
    if (at == 0 || at + 10 > end || record->klass != DNS_CLASS_ANY) return false;
    at += 10U + wire_u16(wire->bytes + at + 8);
    if (at + 6 > end) return false;
    out->has_tsig = true;
    out->tsig_error = wire_u16(wire->bytes + at + 2);
    return at + 6 + wire_u16(wire->bytes + at + 4) == end;
}

static bool read_additional(const struct wire *wire, const struct wire_record *record, bool is_last,
                            struct dns_reply *out)
{
    if (record->type == DNS_TYPE_OPT) return read_opt(wire, record, out);
    if (record->type == DNS_TYPE_TSIG) return is_last && read_tsig(wire, record, out);
    return true;
}

/* A transfer of what was asked for begins with its SOA: RFC 5936 section 2.2, RFC 1995 section 4. */
static void read_first_answer(const struct wire *wire, const struct wire_record *record, struct dns_reply *out)
{
    if (record->type != DNS_TYPE_SOA || !out->has_question) return;
    if (!wire_is_same_name(wire, DNS_HEADER_SIZE, wire, record->owner)) return;
    /* A SOA of a class that is not printed field by field has not been looked into yet. */
    size_t end = record->rdata + record->rdata_len;
    size_t mname_end = wire_name_end(wire, record->rdata);
    size_t serial = mname_end ? wire_name_end(wire, mname_end) : 0;
    if (serial == 0 || serial + SOA_NUMBERS_SIZE != end) return;
    out->answer_starts_with_soa = true;
    out->soa_serial = wire_u32(wire->bytes + serial);
}

static void read_answer(struct strbuf *text, const struct wire *wire, const struct wire_record *record, uint16_t qtype,
                        struct dns_reply *out)
{
    if (qtype == DNS_TYPE_ANY || record->type == qtype) out->records_of_qtype++;
    if (!out->answer_cut) out->answer_cut = !reply_text_add(text, wire, record);
}

static bool read_section(struct strbuf *text, const struct wire *wire, size_t *at, enum dns_section section,
                         uint16_t qtype, struct dns_reply *out)
{
    for (unsigned left = out->counts[section]; left > 0; left--) {
        struct wire_record record;
        if (!wire_record_read(wire, at, &record)) return false;
        bool is_meta = record.type == DNS_TYPE_OPT || record.type == DNS_TYPE_TSIG;
        if (is_meta && section != DNS_SECTION_ADDITIONAL) return false;
        if (!reply_text_is_valid(wire, &record)) return false;
        if (section == DNS_SECTION_ANSWER && left == out->counts[section]) read_first_answer(wire, &record, out);
        if (section == DNS_SECTION_ANSWER) read_answer(text, wire, &record, qtype, out);
        if (section == DNS_SECTION_AUTHORITY && record.type == DNS_TYPE_SOA) out->authority_soa = true;
        if (section == DNS_SECTION_ADDITIONAL && !read_additional(wire, &record, left == 1, out)) return false;
    }
    return true;
}

/* Copies the texts that still lie in the message behind the answer, and points to the copies. */
static void keep_texts(struct strbuf *text, struct dns_reply *out)
{
    size_t more = out->nsid_len;
    for (size_t i = 0; i < out->ede_count; i++) more += out->ede[i].text_len;
    out->answer_len = (uint32_t)text->len;
    if (text->len + more == 0) return;
    strbuf_reserve(text, more + 1);
    out->answer = out->answer_len ? text->data : NULL;
    if (out->answer) strbuf_putc(text, '\0');
    for (size_t i = 0; i < out->ede_count; i++) {
        struct dns_ede *ede = &out->ede[i];
        if (!ede->text) continue;
        const char *kept = text->data + text->len;
        strbuf_add(text, ede->text, ede->text_len);
        ede->text = kept;
    }
    if (!out->nsid) return;
    const char *kept = text->data + text->len;
    strbuf_add(text, out->nsid, out->nsid_len);
    out->nsid = (const uint8_t *)kept;
}

bool dns_reply_parse(struct dns_reader *reader, const uint8_t *wire, size_t len, uint16_t qtype, struct dns_reply *out)
{
    struct wire message = {wire, len};
    strbuf_clear(&reader->text);
    read_header(wire, len, out);
    size_t at = len <= UINT16_MAX ? wire_questions_end(&message, out->counts[DNS_SECTION_QUESTION]) : 0;
    bool is_valid = at != 0;
    for (unsigned i = DNS_SECTION_ANSWER; is_valid && i <= DNS_SECTION_ADDITIONAL; i++)
        is_valid = read_section(&reader->text, &message, &at, (enum dns_section)i, qtype, out);
    if (is_valid)
        keep_texts(&reader->text, out);
    else
        read_header(wire, len, out);
    return is_valid;
}
