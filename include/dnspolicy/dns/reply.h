/*
 * Replies: does a message answer a query, and what does it say. Every byte is hostile. Parsed with ldns behind guards
 * of our own (see reply.c); the result is plain data, and its texts live in the reader's buffer until the next parse.
 */
#ifndef DNSPOLICY_DNS_REPLY_H
#define DNSPOLICY_DNS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/dns/query.h"

#define DNS_HEADER_SIZE 12

/* Header flags, in the order in which they are shown. */
enum dns_flag {
    DNS_FLAG_QR = 1 << 0,
    DNS_FLAG_AA = 1 << 1,
    DNS_FLAG_TC = 1 << 2,
    DNS_FLAG_RD = 1 << 3,
    DNS_FLAG_RA = 1 << 4,
    DNS_FLAG_AD = 1 << 5,
    DNS_FLAG_CD = 1 << 6
};
#define DNS_FLAG_COUNT 7
extern const char *const dns_flag_names[DNS_FLAG_COUNT]; /* "qr", "aa", …; [i] names 1 << i */

enum dns_section {
    DNS_SECTION_QUESTION,
    DNS_SECTION_ANSWER,
    DNS_SECTION_AUTHORITY,
    DNS_SECTION_ADDITIONAL,
    DNS_SECTIONS
};

struct dns_ede {
    uint16_t code;     /* RFC 8914 */
    uint16_t text_len; /* bytes as received, not clean text; at most DNS_EDE_TEXT_MAX kept */
    const char *text;  /* NULL where there is none */
};
#define DNS_EDE_MAX 4
#define DNS_EDE_TEXT_MAX 256
#define DNS_NSID_MAX 128
/* Bounds the work of printing a hostile answer. Beyond it answer_cut is set and the rest is not printed. */
#define DNS_ANSWER_TEXT_MAX (256 * 1024)

struct dns_reply {
    uint16_t size;  /* bytes on the wire */
    uint16_t rcode; /* whole: header and OPT */
    uint8_t opcode;
    uint8_t flags;                 /* enum dns_flag */
    uint16_t counts[DNS_SECTIONS]; /* as the header claims and the parse confirmed */
    bool has_question;
    bool has_edns;
    bool authority_soa; /* a SOA in the authority section: a negative answer of RFC 2308 */
    bool answer_cut;
    uint16_t records_of_qtype;   /* answer records of the query's type (ANY: of any type) */
    uint16_t tsig_error;         /* of a TSIG record as the last one, RFC 8945; 0: none */
    bool has_tsig;               /* whatever it is worth: Unbound echoes the query's own */
    bool answer_starts_with_soa; /* the first answer record is a SOA of the name that was asked: a transfer begins */
    uint32_t soa_serial;         /* of that SOA */
    uint8_t ede_count;           /* the first DNS_EDE_MAX are kept */
    bool has_nsid;
    uint16_t nsid_len; /* at most DNS_NSID_MAX kept */
    uint32_t answer_len;
    struct dns_ede ede[DNS_EDE_MAX];
    const uint8_t *nsid;
    /*
     * The answer section, one record a line, lines ended by '\n': "owner TTL CLASS TYPE RDATA", single spaces,
     * presentation format, printable ASCII only. Owners hold no raw space, so RDATA is what follows the fourth one.
     * Records that ldns would print slowly or unsafely are in RFC 3597 form. NULL where there is none.
     */
    const char *answer;
};

enum dns_match {
    DNS_MATCH_OK,
    DNS_MATCH_SHORT,       /* under 12 bytes */
    DNS_MATCH_NOT_A_REPLY, /* QR clear */
    DNS_MATCH_WRONG_ID,
    DNS_MATCH_WRONG_QUESTION, /* carries a question, and not ours */
    DNS_MATCH_WRONG_COOKIE,   /* carries a cookie, and not ours: RFC 7873 section 5.3 */
    DNS_MATCHES
};

/* Compares headers and the question, names without regard to case; a reply without a question matches on its id
 * alone. */
enum dns_match dns_reply_match(const uint8_t *query, size_t query_len, const uint8_t *reply, size_t reply_len);
/*
 * For queries with a cookie, after dns_reply_match(): DNS_MATCH_OK or DNS_MATCH_WRONG_COOKIE. A server cookie that the
 * reply brings is put into *cookie. No cookie, and options that cannot be read, are OK: not every server knows them.
 */
enum dns_match dns_reply_take_cookie(const uint8_t *reply, size_t reply_len, struct dns_cookie *cookie);

/* Scratch of one thread. */
struct dns_reader {
    struct strbuf text;
};
void dns_reader_fini(struct dns_reader *reader);

/* False: malformed (RFC 1035 or RFC 6891 broken); *out then holds size and, when there were 12 bytes, the header's
 * facts. */
bool dns_reply_parse(struct dns_reader *reader, const uint8_t *wire, size_t len, uint16_t qtype, struct dns_reply *out);

#endif
