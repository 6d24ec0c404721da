/*
 * Decides when a lane works and when it sleeps. A turn reads what has arrived, ends what has expired, sends what is due
 * and hands over the outcomes, in this order: a reply that is here counts before its timeout does.
 *
 * Waking up costs more than a probe. So after a turn the lane sleeps for a tick, deaf to its sockets, while anything is
 * in flight or due within it; only then does it wait for the first event or the next due time. It never wakes with
 * nothing to do but to look once at what was in flight. Receive stamps are the kernel's, so being late to read does not
 * make a reply late.
 */
#include "lane.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "schedule.h"

#define READS_PER_TURN 16                /* times LANE_EVENTS: a flood does not keep the lane from sending */
#define SENDS_PER_TURN 256               /* more at once would overrun the default receive buffer of a resolver */
#define SUSPEND_NS ((int64_t)NS_PER_SEC) /* less is two clocks not read at once */

bool lane_init(struct lane *lane, const struct engine_options *options, struct engine_sink sink, char **error)
{
    lane->once = options->once;
    list_init(&lane->runs);
    list_init(&lane->spare_runs);
    pthread_mutex_init(&lane->inbox.lock, NULL);
    lane->batch = batch_new(sink, lane->index, &lane->stats);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    channels_init(&lane->channels, epoll, options->sockets_per_lane, &lane->stats);
    lane->inbox.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll >= 0 && lane->inbox.event >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, lane->inbox.event, &event) == 0)
        return true;
    *error = mem_printf("cannot set up the prober: %s", strerror(errno));
    return false;
}

void lane_fini(struct lane *lane)
{
    REQUIRE(list_is_empty(&lane->runs));
    channels_fini(&lane->channels);
    struct list *link;
    while ((link = list_take_first(&lane->spare_runs))) free(CONTAINER_OF(link, struct run, link));
    heap_fini(&lane->due);
    heap_fini(&lane->openings);
    heap_fini(&lane->timers);
    batch_free(lane->batch);
    dns_reader_fini(&lane->reader);
    pthread_mutex_destroy(&lane->inbox.lock);
    if (lane->inbox.event >= 0) close(lane->inbox.event);
    if (lane->channels.epoll >= 0) close(lane->channels.epoll);
}

void lane_wake(struct lane *lane)
{
    uint64_t one = 1;
    while (write(lane->inbox.event, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
}

void lane_order(struct lane *lane, const struct lane_order *order)
{
    pthread_mutex_lock(&lane->inbox.lock);
    REQUIRE(lane->inbox.count < LANE_ORDERS_MAX);
    lane->inbox.orders[lane->inbox.count++] = *order;
    pthread_mutex_unlock(&lane->inbox.lock);
    lane_wake(lane);
}

static void take_orders(struct lane *lane)
{
    struct lane_order orders[LANE_ORDERS_MAX];
    pthread_mutex_lock(&lane->inbox.lock);
    unsigned count = lane->inbox.count;
    memcpy(orders, lane->inbox.orders, count * sizeof(orders[0]));
    lane->inbox.count = 0;
    pthread_mutex_unlock(&lane->inbox.lock);
    lane->now_mono_ns = clock_mono_ns();
    for (unsigned i = 0; i < count; i++)
        run_start(lane, orders[i].task, lane->now_mono_ns, orders[i].answer, orders[i].ticket);
}

/* Ends all runs, or those whose task the next plan does not keep. `reason` counts the scheduled ones; ENGINE_SKIPS:
 * none. */
static void give_up_runs(struct lane *lane, const bool *keeps, enum engine_skip reason)
{
    struct list *next;
    for (struct list *link = lane->runs.next; link != &lane->runs; link = next) {
        next = link->next;
        struct run *run = CONTAINER_OF(link, struct run, link);
        if (keeps && keeps[run->task->probe]) continue;
        if (reason < ENGINE_SKIPS && !run->answer) stats_add(&lane->stats.skipped[reason], 1);
        run_abandon(lane, run);
    }
}

/* False: the lane is to end. */
static bool obey(struct lane *lane)
{
    enum parking_wish wish = parking_wish(lane->parking);
    if (wish == PARKING_RUN) return true;
    take_orders(lane);
    if (wish == PARKING_STOP) {
        give_up_runs(lane, NULL, ENGINE_SKIPS);
    } else {
        give_up_runs(lane, parking_keeps(lane->parking), ENGINE_SKIP_RELOAD);
    }
    batch_flush(lane->batch);
    if (wish == PARKING_STOP) return false;
    parking_stay(lane->parking);
    return true;
}

/* The boot clock runs on in a suspend and the monotonic one does not. */
static int64_t read_clocks(struct lane *lane)
{
    lane->wall_offset_ns = clock_wall_offset_ns();
    lane->now_mono_ns = clock_mono_ns();
    return (int64_t)(clock_boot_ns() - lane->now_mono_ns);
}

/* What was in flight when the machine went to sleep has met nothing that can be judged. */
static void notice_suspend(struct lane *lane)
{
    int64_t slept = read_clocks(lane);
    bool has_slept = slept > lane->slept_ns + SUSPEND_NS;
    lane->slept_ns = slept;
    if (has_slept) give_up_runs(lane, NULL, ENGINE_SKIP_SUSPEND);
}

static void take_event(struct lane *lane, const struct epoll_event *event)
{
    struct channel *channel = event->data.ptr;
    if (!channel) {
        uint64_t times;
        if (read(lane->inbox.event, &times, sizeof(times)) > 0) take_orders(lane);
        atomic_store(&lane->is_called, false);
    } else if (channel->run) {
        run_hear(lane, channel->run, event->events);
    } else if (channel->fd >= 0) {
        channels_close(&lane->channels, channel);
    }
}

static void poll_events(struct lane *lane)
{
    int count = epoll_wait(lane->channels.epoll, lane->events, LANE_EVENTS, 0);
    lane->event_count = count > 0 ? count : 0;
}

static void read_arrived(struct lane *lane)
{
    for (int i = 0; i < READS_PER_TURN && lane->event_count; i++) {
        int count = lane->event_count;
        for (int k = 0; k < count; k++) take_event(lane, &lane->events[k]);
        lane->event_count = 0;
        if (count == LANE_EVENTS) poll_events(lane);
    }
}

static void end_expired(struct lane *lane)
{
    lane->now_mono_ns = clock_mono_ns();
    struct heap_node *node;
    while ((node = heap_first(&lane->timers, lane->now_mono_ns)))
        run_expire(lane, CONTAINER_OF(node, struct run, timer));
}

/* With `once` all is due at once: descriptors are a limit then, not an error. */
static bool may_send(const struct lane *lane)
{
    const struct channels *channels = &lane->channels;
    if (lane->once && channels->open - channels->idle_count >= channels->limit - channels->limit / 8) return false;
    return lane->sends_left > 0;
}

static void start_again(struct lane *lane, struct task *task, uint64_t due)
{
    if (!task->run) {
        run_start(lane, task, due, NULL, NULL);
    } else if (run_has_begun(task->run)) {
        stats_add(&lane->stats.skipped[ENGINE_SKIP_OVERLAP], 1);
    } else {
        /* The limits have held the run back for a whole interval: it becomes this one and keeps its place in the
         * line. */
        stats_add(&lane->stats.skipped[ENGINE_SKIP_RATE_LIMIT], 1);
        task->run->due_mono_ns = due;
    }
}

static void take_due(struct lane *lane, struct task *task, uint64_t now)
{
    if (lane->once) {
        heap_remove(&lane->due, &task->node);
        run_start(lane, task, task->due_mono_ns, NULL, NULL);
        return;
    }
    const struct plan_probe *probe = lane_probe(lane, task);
    struct schedule_turn turn = schedule_take(probe->id, probe->check->interval_ns, task->due_mono_ns, now);
    if (turn.skipped) stats_add(&lane->stats.skipped[ENGINE_SKIP_LATE], turn.skipped);
    task->due_mono_ns = turn.next;
    heap_put(&lane->due, &task->node, turn.next);
    start_again(lane, task, turn.due);
}

/* Who has waited for a limit goes before who comes now. */
static void send_due(struct lane *lane)
{
    uint64_t now = lane->now_mono_ns;
    lane->sends_left = SENDS_PER_TURN;
    struct gate_visitor *visitor;
    while (may_send(lane) && (visitor = gates_release(&lane->openings, now))) {
        lane->sends_left--;
        run_send(lane, CONTAINER_OF(visitor, struct run, visitor));
    }
    struct heap_node *node;
    while (may_send(lane) && (node = heap_first(&lane->due, now))) {
        lane->sends_left--;
        take_due(lane, CONTAINER_OF(node, struct task, node), now);
    }
}

static uint64_t earliest(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* Waits for the first event, or until the next thing is due (UINT64_MAX: never). By ppoll(2), because epoll_wait(2)
 * knows milliseconds only, and epoll_pwait2(2) is not in every kernel and not in every sandbox. */
static void wait_for_events(struct lane *lane, uint64_t next)
{
    struct timespec timeout = {0};
    uint64_t now = clock_mono_ns();
    if (next > now) {
        timeout.tv_sec = (time_t)((next - now) / NS_PER_SEC);
        timeout.tv_nsec = (long)((next - now) % NS_PER_SEC);
    }
    struct pollfd ready = {.fd = lane->channels.epoll, .events = POLLIN};
    ppoll(&ready, 1, next == UINT64_MAX ? NULL : &timeout, NULL);
    lane->woke_mono_ns = clock_mono_ns();
    stats_add(&lane->stats.wakeups, 1);
    poll_events(lane);
}

static void sleep_deaf(struct lane *lane, uint64_t until)
{
    struct timespec at = {.tv_sec = (time_t)(until / NS_PER_SEC), .tv_nsec = (long)(until % NS_PER_SEC)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
    }
    lane->woke_mono_ns = until;
    stats_add(&lane->stats.wakeups, 1);
}

static void sleep_until_work(struct lane *lane)
{
    uint64_t next = earliest(heap_first_key(&lane->due), heap_first_key(&lane->timers));
    next = earliest(next, heap_first_key(&lane->openings));
    uint64_t tick_end = lane->woke_mono_ns + lane->tick_ns;
    uint64_t now = clock_mono_ns();
    if (now >= tick_end) {
        lane->woke_mono_ns = now;
    } else if (next <= tick_end || stats_get(&lane->stats.in_flight)) {
        sleep_deaf(lane, tick_end);
    }
    poll_events(lane);
    /* This turn may have read the wake-up of a wish that came after it looked. */
    if (parking_wish(lane->parking) != PARKING_RUN) return;
    if (!lane->event_count && next > clock_mono_ns()) wait_for_events(lane, next);
}

static void report_done(struct lane *lane)
{
    if (!lane->once || lane->is_done || lane->due.count || !list_is_empty(&lane->runs)) return;
    lane->is_done = true;
    parking_report_done(lane->parking);
}

/* Nobody cancels a lane. To the C library a thread that may be cancelled at any time is one whose system calls need not
 * be fenced as cancellation points. */
static void spare_cancellation_points(void)
{
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
}

void *lane_main(void *argument)
{
    struct lane *lane = argument;
    spare_cancellation_points();
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    lane->woke_mono_ns = clock_mono_ns();
    lane->slept_ns = read_clocks(lane);
    while (obey(lane)) {
        notice_suspend(lane);
        read_arrived(lane);
        end_expired(lane);
        send_due(lane);
        batch_flush(lane->batch);
        channels_sweep(&lane->channels, lane->now_mono_ns);
        report_done(lane);
        sleep_until_work(lane);
    }
    return NULL;
}
