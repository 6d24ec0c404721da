/*
 * Transports: how one attempt asks and hears. A transport owns the attempt's socket from begin() to finish() and
 * decides what the attempt has come to; what follows from that is the run's affair (run.c).
 */
#ifndef DNSPOLICY_SRC_PROBE_TRANSPORT_H
#define DNSPOLICY_SRC_PROBE_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/probe/outcome.h"

struct lane;
struct run;

enum attempt_state { ATTEMPT_WAITS, ATTEMPT_REPLIED, ATTEMPT_FAILED };

struct attempt_result {
    enum attempt_state state;
    enum outcome_status status; /* FAILED: one of the statuses without a reply */
    struct outcome_error error; /* FAILED; number 0 for an orderly end such as a closed connection */
    const uint8_t *message; /* REPLIED: it answers the query; valid until finish() or the next attempt of the lane */
    size_t len;
    int64_t rtt_ns;
};

struct transport_functions {
    /* Starts the attempt that run->outcome.stamp describes. Anything but WAITS has left no socket behind. */
    struct attempt_result (*begin)(struct lane *lane, struct run *run);
    /* The socket has something to say. After FAILED and REPLIED finish() must follow. */
    struct attempt_result (*advance)(struct lane *lane, struct run *run, uint32_t events);
    /*
     * Asks run->facts.query over the connection of the attempt that has just been answered. NULL: every query is an
     * attempt of its own. The results are those of begin().
     */
    struct attempt_result (*ask_again)(struct lane *lane, struct run *run);
    /* The attempt's time is over: what it has come to. NULL: silence. */
    struct attempt_result (*expire)(const struct run *run);
    /* Gives up the socket. `cleanly`: after one good reply or plain silence, so that the socket may serve again. */
    void (*finish)(struct lane *lane, struct run *run, bool cleanly);
};

extern const struct transport_functions transport_udp;
extern const struct transport_functions transport_tcp;
extern const struct transport_functions transport_tls;
extern const struct transport_functions transport_https;

static inline struct attempt_result attempt_waits(void) { return (struct attempt_result){.state = ATTEMPT_WAITS}; }
static inline struct attempt_result attempt_failed(enum outcome_status status, enum outcome_step step, int number)
{
    return (struct attempt_result){
        .state = ATTEMPT_FAILED, .status = status, .error = {.step = (uint8_t)step, .number = number}};
}

/*
 * The time from query to reply: by the kernel's receive stamp (wall clock, 0: none) when it lies within what has passed
 * on the monotonic clock, which it does not when somebody has set the clock; else what has passed.
 */
int64_t transport_rtt_ns(int64_t sent_wall_ns, int64_t stamp_wall_ns, uint64_t elapsed_mono_ns);

#endif
