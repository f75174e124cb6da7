#include "iam/invitations.h"

#include <errno.h>
#include <string.h>

#include "iam/acceptance.h"
#include "iam/rights.h"
#include "iam/user_listing.h"
#include "store/access.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/friendly_id.h"

static const char *const flags[] = {"true", "false", NULL};
static const char *const statuses[] = {"PENDING", "ACCEPTED", "EXPIRED", NULL};

/* The version gives the privilege its name. */
static const struct listing_column columns[INVITATION_N_COLUMNS] = {
    [INVITATION_COLUMN_EMAIL] = {"email", true, .any_case = true},
    [INVITATION_COLUMN_STATUS] = {"status", .values = statuses},
    [INVITATION_COLUMN_EXPIRED_AT] = {"expiredAt"},
    [INVITATION_COLUMN_SUPER_ADMIN] = {.any_case = true, .no_sort = true, .values = flags},
    [INVITATION_COLUMN_ID] = {"id", .no_sort = true},
};

const char *invitation_status(const struct invitation *invitation, int64_t now) {
    if (invitation->accepted_at != INT64_MIN)
        return "ACCEPTED";
    return invitation->expires_at > now ? "PENDING" : "EXPIRED";
}

static int view_grant(struct iam *iam, const struct invitation_grant *grant, struct arena *arena,
                      struct grant_view *ret_view) {
    ret_view->grant = *grant;
    return grant->group_pk != 0
               ? store_group_find_by_pk(iam->store, grant->group_pk, arena, &ret_view->group)
               : store_role_find_by_pk(iam->store, grant->role_pk, arena, &ret_view->role);
}

/* Call this inside a transaction. */
static int view_invitation(struct iam *iam, int64_t pk, struct arena *arena,
                           struct invitation_view *ret_view) {
    struct invitation_view view = {0};
    struct invitation_grant *grants;
    int r = store_invitation_find_by_pk(iam->store, pk, arena, &view.invitation);
    if (r == 0)
        r = store_invitation_list_grants(iam->store, pk, arena, &grants, &view.n_grants);
    if (r != 0)
        return r;
    view.grants = arena_alloc(arena, view.n_grants * sizeof(*view.grants));
    if (!view.grants)
        return FATAL(ENOMEM);
    for (size_t i = 0; r == 0 && i < view.n_grants; i++)
        r = view_grant(iam, &grants[i], arena, &view.grants[i]);
    if (r == 0)
        *ret_view = view;
    return r;
}

static size_t count_grants(const struct new_invitation *new_invitation) {
    size_t count = new_invitation->groups.count;
    for (size_t i = 0; i < new_invitation->n_roles; i++) {
        size_t n_namespaces = new_invitation->roles[i].namespaces.count;
        count += n_namespaces > 0 ? n_namespaces : 1;
    }
    return count;
}

/* Looks up a role, and appends a grant for each of its namespaces. */
static int append_role(struct iam *iam, int64_t tenant_pk, const struct invited_role *role,
                       struct invitation_grant *grants, size_t *count) {
    struct invitation_grant grant = {0};
    int r = store_role_find(iam->store, tenant_pk, role->id, &grant.role_pk);
    if (r != 0)
        return r == STORE_NOT_FOUND ? IAM_UNKNOWN_ROLE : r;
    if (role->namespaces.count == 0)
        grants[(*count)++] = grant;
    for (size_t i = 0; i < role->namespaces.count; i++) {
        grant.namespace = role->namespaces.items[i];
        grants[(*count)++] = grant;
    }
    return 0;
}

/* Looks up what an invitation shall grant. */
static int find_grants(struct iam *iam, int64_t tenant_pk,
                       const struct new_invitation *new_invitation, struct arena *arena,
                       struct gifts *ret_gifts, const char **reterr_id) {
    struct invitation_grant *grants =
        arena_alloc(arena, count_grants(new_invitation) * sizeof(*grants));
    size_t count = 0;
    int r = 0;
    if (!grants)
        return FATAL(ENOMEM);
    for (size_t i = 0; r == 0 && i < new_invitation->n_roles; i++) {
        *reterr_id = new_invitation->roles[i].id;
        r = append_role(iam, tenant_pk, &new_invitation->roles[i], grants, &count);
    }
    for (size_t i = 0; r == 0 && i < new_invitation->groups.count; i++) {
        *reterr_id = new_invitation->groups.items[i];
        r = store_group_find(iam->store, tenant_pk, *reterr_id, &grants[count++].group_pk);
        r = r == STORE_NOT_FOUND ? IAM_UNKNOWN_GROUP : r;
    }
    if (r == 0)
        *ret_gifts = (struct gifts){grants, count, new_invitation->super_admin};
    return r;
}

/* Finds the user who gets everything at once; *ret_pk is 0 when there is none. */
static int find_user(struct iam *iam, int64_t tenant_pk,
                     const struct new_invitation *new_invitation, int64_t *ret_pk) {
    int r = store_user_find_by_email(iam->store, new_invitation->email, ret_pk);
    if (r == STORE_NOT_FOUND && new_invitation->creates_user)
        return acceptance_add_user(iam, new_invitation->email, NULL, NULL, NULL, ret_pk);
    if (r == STORE_NOT_FOUND)
        *ret_pk = 0;
    if (r != 0)
        return r == STORE_NOT_FOUND ? 0 : r;
    r = store_access_find(iam->store, *ret_pk, tenant_pk);
    return r == STORE_NOT_FOUND ? 0 : r == 0 ? IAM_HAS_ACCESS : r;
}

static int insert(struct iam *iam, int64_t tenant_pk, const char *email, const struct gifts *gifts,
                  int64_t now, int64_t *ret_pk) {
    char id[FRIENDLY_ID_SIZE];
    friendly_id_make(id);
    const struct invitation invitation = {
        .tenant_pk = tenant_pk,
        .id = id,
        .email = email,
        .super_admin = gifts->super_admin,
        .sent_at = now,
        .expires_at = now + INVITATION_LIFE_MS,
    };
    int r = store_invitation_insert(iam->store, &invitation, ret_pk);
    for (size_t i = 0; r == 0 && i < gifts->n_grants; i++)
        r = store_invitation_insert_grant(iam->store, *ret_pk, &gifts->grants[i]);
    return r;
}

/* Checks what is independent of the user, and looks up what to grant. */
static int prepare(struct iam *iam, int64_t tenant_pk, const struct new_invitation *new_invitation,
                   int64_t now, struct arena *arena, struct gifts *ret_gifts,
                   const char **reterr_id) {
    int r = iam_check_tenant(iam, tenant_pk);
    if (r == 0)
        r = find_grants(iam, tenant_pk, new_invitation, arena, ret_gifts, reterr_id);
    if (r != 0)
        return r;
    r = store_invitation_find_pending(iam->store, tenant_pk, new_invitation->email, now);
    return r == STORE_NOT_FOUND ? 0 : r == 0 ? IAM_IS_INVITED : r;
}

int iam_invite(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
               const struct new_invitation *new_invitation, int64_t now, struct arena *arena,
               bool *ret_granted, struct invitation_view *ret_view, const char **reterr_id) {
    if (new_invitation->super_admin && !principal->super_admin)
        return IAM_FORBIDDEN;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct gifts gifts;
    int64_t user_pk;
    int64_t pk;
    int r = prepare(iam, tenant_pk, new_invitation, now, arena, &gifts, reterr_id);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r != 0)
        return r;
    r = find_user(iam, tenant_pk, new_invitation, &user_pk);
    if (r == 0 && user_pk != 0)
        r = acceptance_give(iam, user_pk, tenant_pk, &gifts, arena);
    else if (r == 0)
        r = insert(iam, tenant_pk, new_invitation->email, &gifts, now, &pk);
    if (r == 0 && user_pk == 0)
        r = view_invitation(iam, pk, arena, ret_view);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r != 0)
        return r;
    if (user_pk != 0)
        acceptance_conclude(iam, user_pk);
    *ret_granted = user_pk != 0;
    return 0;
}

/* Finds an invitation to the tenant. Call this inside a transaction. */
static int find_invitation(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                           struct invitation_view *ret_view) {
    int64_t pk;
    int r = store_invitation_find(iam->store, id, &pk);
    if (r == 0)
        r = view_invitation(iam, pk, arena, ret_view);
    bool is_other = r == 0 && ret_view->invitation.tenant_pk != tenant_pk;
    return r == STORE_NOT_FOUND || is_other ? IAM_UNKNOWN_INVITATION : r;
}

int iam_get_invitation(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                       struct invitation_view *ret_view) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return find_invitation(iam, tenant_pk, id, arena, ret_view);
}

int iam_delete_invitation(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct invitation_view view;
    int r = find_invitation(iam, tenant_pk, id, arena, &view);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_invitation_delete(iam->store, view.invitation.pk);
    return r == 0 ? iam_commit(iam, &transaction) : r;
}

/* Reads the invitations on a page, without those that were deleted meanwhile. Call this inside a
 * transaction. */
static int view_page(struct iam *iam, const struct listing_result *result, struct arena *arena,
                     struct invitation_page *ret_page) {
    struct invitation_page page = {arena_alloc(arena, result->count * sizeof(*page.invitations)), 0,
                                   result->total};
    if (!page.invitations)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < result->count; i++) {
        int r = view_invitation(iam, result->pks[i], arena, &page.invitations[page.count]);
        if (r < 0)
            return r;
        page.count += r == 0;
        page.total -= r != 0;
    }
    *ret_page = page;
    return 0;
}

struct scope {
    int64_t tenant_pk;
    int64_t now;
};

static int scan(struct store *store, const void *cls, int64_t after, size_t n_columns,
                store_visit visit, void *visit_cls) {
    const struct scope *scope = cls;
    return store_invitation_scan(store, scope->tenant_pk, scope->now, after, n_columns, visit,
                                 visit_cls);
}

int iam_list_invitations(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                         int64_t now, struct arena *arena, struct invitation_page *ret_page,
                         const char **reterr_problem) {
    struct listing listing;
    struct listing_result result;
    struct listing_column named[INVITATION_N_COLUMNS];
    memcpy(named, columns, sizeof(columns));
    named[INVITATION_COLUMN_SUPER_ADMIN].name = iam->version->privilege;
    int r = listing_init(&listing, request, named, INVITATION_N_COLUMNS, arena, reterr_problem);
    if (r != 0)
        return r;
    const struct scope scope = {tenant_pk, now};
    r = listing_run(&listing, iam->store, scan, &scope, &result);
    if (r != 0)
        return r;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return view_page(iam, &result, arena, ret_page);
}

struct pk_list {
    struct arena *arena;
    int64_t *items;
    size_t count;
    size_t capacity;
};

static int append_pk(void *cls, int64_t pk, const char *const *row) {
    struct pk_list *list = cls;
    (void)row;
    list->items =
        arena_grow(list->arena, list->items, list->count, sizeof(*list->items), &list->capacity);
    if (!list->items)
        return FATAL(ENOMEM);
    list->items[list->count++] = pk;
    return 0;
}

/* Call this inside a transaction. */
static int list_by_email(struct iam *iam, int64_t tenant_pk, const char *email, struct arena *arena,
                         struct invitation_page *ret_page) {
    struct pk_list list = {.arena = arena};
    int r = store_invitation_scan_email(iam->store, tenant_pk, email, append_pk, &list);
    const struct listing_result result = {list.items, list.count, (int64_t)list.count};
    return r == 0 ? view_page(iam, &result, arena, ret_page) : r;
}

int iam_list_invitations_by_email(struct iam *iam, int64_t tenant_pk, const char *email,
                                  struct arena *arena, struct invitation_page *ret_page) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return list_by_email(iam, tenant_pk, email, arena, ret_page);
}

int iam_list_invitations_of_user(struct iam *iam, const char *user_id, struct arena *arena,
                                 struct invitation_page *ret_page) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    int64_t pk;
    int r = iam_find_user(iam, IAM_ANYBODY, user_id, &pk);
    if (r == 0)
        r = store_user_find_by_pk(iam->store, pk, arena, &user);
    return r == 0 ? list_by_email(iam, 0, user.email, arena, ret_page) : r;
}
