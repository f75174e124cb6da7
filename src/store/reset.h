/* Tokens with which a user who has forgotten the password may set a new one. A user has at most
 * one. They are stored as they are, since tests must be able to read them. */
#pragma once

#include "store/store.h"

/* Replaces the user's former token. */
int store_reset_put(struct store *store, int64_t user_pk, const char *token, int64_t expires_at);

/* Finds the user with this token, unless it has expired at `now` (epoch ms). */
int store_reset_find(struct store *store, const char *token, int64_t now, int64_t *ret_user_pk);
int store_reset_delete(struct store *store, int64_t user_pk);

/* Visits the tokens that are valid at `now`, by ascending user. The columns for store_visit: */
enum { RESET_COLUMN_USERNAME, RESET_COLUMN_TOKEN, RESET_COLUMN_EXPIRES_AT, RESET_N_COLUMNS };
int store_reset_scan(struct store *store, int64_t now, store_visit visit, void *cls);
