/*
 * What the supervisor (systemd, where it started us so) hears: that we are up, how a reload went, that we stop, and,
 * for as long as all the threads that matter come round, that we live. The main thread only.
 */
#ifndef DNSPOLICY_APP_SUPERVISOR_H
#define DNSPOLICY_APP_SUPERVISOR_H

#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/probe/engine.h"
#include "dnspolicy/web/web.h"
#include "notify.h"

struct supervisor {
    struct notify notify;
    uint64_t watch_every_ns; /* 0: nobody watches */
    uint64_t next_look_mono_ns;
    struct engine *engine;
    struct web *web;
};

/* Reads the environment. */
void supervisor_init(struct supervisor *supervisor);
void supervisor_fini(struct supervisor *supervisor);

/* The watch begins; both must live until supervisor_stopping(). */
void supervisor_watch(struct supervisor *supervisor, struct engine *engine, struct web *web, uint64_t now_mono_ns);
/* When to call supervisor_look() next: milliseconds, or -1. */
int supervisor_timeout_ms(const struct supervisor *supervisor, uint64_t now_mono_ns);
void supervisor_look(struct supervisor *supervisor, uint64_t now_mono_ns);

/* Either of the two after it ends the reload. */
void supervisor_reloading(struct supervisor *supervisor, uint64_t now_mono_ns);
void supervisor_ready(struct supervisor *supervisor, unsigned probes, unsigned lanes, int64_t loaded_wall_ns);
/* `errors`: one a line, as many as `count` says or fewer. */
void supervisor_reload_failed(struct supervisor *supervisor, const char *errors, size_t count, unsigned probes,
                              int64_t loaded_wall_ns);
void supervisor_stopping(struct supervisor *supervisor);

#endif
