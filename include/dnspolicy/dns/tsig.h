/*
 * TSIG, RFC 8945: signing a query and verifying its reply, by OpenSSL's HMAC. ldns lacks some algorithms, checks
 * neither time nor key name, and can be made to abort by a reply. MD5 is not offered: RFC 8945 section 6 says MUST NOT.
 */
#ifndef DNSPOLICY_DNS_TSIG_H
#define DNSPOLICY_DNS_TSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dns_tsig_algorithm {
    DNS_TSIG_HMAC_SHA1,
    DNS_TSIG_HMAC_SHA224,
    DNS_TSIG_HMAC_SHA256,
    DNS_TSIG_HMAC_SHA384,
    DNS_TSIG_HMAC_SHA512,
    DNS_TSIG_ALGORITHMS
};
extern const char *const dns_tsig_algorithm_names[DNS_TSIG_ALGORITHMS]; /* "hmac-sha1", … */

#define DNS_TSIG_SECRET_MAX 512 /* bytes; longer than a hash's block only costs */
#define DNS_TSIG_MAC_MAX 64
#define DNS_TSIG_FUDGE_S 300 /* the clocks' difference that both sides allow: RFC 8945 section 10 */

/* Immutable; any number of threads may use it at once. The secret is wiped when it is freed and is not in core
 * dumps. */
struct dns_tsig_key;
/* `name` is canonical. 1 to DNS_TSIG_SECRET_MAX bytes; the caller wipes its own copy. */
struct dns_tsig_key *dns_tsig_key_new(const char *name, enum dns_tsig_algorithm algorithm, const uint8_t *secret,
                                      size_t secret_len);
void dns_tsig_key_free(struct dns_tsig_key *key); /* NULL is fine */
/* Changes with the secret, and tells nothing of it: for digests of configurations. */
uint64_t dns_tsig_key_fingerprint(const struct dns_tsig_key *key);

struct dns_tsig_mac {
    uint8_t len; /* 0: not signed */
    uint8_t bytes[DNS_TSIG_MAC_MAX];
};
/* Appends the TSIG record to the message of `len` bytes and returns the new length. The same input gives the same
 * bytes. */
size_t dns_tsig_sign(const struct dns_tsig_key *key, int64_t now_s, uint8_t *message, size_t len, size_t capacity,
                     struct dns_tsig_mac *mac);

/* What a reply to a signed query is worth. In the order in which they are told apart. */
enum dns_tsig_status {
    DNS_TSIG_NOT_ASKED, /* the query was not signed */
    DNS_TSIG_GOOD,
    DNS_TSIG_UNSIGNED,   /* no TSIG record, or one without a MAC (RFC 8945 section 5.3.2), or our own echoed */
    DNS_TSIG_WRONG_KEY,  /* another key name or algorithm than ours */
    DNS_TSIG_WRONG_MAC,  /* also one cut short: nothing below the whole MAC is taken */
    DNS_TSIG_WRONG_TIME, /* the MAC is right, and the time is further off than the fudge */
    DNS_TSIG_STATUSES
};
extern const char *const dns_tsig_status_names[DNS_TSIG_STATUSES]; /* NULL, "good", "unsigned", "wrong_key", … */
/* `request` is the query's MAC. The reply may be any bytes at all. */
enum dns_tsig_status dns_tsig_verify(const struct dns_tsig_key *key, const struct dns_tsig_mac *request, int64_t now_s,
                                     const uint8_t *reply, size_t len);

#endif
