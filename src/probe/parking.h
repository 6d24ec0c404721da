/*
 * Where lanes stand still while one plan replaces another, and where those who wait for them wait. A lane looks at the
 * wish once per turn, without a lock; the engine wakes the lanes after each change of it.
 */
#ifndef DNSPOLICY_SRC_PROBE_PARKING_H
#define DNSPOLICY_SRC_PROBE_PARKING_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum parking_wish { PARKING_RUN, PARKING_PARK, PARKING_STOP };

struct parking {
    unsigned lanes;
    atomic_int wish; /* enum parking_wish */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Under the lock: */
    const bool *keeps; /* by probe of the present plan: what the next one keeps */
    unsigned parked;
    uint64_t rounds; /* so that a lane that is slow to leave does not stay for the next time */
    unsigned done;
};

void parking_init(struct parking *parking, unsigned lanes);
void parking_fini(struct parking *parking);

/* Lanes: */
static inline enum parking_wish parking_wish(struct parking *parking)
{
    return (enum parking_wish)atomic_load_explicit(&parking->wish, memory_order_acquire);
}
const bool *parking_keeps(struct parking *parking);
void parking_stay(struct parking *parking); /* until parking_open() */
void parking_report_done(struct parking *parking);

/* The engine: */
void parking_close(struct parking *parking, const bool *keeps);
void parking_await_all(struct parking *parking); /* all lanes stand still on return */
void parking_open(struct parking *parking);
void parking_stop(struct parking *parking);
void parking_await_done(struct parking *parking);

#endif
