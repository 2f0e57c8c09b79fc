/* list.h: doubly linked list whose links are members of the objects. An item is on at most one list by a link. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/base.h"

struct list {
    struct list *next, *prev;
};

static inline void list_init(struct list *l)
{
    l->next = l->prev = l;
}
static inline bool list_empty(const struct list *l)
{
    return l->next == l;
}
/* On a list? The link must have been list_init'ed or zeroed. */
static inline bool list_linked(const struct list *l)
{
    return l->next && l->next != l;
}
static inline void list_add(struct list *l, struct list *item) /* at the end */
{
    item->prev = l->prev;
    item->next = l;
    l->prev->next = item;
    l->prev = item;
}
static inline void list_push(struct list *l, struct list *item) /* at the front */
{
    list_add(l->next, item);
}
static inline void list_remove(struct list *item)
{
    item->prev->next = item->next;
    item->next->prev = item->prev;
    list_init(item);
}
/* Safe against removal of `it` inside the body. */
#define LIST_EACH(it, l)                                                                                               \
    for (struct list *it = (l)->next, *it##_next = it->next; it != (l); it = it##_next, it##_next = it->next)

#endif
