/* TSIG: what ldns signs and verifies, we do too; and what is nearly right is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <ldns/ldns.h>

#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/query.h"
#include "tsig_story.h"

#define LDNS_SECRET "YSBzZWNyZXQgb2YgMjYgb2N0ZXRzOiB6eXg="

static struct message reply;
static struct dns_tsig_mac query_mac;

static struct dns_tsig_key *key_of(enum dns_tsig_algorithm algorithm)
{
    return dns_tsig_key_new("xfr.example", algorithm, (const uint8_t *)STORY_SECRET, STORY_SECRET_LEN);
}

static size_t signed_query(const struct dns_tsig_key *key, uint8_t out[DNS_MESSAGE_MAX])
{
    struct dns_query query;
    struct dns_stamp stamp = {.id = MESSAGE_ID};
    struct dns_question question = {.name = "www.example.com", .type = 1, .klass = 1, .edns = true, .bufsize = 1232};
    dns_query_build(&question, &query);
    size_t len = dns_query_complete(&query, &stamp, &(struct dns_additions){0}, out);
    return dns_tsig_sign(key, STORY_NOW, out, len, DNS_MESSAGE_MAX, &query_mac);
}

/* A reply that an address and an OPT record make, before it is signed. */
static void begin_reply(void)
{
    put_header(&reply, 0x8580, 1, 1, 0, 1);
    put_question(&reply, "www.example.com", 1);
    put_record(&reply, 1, "\xc0\0\2\1", 4);
    put_opt(&reply, 0, NULL, 0);
}

/* Of a reply that was signed as told, to a query that was signed by `algorithm`. */
static enum dns_tsig_status verify_at(int64_t now_s)
{
    struct dns_tsig_key *key = key_of(DNS_TSIG_HMAC_SHA256);
    enum dns_tsig_status status = dns_tsig_verify(key, &query_mac, now_s, reply.bytes, reply.len);
    dns_tsig_key_free(key);
    return status;
}

static struct reply_story begin_story(void)
{
    uint8_t query[DNS_MESSAGE_MAX];
    struct dns_tsig_key *key = key_of(DNS_TSIG_HMAC_SHA256);
    signed_query(key, query);
    dns_tsig_key_free(key);
    begin_reply();
    return plain_story(DNS_TSIG_HMAC_SHA256, &query_mac);
}

static enum dns_tsig_status tell(const struct reply_story *story)
{
    begin_reply();
    sign_reply(&reply, story);
    return verify_at(STORY_NOW);
}

static void a_signature_is_the_last_record_and_counted(void **state)
{
    (void)state;
    static struct message expected;
    uint8_t first[DNS_MESSAGE_MAX];
    uint8_t second[DNS_MESSAGE_MAX];
    struct dns_tsig_key *key = key_of(DNS_TSIG_HMAC_SHA224);
    size_t len = signed_query(key, first);
    put_header(&expected, 0, 1, 0, 0, 2);
    put_question(&expected, "www.example.com", 1);
    put_opt(&expected, 0, NULL, 0);
    put_name(&expected, "xfr.example");
    size_t at = put_fixed(&expected, 250, 255, 0);
    put_name(&expected, "hmac-sha224");
    put_bytes(&expected, "\0\x01\x23\x45\x67\x89\x01\x2c\0\x1c", 10);
    put_bytes(&expected, query_mac.bytes, 28);
    put_bytes(&expected, "\x12\x34\0\0\0", 6);
    end_rdata(&expected, at);
    assert_int_equal(query_mac.len, 28);
    assert_int_equal(len, expected.len);
    assert_memory_equal(first, expected.bytes, len);
    assert_int_equal(signed_query(key, second), len);
    assert_memory_equal(first, second, len);
    dns_tsig_key_free(key);
}

/* Those that ldns knows. */
static const struct {
    enum dns_tsig_algorithm algorithm;
    const char *name;
} known_by_ldns[] = {
    {DNS_TSIG_HMAC_SHA1, "hmac-sha1."}, {DNS_TSIG_HMAC_SHA256, "hmac-sha256."}, {DNS_TSIG_HMAC_SHA512, "hmac-sha512."}};

static void ldns_verifies_what_we_sign(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(known_by_ldns); i++) {
        uint8_t query[DNS_MESSAGE_MAX];
        ldns_pkt *packet = NULL;
        struct dns_tsig_key *key = key_of(known_by_ldns[i].algorithm);
        size_t len = signed_query(key, query);
        assert_int_equal(ldns_wire2pkt(&packet, query, len), LDNS_STATUS_OK);
        assert_true(ldns_pkt_tsig_verify(packet, query, len, "xfr.example.", LDNS_SECRET, NULL));
        ldns_pkt_free(packet);
        query[len - 7] ^= 1; /* in the MAC */
        assert_int_equal(ldns_wire2pkt(&packet, query, len), LDNS_STATUS_OK);
        assert_false(ldns_pkt_tsig_verify(packet, query, len, "xfr.example.", LDNS_SECRET, NULL));
        ldns_pkt_free(packet);
        dns_tsig_key_free(key);
    }
}

static int64_t time_of(const ldns_rr *tsig)
{
    const uint8_t *at = ldns_rdf_data(ldns_rr_rdf(tsig, 1));
    int64_t seconds = 0;
    for (int i = 0; i < 6; i++) seconds = seconds << 8 | at[i];
    return seconds;
}

static void we_verify_what_ldns_signs(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(known_by_ldns); i++) {
        uint8_t query[DNS_MESSAGE_MAX];
        uint8_t mac[2 + DNS_TSIG_MAC_MAX] = {0};
        uint8_t *wire = NULL;
        size_t len = 0;
        ldns_pkt *packet = NULL;
        struct dns_tsig_key *key = key_of(known_by_ldns[i].algorithm);
        signed_query(key, query);
        mac[1] = query_mac.len;
        memcpy(mac + 2, query_mac.bytes, query_mac.len);
        ldns_rdf *request = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_INT16_DATA, 2U + query_mac.len, mac);
        begin_reply();
        assert_int_equal(ldns_wire2pkt(&packet, reply.bytes, reply.len), LDNS_STATUS_OK);
        assert_int_equal(ldns_pkt_tsig_sign(packet, "xfr.example.", LDNS_SECRET, 300, known_by_ldns[i].name, request),
                         LDNS_STATUS_OK);
        assert_int_equal(ldns_pkt2wire(&wire, packet, &len), LDNS_STATUS_OK);
        int64_t now = time_of(ldns_pkt_tsig(packet));
        assert_int_equal(dns_tsig_verify(key, &query_mac, now, wire, len), DNS_TSIG_GOOD);
        query_mac.bytes[0] ^= 1;
        assert_int_equal(dns_tsig_verify(key, &query_mac, now, wire, len), DNS_TSIG_WRONG_MAC);
        free(wire);
        ldns_rdf_deep_free(request);
        ldns_pkt_free(packet);
        dns_tsig_key_free(key);
    }
}

static void every_algorithm_signs_and_verifies(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DNS_TSIG_ALGORITHMS; i++) {
        uint8_t query[DNS_MESSAGE_MAX];
        struct dns_tsig_key *key = key_of((enum dns_tsig_algorithm)i);
        signed_query(key, query);
        struct reply_story story = plain_story((enum dns_tsig_algorithm)i, &query_mac);
        begin_reply();
        sign_reply(&reply, &story);
        assert_int_equal(dns_tsig_verify(key, &query_mac, STORY_NOW, reply.bytes, reply.len), DNS_TSIG_GOOD);
        dns_tsig_key_free(key);
    }
}

static void secrets_may_be_short_and_longer_than_a_block(void **state)
{
    (void)state;
    uint8_t secret[DNS_TSIG_SECRET_MAX];
    memset(secret, 'x', sizeof secret);
    static const size_t lengths[] = {1, 64, 65, 128, 129, DNS_TSIG_SECRET_MAX};
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        uint8_t query[DNS_MESSAGE_MAX];
        uint8_t expected[EVP_MAX_MD_SIZE];
        unsigned expected_len = 0;
        struct dns_tsig_key *key = dns_tsig_key_new(".", DNS_TSIG_HMAC_SHA512, secret, lengths[i]);
        size_t len = signed_query(key, query);
        static struct message digested;
        digested.len = 0;
        put_bytes(&digested, query, len - (1 + 10 + 13 + 16 + 64));
        digested.bytes[11]--;
        put_bytes(&digested, "\0\0\xff\0\0\0\0\x0bhmac-sha512\0\0\x01\x23\x45\x67\x89\x01\x2c\0\0\0\0", 7 + 13 + 12);
        HMAC(EVP_sha512(), secret, (int)lengths[i], digested.bytes, digested.len, expected, &expected_len);
        assert_memory_equal(query_mac.bytes, expected, 64);
        dns_tsig_key_free(key);
    }
}

static void a_query_without_a_signature_asks_for_none(void **state)
{
    (void)state;
    struct reply_story story = begin_story();
    sign_reply(&reply, &story);
    query_mac.len = 0;
    assert_int_equal(verify_at(STORY_NOW), DNS_TSIG_NOT_ASKED);
}

static void a_reply_without_a_mac_is_unsigned(void **state)
{
    (void)state;
    struct reply_story story = begin_story();
    assert_int_equal(verify_at(STORY_NOW), DNS_TSIG_UNSIGNED);
    story.mac_len = 0;
    story.error = DNS_TSIG_BADKEY;
    assert_int_equal(tell(&story), DNS_TSIG_UNSIGNED);
    story.key_name = "other.example";
    assert_int_equal(tell(&story), DNS_TSIG_UNSIGNED);
}

static void our_own_signature_sent_back_is_none(void **state)
{
    (void)state;
    uint8_t query[DNS_MESSAGE_MAX];
    struct dns_tsig_key *key = key_of(DNS_TSIG_HMAC_SHA256);
    size_t len = signed_query(key, query);
    assert_int_equal(dns_tsig_verify(key, &query_mac, STORY_NOW, query, len), DNS_TSIG_UNSIGNED);
    query[2] |= 0x80;
    query[3] |= DNS_RCODE_FORMERR;
    assert_int_equal(dns_tsig_verify(key, &query_mac, STORY_NOW, query, len), DNS_TSIG_UNSIGNED);
    dns_tsig_key_free(key);
}

static void a_signature_that_is_not_the_last_and_only_one_is_none(void **state)
{
    (void)state;
    struct reply_story story = begin_story();
    sign_reply(&reply, &story);
    put_opt(&reply, 0, NULL, 0);
    reply.bytes[11]++;
    assert_int_equal(verify_at(STORY_NOW), DNS_TSIG_UNSIGNED);
    begin_reply();
    sign_reply(&reply, &story);
    sign_reply(&reply, &story);
    assert_int_equal(verify_at(STORY_NOW), DNS_TSIG_UNSIGNED);
    begin_reply();
    reply.bytes[11]--; /* the OPT record is counted as an authority, and then the signature too */
    reply.bytes[9]++;
    sign_reply(&reply, &story);
    reply.bytes[11]--;
    reply.bytes[9]++;
    assert_int_equal(verify_at(STORY_NOW), DNS_TSIG_UNSIGNED);
}

static void another_key_or_algorithm_is_not_ours(void **state)
{
    (void)state;
    struct reply_story story = begin_story();
    story.key_name = "xfr2.example";
    assert_int_equal(tell(&story), DNS_TSIG_WRONG_KEY);
    story.key_name = "example";
    assert_int_equal(tell(&story), DNS_TSIG_WRONG_KEY);
    story = plain_story(DNS_TSIG_HMAC_SHA1, &query_mac);
    assert_int_equal(tell(&story), DNS_TSIG_WRONG_KEY);
    story = plain_story(DNS_TSIG_HMAC_SHA256, &query_mac);
    story.algorithm_name = "hmac-sha256.example";
    assert_int_equal(tell(&story), DNS_TSIG_WRONG_KEY);
}

static void names_in_other_letters_are_the_same(void **state)
{
    (void)state;
    struct reply_story story = begin_story();
    sign_reply(&reply, &story);
    for (size_t i = reply.len - 100; i < reply.len - 60; i++) {
        if (memcmp(reply.bytes + i, "xfr", 3) == 0) memcpy(reply.bytes + i, "XFR", 3);
        if (memcmp(reply.bytes + i, "hmac", 4) == 0) memcpy(reply.bytes + i, "HmAc", 4);
    }
    assert_int_equal(verify_at(STORY_NOW), DNS_TSIG_GOOD);
}

static void a_mac_cut_short_or_made_longer_is_wrong(void **state)
{
    (void)state;
    static const unsigned lengths[] = {1, 10, 16, 20, 31, 33, 64, 128};
    struct reply_story story = begin_story();
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        story.mac_len = lengths[i];
        assert_int_equal(tell(&story), DNS_TSIG_WRONG_MAC);
    }
}

static void a_reply_to_another_query_is_wrong(void **state)
{
    (void)state;
    struct reply_story story = begin_story();
    struct dns_tsig_mac other = query_mac;
    other.bytes[31] ^= 0x80;
    story.request = &other;
    assert_int_equal(tell(&story), DNS_TSIG_WRONG_MAC);
}

static void the_time_may_be_off_by_the_fudge(void **state)
{
    (void)state;
    struct reply_story story = begin_story();
    sign_reply(&reply, &story);
    assert_int_equal(verify_at(STORY_NOW + 300), DNS_TSIG_GOOD);
    assert_int_equal(verify_at(STORY_NOW - 300), DNS_TSIG_GOOD);
    assert_int_equal(verify_at(STORY_NOW + 301), DNS_TSIG_WRONG_TIME);
    assert_int_equal(verify_at(STORY_NOW - 301), DNS_TSIG_WRONG_TIME);
    story.time_s = INT64_C(0xffffffffffff);
    assert_int_equal(tell(&story), DNS_TSIG_WRONG_TIME);
    story.time_s = STORY_NOW + 1;
    story.fudge_s = 0;
    assert_int_equal(tell(&story), DNS_TSIG_WRONG_TIME);
}

static void a_complaint_about_our_clock_is_signed_with_the_servers_time(void **state)
{
    (void)state;
    struct reply_story story = begin_story();
    story.error = DNS_TSIG_BADTIME;
    story.other = "\0\1\2\3\4\5";
    story.other_len = 6;
    assert_int_equal(tell(&story), DNS_TSIG_GOOD);
    reply.bytes[reply.len - 1] ^= 1;
    assert_int_equal(verify_at(STORY_NOW), DNS_TSIG_WRONG_MAC);
}

static void the_id_that_was_signed_is_the_original_one(void **state)
{
    (void)state;
    struct reply_story story = begin_story();
    story.original_id = 0xbeef;
    assert_int_equal(tell(&story), DNS_TSIG_GOOD);
}

/* Ids are restored and names have no case; everything else is covered. */
static bool may_be_changed(size_t at, uint8_t bit, size_t tsig_at)
{
    uint8_t lower = reply.bytes[at] | 0x20;
    bool is_letter = lower >= 'a' && lower <= 'z';
    size_t names_end = tsig_at + 13 + 10 + 13;
    return at < 2 || (is_letter && bit == 0x20 && at >= tsig_at && at < names_end);
}

static void no_bit_can_be_changed(void **state)
{
    (void)state;
    struct dns_tsig_key *key = key_of(DNS_TSIG_HMAC_SHA256);
    struct reply_story story = begin_story();
    size_t tsig_at = reply.len;
    sign_reply(&reply, &story);
    assert_int_equal(dns_tsig_verify(key, &query_mac, STORY_NOW, reply.bytes, reply.len), DNS_TSIG_GOOD);
    for (size_t at = 0; at < reply.len; at++) {
        for (unsigned bit = 1; bit < 256; bit <<= 1) {
            bool is_free = may_be_changed(at, (uint8_t)bit, tsig_at);
            reply.bytes[at] ^= (uint8_t)bit;
            enum dns_tsig_status status = dns_tsig_verify(key, &query_mac, STORY_NOW, reply.bytes, reply.len);
            reply.bytes[at] ^= (uint8_t)bit;
            assert_int_equal(status == DNS_TSIG_GOOD, is_free);
        }
    }
    dns_tsig_key_free(key);
}

static void no_prefix_is_signed_or_read_beyond_its_end(void **state)
{
    (void)state;
    struct dns_tsig_key *key = key_of(DNS_TSIG_HMAC_SHA256);
    struct reply_story story = begin_story();
    sign_reply(&reply, &story);
    for (size_t len = 0; len < reply.len; len++) {
        uint8_t *copy = malloc(len ? len : 1);
        assert_non_null(copy);
        memcpy(copy, reply.bytes, len);
        assert_int_equal(dns_tsig_verify(key, &query_mac, STORY_NOW, copy, len), DNS_TSIG_UNSIGNED);
        free(copy);
    }
    dns_tsig_key_free(key);
}

static void the_largest_reply_is_verified(void **state)
{
    (void)state;
    static const uint8_t filler[UINT16_MAX];
    struct reply_story story = begin_story();
    put_header(&reply, 0x8580, 1, 1, 0, 0);
    put_question(&reply, "www.example.com", 1);
    size_t tsig_len = 13 + 10 + 13 + 16 + 32;
    put_record(&reply, 65280, filler, UINT16_MAX - tsig_len - reply.len - 12);
    sign_reply(&reply, &story);
    assert_int_equal(reply.len, UINT16_MAX);
    assert_int_equal(verify_at(STORY_NOW), DNS_TSIG_GOOD);
    put_u8(&reply, 0);
    assert_int_equal(verify_at(STORY_NOW), DNS_TSIG_UNSIGNED);
}

static void fingerprints_differ_where_keys_do(void **state)
{
    (void)state;
    struct dns_tsig_key *keys[] = {
        key_of(DNS_TSIG_HMAC_SHA256), key_of(DNS_TSIG_HMAC_SHA512),
        dns_tsig_key_new("xfr2.example", DNS_TSIG_HMAC_SHA256, (const uint8_t *)STORY_SECRET, STORY_SECRET_LEN),
        dns_tsig_key_new("xfr.example", DNS_TSIG_HMAC_SHA256, (const uint8_t *)STORY_SECRET, STORY_SECRET_LEN - 1)};
    struct dns_tsig_key *same = key_of(DNS_TSIG_HMAC_SHA256);
    assert_true(dns_tsig_key_fingerprint(same) == dns_tsig_key_fingerprint(keys[0]));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        for (size_t j = 0; j < i; j++)
            assert_false(dns_tsig_key_fingerprint(keys[i]) == dns_tsig_key_fingerprint(keys[j]));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) dns_tsig_key_free(keys[i]);
    dns_tsig_key_free(same);
    dns_tsig_key_free(NULL);
}

static void every_status_but_the_first_has_a_name(void **state)
{
    (void)state;
    assert_null(dns_tsig_status_names[DNS_TSIG_NOT_ASKED]);
    for (size_t i = DNS_TSIG_GOOD; i < DNS_TSIG_STATUSES; i++) assert_non_null(dns_tsig_status_names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_is_the_last_record_and_counted),
        cmocka_unit_test(ldns_verifies_what_we_sign),
        cmocka_unit_test(we_verify_what_ldns_signs),
        cmocka_unit_test(every_algorithm_signs_and_verifies),
        cmocka_unit_test(secrets_may_be_short_and_longer_than_a_block),
        cmocka_unit_test(a_query_without_a_signature_asks_for_none),
        cmocka_unit_test(a_reply_without_a_mac_is_unsigned),
        cmocka_unit_test(our_own_signature_sent_back_is_none),
        cmocka_unit_test(a_signature_that_is_not_the_last_and_only_one_is_none),
        cmocka_unit_test(another_key_or_algorithm_is_not_ours),
        cmocka_unit_test(names_in_other_letters_are_the_same),
        cmocka_unit_test(a_mac_cut_short_or_made_longer_is_wrong),
        cmocka_unit_test(a_reply_to_another_query_is_wrong),
        cmocka_unit_test(the_time_may_be_off_by_the_fudge),
        cmocka_unit_test(a_complaint_about_our_clock_is_signed_with_the_servers_time),
        cmocka_unit_test(the_id_that_was_signed_is_the_original_one),
        cmocka_unit_test(no_bit_can_be_changed),
        cmocka_unit_test(no_prefix_is_signed_or_read_beyond_its_end),
        cmocka_unit_test(the_largest_reply_is_verified),
        cmocka_unit_test(fingerprints_differ_where_keys_do),
        cmocka_unit_test(every_status_but_the_first_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
