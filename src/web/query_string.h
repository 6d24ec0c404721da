/* The request target as text. Pure; everything that comes in is hostile. */
#ifndef DNSPOLICY_WEB_QUERY_STRING_H
#define DNSPOLICY_WEB_QUERY_STRING_H

#include <stdbool.h>
#include <stddef.h>

#include "dnspolicy/base/strbuf.h"

/*
 * Splits a target as it came ("/a%20b?x=1", or in absolute form, RFC 9112 section 3.2.2) into its decoded path and its
 * raw query, which points into `target` ("" when there is none). False: *error (to be freed) is a sentence.
 */
bool target_split(const char *target, struct strbuf *path, const char **query, char **error);

/* Gets one decoded pair. False: *error (to be freed) is a sentence, and parsing ends. */
typedef bool query_take(void *ctx, const char *key, const char *value, char **error);

#define QUERY_PAIRS_MAX 32
/* Hands on the pairs of "a=b&c=d" in their order; '+' is a space. A key without '=' has the value "". */
bool query_string_parse(const char *query, query_take *take, void *ctx, char **error);

#endif
