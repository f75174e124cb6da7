#include "iam/roles.h"

#include <errno.h>

#include "iam/rights.h"
#include "iam/rights_cache.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/friendly_id.h"

static const struct listing_column columns[ROLE_N_COLUMNS] = {
    [ROLE_COLUMN_NAME] = {"name", true},
    [ROLE_COLUMN_DESCRIPTION] = {"description"},
    [ROLE_COLUMN_ID] = {"id", .no_sort = true},
    [ROLE_COLUMN_TEMPLATE] = {"template", .no_sort = true},
};

void iam_rights_of_role(const struct version *version, const struct role *role,
                        struct rights *ret_rights) {
    *ret_rights = (struct rights){0};
    permissions_add(version->vocabulary, role->permissions, role->template, ret_rights);
}

static int check_rights(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                        const char *permissions, struct arena *arena) {
    struct rights own;
    struct rights given = {0};
    int r = iam_find_rights(iam, principal, tenant_pk, arena, &own);
    permissions_add(iam->version->vocabulary, permissions, NULL, &given);
    return r != 0 ? r : rights_cover(&own, &given) ? 0 : IAM_EXCEEDS_RIGHTS;
}

static int find_role(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                     struct role *ret_role) {
    int64_t pk;
    int r = store_role_find(iam->store, tenant_pk, id, &pk);
    if (r == 0)
        r = store_role_find_by_pk(iam->store, pk, arena, ret_role);
    return r == STORE_NOT_FOUND ? IAM_UNKNOWN_ROLE : r;
}

static int commit(struct iam *iam, struct transaction *transaction) {
    int r = iam_commit(iam, transaction);
    if (r == 0)
        rights_cache_forget(iam->rights, 0);
    return r;
}

int iam_create_role(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                    const struct role_details *details, struct arena *arena,
                    struct role *ret_role) {
    char id[FRIENDLY_ID_SIZE];
    friendly_id_make(id);
    const struct role role = {
        .tenant_pk = tenant_pk,
        .id = id,
        .name = details->name,
        .description = details->description,
        .is_default = details->is_default,
        .permissions = details->permissions,
    };
    int r = check_rights(iam, principal, tenant_pk, details->permissions, arena);
    if (r != 0)
        return r;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    r = iam_check_tenant(iam, tenant_pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0 && role.is_default)
        r = store_role_clear_default(iam->store, tenant_pk);
    if (r == 0)
        r = store_role_insert(iam->store, &role, &pk);
    if (r == 0)
        r = store_role_find_by_pk(iam->store, pk, arena, ret_role);
    return r == 0 ? commit(iam, &transaction) : r;
}

int iam_get_role(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                 struct role *ret_role) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return find_role(iam, tenant_pk, id, arena, ret_role);
}

int iam_update_role(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                    const char *id, const struct role_details *details, struct arena *arena,
                    struct role *ret_role) {
    int exceeds = check_rights(iam, principal, tenant_pk, details->permissions, arena);
    if (exceeds < 0)
        return exceeds;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct role role;
    int r = find_role(iam, tenant_pk, id, arena, &role);
    if (r == 0 && role.template)
        r = IAM_IS_MANAGED;
    if (r == 0)
        r = exceeds;
    if (r != 0)
        return r;
    role.name = details->name;
    role.description = details->description;
    role.is_default = details->is_default;
    role.permissions = details->permissions;
    r = store_start_writing(&transaction);
    if (r == 0 && role.is_default)
        r = store_role_clear_default(iam->store, tenant_pk);
    if (r == 0)
        r = store_role_update(iam->store, &role);
    if (r == 0)
        r = commit(iam, &transaction);
    if (r == 0)
        *ret_role = role;
    return r;
}

int iam_delete_role(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct role role;
    int r = find_role(iam, tenant_pk, id, arena, &role);
    if (r == 0 && role.template)
        r = IAM_IS_MANAGED;
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_role_delete(iam->store, role.pk);
    return r == 0 ? commit(iam, &transaction) : r;
}

int iam_list_roles(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                   struct arena *arena, struct role_page *ret_page, const char **reterr_problem) {
    struct listing listing;
    struct listing_result result;
    int r = listing_init(&listing, request, columns, ROLE_N_COLUMNS, arena, reterr_problem);
    if (r != 0)
        return r;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    r = store_role_scan(iam->store, tenant_pk, listing.n_used, listing_visit, &listing);
    if (r == 0)
        r = listing_finish(&listing, &result);
    if (r != 0)
        return r;
    struct role *roles = arena_alloc(arena, result.count * sizeof(*roles));
    if (!roles)
        return FATAL(ENOMEM);
    for (size_t i = 0; r == 0 && i < result.count; i++)
        r = store_role_find_by_pk(iam->store, result.pks[i], arena, &roles[i]);
    if (r == 0)
        *ret_page = (struct role_page){roles, result.count, result.total};
    return r;
}

static bool is_listed(const struct role_page *page, int64_t pk) {
    for (size_t i = 0; i < page->count; i++)
        if (page->roles[i].pk == pk)
            return true;
    return false;
}

int iam_find_roles(struct iam *iam, int64_t tenant_pk, const struct string_list *ids,
                   struct arena *arena, struct role_page *ret_page) {
    struct role_page page = {.roles = arena_alloc(arena, ids->count * sizeof(struct role))};
    if (!page.roles)
        return FATAL(ENOMEM);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    for (size_t i = 0; i < ids->count; i++) {
        struct role *role = &page.roles[page.count];
        int r = find_role(iam, tenant_pk, ids->items[i], arena, role);
        if (r < 0)
            return r;
        if (r == 0 && !is_listed(&page, role->pk))
            page.count++;
    }
    page.total = (int64_t)page.count;
    *ret_page = page;
    return 0;
}
