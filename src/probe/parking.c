/* Decides when lanes stand still. Knows nothing of what is done to them meanwhile. */
#include "parking.h"

void parking_init(struct parking *parking, unsigned lanes)
{
    *parking = (struct parking){.lanes = lanes};
    pthread_mutex_init(&parking->lock, NULL);
    pthread_cond_init(&parking->changed, NULL);
}

void parking_fini(struct parking *parking)
{
    pthread_cond_destroy(&parking->changed);
    pthread_mutex_destroy(&parking->lock);
}

const bool *parking_keeps(struct parking *parking)
{
    pthread_mutex_lock(&parking->lock);
    const bool *keeps = parking->keeps;
    pthread_mutex_unlock(&parking->lock);
    return keeps;
}

void parking_stay(struct parking *parking)
{
    pthread_mutex_lock(&parking->lock);
    uint64_t round = parking->rounds;
    parking->parked++;
    pthread_cond_broadcast(&parking->changed);
    while (parking->rounds == round) pthread_cond_wait(&parking->changed, &parking->lock);
    pthread_mutex_unlock(&parking->lock);
}

void parking_report_done(struct parking *parking)
{
    pthread_mutex_lock(&parking->lock);
    parking->done++;
    pthread_cond_broadcast(&parking->changed);
    pthread_mutex_unlock(&parking->lock);
}

void parking_close(struct parking *parking, const bool *keeps)
{
    pthread_mutex_lock(&parking->lock);
    parking->keeps = keeps;
    atomic_store_explicit(&parking->wish, PARKING_PARK, memory_order_release);
    pthread_mutex_unlock(&parking->lock);
}

void parking_await_all(struct parking *parking)
{
    pthread_mutex_lock(&parking->lock);
    while (parking->parked < parking->lanes) pthread_cond_wait(&parking->changed, &parking->lock);
    pthread_mutex_unlock(&parking->lock);
}

void parking_open(struct parking *parking)
{
    pthread_mutex_lock(&parking->lock);
    atomic_store_explicit(&parking->wish, PARKING_RUN, memory_order_release);
    parking->parked = 0;
    parking->rounds++;
    pthread_cond_broadcast(&parking->changed);
    pthread_mutex_unlock(&parking->lock);
}

void parking_stop(struct parking *parking)
{
    atomic_store_explicit(&parking->wish, PARKING_STOP, memory_order_release);
}

void parking_await_done(struct parking *parking)
{
    pthread_mutex_lock(&parking->lock);
    while (parking->done < parking->lanes) pthread_cond_wait(&parking->changed, &parking->lock);
    pthread_mutex_unlock(&parking->lock);
}
