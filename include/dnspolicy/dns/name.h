/*
 * Domain names as people write them. The canonical form in this tree is lower case without the final dot; the root
 * is ".". Escapes of RFC 1035 section 5.1 ("\.", "\032") are kept.
 */
#ifndef DNSPOLICY_DNS_NAME_H
#define DNSPOLICY_DNS_NAME_H

#include <stdbool.h>

/* The placeholder that becomes 16 fresh hex digits at every attempt. At most one in a name. */
#define DNS_NAME_RANDOM "{random}"
#define DNS_NAME_RANDOM_DIGITS 16
#define DNS_NAME_TEXT_SIZE 1024 /* 255 octets, each escaped at worst */

/*
 * Brings `text` into canonical form in `out`. NULL on success, else a sentence for the config's author (static): empty
 * name, label over 63 octets or name over 255 octets with {random} expanded, a non-ASCII name (asks for the A-label,
 * RFC 5890), more than one {random}, bad escape, white space.
 */
const char *dns_name_canonical(const char *text, char out[DNS_NAME_TEXT_SIZE]);
/* Both canonical. A name is within itself and within ".". */
bool dns_name_is_within(const char *name, const char *zone);
bool dns_name_has_random(const char *name);

#endif
