/* One key, used by many threads at once from the first signature on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdbool.h>

#include "tsig_story.h"

#define THREADS 4
#define ROUNDS 500

static struct dns_tsig_key *key;

struct signer {
    pthread_t thread;
    bool were_all_good;
    struct dns_tsig_mac mac;
};

static bool sign_and_verify_once(struct dns_tsig_mac *mac)
{
    struct message query;
    put_header(&query, 0, 1, 0, 0, 0);
    put_question(&query, "www.example.com", 1);
    size_t len = dns_tsig_sign(key, STORY_NOW, query.bytes, query.len, sizeof query.bytes, mac);
    struct reply_story story = plain_story(DNS_TSIG_HMAC_SHA256, mac);
    struct message reply;
    put_header(&reply, 0x8105, 0, 0, 0, 0);
    sign_reply(&reply, &story);
    return dns_tsig_verify(key, mac, STORY_NOW, reply.bytes, reply.len) == DNS_TSIG_GOOD &&
           dns_tsig_verify(key, mac, STORY_NOW, query.bytes, len) == DNS_TSIG_UNSIGNED;
}

static void *sign_and_verify(void *arg)
{
    struct signer *signer = arg;
    signer->were_all_good = true;
    for (int i = 0; i < ROUNDS; i++)
        if (!sign_and_verify_once(&signer->mac)) signer->were_all_good = false;
    return NULL;
}

static void threads_that_share_a_key_make_the_same_signatures(void **state)
{
    (void)state;
    struct signer signers[THREADS] = {0};
    key = dns_tsig_key_new("xfr.example", DNS_TSIG_HMAC_SHA256, (const uint8_t *)STORY_SECRET, STORY_SECRET_LEN);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&signers[i].thread, NULL, sign_and_verify, &signers[i]), 0);
    for (size_t i = 0; i < THREADS; i++) assert_int_equal(pthread_join(signers[i].thread, NULL), 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_true(signers[i].were_all_good);
        assert_memory_equal(&signers[i].mac, &signers[0].mac, sizeof signers[i].mac);
    }
    dns_tsig_key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_that_share_a_key_make_the_same_signatures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
