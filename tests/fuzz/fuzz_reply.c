/*
 * Replies from whoever answers. The first octet chooses: even, the rest is a reply to a fixed query and is matched;
 * odd, the next two are the qtype and the rest is parsed, its answer checked, and its outcome copied as state would.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"
#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/probe/outcome.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const char *line, size_t len)
{
    int spaces = 0;
    REQUIRE(text_is_printable_ascii(line, len));
    for (size_t i = 0; i < len; i++) {
        if (line[i] != ' ') continue;
        spaces++;
        REQUIRE(i + 1 < len && (spaces > 4 || line[i + 1] != ' '));
    }
    REQUIRE(spaces >= 4);
}

/* Returns the number of lines. */
static size_t check_answer(const struct dns_reply *reply)
{
    size_t lines = 0;
    REQUIRE((reply->answer != NULL) == (reply->answer_len > 0));
    for (uint32_t at = 0; at < reply->answer_len; lines++) {
        const char *end = memchr(reply->answer + at, '\n', reply->answer_len - at);
        REQUIRE(end);
        check_line(reply->answer + at, (size_t)(end - reply->answer) - at);
        at = (uint32_t)(end - reply->answer) + 1;
    }
    REQUIRE(!reply->answer || reply->answer[reply->answer_len] == '\0');
    REQUIRE(reply->answer_cut ? lines < reply->counts[DNS_SECTION_ANSWER] : lines == reply->counts[DNS_SECTION_ANSWER]);
    return lines;
}

static void check_texts(const struct dns_reply *reply)
{
    REQUIRE(reply->ede_count <= DNS_EDE_MAX && reply->nsid_len <= DNS_NSID_MAX);
    REQUIRE((reply->nsid != NULL) == (reply->nsid_len > 0));
    for (size_t i = 0; i < reply->ede_count; i++) {
        REQUIRE(reply->ede[i].text_len <= DNS_EDE_TEXT_MAX);
        REQUIRE((reply->ede[i].text != NULL) == (reply->ede[i].text_len > 0));
    }
}

static void check_copy(const struct dns_reply *reply)
{
    static struct outcome_texts texts;
    static struct outcome kept;
    struct outcome outcome = {.status = OUTCOME_RESPONSE, .reply = *reply};
    outcome_copy(&kept, &texts, &outcome);
    REQUIRE(kept.reply.answer_len <= OUTCOME_KEPT_TEXT);
    REQUIRE(check_answer(&kept.reply) <= OUTCOME_KEPT_RECORDS);
    check_texts(&kept.reply);
    for (size_t i = 0; i < reply->ede_count; i++)
        REQUIRE(!reply->ede[i].text || memcmp(reply->ede[i].text, kept.reply.ede[i].text, reply->ede[i].text_len) == 0);
    REQUIRE(!reply->nsid || memcmp(reply->nsid, kept.reply.nsid, reply->nsid_len) == 0);
}

static void parse(const uint8_t *wire, size_t len, uint16_t qtype)
{
    static struct dns_reader reader;
    struct dns_reply reply;
    bool is_valid = dns_reply_parse(&reader, wire, len, qtype, &reply);
    REQUIRE(reply.rcode <= DNS_RCODE_MAX && reply.opcode <= 15);
    if (!is_valid) {
        REQUIRE(!reply.answer && reply.ede_count == 0 && !reply.nsid && !reply.has_edns && !reply.has_tsig);
        return;
    }
    REQUIRE(reply.answer_len <= DNS_ANSWER_TEXT_MAX);
    REQUIRE(reply.records_of_qtype <= reply.counts[DNS_SECTION_ANSWER]);
    REQUIRE(reply.has_tsig || reply.tsig_error == DNS_TSIG_NONE);
    REQUIRE(!reply.answer_starts_with_soa || (reply.has_question && reply.counts[DNS_SECTION_ANSWER] > 0));
    check_answer(&reply);
    check_texts(&reply);
    check_copy(&reply);
}

static void match(const uint8_t *wire, size_t len)
{
    static struct dns_query query;
    if (query.len == 0) {
        struct dns_question question = {.name = "www.example.com", .type = DNS_TYPE_A, .klass = DNS_CLASS_IN};
        dns_query_build(&question, &query);
    }
    enum dns_match result = dns_reply_match(query.wire, query.len, wire, len);
    REQUIRE(result < DNS_MATCHES);
    if (result == DNS_MATCH_OK) parse(wire, len, DNS_TYPE_A);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3) return 0;
    if (data[0] % 2 == 0)
        match(data + 1, size - 1);
    else
        parse(data + 3, size - 3, (uint16_t)(data[1] << 8 | data[2]));
    return 0;
}
