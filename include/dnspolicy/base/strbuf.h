/*
 * A growing byte string, always NUL-terminated (the NUL is not counted in len). One owner, no locking.
 * Appending to it is the one way in which this tree builds text.
 */
#ifndef DNSPOLICY_BASE_STRBUF_H
#define DNSPOLICY_BASE_STRBUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct strbuf {
    char *data; /* NULL until the first append; strbuf_text() never is */
    size_t len;
    size_t capacity;
};

void strbuf_fini(struct strbuf *buf); /* for AUTO; leaves an empty buffer */
void strbuf_reserve(struct strbuf *buf, size_t more);
void strbuf_addf(struct strbuf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_addv(struct strbuf *buf, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
void strbuf_add_u64(struct strbuf *buf, uint64_t value);
/* Seconds with nine decimals at most, trailing zeros cut: 1500000 ns gives "0.0015". */
void strbuf_add_seconds(struct strbuf *buf, int64_t ns);
void strbuf_add_hex(struct strbuf *buf, const void *bytes, size_t len);
char *strbuf_steal(struct strbuf *buf); /* the caller frees; never NULL */

static inline void strbuf_add(struct strbuf *buf, const void *bytes, size_t len)
{
    if (len >= buf->capacity - buf->len) strbuf_reserve(buf, len);
    if (len) memcpy(buf->data + buf->len, bytes, len); /* memcpy from NULL is undefined even for no bytes */
    buf->len += len;
    buf->data[buf->len] = '\0';
}
static inline void strbuf_puts(struct strbuf *buf, const char *text) { strbuf_add(buf, text, strlen(text)); }
static inline void strbuf_putc(struct strbuf *buf, char c) { strbuf_add(buf, &c, 1); }
static inline const char *strbuf_text(const struct strbuf *buf) { return buf->data ? buf->data : ""; }
static inline void strbuf_clear(struct strbuf *buf)
{
    buf->len = 0;
    if (buf->data) buf->data[0] = '\0';
}

#endif
