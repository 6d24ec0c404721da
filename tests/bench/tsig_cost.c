/*
 * What signing a query and verifying its reply cost by themselves, in nanoseconds of this thread's CPU time. Knows
 * nothing of sockets and schedules: what the exporter pays for a signed check beside an unsigned one is measured by
 * run.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/query.h"
#include "dnspolicy/dns/tsig.h"

#define ROUNDS 200000
#define NOW_S 1700000000

static double cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static size_t make_query(uint8_t out[DNS_MESSAGE_MAX])
{
    static const struct dns_question question = {.name = "www.example.net",
                                                 .type = DNS_TYPE_A,
                                                 .klass = DNS_CLASS_IN,
                                                 .recursion_desired = true,
                                                 .edns = true,
                                                 .bufsize = 1232,
                                                 .nsid = true};
    struct dns_query query;
    dns_query_build(&question, &query);
    return dns_query_complete(&query, &(struct dns_stamp){.id = 1}, &(struct dns_additions){0}, out);
}

static size_t sign(const struct dns_tsig_key *key, const uint8_t *query, size_t len, uint8_t out[DNS_MESSAGE_MAX],
                   struct dns_tsig_mac *mac)
{
    memcpy(out, query, len);
    return dns_tsig_sign(key, NOW_S, out, len, DNS_MESSAGE_MAX, mac);
}

/*
 * The reply is the query with QR set, signed as a query: its MAC is not what a reply's has to be, which the verifier
 * knows only when it has computed all of it. So a good one costs the same.
 */
static size_t make_reply(const struct dns_tsig_key *key, uint8_t *query, size_t len, uint8_t out[DNS_MESSAGE_MAX])
{
    struct dns_tsig_mac mac;
    query[2] |= 0x80;
    size_t reply_len = sign(key, query, len, out, &mac);
    query[2] &= 0x7f;
    return reply_len;
}

static void measure(enum dns_tsig_algorithm algorithm)
{
    static const uint8_t secret[32] = "thirty-two bytes of a secret key";
    struct dns_tsig_key *key = dns_tsig_key_new("bench", algorithm, secret, sizeof(secret));
    uint8_t query[DNS_MESSAGE_MAX], message[DNS_MESSAGE_MAX];
    struct dns_tsig_mac mac;
    size_t len = make_query(query);

    double began = cpu_ns();
    for (int i = 0; i < ROUNDS; i++) sign(key, query, len, message, &mac);
    printf("%s, sign %.0f\n", dns_tsig_algorithm_names[algorithm], (cpu_ns() - began) / ROUNDS);

    size_t reply_len = make_reply(key, query, len, message);
    began = cpu_ns();
    for (int i = 0; i < ROUNDS; i++)
        REQUIRE(dns_tsig_verify(key, &mac, NOW_S, message, reply_len) == DNS_TSIG_WRONG_MAC);
    printf("%s, verify %.0f\n", dns_tsig_algorithm_names[algorithm], (cpu_ns() - began) / ROUNDS);
    dns_tsig_key_free(key);
}

int main(void)
{
    measure(DNS_TSIG_HMAC_SHA1);
    measure(DNS_TSIG_HMAC_SHA256);
    measure(DNS_TSIG_HMAC_SHA512);
    return EXIT_SUCCESS;
}
