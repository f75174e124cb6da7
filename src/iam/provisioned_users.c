#include "iam/provisioned_users.h"

#include "iam/credential_cache.h"
#include "iam/rights.h"
#include "iam/rights_cache.h"
#include "iam/tenant_access.h"
#include "iam/user_listing.h"
#include "store/access.h"
#include "util/cleanup.h"
#include "util/friendly_id.h"

static int view(struct iam *iam, int64_t tenant_pk, int64_t user_pk, struct arena *arena,
                struct provisioned_user *ret_user) {
    int r = iam_view_user(iam, user_pk, tenant_pk, arena, &ret_user->view);
    return r == 0 ? store_provisioned_user(iam->store, user_pk, tenant_pk, arena,
                                           &ret_user->provisioned)
                  : r;
}

static int find(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                struct provisioned_user *ret_user) {
    int64_t pk;
    int r = store_user_find_in_tenant(iam->store, id, tenant_pk, &pk);
    if (r == 0)
        r = view(iam, tenant_pk, pk, arena, ret_user);
    bool is_hidden = r == STORE_NOT_FOUND || (r == 0 && ret_user->view.user.is_service_account);
    return is_hidden ? IAM_UNKNOWN_USER : r;
}

static void take(struct user *user, const struct user_provision *provision) {
    user->username = provision->username;
    user->email = provision->email;
    user->first_name = provision->first_name;
    user->last_name = provision->last_name;
    user->restricted = !provision->active;
}

/* Finds or makes the user. */
static int insert(struct iam *iam, int64_t tenant_pk, const struct user_provision *provision,
                  struct arena *arena, int64_t *ret_pk) {
    char id[FRIENDLY_ID_SIZE];
    struct user user;
    int r = store_user_find_by_username(iam->store, provision->username, arena, &user);
    if (r < 0)
        return r;
    if (r == 0) {
        r = user.is_service_account ? STORE_EXISTS
                                    : store_access_insert(iam->store, user.pk, tenant_pk, true);
        if (r != 0)
            return r == STORE_EXISTS ? IAM_HAS_ACCESS : r;
        take(&user, provision);
        r = store_user_update(iam->store, &user);
    } else {
        friendly_id_make(id);
        user = (struct user){.id = id};
        take(&user, provision);
        r = store_user_insert(iam->store, &user, &user.pk);
        if (r == 0)
            r = store_access_insert(iam->store, user.pk, tenant_pk, true);
    }
    *ret_pk = user.pk;
    return r == STORE_EXISTS ? IAM_EMAIL_TAKEN : r;
}

static int commit(struct iam *iam, struct transaction *transaction, int64_t pk) {
    int r = iam_commit(iam, transaction);
    if (r == 0) {
        credential_cache_forget(iam->cache, pk);
        rights_cache_forget(iam->rights, pk);
    }
    return r;
}

int iam_provision_user(struct iam *iam, int64_t tenant_pk, const struct user_provision *provision,
                       int64_t now, struct arena *arena, struct provisioned_user *ret_user) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = iam_check_tenant(iam, tenant_pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = insert(iam, tenant_pk, provision, arena, &pk);
    if (r == 0)
        r = store_provision_user(iam->store, pk, tenant_pk,
                                 &(struct provisioned){provision->attributes, now, now});
    if (r == 0)
        r = view(iam, tenant_pk, pk, arena, ret_user);
    return r == 0 ? commit(iam, &transaction, pk) : r;
}

int iam_get_provisioned_user(struct iam *iam, int64_t tenant_pk, const char *id,
                             struct arena *arena, struct provisioned_user *ret_user) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return find(iam, tenant_pk, id, arena, ret_user);
}

int iam_reprovision_user(struct iam *iam, int64_t tenant_pk, const char *id, user_decide decide,
                         void *cls, int64_t now, struct arena *arena,
                         struct provisioned_user *ret_user) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct provisioned_user old;
    struct user_provision provision;
    int r = find(iam, tenant_pk, id, arena, &old);
    if (r == 0)
        r = decide(cls, &old, &provision);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r != 0)
        return r;
    take(&old.view.user, &provision);
    r = store_user_update(iam->store, &old.view.user);
    if (r == STORE_EXISTS)
        return IAM_EMAIL_TAKEN;
    if (r == 0)
        r = store_provision_user(
            iam->store, old.view.user.pk, tenant_pk,
            &(struct provisioned){provision.attributes, old.provisioned.created_at, now});
    if (r == 0)
        r = view(iam, tenant_pk, old.view.user.pk, arena, ret_user);
    return r == 0 ? commit(iam, &transaction, old.view.user.pk) : r;
}

int iam_deprovision_user(struct iam *iam, int64_t tenant_pk, const char *id) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct provisioned_user user;
    int r = iam_get_provisioned_user(iam, tenant_pk, id, &arena, &user);
    return r == 0 ? iam_revoke_access(iam, tenant_pk, id) : r;
}

struct visit {
    struct iam *iam;
    int64_t tenant_pk;
    const struct user_visitor *visitor;
};

static int visit_user(void *cls, int64_t pk, const char *const *columns) {
    const struct visit *visit = cls;
    const struct user_visitor *visitor = visit->visitor;
    if (!visitor->wants(visitor->cls, columns[USER_COLUMN_USERNAME]))
        return 0;
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct provisioned_user user;
    struct transaction transaction;
    store_give_way(visit->iam->store);
    store_begin(visit->iam->store, &transaction);
    int r = view(visit->iam, visit->tenant_pk, pk, &arena, &user);
    store_transaction_end(&transaction);
    if (r == IAM_UNKNOWN_USER || r == STORE_NOT_FOUND)
        return 0; /* deleted meanwhile */
    return r == 0 ? visitor->visit(visitor->cls, &user) : r;
}

int iam_visit_provisioned_users(struct iam *iam, int64_t tenant_pk,
                                const struct user_visitor *visitor) {
    struct visit visit = {iam, tenant_pk, visitor};
    return user_listing_scan_tenant(iam, IAM_USER, tenant_pk, visit_user, &visit);
}
