#include "iam/tenant_access.h"

#include "iam/rights.h"
#include "iam/rights_cache.h"
#include "store/access.h"
#include "store/binding.h"
#include "util/cleanup.h"

int iam_list_access(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                    struct arena *arena, struct user_page *ret_page, const char **reterr_problem) {
    struct listing listing;
    struct listing_result result;
    int r = user_listing_init(iam, &listing, request, ACCESS_N_COLUMNS, arena, reterr_problem);
    if (r == 0)
        r = user_listing_run_tenant(iam, IAM_ANYBODY, tenant_pk, &listing, &result);
    return r == 0 ? user_listing_view(iam, &result, tenant_pk, arena, ret_page) : r;
}

static void append_once(int64_t *pks, size_t *count, int64_t pk) {
    for (size_t i = 0; i < *count; i++)
        if (pks[i] == pk)
            return;
    if (*count < ACCESS_AUTOCOMPLETE_SIZE)
        pks[(*count)++] = pk;
}

static int append_matches(struct iam *iam, int64_t tenant_pk, const struct access_search *search,
                          struct arena *arena, int64_t *pks, size_t *count,
                          const char **reterr_problem) {
    struct listing_request request = {.page = 1, .size = ACCESS_AUTOCOMPLETE_SIZE, .q = search->q};
    struct listing listing;
    struct listing_result result;
    int r = listing_request_filter(&request, "username", search->username, arena);
    if (r == 0)
        r = user_listing_init(iam, &listing, &request, ACCESS_N_COLUMNS, arena, reterr_problem);
    if (r == 0)
        r = user_listing_run_tenant(iam, IAM_ANYBODY, tenant_pk, &listing, &result);
    for (size_t i = 0; r == 0 && i < result.count; i++)
        append_once(pks, count, result.pks[i]);
    return r;
}

static int append_ids(struct iam *iam, int64_t tenant_pk, const struct string_list *ids,
                      int64_t *pks, size_t *count) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    for (size_t i = 0; i < ids->count && *count < ACCESS_AUTOCOMPLETE_SIZE; i++) {
        int64_t pk;
        int r = store_user_find_in_tenant(iam->store, ids->items[i], tenant_pk, &pk);
        if (r < 0)
            return r;
        if (r == 0)
            append_once(pks, count, pk);
    }
    return 0;
}

int iam_autocomplete_access(struct iam *iam, int64_t tenant_pk, const struct access_search *search,
                            struct arena *arena, struct user_page *ret_page,
                            const char **reterr_problem) {
    int64_t pks[ACCESS_AUTOCOMPLETE_SIZE];
    size_t count = 0;
    int r = append_ids(iam, tenant_pk, search->ids, pks, &count);
    if (r == 0 && search->searches)
        r = append_matches(iam, tenant_pk, search, arena, pks, &count, reterr_problem);
    const struct listing_result result = {.pks = pks, .count = count};
    return r == 0 ? user_listing_view(iam, &result, tenant_pk, arena, ret_page) : r;
}

int iam_get_access(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                   const char *user_id, struct arena *arena, struct user_view *ret_view) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk = 0;
    int r = store_user_find_in_tenant(iam->store, user_id, tenant_pk, &pk);
    if (r < 0)
        return r;
    if (!principal->permitted && (r != 0 || pk != principal->user_pk))
        return IAM_FORBIDDEN;
    return r == 0 ? iam_view_user(iam, pk, tenant_pk, arena, ret_view) : IAM_UNKNOWN_USER;
}

/* `find` looks up the user by `key`. */
static int grant(struct iam *iam, int64_t tenant_pk,
                 int (*find)(struct store *store, const char *key, int64_t *ret_pk),
                 const char *key, bool may_have_access) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = find(iam->store, key, &pk);
    if (r == STORE_NOT_FOUND)
        return IAM_UNKNOWN_USER;
    if (r == 0)
        r = iam_check_tenant(iam, tenant_pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_access_insert(iam->store, pk, tenant_pk, true);
    if (r == STORE_EXISTS && !may_have_access)
        return IAM_HAS_ACCESS;
    if (r == STORE_EXISTS)
        r = store_access_grant(iam->store, pk, tenant_pk);
    return r == 0 ? iam_commit(iam, &transaction) : r;
}

int iam_grant_access_by_email(struct iam *iam, int64_t tenant_pk, const char *email) {
    return grant(iam, tenant_pk, store_user_find_by_email, email, false);
}

int iam_grant_access(struct iam *iam, int64_t tenant_pk, const char *user_id) {
    return grant(iam, tenant_pk, store_user_find, user_id, !iam->version->granting_twice_conflicts);
}

int iam_revoke_access(struct iam *iam, int64_t tenant_pk, const char *user_id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = store_user_find_in_tenant(iam->store, user_id, tenant_pk, &pk);
    if (r == STORE_NOT_FOUND)
        return IAM_UNKNOWN_USER;
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_access_delete(iam->store, pk, tenant_pk);
    if (r == 0)
        r = store_binding_delete_of_user(iam->store, pk, tenant_pk);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        rights_cache_forget(iam->rights, pk);
    return r;
}
