/* The users of each group, by ascending key. An index costs nothing until somebody asks for one.
 * Only for the files of store/; the caller holds the store's lock.
 *
 * The rows of the database are the only truth: whoever cannot keep an index true frees it, and the
 * next question makes a new one. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct member_index;

/* Returns an empty index (owned by the caller), or NULL when memory is out. */
struct member_index *member_index_new(void);
void member_index_free(struct member_index *index);

/* Adds the user to the group, or removes it when it is there. Returns 0 or -ENOMEM; the index is
 * then no longer true. */
int member_index_toggle(struct member_index *index, int64_t group_pk, int64_t user_pk);

/* Returns 0 and the users, which the index keeps until the next call, or -ENOMEM; the index is then
 * no longer true. */
int member_index_find(struct member_index *index, int64_t group_pk, const int64_t **ret_users,
                      size_t *ret_count);
