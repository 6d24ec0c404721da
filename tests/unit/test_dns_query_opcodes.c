/* Transfers, NOTIFY and UPDATE: octets of our own where they are few, and what ldns reads in them where they are
 * many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <ldns/ldns.h>

#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/query.h"
#include "dns_message.h"

static const struct dns_additions nothing;
static const struct dns_stamp stamp = {.id = MESSAGE_ID, .random = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

static struct dns_question transfer_of(const char *zone, uint16_t type)
{
    return (struct dns_question){.name = zone, .type = type, .klass = DNS_CLASS_IN, .recursion_desired = true};
}

static struct dns_question update_of(const char *name, const char *zone, uint16_t type)
{
    return (struct dns_question){.name = name,
                                 .zone = zone,
                                 .type = type,
                                 .klass = DNS_CLASS_IN,
                                 .opcode = DNS_OPCODE_UPDATE,
                                 .recursion_desired = true};
}

static void assert_built(const struct dns_question *question, const struct message *expected)
{
    struct dns_query query;
    dns_query_build(question, &query);
    assert_int_equal(query.len, expected->len);
    assert_memory_equal(query.wire + 2, expected->bytes + 2, expected->len - 2);
}

static void what_is_asked_about_a_zone_is_told_apart(void **state)
{
    (void)state;
    struct dns_question question = transfer_of("z.test", DNS_TYPE_AXFR);
    assert_true(dns_question_is_transfer(&question));
    assert_string_equal(dns_question_zone(&question), "z.test");
    question.opcode = DNS_OPCODE_NOTIFY;
    assert_false(dns_question_is_transfer(&question));
    assert_string_equal(dns_question_zone(&question), "z.test");
    question = transfer_of("z.test", DNS_TYPE_IXFR);
    assert_true(dns_question_is_transfer(&question));
    question.type = DNS_TYPE_SOA;
    assert_false(dns_question_is_transfer(&question));
    assert_null(dns_question_zone(&question));
    question = update_of("a.z.test", "z.test", DNS_TYPE_A);
    assert_false(dns_question_is_transfer(&question));
    assert_string_equal(dns_question_zone(&question), "z.test");
}

static void a_whole_transfer_asks_without_recursion(void **state)
{
    (void)state;
    static struct message expected;
    struct dns_question question = transfer_of("example.com", DNS_TYPE_AXFR);
    put_header(&expected, 0, 1, 0, 0, 0);
    put_question(&expected, "example.com", DNS_TYPE_AXFR);
    assert_built(&question, &expected);
}

static void an_incremental_transfer_tells_the_serial_it_has(void **state)
{
    (void)state;
    static struct message expected;
    struct dns_query query;
    uint8_t out[DNS_MESSAGE_MAX];
    struct dns_additions additions = {.serial = 0xfedcba98};
    struct dns_question question = transfer_of("example.com", DNS_TYPE_IXFR);
    put_header(&expected, 0, 1, 0, 1, 0);
    put_question(&expected, "example.com", DNS_TYPE_IXFR);
    put_pointer(&expected, MESSAGE_QNAME_AT);
    size_t at = put_fixed(&expected, DNS_TYPE_SOA, DNS_CLASS_IN, 0);
    put_u16(&expected, 0);
    put_u32(&expected, 0xfedcba98);
    put_bytes(&expected, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    end_rdata(&expected, at);
    dns_query_build(&question, &query);
    size_t len = dns_query_complete(&query, &stamp, &additions, out);
    assert_int_equal(len, expected.len);
    assert_memory_equal(out, expected.bytes, len);
}

static void the_root_can_be_transferred_too(void **state)
{
    (void)state;
    struct dns_query query;
    uint8_t out[DNS_MESSAGE_MAX];
    struct dns_additions additions = {.serial = 7};
    struct dns_question question = transfer_of(".", DNS_TYPE_IXFR);
    question.edns = question.cookie = true;
    dns_query_build(&question, &query);
    assert_int_equal(query.serial_offset, 12 + 1 + 4 + 1 + 10 + 2);
    dns_query_complete(&query, &stamp, &additions, out);
    assert_memory_equal(out + query.serial_offset, "\0\0\0\7", 4);
}

static void the_query_before_a_transfer_asks_for_the_soa_and_keeps_the_options(void **state)
{
    (void)state;
    static struct message expected;
    struct dns_query query;
    struct dns_question question = transfer_of("example.com", DNS_TYPE_IXFR);
    question.edns = question.nsid = true;
    question.bufsize = 1232;
    put_header(&expected, 0, 1, 0, 0, 1);
    put_question(&expected, "example.com", DNS_TYPE_SOA);
    put_opt(&expected, 0, "\0\3\0\0", 4);
    dns_query_build_soa(&question, &query);
    assert_int_equal(query.len, expected.len);
    assert_memory_equal(query.wire + 2, expected.bytes + 2, expected.len - 2);
    assert_int_equal(query.serial_offset, 0);
}

static void a_notify_asks_about_the_soa_and_speaks_with_authority(void **state)
{
    (void)state;
    static struct message expected;
    struct dns_question question = transfer_of("example.com", DNS_TYPE_A);
    question.opcode = DNS_OPCODE_NOTIFY;
    put_header(&expected, 4 << 11 | 0x0400, 1, 0, 0, 0);
    put_question(&expected, "example.com", DNS_TYPE_SOA);
    assert_built(&question, &expected);
}

static void an_update_octet_by_octet(void **state)
{
    (void)state;
    static struct message expected;
    struct dns_question question = update_of("a.example.com", "example.com", DNS_TYPE_A);
    put_header(&expected, 5 << 11, 1, 1, 1, 0);
    put_question(&expected, "example.com", DNS_TYPE_SOA);
    put_pointer(&expected, MESSAGE_QNAME_AT);
    put_fixed(&expected, DNS_TYPE_SOA, DNS_CLASS_NONE, 0);
    put_bytes(&expected, "\1a", 2);
    put_pointer(&expected, MESSAGE_QNAME_AT);
    size_t at = put_fixed(&expected, DNS_TYPE_A, DNS_CLASS_NONE, 0);
    put_bytes(&expected, "\xc0\0\2\xfd", 4);
    end_rdata(&expected, at);
    assert_built(&question, &expected);
}

static ldns_pkt *read_by_ldns(const struct dns_question *question)
{
    struct dns_query query;
    uint8_t out[DNS_MESSAGE_MAX];
    ldns_pkt *packet = NULL;
    dns_query_build(question, &query);
    size_t len = dns_query_complete(&query, &stamp, &nothing, out);
    assert_int_equal(ldns_wire2pkt(&packet, out, len), LDNS_STATUS_OK);
    return packet;
}

static void assert_owner(const ldns_rr *record, const char *expected)
{
    char *owner = ldns_rdf2str(ldns_rr_owner(record));
    assert_string_equal(owner, expected);
    free(owner);
}

/* RFC 2136 sections 2.3, 2.4.3 and 2.5.4. */
static void assert_cannot_change(ldns_pkt *packet, const char *zone, const char *name, uint16_t type)
{
    const ldns_rr *question = ldns_rr_list_rr(ldns_pkt_question(packet), 0);
    const ldns_rr *prerequisite = ldns_rr_list_rr(ldns_pkt_answer(packet), 0);
    const ldns_rr *update = ldns_rr_list_rr(ldns_pkt_authority(packet), 0);
    assert_int_equal(ldns_pkt_get_opcode(packet), DNS_OPCODE_UPDATE);
    assert_false(ldns_pkt_rd(packet) || ldns_pkt_aa(packet) || ldns_pkt_qr(packet) || ldns_pkt_cd(packet));
    assert_int_equal(ldns_pkt_qdcount(packet), 1);
    assert_int_equal(ldns_pkt_ancount(packet), 1);
    assert_int_equal(ldns_pkt_nscount(packet), 1);
    assert_owner(question, zone);
    assert_int_equal(ldns_rr_get_type(question), DNS_TYPE_SOA);
    assert_int_equal(ldns_rr_get_class(question), DNS_CLASS_IN);
    assert_owner(prerequisite, zone);
    assert_int_equal(ldns_rr_get_type(prerequisite), DNS_TYPE_SOA);
    assert_int_equal(ldns_rr_get_class(prerequisite), DNS_CLASS_NONE);
    assert_int_equal(ldns_rr_ttl(prerequisite), 0);
    assert_int_equal(ldns_rr_rd_count(prerequisite), 0);
    assert_owner(update, name);
    assert_int_equal(ldns_rr_get_type(update), type);
    assert_int_equal(ldns_rr_get_class(update), DNS_CLASS_NONE);
    assert_int_equal(ldns_rr_ttl(update), 0);
    assert_true(ldns_rr_rd_count(update) > 0);
}

static const uint16_t update_types[] = {DNS_TYPE_A,     DNS_TYPE_AAAA, DNS_TYPE_TXT,
                                        DNS_TYPE_CNAME, DNS_TYPE_NS,   DNS_TYPE_MX};

static void an_update_of_every_known_type_removes_one_record_that_nobody_has(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(update_types); i++) {
        struct dns_question question = update_of("a.b.z.test", "z.test", update_types[i]);
        question.edns = question.cookie = question.nsid = true;
        ldns_pkt *packet = read_by_ldns(&question);
        assert_cannot_change(packet, "z.test.", "a.b.z.test.", update_types[i]);
        ldns_pkt_free(packet);
    }
}

static void an_update_may_be_about_the_apex_or_the_root(void **state)
{
    (void)state;
    struct dns_question question = update_of("z.test", "z.test", DNS_TYPE_TXT);
    ldns_pkt *packet = read_by_ldns(&question);
    assert_cannot_change(packet, "z.test.", "z.test.", DNS_TYPE_TXT);
    ldns_pkt_free(packet);
    question = update_of("test", ".", DNS_TYPE_NS);
    packet = read_by_ldns(&question);
    assert_cannot_change(packet, ".", "test.", DNS_TYPE_NS);
    ldns_pkt_free(packet);
}

static void the_digits_of_an_update_are_in_its_own_name(void **state)
{
    (void)state;
    struct dns_question question =
        update_of("x-{random}.0000000000000000.z.test", "0000000000000000.z.test", DNS_TYPE_MX);
    ldns_pkt *packet = read_by_ldns(&question);
    assert_cannot_change(packet, "0000000000000000.z.test.", "x-ffffffffffffffff.0000000000000000.z.test.",
                         DNS_TYPE_MX);
    ldns_pkt_free(packet);
    question = update_of("{random}.invalid", "invalid", DNS_TYPE_CNAME);
    packet = read_by_ldns(&question);
    assert_cannot_change(packet, "invalid.", "ffffffffffffffff.invalid.", DNS_TYPE_CNAME);
    ldns_pkt_free(packet);
}

static void types_without_a_made_up_record_are_not_for_updates(void **state)
{
    (void)state;
    static const uint16_t others[] = {
        DNS_TYPE_PTR, DNS_TYPE_SRV, DNS_TYPE_SOA, DNS_TYPE_ANY, DNS_TYPE_AXFR, DNS_TYPE_OPT, 0, 257};
    const char *known = NULL;
    for (size_t i = 0; i < ARRAY_LEN(update_types); i++) assert_true(dns_update_type_is_known(update_types[i], &known));
    for (size_t i = 0; i < ARRAY_LEN(others); i++) assert_false(dns_update_type_is_known(others[i], &known));
    assert_string_equal(known, "A, AAAA, TXT, CNAME, NS or MX");
    for (size_t i = 0; i < ARRAY_LEN(update_types); i++) {
        char name[DNS_NUMBER_TEXT_SIZE];
        dns_type_format(update_types[i], name);
        assert_non_null(strstr(known, name));
    }
}

static void the_longest_update_with_everything_fits(void **state)
{
    (void)state;
    char name[246]; /* {random} grows by eight */
    struct dns_query query;
    uint8_t out[DNS_MESSAGE_MAX];
    struct dns_ecs ecs = {.len = sizeof ecs.bytes};
    struct dns_cookie cookie = {.server_len = DNS_SERVER_COOKIE_MAX};
    struct dns_additions additions = {.ecs = &ecs, .cookie = &cookie};
    memset(name, 'a', sizeof name);
    memcpy(name, DNS_NAME_RANDOM ".", strlen(DNS_NAME_RANDOM) + 1);
    name[55] = name[119] = name[183] = '.';
    name[sizeof name - 1] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(update_types); i++) {
        struct dns_question question = update_of(name, name + strlen(DNS_NAME_RANDOM) + 1, update_types[i]);
        question.edns = question.nsid = question.cookie = true;
        dns_query_build(&question, &query);
        size_t len = dns_query_complete(&query, &stamp, &additions, out);
        assert_int_equal(len, query.len + ecs.len + DNS_SERVER_COOKIE_MAX);
        assert_true(len + 400 < DNS_MESSAGE_MAX); /* a signature of 64 octets by a key with the longest name */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_about_a_zone_is_told_apart),
        cmocka_unit_test(a_whole_transfer_asks_without_recursion),
        cmocka_unit_test(an_incremental_transfer_tells_the_serial_it_has),
        cmocka_unit_test(the_root_can_be_transferred_too),
        cmocka_unit_test(the_query_before_a_transfer_asks_for_the_soa_and_keeps_the_options),
        cmocka_unit_test(a_notify_asks_about_the_soa_and_speaks_with_authority),
        cmocka_unit_test(an_update_octet_by_octet),
        cmocka_unit_test(an_update_of_every_known_type_removes_one_record_that_nobody_has),
        cmocka_unit_test(an_update_may_be_about_the_apex_or_the_root),
        cmocka_unit_test(the_digits_of_an_update_are_in_its_own_name),
        cmocka_unit_test(types_without_a_made_up_record_are_not_for_updates),
        cmocka_unit_test(the_longest_update_with_everything_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
