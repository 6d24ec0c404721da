/*
 * Decides how a claim about who is asking is written, in the binary form of the PROXY protocol only. Knows nothing of
 * DNS.
 */
#include "dnspolicy/dns/proxy.h"

#include <string.h>

#include "wire.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define SIGNATURE_SIZE 12
#define FIXED_SIZE 16
#define VERSION_LOCAL 0x20
#define VERSION_PROXY 0x21
#define FAMILY_INET 0x10
#define FAMILY_INET6 0x20
#define KIND_STREAM 1
#define KIND_DATAGRAM 2

/* The destination in the source's family; the receiver looks at it least of all. */
static void write_destination(const struct proxy_claim *claim, uint8_t *out)
{
    const struct addr *to = &claim->destination;
    if (claim->source.family == ADDR_V4) {
        if (to->family == ADDR_V4) memcpy(out, to->bytes, 4);
    } else if (to->family == ADDR_V6) {
        memcpy(out, to->bytes, 16);
    } else {
        memset(out + 10, 0xff, 2);
        memcpy(out + 12, to->bytes, 4);
    }
}

size_t proxy_header_write(const struct proxy_claim *claim, uint8_t out[PROXY_HEADER_MAX])
{
    size_t addr_size = claim->source.family == ADDR_V4 ? 4 : 16;
    memset(out, 0, PROXY_HEADER_MAX);
    memcpy(out, SIGNATURE, SIGNATURE_SIZE);
    out[12] = VERSION_LOCAL;
    if (!claim->source.present) return FIXED_SIZE;
    size_t len = 2 * addr_size + 4;
    out[12] = VERSION_PROXY;
    out[13] = claim->source.family == ADDR_V4 ? FAMILY_INET : FAMILY_INET6;
    out[13] |= claim->is_stream ? KIND_STREAM : KIND_DATAGRAM;
    wire_put_u16(out + 14, (uint16_t)len);
    memcpy(out + FIXED_SIZE, claim->source.bytes, addr_size);
    write_destination(claim, out + FIXED_SIZE + addr_size);
    wire_put_u16(out + FIXED_SIZE + 2 * addr_size, claim->source_port);
    wire_put_u16(out + FIXED_SIZE + 2 * addr_size + 2, claim->destination_port);
    return FIXED_SIZE + len;
}
