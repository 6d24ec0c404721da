/*
 * The health check of the container image: one request to /-/healthy. It stands for curl and a shell, which the image
 * has not.
 *
 *     healthy ADDRESS PORT
 *
 * Exit status 0 for a 200, and for a 401: who asks for a login is alive. 1 for all else, silence for three seconds
 * included.
 */
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char request[] = "GET /-/healthy HTTP/1.0\r\nHost: localhost\r\n\r\n";

/* An address and a number: nothing is looked up. -1: nobody listens there. */
static int connect_to(const char *address, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *info;
    if (getaddrinfo(address, port, &hints, &info) != 0) return -1;
    int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC, info->ai_protocol);
    const struct timeval timeout = {.tv_sec = 3};
    bool is_ready = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0 &&
                    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) == 0 &&
                    connect(fd, info->ai_addr, info->ai_addrlen) == 0;
    freeaddrinfo(info);
    return is_ready ? fd : -1;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: healthy ADDRESS PORT\n", stderr);
        return EXIT_FAILURE;
    }
    int fd = connect_to(argv[1], argv[2]);
    if (fd < 0 || send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(request) - 1)
        return EXIT_FAILURE;
    char reply[12] = ""; /* "HTTP/1.1 200" */
    if (recv(fd, reply, sizeof(reply), MSG_WAITALL) != (ssize_t)sizeof(reply)) return EXIT_FAILURE;
    bool is_http = memcmp(reply, "HTTP/1.", 7) == 0;
    bool is_alive = memcmp(reply + 8, " 200", 4) == 0 || memcmp(reply + 8, " 401", 4) == 0;
    return is_http && is_alive ? EXIT_SUCCESS : EXIT_FAILURE;
}
