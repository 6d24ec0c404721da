/*
 * The connections that are open, and who has to go. One entry per connection, made before the library gets the socket;
 * any thread. Time is handed in.
 */
#ifndef DNSPOLICY_WEB_LIMITS_H
#define DNSPOLICY_WEB_LIMITS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/addr.h"

/* One connection. Its fields belong to limits.c; others hold a pointer between limits_started() and limits_ended(). */
struct visit {
    struct visit *next;
    struct visit **link; /* what points to this one */
    const void *front;   /* the server that has it */
    struct addr address;
    int fd;
    bool is_started; /* the library has told of it: until limits_ended() the descriptor is this connection's */
    bool is_shut;
    bool is_busy; /* from the last byte of a request's header to the last of its answer */
    bool has_baseline;
    bool has_left;               /* seen once: the client will send no more, and there is nothing left to read */
    uint64_t since_mono_ns;      /* when it became busy or idle */
    uint64_t first_byte_mono_ns; /* of the request whose header is not whole yet; 0: none */
    uint64_t baseline;           /* bytes received when it became idle */
};

struct limits {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a visit ended or became idle */
    struct visit *visits;
    size_t count;
};

void limits_init(struct limits *limits);
void limits_fini(struct limits *limits);

/* Makes an entry for a socket just accepted. When the house is full, who has idled longest has to go. False: the caller
 * closes it. */
bool limits_admit(struct limits *limits, const void *front, int fd, const struct addr *address, uint64_t now_mono_ns);
/* The library did not take the socket: the entry goes. */
void limits_withdraw(struct limits *limits, int fd);
struct visit *limits_started(struct limits *limits, const void *front, int fd, uint64_t now_mono_ns);
void limits_ended(struct limits *limits, struct visit *visit);
void limits_busy(struct limits *limits, struct visit *visit, uint64_t now_mono_ns);
void limits_idle(struct limits *limits, struct visit *visit, uint64_t now_mono_ns);

/* Ends what has taken too long. Call it about once a second while there are connections. */
void limits_sweep(struct limits *limits, uint64_t now_mono_ns);
void limits_shut(struct limits *limits, struct visit *visit);
/* Those of one front, or with NULL of all. */
size_t limits_count(struct limits *limits, const void *front);
/* Those of the front that wait for a request, have waited for a second and have none under way. */
void limits_shut_idle(struct limits *limits, const void *front, uint64_t now_mono_ns);
void limits_shut_all(struct limits *limits);
/* Makes room in the process's table of descriptors. */
void limits_shut_longest_idle(struct limits *limits, uint64_t now_mono_ns);
/* Returns when no visit is busy any more, or at the deadline. */
void limits_wait_idle(struct limits *limits, uint64_t deadline_mono_ns);

#endif
