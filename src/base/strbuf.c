/* Decides how text grows and how numbers are written. Knows nothing of what the text is for. */
#include "dnspolicy/base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"

void strbuf_fini(struct strbuf *buf)
{
    free(buf->data);
    *buf = (struct strbuf){0};
}

void strbuf_reserve(struct strbuf *buf, size_t more)
{
    if (more < buf->capacity - buf->len) return;
    REQUIRE(more < SIZE_MAX / 2 - buf->len - 1);
    size_t needed = buf->len + more + 1;
    size_t capacity = buf->capacity ? buf->capacity : 64;
    while (capacity < needed) capacity *= 2;
    buf->data = mem_resize(buf->data, capacity, 1);
    buf->capacity = capacity;
    buf->data[buf->len] = '\0';
}

void strbuf_addv(struct strbuf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t room = buf->capacity - buf->len;
    int len = vsnprintf(room ? buf->data + buf->len : NULL, room, format, args);
    if (len < 0) PANIC("cannot format text: %s", format);
    if ((size_t)len >= room) {
        strbuf_reserve(buf, (size_t)len);
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
    }
    va_end(again);
    buf->len += (size_t)len;
}

void strbuf_addf(struct strbuf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_addv(buf, format, args);
    va_end(args);
}

void strbuf_add_u64(struct strbuf *buf, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    strbuf_add(buf, digits + at, sizeof(digits) - at);
}

void strbuf_add_seconds(struct strbuf *buf, int64_t ns)
{
    uint64_t size_ns = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
    uint64_t rest_ns = size_ns % NS_PER_SEC;
    if (ns < 0) strbuf_putc(buf, '-');
    strbuf_add_u64(buf, size_ns / NS_PER_SEC);
    if (!rest_ns) return;

    char decimals[10] = ".";
    size_t len = 1;
    for (size_t at = 9; at > 0; at--) {
        decimals[at] = (char)('0' + rest_ns % 10);
        if (len == 1 && decimals[at] != '0') len = at + 1;
        rest_ns /= 10;
    }
    strbuf_add(buf, decimals, len);
}

void strbuf_add_hex(struct strbuf *buf, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i++) {
        strbuf_putc(buf, digits[at[i] >> 4]);
        strbuf_putc(buf, digits[at[i] & 15]);
    }
}

char *strbuf_steal(struct strbuf *buf)
{
    char *text = buf->data ? buf->data : mem_strdup("");
    *buf = (struct strbuf){0};
    return text;
}
