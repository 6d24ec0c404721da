/*
 * Decides what is an address and what is a subnet, and writes them. Knows nothing of names: an address is never looked
 * up, only a zone is, among the interfaces of this network namespace.
 */
#include "dnspolicy/base/addr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "dnspolicy/base/text.h"

static const uint8_t mapped_prefix[12] = {[10] = 0xFF, [11] = 0xFF};

static bool is_mapped(const uint8_t bytes[16]) { return memcmp(bytes, mapped_prefix, sizeof(mapped_prefix)) == 0; }

static size_t addr_bytes(uint8_t family) { return family == ADDR_V6 ? 16 : 4; }

/* The addresses for which the kernel keeps a zone: link-local ones, and multicast of interface or link scope. */
static bool has_zone(const uint8_t bytes[16])
{
    bool link_local = bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80;
    uint8_t multicast_scope = bytes[0] == 0xFF ? bytes[1] & 0x0F : 0;
    return link_local || multicast_scope == 1 || multicast_scope == 2;
}

/* An interface may be called "2", so the name goes first. */
static bool parse_zone(const char *zone, uint32_t *scope_id)
{
    uint64_t number;
    *scope_id = if_nametoindex(zone);
    if (*scope_id) return true;
    if (!text_parse_u64(zone, UINT32_MAX, &number) || number == 0) return false;
    *scope_id = (uint32_t)number;
    return true;
}

static bool parse_v6(const char *text, struct addr *out)
{
    char plain[INET6_ADDRSTRLEN];
    const char *percent = strchr(text, '%');
    size_t len = percent ? (size_t)(percent - text) : strlen(text);
    if (len >= sizeof(plain)) return false;
    memcpy(plain, text, len);
    plain[len] = '\0';
    if (inet_pton(AF_INET6, plain, out->bytes) != 1 || is_mapped(out->bytes)) return false;
    out->family = ADDR_V6;
    return !percent || (has_zone(out->bytes) && parse_zone(percent + 1, &out->scope_id));
}

bool addr_parse(const char *text, struct addr *out)
{
    struct addr addr = {.present = true, .family = ADDR_V4};
    *out = (struct addr){0};
    if (inet_pton(AF_INET, text, addr.bytes) != 1 && !parse_v6(text, &addr)) return false;
    *out = addr;
    return true;
}

void addr_format(const struct addr *addr, char out[ADDR_TEXT_SIZE])
{
    out[0] = '\0';
    if (!addr->present) return;
    inet_ntop(addr_socket_family(addr), addr->bytes, out, ADDR_TEXT_SIZE);
    if (!addr->scope_id) return;
    char zone[IF_NAMESIZE];
    if (!if_indextoname(addr->scope_id, zone)) snprintf(zone, sizeof(zone), "%u", addr->scope_id);
    size_t len = strlen(out);
    snprintf(out + len, ADDR_TEXT_SIZE - len, "%%%s", zone);
}

void addr_format_port(const struct addr *addr, uint16_t port, char out[ADDR_PORT_TEXT_SIZE])
{
    char text[ADDR_TEXT_SIZE];
    addr_format(addr, text);
    bool v6 = addr->family == ADDR_V6;
    snprintf(out, ADDR_PORT_TEXT_SIZE, "%s%s%s:%u", v6 ? "[" : "", text, v6 ? "]" : "", (unsigned)port);
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
    return a->present == b->present && a->family == b->family && a->scope_id == b->scope_id &&
           memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

int addr_socket_family(const struct addr *addr) { return addr->family == ADDR_V6 ? AF_INET6 : AF_INET; }

socklen_t addr_to_sockaddr(const struct addr *addr, uint16_t port, struct sockaddr_storage *out)
{
    *out = (struct sockaddr_storage){0};
    if (addr->family == ADDR_V4) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&in.sin_addr, addr->bytes, sizeof(in.sin_addr));
        memcpy(out, &in, sizeof(in));
        return sizeof(in);
    }
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = addr->scope_id};
    memcpy(&in6.sin6_addr, addr->bytes, sizeof(in6.sin6_addr));
    memcpy(out, &in6, sizeof(in6));
    return sizeof(in6);
}

bool addr_from_sockaddr(const struct sockaddr_storage *in, struct addr *out, uint16_t *port)
{
    *out = (struct addr){0};
    if (in->ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, in, sizeof(v4));
        *out = (struct addr){.present = true, .family = ADDR_V4};
        memcpy(out->bytes, &v4.sin_addr, 4);
        *port = ntohs(v4.sin_port);
        return true;
    }
    if (in->ss_family != AF_INET6) return false;
    struct sockaddr_in6 v6;
    memcpy(&v6, in, sizeof(v6));
    *port = ntohs(v6.sin6_port);
    if (is_mapped(v6.sin6_addr.s6_addr)) {
        *out = (struct addr){.present = true, .family = ADDR_V4};
        memcpy(out->bytes, v6.sin6_addr.s6_addr + sizeof(mapped_prefix), 4);
        return true;
    }
    *out = (struct addr){.present = true, .family = ADDR_V6, .scope_id = v6.sin6_scope_id};
    memcpy(out->bytes, &v6.sin6_addr, 16);
    return true;
}

/* The bits of byte `i` that belong to the prefix. */
static uint8_t prefix_mask(uint8_t prefix_len, size_t i)
{
    if (prefix_len >= 8 * (i + 1)) return 0xFF;
    if (prefix_len <= 8 * i) return 0;
    return (uint8_t)(0xFF00u >> (prefix_len - 8 * i));
}

enum subnet_error subnet_parse(const char *text, struct subnet *out)
{
    *out = (struct subnet){0};
    char base[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    if (!slash || (size_t)(slash - text) >= sizeof(base)) return SUBNET_NOT_CIDR;
    memcpy(base, text, (size_t)(slash - text));
    base[slash - text] = '\0';

    struct addr addr;
    if (!addr_parse(base, &addr) || addr.scope_id) return SUBNET_NOT_CIDR;
    uint64_t prefix_len;
    bool leading_zero = slash[1] == '0' && slash[2];
    size_t size = addr_bytes(addr.family);
    if (leading_zero || !text_parse_u64(slash + 1, 8 * size, &prefix_len)) return SUBNET_NOT_CIDR;

    bool host_bits = false;
    for (size_t i = 0; i < size; i++) {
        uint8_t network = addr.bytes[i] & prefix_mask((uint8_t)prefix_len, i);
        host_bits |= network != addr.bytes[i];
        addr.bytes[i] = network;
    }
    *out = (struct subnet){.present = true, .prefix_len = (uint8_t)prefix_len, .base = addr};
    return host_bits ? SUBNET_HOST_BITS : SUBNET_OK;
}

void subnet_format(const struct subnet *subnet, char out[SUBNET_TEXT_SIZE])
{
    char base[ADDR_TEXT_SIZE];
    addr_format(&subnet->base, base);
    out[0] = '\0';
    if (subnet->present) snprintf(out, SUBNET_TEXT_SIZE, "%s/%u", base, (unsigned)subnet->prefix_len);
}

bool subnet_contains(const struct subnet *subnet, const struct addr *addr)
{
    if (!subnet->present || !addr->present || subnet->base.family != addr->family) return false;
    for (size_t i = 0; i < addr_bytes(addr->family); i++)
        if ((addr->bytes[i] & prefix_mask(subnet->prefix_len, i)) != subnet->base.bytes[i]) return false;
    return true;
}
