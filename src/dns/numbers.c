/*
 * DNS numbers and their names. Rcodes, opcodes and extended errors are tables of this file; types and classes are asked
 * of ldns, except for their numeric forms, which ldns reads with atoi(3).
 */
#include "dnspolicy/dns/numbers.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

static const char *const rcode_names[] = {
    [DNS_RCODE_NOERROR] = "NOERROR",
    [DNS_RCODE_FORMERR] = "FORMERR",
    [DNS_RCODE_SERVFAIL] = "SERVFAIL",
    [DNS_RCODE_NXDOMAIN] = "NXDOMAIN",
    [DNS_RCODE_NOTIMP] = "NOTIMP",
    [DNS_RCODE_REFUSED] = "REFUSED",
    [DNS_RCODE_YXDOMAIN] = "YXDOMAIN",
    [DNS_RCODE_YXRRSET] = "YXRRSET",
    [DNS_RCODE_NXRRSET] = "NXRRSET",
    [DNS_RCODE_NOTAUTH] = "NOTAUTH",
    [DNS_RCODE_NOTZONE] = "NOTZONE",
    [DNS_RCODE_DSOTYPENI] = "DSOTYPENI",
    [DNS_RCODE_BADVERS] = "BADVERS",
    [DNS_TSIG_BADKEY] = "BADKEY",
    [DNS_TSIG_BADTIME] = "BADTIME",
    [19] = "BADMODE",
    [20] = "BADNAME",
    [21] = "BADALG",
    [22] = "BADTRUNC",
    [DNS_RCODE_BADCOOKIE] = "BADCOOKIE",
};

static const char *const opcode_names[] = {
    [DNS_OPCODE_QUERY] = "QUERY",   [1] = "IQUERY", [2] = "STATUS", [DNS_OPCODE_NOTIFY] = "NOTIFY",
    [DNS_OPCODE_UPDATE] = "UPDATE", [6] = "DSO",
};

static const char *const ede_names[] = {
    "Other Error",
    "Unsupported DNSKEY Algorithm",
    "Unsupported DS Digest Type",
    "Stale Answer",
    "Forged Answer",
    "DNSSEC Indeterminate",
    "DNSSEC Bogus",
    "Signature Expired",
    "Signature Not Yet Valid",
    "DNSKEY Missing",
    "RRSIGs Missing",
    "No Zone Key Bit Set",
    "NSEC Missing",
    "Cached Error",
    "Not Ready",
    "Blocked",
    "Censored",
    "Filtered",
    "Prohibited",
    "Stale NXDOMAIN Answer",
    "Not Authoritative",
    "Not Supported",
    "No Reachable Authority",
    "Network Error",
    "Invalid Data",
    "Signature Expired before Valid",
    "Too Early",
    "Unsupported NSEC3 Iterations Value",
    "Unable to conform to policy",
    "Synthesized",
    "Invalid Query Type",
};

static const char *name_at(const char *const *names, size_t count, uint16_t number)
{
    return number < count ? names[number] : NULL;
}

static bool number_of(const char *const *names, size_t count, const char *text, uint16_t *number)
{
    for (size_t i = 0; i < count; i++) {
        if (!names[i] || strcasecmp(names[i], text) != 0) continue;
        *number = (uint16_t)i;
        return true;
    }
    return false;
}

/* "TYPE257" and its like, RFC 3597 section 5. */
static bool parse_numbered(const char *text, const char *prefix, uint64_t max, uint16_t *number)
{
    size_t len = strlen(prefix);
    uint64_t value = 0;
    if (strncasecmp(text, prefix, len) != 0 || !text_parse_u64(text + len, max, &value)) return false;
    *number = (uint16_t)value;
    return true;
}

static void format_name(const char *name, const char *prefix, uint16_t number, char out[DNS_NUMBER_TEXT_SIZE])
{
    if (name) {
        size_t size = strlen(name) + 1;
        REQUIRE(size <= DNS_NUMBER_TEXT_SIZE);
        memcpy(out, name, size);
    } else {
        snprintf(out, DNS_NUMBER_TEXT_SIZE, "%s%u", prefix, number);
    }
}

const char *dns_rcode_name(uint16_t rcode) { return name_at(rcode_names, ARRAY_LEN(rcode_names), rcode); }

void dns_rcode_format(uint16_t rcode, char out[DNS_NUMBER_TEXT_SIZE])
{
    format_name(dns_rcode_name(rcode), "RCODE", rcode, out);
}

bool dns_rcode_parse(const char *text, uint16_t *rcode)
{
    uint16_t number = 0;
    if (parse_numbered(text, "RCODE", DNS_RCODE_MAX, rcode)) return true;
    if (!number_of(rcode_names, ARRAY_LEN(rcode_names), text, &number)) return false;
    if (number == DNS_TSIG_BADKEY || number == DNS_TSIG_BADTIME) return false;
    *rcode = number;
    return true;
}

const char *dns_ede_name(uint16_t code) { return name_at(ede_names, ARRAY_LEN(ede_names), code); }

static const char *type_name(uint16_t type)
{
    switch (type) {
    case LDNS_RR_TYPE_IXFR:
        return "IXFR";
    case LDNS_RR_TYPE_AXFR:
        return "AXFR";
    case LDNS_RR_TYPE_MAILB:
        return "MAILB";
    case LDNS_RR_TYPE_MAILA:
        return "MAILA";
    case LDNS_RR_TYPE_ANY:
        return "ANY";
    default:
        return ldns_rr_descript(type)->_name;
    }
}

void dns_type_format(uint16_t type, char out[DNS_NUMBER_TEXT_SIZE]) { format_name(type_name(type), "TYPE", type, out); }

bool dns_type_parse(const char *text, uint16_t *type)
{
    if (parse_numbered(text, "TYPE", UINT16_MAX, type)) return true;
    if (strncasecmp(text, "TYPE", 4) == 0) return false;
    uint16_t number = (uint16_t)ldns_get_rr_type_by_name(text);
    if (number == 0) return false;
    *type = number;
    return true;
}

void dns_class_format(uint16_t klass, char out[DNS_NUMBER_TEXT_SIZE])
{
    const ldns_lookup_table *entry = ldns_lookup_by_id(ldns_rr_classes, klass);
    format_name(entry ? entry->name : NULL, "CLASS", klass, out);
}

bool dns_class_parse(const char *text, uint16_t *klass)
{
    if (parse_numbered(text, "CLASS", UINT16_MAX, klass)) return true;
    const ldns_lookup_table *entry = ldns_lookup_by_name(ldns_rr_classes, text);
    if (!entry) return false;
    *klass = (uint16_t)entry->id;
    return true;
}

void dns_opcode_format(uint16_t opcode, char out[DNS_NUMBER_TEXT_SIZE])
{
    format_name(name_at(opcode_names, ARRAY_LEN(opcode_names), opcode), "OPCODE", opcode, out);
}

bool dns_opcode_parse(const char *text, uint8_t *opcode)
{
    uint16_t number = 0;
    if (!parse_numbered(text, "OPCODE", 15, &number) && !parse_numbered(text, "", 15, &number) &&
        !number_of(opcode_names, ARRAY_LEN(opcode_names), text, &number))
        return false;
    *opcode = (uint8_t)number;
    return true;
}
