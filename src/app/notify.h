/*
 * The protocol of sd_notify(3): a supervisor that waits for news names a socket in $NOTIFY_SOCKET, and each piece of
 * news is one datagram of lines to it. Where nobody waits, nothing is sent.
 */
#ifndef DNSPOLICY_APP_NOTIFY_H
#define DNSPOLICY_APP_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

/* systemd ignores a datagram of more than 4096 bytes, all of it. */
#define NOTIFY_STATUS_MAX 2048

struct notify {
    int fd; /* -1: nobody waits */
    struct sockaddr_un address;
    socklen_t address_len;
    bool has_failed; /* once, which is logged; a supervisor that has gone is not a matter of every few seconds */
};

/* A path, or with @ in front an abstract name. False: neither. Pure. */
bool notify_parse_socket(const char *text, struct sockaddr_un *address, socklen_t *len);
/* $WATCHDOG_USEC and $WATCHDOG_PID (either may be NULL): within what time news has to come; 0: none is asked of process
 * `self`. Pure. */
uint64_t notify_parse_watchdog_ns(const char *usec, const char *pid, pid_t self);

/* `socket_name` may be NULL. One that cannot be used is logged and nothing is sent. */
void notify_init(struct notify *notify, const char *socket_name);
void notify_fini(struct notify *notify);

/* `status` becomes one line of valid UTF-8 and may be cut. */
void notify_ready(struct notify *notify, const char *status);
void notify_reloading(struct notify *notify, uint64_t now_mono_ns);
void notify_stopping(struct notify *notify);
void notify_watchdog(struct notify *notify);

#endif
