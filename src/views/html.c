/* Decides how text becomes HTML that cannot be mistaken for markup, and values become links. Knows no page. */
#include "html.h"

#include <string.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void add_escaped(struct strbuf *out, const char *text, size_t len)
{
    size_t done = 0;
    for (size_t i = 0; i < len; i++) {
        const char *entity = entity_of(text[i]);
        if (!entity) continue;
        strbuf_add(out, text + done, i - done);
        strbuf_puts(out, entity);
        done = i + 1;
    }
    strbuf_add(out, text + done, len - done);
}

void html_add_bytes(struct strbuf *out, const void *bytes, size_t len)
{
    if (text_is_printable_ascii(bytes, len)) {
        add_escaped(out, bytes, len);
        return;
    }
    AUTO(strbuf_fini) struct strbuf clean = {0};
    text_add_clean(&clean, bytes, len);
    add_escaped(out, strbuf_text(&clean), clean.len);
}

void html_add_text(struct strbuf *out, const char *text) { html_add_bytes(out, text, strlen(text)); }

void html_add_pair(struct strbuf *out, const char *term, const char *text)
{
    if (!text || !*text) return;
    strbuf_addf(out, "<dt>%s</dt><dd>", term);
    html_add_text(out, text);
    strbuf_puts(out, "</dd>\n");
}

void html_add_rfc3339(struct strbuf *out, const char *text)
{
    size_t date = strcspn(text, "T"), seconds = strcspn(text, ".Z");
    strbuf_addf(out, "<time datetime=\"%s\">%.*s %.*s UTC</time>", text, (int)date, text, (int)(seconds - date - 1),
                text + date + 1);
}

void html_add_time(struct strbuf *out, int64_t wall_ns)
{
    char text[CLOCK_TEXT_SIZE];
    if (!wall_ns) {
        strbuf_puts(out, "never");
        return;
    }
    clock_format(wall_ns, text);
    html_add_rfc3339(out, text);
}

/* ---- links ---- */

struct html_link html_link_begin(struct strbuf *out)
{
    strbuf_puts(out, " href=\"");
    return (struct html_link){.out = out};
}

/* RFC 3986 section 3.4, and neither '+', which is a space to forms, nor '&', '=' and what HTML would escape. */
static void add_encoded(struct strbuf *out, const char *value)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~,:/@";
    while (*value) {
        size_t len = strspn(value, plain);
        strbuf_add(out, value, len);
        value += len;
        for (; *value && !strchr(plain, *value); value++) strbuf_addf(out, "%%%02X", (unsigned char)*value);
    }
}

void html_link_add(struct html_link *link, const char *key, const char *value)
{
    strbuf_puts(link->out, link->has_param ? "&amp;" : "?");
    strbuf_puts(link->out, key);
    strbuf_putc(link->out, '=');
    add_encoded(link->out, value);
    link->has_param = true;
}

void html_link_end(struct html_link *link) { strbuf_puts(link->out, link->has_param ? "\"" : "./\""); }
