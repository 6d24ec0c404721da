/*
 * The header of the PROXY protocol, version 2 (haproxy's proxy-protocol.txt, section 2.2): claims that what follows
 * comes from another client. Before each datagram over UDP, once at the start of a connection over TCP, before any TLS.
 */
#ifndef DNSPOLICY_DNS_PROXY_H
#define DNSPOLICY_DNS_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/addr.h"

#define PROXY_HEADER_MAX 52 /* 16 bytes, and two IPv6 addresses with their ports */

struct proxy_claim {
    struct addr source; /* absent: the command LOCAL, the connection speaks for itself */
    uint16_t source_port;
    struct addr destination; /* of another family than the source: written as an IPv4-mapped IPv6 address, or, where an
                                IPv6 destination does not fit an IPv4 source, as 0.0.0.0 */
    uint16_t destination_port;
    bool is_stream; /* TCP, else UDP */
};
/* Returns the length. */
size_t proxy_header_write(const struct proxy_claim *claim, uint8_t out[PROXY_HEADER_MAX]);

#endif
