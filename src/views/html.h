/*
 * HTML piece by piece. Whatever did not stand in this program's source goes through html_add_bytes() or html_add_text()
 * on its way into a page, and through html_link on its way into a link.
 */
#ifndef VIEWS_HTML_H
#define VIEWS_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/strbuf.h"

/* Appends text that is safe between tags and in a quoted attribute: valid UTF-8 without control characters, escaped. */
void html_add_bytes(struct strbuf *out, const void *bytes, size_t len);
void html_add_text(struct strbuf *out, const char *text);

/* Of a description list: a term of this program's own, and what it is here. NULL or "": nothing. */
void html_add_pair(struct strbuf *out, const char *term, const char *text);

/* `<time datetime="2026-01-02T03:04:05.678Z">2026-01-02 03:04:05 UTC</time>`; 0 is "never". */
void html_add_time(struct strbuf *out, int64_t wall_ns);
void html_add_rfc3339(struct strbuf *out, const char *text); /* of UTC */

/* An attribute ` href="?client=office&amp;resolver=ns1"`; with no parameter it is the page itself, "./". */
struct html_link {
    struct strbuf *out;
    bool has_param;
};
struct html_link html_link_begin(struct strbuf *out);
void html_link_add(struct html_link *link, const char *key, const char *value);
void html_link_end(struct html_link *link);

#endif
