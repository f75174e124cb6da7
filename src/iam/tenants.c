#include "iam/tenants.h"

#include <errno.h>

#include "iam/credential_cache.h"
#include "util/cleanup.h"
#include "util/fatal.h"

static const struct listing_column columns[TENANT_N_COLUMNS] = {
    [TENANT_COLUMN_ID] = {"id", true},
    [TENANT_COLUMN_NAME] = {"name", true},
};

static int find_tenant(struct iam *iam, const char *id, int64_t *ret_pk) {
    int r = store_tenant_find(iam->store, id, ret_pk);
    return r == STORE_NOT_FOUND ? IAM_UNKNOWN_TENANT : r;
}

int iam_create_tenant(struct iam *iam, const struct tenant *tenant) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = store_start_writing(&transaction);
    if (r == 0)
        r = store_tenant_insert(iam->store, tenant->id, tenant->name, &pk);
    if (r == STORE_EXISTS)
        return IAM_TENANT_EXISTS;
    if (r == 0)
        r = store_tenant_update(iam->store, pk, tenant);
    return r == 0 ? iam_commit(iam, &transaction) : r;
}

int iam_list_tenants(struct iam *iam, const struct listing_request *request, struct arena *arena,
                     struct tenant_page *ret_page, const char **reterr_problem) {
    struct listing listing;
    struct listing_result result;
    int r = listing_init(&listing, request, columns, TENANT_N_COLUMNS, arena, reterr_problem);
    if (r != 0)
        return r;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    r = store_tenant_scan(iam->store, listing.n_used, listing_visit, &listing);
    if (r == 0)
        r = listing_finish(&listing, &result);
    if (r != 0)
        return r;
    struct tenant *tenants = arena_alloc(arena, result.count * sizeof(*tenants));
    if (!tenants)
        return FATAL(ENOMEM);
    for (size_t i = 0; r == 0 && i < result.count; i++)
        r = store_tenant_find_by_pk(iam->store, result.pks[i], arena, &tenants[i]);
    if (r == 0)
        *ret_page = (struct tenant_page){tenants, result.count, result.total};
    return r;
}

int iam_get_tenant(struct iam *iam, const char *id, struct arena *arena,
                   struct tenant *ret_tenant) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = find_tenant(iam, id, &pk);
    return r == 0 ? store_tenant_find_by_pk(iam->store, pk, arena, ret_tenant) : r;
}

int iam_update_tenant(struct iam *iam, const struct tenant *tenant) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = find_tenant(iam, tenant->id, &pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_tenant_update(iam->store, pk, tenant);
    return r == 0 ? iam_commit(iam, &transaction) : r;
}

int iam_edit_tenant(struct iam *iam, const char *id, tenant_edit edit, void *cls,
                    struct arena *arena, struct tenant *ret_tenant) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct tenant tenant;
    int64_t pk;
    int r = find_tenant(iam, id, &pk);
    if (r == 0)
        r = store_tenant_find_by_pk(iam->store, pk, arena, &tenant);
    if (r == 0)
        r = edit(cls, tenant.details, arena, &tenant.details);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_tenant_update(iam->store, pk, &tenant);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        *ret_tenant = tenant;
    return r;
}

int iam_delete_tenant(struct iam *iam, const char *id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = find_tenant(iam, id, &pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_tenant_delete(iam->store, pk);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0) /* the service accounts of its integrations are gone */
        credential_cache_forget(iam->cache, 0);
    return r;
}
