/*
 * Decides who gets which reload's answer: a request is answered by a reload that began after it was made.
 */
#include "reload_desk.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "dnspolicy/base/mem.h"

void reload_desk_init(struct reload_desk *desk)
{
    *desk = (struct reload_desk){.event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    if (desk->event_fd < 0) PANIC("eventfd: %s", strerror(errno));
    pthread_mutex_init(&desk->lock, NULL);
    pthread_cond_init(&desk->answered, NULL);
}

void reload_desk_fini(struct reload_desk *desk)
{
    close(desk->event_fd);
    mem_free_ptr(&desk->last_error);
    pthread_cond_destroy(&desk->answered);
    pthread_mutex_destroy(&desk->lock);
}

int reload_desk_fd(const struct reload_desk *desk) { return desk->event_fd; }

bool reload_desk_ask(void *ctx, char **error)
{
    struct reload_desk *desk = ctx;
    pthread_mutex_lock(&desk->lock);
    uint64_t ticket = ++desk->asked;
    eventfd_write(desk->event_fd, 1);
    while (!desk->is_closed && desk->answers < ticket) pthread_cond_wait(&desk->answered, &desk->lock);
    bool is_answered = desk->answers >= ticket;
    bool is_good = is_answered && desk->last_is_good;
    if (!is_good) *error = mem_strdup(is_answered ? desk->last_error : "the exporter is stopping");
    pthread_mutex_unlock(&desk->lock);
    return is_good;
}

bool reload_desk_take(struct reload_desk *desk)
{
    eventfd_t ignored;
    eventfd_read(desk->event_fd, &ignored);
    pthread_mutex_lock(&desk->lock);
    bool is_wanted = desk->asked > desk->answers;
    desk->taken = desk->asked;
    pthread_mutex_unlock(&desk->lock);
    return is_wanted;
}

void reload_desk_answer(struct reload_desk *desk, bool is_good, char *error)
{
    pthread_mutex_lock(&desk->lock);
    mem_free_ptr(&desk->last_error);
    desk->last_error = error;
    desk->last_is_good = is_good;
    desk->answers = desk->taken;
    pthread_cond_broadcast(&desk->answered);
    pthread_mutex_unlock(&desk->lock);
}

void reload_desk_close(struct reload_desk *desk)
{
    pthread_mutex_lock(&desk->lock);
    desk->is_closed = true;
    pthread_cond_broadcast(&desk->answered);
    pthread_mutex_unlock(&desk->lock);
}
