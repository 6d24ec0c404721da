/* Records of a reply as text. */
#ifndef DNS_REPLY_TEXT_H
#define DNS_REPLY_TEXT_H

#include <stdbool.h>

#include "dnspolicy/base/strbuf.h"
#include "wire.h"

/* Whether the RDATA has the form that its type demands, for the types of RFC 1035 and their kin. */
bool reply_text_is_valid(const struct wire *wire, const struct wire_record *record);
/* Appends a valid record as one line, or nothing and false where that would take `out` beyond DNS_ANSWER_TEXT_MAX. */
bool reply_text_add(struct strbuf *out, const struct wire *wire, const struct wire_record *record);

#endif
