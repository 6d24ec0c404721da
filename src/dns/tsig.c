/*
 * Decides what a signature covers and whether a reply's is good, RFC 8945. HMAC is OpenSSL's; the walk of the reply is
 * the strict one of this folder. Knows nothing of who holds a key, and nothing of what a good signature is worth.
 */
#include "dnspolicy/dns/tsig.h"

#include <ldns/ldns.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/reply.h"
#include "wire.h"

#define NAME_MAX_OCTETS 255
#define ALGORITHM_MAX_OCTETS 16
#define TSIG_TIME_SIZE 6

const char *const dns_tsig_algorithm_names[DNS_TSIG_ALGORITHMS] = {"hmac-sha1", "hmac-sha224", "hmac-sha256",
                                                                   "hmac-sha384", "hmac-sha512"};
const char *const dns_tsig_status_names[DNS_TSIG_STATUSES] = {
    [DNS_TSIG_GOOD] = "good",           [DNS_TSIG_UNSIGNED] = "unsigned",     [DNS_TSIG_WRONG_KEY] = "wrong_key",
    [DNS_TSIG_WRONG_MAC] = "wrong_mac", [DNS_TSIG_WRONG_TIME] = "wrong_time",
};

static const struct hash_facts {
    const char *name;
    uint8_t mac_len;
} hashes[DNS_TSIG_ALGORITHMS] = {{"SHA1", 20}, {"SHA224", 28}, {"SHA256", 32}, {"SHA384", 48}, {"SHA512", 64}};

struct dns_tsig_key {
    enum dns_tsig_algorithm algorithm;
    uint16_t secret_len;
    uint8_t name_len;
    uint8_t algorithm_len;
    uint8_t name[NAME_MAX_OCTETS];
    uint8_t algorithm_name[ALGORITHM_MAX_OCTETS];
    uint8_t secret[DNS_TSIG_SECRET_MAX];
};

/*
 * One context for each algorithm, made once and only copied from: to look a hash up by its name takes a lock and costs
 * more than the HMAC of a query. They hold no secret: a copy is given one for one message, and wipes it when it is
 * freed.
 */
static EVP_MAC_CTX *templates[DNS_TSIG_ALGORITHMS];
static pthread_once_t templates_once = PTHREAD_ONCE_INIT;

static void free_mac(EVP_MAC_CTX **mac) { EVP_MAC_CTX_free(*mac); }

static void make_templates(void)
{
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    for (size_t i = 0; i < DNS_TSIG_ALGORITHMS; i++) {
        char name[8];
        memcpy(name, hashes[i].name, strlen(hashes[i].name) + 1);
        OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", name, 0), OSSL_PARAM_construct_end()};
        templates[i] = EVP_MAC_CTX_new(hmac);
        REQUIRE(templates[i] && EVP_MAC_init(templates[i], (const uint8_t *)"", 1, params));
    }
    EVP_MAC_free(hmac);
}

static EVP_MAC_CTX *start_mac(const struct dns_tsig_key *key)
{
    REQUIRE(pthread_once(&templates_once, make_templates) == 0);
    EVP_MAC_CTX *mac = EVP_MAC_CTX_dup(templates[key->algorithm]);
    REQUIRE(mac && EVP_MAC_init(mac, key->secret, key->secret_len, NULL));
    return mac;
}

static void add(EVP_MAC_CTX *mac, const void *bytes, size_t len) { REQUIRE(EVP_MAC_update(mac, bytes, len)); }

static void add_u16(EVP_MAC_CTX *mac, uint16_t value)
{
    uint8_t bytes[2];
    wire_put_u16(bytes, value);
    add(mac, bytes, sizeof bytes);
}

static void finish_mac(EVP_MAC_CTX *mac, struct dns_tsig_mac *out)
{
    size_t len = 0;
    REQUIRE(EVP_MAC_final(mac, out->bytes, &len, sizeof out->bytes));
    out->len = (uint8_t)len;
}

static size_t write_name(const char *text, uint8_t *out, size_t capacity)
{
    ldns_rdf *name = ldns_dname_new_frm_str(text);
    REQUIRE(name && ldns_rdf_size(name) <= capacity);
    ldns_dname2canonical(name);
    size_t len = ldns_rdf_size(name);
    memcpy(out, ldns_rdf_data(name), len);
    ldns_rdf_deep_free(name);
    return len;
}

struct dns_tsig_key *dns_tsig_key_new(const char *name, enum dns_tsig_algorithm algorithm, const uint8_t *secret,
                                      size_t secret_len)
{
    REQUIRE(algorithm < DNS_TSIG_ALGORITHMS && secret_len > 0 && secret_len <= DNS_TSIG_SECRET_MAX);
    struct dns_tsig_key *key =
        mmap(NULL, sizeof *key, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); /* pages of its own */
    REQUIRE(key != MAP_FAILED && madvise(key, sizeof *key, MADV_DONTDUMP) == 0);
    key->algorithm = algorithm;
    key->name_len = (uint8_t)write_name(name, key->name, sizeof key->name);
    key->algorithm_len =
        (uint8_t)write_name(dns_tsig_algorithm_names[algorithm], key->algorithm_name, sizeof key->algorithm_name);
    key->secret_len = (uint16_t)secret_len;
    memcpy(key->secret, secret, secret_len);
    return key;
}

void dns_tsig_key_free(struct dns_tsig_key *key)
{
    if (!key) return;
    OPENSSL_cleanse(key, sizeof *key);
    REQUIRE(munmap(key, sizeof *key) == 0);
}

uint64_t dns_tsig_key_fingerprint(const struct dns_tsig_key *key)
{
    static const char purpose[] = "dnspolicy: fingerprint of a key";
    struct dns_tsig_mac digest;
    AUTO(free_mac) EVP_MAC_CTX *mac = start_mac(key);
    add(mac, purpose, sizeof purpose);
    add(mac, key->name, key->name_len);
    finish_mac(mac, &digest);
    return (uint64_t)wire_u32(digest.bytes) << 32 | wire_u32(digest.bytes + 4);
}

/* Key, class and TTL, algorithm: what comes before the time in the digest. RFC 8945 section 4.3.3. */
static void add_names(EVP_MAC_CTX *mac, const struct dns_tsig_key *key)
{
    add(mac, key->name, key->name_len);
    add_u16(mac, DNS_CLASS_ANY);
    add(mac, "\0\0\0", 4);
    add(mac, key->algorithm_name, key->algorithm_len);
}

static void write_time(uint64_t seconds, uint8_t out[TSIG_TIME_SIZE])
{
    for (int i = TSIG_TIME_SIZE - 1; i >= 0; i--, seconds >>= 8) out[i] = (uint8_t)seconds;
}

static uint8_t *put(uint8_t *at, const void *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

static uint8_t *put_number(uint8_t *at, uint16_t value)
{
    wire_put_u16(at, value);
    return at + 2;
}

size_t dns_tsig_sign(const struct dns_tsig_key *key, int64_t now_s, uint8_t *message, size_t len, size_t capacity,
                     struct dns_tsig_mac *mac)
{
    uint8_t time[TSIG_TIME_SIZE];
    uint16_t rdata_len = (uint16_t)(key->algorithm_len + TSIG_TIME_SIZE + 10U + hashes[key->algorithm].mac_len);
    REQUIRE(len >= DNS_HEADER_SIZE && len + key->name_len + 10U + rdata_len <= capacity && now_s >= 0);
    write_time((uint64_t)now_s, time);

    AUTO(free_mac) EVP_MAC_CTX *digest = start_mac(key);
    add(digest, message, len);
    add_names(digest, key);
    add(digest, time, sizeof time);
    add_u16(digest, DNS_TSIG_FUDGE_S);
    add(digest, "\0\0\0", 4); /* no error, no other data */
    finish_mac(digest, mac);

    uint8_t *at = put(message + len, key->name, key->name_len);
    at = put_number(at, DNS_TYPE_TSIG);
    at = put_number(at, DNS_CLASS_ANY);
    at = put(at, "\0\0\0", 4);
    at = put_number(at, rdata_len);
    at = put(at, key->algorithm_name, key->algorithm_len);
    at = put(at, time, sizeof time);
    at = put_number(at, DNS_TSIG_FUDGE_S);
    at = put_number(at, mac->len);
    at = put(at, mac->bytes, mac->len);
    at = put(at, message, 2); /* the original id */
    at = put(at, "\0\0\0", 4);
    wire_put_u16(message + 10, (uint16_t)(wire_u16(message + 10) + 1));
    return (size_t)(at - message);
}

/* A TSIG record, as offsets into its message. */
struct tsig {
    size_t owner;
    size_t algorithm;
    size_t time; /* 48 bits, then the fudge and the MAC's length */
    size_t mac;
    uint16_t mac_len;
    size_t original_id; /* then the error, the other data's length and the other data, up to `end` */
    size_t end;
};

/* RFC 8945 section 4.2. The algorithm's name may not be compressed. */
static bool read_tsig(const struct wire *wire, const struct wire_record *record, struct tsig *out)
{
    size_t end = record->rdata + record->rdata_len;
    size_t time = wire_plain_name_end(wire, record->rdata);
    if (record->klass != DNS_CLASS_ANY || record->ttl != 0 || time == 0 || time + 10 > end) return false;
    size_t mac = time + 10;
    uint16_t mac_len = wire_u16(wire->bytes + time + 8);
    size_t original_id = mac + mac_len;
    if (original_id + 6 > end || original_id + 6 + wire_u16(wire->bytes + original_id + 4) != end) return false;
    *out = (struct tsig){record->owner, record->rdata, time, mac, mac_len, original_id, end};
    return true;
}

/* The TSIG record, if the last record is the only one and well-formed, and the whole message is. */
static bool find_tsig(const struct wire *wire, struct tsig *tsig)
{
    struct wire_record record = {0};
    if (wire->len < DNS_HEADER_SIZE || wire->len > UINT16_MAX || wire_u16(wire->bytes + 10) == 0) return false;
    size_t at = wire_questions_end(wire, wire_u16(wire->bytes + 4));
    unsigned left = wire_u16(wire->bytes + 6) + wire_u16(wire->bytes + 8) + wire_u16(wire->bytes + 10);
    if (at == 0) return false;
    while (left--) {
        if (!wire_record_read(wire, &at, &record)) return false;
        if (left && record.type == DNS_TYPE_TSIG) return false;
    }
    return record.type == DNS_TYPE_TSIG && read_tsig(wire, &record, tsig);
}

/* RFC 8945 section 5.3.1: the request's MAC, the reply as it was before it was signed, and the signature's own data. */
static bool is_good_mac(const struct dns_tsig_key *key, const struct dns_tsig_mac *request, const struct wire *wire,
                        const struct tsig *tsig)
{
    const uint8_t *bytes = wire->bytes;
    struct dns_tsig_mac expected;
    if (tsig->mac_len != hashes[key->algorithm].mac_len) return false;
    AUTO(free_mac) EVP_MAC_CTX *mac = start_mac(key);
    add_u16(mac, request->len);
    add(mac, request->bytes, request->len);
    add(mac, bytes + tsig->original_id, 2);
    add(mac, bytes + 2, 8);
    add_u16(mac, (uint16_t)(wire_u16(bytes + 10) - 1));
    add(mac, bytes + DNS_HEADER_SIZE, tsig->owner - DNS_HEADER_SIZE);
    add_names(mac, key);
    add(mac, bytes + tsig->time, TSIG_TIME_SIZE + 2);
    add(mac, bytes + tsig->original_id + 2, tsig->end - tsig->original_id - 2);
    finish_mac(mac, &expected);
    return CRYPTO_memcmp(expected.bytes, bytes + tsig->mac, expected.len) == 0;
}

/* A BADTIME reply carries the query's own time (RFC 8945 section 5.2.3), so it is in time whatever the server's clock
 * says. */
static bool is_in_time(const uint8_t *at, int64_t now_s)
{
    int64_t signed_s = (int64_t)((uint64_t)wire_u16(at) << 32 | wire_u32(at + 2));
    int64_t fudge_s = wire_u16(at + TSIG_TIME_SIZE);
    return signed_s - now_s <= fudge_s && now_s - signed_s <= fudge_s;
}

enum dns_tsig_status dns_tsig_verify(const struct dns_tsig_key *key, const struct dns_tsig_mac *request, int64_t now_s,
                                     const uint8_t *reply, size_t len)
{
    struct wire wire = {reply, len};
    struct wire key_name = {key->name, key->name_len};
    struct wire algorithm = {key->algorithm_name, key->algorithm_len};
    struct tsig tsig = {0};
    if (request->len == 0) return DNS_TSIG_NOT_ASKED;
    if (!find_tsig(&wire, &tsig) || tsig.mac_len == 0) return DNS_TSIG_UNSIGNED;
    if (tsig.mac_len == request->len && memcmp(reply + tsig.mac, request->bytes, request->len) == 0)
        return DNS_TSIG_UNSIGNED;
    if (!wire_is_same_name(&wire, tsig.owner, &key_name, 0) || !wire_is_same_name(&wire, tsig.algorithm, &algorithm, 0))
        return DNS_TSIG_WRONG_KEY;
    if (!is_good_mac(key, request, &wire, &tsig)) return DNS_TSIG_WRONG_MAC;
    return is_in_time(reply + tsig.time, now_s) ? DNS_TSIG_GOOD : DNS_TSIG_WRONG_TIME;
}
