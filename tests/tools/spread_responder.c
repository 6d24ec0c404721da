/*
 * A DNS responder whose replies come back spread over time, as those of real networks do: each query is echoed as a
 * NOERROR reply without records after a delay drawn evenly from FIRST_MS to LAST_MS. Loopback alone hides what waking
 * for every reply costs.
 *
 *     spread_responder ADDRESS PORT FIRST_MS LAST_MS
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define SLOTS 4096     /* one a millisecond, so delays up to four seconds */
#define HELD_MAX 65536 /* replies that wait at the same time */
#define MESSAGE_MAX 512

struct held {
    struct held *next;
    struct sockaddr_in to;
    size_t len;
    uint8_t bytes[MESSAGE_MAX];
};

static struct held pool[HELD_MAX];
static struct held *unused;
static struct held *slots[SLOTS];

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void take_queries(int fd, uint64_t now, unsigned first_ms, unsigned last_ms)
{
    while (unused) {
        struct held *held = unused;
        socklen_t size = sizeof(held->to);
        ssize_t len = recvfrom(fd, held->bytes, sizeof(held->bytes), 0, (struct sockaddr *)&held->to, &size);
        if (len < 12) {
            if (len < 0) return;
            continue;
        }
        unused = held->next;
        held->len = (size_t)len;
        held->bytes[2] |= 0x80; /* QR */
        held->bytes[3] = 0x80;  /* RA, NOERROR */
        uint64_t due = now + first_ms + (uint64_t)rand() % (last_ms - first_ms + 1);
        held->next = slots[due % SLOTS];
        slots[due % SLOTS] = held;
    }
}

static void send_due(int fd, uint64_t slot)
{
    struct held *held = slots[slot % SLOTS];
    slots[slot % SLOTS] = NULL;
    while (held) {
        struct held *next = held->next;
        sendto(fd, held->bytes, held->len, 0, (const struct sockaddr *)&held->to, sizeof(held->to));
        held->next = unused;
        unused = held;
        held = next;
    }
}

static int open_socket(const char *address, const char *port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (inet_pton(AF_INET, address, &here.sin_addr) != 1) {
        fprintf(stderr, "spread_responder: %s is no IPv4 address\n", address);
        exit(EXIT_FAILURE);
    }
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    int buffer = 4 << 20;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)) != 0 ||
        bind(fd, (const struct sockaddr *)&here, sizeof(here)) != 0) {
        fprintf(stderr, "spread_responder: %s port %s: %s\n", address, port, strerror(errno));
        exit(EXIT_FAILURE);
    }
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 5 || atoi(argv[3]) < 1 || atoi(argv[4]) < atoi(argv[3]) || atoi(argv[4]) >= SLOTS) {
        fputs("usage: spread_responder ADDRESS PORT FIRST_MS LAST_MS\n", stderr);
        return EXIT_FAILURE;
    }
    int fd = open_socket(argv[1], argv[2]);
    for (size_t i = 0; i < HELD_MAX; i++) {
        pool[i].next = unused;
        unused = &pool[i];
    }
    uint64_t sent_until = now_ms();
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        poll(&wait, 1, 1);
        uint64_t now = now_ms();
        take_queries(fd, now, (unsigned)atoi(argv[3]), (unsigned)atoi(argv[4]));
        while (sent_until < now) send_due(fd, ++sent_until);
    }
}
