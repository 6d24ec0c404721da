/* Intrusive, circular, doubly linked lists: who is in one can leave it without a search. */
#ifndef DNSPOLICY_SRC_PROBE_LIST_H
#define DNSPOLICY_SRC_PROBE_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A head, or the link inside an element. A head must be initialised; a zeroed link is in no list. */
struct list {
    struct list *next;
    struct list *prev;
};

/* The element that holds `member`. */
#define CONTAINER_OF(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

static inline void list_init(struct list *head) { head->next = head->prev = head; }
static inline bool list_is_empty(const struct list *head) { return head->next == head; }
static inline bool list_contains(const struct list *link) { return link->next != NULL; }

static inline void list_append(struct list *head, struct list *link)
{
    link->prev = head->prev;
    link->next = head;
    head->prev->next = link;
    head->prev = link;
}

static inline void list_remove(struct list *link)
{
    if (!link->next) return;
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->next = link->prev = NULL;
}

/* Takes the oldest, or the newest; NULL when there is none. */
static inline struct list *list_take_first(struct list *head)
{
    struct list *link = head->next;
    if (link == head) return NULL;
    list_remove(link);
    return link;
}
static inline struct list *list_take_last(struct list *head)
{
    struct list *link = head->prev;
    if (link == head) return NULL;
    list_remove(link);
    return link;
}

#endif
