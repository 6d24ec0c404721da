/*
 * Decides which addresses and subnets of the file can be meant, and what a person is told who wrote something else.
 * Never looks a name up: the monitor must not depend on the DNS that it tests.
 */
#include "addresses.h"

#include <string.h>
#include <strings.h>

#include "schema.h"

#define TEXT_MAX 128

static bool is_unspecified(const struct addr *addr)
{
    static const uint8_t zeros[sizeof(addr->bytes)];
    return memcmp(addr->bytes, zeros, sizeof(zeros)) == 0;
}

static bool is_multicast_or_broadcast(const struct addr *addr)
{
    static const uint8_t broadcast[4] = {255, 255, 255, 255};
    if (addr->family == ADDR_V6) return addr->bytes[0] == 0xFF;
    return (addr->bytes[0] & 0xF0) == 0xE0 || memcmp(addr->bytes, broadcast, sizeof(broadcast)) == 0;
}

static bool is_link_local(const struct addr *addr)
{
    return addr->family == ADDR_V6 && addr->bytes[0] == 0xFE && (addr->bytes[1] & 0xC0) == 0x80;
}

/* Text up to the first of `ends`, as an address. */
static bool is_address_before(const char *text, const char *ends)
{
    char head[TEXT_MAX];
    size_t len = strcspn(text, ends);
    if (len >= sizeof(head)) return false;
    memcpy(head, text, len);
    head[len] = '\0';
    struct addr addr;
    return addr_parse(head, &addr);
}

static bool is_host_name(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return text[0] && !text[strspn(text, allowed)] && strpbrk(text, letters);
}

static void report_not_address(struct loader *loader, const struct node *node, const char *text)
{
    const char *shown = loader_shown(loader, text);
    const char *colon = strchr(text, ':');
    bool has_port = text[0] == '[' || (colon && !strchr(colon + 1, ':') && is_address_before(text, ":"));
    if (strchr(text, '%') && is_address_before(text, "%"))
        loader_error(loader, node, "'%s': this host has no interface of that name, or the address takes none", shown);
    else if (strchr(text, '/') && is_address_before(text, "/"))
        loader_error(loader, node, "'%s' is a subnet; an address is expected", shown);
    else if (has_port)
        loader_error(loader, node, "'%s' is not an address: the port goes into the key 'port'", shown);
    else if (strncasecmp(text, "::ffff:", 7) == 0)
        loader_error(loader, node, "'%s' is an IPv4 address in IPv6 form: write it as IPv4", shown);
    else if (is_host_name(text))
        loader_error(loader, node,
                     "'%s' is a host name; an address is expected: the monitor must not depend on the DNS it tests",
                     shown);
    else
        loader_error(loader, node, "'%s' is neither an IPv4 nor an IPv6 address", shown);
}

const char *address_obstacle(const struct addr *addr)
{
    if (is_unspecified(addr)) return "is the unspecified address: no host has it";
    if (is_multicast_or_broadcast(addr)) return "is not the address of one host";
    if (is_link_local(addr) && !addr->scope_id) return "is link-local: its interface belongs to it, as in fe80::1%eth0";
    return NULL;
}

bool read_address(struct loader *loader, const struct node *node, struct addr *out)
{
    const char *text = read_scalar(loader, node, "an address");
    if (!text) return false;
    struct addr addr;
    if (!addr_parse(text, &addr)) {
        report_not_address(loader, node, text);
        return false;
    }
    const char *reason = address_obstacle(&addr);
    if (reason)
        loader_error(loader, node, "'%s' %s", text, reason);
    else
        *out = addr;
    return !reason;
}

bool read_subnet(struct loader *loader, const struct node *node, struct subnet *out)
{
    const char *text = read_scalar(loader, node, "a subnet such as 10.20.0.0/16");
    if (!text) return false;
    struct subnet subnet;
    enum subnet_error error = subnet_parse(text, &subnet);
    if (error == SUBNET_OK) {
        *out = subnet;
        return true;
    }
    struct addr addr;
    char network[SUBNET_TEXT_SIZE];
    const char *shown = loader_shown(loader, text);
    subnet_format(&subnet, network);
    if (error == SUBNET_HOST_BITS)
        loader_error(loader, node, "'%s' has host bits set; did you mean '%s'?", shown, network);
    else if (addr_parse(text, &addr))
        loader_error(loader, node, "'%s' has no prefix length; did you mean '%s/%d'?", shown, text,
                     addr.family == ADDR_V6 ? 128 : 32);
    else
        loader_error(loader, node, "'%s' is not a subnet: an address, a slash and a prefix length are expected", shown);
    return false;
}
