/* Dumps tenants, with their groups, roles, bindings, invitations and security integrations. */
#include <errno.h>
#include <string.h>

#include "contract/permissions.h"
#include "sandbox/fixture_dump_parts.h"
#include "store/binding.h"
#include "store/group.h"
#include "store/integration.h"
#include "store/invitation.h"
#include "store/role.h"
#include "store/tenant.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"

static int show_group(void *cls, int64_t pk, const char *const *columns) {
    struct entry *entry = cls;
    struct provisioned provisioned;
    int r = store_provisioned_group(entry->dump->store, pk, &entry->arena, &provisioned);
    if (r != 0)
        return r;
    struct json_parent groups = dump_list_in(entry, 0, "groups");
    struct json_parent group = json_add_object(entry->builder, groups, NULL);
    json_add_text(entry->builder, group, "id", columns[GROUP_COLUMN_ID]);
    json_add_text(entry->builder, group, "name", columns[GROUP_COLUMN_NAME]);
    json_add_text(entry->builder, group, "description", columns[GROUP_COLUMN_DESCRIPTION]);
    if (provisioned.attributes)
        dump_add_provisioned(entry->builder, json_add_object(entry->builder, group, "scim"),
                             &provisioned);
    return 0;
}

/* Shows a role unless it is managed: those come with the tenant. */
static int show_role(void *cls, int64_t pk, const char *const *columns) {
    struct entry *entry = cls;
    struct role role;
    (void)columns;
    int r = store_role_find_by_pk(entry->dump->store, pk, &entry->arena, &role);
    if (r != 0)
        return r < 0 ? r : FATAL(EIO);
    if (role.template)
        return 0;
    struct json_parent object =
        json_add_object(entry->builder, dump_list_in(entry, 1, "roles"), NULL);
    json_add_text(entry->builder, object, "id", role.id);
    json_add_text(entry->builder, object, "name", role.name);
    json_add_text(entry->builder, object, "description", role.description);
    if (role.is_default)
        json_add_bool(entry->builder, object, "isDefault", true);
    permissions_show(NULL, role.permissions, NULL, entry->builder, object, "permissions");
    return 0;
}

static int show_binding(void *cls, int64_t pk, const char *const *columns) {
    struct entry *entry = cls;
    (void)pk;
    struct json_parent object =
        json_add_object(entry->builder, dump_list_in(entry, 2, "bindings"), NULL);
    json_add_text(entry->builder, object, "id", columns[BINDING_COLUMN_ID]);
    json_add_text(entry->builder, object, "role", columns[BINDING_COLUMN_ROLE_ID]);
    json_add_text(entry->builder, object, columns[BINDING_COLUMN_SUBJECT],
                  columns[BINDING_COLUMN_EXTERNAL_ID]);
    json_add_text(entry->builder, object, "namespace", columns[BINDING_COLUMN_NAMESPACE]);
    return 0;
}

/* Shows a grant of a role. The namespaces of a role that follow each other make one list, which
 * `namespaces` is; without a namespace the role is granted in the whole tenant. */
static int show_role_grant(struct entry *entry, struct json_parent roles,
                           const struct invitation_grant *grant, bool continues,
                           struct json_parent *namespaces) {
    struct role role;
    if (!continues || !grant->namespace) {
        int r = store_role_find_by_pk(entry->dump->store, grant->role_pk, &entry->arena, &role);
        if (r != 0)
            return r < 0 ? r : FATAL(EIO);
        struct json_parent object = json_add_object(entry->builder, roles, NULL);
        json_add_text(entry->builder, object, "id", role.id);
        *namespaces = grant->namespace ? json_add_array(entry->builder, object, "namespaces")
                                       : (struct json_parent){0};
    }
    if (grant->namespace)
        json_add_text(entry->builder, *namespaces, NULL, grant->namespace);
    return 0;
}

static int show_role_grants(struct entry *entry, struct json_parent object,
                            const struct invitation_grant *grants, size_t count) {
    struct json_parent roles = {0};
    struct json_parent namespaces = {0};
    int64_t last_pk = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        if (grants[i].role_pk == 0)
            continue;
        if (roles.level == 0)
            roles = json_add_array(entry->builder, object, "roles");
        r = show_role_grant(entry, roles, &grants[i],
                            namespaces.level > 0 && grants[i].role_pk == last_pk, &namespaces);
        last_pk = grants[i].role_pk;
    }
    return r;
}

static int show_group_grants(struct entry *entry, struct json_parent object,
                             const struct invitation_grant *grants, size_t count) {
    struct group group;
    struct json_parent groups = {0};
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        if (grants[i].group_pk == 0)
            continue;
        if (groups.level == 0)
            groups = json_add_array(entry->builder, object, "groups");
        r = store_group_find_by_pk(entry->dump->store, grants[i].group_pk, &entry->arena, &group);
        if (r == 0)
            json_add_text(entry->builder, groups, NULL, group.id);
    }
    return r;
}

static int show_invitation(void *cls, int64_t pk, const char *const *columns) {
    struct entry *entry = cls;
    struct json_builder *builder = entry->builder;
    struct invitation invitation;
    struct invitation_grant *grants;
    size_t count;
    (void)columns;
    int r = store_invitation_find_by_pk(entry->dump->store, pk, &entry->arena, &invitation);
    if (r == 0)
        r = store_invitation_list_grants(entry->dump->store, pk, &entry->arena, &grants, &count);
    if (r != 0)
        return r < 0 ? r : FATAL(EIO);
    struct json_parent object =
        json_add_object(builder, dump_list_in(entry, 3, "invitations"), NULL);
    json_add_text(builder, object, "id", invitation.id);
    json_add_text(builder, object, "email", invitation.email);
    if (invitation.super_admin)
        json_add_bool(builder, object, "superAdmin", true);
    r = show_role_grants(entry, object, grants, count);
    if (r == 0)
        r = show_group_grants(entry, object, grants, count);
    dump_add_instant(builder, object, "sentAt", invitation.sent_at);
    dump_add_instant(builder, object, "expiredAt", invitation.expires_at);
    if (invitation.accepted_at != INT64_MIN)
        dump_add_instant(builder, object, "acceptedAt", invitation.accepted_at);
    return r > 0 ? FATAL(EIO) : r;
}

/* Shows the service account and the role, unless somebody has deleted them. */
static int show_owned(struct entry *entry, struct json_parent object,
                      const struct integration *integration) {
    struct user user;
    struct role role;
    int r = 0;
    if (integration->user_pk != 0) {
        r = store_user_find_by_pk(entry->dump->store, integration->user_pk, &entry->arena, &user);
        if (r == 0)
            json_add_text(entry->builder, object, "serviceAccount", user.id);
    }
    if (r == 0 && integration->role_pk != 0) {
        r = store_role_find_by_pk(entry->dump->store, integration->role_pk, &entry->arena, &role);
        if (r == 0)
            json_add_text(entry->builder, object, "role", role.id);
    }
    return r > 0 ? FATAL(EIO) : r;
}

static int show_integration(void *cls, int64_t pk, const char *const *columns) {
    struct entry *entry = cls;
    struct integration integration;
    (void)columns;
    int r = store_integration_find_by_pk(entry->dump->store, pk, &entry->arena, &integration);
    if (r != 0)
        return r < 0 ? r : FATAL(EIO);
    struct json_parent object =
        json_add_object(entry->builder, dump_list_in(entry, 4, "securityIntegrations"), NULL);
    json_add_text(entry->builder, object, "id", integration.id);
    json_add_text(entry->builder, object, "name", integration.name);
    if (*integration.description)
        json_add_text(entry->builder, object, "description", integration.description);
    if (!integration.enabled)
        json_add_bool(entry->builder, object, "enabled", false);
    return show_owned(entry, object, &integration);
}

int dump_show_tenant(void *cls, int64_t pk, const char *const *columns) {
    struct dump *dump = cls;
    CLEANUP(dump_cleanup_entry) struct entry entry;
    struct tenant tenant;
    (void)columns;
    int r = dump_begin_entry(&entry, dump);
    if (r == 0)
        r = store_tenant_find_by_pk(dump->store, pk, &entry.arena, &tenant);
    if (r != 0)
        return r < 0 ? r : FATAL(EIO);
    json_add_text(entry.builder, entry.root, "id", tenant.id);
    json_add_text(entry.builder, entry.root, "name", tenant.name);
    if (tenant.details && strcmp(tenant.details, "{}") != 0)
        json_add_members_of(entry.builder, json_add_object(entry.builder, entry.root, "details"),
                            tenant.details);
    r = store_group_scan(dump->store, pk, GROUP_N_COLUMNS, show_group, &entry);
    if (r == 0)
        r = store_role_scan(dump->store, pk, 0, show_role, &entry);
    if (r == 0)
        r = store_binding_scan(dump->store, pk, INT64_MIN, BINDING_N_COLUMNS, show_binding, &entry);
    if (r == 0)
        r = store_invitation_scan(dump->store, pk, 0, INT64_MIN, 0, show_invitation, &entry);
    if (r == 0)
        r = store_integration_scan(dump->store, pk, 0, show_integration, &entry);
    return r == 0 ? dump_end_entry(&entry) : r;
}
