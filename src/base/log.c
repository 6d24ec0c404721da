/*
 * Decides how a log line looks, and what becomes of it when nobody reads. Whatever a value holds, it stays one line of
 * valid UTF-8 in which no key can be forged. Knows no file and no rotation: stderr belongs to the supervisor.
 */
#include "dnspolicy/base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/base/text.h"

static _Atomic int least_level = LOG_LEVEL_INFO;
static _Atomic int line_format = LOG_FORMAT_LOGFMT;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_setup(enum log_level least, enum log_format format)
{
    atomic_store(&least_level, (int)least);
    atomic_store(&line_format, (int)format);
}

bool log_wants(enum log_level level) { return (int)level >= atomic_load_explicit(&least_level, memory_order_relaxed); }

static void add_escaped_ascii(struct strbuf *line, char c)
{
    if (c == '"' || c == '\\')
        strbuf_addf(line, "\\%c", c);
    else if (c == '\n')
        strbuf_puts(line, "\\n");
    else if (c == '\r')
        strbuf_puts(line, "\\r");
    else if (c == '\t')
        strbuf_puts(line, "\\t");
    else if (c < ' ' || c == 0x7F)
        strbuf_addf(line, "\\u%04x", (unsigned)c);
    else
        strbuf_putc(line, c);
}

/* The escapes of JSON strings, which are those of logfmt as well. */
static void add_quoted(struct strbuf *line, const char *text)
{
    strbuf_putc(line, '"');
    while (*text) {
        size_t wide = 0;
        while ((uint8_t)text[wide] >= 0x80) wide++;
        if (wide)
            text_add_clean(line, text, wide);
        else
            add_escaped_ascii(line, *text);
        text += wide ? wide : 1;
    }
    strbuf_putc(line, '"');
}

static bool needs_quotes(const char *text)
{
    size_t len = 0;
    for (; text[len]; len++)
        if (text[len] == ' ' || text[len] == '=' || text[len] == '"') return true;
    return len == 0 || !text_is_printable_ascii(text, len);
}

static void add_pair(struct strbuf *line, enum log_format format, const char *key, const char *value)
{
    bool json = format == LOG_FORMAT_JSON;
    if (json) {
        strbuf_putc(line, line->len ? ',' : '{');
        add_quoted(line, key);
        strbuf_putc(line, ':');
        add_quoted(line, value);
        return;
    }
    if (line->len) strbuf_putc(line, ' ');
    strbuf_puts(line, key);
    strbuf_putc(line, '=');
    if (needs_quotes(value))
        add_quoted(line, value);
    else
        strbuf_puts(line, value);
}

/* ---- stderr ---- */

/* A reader that is busy gets this long to make room. One that is stuck costs it once: lines are lost until there is
 * room. */
#define PATIENCE_MS 100

/* One writer at a time, so that lines do not mix. */
static struct {
    pthread_mutex_t lock;
    bool is_stuck;
    bool is_cut; /* the last line lacks its end */
    uint64_t lost;
} output = {.lock = PTHREAD_MUTEX_INITIALIZER};

/*
 * O_NONBLOCK would change the supervisor's end and whoever else has this stderr. But a pipe or socket that is ready
 * takes PIPE_BUF bytes without blocking, unless another process is quicker.
 */
static bool has_room(void)
{
    struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
    int count;
    do count = poll(&room, 1, output.is_stuck ? 0 : PATIENCE_MS);
    while (count < 0 && errno == EINTR);
    output.is_stuck = count == 0;
    return !output.is_stuck;
}

/* What was written. An error ends it: there is nowhere to tell. */
static size_t write_some(const char *bytes, size_t len)
{
    size_t done = 0;
    while (done < len && has_room()) {
        size_t piece = len - done < PIPE_BUF ? len - done : PIPE_BUF;
        ssize_t written = write(STDERR_FILENO, bytes + done, piece);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        done += (size_t)written;
    }
    return done;
}

static bool write_line(struct strbuf *line)
{
    strbuf_putc(line, '\n');
    if (output.is_cut && write_some("\n", 1) != 1) return false;
    size_t written = write_some(line->data, line->len);
    output.is_cut = written && written < line->len;
    return written == line->len;
}

/* ---- a line ---- */

static void begin_line(struct strbuf *line, enum log_format format, enum log_level level, const char *message)
{
    char now[CLOCK_TEXT_SIZE];
    clock_format(clock_wall_ns(), now);
    add_pair(line, format, "ts", now);
    add_pair(line, format, "level", level_names[level]);
    add_pair(line, format, "msg", message);
}

static void end_line(struct strbuf *line, enum log_format format)
{
    if (format == LOG_FORMAT_JSON) strbuf_putc(line, '}');
}

static void tell_lost(enum log_format format)
{
    if (!output.lost) return;
    AUTO(strbuf_fini) struct strbuf line = {0};
    char count[24];
    snprintf(count, sizeof(count), "%" PRIu64, output.lost);
    begin_line(&line, format, LOG_LEVEL_WARN, "log lines were lost, nobody read them");
    add_pair(&line, format, "lines", count);
    end_line(&line, format);
    if (write_line(&line)) output.lost = 0;
}

void log_event(enum log_level level, const char *message, ...)
{
    if (!log_wants(level)) return;
    int saved_errno = errno;
    enum log_format format = (enum log_format)atomic_load_explicit(&line_format, memory_order_relaxed);
    AUTO(strbuf_fini) struct strbuf line = {0};
    begin_line(&line, format, level, message);
    va_list pairs;
    va_start(pairs, message);
    for (const char *key; (key = va_arg(pairs, const char *));) {
        const char *value = va_arg(pairs, const char *);
        if (value) add_pair(&line, format, key, value);
    }
    va_end(pairs);
    end_line(&line, format);

    pthread_mutex_lock(&output.lock);
    tell_lost(format);
    if (!write_line(&line)) output.lost++;
    pthread_mutex_unlock(&output.lock);
    errno = saved_errno;
}

void log_lines(enum log_level level, const char *lines)
{
    AUTO(mem_free_ptr) char *copy = mem_strdup(lines);
    char *rest = copy;
    for (char *line; (line = strsep(&rest, "\n"));)
        if (*line) log_event(level, line, NULL);
}
