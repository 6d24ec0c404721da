/*
 * Replies to a signed query. The first octet chooses: even, the rest is a reply as it came, and nobody who lacks the
 * secret can make a good one; odd, the next two are a place, the rest is a reply that is signed with the secret: if it
 * is good, it is not with one bit at that place changed. Every reply is also looked through for a cookie.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/reply.h"
#include "dns/wire.h"
#include "../unit/tsig_story.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_MAX 60000

static struct dns_tsig_key *key;
static struct dns_tsig_mac request;
static struct message query;

static void prepare(void)
{
    if (key) return;
    key = dns_tsig_key_new("key", DNS_TSIG_HMAC_SHA256, (const uint8_t *)STORY_SECRET, STORY_SECRET_LEN);
    put_header(&query, 0, 1, 0, 0, 0);
    put_question(&query, "www.example.com", 1);
    query.len = dns_tsig_sign(key, STORY_NOW, query.bytes, query.len, sizeof query.bytes, &request);
}

/* From a block of its own size, so that a read beyond the end is seen. */
static enum dns_tsig_status verify(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = mem_copy(bytes, len);
    enum dns_tsig_status status = dns_tsig_verify(key, &request, STORY_NOW, copy, len);
    free(copy);
    REQUIRE(status != DNS_TSIG_NOT_ASKED && status < DNS_TSIG_STATUSES);
    return status;
}

static void take_forged(const uint8_t *bytes, size_t len)
{
    enum dns_tsig_status status = verify(bytes, len);
    REQUIRE(status != DNS_TSIG_GOOD && status != DNS_TSIG_WRONG_TIME);
}

/* A message that can be signed: valid, not signed yet, without a byte more than it counts. */
static bool is_whole(const uint8_t *body, size_t len)
{
    struct wire wire = {body, len};
    struct wire_record record = {0};
    size_t at = wire_questions_end(&wire, wire_u16(body + 4));
    unsigned left = wire_u16(body + 6) + wire_u16(body + 8) + wire_u16(body + 10);
    for (; at && left; left--)
        if (!wire_record_read(&wire, &at, &record) || record.type == DNS_TYPE_TSIG) return false;
    return at == len && body[11] != UINT8_MAX;
}

static void take_signed(const uint8_t *body, size_t len, size_t place)
{
    static struct message reply;
    struct reply_story story = plain_story(DNS_TSIG_HMAC_SHA256, &request);
    story.key_name = "key";
    if (len < DNS_HEADER_SIZE || len > BODY_MAX) return;
    reply.len = 0;
    put_bytes(&reply, body, len);
    sign_reply(&reply, &story);
    enum dns_tsig_status status = verify(reply.bytes, reply.len);
    REQUIRE(status == DNS_TSIG_GOOD || !is_whole(body, len));
    if (status != DNS_TSIG_GOOD) return;
    /* The id is restored from the signature; the lowest bit of a letter is not its case. */
    reply.bytes[2 + place % (reply.len - 2)] ^= 1;
    REQUIRE(verify(reply.bytes, reply.len) != DNS_TSIG_GOOD);
}

static void take_cookie(const uint8_t *bytes, size_t len)
{
    struct dns_cookie cookie = {.client = "abcdefgh"};
    uint8_t *copy = mem_copy(bytes, len);
    enum dns_match match = dns_reply_take_cookie(copy, len, &cookie);
    free(copy);
    REQUIRE(match == DNS_MATCH_OK || match == DNS_MATCH_WRONG_COOKIE);
    REQUIRE(cookie.server_len == 0 || (match == DNS_MATCH_OK && cookie.server_len >= 8));
    REQUIRE(cookie.server_len <= DNS_SERVER_COOKIE_MAX && memcmp(cookie.client, "abcdefgh", 8) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prepare();
    if (size < 3) return 0;
    if (data[0] % 2 == 0)
        take_forged(data + 1, size - 1);
    else
        take_signed(data + 3, size - 3, (size_t)data[1] << 8 | data[2]);
    take_cookie(data + 3, size - 3);
    return 0;
}
