/* Loads tenants, with their groups, roles and bindings. */
#include <errno.h>
#include <string.h>

#include "contract/permissions.h"
#include "json/json.h"
#include "json/json_print.h"
#include "sandbox/fixture_parts.h"
#include "store/binding.h"
#include "store/group.h"
#include "store/role.h"
#include "store/tenant.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"

static int load_group(struct loader *loader, const cJSON *group, int64_t tenant_pk,
                      const struct json_place *place) {
    char made[FRIENDLY_ID_SIZE];
    const char *id = fixture_id(group, made);
    int64_t pk;
    int r = store_group_insert(loader->iam->store, tenant_pk, id, fixture_text(group, "name", ""),
                               fixture_text(group, "description", NULL), &pk);
    if (r == STORE_EXISTS)
        return fixture_note(loader, place, "has an id or name that another group of the tenant has",
                            id);
    loader->summary.groups++;
    return r == 0 ? fixture_load_group_provision(loader, group, pk, place) : r;
}

/* Reads permissions that any version knows, since a state may come from a server of another one.
 * After a mistake *ret_text is unchanged. The newest version says what it is. */
static int read_permissions(struct loader *loader, const cJSON *object,
                            const struct json_place *place, const char **ret_text) {
    struct violations violations = {0};
    for (size_t i = 0; i < contract_n_versions; i++) {
        violations = (struct violations){.arena = loader->violations->arena};
        int r =
            permissions_read(contract_versions[i].vocabulary, object, place, &violations, ret_text);
        if (r <= 0)
            return r;
    }
    int r = 0;
    for (size_t i = 0; r == 0 && i < violations.count && i < VIOLATIONS_KEPT; i++)
        r = violations_add(loader->violations, violations.items[i].place,
                           violations.items[i].message);
    return r;
}

static int load_role(struct loader *loader, const cJSON *entry, int64_t tenant_pk,
                     const struct json_place *place) {
    char made[FRIENDLY_ID_SIZE];
    struct role role = {
        .tenant_pk = tenant_pk,
        .id = fixture_id(entry, made),
        .name = fixture_text(entry, "name", ""),
        .description = fixture_text(entry, "description", NULL),
        .is_default = fixture_is_true(entry, "isDefault"),
        .permissions = "",
    };
    const struct json_place member = json_place_member(place, "permissions");
    int64_t pk;
    int r = read_permissions(loader, cJSON_GetObjectItemCaseSensitive(entry, "permissions"),
                             &member, &role.permissions);
    if (r == 0)
        r = store_role_insert(loader->iam->store, &role, &pk);
    if (r == STORE_EXISTS)
        return fixture_note(loader, place, "is the id of another role of the tenant", role.id);
    loader->summary.roles++;
    return r;
}

/* A tenant has at most one default role. */
static int check_default_role(struct loader *loader, const cJSON *tenant,
                              const struct json_place *place) {
    const struct json_place list = json_place_member(place, "roles");
    const cJSON *role;
    size_t i = 0;
    size_t count = 0;
    cJSON_ArrayForEach (role, cJSON_GetObjectItemCaseSensitive(tenant, "roles")) {
        const struct json_place element = json_place_element(&list, i++);
        count += fixture_is_true(role, "isDefault");
        if (count == 2)
            return fixture_note(loader, &element, "is another default role of the tenant",
                                fixture_text(role, "name", ""));
    }
    return 0;
}

/* Stores the details as the API does, without the members that have columns of their own. */
static int load_details(struct loader *loader, const cJSON *details, const char *name, int64_t pk) {
    static const char *const apart[] = {"id", "name", "deleted"};
    CLEANUP(cleanup_json) cJSON *tidy = cJSON_Duplicate(details, true);
    int r = tidy ? json_tidy(tidy) : FATAL(ENOMEM);
    if (r < 0)
        return r;
    for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
        cJSON_DeleteItemFromObjectCaseSensitive(tidy, apart[i]);
    CLEANUP(cleanup_free) char *text = json_print(tidy);
    return text ? store_tenant_update(loader->iam->store, pk,
                                      &(struct tenant){.name = name, .details = text})
                : FATAL(ENOMEM);
}

int fixture_load_tenant(struct loader *loader, const cJSON *entry, int64_t owner_pk,
                        const struct json_place *place) {
    const char *id = fixture_text(entry, "id", "");
    const char *name = fixture_text(entry, "name", id);
    const cJSON *details = cJSON_GetObjectItemCaseSensitive(entry, "details");
    char made[FRIENDLY_ID_SIZE];
    int64_t pk;
    (void)owner_pk;
    int r = store_tenant_insert(loader->iam->store, id, name, &pk);
    if (r == STORE_EXISTS) {
        r = fixture_note(loader, place, "is the id of another tenant", id);
        friendly_id_make(made); /* to find the mistakes in its lists */
        if (r == 0)
            r = store_tenant_insert(loader->iam->store, made, name, &pk);
    }
    const char *flaw = json_find_flaw(details);
    if (r == 0 && flaw) {
        const struct json_place member = json_place_member(place, "details");
        r = violations_add(loader->violations, &member, flaw);
        details = NULL;
    }
    if (r == 0 && details)
        r = load_details(loader, details, name, pk);
    loader->summary.tenants++;
    if (r == 0)
        fixture_enter_tenant(loader, entry, pk);
    if (r == 0)
        r = fixture_load_list(loader, entry, "groups", place, pk, load_group);
    if (r == 0)
        r = check_default_role(loader, entry, place);
    if (r == 0)
        r = fixture_load_list(loader, entry, "roles", place, pk, load_role);
    if (r == 0)
        r = fixture_load_list(loader, entry, "invitations", place, pk, fixture_load_invitation);
    if (r == 0)
        loader->tenant_pks[place->index] = pk;
    return r;
}

/* Whom a binding may name, by the member that does it. */
static const struct subject {
    const char *member;
    const char *list;
    const char *problem;
} subjects[] = {
    {"user", "users", "is not a user of this fixture"},
    {"serviceAccount", "serviceAccounts", "is not a service account of this fixture"},
    {"group", "groups", "is not a group of the tenant"},
};

/* Returns NULL unless the binding has exactly one subject. */
static const struct subject *choose_subject(const cJSON *entry) {
    const struct subject *chosen = NULL;
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        if (!fixture_text(entry, subjects[i].member, NULL))
            continue;
        if (chosen)
            return NULL;
        chosen = &subjects[i];
    }
    return chosen;
}

/* Sets the binding's subject, whose key stays 0 after a mistake. Returns 0 or <0. */
static int find_subject(struct loader *loader, const cJSON *entry, const struct json_place *place,
                        struct binding *binding) {
    struct store *store = loader->iam->store;
    const struct subject *subject = choose_subject(entry);
    if (!subject)
        return fixture_note(loader, place, "needs one of user, group and serviceAccount",
                            binding->id);
    const char *id = fixture_text(entry, subject->member, NULL);
    bool is_group = subject == &subjects[2];
    int r = is_group
                ? store_group_find(store, binding->tenant_pk, id, &binding->group_pk)
                : store_user_find_of_type(store, subject == &subjects[1], id, &binding->user_pk);
    return r == STORE_NOT_FOUND
               ? fixture_note_unknown(loader, place, subject->problem,
                                      is_group ? loader->tenant : NULL, subject->list, id)
               : r;
}

static int load_binding(struct loader *loader, const cJSON *entry, int64_t tenant_pk,
                        const struct json_place *place) {
    char made[FRIENDLY_ID_SIZE];
    const char *role = fixture_text(entry, "role", "");
    struct binding binding = {
        .tenant_pk = tenant_pk,
        .id = fixture_id(entry, made),
        .namespace = fixture_text(entry, "namespace", NULL),
    };
    int64_t pk;
    int r = store_role_find(loader->iam->store, tenant_pk, role, &binding.role_pk);
    if (r == STORE_NOT_FOUND)
        r = fixture_note_unknown(loader, place, "is not a role of the tenant", loader->tenant,
                                 "roles", role);
    if (r == 0)
        r = find_subject(loader, entry, place, &binding);
    if (r < 0 || binding.role_pk == 0 || (binding.user_pk == 0 && binding.group_pk == 0))
        return r;
    r = store_binding_insert(loader->iam->store, &binding, &pk);
    if (r == STORE_EXISTS)
        return fixture_note(loader, place, "has the id of another binding, or is identical to it",
                            binding.id);
    loader->summary.bindings++;
    return r;
}

int fixture_load_bindings(struct loader *loader, const cJSON *entry, int64_t owner_pk,
                          const struct json_place *place) {
    (void)owner_pk;
    fixture_enter_tenant(loader, entry, loader->tenant_pks[place->index]);
    return fixture_load_list(loader, entry, "bindings", place, loader->tenant_pk, load_binding);
}
