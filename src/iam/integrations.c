#include "iam/integrations.h"

#include <errno.h>

#include "contract/permissions.h"
#include "iam/credential_cache.h"
#include "iam/rights.h"
#include "iam/rights_cache.h"
#include "iam/tokens.h"
#include "store/access.h"
#include "store/binding.h"
#include "store/role.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/friendly_id.h"

static const char *const types[] = {"SCIM", NULL};
static const char *const flags[] = {"true", "false", NULL};
static const struct listing_column columns[INTEGRATION_N_COLUMNS] = {
    [INTEGRATION_COLUMN_NAME] = {"name", true},
    [INTEGRATION_COLUMN_DESCRIPTION] = {"description", true},
    [INTEGRATION_COLUMN_ID] = {"id", .no_sort = true},
    [INTEGRATION_COLUMN_TYPE] = {"type", .no_sort = true, .values = types},
    [INTEGRATION_COLUMN_ENABLED] = {"enabled", .no_sort = true, .values = flags},
};

static int add_account(struct iam *iam, struct integration *integration) {
    char id[FRIENDLY_ID_SIZE];
    friendly_id_make(id);
    const struct user account = {
        .id = id,
        .username = id,
        .email = id,
        .is_service_account = true,
        .name = integration->name,
        .description = integration->description,
    };
    int r = store_user_insert(iam->store, &account, &integration->user_pk);
    return r == 0
               ? store_access_insert(iam->store, integration->user_pk, integration->tenant_pk, true)
               : r;
}

static int add_role(struct iam *iam, struct integration *integration, struct arena *arena) {
    static const char *const resources[] = {"USER", "GROUP", NULL};
    char id[FRIENDLY_ID_SIZE];
    char binding_id[FRIENDLY_ID_SIZE];
    int64_t binding_pk;
    friendly_id_make(id);
    friendly_id_make(binding_id);
    struct role role = {
        .tenant_pk = integration->tenant_pk,
        .id = id,
        .name = "SCIMProvisioner",
        .description = integration->description,
    };
    int r = permissions_write(iam->version->vocabulary, resources, arena, &role.permissions);
    if (r == 0)
        r = store_role_insert(iam->store, &role, &integration->role_pk);
    const struct binding binding = {
        .tenant_pk = integration->tenant_pk,
        .role_pk = integration->role_pk,
        .user_pk = integration->user_pk,
        .id = binding_id,
    };
    return r == 0 ? store_binding_insert(iam->store, &binding, &binding_pk) : r;
}

int iam_create_integration(struct iam *iam, int64_t tenant_pk, const char *name,
                           const char *description, int64_t now, struct arena *arena,
                           struct new_integration *ret_new) {
    char id[FRIENDLY_ID_SIZE];
    friendly_id_make(id);
    const struct new_token new_token = {
        .name = name, .description = description, .max_age = INT64_MAX};
    struct integration integration = {.tenant_pk = tenant_pk,
                                      .id = arena_copy(arena, id, sizeof(id) - 1),
                                      .name = name,
                                      .description = description,
                                      .enabled = true};
    if (!integration.id)
        return FATAL(ENOMEM);
    iam_make_secret(ret_new->secret, sizeof(ret_new->secret));
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int r = iam_check_tenant(iam, tenant_pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = add_account(iam, &integration);
    if (r == 0)
        r = add_role(iam, &integration, arena);
    if (r == 0)
        r = iam_add_token(iam, integration.user_pk, &new_token, now, ret_new->secret, arena,
                          &ret_new->token);
    if (r == 0)
        r = store_integration_insert(iam->store, &integration);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        ret_new->integration = integration;
    return r;
}

static int find_integration(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                            struct integration *ret_integration) {
    int r = store_integration_find(iam->store, tenant_pk, id, arena, ret_integration);
    return r == STORE_NOT_FOUND ? IAM_UNKNOWN_INTEGRATION : r;
}

int iam_get_integration(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                        struct integration *ret_integration) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return find_integration(iam, tenant_pk, id, arena, ret_integration);
}

int iam_enable_integration(struct iam *iam, int64_t tenant_pk, const char *id, bool enabled,
                           struct arena *arena, struct integration *ret_integration) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int r = find_integration(iam, tenant_pk, id, arena, ret_integration);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_integration_enable(iam->store, ret_integration->pk, enabled);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        ret_integration->enabled = enabled;
    return r;
}

int iam_delete_integration(struct iam *iam, int64_t tenant_pk, const char *id,
                           struct arena *arena) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct integration integration;
    int r = find_integration(iam, tenant_pk, id, arena, &integration);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_integration_delete(iam->store, integration.pk);
    if (r == 0)
        r = store_user_delete(iam->store, integration.user_pk);
    if (r == 0)
        r = store_role_delete(iam->store, integration.role_pk);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0) {
        credential_cache_forget(iam->cache, integration.user_pk);
        rights_cache_forget(iam->rights, 0);
    }
    return r;
}

int iam_list_integrations(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                          struct arena *arena, struct integration_page *ret_page,
                          const char **reterr_problem) {
    struct listing listing;
    struct listing_result result;
    int r = listing_init(&listing, request, columns, INTEGRATION_N_COLUMNS, arena, reterr_problem);
    if (r != 0)
        return r;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    r = store_integration_scan(iam->store, tenant_pk, listing.n_used, listing_visit, &listing);
    if (r == 0)
        r = listing_finish(&listing, &result);
    if (r != 0)
        return r;
    struct integration *integrations = arena_alloc(arena, result.count * sizeof(*integrations));
    if (!integrations)
        return FATAL(ENOMEM);
    for (size_t i = 0; r == 0 && i < result.count; i++)
        r = store_integration_find_by_pk(iam->store, result.pks[i], arena, &integrations[i]);
    if (r == 0)
        *ret_page = (struct integration_page){integrations, result.count, result.total};
    return r;
}
