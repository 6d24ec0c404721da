/* The listening sockets of --web.listen-address. */
#ifndef DNSPOLICY_WEB_LISTEN_H
#define DNSPOLICY_WEB_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/addr.h"

struct listen_address {
    struct addr address;
    uint16_t port;
    bool is_dual_stack; /* ":PORT" and "[::]:PORT": IPv4 as well */
    bool is_any;        /* ":PORT": IPv4 alone where there is no IPv6 */
};
/* ":10953", "127.0.0.1:10953", "[::1]:10953", "localhost:10953". False: *error (to be freed) is a sentence. Pure. */
bool listen_parse(const char *text, struct listen_address *out, char **error);

struct listener {
    int fd;
    char *name; /* address and port as they really are */
};
struct listeners {
    struct listener *items;
    size_t count;
};
/* Opens all, or none. False: *error (to be freed) is a sentence that names the address and what to do. */
bool listeners_open(struct listeners *listeners, const char *const *addresses, char **error);
void listeners_close(struct listeners *listeners);

#endif
