#include "store/member_index.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/fatal.h"
#include "util/hash.h"

/* A change is appended, so that it costs the same in a large group. A question merges the changes
 * into the sorted users; a user with an odd number of changes joins or leaves. */
struct group_users {
    int64_t group_pk;
    int64_t *users; /* (owned) `n_sorted` members, then the users that have changed since */
    size_t n_sorted, count, capacity;
    bool lost; /* see util/hash.h */
    UT_hash_handle hh;
};

struct member_index {
    struct group_users *groups; /* (owned) */
};

enum { FEW_CHANGES = 64 };

struct member_index *member_index_new(void) {
    return calloc(1, sizeof(struct member_index));
}

void member_index_free(struct member_index *index) {
    struct group_users *group;
    struct group_users *next;
    if (!index)
        return;
    HASH_ITER (hh, index->groups, group, next) {
        HASH_DEL(index->groups, group);
        free(group->users);
        free(group);
    }
    free(index);
}

static int compare_keys(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Sorts the keys and removes those that occur an even number of times. */
static size_t sort_changes(int64_t *keys, size_t count) {
    size_t kept = 0;
    qsort(keys, count, sizeof(*keys), compare_keys);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && keys[kept - 1] == keys[i])
            kept--;
        else
            keys[kept++] = keys[i];
    }
    return kept;
}

static int merge_changes(struct group_users *group) {
    const int64_t *changes = group->users + group->n_sorted;
    size_t n_changes = sort_changes(group->users + group->n_sorted, group->count - group->n_sorted);
    size_t capacity = group->n_sorted + n_changes;
    int64_t *merged = malloc((capacity > 0 ? capacity : 1) * sizeof(*merged));
    if (!merged)
        return FATAL(ENOMEM);
    size_t count = 0;
    size_t i = 0;
    size_t j = 0;
    while (i < group->n_sorted || j < n_changes) {
        if (j == n_changes || (i < group->n_sorted && group->users[i] < changes[j])) {
            merged[count++] = group->users[i++];
        } else if (i == group->n_sorted || changes[j] < group->users[i]) {
            merged[count++] = changes[j++];
        } else {
            i++;
            j++;
        }
    }
    free(group->users);
    group->users = merged;
    group->n_sorted = group->count = count;
    group->capacity = capacity > 0 ? capacity : 1;
    return 0;
}

static struct group_users *find_group(struct member_index *index, int64_t group_pk) {
    struct group_users *group;
    HASH_FIND(hh, index->groups, &group_pk, sizeof(group_pk), group);
    return group;
}

static struct group_users *add_group(struct member_index *index, int64_t group_pk) {
    struct group_users *group = calloc(1, sizeof(*group));
    if (!group)
        return NULL;
    group->group_pk = group_pk;
    HASH_ADD(hh, index->groups, group_pk, sizeof(group_pk), group);
    if (!group->lost)
        return group;
    free(group);
    return NULL;
}

static int make_room(struct group_users *group) {
    if (group->count - group->n_sorted > group->n_sorted + FEW_CHANGES) {
        int r = merge_changes(group);
        if (r < 0)
            return r;
    }
    if (group->count < group->capacity)
        return 0;
    size_t capacity = group->capacity + group->capacity / 2 + 4;
    int64_t *users = realloc(group->users, capacity * sizeof(*users));
    if (!users)
        return FATAL(ENOMEM);
    group->users = users;
    group->capacity = capacity;
    return 0;
}

int member_index_toggle(struct member_index *index, int64_t group_pk, int64_t user_pk) {
    struct group_users *group = find_group(index, group_pk);
    if (!group)
        group = add_group(index, group_pk);
    int r = group ? make_room(group) : FATAL(ENOMEM);
    if (r == 0)
        group->users[group->count++] = user_pk;
    return r;
}

int member_index_find(struct member_index *index, int64_t group_pk, const int64_t **ret_users,
                      size_t *ret_count) {
    struct group_users *group = find_group(index, group_pk);
    *ret_users = NULL;
    *ret_count = 0;
    if (!group)
        return 0;
    int r = group->count > group->n_sorted ? merge_changes(group) : 0;
    if (r < 0)
        return r;
    *ret_users = group->users;
    *ret_count = group->count;
    return 0;
}
