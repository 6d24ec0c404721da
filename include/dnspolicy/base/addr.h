/* IP addresses and subnets as plain values. */
#ifndef DNSPOLICY_BASE_ADDR_H
#define DNSPOLICY_BASE_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Dense, so that "one of each family" is an array of ADDR_FAMILIES. */
enum addr_family { ADDR_V4, ADDR_V6, ADDR_FAMILIES };

struct addr {
    bool present;      /* false: no address, the rest is zero */
    uint8_t family;    /* enum addr_family */
    uint8_t bytes[16]; /* network order; IPv4 uses the first four, the rest is zero */
    uint32_t scope_id; /* IPv6 zone (RFC 4007) as an interface index; 0: none */
};

struct subnet {
    bool present;
    uint8_t prefix_len;
    struct addr base; /* host bits are zero */
};

/*
 * "192.0.2.1", "2001:db8::1", "fe80::1%eth0" or "fe80::1%2". An unknown zone name fails, and so does a zone on an
 * address that has none (the kernel drops it there, so no reply would ever match). IPv4-mapped IPv6 is refused.
 */
bool addr_parse(const char *text, struct addr *out);
#define ADDR_TEXT_SIZE 64
void addr_format(const struct addr *addr, char out[ADDR_TEXT_SIZE]);
/* "192.0.2.1:53" or "[2001:db8::1]:53". */
#define ADDR_PORT_TEXT_SIZE 72
void addr_format_port(const struct addr *addr, uint16_t port, char out[ADDR_PORT_TEXT_SIZE]);
bool addr_equal(const struct addr *a, const struct addr *b);
int addr_socket_family(const struct addr *addr); /* AF_INET or AF_INET6 */
socklen_t addr_to_sockaddr(const struct addr *addr, uint16_t port, struct sockaddr_storage *out);
/* An IPv4-mapped peer of a dual-stack socket becomes IPv4. False: not an IP address. */
bool addr_from_sockaddr(const struct sockaddr_storage *in, struct addr *out, uint16_t *port);

enum subnet_error { SUBNET_OK, SUBNET_NOT_CIDR, SUBNET_HOST_BITS };
/* CIDR "10.20.0.0/16", RFC 4632. SUBNET_HOST_BITS still fills *out, with the host bits cleared. */
enum subnet_error subnet_parse(const char *text, struct subnet *out);
#define SUBNET_TEXT_SIZE 72
void subnet_format(const struct subnet *subnet, char out[SUBNET_TEXT_SIZE]);
bool subnet_contains(const struct subnet *subnet, const struct addr *addr);

#endif
