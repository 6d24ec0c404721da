/* The records of an UPDATE that cannot change a zone. */
#ifndef DNS_QUERY_UPDATE_H
#define DNS_QUERY_UPDATE_H

#include <ldns/ldns.h>

#include "dnspolicy/dns/query.h"

/* A record without data: class, TTL 0. */
ldns_rr *query_record_new(const char *owner, uint16_t type, uint16_t klass);
/* Puts the prerequisite and the removal of one record of `name`, the question's with its digits, into the packet. */
void query_update_add(ldns_pkt *packet, const struct dns_question *question, const char *name);

#endif
