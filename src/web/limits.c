/*
 * Decides which connection may stay. The library's own timeout counts idleness only, so whoever sends or reads a byte
 * now and then would live for ever; here whole phases are timed, and a connection is ended by shutdown(2), which the
 * library sees as a client that went away.
 *
 * The limits, in web.h, have these reasons. 256 connections: descriptors kept from the probes. 64 for one address: a
 * quarter, so that no single host can take all. Idle 30 s: twice the usual scrape interval, so that a scraper keeps its
 * connection. 10 s for a request's header: a slow link needs one. 60 s for an answer: no scraper waits longer.
 */
#include "limits.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/web/web.h"

/* A full house turns out who has been answered for this long: a client that reads is done by then. */
#define SLOW_ANSWER_NS (5 * NS_PER_SEC)
/* The library has either told of a connection by then, or could not serve it and has closed it. */
#define STARTED_WITHIN_NS (10 * NS_PER_SEC)

void limits_init(struct limits *limits)
{
    *limits = (struct limits){0};
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&limits->lock, NULL);
    pthread_cond_init(&limits->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void remove_visit(struct limits *limits, struct visit *visit)
{
    *visit->link = visit->next;
    if (visit->next) visit->next->link = visit->link;
    limits->count--;
    mem_free_ptr(&visit);
    pthread_cond_broadcast(&limits->changed);
}

void limits_fini(struct limits *limits)
{
    while (limits->visits) remove_visit(limits, limits->visits);
    pthread_cond_destroy(&limits->changed);
    pthread_mutex_destroy(&limits->lock);
}

static void shut(struct visit *visit)
{
    if (!visit->is_started || visit->is_shut) return;
    visit->is_shut = true;
    shutdown(visit->fd, SHUT_RDWR);
}

static struct visit *add_visit(struct limits *limits, const void *front, int fd, uint64_t now_mono_ns)
{
    struct visit *visit = mem_alloc(sizeof(*visit));
    *visit = (struct visit){.next = limits->visits, .link = &limits->visits, .front = front, .fd = fd};
    visit->since_mono_ns = now_mono_ns;
    visit->has_baseline = true; /* nothing was received before the first byte */
    if (visit->next) visit->next->link = &visit->next;
    limits->visits = visit;
    limits->count++;
    return visit;
}

static struct visit *find_unstarted(const struct limits *limits, int fd)
{
    struct visit *visit = limits->visits;
    while (visit && (visit->is_started || visit->fd != fd)) visit = visit->next;
    return visit;
}

/* IPv6 hosts have a whole /64 to come from. */
static bool is_same_host(const struct addr *a, const struct addr *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, a->family == ADDR_V6 ? 8 : 4) == 0;
}

static size_t count_host(const struct limits *limits, const struct addr *address)
{
    size_t count = 0;
    for (const struct visit *visit = limits->visits; visit; visit = visit->next)
        count += !visit->is_shut && is_same_host(&visit->address, address);
    return count;
}

/* The longest idle, else the slowest of the answers. */
static struct visit *find_victim(const struct limits *limits, uint64_t now_mono_ns)
{
    struct visit *idle = NULL, *slow = NULL;
    for (struct visit *visit = limits->visits; visit; visit = visit->next) {
        if (!visit->is_started || visit->is_shut) continue;
        struct visit **best = visit->is_busy ? &slow : &idle;
        if (!*best || visit->since_mono_ns < (*best)->since_mono_ns) *best = visit;
    }
    if (idle) return idle;
    return slow && now_mono_ns - slow->since_mono_ns > SLOW_ANSWER_NS ? slow : NULL;
}

static size_t count_open(const struct limits *limits)
{
    size_t count = 0;
    for (const struct visit *visit = limits->visits; visit; visit = visit->next) count += !visit->is_shut;
    return count;
}

bool limits_admit(struct limits *limits, const void *front, int fd, const struct addr *address, uint64_t now_mono_ns)
{
    pthread_mutex_lock(&limits->lock);
    /* The kernel gave the number again, so the library has closed what had it. */
    struct visit *stale = find_unstarted(limits, fd);
    if (stale) remove_visit(limits, stale);

    bool is_admitted = count_host(limits, address) < WEB_CONNECTIONS_PER_ADDRESS;
    if (is_admitted && count_open(limits) >= WEB_CONNECTIONS_MAX) {
        struct visit *victim = find_victim(limits, now_mono_ns);
        if (victim) shut(victim);
        is_admitted = victim != NULL;
    }
    if (is_admitted) add_visit(limits, front, fd, now_mono_ns)->address = *address;
    pthread_mutex_unlock(&limits->lock);
    return is_admitted;
}

void limits_withdraw(struct limits *limits, int fd)
{
    pthread_mutex_lock(&limits->lock);
    struct visit *visit = find_unstarted(limits, fd);
    if (visit) remove_visit(limits, visit);
    pthread_mutex_unlock(&limits->lock);
}

struct visit *limits_started(struct limits *limits, const void *front, int fd, uint64_t now_mono_ns)
{
    pthread_mutex_lock(&limits->lock);
    struct visit *visit = find_unstarted(limits, fd);
    if (!visit) visit = add_visit(limits, front, fd, now_mono_ns);
    visit->is_started = true;
    pthread_mutex_unlock(&limits->lock);
    return visit;
}

void limits_ended(struct limits *limits, struct visit *visit)
{
    pthread_mutex_lock(&limits->lock);
    remove_visit(limits, visit);
    pthread_mutex_unlock(&limits->lock);
}

void limits_busy(struct limits *limits, struct visit *visit, uint64_t now_mono_ns)
{
    pthread_mutex_lock(&limits->lock);
    visit->is_busy = true;
    visit->since_mono_ns = now_mono_ns;
    visit->first_byte_mono_ns = 0;
    pthread_mutex_unlock(&limits->lock);
}

void limits_idle(struct limits *limits, struct visit *visit, uint64_t now_mono_ns)
{
    pthread_mutex_lock(&limits->lock);
    visit->is_busy = false;
    visit->since_mono_ns = now_mono_ns;
    visit->has_baseline = visit->has_left = false;
    pthread_cond_broadcast(&limits->changed);
    pthread_mutex_unlock(&limits->lock);
}

/* The library does not tell when a request begins; the kernel knows how many bytes have come. */
static uint64_t bytes_received(int fd)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_bytes_received : 0;
}

static void note_first_byte(struct visit *visit, uint64_t now_mono_ns)
{
    uint64_t bytes = bytes_received(visit->fd);
    if (!visit->has_baseline) {
        visit->baseline = bytes;
        visit->has_baseline = true;
    }
    if (bytes != visit->baseline && !visit->first_byte_mono_ns) visit->first_byte_mono_ns = now_mono_ns;
}

/* The library misses the end of what a client sends when it comes along with the last bytes. Seen in two sweeps, it is
 * not a request that is about to be answered. */
static bool has_left(struct visit *visit)
{
    char byte;
    bool had_left = visit->has_left;
    visit->has_left = recv(visit->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    return had_left && visit->has_left;
}

static bool has_taken_too_long(struct visit *visit, uint64_t now_mono_ns)
{
    uint64_t age_ns = now_mono_ns - visit->since_mono_ns;
    if (visit->is_busy) return age_ns > WEB_RESPONSE_TIMEOUT_S * NS_PER_SEC;
    if (has_left(visit)) return true;
    note_first_byte(visit, now_mono_ns);
    if (visit->first_byte_mono_ns) return now_mono_ns - visit->first_byte_mono_ns > WEB_REQUEST_TIMEOUT_S * NS_PER_SEC;
    return age_ns > WEB_IDLE_TIMEOUT_S * NS_PER_SEC;
}

void limits_sweep(struct limits *limits, uint64_t now_mono_ns)
{
    pthread_mutex_lock(&limits->lock);
    for (struct visit *visit = limits->visits, *next; visit; visit = next) {
        next = visit->next;
        if (visit->is_shut) continue;
        if (!visit->is_started && now_mono_ns - visit->since_mono_ns > STARTED_WITHIN_NS)
            remove_visit(limits, visit);
        else if (visit->is_started && has_taken_too_long(visit, now_mono_ns))
            shut(visit);
    }
    pthread_mutex_unlock(&limits->lock);
}

void limits_shut(struct limits *limits, struct visit *visit)
{
    pthread_mutex_lock(&limits->lock);
    shut(visit);
    pthread_mutex_unlock(&limits->lock);
}

size_t limits_count(struct limits *limits, const void *front)
{
    size_t count = 0;
    pthread_mutex_lock(&limits->lock);
    for (const struct visit *visit = limits->visits; visit; visit = visit->next)
        count += !front || visit->front == front;
    pthread_mutex_unlock(&limits->lock);
    return count;
}

void limits_shut_idle(struct limits *limits, const void *front, uint64_t now_mono_ns)
{
    pthread_mutex_lock(&limits->lock);
    for (struct visit *visit = limits->visits; visit; visit = visit->next) {
        if (visit->is_busy || !visit->is_started || visit->front != front) continue;
        note_first_byte(visit, now_mono_ns);
        if (!visit->first_byte_mono_ns && now_mono_ns - visit->since_mono_ns >= NS_PER_SEC) shut(visit);
    }
    pthread_mutex_unlock(&limits->lock);
}

void limits_shut_all(struct limits *limits)
{
    pthread_mutex_lock(&limits->lock);
    for (struct visit *visit = limits->visits; visit; visit = visit->next) shut(visit);
    pthread_mutex_unlock(&limits->lock);
}

void limits_shut_longest_idle(struct limits *limits, uint64_t now_mono_ns)
{
    pthread_mutex_lock(&limits->lock);
    struct visit *victim = find_victim(limits, now_mono_ns);
    if (victim && !victim->is_busy) shut(victim);
    pthread_mutex_unlock(&limits->lock);
}

static bool is_any_busy(const struct limits *limits)
{
    for (const struct visit *visit = limits->visits; visit; visit = visit->next)
        if (visit->is_busy && !visit->is_shut) return true;
    return false;
}

void limits_wait_idle(struct limits *limits, uint64_t deadline_mono_ns)
{
    const struct timespec deadline = {.tv_sec = (time_t)(deadline_mono_ns / NS_PER_SEC),
                                      .tv_nsec = (long)(deadline_mono_ns % NS_PER_SEC)};
    pthread_mutex_lock(&limits->lock);
    while (is_any_busy(limits))
        if (pthread_cond_timedwait(&limits->changed, &limits->lock, &deadline) == ETIMEDOUT) break;
    pthread_mutex_unlock(&limits->lock);
}
