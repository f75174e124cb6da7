#include "store/key_list.h"

#include <stdlib.h>

struct key_list *key_list_new(size_t capacity) {
    struct key_list *list = malloc(sizeof(*list) + capacity * sizeof(list->pks[0]));
    if (list) {
        atomic_init(&list->references, 1);
        list->count = 0;
    }
    return list;
}

struct key_list *key_list_share(struct key_list *list) {
    atomic_fetch_add_explicit(&list->references, 1, memory_order_relaxed);
    return list;
}

void key_list_release(struct key_list **list) {
    if (*list && atomic_fetch_sub_explicit(&(*list)->references, 1, memory_order_acq_rel) == 1)
        free(*list);
}
