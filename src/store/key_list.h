/* Keys in memory that never change, shared by reference. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct key_list {
    atomic_uint references;
    size_t count;
    int64_t pks[]; /* ascending */
};

/* Returns an empty list (owned by the caller, key_list_release) with room for some keys, or NULL
 * when memory is out. */
struct key_list *key_list_new(size_t capacity);

struct key_list *key_list_share(struct key_list *list);

/* Drops a reference, unless there is NULL. */
void key_list_release(struct key_list **list);
