import io.kestra.sdk.KestraClient;
import io.kestra.sdk.model.*;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The steps about roles, bindings and service accounts. */
class RightsSteps extends Support {
    RightsSteps(String url) {
        super(url);
    }

    void roles() {
        // The order, which no rule would give, must come back.
        var planners = permissions().FLOW(List.of("DELETE", "READ", "CREATE"))
                .NAMESPACE(List.of("UPDATE", "READ"));
        String name = newName("role");
        var created = createRole(roleRequest(planners).name(name).description("Those who plan"));
        equal(admin.roles().role(created.getId(), TENANT), created);
        equal(List.of(created.getName(), created.getDescription()),
                List.of(name, "Those who plan"));
        equal(created.getPermissions().getFLOW(), planners.getFLOW());
        equal(created.getPermissions().getNAMESPACE(), planners.getNAMESPACE());
        equal(List.of(created.getIsDefault(), created.getIsManaged()), List.of(false, false));
        var twin = createRole(roleRequest(planners).name(name));
        equal(twin.getId().equals(created.getId()), false);
        equal(twin.getName(), name);

        var request = roleRequest(permissions().FLOW(List.of("UPDATE", "READ")))
                .description("Others");
        var updated = admin.roles().updateRole(created.getId(), TENANT, request);
        equal(admin.roles().role(created.getId(), TENANT), updated);
        equal(List.of(updated.getName(), updated.getDescription()),
                List.of(request.getName(), "Others"));
        equal(updated.getPermissions().getFLOW(), List.of("UPDATE", "READ"));
        equal(updated.getPermissions().getNAMESPACE(), List.of());

        var named = admin.roles().autocompleteRoles(TENANT, new ApiAutocomplete().q(name));
        equal(set(named, ApiRoleSummary::getId), Set.of(twin.getId()));
        var ids = List.of(twin.getId(), created.getId());
        var found = admin.roles().listRolesFromGivenIds(TENANT, new ApiIds().ids(ids));
        equal(found.stream().map(Role::getId).toList(), ids);
        equal(set(found, Role::getIsManaged), Set.of(false));
        equal(set(found, Role::getDeleted), Set.of(false));

        admin.roles().deleteRole(created.getId(), TENANT);
        refused(404, () -> admin.roles().role(created.getId(), TENANT));
        refused(404, () -> admin.roles().deleteRole(created.getId(), TENANT));
    }

    void searchRoles() {
        String prefix = newName("search");
        for (String letter : List.of("b", "c", "a")) {
            createRole(roleRequest(readers()).name(prefix + "-" + letter));
        }
        List<String> names = new ArrayList<>();
        for (int page = 1; page <= 2; page++) {
            var found = admin.roles().searchRoles(
                    TENANT, page, 2, prefix, List.of("name:desc"), null);
            equal(found.getTotal(), 3L);
            found.getResults().forEach(role -> names.add(role.getName()));
        }
        equal(names, List.of(prefix + "-c", prefix + "-b", prefix + "-a"));
    }

    void managedRoles() {
        String managed = "admin_" + TENANT;
        equal(admin.roles().role(managed, TENANT).getIsManaged(), true);
        refused(403, () -> admin.roles().updateRole(managed, TENANT, roleRequest(readers())));
        refused(403, () -> admin.roles().deleteRole(managed, TENANT));
    }

    /** The SDK cannot get one binding. */
    void bindings() {
        var role = createRole(roleRequest(readers()));
        String user = createUser(request()).getId();
        String group = createGroup();
        var first = bind(BindingType.USER, user, role.getId());
        var second = bind(BindingType.GROUP, group, role.getId());
        equal(List.of(first.getRole().getId(), first.getRole().getName()),
                List.of(role.getId(), role.getName()));
        equal(List.of(first.getType(), first.getUser().getId()), List.of(BindingType.USER, user));
        equal(List.of(second.getType(), second.getGroup().getId()),
                List.of(BindingType.GROUP, group));
        refused(409, () -> bind(BindingType.USER, user, role.getId()));
        refused(404, () -> bind(BindingType.GROUP, "nothing", role.getId()));

        equal(searchBindings().containsAll(List.of(first, second)), true);
        admin.bindings().deleteBinding(first.getId(), TENANT);
        refused(404, () -> admin.bindings().deleteBinding(first.getId(), TENANT));
        equal(searchBindings().contains(first), false);
        admin.roles().deleteRole(role.getId(), TENANT);
        equal(searchBindings().contains(second), false);
    }

    List<IAMBindingControllerApiBindingDetail> searchBindings() {
        return admin.bindings().searchBindings(TENANT, 1, 1000, null, null).getResults();
    }

    void rights() {
        var user = createUser(request().addTenantsItem(TENANT).password(PASSWORD));
        String group = createGroup();
        KestraClient client = basic(user.getUsername(), PASSWORD);
        refused(403, () -> client.groups().group(group, TENANT));
        bind(BindingType.USER, user.getId(), createRole(roleRequest(readers())).getId());
        equal(client.groups().group(group, TENANT).getId(), group);
        refused(403, () -> client.groups().deleteGroup(group, TENANT));
        refused(403, () -> client.roles().searchRoles(TENANT, 1, 10, null, null, null));

        setGroups(admin, user.getId(), group);
        var makers = createRole(roleRequest(permissions().ROLE(List.of("CREATE"))));
        var binding = bind(BindingType.GROUP, group, makers.getId());
        client.roles().createRole(TENANT, roleRequest(readers()));
        // Nobody gives rights that they do not have.
        var more = roleRequest(permissions().FLOW(List.of("READ")));
        refused(403, () -> client.roles().createRole(TENANT, more));
        admin.bindings().deleteBinding(binding.getId(), TENANT);
        refused(403, () -> client.roles().createRole(TENANT, roleRequest(readers())));
    }

    void serviceAccounts() {
        var api = admin.serviceAccount();
        String name = newName("robot");
        var request = new IAMServiceAccountControllerApiCreateServiceAccountRequest()
                .name(name).description("Plans").addTenantsItem(TENANT);
        var created = api.createServiceAccount(request);
        String twin = api.createServiceAccount(request).getId();
        equal(api.serviceAccount(created.getId()), created);
        equal(List.of(created.getName(), created.getDescription()), List.of(name, "Plans"));
        equal(set(created.getTenants(), ApiTenantSummary::getId), Set.of(TENANT));
        var named = List.of(equals(QueryFilterField.NAME, name));
        var found = api.listServiceAccounts(1, 10, null, named).getResults();
        equal(set(found, IAMServiceAccountControllerApiServiceAccountDetail::getId),
                Set.of(created.getId(), twin));

        var patched = api.patchServiceAccountDetails(twin,
                new IAMServiceAccountControllerApiPatchServiceAccountRequest()
                        .name(name).description("Builds"));
        equal(patched.getDescription(), "Builds");
        var token = (Map<?, ?>) api.createApiTokensForServiceAccount(
                twin, new CreateApiTokenRequest().name("nightly"));
        KestraClient bearer = bearer((String) token.get("fullToken"));
        refused(403, () -> bearer.users().listUsers(1, 10, null, null));
        api.patchServiceAccountSuperAdmin(twin, new ApiPatchSuperAdminRequest().superAdmin(true));
        equal(bearer.users().listUsers(1, 10, null, null).getTotal() > 0, true);
        equal(tokens(api.listApiTokensForServiceAccount(twin)), List.of(token.get("id")));
        api.deleteApiTokenForServiceAccount(twin, (String) token.get("id"));
        refused(401, () -> bearer.users().listUsers(1, 10, null, null));

        api.deleteServiceAccount(twin);
        refused(404, () -> api.serviceAccount(twin));
        equal(api.serviceAccount(created.getId()), created);
    }

    void serviceAccountsOfTenant() {
        var api = admin.serviceAccount();
        String group = createGroup();
        var request = new IAMServiceAccountControllerApiServiceAccountRequest()
                .name(newName("robot"))
                .groups(List.of(new IAMServiceAccountControllerApiGroup().id(group)));
        var created = api.createServiceAccountForTenant(TENANT, request);
        String id = created.getId();
        equal(api.serviceAccountForTenant(id, TENANT), created);
        equal(set(created.getGroups(), IAMServiceAccountControllerApiGroup::getId), Set.of(group));
        var updated = api.updateServiceAccount(id, TENANT, request.description("Builds"));
        equal(updated.getDescription(), "Builds");

        var token = (Map<?, ?>) api.createApiTokensForServiceAccountWithTenant(
                id, TENANT, new CreateApiTokenRequest().name("nightly"));
        KestraClient bearer = bearer((String) token.get("fullToken"));
        refused(403, () -> bearer.groups().group(group, TENANT));
        bind(BindingType.USER, id, createRole(roleRequest(readers())).getId());
        equal(bearer.groups().group(group, TENANT).getId(), group);
        equal(tokens(api.listApiTokensForServiceAccountWithTenant(id, TENANT)),
                List.of(token.get("id")));
        api.deleteApiTokenForServiceAccountWithTenant(id, (String) token.get("id"), TENANT);
        refused(401, () -> bearer.groups().group(group, TENANT));

        api.deleteServiceAccountForTenant(id, TENANT);
        refused(404, () -> api.serviceAccountForTenant(id, TENANT));
    }

    void invitations() {
        var api = admin.invitations();
        String group = createGroup();
        String email = newName("guest") + "@example.com";
        String other = newName("guest") + "@example.com";
        api.createInvitation(TENANT, invitation(email).addGroupsItem(group));
        refused(409, () -> api.createInvitation(TENANT, invitation(email)));
        var sent = api.listInvitationsByEmail(TENANT, email);
        equal(sent.size(), 1);
        equal(List.of(sent.get(0).getEmail(), sent.get(0).getStatus()),
                List.of(email, InvitationInvitationStatus.PENDING));
        equal(set(sent.get(0).getGroups(), ApiGroupSummary::getId), Set.of(group));
        var found = api.searchInvitations(TENANT, 1, 1000, List.of("email:asc"), null);
        equal(found.getResults().contains(sent.get(0)), true);
        api.deleteInvitation(sent.get(0).getId(), TENANT);
        refused(404, () -> api.deleteInvitation(sent.get(0).getId(), TENANT));
        equal(api.listInvitationsByEmail(TENANT, email), List.of());

        api.createInvitation(TENANT, invitation(other).createUserIfNotExist(true));
        equal(api.listInvitationsByEmail(TENANT, other), List.of());
        equal(admin.users().listUsers(1, 10, null, List.of(query(other))).getTotal(), 1L);
    }

    static IAMInvitationControllerApiInvitationCreateRequest invitation(String email) {
        return new IAMInvitationControllerApiInvitationCreateRequest().email(email);
    }

    /** The SDK has no type for the tokens of service accounts. */
    static List<?> tokens(Object listed) {
        var results = (List<?>) ((Map<?, ?>) listed).get("results");
        return results.stream().map(token -> ((Map<?, ?>) token).get("id")).toList();
    }

    /** The SDK would send an empty list for each resource, also for those that 1.3 refuses. */
    static IAMRoleControllerApiRoleCreateOrUpdateRequestPermissions permissions() {
        var permissions = new IAMRoleControllerApiRoleCreateOrUpdateRequestPermissions();
        try {
            for (Method method : permissions.getClass().getMethods()) {
                if (method.getName().startsWith("set")) {
                    method.invoke(permissions, (Object) null);
                }
            }
        } catch (ReflectiveOperationException problem) {
            throw new AssertionError(problem);
        }
        return permissions;
    }

    static IAMRoleControllerApiRoleCreateOrUpdateRequestPermissions readers() {
        return permissions().GROUP(List.of("READ"));
    }

    IAMRoleControllerApiRoleCreateOrUpdateRequest roleRequest(
            IAMRoleControllerApiRoleCreateOrUpdateRequestPermissions permissions) {
        return new IAMRoleControllerApiRoleCreateOrUpdateRequest()
                .name(newName("role")).permissions(permissions);
    }

    IAMRoleControllerApiRoleDetail createRole(
            IAMRoleControllerApiRoleCreateOrUpdateRequest request) {
        return admin.roles().createRole(TENANT, request);
    }

    IAMBindingControllerApiBindingDetail bind(BindingType type, String subject, String role) {
        return admin.bindings().createBinding(TENANT,
                new IAMBindingControllerApiCreateBindingRequest()
                        .type(type).externalId(subject).roleId(role));
    }
}
