/* The keys of a tenant's users in memory, for listings. A store remembers those of one tenant until
 * somebody gains or loses access. */
#pragma once

#include "store/key_list.h"
#include "store/store.h"

/* Takes the keys as they are. It has the store's lock only for some of them at a time; a user who
 * gains or loses access meanwhile may be missing. Takes the lock. Returns 0 and the keys (owned by
 * the caller, key_list_release), or <0. */
int tenant_users_take(struct store *store, int64_t tenant_pk, struct key_list **ret_users);
