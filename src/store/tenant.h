/* Tenants, and who has access to them. */
#pragma once

#include "store/store.h"

int store_tenant_insert(struct store *store, const char *id, const char *name, int64_t *ret_pk);
int store_tenant_find(struct store *store, const char *id, int64_t *ret_pk);

int store_access_insert(struct store *store, int64_t user_pk, int64_t tenant_pk);

/* 0 when the user has access, STORE_NOT_FOUND when not. */
int store_access_find(struct store *store, int64_t user_pk, int64_t tenant_pk);
