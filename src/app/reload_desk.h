/*
 * Where other threads ask the main thread for a reload and wait for its result. Requests that come while one is waiting
 * share its answer.
 */
#ifndef DNSPOLICY_APP_RELOAD_DESK_H
#define DNSPOLICY_APP_RELOAD_DESK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct reload_desk {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    int event_fd;
    bool is_closed;
    uint64_t asked;   /* requests so far */
    uint64_t taken;   /* those that the reload under way answers */
    uint64_t answers; /* those that are answered */
    bool last_is_good;
    char *last_error;
};

void reload_desk_init(struct reload_desk *desk);
void reload_desk_fini(struct reload_desk *desk);
int reload_desk_fd(const struct reload_desk *desk);

/* Any thread; blocks until the main thread has answered. `desk` is a struct reload_desk. */
bool reload_desk_ask(void *desk, char **error);

/* The main thread: true when somebody waits. */
bool reload_desk_take(struct reload_desk *desk);
void reload_desk_answer(struct reload_desk *desk, bool is_good, char *error); /* takes error */
/* Nobody waits any longer, now or later. */
void reload_desk_close(struct reload_desk *desk);

#endif
