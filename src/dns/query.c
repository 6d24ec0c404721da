/*
 * Decides what a query looks like on the wire. ldns builds it once; every attempt is a copy with what is its own
 * patched in, because building costs more than sending. Knows nothing of signatures, and of an UPDATE only its zone.
 */
#include "dnspolicy/dns/query.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/reply.h"
#include "query_update.h"
#include "wire.h"

#define OPTION_ECS 8
#define OPTION_HEADER_SIZE 4
#define COOKIE_OPTION_SIZE (OPTION_HEADER_SIZE + DNS_CLIENT_COOKIE_SIZE)

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

/* Opcodes and types that ask a server about a zone of its own: recursion means nothing to them. */
static bool wants_recursion(const struct dns_question *question)
{
    bool is_about_zone = question->opcode == DNS_OPCODE_NOTIFY || question->opcode == DNS_OPCODE_UPDATE ||
                         dns_question_is_transfer(question);
    return question->recursion_desired && !is_about_zone;
}

bool dns_question_is_transfer(const struct dns_question *question)
{
    return question->opcode == DNS_OPCODE_QUERY && (question->type == DNS_TYPE_AXFR || question->type == DNS_TYPE_IXFR);
}

const char *dns_question_zone(const struct dns_question *question)
{
    if (question->opcode == DNS_OPCODE_UPDATE) return question->zone;
    return question->opcode == DNS_OPCODE_NOTIFY || dns_question_is_transfer(question) ? question->name : NULL;
}

static void set_question(ldns_pkt *packet, const char *name, uint16_t type, uint16_t klass)
{
    ldns_rr *record = query_record_new(name, type, klass);
    ldns_rr_set_question(record, true);
    REQUIRE(ldns_pkt_push_rr(packet, LDNS_SECTION_QUESTION, record));
}

/* RFC 1995 section 3: the SOA of the version that the client has. Only its serial is looked at. */
static void add_known_version(ldns_pkt *packet, const char *zone, uint16_t klass)
{
    ldns_rr *record = NULL;
    REQUIRE(ldns_rr_new_frm_str(&record, ". 0 IN SOA . . 0 0 0 0 0", 0, NULL, NULL) == LDNS_STATUS_OK);
    ldns_rdf *owner = ldns_dname_new_frm_str(zone);
    REQUIRE(owner);
    ldns_rdf_deep_free(ldns_rr_owner(record));
    ldns_rr_set_owner(record, owner);
    ldns_rr_set_class(record, klass);
    REQUIRE(ldns_pkt_push_rr(packet, LDNS_SECTION_AUTHORITY, record));
}

static void set_sections(ldns_pkt *packet, const struct dns_question *question, const char *name)
{
    switch (question->opcode) {
    case DNS_OPCODE_UPDATE:
        set_question(packet, question->zone, DNS_TYPE_SOA, question->klass);
        query_update_add(packet, question, name);
        break;
    case DNS_OPCODE_NOTIFY:
        set_question(packet, name, DNS_TYPE_SOA, question->klass);
        ldns_pkt_set_aa(packet, true);
        break;
    default:
        set_question(packet, name, question->type, question->klass);
        if (dns_question_is_transfer(question) && question->type == DNS_TYPE_IXFR)
            add_known_version(packet, name, question->klass);
    }
}

static void add_option(ldns_edns_option_list *options, ldns_edns_option_code code, const void *bytes, size_t len)
{
    ldns_edns_option *option = ldns_edns_new_from_data(code, len, bytes);
    REQUIRE(options && option && ldns_edns_option_list_push(options, option));
}

static void set_edns(ldns_pkt *packet, const struct dns_question *question)
{
    static const uint8_t no_cookie[DNS_CLIENT_COOKIE_SIZE];
    packet->_edns_present = true; /* has no setter, and a size of 0 would otherwise mean: no OPT record */
    ldns_pkt_set_edns_udp_size(packet, question->bufsize);
    ldns_pkt_set_edns_do(packet, question->dnssec_ok);
    if (!question->nsid && !question->cookie) return;
    ldns_edns_option_list *options = ldns_edns_option_list_new();
    if (question->nsid) add_option(options, LDNS_EDNS_NSID, "", 0);
    if (question->cookie) add_option(options, LDNS_EDNS_COOKIE, no_cookie, sizeof no_cookie);
    ldns_pkt_set_edns_option_list(packet, options);
}

static void build_wire(const struct dns_question *question, char digit, struct dns_query *query)
{
    AUTO(free_packet) ldns_pkt *packet = ldns_pkt_new();
    AUTO(mem_free_ptr) uint8_t *wire = NULL;
    char digits[DNS_NAME_RANDOM_DIGITS];
    char name[DNS_NAME_TEXT_SIZE];
    size_t len = 0;
    REQUIRE(packet);
    memset(digits, digit, sizeof digits);
    expand_random(question->name, digits, name);
    ldns_pkt_set_opcode(packet, question->opcode);
    ldns_pkt_set_rd(packet, wants_recursion(question));
    ldns_pkt_set_cd(packet, question->checking_disabled);
    set_sections(packet, question, name);
    if (question->edns) set_edns(packet, question);
    REQUIRE(ldns_pkt2wire(&wire, packet, &len) == LDNS_STATUS_OK && len <= DNS_QUERY_MAX);
    query->len = (uint16_t)len;
    memcpy(query->wire, wire, len);
}

/* Where the digits are: where the same query with other digits differs. Compression leaves them in one place. */
static uint16_t find_random(const struct dns_question *question, const struct dns_query *query)
{
    struct dns_query other;
    size_t first = DNS_HEADER_SIZE;
    size_t last = query->len;
    if (!dns_name_has_random(question->name)) return 0;
    build_wire(question, 'f', &other);
    REQUIRE(other.len == query->len);
    while (first < last && query->wire[first] == other.wire[first]) first++;
    while (last > first && query->wire[last - 1] == other.wire[last - 1]) last--;
    REQUIRE(last - first == DNS_NAME_RANDOM_DIGITS);
    return (uint16_t)first;
}

/* Of the SOA in the authority section: behind its owner, what is fixed in a record, and two names that are the root. */
static uint16_t find_serial(const struct dns_question *question, const struct dns_query *query)
{
    struct wire wire = {query->wire, query->len};
    if (!dns_question_is_transfer(question) || question->type != DNS_TYPE_IXFR) return 0;
    size_t at = wire_name_end(&wire, DNS_HEADER_SIZE) + 4;
    struct wire_record soa;
    REQUIRE(wire_record_read(&wire, &at, &soa) && soa.type == DNS_TYPE_SOA && soa.rdata_len == 22);
    return (uint16_t)(soa.rdata + 2);
}

void dns_query_build(const struct dns_question *question, struct dns_query *query)
{
    *query = (struct dns_query){.has_cookie = question->edns && question->cookie};
    build_wire(question, '0', query);
    query->random_offset = find_random(question, query);
    query->serial_offset = find_serial(question, query);
    if (!question->edns) return;
    size_t options_len = (question->nsid ? OPTION_HEADER_SIZE : 0) + (question->cookie ? COOKIE_OPTION_SIZE : 0);
    query->opt_offset = (uint16_t)(query->len - options_len - 2);
    REQUIRE(wire_u16(query->wire + query->opt_offset) == options_len);
}

void dns_query_build_soa(const struct dns_question *transfer, struct dns_query *query)
{
    struct dns_question question = *transfer;
    question.type = DNS_TYPE_SOA;
    question.recursion_desired = false;
    dns_query_build(&question, query);
}

void dns_ecs_build(const struct subnet *subnet, struct dns_ecs *ecs)
{
    size_t octets = (subnet->prefix_len + 7U) / 8U;
    uint8_t *bytes = ecs->bytes;
    *ecs = (struct dns_ecs){0};
    if (!subnet->present) return;
    REQUIRE(octets <= sizeof subnet->base.bytes);
    wire_put_u16(bytes, OPTION_ECS);
    wire_put_u16(bytes + 2, (uint16_t)(4 + octets));
    wire_put_u16(bytes + 4, subnet->base.family == ADDR_V6 ? 2 : 1);
    bytes[6] = subnet->prefix_len;
    memcpy(bytes + 8, subnet->base.bytes, octets);
    if (subnet->prefix_len % 8) bytes[8 + octets - 1] &= (uint8_t)(0xff00U >> subnet->prefix_len % 8);
    ecs->len = (uint8_t)(8 + octets);
}

static void write_digits(const struct dns_stamp *stamp, char out[DNS_NAME_RANDOM_DIGITS])
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof stamp->random; i++) {
        out[2 * i] = hex[stamp->random[i] >> 4];
        out[2 * i + 1] = hex[stamp->random[i] & 15];
    }
}

/* The cookie stands last in the query as built, and without one there is no option. Returns the message's end. */
static uint8_t *complete_cookie(const struct dns_query *query, const struct dns_cookie *cookie, uint8_t *end)
{
    if (!query->has_cookie) return end;
    if (!cookie) return end - COOKIE_OPTION_SIZE;
    REQUIRE(cookie->server_len <= sizeof cookie->server);
    memcpy(end - DNS_CLIENT_COOKIE_SIZE, cookie->client, DNS_CLIENT_COOKIE_SIZE);
    wire_put_u16(end - DNS_CLIENT_COOKIE_SIZE - 2, (uint16_t)(DNS_CLIENT_COOKIE_SIZE + cookie->server_len));
    memcpy(end, cookie->server, cookie->server_len);
    return end + cookie->server_len;
}

size_t dns_query_complete(const struct dns_query *query, const struct dns_stamp *stamp,
                          const struct dns_additions *additions, uint8_t out[DNS_MESSAGE_MAX])
{
    memcpy(out, query->wire, query->len);
    wire_put_u16(out, stamp->id);
    if (query->random_offset) {
        char digits[DNS_NAME_RANDOM_DIGITS];
        write_digits(stamp, digits);
        memcpy(out + query->random_offset, digits, sizeof digits);
    }
    if (query->serial_offset) {
        wire_put_u16(out + query->serial_offset, (uint16_t)(additions->serial >> 16));
        wire_put_u16(out + query->serial_offset + 2, (uint16_t)additions->serial);
    }
    uint8_t *end = complete_cookie(query, additions->cookie, out + query->len);
    if (additions->ecs && additions->ecs->len) {
        REQUIRE(query->opt_offset);
        memcpy(end, additions->ecs->bytes, additions->ecs->len);
        end += additions->ecs->len;
    }
    if (query->opt_offset) wire_put_u16(out + query->opt_offset, (uint16_t)(end - out - query->opt_offset - 2));
    return (size_t)(end - out);
}

void dns_query_name(const char *name, const struct dns_stamp *stamp, char out[DNS_NAME_TEXT_SIZE])
{
    char digits[DNS_NAME_RANDOM_DIGITS];
    write_digits(stamp, digits);
    expand_random(name, digits, out);
}
