/* Decides when a probe is due and which runs have come too late. Knows nothing of lanes, limits and what a run does. */
#include "schedule.h"

#include "dnspolicy/base/clock.h"

#define FIRST_RUN_WITHIN_NS (60 * NS_PER_SEC)
#define QUERIES_PER_TICK 32
#define TICK_MIN_NS (1 * NS_PER_MS)
#define TICK_MAX_NS (10 * NS_PER_MS)

uint64_t schedule_next(uint64_t id, uint64_t interval_ns, uint64_t after)
{
    uint64_t phase = id % interval_ns;
    uint64_t next = after - after % interval_ns + phase;
    return next > after ? next : next + interval_ns;
}

uint64_t schedule_first(uint64_t id, uint64_t interval_ns, uint64_t now)
{
    if (interval_ns <= FIRST_RUN_WITHIN_NS) return schedule_next(id, interval_ns, now);
    return now + id % FIRST_RUN_WITHIN_NS;
}

struct schedule_turn schedule_take(uint64_t id, uint64_t interval_ns, uint64_t due, uint64_t now)
{
    struct schedule_turn turn = {.due = due, .next = schedule_next(id, interval_ns, due)};
    if (now <= due + interval_ns) return turn;
    /* A first run may lie off the phase; all that follow it are on it. */
    turn.due = schedule_next(id, interval_ns, now - interval_ns - 1);
    turn.next = turn.due + interval_ns;
    turn.skipped = (turn.due - due + interval_ns - 1) / interval_ns;
    return turn;
}

uint64_t schedule_tick_ns(double queries_per_second, bool once)
{
    if (once || queries_per_second >= (double)QUERIES_PER_TICK * (double)NS_PER_SEC / (double)TICK_MIN_NS)
        return TICK_MIN_NS;
    double tick_ns =
        (double)QUERIES_PER_TICK * (double)NS_PER_SEC / (queries_per_second > 0.001 ? queries_per_second : 0.001);
    return tick_ns > (double)TICK_MAX_NS ? TICK_MAX_NS : (uint64_t)tick_ns;
}
