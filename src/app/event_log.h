/*
 * Verdict changes become log lines, at most 50 a second; the rest of a second is told in one line that says how many.
 * The main thread only.
 */
#ifndef DNSPOLICY_APP_EVENT_LOG_H
#define DNSPOLICY_APP_EVENT_LOG_H

#include <stdint.h>

#include "dnspolicy/state/state.h"

#define EVENT_LOG_LINES_PER_SECOND 50

struct event_log {
    struct state *state;
    uint64_t second_began_mono_ns;
    unsigned written; /* in this second */
    uint64_t unsaid;
};

void event_log_drain(struct event_log *log, uint64_t now_mono_ns);
/* When to drain although nothing new came, because this second's lines are used up: milliseconds, or -1. */
int event_log_timeout_ms(const struct event_log *log, uint64_t now_mono_ns);

#endif
