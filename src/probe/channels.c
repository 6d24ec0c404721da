/*
 * Decides which sockets are opened, kept and closed. A kept socket is disconnected before it rests, so that nothing can
 * reach it there, least of all what was meant for its last attempt. Knows nothing of DNS.
 */
#include "channels.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "context.h"
#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "neterror.h"
#include "netns.h"
#include "stream.h"

#define IDLE_MAX 1024
#define IDLE_FOR_NS (10 * NS_PER_SEC)
#define STREAM_IDLE_FOR_NS (120 * NS_PER_SEC) /* most servers end one sooner, and that is heard */

void channels_init(struct channels *channels, int epoll, unsigned limit, struct lane_stats *stats)
{
    *channels = (struct channels){.epoll = epoll, .home_netns = -1, .limit = limit, .stats = stats};
    list_init(&channels->idle);
    list_init(&channels->idle_streams);
    list_init(&channels->spare);
}

static struct channel *oldest_idle(const struct list *idle)
{
    return list_is_empty(idle) ? NULL : CONTAINER_OF(idle->next, struct channel, age);
}

/* False: there is none. */
static bool close_oldest_idle(struct channels *channels)
{
    struct channel *oldest = oldest_idle(&channels->idle);
    if (!oldest) oldest = oldest_idle(&channels->idle_streams);
    if (oldest) channels_close(channels, oldest);
    return oldest != NULL;
}

static void close_idle(struct channels *channels)
{
    while (close_oldest_idle(channels)) {
    }
}

void channels_fini(struct channels *channels)
{
    close_idle(channels);
    REQUIRE(channels->open == 0);
    struct list *link;
    while ((link = list_take_first(&channels->spare))) {
        struct channel *channel = CONTAINER_OF(link, struct channel, link);
        stream_free(channel->stream);
        free(channel);
    }
    free(channels->pools);
    if (channels->home_netns >= 0) close(channels->home_netns);
}

struct list *channels_new_pools(size_t count)
{
    struct list *pools = mem_array(count, sizeof(*pools));
    for (size_t i = 0; i < count; i++) list_init(&pools[i]);
    return pools;
}

void channels_set_pools(struct channels *channels, struct list *pools)
{
    close_idle(channels);
    free(channels->pools);
    channels->pools = pools;
    channels->generation++;
}

static void count_open(struct channels *channels, int change)
{
    channels->open = (unsigned)((int)channels->open + change);
    stats_set(&channels->stats->sockets_open, channels->open);
}

static struct channel *take_spare(struct channels *channels)
{
    struct list *link = list_take_last(&channels->spare);
    if (link) return CONTAINER_OF(link, struct channel, link);
    struct channel *channel = mem_alloc(sizeof(*channel));
    channel->fd = -1;
    return channel;
}

static void prepare_spare(struct channels *channels, struct channel *channel)
{
    *channel = (struct channel){.fd = -1, .stream = channel->stream};
    list_append(&channels->spare, &channel->link);
}

static void leave_pool(struct channels *channels, struct channel *channel)
{
    if (!list_contains(&channel->age)) return;
    list_remove(&channel->link);
    list_remove(&channel->age);
    channels->idle_count--;
}

static int make_socket(struct channels *channels, const struct plan_probe *probe, int type, enum outcome_step *failed)
{
    const char *netns = probe->client->netns;
    int family = addr_socket_family(&probe->resolver->address);
    *failed = OUTCOME_STEP_SOCKET;
    type |= SOCK_NONBLOCK | SOCK_CLOEXEC;
    return netns ? netns_socket(&channels->home_netns, netns, family, type, failed) : socket(family, type, 0);
}

/* False: errno says why not, and the socket is closed. */
static bool equip_socket(int epoll, int fd, int family, uint32_t events, struct channel *channel)
{
    int on = 1;
    struct epoll_event event = {.events = events, .data.ptr = channel};
    if (neterror_request(fd, family) && setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) == 0 &&
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0)
        return true;
    int number = errno;
    close(fd);
    errno = number;
    return false;
}

struct channel *channels_open(struct channels *channels, const struct plan_probe *probe, int type, uint32_t events,
                              enum outcome_step *failed)
{
    *failed = OUTCOME_STEP_SOCKET;
    if (channels->open >= channels->limit) {
        bool has_room = close_oldest_idle(channels);
        errno = EMFILE;
        if (!has_room) return NULL;
    }
    struct channel *channel = take_spare(channels);
    channel->fd = make_socket(channels, probe, type, failed);
    int family = addr_socket_family(&probe->resolver->address);
    if (channel->fd < 0 || !equip_socket(channels->epoll, channel->fd, family, events, channel)) {
        prepare_spare(channels, channel);
        return NULL;
    }
    channel->is_spoiled = probe->client->netns != NULL;
    count_open(channels, +1);
    return channel;
}

struct channel *channels_reuse(struct channels *channels, uint32_t pool)
{
    struct list *head = &channels->pools[pool];
    if (list_is_empty(head)) return NULL;
    struct channel *channel = CONTAINER_OF(head->prev, struct channel, link);
    leave_pool(channels, channel);
    return channel;
}

void channels_close(struct channels *channels, struct channel *channel)
{
    leave_pool(channels, channel);
    if (channel->stream) stream_close(channel->stream, channel->fd);
    close(channel->fd);
    count_open(channels, -1);
    prepare_spare(channels, channel);
}

void channels_release(struct channels *channels, struct channel *channel, uint64_t now_mono_ns)
{
    if (channel->is_spoiled || channel->generation != channels->generation || channels->idle_count >= IDLE_MAX ||
        !context_disconnect(channel->fd)) {
        channels_close(channels, channel);
        return;
    }
    channel->run = NULL;
    channel->idle_since_mono_ns = now_mono_ns;
    list_append(&channels->pools[channel->pool], &channel->link);
    list_append(&channels->idle, &channel->age);
    channels->idle_count++;
}

struct channel *channels_take_stream(struct channels *channels, uint64_t key)
{
    for (struct list *at = channels->idle_streams.prev; at != &channels->idle_streams; at = at->prev) {
        struct channel *channel = CONTAINER_OF(at, struct channel, age);
        if (channel->stream->key != key) continue;
        leave_pool(channels, channel);
        return channel;
    }
    return NULL;
}

void channels_keep_stream(struct channels *channels, struct channel *channel, uint64_t key, uint64_t now_mono_ns)
{
    if (channels->idle_count >= IDLE_MAX) {
        channels_close(channels, channel);
        return;
    }
    channel->run = NULL;
    channel->stream->key = key;
    channel->idle_since_mono_ns = now_mono_ns;
    list_append(&channels->idle_streams, &channel->age);
    channels->idle_count++;
}

static void sweep(struct channels *channels, const struct list *idle, uint64_t limit_ns, uint64_t now_mono_ns)
{
    struct channel *oldest;
    while ((oldest = oldest_idle(idle)) && now_mono_ns - oldest->idle_since_mono_ns >= limit_ns)
        channels_close(channels, oldest);
}

void channels_sweep(struct channels *channels, uint64_t now_mono_ns)
{
    sweep(channels, &channels->idle, IDLE_FOR_NS, now_mono_ns);
    sweep(channels, &channels->idle_streams, STREAM_IDLE_FOR_NS, now_mono_ns);
}
