#include "iam/acceptance.h"

#include <errno.h>

#include "iam/credential_cache.h"
#include "iam/credentials.h"
#include "iam/rights_cache.h"
#include "store/access.h"
#include "store/binding.h"
#include "store/membership.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/friendly_id.h"

static int bind_role(struct iam *iam, int64_t user_pk, int64_t tenant_pk,
                     const struct invitation_grant *grant) {
    char id[FRIENDLY_ID_SIZE];
    int64_t pk;
    friendly_id_make(id);
    const struct binding binding = {
        .tenant_pk = tenant_pk,
        .role_pk = grant->role_pk,
        .user_pk = user_pk,
        .id = id,
        .namespace = grant->namespace,
    };
    return store_binding_insert(iam->store, &binding, &pk);
}

static int join_groups(struct iam *iam, int64_t user_pk, int64_t tenant_pk,
                       const struct gifts *gifts, struct arena *arena) {
    struct membership_list joined = {
        .items = arena_alloc(arena, gifts->n_grants * sizeof(*joined.items))};
    if (!joined.items)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < gifts->n_grants; i++)
        if (gifts->grants[i].group_pk != 0)
            joined.items[joined.count++] =
                (struct membership){.group_pk = gifts->grants[i].group_pk, .position = (int64_t)i};
    return store_membership_append(iam->store, user_pk, tenant_pk, &joined);
}

static int promote(struct iam *iam, int64_t user_pk, struct arena *arena) {
    struct user user;
    int r = store_user_find_by_pk(iam->store, user_pk, arena, &user);
    if (r != 0 || user.super_admin)
        return r;
    user.super_admin = true;
    return store_user_update(iam->store, &user);
}

int acceptance_give(struct iam *iam, int64_t user_pk, int64_t tenant_pk, const struct gifts *gifts,
                    struct arena *arena) {
    int r = store_access_insert(iam->store, user_pk, tenant_pk, true);
    if (r == STORE_EXISTS)
        r = store_access_grant(iam->store, user_pk, tenant_pk);
    for (size_t i = 0; r == 0 && i < gifts->n_grants; i++) {
        if (gifts->grants[i].group_pk == 0)
            r = bind_role(iam, user_pk, tenant_pk, &gifts->grants[i]);
        r = r == STORE_EXISTS ? 0 : r;
    }
    if (r == 0)
        r = join_groups(iam, user_pk, tenant_pk, gifts, arena);
    return r == 0 && gifts->super_admin ? promote(iam, user_pk, arena) : r;
}

void acceptance_conclude(struct iam *iam, int64_t user_pk) {
    credential_cache_forget(iam->cache, user_pk);
    rights_cache_forget(iam->rights, user_pk);
}

int acceptance_add_user(struct iam *iam, const char *email, const char *first_name,
                        const char *last_name, const char *password_hash, int64_t *ret_pk) {
    char id[FRIENDLY_ID_SIZE];
    friendly_id_make(id);
    const struct user user = {
        .id = id,
        .username = email,
        .email = email,
        .first_name = first_name,
        .last_name = last_name,
        .password_hash = password_hash,
    };
    int r = store_user_insert(iam->store, &user, ret_pk);
    return r == STORE_EXISTS ? IAM_EMAIL_TAKEN : r;
}

/* Finds an invitation that is pending. Call this inside a transaction. */
static int find_pending(struct iam *iam, const char *id, int64_t now, struct arena *arena,
                        struct invitation *ret_invitation) {
    struct invitation invitation;
    int64_t pk;
    int r = store_invitation_find(iam->store, id, &pk);
    if (r == 0)
        r = store_invitation_find_by_pk(iam->store, pk, arena, &invitation);
    if (r < 0)
        return r;
    if (r != 0 || invitation.accepted_at != INT64_MIN || invitation.expires_at <= now)
        return IAM_UNKNOWN_INVITATION;
    *ret_invitation = invitation;
    return 0;
}

/* Ends the transaction. */
static int accept(struct iam *iam, struct transaction *transaction,
                  const struct invitation *invitation, int64_t user_pk, int64_t now,
                  struct arena *arena) {
    struct invitation_grant *grants;
    struct gifts gifts = {.super_admin = invitation->super_admin};
    int r =
        store_invitation_list_grants(iam->store, invitation->pk, arena, &grants, &gifts.n_grants);
    if (r != 0)
        return r;
    gifts.grants = grants;
    r = acceptance_give(iam, user_pk, invitation->tenant_pk, &gifts, arena);
    if (r == 0)
        r = store_invitation_accept(iam->store, invitation->pk, now);
    if (r == 0)
        r = iam_commit(iam, transaction);
    if (r == 0)
        acceptance_conclude(iam, user_pk);
    return r;
}

int iam_accept_invitation(struct iam *iam, const char *id, int64_t now, struct arena *arena,
                          const char **reterr_email) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct invitation invitation;
    int64_t user_pk;
    int r = find_pending(iam, id, now, arena, &invitation);
    if (r != 0)
        return r;
    r = store_user_find_by_email(iam->store, invitation.email, &user_pk);
    if (r == STORE_NOT_FOUND) {
        *reterr_email = invitation.email;
        return IAM_UNKNOWN_USER;
    }
    if (r == 0)
        r = store_start_writing(&transaction);
    return r == 0 ? accept(iam, &transaction, &invitation, user_pk, now, arena) : r;
}

/* Checks before a password is hashed, which takes its time. */
static int check_pending(struct iam *iam, const char *id, int64_t now, struct arena *arena) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct invitation invitation;
    return find_pending(iam, id, now, arena, &invitation);
}

int iam_create_from_invitation(struct iam *iam, const char *id, const struct invited_user *invited,
                               int64_t now, struct arena *arena, const char **reterr_email) {
    char hash[PASSWORD_HASH_SIZE];
    int r = check_pending(iam, id, now, arena);
    if (r == 0 && invited->password)
        r = password_hash(iam->password_cost, invited->password, hash);
    if (r != 0)
        return r;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct invitation invitation;
    int64_t user_pk;
    r = find_pending(iam, id, now, arena, &invitation);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = acceptance_add_user(iam, invitation.email, invited->first_name, invited->last_name,
                                invited->password ? hash : NULL, &user_pk);
    if (r == IAM_EMAIL_TAKEN)
        *reterr_email = invitation.email;
    return r == 0 ? accept(iam, &transaction, &invitation, user_pk, now, arena) : r;
}
