import io.kestra.sdk.KestraClient;
import io.kestra.sdk.model.*;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The SDK for Java. It has filters, but no methods to get one user's tenant access or the current user. */
public class Scenario extends RightsSteps {
    interface Step {
        void run() throws Exception;
    }

    Scenario(String url) {
        super(url);
    }

    public static void main(String[] arguments) {
        Scenario scenario = new Scenario(arguments[0]);
        step("bootstrap", scenario::bootstrap);
        step("users", scenario::users);
        step("groups", scenario::groups);
        step("update_user_groups", scenario::updateUserGroups);
        step("group_members", scenario::groupMembers);
        step("group_owners", scenario::groupOwners);
        step("create_user_in_groups", scenario::createUserInGroups);
        step("update_user_in_groups", scenario::updateUserInGroups);
        step("tenant_access", scenario::tenantAccess);
        step("search_groups", scenario::searchGroups);
        step("search_group_members", scenario::searchGroupMembers);
        step("list_users", scenario::listUsers);
        step("list_tenant_access", scenario::listTenantAccess);
        step("autocomplete", scenario::autocomplete);
        step("api_tokens", scenario::apiTokens);
        step("roles", scenario::roles);
        step("search_roles", scenario::searchRoles);
        step("managed_roles", scenario::managedRoles);
        step("bindings", scenario::bindings);
        step("rights", scenario::rights);
        step("service_accounts", scenario::serviceAccounts);
        step("service_accounts_of_tenant", scenario::serviceAccountsOfTenant);
        step("invitations", scenario::invitations);
        step("basic_and_bearer", scenario::basicAndBearer);
        step("unauthorized", scenario::unauthorized);
        step("forbidden", scenario::forbidden);
        step("not_found", scenario::notFound);
        step("conflict", scenario::conflict);
        step("unprocessable", scenario::unprocessable);
        step("bad_request", scenario::badRequest);
        step("clean_up", scenario::cleanUp);
    }

    /** Runs a step. The other steps run even if it fails. */
    static void step(String name, Step step) {
        try {
            step.run();
            System.out.println("ok - " + name);
        } catch (Exception | AssertionError problem) {
            StringWriter why = new StringWriter();
            problem.printStackTrace(new PrintWriter(why));
            System.out.println("not ok - " + name);
            why.toString().lines().forEach(line -> System.out.println("# " + line));
        }
    }

    void bootstrap() throws Exception {
        admin = bearer(firstToken());
        var found = admin.users().listUsers(1, 10, null, List.of(query(ADMIN)));
        IAMUserControllerApiUser me = admin.users().user(found.getResults().get(0).getId());
        equal(me.getEmail(), ADMIN);
        equal(me.getSuperAdmin(), true);
        equal(tenants(me), List.of(TENANT));
    }

    void users() {
        IAMUserControllerApiUser created = createUser(request()
                .firstName("Ada").lastName("Byron").password(PASSWORD).addTenantsItem(TENANT));
        equal(admin.users().user(created.getId()), created);
        equal(created.getUsername(), created.getEmail());
        equal(created.getDisplayName(), "Ada Byron");
        equal(tenants(created), List.of(TENANT));
        equal(created.getAuths().get(0).getId().isEmpty(), false);

        String id = created.getId();
        var patched = admin.users().patchUser(
                id, new MeControllerApiUserDetailsRequest().lastName("Lovelace"));
        equal(List.of(patched.getFirstName(), patched.getLastName()), List.of("Ada", "Lovelace"));
        admin.users().patchUserDemo(
                id, new IAMUserControllerApiPatchRestrictedRequest().restricted(true));
        admin.users().patchUserSuperAdmin(id, new ApiPatchSuperAdminRequest().superAdmin(true));
        IAMUserControllerApiUser changed = admin.users().user(id);
        equal(List.of(changed.getRestricted(), changed.getSuperAdmin()), List.of(true, true));

        admin.users().patchUserPassword(
                id, new IAMUserControllerApiPatchUserPasswordRequest().password("Changed!234"));
        basic(created.getEmail(), "Changed!234").users().listUsers(1, 10, null, null);
    }

    void groups() {
        IAMUserControllerApiUser member = createUser(request().addTenantsItem(TENANT));
        var created = admin.groups().createGroup(TENANT,
                new IAMGroupControllerApiCreateGroupRequest()
                        .name(newName("group")).description("Planners")
                        .addMembersIdItem(member.getId()));
        equal(admin.groups().group(created.getId(), TENANT), created);
        equal(created.getDescription(), "Planners");
        equal(members(created.getId()), Set.of(member.getUsername()));

        String name = newName("renamed");
        var updated = admin.groups().updateGroup(created.getId(), TENANT,
                new IAMGroupControllerApiUpdateGroupRequest().name(name).description("Others"));
        equal(List.of(updated.getId(), updated.getName(), updated.getDescription()),
                List.of(created.getId(), name, "Others"));
    }

    void updateUserGroups() {
        String user = createUser(request().addTenantsItem(TENANT)).getId();
        String first = createGroup();
        String second = createGroup();
        String third = createGroup();
        setGroups(admin, user, first, second);
        equal(groupsOf(user), Set.of(first, second));
        setGroups(admin, user, second, third, third);
        equal(groupsOf(user), Set.of(second, third));
        setGroups(admin, user);
        equal(groupsOf(user), Set.of());
    }

    void groupMembers() {
        IAMUserControllerApiUser user = createUser(request());
        String group = createGroup();
        IAMGroupControllerApiGroupMember member =
                admin.groups().addUserToGroup(group, user.getId(), TENANT);
        equal(member.getId(), user.getId());
        equal(set(member.getGroups(), IAMGroupControllerApiGroupMembership::getId), Set.of(group));
        equal(members(group), Set.of(user.getUsername()));
        equal(tenants(admin.users().user(user.getId())), List.of(TENANT));

        member = admin.groups().deleteUserFromGroup(group, user.getId(), TENANT);
        equal(member.getId(), user.getId());
        equal(members(group), Set.of());
        equal(tenants(admin.users().user(user.getId())), List.of());
    }

    void groupOwners() {
        String group = createGroup();
        String user = createUser(request().addGroupsItem(group)).getId();
        for (String name : List.of("OWNER", "MEMBER")) {
            var kind = GroupIdentifierMembership.fromValue(name);
            var member = admin.groups().setUserMembershipForGroup(group, user, kind, TENANT);
            equal(set(member.getGroups(), IAMGroupControllerApiGroupMembership::getMembership),
                    Set.of(kind));
        }
    }

    void createUserInGroups() {
        String group = createGroup();
        IAMUserControllerApiUser user = createUser(request().addGroupsItem(group));
        equal(groupsOf(user.getId()), Set.of(group));
        equal(tenants(user), List.of(TENANT));
    }

    void updateUserInGroups() {
        String second = createGroup();
        IAMUserControllerApiUser user = createUser(request().addGroupsItem(createGroup()));
        for (List<String> groups : List.of(List.of(second), List.<String>of())) {
            admin.users().updateUser(user.getId(),
                    request().email(user.getEmail()).addTenantsItem(TENANT).groups(groups));
            equal(groupsOf(user.getId()), Set.copyOf(groups));
        }
    }

    void tenantAccess() {
        IAMUserControllerApiUser user = createUser(request());
        String group = createGroup();
        grantAccess(user.getEmail());
        setGroups(admin, user.getId(), group);
        equal(tenants(admin.users().user(user.getId())), List.of(TENANT));

        admin.tenantAccess().deleteTenantAccess(user.getId(), TENANT);
        equal(tenants(admin.users().user(user.getId())), List.of());
        equal(members(group), Set.of());
    }

    void searchGroups() {
        String prefix = newName("search");
        for (String letter : List.of("b", "c", "a")) {
            createGroup(prefix + "-" + letter);
        }
        List<String> names = new ArrayList<>();
        for (int page = 1; page <= 2; page++) {
            var found = admin.groups().searchGroups(
                    TENANT, page, 2, prefix, List.of("name:desc"), null);
            equal(found.getTotal(), 3L);
            found.getResults().forEach(group -> names.add(group.getName()));
        }
        equal(names, List.of(prefix + "-c", prefix + "-b", prefix + "-a"));
    }

    void searchGroupMembers() {
        String group = createGroup();
        String one = createUser(request().addGroupsItem(group)).getUsername();
        String other = createUser(request().addGroupsItem(group)).getUsername();
        equal(members(group), Set.of(one, other));
        equal(members(group, query(one)), Set.of(one));
        equal(members(group, equals(QueryFilterField.USERNAME, other)), Set.of(other));
    }

    void listUsers() {
        IAMUserControllerApiUser user = createUser(request());
        var found = admin.users().listUsers(1, 100, null, List.of(query(user.getEmail())));
        equal(found.getTotal(), 1L);
        equal(found.getResults().get(0).getId(), user.getId());
        var everyone = admin.users().listUsers(1, 2, null, null);
        equal(everyone.getResults().size(), 2);
        equal(everyone.getTotal() > 2, true);
    }

    void listTenantAccess() {
        String user = createUser(request().addTenantsItem(TENANT)).getId();
        var everyone = admin.tenantAccess().listTenantAccess(TENANT, 1, 1000);
        var ids = set(everyone.getResults(), IAMTenantAccessControllerApiUserTenantAccess::getId);
        equal(ids.contains(user), true);
        equal(everyone.getTotal(), (long) ids.size());
        equal(admin.tenantAccess().listTenantAccess(TENANT, 1, 1).getResults().size(), 1);
    }

    void autocomplete() {
        String name = newName("group");
        String group = createGroup(name);
        String user = createUser(request().addGroupsItem(group)).getEmail();
        var people = admin.users().autocompleteUsers(
                TENANT, new IAMTenantAccessControllerUserApiAutocomplete().q(user));
        equal(set(people, IAMTenantAccessControllerApiUserTenantAccess::getUsername), Set.of(user));
        var groups = admin.groups().autocompleteGroups(TENANT, new ApiAutocomplete().q(name), null);
        equal(set(groups, ApiGroupSummary::getId), Set.of(group));

        String other = createGroup();
        var found = admin.groups().listGroupIds(TENANT, new ApiIds().ids(List.of(group, other)));
        equal(set(found, ApiGroupSummary::getId), Set.of(group, other));
    }

    void apiTokens() {
        String user = createUser(request().superAdmin(true)).getId();
        var created = admin.users().createApiTokensForUser(user, new CreateApiTokenRequest()
                .name("nightly").description("ci").maxAge("PT1H"));
        var tokens = admin.users().listApiTokensForUser(user).getResults();
        equal(tokens.size(), 1);
        var token = tokens.get(0);
        equal(List.of(token.getId(), token.getName(), token.getDescription()),
                List.of(created.getId(), "nightly", "ci"));
        equal(Duration.between(token.getIat(), token.getExp()), Duration.ofHours(1));
        equal(token.getExpired(), false);
        equal(created.getFullToken().startsWith(token.getPrefix()), true);

        KestraClient bearer = bearer(created.getFullToken());
        equal(bearer.users().user(user).getId(), user);
        admin.users().deleteApiTokenForUser(user, token.getId());
        equal(admin.users().listApiTokensForUser(user).getResults(), List.of());
        refused(401, () -> bearer.users().user(user));
    }

    void basicAndBearer() {
        String user = createUser(request().addTenantsItem(TENANT)).getId();
        String group = createGroup();
        setGroups(basic(ADMIN, ADMIN_PASSWORD), user, group);
        equal(groupsOf(user), Set.of(group));
    }

    void unauthorized() {
        for (KestraClient client : List.of(
                KestraClient.builder().url(url).build(),
                basic(ADMIN, "Wrong!1234"),
                bearer("nobody-has-this-token"))) {
            refused(401, () -> client.users().listUsers(1, 10, null, null));
        }
    }

    void forbidden() {
        IAMUserControllerApiUser user =
                createUser(request().addTenantsItem(TENANT).password(PASSWORD));
        String group = createGroup();
        KestraClient ordinary = basic(user.getEmail(), PASSWORD);
        refused(403, () -> ordinary.users().listUsers(1, 10, null, null));
        refused(403, () -> setGroups(ordinary, user.getId(), group));
    }

    void notFound() {
        String user = createUser(request().addTenantsItem(TENANT)).getId();
        String stranger = createUser(request()).getId();
        String group = createGroup();
        refused(404, () -> admin.users().user("nobody"));
        refused(404, () -> admin.groups().group("nothing", TENANT));
        refused(404, () -> admin.groups().group(group, "nowhere"));
        refused(404, () -> admin.groups().addUserToGroup(group, "nobody", TENANT));
        refused(404, () -> admin.tenantAccess().deleteTenantAccess("nobody", TENANT));
        refused(404, () -> setGroups(admin, stranger, group));
        refused(404, () -> setGroups(admin, user, group, "nothing"));
        equal(groupsOf(user), Set.of());
    }

    void conflict() {
        IAMUserControllerApiUser user = createUser(request().addTenantsItem(TENANT));
        String id = user.getId();
        String name = newName("group");
        String group = createGroup(name);
        refused(409, () -> createUser(request().email(user.getEmail().toUpperCase())));
        refused(409, () -> createGroup(name));
        refused(409, () -> grantAccess(user.getEmail()));
        refused(409, () -> admin.groups().deleteUserFromGroup(group, id, TENANT));
        admin.groups().addUserToGroup(group, id, TENANT);
        refused(409, () -> admin.groups().addUserToGroup(group, id, TENANT));
    }

    void unprocessable() {
        refused(422, () -> createUser(request().email("no address")));
        refused(422, () -> createUser(request().password("weak")));
        refused(422, () -> createGroup(""));
    }

    void badRequest() {
        String group = createGroup();
        String user = createUser(request().addGroupsItem(group)).getId();
        refused(400, () -> setGroups(admin, user, " "));
        refused(400, () -> admin.users().updateUserGroups(user, TENANT,
                new IAMUserGroupControllerApiUpdateUserGroupsRequest().groupIds(null)));
        equal(groupsOf(user), Set.of(group));
    }

    void cleanUp() {
        String name = newName("group");
        String group = createGroup(name);
        String user = createUser(request().addGroupsItem(group)).getId();
        admin.users().deleteUser(user);
        refused(404, () -> admin.users().user(user));
        equal(members(group), Set.of());
        admin.groups().deleteGroup(group, TENANT);
        refused(404, () -> admin.groups().group(group, TENANT));
        createGroup(name);
    }
}
