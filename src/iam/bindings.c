#include "iam/bindings.h"

#include <errno.h>

#include "iam/rights.h"
#include "iam/rights_cache.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/friendly_id.h"

static const char *const types[] = {"USER", "GROUP", NULL};

static const struct listing_column columns[BINDING_LISTED_N_COLUMNS] = {
    [BINDING_COLUMN_TYPE] = {"type", .values = types},
    [BINDING_COLUMN_NAMESPACE] = {"namespace", true},
    [BINDING_COLUMN_ID] = {"bindingId", .no_sort = true},
    [BINDING_COLUMN_EXTERNAL_ID] = {"id"},
    [BINDING_COLUMN_ROLE_ID] = {"role", .no_sort = true},
};

/* Call this inside a transaction. */
static int view_binding(struct iam *iam, int64_t pk, struct arena *arena,
                        struct binding_view *ret_view) {
    struct binding_view view = {0};
    int r = store_binding_find_by_pk(iam->store, pk, arena, &view.binding);
    if (r == 0)
        r = store_role_find_by_pk(iam->store, view.binding.role_pk, arena, &view.role);
    if (r == 0 && view.binding.user_pk != 0)
        r = iam_view_user(iam, view.binding.user_pk, view.binding.tenant_pk, arena, &view.user);
    if (r == 0 && view.binding.group_pk != 0)
        r = store_group_find_by_pk(iam->store, view.binding.group_pk, arena, &view.group);
    if (r == 0)
        *ret_view = view;
    return r;
}

static int find_subject(struct iam *iam, int64_t tenant_pk, const struct new_binding *new_binding,
                        struct binding *binding) {
    int r = new_binding->is_group
                ? store_group_find(iam->store, tenant_pk, new_binding->subject, &binding->group_pk)
                : store_user_find(iam->store, new_binding->subject, &binding->user_pk);
    if (r != STORE_NOT_FOUND)
        return r;
    return new_binding->is_group ? IAM_UNKNOWN_GROUP : IAM_UNKNOWN_USER;
}

static int insert(struct iam *iam, int64_t tenant_pk, const struct new_binding *new_binding,
                  int64_t *ret_pk, const char **reterr_id) {
    char id[FRIENDLY_ID_SIZE];
    friendly_id_make(id);
    struct binding binding = {
        .tenant_pk = tenant_pk, .id = id, .namespace = new_binding->namespace};
    int r = store_role_find(iam->store, tenant_pk, new_binding->role, &binding.role_pk);
    if (r == STORE_NOT_FOUND) {
        *reterr_id = new_binding->role;
        return IAM_UNKNOWN_ROLE;
    }
    if (r == 0) {
        *reterr_id = new_binding->subject;
        r = find_subject(iam, tenant_pk, new_binding, &binding);
    }
    if (r == 0) {
        r = store_binding_insert(iam->store, &binding, ret_pk);
        r = r == STORE_EXISTS ? IAM_IS_BOUND : r;
    }
    return r;
}

int iam_create_bindings(struct iam *iam, int64_t tenant_pk, const struct new_binding *new_bindings,
                        size_t count, struct arena *arena, struct binding_page *ret_page,
                        const char **reterr_id) {
    struct binding_view *views = arena_alloc(arena, count * sizeof(*views));
    if (!views)
        return FATAL(ENOMEM);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int r = iam_check_tenant(iam, tenant_pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    for (size_t i = 0; r == 0 && i < count; i++) {
        int64_t pk;
        r = insert(iam, tenant_pk, &new_bindings[i], &pk, reterr_id);
        if (r == 0)
            r = view_binding(iam, pk, arena, &views[i]);
    }
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r != 0)
        return r;
    rights_cache_forget(iam->rights, 0);
    *ret_page = (struct binding_page){views, count, (int64_t)count};
    return 0;
}

int iam_get_binding(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                    struct binding_view *ret_view) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = store_binding_find(iam->store, tenant_pk, id, &pk);
    if (r == STORE_NOT_FOUND)
        return IAM_UNKNOWN_BINDING;
    return r == 0 ? view_binding(iam, pk, arena, ret_view) : r;
}

int iam_delete_binding(struct iam *iam, int64_t tenant_pk, const char *id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = store_binding_find(iam->store, tenant_pk, id, &pk);
    if (r == STORE_NOT_FOUND)
        return IAM_UNKNOWN_BINDING;
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_binding_delete(iam->store, pk);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        rights_cache_forget(iam->rights, 0);
    return r;
}

static int scan(struct store *store, const void *cls, int64_t after, size_t n_columns,
                store_visit visit, void *visit_cls) {
    const int64_t *tenant_pk = cls;
    return store_binding_scan(store, *tenant_pk, after, n_columns, visit, visit_cls);
}

/* Leaves out what was deleted meanwhile. */
static int view_page(struct iam *iam, const struct listing_result *result, struct arena *arena,
                     struct binding_page *ret_page) {
    struct binding_page page = {arena_alloc(arena, result->count * sizeof(*page.bindings)), 0,
                                result->total};
    if (!page.bindings)
        return FATAL(ENOMEM);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    for (size_t i = 0; i < result->count; i++) {
        int r = view_binding(iam, result->pks[i], arena, &page.bindings[page.count]);
        if (r < 0)
            return r;
        page.count += r == 0;
        page.total -= r != 0;
    }
    *ret_page = page;
    return 0;
}

int iam_list_bindings(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                      struct arena *arena, struct binding_page *ret_page,
                      const char **reterr_problem) {
    struct listing listing;
    struct listing_result result;
    int r =
        listing_init(&listing, request, columns, BINDING_LISTED_N_COLUMNS, arena, reterr_problem);
    if (r == 0)
        r = listing_run(&listing, iam->store, scan, &tenant_pk, &result);
    return r == 0 ? view_page(iam, &result, arena, ret_page) : r;
}

int iam_list_role_assignments(struct iam *iam, int64_t user_pk, int64_t tenant_pk,
                              struct arena *arena, struct role_assignment **ret_roles,
                              size_t *ret_count) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return store_binding_list_roles(iam->store, user_pk, tenant_pk, arena, ret_roles, ret_count);
}
