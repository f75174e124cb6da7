/* Loads security integrations, and what identity providers have written with SCIM. */
#include <errno.h>
#include <string.h>

#include "json/json.h"
#include "json/json_print.h"
#include "sandbox/fixture_parts.h"
#include "scim/scim_resource.h"
#include "store/group.h"
#include "store/integration.h"
#include "store/provisioning.h"
#include "store/role.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* Sets the key of the role, if there is one. A managed role is no choice, since it would be deleted
 * with the integration. Returns 0 or <0. */
static int find_role(struct loader *loader, const cJSON *entry, const struct json_place *place,
                     struct integration *integration) {
    const char *id = fixture_text(entry, "role", NULL);
    struct role role = {0};
    if (!id)
        return 0;
    int r = store_role_find(loader->iam->store, loader->tenant_pk, id, &integration->role_pk);
    if (r == STORE_NOT_FOUND)
        return fixture_note_unknown(loader, place, "is not a role of the tenant", loader->tenant,
                                    "roles", id);
    if (r == 0)
        r = store_role_find_by_pk(loader->iam->store, integration->role_pk, &loader->arena, &role);
    return r == 0 && role.template
               ? fixture_note(loader, place, "is a managed role, which an integration cannot own",
                              id)
               : r;
}

/* The same for the service account. */
static int find_account(struct loader *loader, const cJSON *entry, const struct json_place *place,
                        struct integration *integration) {
    const char *id = fixture_text(entry, "serviceAccount", NULL);
    int r = id ? store_user_find_of_type(loader->iam->store, true, id, &integration->user_pk) : 0;
    return r == STORE_NOT_FOUND
               ? fixture_note_unknown(loader, place, "is not a service account of this fixture",
                                      NULL, "serviceAccounts", id)
               : r;
}

static int load_integration(struct loader *loader, const cJSON *entry, int64_t tenant_pk,
                            const struct json_place *place) {
    char made[FRIENDLY_ID_SIZE];
    struct integration integration = {
        .tenant_pk = tenant_pk,
        .id = fixture_id(entry, made),
        .name = fixture_text(entry, "name", ""),
        .description = fixture_text(entry, "description", ""),
        .enabled = !cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(entry, "enabled")),
    };
    int r = find_account(loader, entry, place, &integration);
    if (r == 0)
        r = find_role(loader, entry, place, &integration);
    if (r == 0)
        r = store_integration_insert(loader->iam->store, &integration);
    if (r == STORE_EXISTS)
        return fixture_note(loader, place, "is the id of another integration of the tenant",
                            integration.id);
    loader->summary.integrations++;
    return r;
}

int fixture_load_integrations(struct loader *loader, const cJSON *entry, int64_t owner_pk,
                              const struct json_place *place) {
    (void)owner_pk;
    fixture_enter_tenant(loader, entry, loader->tenant_pks[place->index]);
    return fixture_load_list(loader, entry, "securityIntegrations", place, loader->tenant_pk,
                             load_integration);
}

/* Makes the attributes tidy, like those that a provider sends. The name may be missing, since users
 * and groups have it anyway. Returns 0 and the tree (owned by the caller), NULL after a mistake; or
 * <0. */
static int clean(struct loader *loader, const struct scim_resource_type *type, const cJSON *entry,
                 const char *member, const char *name, const struct json_place *place,
                 cJSON **ret_tree) {
    const struct json_place attributes = json_place_member(place, "attributes");
    const char *problem = NULL;
    CLEANUP(cleanup_json)
    cJSON *copy = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(entry, "attributes"), true);
    if (!copy || json_tidy(copy) < 0 ||
        (!cJSON_GetObjectItem(copy, member) && !cJSON_AddStringToObject(copy, member, name)))
        return FATAL(ENOMEM);
    int r = scim_resource_clean(type, copy, loader->violations->arena, ret_tree, &problem);
    return r > 0 ? violations_add(loader->violations, &attributes, problem) : r;
}

static int print(const cJSON *tree, struct arena *arena, const char **ret_text) {
    CLEANUP(cleanup_free) char *text = json_print(tree);
    *ret_text = text ? arena_copy(arena, text, strlen(text)) : NULL;
    return *ret_text ? 0 : FATAL(ENOMEM);
}

static struct provisioned times_of(const cJSON *entry) {
    return (struct provisioned){.created_at = fixture_instant(entry, "created", INT64_MIN),
                                .modified_at = fixture_instant(entry, "lastModified", INT64_MIN)};
}

/* A user who has a mistake may have another username than the fixture says. */
static int read_user(struct loader *loader, const cJSON *entry, int64_t user_pk,
                     const struct json_place *place, struct arena *arena,
                     struct provisioned *ret_provisioned) {
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct user user;
    int r = store_user_find_by_pk(loader->iam->store, user_pk, arena, &user);
    if (r == 0)
        r = clean(loader, &scim_user_type, entry, "userName", user.username, place, &tree);
    *ret_provisioned = times_of(entry);
    return r == 0 && tree ? print(tree, arena, &ret_provisioned->attributes) : r;
}

int fixture_load_user_provision(struct loader *loader, const cJSON *entry, int64_t user_pk,
                                const struct json_place *place) {
    struct store *store = loader->iam->store;
    const char *tenant = fixture_text(entry, "tenant", "");
    struct provisioned provisioned;
    int64_t tenant_pk;
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    int r = fixture_grant_access(loader, user_pk, tenant, true, place, &tenant_pk);
    if (r < 0 || tenant_pk == 0)
        return r;
    r = store_provisioned_user(store, user_pk, tenant_pk, &arena, &provisioned);
    if (r == 0 && provisioned.attributes)
        return fixture_note(loader, place, "is listed twice", tenant);
    if (r == 0)
        r = read_user(loader, entry, user_pk, place, &arena, &provisioned);
    return r == 0 && provisioned.attributes
               ? store_provision_user(store, user_pk, tenant_pk, &provisioned)
               : r;
}

int fixture_load_group_provision(struct loader *loader, const cJSON *object, int64_t group_pk,
                                 const struct json_place *place) {
    const struct json_place member = json_place_member(place, "scim");
    const cJSON *entry = cJSON_GetObjectItemCaseSensitive(object, "scim");
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    if (!entry)
        return 0;
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct provisioned provisioned = times_of(entry);
    int r = clean(loader, &scim_group_type, entry, "displayName", fixture_text(object, "name", ""),
                  &member, &tree);
    if (r < 0 || !tree)
        return r;
    cJSON_DeleteItemFromObjectCaseSensitive(tree, "displayName");
    cJSON_DeleteItemFromObjectCaseSensitive(tree, "members");
    r = print(tree, &arena, &provisioned.attributes);
    return r == 0 ? store_provision_group(loader->iam->store, group_pk, &provisioned) : r;
}
