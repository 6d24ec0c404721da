/*
 * Decides what of the verdict changes is written: which level, which fields, and how many lines a second.
 */
#include "event_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/eventfd.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/log.h"
#include "dnspolicy/judge/verdict.h"

static bool is_failure(enum verdict verdict)
{
    enum category category = verdict_table[verdict].category;
    return category != CATEGORY_PASS && category != CATEGORY_UNKNOWN;
}

static void write_change(const struct state_event *event)
{
    char id[PLAN_ID_TEXT_SIZE], repeated[16];
    plan_format_id(event->probe_id, id);
    snprintf(repeated, sizeof(repeated), "%u", event->repeated);
    log_event(is_failure((enum verdict)event->to) ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
              event->repeated ? "verdict keeps changing" : "verdict changed", "check", event->check, "client",
              event->client, "subnet", event->subnet, "resolver", event->resolver, "transport", event->transport,
              "qname", event->qname, "qtype", event->qtype, "severity", event->severity, "from",
              verdict_table[event->from].name, "to", verdict_table[event->to].name, "category",
              category_names[verdict_table[event->to].category], "why", event->explanation, "more_changes",
              event->repeated ? repeated : NULL, "probe", id, NULL);
}

static void tell_unsaid(struct event_log *log)
{
    if (!log->unsaid) return;
    char count[24];
    snprintf(count, sizeof(count), "%" PRIu64, log->unsaid);
    log_event(LOG_LEVEL_WARN, "more verdicts changed than are logged; see /api/v1/events", "changes", count, NULL);
    log->unsaid = 0;
}

void event_log_drain(struct event_log *log, uint64_t now_mono_ns)
{
    eventfd_t ignored;
    eventfd_read(state_log_fd(log->state), &ignored);
    if (now_mono_ns - log->second_began_mono_ns >= NS_PER_SEC) {
        tell_unsaid(log);
        log->second_began_mono_ns = now_mono_ns;
        log->written = 0;
    }
    struct state_event events[EVENT_LOG_LINES_PER_SECOND];
    uint64_t dropped = 0;
    size_t count = state_take_log_events(log->state, events, EVENT_LOG_LINES_PER_SECOND - log->written, &dropped);
    log->written += (unsigned)count;
    log->unsaid += dropped;
    for (size_t i = 0; i < count; i++) {
        write_change(&events[i]);
        state_event_fini(&events[i]);
    }
}

int event_log_timeout_ms(const struct event_log *log, uint64_t now_mono_ns)
{
    if (!log->unsaid && log->written < EVENT_LOG_LINES_PER_SECOND) return -1;
    uint64_t elapsed_ns = now_mono_ns - log->second_began_mono_ns;
    return elapsed_ns >= NS_PER_SEC ? 0 : (int)((NS_PER_SEC - elapsed_ns) / NS_PER_MS) + 1;
}
