/* The form in which a user's memberships in a tenant lie in one row;
 * schema/010_packed_memberships.sql describes it. Only for the files of store/. */
#pragma once

#include <sqlite3.h>

#include "store/membership.h"

/* Reads the memberships into the arena, by ascending group. Returns 0, -ENOMEM, or -EINVAL when
 * kestub has not written the text. */
int membership_text_parse(const char *text, size_t size, struct arena *arena,
                          struct membership_list *ret_list);

/* Reads a column; null is an empty list. Returns 0 or <0. */
int column_memberships(struct store *store, sqlite3_stmt *statement, int column,
                       struct arena *arena, struct membership_list *ret_list);

/* Writes the memberships into the arena. The text of an empty list is NULL. Returns 0 or
 * -ENOMEM. */
int membership_text_format(const struct membership_list *list, struct arena *arena,
                           const char **ret_text, size_t *ret_size);
