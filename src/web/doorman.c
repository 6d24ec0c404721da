/*
 * Decides when things happen beside requests: whom to let in and to which front, when to look at the clock, at the web
 * config, and at fronts that have drained. What is too long and what has changed is decided elsewhere.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/log.h"
#include "dnspolicy/base/mem.h"
#include "server.h"

#define SWEEP_NS NS_PER_SEC
/* A new connection meets the web config as it is, but for a second; one that stays open sees a change within five. */
#define LOOK_AT_ACCEPT_NS NS_PER_SEC
#define LOOK_NS (5 * NS_PER_SEC)
#define ACCEPTS_AT_ONCE 64
#define NO_DESCRIPTOR_PAUSE_NS (100 * NS_PER_MS)

struct doorman {
    struct web *web;
    uint64_t next_sweep_mono_ns;
    uint64_t looked_mono_ns;
    uint64_t closed_until_mono_ns; /* the process has no descriptor left */
};

/* The TLS settings have changed: new connections meet a new front. */
static bool replace_front(struct web *web, struct settings *next)
{
    AUTO(mem_free_ptr) char *error = NULL;
    struct front *front = front_start(web, next, &error);
    if (!front) {
        log_event(LOG_LEVEL_ERROR, error, NULL);
        return false;
    }
    atomic_store(&web->front->is_draining, true);
    web->front->next = web->draining;
    web->draining = web->front;
    web->front = front;
    return true;
}

static void look_at_settings(struct doorman *doorman, uint64_t now_mono_ns, uint64_t at_most_every_ns)
{
    struct web *web = doorman->web;
    if (now_mono_ns - doorman->looked_mono_ns < at_most_every_ns) return;
    doorman->looked_mono_ns = now_mono_ns;
    struct settings *next = settings_watch_look(&web->settings);
    if (!next) return;
    if (settings_has_same_tls(next, web->front->settings) || replace_front(web, next))
        settings_watch_adopt(&web->settings, next);
    else
        settings_unref(next);
}

static void stop_drained(struct web *web, uint64_t now_mono_ns)
{
    for (struct front **link = &web->draining; *link;) {
        struct front *front = *link;
        limits_shut_idle(&web->limits, front, now_mono_ns);
        if (limits_count(&web->limits, front)) {
            link = &front->next;
            continue;
        }
        *link = front->next;
        front_stop(front);
    }
}

static void sweep(struct doorman *doorman, uint64_t now_mono_ns)
{
    struct web *web = doorman->web;
    if (now_mono_ns < doorman->next_sweep_mono_ns) return;
    doorman->next_sweep_mono_ns = now_mono_ns + SWEEP_NS;
    limits_sweep(&web->limits, now_mono_ns);
    later_list_expire(&web->laters, now_mono_ns);
    look_at_settings(doorman, now_mono_ns, LOOK_NS);
    stop_drained(web, now_mono_ns);
}

static bool is_out_of_descriptors(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void accept_some(struct doorman *doorman, int listen_fd)
{
    struct web *web = doorman->web;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        struct sockaddr_storage address;
        socklen_t len = sizeof(address);
        int fd = accept4(listen_fd, (struct sockaddr *)&address, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            look_at_settings(doorman, clock_mono_ns(), LOOK_AT_ACCEPT_NS);
            front_take(web->front, fd, &address, len);
        } else if (is_out_of_descriptors(errno)) {
            uint64_t now_ns = clock_mono_ns();
            limits_shut_longest_idle(&web->limits, now_ns);
            doorman->closed_until_mono_ns = now_ns + NO_DESCRIPTOR_PAUSE_NS;
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

static void answer_roll(struct web *web)
{
    eventfd_t ignored;
    eventfd_read(web->wake_fd, &ignored);
    if (atomic_load(&web->is_called)) front_call_roll(web->front);
}

/* -1: nothing but a connection, a call or the end can make anything happen. */
static int timeout_ms(const struct doorman *doorman, uint64_t now_mono_ns)
{
    const struct web *web = doorman->web;
    uint64_t wake_ns = UINT64_MAX;
    if (web->draining || limits_count(&doorman->web->limits, NULL)) wake_ns = doorman->next_sweep_mono_ns;
    if (doorman->closed_until_mono_ns > now_mono_ns && doorman->closed_until_mono_ns < wake_ns)
        wake_ns = doorman->closed_until_mono_ns;
    if (wake_ns == UINT64_MAX) return -1;
    return wake_ns <= now_mono_ns ? 0 : (int)((wake_ns - now_mono_ns) / NS_PER_MS) + 1;
}

void *doorman_run(void *arg)
{
    struct doorman doorman = {.web = arg};
    struct web *web = arg;
    size_t count = web->listeners.count;
    AUTO(mem_free_ptr) struct pollfd *waits = mem_array(count + 1, sizeof(*waits));
    while (!atomic_load(&web->is_stopping)) {
        uint64_t now_ns = clock_mono_ns();
        bool is_closed = doorman.closed_until_mono_ns > now_ns;
        for (size_t i = 0; i < count; i++)
            waits[i] = (struct pollfd){.fd = is_closed ? -1 : web->listeners.items[i].fd, .events = POLLIN};
        waits[count] = (struct pollfd){.fd = web->wake_fd, .events = POLLIN};
        if (poll(waits, count + 1, timeout_ms(&doorman, now_ns)) < 0 && errno != EINTR)
            PANIC("poll: %s", strerror(errno));
        for (size_t i = 0; i < count; i++)
            if (waits[i].revents) accept_some(&doorman, web->listeners.items[i].fd);
        if (waits[count].revents) answer_roll(web);
        sweep(&doorman, clock_mono_ns());
    }
    return NULL;
}
