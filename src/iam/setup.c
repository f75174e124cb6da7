#include "iam/setup.h"

#include "iam/credentials.h"
#include "store/access.h"
#include "util/cleanup.h"
#include "util/friendly_id.h"

int iam_is_set_up(struct iam *iam, bool *ret_is_set_up) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int r = store_user_find_any(iam->store);
    if (r >= 0)
        *ret_is_set_up = r == 0;
    return r < 0 ? r : 0;
}

static int ensure_tenant(struct iam *iam, const char *id, const char *name, int64_t *ret_pk) {
    int r = store_tenant_find(iam->store, id, ret_pk);
    return r == STORE_NOT_FOUND ? store_tenant_insert(iam->store, id, name, ret_pk) : r;
}

int iam_set_up(struct iam *iam, const char *username, const char *password, const char *tenant_id,
               const char *tenant_name, struct arena *arena, struct user_view *ret_view) {
    char id[FRIENDLY_ID_SIZE];
    char hash[PASSWORD_HASH_SIZE];
    friendly_id_make(id);
    int r = password_hash(iam->password_cost, password, hash);
    if (r < 0)
        return r;
    const struct user user = {
        .id = id,
        .username = username,
        .email = username,
        .super_admin = true,
        .password_hash = hash,
    };
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    r = store_user_find_any(iam->store);
    if (r != STORE_NOT_FOUND)
        return r == 0 ? IAM_IS_SET_UP : r;
    int64_t user_pk;
    int64_t tenant_pk;
    r = store_start_writing(&transaction);
    if (r == 0)
        r = ensure_tenant(iam, tenant_id, tenant_name, &tenant_pk);
    if (r == 0)
        r = store_user_insert(iam->store, &user, &user_pk);
    if (r == 0)
        r = store_access_insert(iam->store, user_pk, tenant_pk, true);
    if (r == 0)
        r = iam_view_user(iam, user_pk, 0, arena, ret_view);
    return r == 0 ? iam_commit(iam, &transaction) : r;
}
