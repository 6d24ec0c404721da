/* Text from people and from the wire. */
#ifndef DNSPOLICY_BASE_TEXT_H
#define DNSPOLICY_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/strbuf.h"

/*
 * The one place where bytes from the wire become text: appends valid UTF-8 (RFC 3629). Bytes that are not valid UTF-8,
 * and control characters (C0, DEL, C1), become the replacement character U+FFFD.
 */
void text_add_clean(struct strbuf *buf, const void *bytes, size_t len);
bool text_is_printable_ascii(const void *bytes, size_t len);

/* Appends the word so that a POSIX shell reads it back as one word; quotes only where needed. */
void text_add_shell_word(struct strbuf *buf, const char *word);

/* "one of a, b or c" style lists: appends "a", "a or b", "a, b or c". */
void text_add_list(struct strbuf *buf, const char *const *words, size_t count, const char *conjunction);

/*
 * The candidate that a person who typed `word` most likely meant, or NULL when none is near (edit distance ≤ 2, or
 * ≤ len/3, and something in common). Case is no difference, two swapped letters are one. The first of equals wins.
 */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);

/* Durations as in the config: an integer and one of ms, s, m, h. False if it is not one or overflows. */
bool text_parse_duration(const char *text, uint64_t *ns);
/* "30s", "1500ms", "5m": the largest unit that is exact; "0s"; "1500ns" when not even ms is exact. */
void text_add_duration(struct strbuf *buf, uint64_t ns);

bool text_parse_u64(const char *text, uint64_t max, uint64_t *out); /* decimal digits only */

#endif
