/*
 * Decides when lanes start, change plans and stop. Knows their threads and nothing of what they do.
 */
#include "dnspolicy/probe/engine.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "lane.h"

struct engine {
    unsigned lane_count;
    unsigned threads; /* that run */
    struct lane **lanes;
    struct parking parking;
    atomic_uint orders_open;
    int stamp_keeper;
    pthread_mutex_t layout_lock; /* between swaps and orders */
    struct layout *layout;
};

/*
 * The kernel stamps packets only while somebody wants it to, and takes a while to begin: until then a datagram is
 * stamped when it is read. One socket that always wants it keeps the first reply after a quiet time exact.
 */
static int keep_stamps_on(void)
{
    int on = 1;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
    return fd;
}

static bool start_thread(struct lane *lane, char **error)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int number = pthread_create(&lane->thread, NULL, lane_main, lane);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (number == 0) {
        pthread_setname_np(lane->thread, "lane");
        return true;
    }
    *error = mem_printf("cannot start a thread of the prober: %s", strerror(number));
    return false;
}

static bool set_up_lanes(struct engine *engine, const struct engine_options *options, struct engine_sink sink,
                         char **error)
{
    bool is_set_up = true;
    for (unsigned i = 0; i < engine->lane_count; i++) {
        struct lane *lane = engine->lanes[i] = mem_alloc(sizeof(*lane));
        lane->index = i;
        lane->parking = &engine->parking;
        lane->orders_open = &engine->orders_open;
        is_set_up = is_set_up && lane_init(lane, options, sink, error);
    }
    return is_set_up;
}

struct engine *engine_start(const struct engine_options *options, const struct plan *plan,
                            const struct placement *placement, struct engine_sink sink, char **error)
{
    REQUIRE(options->lanes >= 1 && options->lanes <= LANES_MAX && placement->lanes == options->lanes);
    struct engine *engine = mem_alloc(sizeof(*engine));
    engine->lane_count = options->lanes;
    engine->lanes = mem_array(options->lanes, sizeof(struct lane *));
    engine->stamp_keeper = keep_stamps_on();
    pthread_mutex_init(&engine->layout_lock, NULL);
    parking_init(&engine->parking, options->lanes);
    bool is_started = set_up_lanes(engine, options, sink, error);
    engine->layout = layout_new(plan, placement, NULL, NULL);
    layout_take_over(engine->layout, NULL, engine->lanes, clock_mono_ns());
    while (is_started && engine->threads < engine->lane_count) {
        is_started = start_thread(engine->lanes[engine->threads], error);
        if (is_started) engine->threads++;
    }
    if (is_started) return engine;
    engine_stop(engine);
    return NULL;
}

static void wake_lanes(struct engine *engine)
{
    for (unsigned i = 0; i < engine->threads; i++) lane_wake(engine->lanes[i]);
}

void engine_swap(struct engine *engine, const struct plan *next, const struct placement *placement,
                 const struct plan_diff *diff, void (*commit)(void *arg), void *arg)
{
    REQUIRE(placement->lanes == engine->lane_count);
    pthread_mutex_lock(&engine->layout_lock);
    struct layout *layout = layout_new(next, placement, diff, engine->layout);
    parking_close(&engine->parking, layout->keeps_task);
    wake_lanes(engine);
    parking_await_all(&engine->parking);
    commit(arg);
    layout_take_over(layout, engine->layout, engine->lanes, clock_mono_ns());
    engine->layout = layout;
    parking_open(&engine->parking);
    pthread_mutex_unlock(&engine->layout_lock);
}

bool engine_run_now(struct engine *engine, uint64_t probe_id,
                    void (*answer)(void *ticket, const struct outcome *outcome), void *ticket)
{
    if (atomic_fetch_add(&engine->orders_open, 1) >= LANE_ORDERS_MAX) {
        atomic_fetch_sub(&engine->orders_open, 1);
        return false;
    }
    pthread_mutex_lock(&engine->layout_lock);
    uint32_t probe = plan_find(engine->layout->plan, probe_id);
    if (probe != PLAN_NONE) {
        struct task *task = engine->layout->tasks[probe];
        struct lane_order order = {.task = task, .answer = answer, .ticket = ticket};
        lane_order(engine->lanes[task->lane], &order);
    }
    pthread_mutex_unlock(&engine->layout_lock);
    if (probe == PLAN_NONE) atomic_fetch_sub(&engine->orders_open, 1);
    return probe != PLAN_NONE;
}

void engine_read_stats(const struct engine *engine, unsigned lane, struct engine_stats *out)
{
    *out = (struct engine_stats){0};
    for (unsigned i = 0; i < engine->lane_count; i++)
        if (lane == UINT_MAX || lane == i) stats_add_to(&engine->lanes[i]->stats, out);
}

void engine_call_roll(struct engine *engine)
{
    for (unsigned i = 0; i < engine->threads; i++) {
        atomic_store(&engine->lanes[i]->is_called, true);
        lane_wake(engine->lanes[i]);
    }
}

unsigned engine_missing(const struct engine *engine)
{
    unsigned missing = 0;
    for (unsigned i = 0; i < engine->threads; i++) missing += atomic_load(&engine->lanes[i]->is_called);
    return missing;
}

void engine_wait_done(struct engine *engine) { parking_await_done(&engine->parking); }

void engine_stop(struct engine *engine)
{
    if (!engine) return;
    parking_stop(&engine->parking);
    wake_lanes(engine);
    for (unsigned i = 0; i < engine->threads; i++) pthread_join(engine->lanes[i]->thread, NULL);
    layout_free(engine->layout, engine->lanes);
    for (unsigned i = 0; i < engine->lane_count; i++) {
        lane_fini(engine->lanes[i]);
        free(engine->lanes[i]);
    }
    free(engine->lanes);
    parking_fini(&engine->parking);
    pthread_mutex_destroy(&engine->layout_lock);
    if (engine->stamp_keeper >= 0) close(engine->stamp_keeper);
    free(engine);
}
