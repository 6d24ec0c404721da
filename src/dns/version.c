/* Says which ldns is linked. */
#include <ldns/ldns.h>

#include "dnspolicy/dns/numbers.h"

const char *dns_library_version(void) { return ldns_version(); }
