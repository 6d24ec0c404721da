/* What a supervisor reads, received from a socket of this process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/notify.h"
#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"

/* A supervisor that reads what comes. */
struct reader {
    int fd;
    char name[64];
    char news[8192];
};

static void reader_init(struct reader *reader)
{
    struct sockaddr_un address;
    socklen_t len;
    snprintf(reader->name, sizeof(reader->name), "@dnspolicy-test-%d", (int)getpid());
    assert_true(notify_parse_socket(reader->name, &address, &len));
    reader->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(reader->fd, (struct sockaddr *)&address, len), 0);
}

static const char *read_news(struct reader *reader)
{
    ssize_t len = recv(reader->fd, reader->news, sizeof(reader->news) - 1, MSG_DONTWAIT);
    if (len < 0) return NULL;
    reader->news[len] = '\0';
    return reader->news;
}

static void a_socket_is_a_path_or_an_abstract_name(void **state)
{
    (void)state;
    struct sockaddr_un address;
    socklen_t len;
    assert_true(notify_parse_socket("/run/systemd/notify", &address, &len));
    assert_string_equal(address.sun_path, "/run/systemd/notify");
    assert_int_equal(len, offsetof(struct sockaddr_un, sun_path) + strlen("/run/systemd/notify") + 1);

    assert_true(notify_parse_socket("@abc", &address, &len));
    assert_memory_equal(address.sun_path, "\0abc", 4);
    assert_int_equal(len, offsetof(struct sockaddr_un, sun_path) + 4);
}

static void what_is_no_socket_is_not_taken_for_one(void **state)
{
    (void)state;
    struct sockaddr_un address;
    socklen_t len;
    char long_path[sizeof(address.sun_path) + 1];
    memset(long_path, 'a', sizeof(long_path));
    long_path[0] = '/';
    long_path[sizeof(address.sun_path)] = '\0';
    assert_false(notify_parse_socket(long_path, &address, &len));
    long_path[sizeof(address.sun_path) - 1] = '\0';
    assert_true(notify_parse_socket(long_path, &address, &len));
    static const char *const texts[] = {"", "/", "@", "run/notify", "vsock:2:1234"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) assert_false(notify_parse_socket(texts[i], &address, &len));
}

static void a_watchdog_is_for_the_process_that_it_names(void **state)
{
    (void)state;
    assert_int_equal(notify_parse_watchdog_ns("30000000", "17", 17), 30 * NS_PER_SEC);
    assert_int_equal(notify_parse_watchdog_ns("30000000", NULL, 17), 30 * NS_PER_SEC);
    assert_int_equal(notify_parse_watchdog_ns("30000000", "18", 17), 0);
    assert_int_equal(notify_parse_watchdog_ns("30000000", "17x", 17), 0);
    assert_int_equal(notify_parse_watchdog_ns("30000000", "", 17), 0);
}

static void what_is_no_time_is_no_watchdog(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "0", "-1", "1s", "18446744073709551615", "18446744073709551616"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) assert_int_equal(notify_parse_watchdog_ns(texts[i], NULL, 17), 0);
    assert_int_equal(notify_parse_watchdog_ns(NULL, "17", 17), 0);
}

static void each_piece_of_news_is_one_datagram(void **state)
{
    (void)state;
    struct reader reader;
    struct notify notify;
    reader_init(&reader);
    notify_init(&notify, reader.name);
    notify_ready(&notify, "128 probes");
    notify_reloading(&notify, 1234567890);
    notify_watchdog(&notify);
    notify_stopping(&notify);
    assert_string_equal(read_news(&reader), "READY=1\nSTATUS=128 probes");
    assert_string_equal(read_news(&reader), "RELOADING=1\nMONOTONIC_USEC=1234567\nSTATUS=reloading the configuration");
    assert_string_equal(read_news(&reader), "WATCHDOG=1");
    assert_string_equal(read_news(&reader), "STOPPING=1\nSTATUS=stopping");
    assert_null(read_news(&reader));
    notify_fini(&notify);
    close(reader.fd);
}

/* A file's name is anybody's, and a line more could say STOPPING=1. */
static void a_status_is_one_line_of_clean_text(void **state)
{
    (void)state;
    struct reader reader;
    struct notify notify;
    reader_init(&reader);
    notify_init(&notify, reader.name);
    notify_ready(&notify, "a\nSTOPPING=1\xFF");
    assert_string_equal(read_news(&reader), "READY=1\nSTATUS=a\xEF\xBF\xBDSTOPPING=1\xEF\xBF\xBD");
    notify_fini(&notify);
    close(reader.fd);
}

static void a_long_status_is_cut_between_characters(void **state)
{
    (void)state;
    struct reader reader;
    struct notify notify;
    char status[6001] = "x";
    for (size_t i = 1; i + 2 < sizeof(status); i += 2) memcpy(status + i, "\xC3\xA4", 2);
    reader_init(&reader);
    notify_init(&notify, reader.name);
    notify_ready(&notify, status);
    const char *news = read_news(&reader);
    assert_int_equal(strlen(news), strlen("READY=1\nSTATUS=") + NOTIFY_STATUS_MAX - 1 + strlen("..."));
    assert_string_equal(news + strlen(news) - 5, "\xC3\xA4...");
    notify_fini(&notify);
    close(reader.fd);
}

static void where_nobody_waits_nothing_is_said(void **state)
{
    (void)state;
    static const char *const names[] = {NULL, "", "relative"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct notify notify;
        notify_init(&notify, names[i]);
        assert_int_equal(notify.fd, -1);
        notify_ready(&notify, "unheard");
        assert_false(notify.has_failed);
        notify_fini(&notify);
    }
}

static void a_supervisor_that_is_gone_is_no_trouble_of_ours(void **state)
{
    (void)state;
    struct notify notify;
    notify_init(&notify, "@dnspolicy-test-nobody-is-here");
    notify_watchdog(&notify);
    notify_watchdog(&notify);
    assert_true(notify.has_failed);
    notify_fini(&notify);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_socket_is_a_path_or_an_abstract_name),
        cmocka_unit_test(what_is_no_socket_is_not_taken_for_one),
        cmocka_unit_test(a_watchdog_is_for_the_process_that_it_names),
        cmocka_unit_test(what_is_no_time_is_no_watchdog),
        cmocka_unit_test(each_piece_of_news_is_one_datagram),
        cmocka_unit_test(a_status_is_one_line_of_clean_text),
        cmocka_unit_test(a_long_status_is_cut_between_characters),
        cmocka_unit_test(where_nobody_waits_nothing_is_said),
        cmocka_unit_test(a_supervisor_that_is_gone_is_no_trouble_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
