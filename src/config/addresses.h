/* Addresses and subnets of the file. Each function reports what is wrong and returns false. */
#ifndef DNSPOLICY_SRC_CONFIG_ADDRESSES_H
#define DNSPOLICY_SRC_CONFIG_ADDRESSES_H

#include <stdbool.h>

#include "loader.h"

/* Why no query can go to the address, as the rest of a sentence; NULL: it can. */
const char *address_obstacle(const struct addr *addr);
/* An address that one host can have: neither unspecified nor multicast; a link-local one says its interface. */
bool read_address(struct loader *loader, const struct node *node, struct addr *out);
bool read_subnet(struct loader *loader, const struct node *node, struct subnet *out);

#endif
