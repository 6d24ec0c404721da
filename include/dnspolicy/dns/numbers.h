/*
 * DNS numbers and their names, as the IANA "DNS Parameters" registry has them. ldns knows neither the extended rcodes
 * nor all opcodes, so rcodes and opcodes have tables of their own; types and classes are ldns' (RFC 3597 forms
 * included).
 */
#ifndef DNSPOLICY_DNS_NUMBERS_H
#define DNSPOLICY_DNS_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dns_rcode {
    DNS_RCODE_NOERROR = 0,
    DNS_RCODE_FORMERR = 1,
    DNS_RCODE_SERVFAIL = 2,
    DNS_RCODE_NXDOMAIN = 3,
    DNS_RCODE_NOTIMP = 4,
    DNS_RCODE_REFUSED = 5,
    DNS_RCODE_YXDOMAIN = 6,
    DNS_RCODE_YXRRSET = 7,
    DNS_RCODE_NXRRSET = 8,
    DNS_RCODE_NOTAUTH = 9,
    DNS_RCODE_NOTZONE = 10,
    DNS_RCODE_DSOTYPENI = 11,
    DNS_RCODE_BADVERS = 16, /* RFC 6891; as a TSIG error 16 is BADSIG */
    DNS_RCODE_BADCOOKIE = 23,
    DNS_RCODE_MAX = 4095 /* 12 bits: four of the header, eight of the OPT record */
};
enum dns_tsig_error { DNS_TSIG_NONE = 0, DNS_TSIG_BADSIG = 16, DNS_TSIG_BADKEY = 17, DNS_TSIG_BADTIME = 18 };
enum dns_opcode { DNS_OPCODE_QUERY = 0, DNS_OPCODE_NOTIFY = 4, DNS_OPCODE_UPDATE = 5 };
enum dns_class { DNS_CLASS_IN = 1, DNS_CLASS_CH = 3, DNS_CLASS_NONE = 254, DNS_CLASS_ANY = 255 };
enum dns_type {
    DNS_TYPE_A = 1,
    DNS_TYPE_NS = 2,
    DNS_TYPE_CNAME = 5,
    DNS_TYPE_SOA = 6,
    DNS_TYPE_PTR = 12,
    DNS_TYPE_MX = 15,
    DNS_TYPE_TXT = 16,
    DNS_TYPE_AAAA = 28,
    DNS_TYPE_SRV = 33,
    DNS_TYPE_OPT = 41,
    DNS_TYPE_TSIG = 250,
    DNS_TYPE_IXFR = 251,
    DNS_TYPE_AXFR = 252,
    DNS_TYPE_ANY = 255
};

/* Extended DNS Errors, RFC 8914: the codes by which servers explain policy. */
enum dns_ede_code {
    DNS_EDE_BLOCKED = 15,
    DNS_EDE_CENSORED = 16,
    DNS_EDE_FILTERED = 17,
    DNS_EDE_PROHIBITED = 18,
    DNS_EDE_NOT_AUTHORITATIVE = 20
};

#define DNS_NUMBER_TEXT_SIZE 24

/* The IANA name, or NULL where the registry has none. 16 is BADVERS. Walk 0 to DNS_RCODE_BADCOOKIE for the whole
 * table. */
const char *dns_rcode_name(uint16_t rcode);
void dns_rcode_format(uint16_t rcode, char out[DNS_NUMBER_TEXT_SIZE]); /* "REFUSED", "RCODE3841" */
bool dns_rcode_parse(const char *text, uint16_t *rcode);               /* any case; RCODEnnn; not the TSIG errors */
const char *dns_ede_name(uint16_t code);                               /* "Prohibited"; NULL if unknown */
void dns_type_format(uint16_t type, char out[DNS_NUMBER_TEXT_SIZE]);   /* "A", "TYPE65280" */
bool dns_type_parse(const char *text, uint16_t *type);                 /* any case; TYPEnnn */
void dns_class_format(uint16_t klass, char out[DNS_NUMBER_TEXT_SIZE]); /* "IN", "CLASS257" */
bool dns_class_parse(const char *text, uint16_t *klass);
void dns_opcode_format(uint16_t opcode, char out[DNS_NUMBER_TEXT_SIZE]); /* "QUERY", "OPCODE7" */
bool dns_opcode_parse(const char *text, uint8_t *opcode);                /* any case; a number 0 to 15; OPCODEnn */

const char *dns_library_version(void); /* of ldns: "1.8.3" */

#endif
