/* Log lines, as they arrive at the other end of stderr. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <string.h>
#include <unistd.h>

#include "dnspolicy/base/log.h"
#include "dnspolicy/base/mem.h"

#define FFFD "\xEF\xBF\xBD"

static int pipe_fds[2];
static int real_stderr;

/* A pipe of packets: each read gives back exactly one write. */
static void capture_start(void)
{
    assert_int_equal(pipe2(pipe_fds, O_NONBLOCK | O_DIRECT), 0);
    real_stderr = dup(STDERR_FILENO);
    assert_int_equal(dup2(pipe_fds[1], STDERR_FILENO), STDERR_FILENO);
}

/* Whether there was anything; at most one write may have been made. */
static bool capture_end(char *line, size_t size)
{
    assert_int_equal(dup2(real_stderr, STDERR_FILENO), STDERR_FILENO);
    ssize_t len = read(pipe_fds[0], line, size - 1);
    char more;
    assert_int_equal(read(pipe_fds[0], &more, 1), -1);
    close(real_stderr);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    line[len > 0 ? len : 0] = '\0';
    return len > 0;
}

#define CAPTURED(line, ...) (capture_start(), log_event(__VA_ARGS__), capture_end(line, sizeof(line)))

/* The time is checked by its form, the rest by its text. */
static void assert_line(const char *line, const char *time_pattern, const char *rest)
{
    regex_t pattern;
    regmatch_t match;
    assert_int_equal(regcomp(&pattern, time_pattern, REG_EXTENDED), 0);
    if (regexec(&pattern, line, 1, &match, 0) != 0) fail_msg("no time in: %s", line);
    regfree(&pattern);
    assert_string_equal(line + match.rm_eo, rest);
}
#define RFC3339_MS "20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9]{3}Z"

static void assert_logfmt(const char *line, const char *rest) { assert_line(line, "^ts=" RFC3339_MS " ", rest); }
static void assert_json(const char *line, const char *rest)
{
    assert_line(line, "^\\{\"ts\":\"" RFC3339_MS "\",", rest);
}

static void logfmt_quotes_only_where_needed(void **state)
{
    (void)state;
    char line[1000];
    log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_LOGFMT);
    assert_true(CAPTURED(line, LOG_LEVEL_INFO, "reload done", "file", "/etc/a.yml", "address", "[::1]:53", "empty", "",
                         "path", "C:\\x", "equation", "a=b", "quote", "say \"hi\" \\o/", NULL));
    assert_logfmt(line, "level=info msg=\"reload done\" file=/etc/a.yml address=[::1]:53 empty=\"\" path=C:\\x "
                        "equation=\"a=b\" quote=\"say \\\"hi\\\" \\\\o/\"\n");
    assert_true(CAPTURED(line, LOG_LEVEL_ERROR, "stopped", NULL));
    assert_logfmt(line, "level=error msg=stopped\n");
}

static void json_quotes_everything(void **state)
{
    (void)state;
    char line[1000];
    log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_JSON);
    assert_true(
        CAPTURED(line, LOG_LEVEL_WARN, "say \"hi\"", "path", "C:\\x", "tab", "a\tb", "bell", "\a", "n", "5", NULL));
    assert_json(line, "\"level\":\"warn\",\"msg\":\"say \\\"hi\\\"\",\"path\":\"C:\\\\x\",\"tab\":\"a\\tb\","
                      "\"bell\":\"\\u0007\",\"n\":\"5\"}\n");
}

static void a_newline_cannot_forge_a_line(void **state)
{
    (void)state;
    char line[1000];
    const char *forged = "x\nts=2026-01-01T00:00:00.000Z level=error msg=forged\r\x1B[2J\x7F";
    log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_LOGFMT);
    assert_true(CAPTURED(line, LOG_LEVEL_INFO, "seen", "text", forged, NULL));
    assert_logfmt(line, "level=info msg=seen text=\"x\\nts=2026-01-01T00:00:00.000Z level=error msg=forged\\r"
                        "\\u001b[2J\\u007f\"\n");
    log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_JSON);
    assert_true(CAPTURED(line, LOG_LEVEL_INFO, "a\nb", NULL));
    assert_json(line, "\"level\":\"info\",\"msg\":\"a\\nb\"}\n");
}

static void invalid_utf8_is_replaced_and_valid_utf8_kept(void **state)
{
    (void)state;
    char line[1000];
    const char *text = "\xC3\xA4\xFF"
                       "b\xE2\x82"
                       "c\xED\xA0\x80\xC2\x85";
    const char *clean = "\xC3\xA4" FFFD "b" FFFD "c" FFFD FFFD FFFD FFFD;
    AUTO(mem_free_ptr) char *logfmt = mem_printf("level=info msg=seen text=\"%s\"\n", clean);
    AUTO(mem_free_ptr) char *json = mem_printf("\"level\":\"info\",\"msg\":\"seen\",\"text\":\"%s\"}\n", clean);
    log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_LOGFMT);
    assert_true(CAPTURED(line, LOG_LEVEL_INFO, "seen", "text", text, NULL));
    assert_logfmt(line, logfmt);
    log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_JSON);
    assert_true(CAPTURED(line, LOG_LEVEL_INFO, "seen", "text", text, NULL));
    assert_json(line, json);
}

static void a_pair_without_value_is_left_out(void **state)
{
    (void)state;
    char line[1000];
    const char *none = NULL;
    log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_LOGFMT);
    assert_true(CAPTURED(line, LOG_LEVEL_INFO, "m", "a", none, "b", "2", "c", none, NULL));
    assert_logfmt(line, "level=info msg=m b=2\n");
    log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_JSON);
    assert_true(CAPTURED(line, LOG_LEVEL_INFO, "m", "a", none, "b", "2", "c", none, NULL));
    assert_json(line, "\"level\":\"info\",\"msg\":\"m\",\"b\":\"2\"}\n");
}

static void what_is_below_the_level_is_not_written(void **state)
{
    (void)state;
    char line[1000];
    log_setup(LOG_LEVEL_WARN, LOG_FORMAT_LOGFMT);
    assert_false(log_wants(LOG_LEVEL_DEBUG));
    assert_false(log_wants(LOG_LEVEL_INFO));
    assert_true(log_wants(LOG_LEVEL_WARN));
    assert_true(log_wants(LOG_LEVEL_ERROR));
    assert_false(CAPTURED(line, LOG_LEVEL_INFO, "quiet", NULL));
    assert_true(CAPTURED(line, LOG_LEVEL_WARN, "loud", NULL));
    log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_LOGFMT);
    assert_true(CAPTURED(line, LOG_LEVEL_DEBUG, "quiet", NULL));
    assert_logfmt(line, "level=debug msg=quiet\n");
}

static void each_line_of_a_text_is_an_event(void **state)
{
    (void)state;
    char text[1000];
    log_setup(LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);
    capture_start();
    log_lines(LOG_LEVEL_ERROR, "a.yml:1:2: wrong\n\na.yml:3:4: wrong too\n");
    ssize_t len = read(pipe_fds[0], text, sizeof(text) - 1);
    assert_true(len > 0);
    text[len] = '\0';
    assert_logfmt(text, "level=error msg=\"a.yml:1:2: wrong\"\n");
    assert_true(capture_end(text, sizeof(text)));
    assert_logfmt(text, "level=error msg=\"a.yml:3:4: wrong too\"\n");
}

/* As the supervisor's end: whoever writes to it when it is full waits. */
static void fill(int pipe_fd)
{
    char page[4096] = {0};
    while (write(pipe_fd, page, sizeof(page)) > 0) continue;
    assert_int_equal(fcntl(pipe_fd, F_SETFL, O_DIRECT), 0);
}

static void drain(int pipe_fd)
{
    char page[4096];
    while (read(pipe_fd, page, sizeof(page)) > 0) continue;
}

static void lines_that_nobody_reads_are_lost_and_counted(void **state)
{
    (void)state;
    char text[2000];
    log_setup(LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);
    capture_start();
    fill(pipe_fds[1]);
    for (int i = 0; i < 1000; i++) log_event(LOG_LEVEL_INFO, "lost", NULL);
    drain(pipe_fds[0]);
    log_event(LOG_LEVEL_INFO, "read", NULL);
    ssize_t len = read(pipe_fds[0], text, sizeof(text) - 1);
    assert_true(len > 0);
    text[len] = '\0';
    assert_logfmt(text, "level=warn msg=\"log lines were lost, nobody read them\" lines=1000\n");
    assert_true(capture_end(text, sizeof(text)));
    assert_logfmt(text, "level=info msg=read\n");
    assert_true(CAPTURED(text, LOG_LEVEL_INFO, "again", NULL));
    assert_logfmt(text, "level=info msg=again\n");
}

static void errno_outlives_a_log_line_that_nobody_takes(void **state)
{
    (void)state;
    log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_LOGFMT);
    int saved = dup(STDERR_FILENO);
    close(STDERR_FILENO);
    errno = ENOENT;
    log_event(LOG_LEVEL_INFO, "lost", NULL);
    int after = errno;
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    close(saved);
    assert_int_equal(after, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logfmt_quotes_only_where_needed),
        cmocka_unit_test(json_quotes_everything),
        cmocka_unit_test(a_newline_cannot_forge_a_line),
        cmocka_unit_test(invalid_utf8_is_replaced_and_valid_utf8_kept),
        cmocka_unit_test(a_pair_without_value_is_left_out),
        cmocka_unit_test(what_is_below_the_level_is_not_written),
        cmocka_unit_test(each_line_of_a_text_is_an_event),
        cmocka_unit_test(lines_that_nobody_reads_are_lost_and_counted),
        cmocka_unit_test(errno_outlives_a_log_line_that_nobody_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
