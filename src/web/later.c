/*
 * Decides who may wake a sleeping connection, and that it happens once. Knows nothing of what is waited for.
 */
#include "later.h"

#include <microhttpd.h>
#include <stdatomic.h>
#include <stddef.h>

#include "dnspolicy/base/mem.h"

struct later {
    atomic_uint references;
    pthread_mutex_t lock; /* taken after the list's */
    struct later *next;   /* these two belong to the list */
    struct later **link;
    enum later_status status;
    struct MHD_Connection *connection;
    uint64_t deadline_mono_ns;
    void *result;
    void (*free_result)(void *result);
};

void later_list_init(struct later_list *list)
{
    *list = (struct later_list){0};
    pthread_mutex_init(&list->lock, NULL);
}

void later_list_fini(struct later_list *list)
{
    REQUIRE(!list->first);
    pthread_mutex_destroy(&list->lock);
}

/* Under the later's lock, and it is held while the library is called: as long as it is, the connection cannot go on to
 * its end, because later_take() waits. */
static bool wake(struct later *later, enum later_status status)
{
    if (later->status != LATER_WAITING) return false;
    later->status = status;
    MHD_resume_connection(later->connection);
    return true;
}

void later_list_expire(struct later_list *list, uint64_t now_mono_ns)
{
    pthread_mutex_lock(&list->lock);
    for (struct later *later = list->first; later; later = later->next) {
        pthread_mutex_lock(&later->lock);
        if (later->deadline_mono_ns <= now_mono_ns) wake(later, LATER_EXPIRED);
        pthread_mutex_unlock(&later->lock);
    }
    pthread_mutex_unlock(&list->lock);
}

void later_list_close(struct later_list *list)
{
    pthread_mutex_lock(&list->lock);
    list->is_closed = true;
    for (struct later *later = list->first; later; later = later->next) {
        pthread_mutex_lock(&later->lock);
        wake(later, LATER_STOPPED);
        pthread_mutex_unlock(&later->lock);
    }
    pthread_mutex_unlock(&list->lock);
}

struct later *later_begin(struct later_list *list, struct MHD_Connection *connection, uint64_t deadline_mono_ns)
{
    struct later *later = NULL;
    pthread_mutex_lock(&list->lock);
    if (!list->is_closed) {
        later = mem_alloc(sizeof(*later));
        *later = (struct later){.next = list->first, .link = &list->first};
        atomic_init(&later->references, 2);
        pthread_mutex_init(&later->lock, NULL);
        later->connection = connection;
        later->deadline_mono_ns = deadline_mono_ns;
        if (later->next) later->next->link = &later->next;
        list->first = later;
        MHD_suspend_connection(connection);
    }
    pthread_mutex_unlock(&list->lock);
    return later;
}

void later_unref(struct later *later)
{
    if (atomic_fetch_sub(&later->references, 1) != 1) return;
    if (later->result) later->free_result(later->result);
    pthread_mutex_destroy(&later->lock);
    mem_free_ptr(&later);
}

void later_answer(struct later *later, void *result, void (*free_result)(void *result))
{
    pthread_mutex_lock(&later->lock);
    later->result = result;
    later->free_result = free_result;
    wake(later, LATER_ANSWERED);
    pthread_mutex_unlock(&later->lock);
    later_unref(later);
}

static void leave_list(struct later_list *list, struct later *later)
{
    pthread_mutex_lock(&list->lock);
    *later->link = later->next;
    if (later->next) later->next->link = later->link;
    pthread_mutex_unlock(&list->lock);
}

enum later_status later_take(struct later_list *list, struct later *later, void **result)
{
    leave_list(list, later);
    pthread_mutex_lock(&later->lock);
    enum later_status status = later->status;
    *result = status == LATER_ANSWERED ? MEM_STEAL(later->result) : NULL;
    pthread_mutex_unlock(&later->lock);
    later_unref(later);
    return status;
}

void later_forget(struct later_list *list, struct later *later)
{
    leave_list(list, later);
    pthread_mutex_lock(&later->lock);
    if (later->status == LATER_WAITING) later->status = LATER_STOPPED;
    pthread_mutex_unlock(&later->lock);
    later_unref(later);
}
