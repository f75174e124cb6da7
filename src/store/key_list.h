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

struct key_list *key_list_share(struct key_list *list);

/* Drops a reference, unless there is NULL. */
void key_list_release(struct key_list **list);
