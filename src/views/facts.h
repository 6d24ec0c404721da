/* Facts of a reply in the words that every view has for them. */
#ifndef VIEWS_FACTS_H
#define VIEWS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/dns/reply.h"

/* The configuration's default: what differs from it is told. */
#define BUFSIZE_DEFAULT 1232

/* Walks the records of the answer: *at begins as reply->answer. False: there is no other one. */
bool facts_next_record(const struct dns_reply *reply, const char **at, const char **record, size_t *len);
/* The name of a TSIG error other than none, else its number. */
void facts_add_tsig_error(struct strbuf *out, uint16_t error);
/* RFC 3339 without a fraction. False: a year that has not four digits. */
bool facts_format_seconds(int64_t unix_s, char out[CLOCK_TEXT_SIZE]);

#endif
