/* Groups. Id and name are unique within their tenant. */
#pragma once

#include "store/store.h"

int store_group_insert(struct store *store, int64_t tenant_pk, const char *id, const char *name,
                       const char *description, int64_t *ret_pk);
int store_group_find(struct store *store, int64_t tenant_pk, const char *id, int64_t *ret_pk);
