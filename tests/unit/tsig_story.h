/* Signed replies, made with nothing of what is tested: RFC 8945 section 4.3 once more, over OpenSSL's one-shot HMAC. */
#ifndef TESTS_TSIG_STORY_H
#define TESTS_TSIG_STORY_H

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "dnspolicy/dns/tsig.h"
#include "dns_message.h"

#define STORY_NOW INT64_C(0x123456789)
#define STORY_SECRET "a secret of 26 octets: zyx"
#define STORY_SECRET_LEN 26

struct reply_story {
    const char *key_name;
    enum dns_tsig_algorithm algorithm;
    const char *algorithm_name; /* NULL: the algorithm's */
    const struct dns_tsig_mac *request;
    int64_t time_s;
    unsigned fudge_s;
    unsigned error;
    const void *other;
    size_t other_len;
    unsigned mac_len; /* more than the hash gives is filled up with zeros */
    unsigned original_id;
};

static inline const EVP_MD *story_hash(enum dns_tsig_algorithm algorithm)
{
    const EVP_MD *const hashes[] = {EVP_sha1(), EVP_sha224(), EVP_sha256(), EVP_sha384(), EVP_sha512()};
    return hashes[algorithm];
}

static inline struct reply_story plain_story(enum dns_tsig_algorithm algorithm, const struct dns_tsig_mac *request)
{
    return (struct reply_story){.key_name = "xfr.example",
                                .algorithm = algorithm,
                                .request = request,
                                .time_s = STORY_NOW,
                                .fudge_s = DNS_TSIG_FUDGE_S,
                                .mac_len = (unsigned)EVP_MD_get_size(story_hash(algorithm)),
                                .original_id = MESSAGE_ID};
}

static inline void put_time(struct message *to, int64_t seconds)
{
    put_u16(to, (unsigned)(seconds >> 32));
    put_u32(to, (uint32_t)seconds);
}

static inline void story_digest(const struct reply_story *story, const struct message *unsigned_reply,
                                const char *algorithm, uint8_t out[EVP_MAX_MD_SIZE])
{
    struct message digested;
    unsigned len = EVP_MAX_MD_SIZE;
    digested.len = 0;
    put_u16(&digested, story->request->len);
    put_bytes(&digested, story->request->bytes, story->request->len);
    put_u16(&digested, story->original_id);
    put_bytes(&digested, unsigned_reply->bytes + 2, unsigned_reply->len - 2);
    put_name(&digested, story->key_name);
    put_bytes(&digested, "\0\xff\0\0\0\0", 6);
    put_name(&digested, algorithm);
    put_time(&digested, story->time_s);
    put_u16(&digested, story->fudge_s);
    put_u16(&digested, story->error);
    put_u16(&digested, (unsigned)story->other_len);
    put_bytes(&digested, story->other, story->other_len);
    REQUIRE(
        HMAC(story_hash(story->algorithm), STORY_SECRET, STORY_SECRET_LEN, digested.bytes, digested.len, out, &len));
}

/* Appends the TSIG record to the reply and counts it. */
static inline void sign_reply(struct message *reply, const struct reply_story *story)
{
    uint8_t mac[EVP_MAX_MD_SIZE + 64] = {0};
    const char *algorithm = story->algorithm_name ? story->algorithm_name : dns_tsig_algorithm_names[story->algorithm];
    story_digest(story, reply, algorithm, mac);
    put_name(reply, story->key_name);
    size_t at = put_fixed(reply, 250, 255, 0);
    put_name(reply, algorithm);
    put_time(reply, story->time_s);
    put_u16(reply, story->fudge_s);
    put_u16(reply, story->mac_len);
    put_bytes(reply, mac, story->mac_len);
    put_u16(reply, story->original_id);
    put_u16(reply, story->error);
    put_u16(reply, (unsigned)story->other_len);
    put_bytes(reply, story->other, story->other_len);
    end_rdata(reply, at);
    reply->bytes[11]++;
}

#endif
