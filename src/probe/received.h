/* Reading from a socket together with the kernel's receive stamp. */
#ifndef DNSPOLICY_SRC_PROBE_RECEIVED_H
#define DNSPOLICY_SRC_PROBE_RECEIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct received {
    size_t len;
    struct sockaddr_storage from; /* UDP: the sender */
    int64_t stamp_wall_ns;        /* when it reached this host; 0: unknown */
};

/* Needs SO_TIMESTAMPNS. False: errno says why not. */
bool received_read(int fd, void *buffer, size_t size, struct received *out);

#endif
