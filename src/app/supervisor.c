/*
 * Decides what the supervisor is told, and whether we live: each lane and the web are asked to come round, and only
 * when all have done so is it told. We who ask are the main thread, so it is among them. How they are asked is their
 * own business.
 *
 * They are asked four times in the supervisor's period, and a call that is answered late is looked at again with the
 * next one: what hangs is told apart from what had to wait for a processor.
 */
#include "supervisor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/log.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/strbuf.h"

#define LOOKS_IN_A_PERIOD 4

void supervisor_init(struct supervisor *supervisor)
{
    uint64_t period_ns = notify_parse_watchdog_ns(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"), getpid());
    *supervisor = (struct supervisor){.watch_every_ns = period_ns / LOOKS_IN_A_PERIOD};
    notify_init(&supervisor->notify, getenv("NOTIFY_SOCKET"));
    if (supervisor->notify.fd < 0) supervisor->watch_every_ns = 0;
}

void supervisor_fini(struct supervisor *supervisor) { notify_fini(&supervisor->notify); }

static void ask_all(struct supervisor *supervisor, uint64_t now_mono_ns)
{
    engine_call_roll(supervisor->engine);
    web_call_roll(supervisor->web);
    supervisor->next_look_mono_ns = now_mono_ns + supervisor->watch_every_ns;
}

void supervisor_watch(struct supervisor *supervisor, struct engine *engine, struct web *web, uint64_t now_mono_ns)
{
    supervisor->engine = engine;
    supervisor->web = web;
    if (supervisor->watch_every_ns) ask_all(supervisor, now_mono_ns);
}

int supervisor_timeout_ms(const struct supervisor *supervisor, uint64_t now_mono_ns)
{
    if (!supervisor->watch_every_ns) return -1;
    if (supervisor->next_look_mono_ns <= now_mono_ns) return 0;
    uint64_t left_ms = (supervisor->next_look_mono_ns - now_mono_ns) / NS_PER_MS + 1;
    return left_ms > INT32_MAX ? INT32_MAX : (int)left_ms;
}

void supervisor_look(struct supervisor *supervisor, uint64_t now_mono_ns)
{
    if (!supervisor->watch_every_ns || now_mono_ns < supervisor->next_look_mono_ns) return;
    unsigned lanes = engine_missing(supervisor->engine);
    bool web_is_there = !web_is_missing(supervisor->web);
    if (!lanes && web_is_there) {
        notify_watchdog(&supervisor->notify);
    } else {
        char count[16];
        snprintf(count, sizeof(count), "%u", lanes);
        log_event(LOG_LEVEL_WARN, "threads do not come round; the watchdog is not told that all is well", "lanes",
                  count, "web", web_is_there ? "well" : "missing", NULL);
    }
    ask_all(supervisor, now_mono_ns);
}

static void add_running(struct strbuf *status, unsigned probes, int64_t loaded_wall_ns)
{
    char loaded[CLOCK_TEXT_SIZE];
    clock_format(loaded_wall_ns, loaded);
    strbuf_addf(status, "%u probe%s, as loaded at %s", probes, probes == 1 ? "" : "s", loaded);
}

void supervisor_reloading(struct supervisor *supervisor, uint64_t now_mono_ns)
{
    notify_reloading(&supervisor->notify, now_mono_ns);
}

void supervisor_ready(struct supervisor *supervisor, unsigned probes, unsigned lanes, int64_t loaded_wall_ns)
{
    AUTO(strbuf_fini) struct strbuf status = {0};
    strbuf_addf(&status, "running in %u lane%s: ", lanes, lanes == 1 ? "" : "s");
    add_running(&status, probes, loaded_wall_ns);
    notify_ready(&supervisor->notify, strbuf_text(&status));
}

void supervisor_reload_failed(struct supervisor *supervisor, const char *errors, size_t count, unsigned probes,
                              int64_t loaded_wall_ns)
{
    AUTO(strbuf_fini) struct strbuf status = {0};
    /* The rest of the line has to fit whatever the first error is like. */
    strbuf_addf(&status, "reload failed: %.*s", (int)strcspn(errors, "\n"), errors);
    if (status.len > NOTIFY_STATUS_MAX / 2) {
        status.len = NOTIFY_STATUS_MAX / 2;
        strbuf_puts(&status, "...");
    }
    if (count > 1) strbuf_addf(&status, " (and %zu more)", count - 1);
    strbuf_puts(&status, "; still running: ");
    add_running(&status, probes, loaded_wall_ns);
    notify_ready(&supervisor->notify, strbuf_text(&status));
}

void supervisor_stopping(struct supervisor *supervisor)
{
    supervisor->watch_every_ns = 0;
    notify_stopping(&supervisor->notify);
}
