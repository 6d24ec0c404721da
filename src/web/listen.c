/* Decides which sockets an address stands for, as Go programs read it, and says what to do when one cannot be had. */
#include "listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

#define BACKLOG 128
/* For what a client has not read yet. The kernel would take megabytes, of every slow reader, and we could not tell that
 * it is slow. */
#define SEND_BUFFER_SIZE 131072

static const struct addr any_v4 = {.present = true, .family = ADDR_V4};
static const struct addr any_v6 = {.present = true, .family = ADDR_V6};

static bool parse_host(const char *host, struct listen_address *out)
{
    if (strcmp(host, "") == 0) {
        out->address = any_v6;
        out->is_any = true;
    } else if (!addr_parse(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &out->address)) {
        return false;
    }
    out->is_dual_stack = addr_equal(&out->address, &any_v6);
    return true;
}

bool listen_parse(const char *text, struct listen_address *out, char **error)
{
    *out = (struct listen_address){0};
    uint64_t port = 0;
    const char *colon = strrchr(text, ':');
    bool is_good = colon && text_parse_u64(colon + 1, UINT16_MAX, &port);
    AUTO(mem_free_ptr) char *host = mem_strndup(text, is_good ? (size_t)(colon - text) : 0);
    size_t len = strlen(host);
    bool is_bracketed = len > 2 && host[0] == '[' && host[len - 1] == ']';
    if (is_bracketed) host[len - 1] = '\0';
    /* Without brackets the last group of an IPv6 address would be taken for a port. */
    if (is_good && !is_bracketed && strchr(host, ':')) is_good = false;
    out->port = (uint16_t)port;
    if (is_good && parse_host(is_bracketed ? host + 1 : host, out)) return true;
    *error =
        mem_printf("'%s' is not an address to listen on: ADDRESS:PORT, [IPV6-ADDRESS]:PORT or :PORT is expected", text);
    return false;
}

static char *explain(const char *text, int error)
{
    if (error == EADDRINUSE)
        return mem_printf("%s is in use: end the program that listens there, or choose another --web.listen-address",
                          text);
    if (error == EACCES)
        return mem_printf("%s may not be listened on by this user: choose a port above 1023, or give the capability "
                          "CAP_NET_BIND_SERVICE",
                          text);
    if (error == EADDRNOTAVAIL)
        return mem_printf("%s is not an address of this host: choose another --web.listen-address", text);
    return mem_printf("cannot listen on %s: %s", text, strerror(error));
}

/* -1: errno. */
static int open_socket(const struct listen_address *address)
{
    int fd = socket(addr_socket_family(&address->address), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    const int yes = 1, v6_only = !address->is_dual_stack, send_buffer = SEND_BUFFER_SIZE;
    struct sockaddr_storage name;
    socklen_t len = addr_to_sockaddr(&address->address, address->port, &name);
    bool is_open = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
                   setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer)) == 0;
    if (address->address.family == ADDR_V6)
        is_open = is_open && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof(v6_only)) == 0;
    if (is_open && bind(fd, (struct sockaddr *)&name, len) == 0 && listen(fd, BACKLOG) == 0) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static bool has_no_ipv6(int error)
{
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL || error == EPROTONOSUPPORT;
}

static char *name_of(int fd)
{
    struct sockaddr_storage name;
    socklen_t len = sizeof(name);
    struct addr address;
    uint16_t port;
    char text[ADDR_PORT_TEXT_SIZE];
    if (getsockname(fd, (struct sockaddr *)&name, &len) != 0 || !addr_from_sockaddr(&name, &address, &port))
        PANIC("getsockname: %s", strerror(errno));
    addr_format_port(&address, port, text);
    return mem_strdup(text);
}

static bool open_one(struct listeners *listeners, const char *text, char **error)
{
    struct listen_address address;
    if (!listen_parse(text, &address, error)) return false;
    int fd = open_socket(&address);
    if (fd < 0 && address.is_any && has_no_ipv6(errno)) {
        address.address = any_v4;
        fd = open_socket(&address);
    }
    if (fd < 0) {
        *error = explain(text, errno);
        return false;
    }
    listeners->items[listeners->count++] = (struct listener){.fd = fd, .name = name_of(fd)};
    return true;
}

bool listeners_open(struct listeners *listeners, const char *const *addresses, char **error)
{
    size_t count = 0;
    while (addresses[count]) count++;
    *listeners = (struct listeners){.items = mem_array(count, sizeof(*listeners->items))};
    for (size_t i = 0; i < count; i++) {
        if (open_one(listeners, addresses[i], error)) continue;
        listeners_close(listeners);
        return false;
    }
    if (count) return true;
    *error = mem_strdup("there is no address to listen on");
    listeners_close(listeners);
    return false;
}

void listeners_close(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        close(listeners->items[i].fd);
        mem_free_ptr(&listeners->items[i].name);
    }
    mem_free_ptr(&listeners->items);
    *listeners = (struct listeners){0};
}
