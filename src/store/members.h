/* The users of a group. The index of all groups is made when somebody first asks for one, kept true
 * by each write, and dropped when a transaction that changed it is rolled back or the state is
 * replaced. Only for the files of store/. */
#pragma once

#include "store/membership.h"

/* Finds the users by ascending key. They are valid until the next call of a function of store/. */
int members_find(struct store *store, int64_t group_pk, const int64_t **ret_users,
                 size_t *ret_count);

/* Tells the index that the user's memberships, in one tenant or in all when `tenant_pk` is 0, are
 * about to end. */
int members_note_end(struct store *store, int64_t user_pk, int64_t tenant_pk);

/* Ends the memberships in a group of the tenant that is about to be deleted. */
int members_leave_group(struct store *store, int64_t tenant_pk, int64_t group_pk);
