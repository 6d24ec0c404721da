/* Who has to go, told with sockets of the loopback interface and a time that is handed in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/web/web.h"
#include "web/limits.h"
#include "web/listen.h"

#define START (1000 * NS_PER_SEC)
#define SECONDS(n) ((n)*NS_PER_SEC)

static const int front = 1;

/* Both ends of a TCP connection; only the kernel's own counts of bytes will do. */
struct pair {
    int server, client;
};

static struct pair connect_pair(void)
{
    struct listeners listeners;
    char *error = NULL;
    struct pair pair;
    struct sockaddr_storage name;
    socklen_t len = sizeof(name);
    assert_true(listeners_open(&listeners, (const char *const[]){"127.0.0.1:0", NULL}, &error));
    assert_int_equal(getsockname(listeners.items[0].fd, (struct sockaddr *)&name, &len), 0);
    pair.client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(pair.client, (struct sockaddr *)&name, len), 0);
    pair.server = accept(listeners.items[0].fd, NULL, NULL);
    assert_true(pair.server >= 0);
    listeners_close(&listeners);
    return pair;
}

static void close_pair(struct pair *pair)
{
    close(pair->server);
    close(pair->client);
}

static bool is_ended_now(const struct pair *pair)
{
    char byte;
    return recv(pair->client, &byte, 1, MSG_DONTWAIT) == 0;
}

/* The kernel may take a moment to carry the news, even to itself. */
static void assert_ended(const struct pair *pair)
{
    struct pollfd wait = {.fd = pair->client, .events = POLLIN};
    assert_int_equal(poll(&wait, 1, 5000), 1);
    assert_true(is_ended_now(pair));
}

/* Returns when they are there. */
static void send_bytes(const struct pair *pair, const char *bytes, size_t len)
{
    char received[64];
    assert_int_equal(send(pair->client, bytes, len, 0), len);
    assert_int_equal(recv(pair->server, received, len, MSG_WAITALL), len);
}

static struct addr address_of(const char *text)
{
    struct addr address;
    assert_true(addr_parse(text, &address));
    return address;
}

static struct visit *let_in(struct limits *limits, int fd, const char *from, uint64_t now_mono_ns)
{
    struct addr address = address_of(from);
    assert_true(limits_admit(limits, &front, fd, &address, now_mono_ns));
    return limits_started(limits, &front, fd, now_mono_ns);
}

static void a_connection_may_idle_for_half_a_minute(void **state)
{
    (void)state;
    AUTO(limits_fini) struct limits limits;
    AUTO(close_pair) struct pair pair = connect_pair();
    limits_init(&limits);
    let_in(&limits, pair.server, "127.0.0.1", START);
    limits_sweep(&limits, START + SECONDS(WEB_IDLE_TIMEOUT_S));
    assert_false(is_ended_now(&pair));
    limits_sweep(&limits, START + SECONDS(WEB_IDLE_TIMEOUT_S) + 1);
    assert_ended(&pair);
}

static void a_header_that_comes_byte_by_byte_has_ten_seconds(void **state)
{
    (void)state;
    AUTO(limits_fini) struct limits limits;
    AUTO(close_pair) struct pair pair = connect_pair();
    limits_init(&limits);
    let_in(&limits, pair.server, "127.0.0.1", START);
    for (unsigned i = 0; i <= WEB_REQUEST_TIMEOUT_S; i++) {
        send_bytes(&pair, "G", 1);
        limits_sweep(&limits, START + SECONDS(i));
        assert_false(is_ended_now(&pair));
    }
    limits_sweep(&limits, START + SECONDS(WEB_REQUEST_TIMEOUT_S) + 1);
    assert_ended(&pair);
}

static void who_has_left_in_the_middle_of_a_request_is_not_waited_for(void **state)
{
    (void)state;
    AUTO(limits_fini) struct limits limits;
    AUTO(close_pair) struct pair pair = connect_pair();
    limits_init(&limits);
    struct visit *visit = let_in(&limits, pair.server, "127.0.0.1", START);
    send_bytes(&pair, "G", 1);
    shutdown(pair.client, SHUT_WR);
    struct pollfd wait = {.fd = pair.server, .events = POLLRDHUP};
    assert_int_equal(poll(&wait, 1, 5000), 1);
    limits_busy(&limits, visit, START); /* an answer may still be wanted */
    limits_sweep(&limits, START + SECONDS(1));
    limits_sweep(&limits, START + SECONDS(2));
    assert_false(is_ended_now(&pair));
    limits_idle(&limits, visit, START + SECONDS(3));
    limits_sweep(&limits, START + SECONDS(4));
    assert_false(is_ended_now(&pair));
    limits_sweep(&limits, START + SECONDS(5));
    assert_ended(&pair);
}

static void the_bytes_of_the_last_request_are_not_the_next_ones(void **state)
{
    (void)state;
    AUTO(limits_fini) struct limits limits;
    AUTO(close_pair) struct pair pair = connect_pair();
    limits_init(&limits);
    struct visit *visit = let_in(&limits, pair.server, "127.0.0.1", START);
    send_bytes(&pair, "GET / HTTP/1.1\r\n\r\n", 18);
    limits_busy(&limits, visit, START);
    limits_idle(&limits, visit, START);
    for (unsigned i = 0; i <= WEB_IDLE_TIMEOUT_S; i++) limits_sweep(&limits, START + SECONDS(i));
    assert_false(is_ended_now(&pair));
    limits_sweep(&limits, START + SECONDS(WEB_IDLE_TIMEOUT_S + 1));
    assert_ended(&pair);
}

static void an_answer_has_a_minute(void **state)
{
    (void)state;
    AUTO(limits_fini) struct limits limits;
    AUTO(close_pair) struct pair pair = connect_pair();
    limits_init(&limits);
    struct visit *visit = let_in(&limits, pair.server, "127.0.0.1", START);
    limits_busy(&limits, visit, START);
    limits_sweep(&limits, START + SECONDS(WEB_RESPONSE_TIMEOUT_S));
    assert_false(is_ended_now(&pair));
    limits_sweep(&limits, START + SECONDS(WEB_RESPONSE_TIMEOUT_S) + 1);
    assert_ended(&pair);
}

/* These have numbers for descriptors that no process has, so that nothing can be shut. */
static const int no_descriptor = 1000000;

static void one_address_has_a_quarter_of_the_connections(void **state)
{
    (void)state;
    AUTO(limits_fini) struct limits limits;
    limits_init(&limits);
    struct visit *visit = NULL;
    for (int i = 0; i < WEB_CONNECTIONS_PER_ADDRESS; i++)
        visit = let_in(&limits, no_descriptor + i, "192.0.2.1", START);
    struct addr greedy = address_of("192.0.2.1"), other = address_of("192.0.2.2");
    assert_false(limits_admit(&limits, &front, no_descriptor + 500, &greedy, START));
    assert_true(limits_admit(&limits, &front, no_descriptor + 501, &other, START));
    limits_ended(&limits, visit);
    assert_true(limits_admit(&limits, &front, no_descriptor + 502, &greedy, START));
}

static void an_ipv6_host_counts_with_all_of_its_network(void **state)
{
    (void)state;
    AUTO(limits_fini) struct limits limits;
    limits_init(&limits);
    for (int i = 0; i < WEB_CONNECTIONS_PER_ADDRESS; i++) {
        char text[32];
        snprintf(text, sizeof(text), "2001:db8::%x", i + 1);
        let_in(&limits, no_descriptor + i, text, START);
    }
    struct addr same = address_of("2001:db8::ffff"), other = address_of("2001:db8:0:1::1");
    assert_false(limits_admit(&limits, &front, no_descriptor + 500, &same, START));
    assert_true(limits_admit(&limits, &front, no_descriptor + 501, &other, START));
}

static void fill(struct limits *limits, const struct pair *oldest, bool are_busy, uint64_t now_mono_ns)
{
    for (int i = 0; i < WEB_CONNECTIONS_MAX; i++) {
        char text[32];
        snprintf(text, sizeof(text), "192.0.2.%d", i % 250);
        struct visit *visit =
            let_in(limits, i == 0 ? oldest->server : no_descriptor + i, text, now_mono_ns + (unsigned)i);
        if (are_busy) limits_busy(limits, visit, now_mono_ns + (unsigned)i);
    }
}

static void in_a_full_house_the_longest_idle_goes(void **state)
{
    (void)state;
    AUTO(limits_fini) struct limits limits;
    AUTO(close_pair) struct pair oldest = connect_pair();
    limits_init(&limits);
    fill(&limits, &oldest, false, START);
    struct addr scraper = address_of("198.51.100.1");
    assert_true(limits_admit(&limits, &front, no_descriptor + 900, &scraper, START + SECONDS(1)));
    assert_ended(&oldest);
}

static void in_a_house_full_of_slow_readers_the_slowest_goes(void **state)
{
    (void)state;
    AUTO(limits_fini) struct limits limits;
    AUTO(close_pair) struct pair oldest = connect_pair();
    limits_init(&limits);
    fill(&limits, &oldest, true, START);
    struct addr scraper = address_of("198.51.100.1");
    assert_false(limits_admit(&limits, &front, no_descriptor + 900, &scraper, START + SECONDS(1)));
    assert_false(is_ended_now(&oldest));
    assert_true(limits_admit(&limits, &front, no_descriptor + 901, &scraper, START + SECONDS(6)));
    assert_ended(&oldest);
}

static void a_connection_that_the_library_never_told_of_is_forgotten_untouched(void **state)
{
    (void)state;
    AUTO(limits_fini) struct limits limits;
    AUTO(close_pair) struct pair pair = connect_pair();
    limits_init(&limits);
    struct addr address = address_of("127.0.0.1");
    assert_true(limits_admit(&limits, &front, pair.server, &address, START));
    limits_sweep(&limits, START + SECONDS(10));
    assert_int_equal(limits_count(&limits, &front), 1);
    limits_sweep(&limits, START + SECONDS(11));
    assert_int_equal(limits_count(&limits, &front), 0);
    assert_false(is_ended_now(&pair)); /* the number may be another file's by now */
}

static void of_a_draining_front_only_those_without_a_request_go(void **state)
{
    (void)state;
    AUTO(limits_fini) struct limits limits;
    AUTO(close_pair) struct pair idle = connect_pair();
    AUTO(close_pair) struct pair busy = connect_pair();
    AUTO(close_pair) struct pair asking = connect_pair();
    limits_init(&limits);
    let_in(&limits, idle.server, "127.0.0.1", START);
    limits_busy(&limits, let_in(&limits, busy.server, "127.0.0.1", START), START);
    let_in(&limits, asking.server, "127.0.0.1", START);
    send_bytes(&asking, "G", 1);
    limits_shut_idle(&limits, &front, START + SECONDS(2));
    assert_ended(&idle);
    assert_false(is_ended_now(&busy));
    assert_false(is_ended_now(&asking));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_may_idle_for_half_a_minute),
        cmocka_unit_test(a_header_that_comes_byte_by_byte_has_ten_seconds),
        cmocka_unit_test(who_has_left_in_the_middle_of_a_request_is_not_waited_for),
        cmocka_unit_test(the_bytes_of_the_last_request_are_not_the_next_ones),
        cmocka_unit_test(an_answer_has_a_minute),
        cmocka_unit_test(one_address_has_a_quarter_of_the_connections),
        cmocka_unit_test(an_ipv6_host_counts_with_all_of_its_network),
        cmocka_unit_test(in_a_full_house_the_longest_idle_goes),
        cmocka_unit_test(in_a_house_full_of_slow_readers_the_slowest_goes),
        cmocka_unit_test(a_connection_that_the_library_never_told_of_is_forgotten_untouched),
        cmocka_unit_test(of_a_draining_front_only_those_without_a_request_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
