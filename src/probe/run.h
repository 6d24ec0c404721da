/*
 * A run: up to ten attempts over UDP, or one over a stream, or the former and after a truncated reply one over TCP. A
 * reply may call for one more query: with the server's cookie, or the transfer after the SOA. All of it lies within
 * timeout × attempts from the first query.
 */
#ifndef DNSPOLICY_SRC_PROBE_RUN_H
#define DNSPOLICY_SRC_PROBE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "channels.h"
#include "dnspolicy/base/heap.h"
#include "dnspolicy/probe/engine.h"
#include "gates.h"
#include "list.h"
#include "message.h"
#include "transport.h"

struct lane;
struct task;

struct run {
    struct list link;            /* in the lane's runs, or in its spare ones */
    struct gate_visitor visitor; /* while the next query waits for a rate limit */
    struct heap_node timer;      /* end of the attempt, or of the run while a retry waits */
    struct task *task;
    uint64_t due_mono_ns;   /* moves on when the limits hold back the first query for an interval */
    uint64_t bound_mono_ns; /* end of the whole run; 0 until the first query */
    uint8_t attempts_left;
    bool asks_soa;     /* first, before the transfer */
    bool is_called_on; /* a reply has come that calls for another query, which has not been sent yet */
    const struct transport_functions *transport;
    struct channel *channel; /* NULL: no attempt is under way, nor is one to go on over its connection */
    struct message_facts facts;
    uint64_t sent_mono_ns; /* of the attempt: when it began, then when its query left */
    void (*answer)(void *ticket, const struct outcome *outcome); /* NULL: a scheduled run */
    void *ticket;
    struct outcome outcome;
};

/* A run that was started and has asked nothing yet waits for the rate limits. */
static inline bool run_has_begun(const struct run *run) { return run->bound_mono_ns != 0; }

/* A scheduled run, or with `answer` an on-demand one: its first query goes now or waits at the gates. */
void run_start(struct lane *lane, struct task *task, uint64_t due_mono_ns,
               void (*answer)(void *ticket, const struct outcome *outcome), void *ticket);
/* The gates are passed: sends. */
void run_send(struct lane *lane, struct run *run);
void run_hear(struct lane *lane, struct run *run, uint32_t events);
/* The timer is due. */
void run_expire(struct lane *lane, struct run *run);
/* The query that it asks now, where the present plan has it. */
void run_show_query(const struct lane *lane, struct run *run);
/* Ends it at once, as OUTCOME_ABANDONED; who ordered it is told that there is nothing to tell. */
void run_abandon(struct lane *lane, struct run *run);

#endif
