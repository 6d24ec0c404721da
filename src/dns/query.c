/*
 * Decides what a query looks like on the wire. ldns builds it once; every attempt is a copy with the id and the random
 * digits patched in, because building costs more than sending.
 */
#include "dnspolicy/dns/query.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/mem.h"

#define HEADER_SIZE 12

static void free_packet(ldns_pkt **packet) { ldns_pkt_free(*packet); }

/* The name with `digits` in the place of {random}. */
static void expand_random(const char *name, const char digits[DNS_NAME_RANDOM_DIGITS], char out[DNS_NAME_TEXT_SIZE])
{
    const char *random = strstr(name, DNS_NAME_RANDOM);
    int before = random ? (int)(random - name) : (int)strlen(name);
    const char *after = random ? random + strlen(DNS_NAME_RANDOM) : "";
    int len = snprintf(out, DNS_NAME_TEXT_SIZE, "%.*s%.*s%s", before, name, random ? DNS_NAME_RANDOM_DIGITS : 0, digits,
                       after);
    REQUIRE(len >= 0 && len < DNS_NAME_TEXT_SIZE);
}

/* Where the digits are on the wire: behind the header, the first length octet, and an octet for each one of the text
 * before them (a dot stands for the next label's length). */
static uint16_t find_random(const char *name)
{
    const char *random = strstr(name, DNS_NAME_RANDOM);
    size_t octets = 0;
    if (!random) return 0;
    for (const char *at = name; at < random; octets++) {
        if (*at != '\\')
            at++;
        else
            at += at[1] >= '0' && at[1] <= '9' ? 4 : 2;
    }
    return (uint16_t)(HEADER_SIZE + 1 + octets);
}

static void set_question(ldns_pkt *packet, const struct dns_question *question)
{
    char name[DNS_NAME_TEXT_SIZE];
    ldns_rr *record = ldns_rr_new();
    expand_random(question->name, "0000000000000000", name);
    ldns_rdf *owner = ldns_dname_new_frm_str(name);
    REQUIRE(record && owner);
    ldns_rr_set_question(record, true);
    ldns_rr_set_owner(record, owner);
    ldns_rr_set_type(record, question->type);
    ldns_rr_set_class(record, question->klass);
    REQUIRE(ldns_pkt_push_rr(packet, LDNS_SECTION_QUESTION, record));
}

static void set_edns(ldns_pkt *packet, const struct dns_question *question)
{
    packet->_edns_present = true; /* has no setter, and a size of 0 would otherwise mean: no OPT record */
    ldns_pkt_set_edns_udp_size(packet, question->bufsize);
    ldns_pkt_set_edns_do(packet, question->dnssec_ok);
    if (!question->nsid) return;
    ldns_edns_option_list *options = ldns_edns_option_list_new();
    ldns_edns_option *nsid = ldns_edns_new_from_data(LDNS_EDNS_NSID, 0, "");
    REQUIRE(options && nsid && ldns_edns_option_list_push(options, nsid));
    ldns_pkt_set_edns_option_list(packet, options);
}

void dns_query_build(const struct dns_question *question, struct dns_query *query)
{
    AUTO(free_packet) ldns_pkt *packet = ldns_pkt_new();
    AUTO(mem_free_ptr) uint8_t *wire = NULL;
    size_t len = 0;
    REQUIRE(packet);
    ldns_pkt_set_opcode(packet, question->opcode);
    ldns_pkt_set_rd(packet, question->recursion_desired);
    ldns_pkt_set_cd(packet, question->checking_disabled);
    set_question(packet, question);
    if (question->edns) set_edns(packet, question);
    REQUIRE(ldns_pkt2wire(&wire, packet, &len) == LDNS_STATUS_OK && len <= DNS_QUERY_MAX);
    *query = (struct dns_query){.len = (uint16_t)len, .random_offset = find_random(question->name)};
    memcpy(query->wire, wire, len);
}

static void write_digits(const struct dns_stamp *stamp, char out[DNS_NAME_RANDOM_DIGITS])
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof stamp->random; i++) {
        out[2 * i] = hex[stamp->random[i] >> 4];
        out[2 * i + 1] = hex[stamp->random[i] & 15];
    }
}

size_t dns_query_complete(const struct dns_query *query, const struct dns_stamp *stamp,
                          const struct dns_additions *additions, uint8_t out[DNS_MESSAGE_MAX])
{
    (void)additions;
    memcpy(out, query->wire, query->len);
    out[0] = (uint8_t)(stamp->id >> 8);
    out[1] = (uint8_t)stamp->id;
    if (query->random_offset) {
        char digits[DNS_NAME_RANDOM_DIGITS];
        write_digits(stamp, digits);
        memcpy(out + query->random_offset, digits, sizeof digits);
    }
    return query->len;
}

void dns_query_name(const char *name, const struct dns_stamp *stamp, char out[DNS_NAME_TEXT_SIZE])
{
    char digits[DNS_NAME_RANDOM_DIGITS];
    write_digits(stamp, digits);
    expand_random(name, digits, out);
}
