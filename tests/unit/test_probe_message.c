/* What an attempt's message is made of, and that composing it twice makes the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/dns/numbers.h"
#include "probe/lane.h"

/* One probe on one lane, without a network. */
struct story {
    struct config_client client;
    struct config_resolver resolver;
    struct plan_query query;
    struct plan_probe probe;
    struct plan plan;
    struct layout layout;
    struct task task;
    struct run run;
    struct lane lane;
};

static struct addr address(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, &addr));
    return addr;
}

static struct story *story_new(bool with_cookie)
{
    struct story *story = mem_alloc(sizeof(*story));
    struct dns_question question = {.name = "{random}.probe.example.",
                                    .type = DNS_TYPE_A,
                                    .klass = 1,
                                    .edns = true,
                                    .bufsize = 1232,
                                    .cookie = with_cookie};
    dns_query_build(&question, &story->query.wire);
    story->resolver = (struct config_resolver){.address = address("192.0.2.53")};
    story->probe = (struct plan_probe){
        .client = &story->client, .resolver = &story->resolver, .query = &story->query, .port = 5300};
    story->plan = (struct plan){.probes = &story->probe, .probe_count = 1};
    story->layout = (struct layout){.plan = &story->plan};
    story->lane.layout = &story->layout;
    story->lane.now_mono_ns = 1;
    story->run =
        (struct run){.task = &story->task, .transport = &transport_udp, .facts = {.query = &story->query.wire}};
    message_begin(&story->lane, &story->run);
    message_prepare(&story->lane, &story->run);
    return story;
}

static void story_free(struct story **story) { free(*story); }

static void claim(struct story *story, const struct addr *client)
{
    story->resolver.proxy = true;
    story->probe.claimed = client;
    message_prepare(&story->lane, &story->run);
}

static void the_same_run_gives_the_same_bytes(void **state)
{
    (void)state;
    static const uint8_t secret[32] = {1, 2, 3};
    AUTO(story_free) struct story *story = story_new(true);
    struct config_key key = {.tsig = dns_tsig_key_new("office.", DNS_TSIG_HMAC_SHA256, secret, sizeof(secret))};
    story->client.key = &key;
    uint8_t first[MESSAGE_SIZE];
    size_t len = message_compose(&story->lane, &story->run);
    struct dns_tsig_mac mac = story->run.facts.mac;
    assert_int_equal(mac.len, 32);
    memcpy(first, story->lane.message, sizeof(first));
    memset(story->lane.message, 0xee, MESSAGE_QUERY_AT + len);
    assert_int_equal(message_compose(&story->lane, &story->run), len);
    assert_memory_equal(first + MESSAGE_QUERY_AT - 2, story->lane.message + MESSAGE_QUERY_AT - 2, len + 2);
    assert_memory_equal(&mac, &story->run.facts.mac, sizeof(mac));
    dns_tsig_key_free(key.tsig);
}

static void the_length_stands_before_the_query(void **state)
{
    (void)state;
    AUTO(story_free) struct story *story = story_new(false);
    size_t len = message_compose(&story->lane, &story->run);
    assert_int_equal(story->lane.message[MESSAGE_QUERY_AT - 2] << 8 | story->lane.message[MESSAGE_QUERY_AT - 1], len);
}

static void another_attempt_has_another_id_and_label_but_the_same_cookie(void **state)
{
    (void)state;
    AUTO(story_free) struct story *story = story_new(true);
    struct dns_stamp stamp = story->run.outcome.stamp;
    struct dns_cookie cookie = story->run.facts.cookie;
    message_prepare(&story->lane, &story->run);
    assert_memory_not_equal(&stamp, &story->run.outcome.stamp, sizeof(stamp));
    assert_memory_equal(&cookie, &story->run.facts.cookie, sizeof(cookie));
}

static void another_run_has_another_cookie(void **state)
{
    (void)state;
    AUTO(story_free) struct story *story = story_new(true);
    struct dns_cookie cookie = story->run.facts.cookie;
    message_begin(&story->lane, &story->run);
    assert_memory_not_equal(cookie.client, story->run.facts.cookie.client, sizeof(cookie.client));
}

static void a_claimed_port_is_one_that_a_client_may_have(void **state)
{
    (void)state;
    AUTO(story_free) struct story *story = story_new(false);
    struct addr client = address("10.20.5.18");
    assert_int_equal(story->run.outcome.claimed_port, 0);
    for (int i = 0; i < 1000; i++) {
        claim(story, &client);
        assert_true(story->run.outcome.claimed_port >= 1024);
    }
}

static void a_connection_goes_on_with_the_port_that_it_claimed(void **state)
{
    (void)state;
    AUTO(story_free) struct story *story = story_new(false);
    struct addr client = address("10.20.5.18");
    struct channel channel = {0};
    claim(story, &client);
    uint16_t port = story->run.facts.claimed_port;
    story->run.channel = &channel;
    for (int i = 0; i < 10; i++) message_prepare(&story->lane, &story->run);
    assert_int_equal(story->run.outcome.claimed_port, port);
}

static void the_header_claims_the_client_and_its_port(void **state)
{
    (void)state;
    AUTO(story_free) struct story *story = story_new(false);
    struct addr client = address("10.20.5.18");
    uint8_t header[PROXY_HEADER_MAX];
    assert_int_equal(message_proxy_header(&story->lane, &story->run, header), 0);
    claim(story, &client);
    assert_int_equal(message_proxy_header(&story->lane, &story->run, header), 28);
    assert_int_equal(header[12], 0x21); /* version 2, PROXY */
    assert_int_equal(header[13], 0x12); /* IPv4, datagram */
    assert_memory_equal(header + 16, client.bytes, 4);
    assert_memory_equal(header + 20, story->resolver.address.bytes, 4);
    assert_int_equal(header[24] << 8 | header[25], story->run.outcome.claimed_port);
    assert_int_equal(header[26] << 8 | header[27], 5300);
    story->run.transport = &transport_tcp;
    message_proxy_header(&story->lane, &story->run, header);
    assert_int_equal(header[13], 0x11);
}

static void who_claims_nothing_speaks_for_itself(void **state)
{
    (void)state;
    AUTO(story_free) struct story *story = story_new(false);
    uint8_t header[PROXY_HEADER_MAX];
    claim(story, NULL);
    assert_true(message_proxy_header(&story->lane, &story->run, header) >= 16);
    assert_int_equal(header[12], 0x20); /* LOCAL */
    assert_int_equal(story->run.outcome.claimed_port, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_run_gives_the_same_bytes),
        cmocka_unit_test(the_length_stands_before_the_query),
        cmocka_unit_test(another_attempt_has_another_id_and_label_but_the_same_cookie),
        cmocka_unit_test(another_run_has_another_cookie),
        cmocka_unit_test(a_claimed_port_is_one_that_a_client_may_have),
        cmocka_unit_test(a_connection_goes_on_with_the_port_that_it_claimed),
        cmocka_unit_test(the_header_claims_the_client_and_its_port),
        cmocka_unit_test(who_claims_nothing_speaks_for_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
