/*
 * An answer that comes later, from another thread. The request's connection sleeps in the meantime; the library keeps
 * it until it is woken, whatever its client does, so the connection in here is valid for as long as nobody has
 * answered.
 *
 * Three may come: the answer, the deadline, the end of the server. The first one wakes the connection; the others find
 * that it has been done. Whoever is to answer holds a reference, which may outlive the request and the server.
 */
#ifndef DNSPOLICY_WEB_LATER_H
#define DNSPOLICY_WEB_LATER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct MHD_Connection;

enum later_status { LATER_WAITING, LATER_ANSWERED, LATER_EXPIRED, LATER_STOPPED };

struct later;

/* The answers that one server waits for. */
struct later_list {
    pthread_mutex_t lock;
    struct later *first;
    bool is_closed;
};
void later_list_init(struct later_list *list);
void later_list_fini(struct later_list *list);
/* Wakes those whose deadline has come. */
void later_list_expire(struct later_list *list, uint64_t now_mono_ns);
/* Wakes all; from now on nobody may wait. */
void later_list_close(struct later_list *list);

/* Puts the connection to sleep; on its event loop's thread. NULL: the server is stopping. One reference is the
 * caller's, to be given to who will answer; another one is the request's, until later_take(). */
struct later *later_begin(struct later_list *list, struct MHD_Connection *connection, uint64_t deadline_mono_ns);
/* Any thread. `result` is passed to `free_result` if nobody will take it. Drops the caller's reference. */
void later_answer(struct later *later, void *result, void (*free_result)(void *result));
/* Drops a reference without an answer. */
void later_unref(struct later *later);

/* On the event loop's thread, once the connection is awake. Ends the request's reference. *result is the caller's, or
 * NULL. */
enum later_status later_take(struct later_list *list, struct later *later, void **result);
/* The same when the connection is being closed: whatever comes is thrown away. */
void later_forget(struct later_list *list, struct later *later);

#endif
