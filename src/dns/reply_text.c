/*
 * Decides how a record is shown. The everyday types are printed here, because their names may be compressed, because it
 * is faster, and because ldns takes memory in the square of a TXT record's length. ldns prints the types named below,
 * from a bounded copy. All others, WKS first among them (ldns looks ports up in /etc/services), are shown in the form
 * of RFC 3597 section 5. Knows nothing of sections and messages.
 */
#include "reply_text.h"

#include <arpa/inet.h>
#include <ldns/ldns.h>
#include <stdlib.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"
#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/reply.h"

/* Real records of the types that ldns prints are smaller, and its NSEC printer never ends on one of 65535 bytes. */
#define LDNS_RDATA_MAX 4096
/* ldns writes the keys of SVCB, 16 octets of text for two of RDATA, without asking for room, and aborts without it. */
#define LDNS_TEXT_MAX(rdata_len) (WIRE_NAME_TEXT_MAX + 64U + 8U * (rdata_len))
#define NUMBERS_TEXT_MAX 128 /* TTL, class, type, the spaces between, and an address or the numbers of a SOA */

/*
 * The RDATA's fields: 2, 4: a number of so many bytes; a: an IPv4 address; 6: an IPv6 address; n: a name, which may be
 * compressed; s: a string; S: strings to the end. NULL: not printed here.
 */
static const char *own_layout(const struct wire_record *record)
{
    bool is_internet = record->klass == DNS_CLASS_IN;
    if (!is_internet && record->klass != DNS_CLASS_CH && record->klass != LDNS_RR_CLASS_HS) return NULL;
    switch ((ldns_rr_type)record->type) {
    case LDNS_RR_TYPE_A:
        return is_internet ? "a" : NULL;
    case LDNS_RR_TYPE_AAAA:
        return is_internet ? "6" : NULL;
    case LDNS_RR_TYPE_NS:
    case LDNS_RR_TYPE_MD:
    case LDNS_RR_TYPE_MF:
    case LDNS_RR_TYPE_CNAME:
    case LDNS_RR_TYPE_MB:
    case LDNS_RR_TYPE_MG:
    case LDNS_RR_TYPE_MR:
    case LDNS_RR_TYPE_PTR:
    case LDNS_RR_TYPE_DNAME:
        return "n";
    case LDNS_RR_TYPE_SOA:
        return "nn44444";
    case LDNS_RR_TYPE_MINFO:
    case LDNS_RR_TYPE_RP:
        return "nn";
    case LDNS_RR_TYPE_MX:
    case LDNS_RR_TYPE_AFSDB:
    case LDNS_RR_TYPE_RT:
    case LDNS_RR_TYPE_KX:
        return "2n";
    case LDNS_RR_TYPE_SRV:
        return "222n";
    case LDNS_RR_TYPE_NAPTR:
        return "22sssn";
    case LDNS_RR_TYPE_HINFO:
        return "ss";
    case LDNS_RR_TYPE_TXT:
    case LDNS_RR_TYPE_SPF:
        return "S";
    default:
        return NULL;
    }
}

/* Where the field at `at` ends; 0: it is malformed. */
static size_t field_end(char field, const struct wire *wire, size_t at, size_t end)
{
    size_t next = at;
    switch (field) {
    case 'n':
        next = wire_name_end(wire, at);
        break;
    case '6':
        next = at + 16;
        break;
    case 'a':
    case '4':
        next = at + 4;
        break;
    case '2':
        next = at + 2;
        break;
    case 's':
        next = at < end ? at + 1 + wire->bytes[at] : 0;
        break;
    case 'S':
        while (next < end) next += 1U + wire->bytes[next];
        break;
    default:
        PANIC("no such field: %c", field);
    }
    return next <= end ? next : 0;
}

bool reply_text_is_valid(const struct wire *wire, const struct wire_record *record)
{
    size_t at = record->rdata;
    size_t end = at + record->rdata_len;
    const char *layout = own_layout(record);
    if (!layout) return true;
    for (; *layout; layout++) {
        at = field_end(*layout, wire, at, end);
        if (at == 0) return false;
    }
    return at == end;
}

static char *put_number(char *out, uint32_t number)
{
    char digits[10];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (count) *out++ = digits[--count];
    return out;
}

/* A string of RFC 1035 section 5.1, always in quotes. */
static char *put_string(char *out, const uint8_t *bytes, size_t len)
{
    *out++ = '"';
    for (size_t i = 0; i < len; i++) {
        uint8_t c = bytes[i];
        if (c < ' ' || c >= 0x7f) {
            *out++ = '\\';
            *out++ = (char)('0' + c / 100);
            *out++ = (char)('0' + c / 10 % 10);
            c = (uint8_t)('0' + c % 10);
        } else if (c == '"' || c == '\\') {
            *out++ = '\\';
        }
        *out++ = (char)c;
    }
    *out++ = '"';
    return out;
}

static char *put_strings(char *out, const struct wire *wire, size_t at, size_t end)
{
    while (at < end) {
        size_t len = wire->bytes[at];
        out = put_string(out, wire->bytes + at + 1, len);
        at += 1 + len;
        if (at < end) *out++ = ' ';
    }
    return out;
}

static char *put_v4(char *out, const uint8_t *bytes)
{
    for (size_t i = 0; i < 4; i++) {
        out = put_number(out, bytes[i]);
        *out++ = '.';
    }
    return out - 1;
}

static char *put_v6(char *out, const uint8_t *bytes)
{
    REQUIRE(inet_ntop(AF_INET6, bytes, out, INET6_ADDRSTRLEN));
    return out + strlen(out);
}

static char *put_field(char *out, char field, const struct wire *wire, size_t at, size_t end)
{
    const uint8_t *bytes = wire->bytes + at;
    switch (field) {
    case 'n':
        return wire_name_text(wire, at, out);
    case '6':
        return put_v6(out, bytes);
    case 'a':
        return put_v4(out, bytes);
    case '4':
        return put_number(out, wire_u32(bytes));
    case '2':
        return put_number(out, wire_u16(bytes));
    default:
        return put_strings(out, wire, at, end);
    }
}

static char *put_layout(char *out, const char *layout, const struct wire *wire, const struct wire_record *record)
{
    size_t at = record->rdata;
    for (; *layout; layout++) {
        size_t end = field_end(*layout, wire, at, record->rdata + record->rdata_len);
        out = put_field(out, *layout, wire, at, end);
        *out++ = ' ';
        at = end;
    }
    return out - 1;
}

static char *put_unknown(char *out, const struct wire *wire, const struct wire_record *record)
{
    static const char hex[] = "0123456789ABCDEF";
    memcpy(out, "\\# ", 3);
    out = put_number(out + 3, record->rdata_len);
    if (record->rdata_len) *out++ = ' ';
    for (size_t i = record->rdata; i < record->rdata + record->rdata_len; i++) {
        *out++ = hex[wire->bytes[i] >> 4];
        *out++ = hex[wire->bytes[i] & 15];
    }
    return out;
}

/* Whether ldns may print the type: its printer was read. The name that some have must not be compressed (RFC 3597). */
static bool may_use_ldns(const struct wire *wire, const struct wire_record *record)
{
    struct wire upto_end = {wire->bytes, record->rdata + record->rdata_len};
    size_t name_at = record->rdata;
    if (record->rdata_len == 0 || record->rdata_len > LDNS_RDATA_MAX || record->klass != DNS_CLASS_IN) return false;
    switch ((ldns_rr_type)record->type) {
    case LDNS_RR_TYPE_LOC:
    case LDNS_RR_TYPE_CERT:
    case LDNS_RR_TYPE_DS:
    case LDNS_RR_TYPE_CDS:
    case LDNS_RR_TYPE_SSHFP:
    case LDNS_RR_TYPE_DNSKEY:
    case LDNS_RR_TYPE_CDNSKEY:
    case LDNS_RR_TYPE_DHCID:
    case LDNS_RR_TYPE_NSEC3:
    case LDNS_RR_TYPE_NSEC3PARAM:
    case LDNS_RR_TYPE_TLSA:
    case LDNS_RR_TYPE_SMIMEA:
    case LDNS_RR_TYPE_OPENPGPKEY:
    case LDNS_RR_TYPE_CSYNC:
    case LDNS_RR_TYPE_ZONEMD:
    case LDNS_RR_TYPE_EUI48:
    case LDNS_RR_TYPE_EUI64:
    case LDNS_RR_TYPE_URI:
    case LDNS_RR_TYPE_CAA:
        return true;
    case LDNS_RR_TYPE_NSEC:
        break;
    case LDNS_RR_TYPE_SVCB:
    case LDNS_RR_TYPE_HTTPS:
        name_at += 2;
        break;
    case LDNS_RR_TYPE_RRSIG:
        name_at += 18;
        break;
    default:
        return false;
    }
    return wire_plain_name_end(&upto_end, name_at) != 0;
}

static void free_record(ldns_rr **record) { ldns_rr_free(*record); }
static void free_buffer(ldns_buffer **buffer) { ldns_buffer_free(*buffer); }

/* With single spaces: ldns ends lists and salts with one. */
static bool print_with_ldns(ldns_buffer *buffer, const ldns_rr *record)
{
    for (size_t i = 0; i < ldns_rr_rd_count(record); i++) {
        if (i) ldns_buffer_write_char(buffer, ' ');
        if (ldns_rdf2buffer_str(buffer, ldns_rr_rdf(record, i)) != LDNS_STATUS_OK) return false;
        size_t end = ldns_buffer_position(buffer);
        while (end > 0 && *ldns_buffer_at(buffer, end - 1) == ' ') end--;
        ldns_buffer_set_position(buffer, end);
    }
    return ldns_buffer_status_ok(buffer) && ldns_buffer_position(buffer) > 0;
}

/* The RDATA alone goes to ldns, with the length that stands before it: there is no message for a pointer to lead into.
 * False: ldns cannot make sense of it. */
static bool add_with_ldns(struct strbuf *out, const struct wire *wire, const struct wire_record *record)
{
    AUTO(free_record) ldns_rr *copy = ldns_rr_new();
    AUTO(free_buffer) ldns_buffer *buffer = ldns_buffer_new(LDNS_TEXT_MAX(record->rdata_len));
    size_t at = 0;
    size_t len = 2U + record->rdata_len;
    REQUIRE(copy && buffer);
    ldns_rr_set_type(copy, record->type);
    if (ldns_wire2rdf(copy, wire->bytes + record->rdata - 2, len, &at) != LDNS_STATUS_OK || at != len) return false;
    if (ldns_rr_rd_count(copy) < ldns_rr_descriptor_minimum(ldns_rr_descript(record->type))) return false;
    if (!print_with_ldns(buffer, copy)) return false;
    if (!text_is_printable_ascii(ldns_buffer_begin(buffer), ldns_buffer_position(buffer))) return false;
    strbuf_add(out, ldns_buffer_begin(buffer), ldns_buffer_position(buffer));
    return true;
}

static char *put_start(char *out, const struct wire *wire, const struct wire_record *record)
{
    out = wire_name_text(wire, record->owner, out);
    *out++ = ' ';
    out = put_number(out, record->ttl);
    *out++ = ' ';
    dns_class_format(record->klass, out);
    out += strlen(out);
    *out++ = ' ';
    dns_type_format(record->type, out);
    out += strlen(out);
    *out++ = ' ';
    return out;
}

/* Moves the end of the text to `end`, which was reached by writing into its reserve. */
static void set_end(struct strbuf *out, char *end)
{
    *end = '\0';
    out->len = (size_t)(end - out->data);
}

bool reply_text_add(struct strbuf *out, const struct wire *wire, const struct wire_record *record)
{
    size_t start = out->len;
    const char *layout = record->rdata_len ? own_layout(record) : NULL;
    strbuf_reserve(out, 3 * WIRE_NAME_TEXT_MAX + NUMBERS_TEXT_MAX + 4U * record->rdata_len);
    set_end(out, put_start(out->data + out->len, wire, record));
    if (layout)
        set_end(out, put_layout(out->data + out->len, layout, wire, record));
    else if (!may_use_ldns(wire, record) || !add_with_ldns(out, wire, record))
        set_end(out, put_unknown(out->data + out->len, wire, record));
    strbuf_putc(out, '\n');
    if (out->len <= DNS_ANSWER_TEXT_MAX) return true;
    out->len = start;
    out->data[start] = '\0';
    return false;
}
