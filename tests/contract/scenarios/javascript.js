// The SDK for JavaScript: callbacks, flat query parameters, page and size in every search.
"use strict";
const assert = require("node:assert/strict");

const [sdk, url] = process.argv.slice(2);
// The package's main file requires files that were not published. These modules do not need them.
const load = (name) => require(`${sdk}/dist/${name}`).default;
const ApiClient = load("ApiClient");

const ADMIN = { username: "admin@example.com", password: "Admin!1234" };
const TENANT = "main";
// The order, which no rule would give, must come back.
const PERMISSIONS = { FLOW: ["DELETE", "READ", "CREATE"], NAMESPACE: ["UPDATE", "READ"] };

let numbers = 0;
const newName = (kind) => `${kind}-${String(++numbers).padStart(3, "0")}`;

// Wraps an API so that its methods return a promise instead of calling back. The promise gives the
// data, or the body of the response where the SDK has no type for it.
function promising(api) {
  const call = (method, parameters) =>
    new Promise((resolve, reject) => {
      api[method](...parameters, (error, data, response) => {
        if (error) reject(error);
        else resolve(data ?? response.body);
      });
    });
  return new Proxy(api, { get: (_, method) => (...parameters) => call(method, parameters) });
}

function client({ username, password, token } = {}) {
  const apiClient = new ApiClient(url);
  Object.assign(apiClient.authentications.basicAuth, { username, password });
  apiClient.authentications.bearerAuth.accessToken = token;
  const api = (name) => promising(new (load(`api/${name}`))(apiClient));
  return {
    auths: api("AuthsApi"),
    bindings: api("BindingsApi"),
    groups: api("GroupsApi"),
    invitations: api("InvitationsApi"),
    roles: api("RolesApi"),
    serviceAccounts: api("ServiceAccountApi"),
    tenantAccess: api("TenantAccessApi"),
    users: api("UsersApi"),
  };
}

let admin = client();

// Sets the server up and logs in as a browser does, to get the first API token.
async function firstToken() {
  const cookies = new Map();
  async function post(path, body) {
    const answer = await fetch(url + path, {
      method: "POST",
      redirect: "manual",
      headers: {
        "Content-Type": "application/json",
        cookie: [...cookies].map((pair) => pair.join("=")).join("; "),
      },
      body: JSON.stringify(body),
    });
    assert(answer.status < 400, `${path}: ${answer.status}`);
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      cookies.set(name, value);
    }
    return answer;
  }
  await post("/api/v1/setup", { ...ADMIN, tenant: { id: TENANT, name: TENANT } });
  await post("/login", ADMIN);
  const answer = await post("/api/v1/me/api-tokens", { name: "ci-token", maxAge: "P1D" });
  return (await answer.json()).fullToken;
}

const ids = (list) => list.map(({ id }) => id);
const usernames = (list) => list.map(({ username }) => username);

const newEmail = () => `${newName("user")}@example.com`;
const createUser = (members) => admin.users.createUser({ email: newEmail(), ...members });
const createGroup = (members) =>
  admin.groups.createGroup(TENANT, { name: newName("group"), ...members });
const roleRequest = (members) => ({
  name: newName("role"),
  permissions: PERMISSIONS,
  ...members,
});
const createRole = (members) => admin.roles.createRole(TENANT, roleRequest(members));
const bind = (type, externalId, roleId) =>
  admin.bindings.createBinding(TENANT, { type, externalId, roleId });
const setGroups = (user, groupIds, by = admin) =>
  by.users.updateUserGroups(user, TENANT, { groupIds });

async function groupsOf(user) {
  const { groups } = await admin.users.getUser(user);
  assert(groups.every(({ tenantId }) => tenantId === TENANT));
  return ids(groups).sort();
}

async function membersOf(group, options) {
  const found = await admin.groups.searchGroupMembers(group, 1, 10, TENANT, options);
  assert.equal(found.total, found.results.length);
  return usernames(found.results).sort();
}

const refused = (status, promise) =>
  assert.rejects(promise, (error) => {
    assert.equal(error.status, status);
    return true;
  });

const steps = {
  async bootstrap() {
    admin = client({ token: await firstToken() });
    const me = await admin.auths.getCurrentUser();
    assert.equal(me.superAdmin, true);
    assert.equal(me.profile.email, ADMIN.username);
    assert.deepEqual(ids(me.tenants), [TENANT]);
  },

  async users() {
    const created = await createUser({
      firstName: "Ada",
      lastName: "Byron",
      password: "Password!234",
      tenants: [TENANT],
    });
    const user = await admin.users.getUser(created.id);
    assert.deepEqual([user.firstName, user.lastName], ["Ada", "Byron"]);
    assert.equal(user.username, created.email);
    assert.equal(user.displayName, "Ada Byron");
    assert.deepEqual(ids(user.tenants), [TENANT]);
    assert(user.auths[0].id);

    const patched = await admin.users.patchUser(user.id, { lastName: "Lovelace" });
    assert.deepEqual([patched.firstName, patched.lastName], ["Ada", "Lovelace"]);
    await admin.users.patchUserDemo(user.id, { restricted: true });
    await admin.users.patchUserSuperAdmin(user.id, { superAdmin: true });
    const changed = await admin.users.getUser(user.id);
    assert(changed.restricted && changed.superAdmin);

    await admin.users.patchUserPassword(user.id, { password: "Changed!234" });
    await client({ username: user.email, password: "Changed!234" }).users.listUsers(1, 10, {});
  },

  async groups() {
    const member = await createUser({ tenants: [TENANT] });
    const created = await createGroup({ description: "Planners", membersId: [member.id] });
    assert.deepEqual(await admin.groups.getGroup(created.id, TENANT), created);
    assert.equal(created.description, "Planners");
    assert.deepEqual(await membersOf(created.id), [member.username]);

    const wanted = { name: newName("renamed"), description: "Others" };
    const updated = await admin.groups.updateGroup(created.id, TENANT, wanted);
    assert.deepEqual({ ...updated }, { id: created.id, ...wanted });
  },

  async update_user_groups() {
    const { id } = await createUser({ tenants: [TENANT] });
    const [first, second, third] = [await createGroup(), await createGroup(), await createGroup()];
    for (const groups of [[first, second], [second, third, third], []]) {
      await setGroups(id, ids(groups));
      assert.deepEqual(await groupsOf(id), [...new Set(ids(groups))].sort());
    }
  },

  async group_members() {
    const [user, group] = [await createUser(), await createGroup()];
    const added = await admin.groups.addUserToGroup(group.id, user.id, TENANT);
    assert.deepEqual([added.id, ids(added.groups)], [user.id, [group.id]]);
    assert.deepEqual(await membersOf(group.id), [user.username]);
    const access = await admin.tenantAccess.getTenantAccess(user.id, TENANT);
    assert.equal(access.userId, user.id);

    const removed = await admin.groups.deleteUserFromGroup(group.id, user.id, TENANT);
    assert.deepEqual([removed.id, removed.groups ?? []], [user.id, []]);
    assert.deepEqual(await membersOf(group.id), []);
    await refused(404, admin.tenantAccess.getTenantAccess(user.id, TENANT));
  },

  async group_owners() {
    const group = await createGroup();
    const user = await createUser({ groups: [group.id] });
    for (const kind of ["OWNER", "MEMBER"]) {
      const set = admin.groups.setUserMembershipForGroup(group.id, user.id, kind, TENANT);
      const [{ id, membership }] = (await set).groups;
      assert.deepEqual([id, membership], [group.id, kind]);
    }
  },

  async create_user_in_groups() {
    const group = await createGroup();
    const user = await createUser({ groups: [group.id] });
    assert.deepEqual(await groupsOf(user.id), [group.id]);
    assert.deepEqual(ids(user.tenants), [TENANT]);
  },

  async update_user_in_groups() {
    const [first, second] = [await createGroup(), await createGroup()];
    const { id, email } = await createUser({ groups: [first.id] });
    for (const groups of [[second.id], []]) {
      const updated = await admin.users.updateUser(id, { email, tenants: [TENANT], groups });
      assert.deepEqual(ids(updated.groups), groups);
      assert.deepEqual(await groupsOf(id), groups);
    }
  },

  async tenant_access() {
    const [user, group] = [await createUser(), await createGroup()];
    await admin.tenantAccess.createTenantAccess(TENANT, { email: user.email });
    await setGroups(user.id, [group.id]);
    const access = await admin.tenantAccess.getTenantAccess(user.id, TENANT);
    assert.deepEqual([access.tenantId, access.userId], [TENANT, user.id]);
    assert.deepEqual(ids(access.groups), [group.id]);

    await admin.tenantAccess.deleteTenantAccess(user.id, TENANT);
    await refused(404, admin.tenantAccess.getTenantAccess(user.id, TENANT));
    assert.deepEqual(await membersOf(group.id), []);

    await admin.tenantAccess.createTenantAccess1(user.id, TENANT);
    assert.deepEqual((await admin.tenantAccess.getTenantAccess(user.id, TENANT)).groups, []);
  },

  async search_groups() {
    const prefix = newName("search");
    for (const letter of "bca") await createGroup({ name: `${prefix}-${letter}` });
    const names = [];
    for (const page of [1, 2]) {
      const options = { q: prefix, sort: ["name:desc"] };
      const found = await admin.groups.searchGroups(page, 2, TENANT, options);
      assert.equal(found.total, 3);
      names.push(...found.results.map(({ name }) => name));
    }
    assert.deepEqual(names, [`${prefix}-c`, `${prefix}-b`, `${prefix}-a`]);
  },

  async search_group_members() {
    const { id } = await createGroup();
    const [one, other] = [await createUser({ groups: [id] }), await createUser({ groups: [id] })];
    assert.deepEqual(await membersOf(id), usernames([one, other]).sort());
    assert.deepEqual(await membersOf(id, { q: one.email }), [one.username]);
  },

  async list_users() {
    const user = await createUser();
    const found = await admin.users.listUsers(1, 100, { q: user.email });
    assert.deepEqual([found.total, ids(found.results)], [1, [user.id]]);
    const everyone = await admin.users.listUsers(1, 2, {});
    assert(everyone.results.length === 2 && everyone.total > 2);
  },

  async list_tenant_access() {
    const user = await createUser({ tenants: [TENANT] });
    const options = { q: user.email, type: "STANDARD" };
    const found = await admin.tenantAccess.listTenantAccess(1, 10, TENANT, options);
    assert.deepEqual(ids(found.results), [user.id]);
    const everyone = await admin.tenantAccess.listTenantAccess(1, 1, TENANT, {});
    assert(everyone.results.length === 1 && everyone.total > 1);
  },

  async autocomplete() {
    const group = await createGroup();
    const user = await createUser({ groups: [group.id] });
    const people = await admin.users.autocompleteUsers(TENANT, { q: user.email });
    assert.deepEqual(usernames(people), [user.email]);
    const groups = await admin.groups.autocompleteGroups(TENANT, { q: group.name });
    assert.deepEqual(ids(groups), [group.id]);

    const wanted = [group.id, (await createGroup()).id].sort();
    const found = await admin.groups.listGroupIds(TENANT, { ids: wanted });
    assert.deepEqual(ids(found).sort(), wanted);
  },

  async api_tokens() {
    const user = await createUser({ tenants: [TENANT] });
    const wanted = { name: "nightly", description: "ci", maxAge: "PT1H" };
    const created = await admin.users.createApiTokensForUser(user.id, wanted);
    const [token, ...others] = (await admin.users.listApiTokens(user.id)).results;
    assert.deepEqual([token.id, token.name, token.description], [created.id, "nightly", "ci"]);
    assert.deepEqual(others, []);
    assert.equal(Date.parse(token.exp) - Date.parse(token.iat), 60 * 60 * 1000);
    assert.equal(token.expired, false);
    assert(created.fullToken.startsWith(token.prefix));

    const bearer = client({ token: created.fullToken });
    assert.equal((await bearer.auths.getCurrentUser()).profile.email, user.email);
    await admin.users.deleteApiToken(user.id, token.id);
    assert.deepEqual((await admin.users.listApiTokens(user.id)).results, []);
    await refused(401, bearer.auths.getCurrentUser());
  },

  async roles() {
    const name = newName("role");
    const created = await createRole({ name, description: "Those who plan" });
    assert.deepEqual(await admin.roles.getRole(created.id, TENANT), created);
    assert.deepEqual([created.name, created.description], [name, "Those who plan"]);
    assert.deepEqual({ ...created.permissions }, PERMISSIONS);
    assert.deepEqual([created.isDefault, created.isManaged], [false, false]);
    const twin = await createRole({ name });
    assert(twin.id !== created.id && twin.name === name && !twin.description);

    const permissions = { FLOW: ["UPDATE", "READ"] };
    const wanted = { name: newName("renamed"), description: "Others", permissions };
    const updated = await admin.roles.updateRole(created.id, TENANT, wanted);
    assert.deepEqual(await admin.roles.getRole(created.id, TENANT), updated);
    assert.deepEqual([updated.name, updated.description], [wanted.name, "Others"]);
    assert.deepEqual({ ...updated.permissions }, permissions);

    assert.deepEqual(ids(await admin.roles.autocompleteRoles(TENANT, { q: name })), [twin.id]);
    const both = [twin.id, created.id];
    const found = await admin.roles.listRolesFromGivenIds(TENANT, { ids: both });
    assert.deepEqual(ids(found), both);
    assert(found.every(({ isManaged, deleted }) => isManaged === false && deleted === false));

    await admin.roles.deleteRole(created.id, TENANT);
    await refused(404, admin.roles.getRole(created.id, TENANT));
    await refused(404, admin.roles.deleteRole(created.id, TENANT));
  },

  async search_roles() {
    const prefix = newName("search");
    for (const letter of "bca") await createRole({ name: `${prefix}-${letter}` });
    const names = [];
    for (const page of [1, 2]) {
      const options = { q: prefix, sort: ["name:desc"] };
      const found = await admin.roles.searchRoles(page, 2, TENANT, options);
      assert.equal(found.total, 3);
      names.push(...found.results.map(({ name }) => name));
    }
    assert.deepEqual(names, [`${prefix}-c`, `${prefix}-b`, `${prefix}-a`]);
  },

  async managed_roles() {
    const managed = `admin_${TENANT}`;
    assert.equal((await admin.roles.getRole(managed, TENANT)).isManaged, true);
    await refused(403, admin.roles.updateRole(managed, TENANT, roleRequest()));
    await refused(403, admin.roles.deleteRole(managed, TENANT));
  },

  async bindings() {
    const [role, user, group] = [await createRole(), await createUser(), await createGroup()];
    const first = await bind("USER", user.id, role.id);
    const second = await bind("GROUP", group.id, role.id);
    assert.deepEqual({ ...first.role }, { id: role.id, name: role.name });
    assert.deepEqual([first.user.id, first.user.username], [user.id, user.username]);
    assert.deepEqual({ ...second.group }, { id: group.id, name: group.name });
    assert(!first.group && !second.user);
    await refused(409, bind("USER", user.id, role.id));
    await refused(404, bind("GROUP", "nothing", role.id));

    const search = (options) => admin.bindings.searchBindings(1, 1000, TENANT, options);
    for (const [binding, type, id] of [
      [first, "USER", user.id],
      [second, "GROUP", group.id],
    ]) {
      assert.equal(binding.type, type);
      assert.deepEqual(await admin.bindings.getBinding(binding.id, TENANT), binding);
      assert.deepEqual((await search({ id })).results, [binding]);
      const found = (await search({ type })).results;
      assert(ids(found).includes(binding.id) && found.every((b) => b.type === type));
    }

    await admin.bindings.deleteBinding(first.id, TENANT);
    await refused(404, admin.bindings.getBinding(first.id, TENANT));
    assert.equal((await search({ id: user.id })).total, 0);
    await admin.roles.deleteRole(role.id, TENANT);
    await refused(404, admin.bindings.getBinding(second.id, TENANT));
  },

  async rights() {
    const user = await createUser({ tenants: [TENANT], password: "Password!234" });
    const group = await createGroup();
    const { groups, roles } = client({ username: user.username, password: "Password!234" });
    const readers = { GROUP: ["READ"] };
    await refused(403, groups.getGroup(group.id, TENANT));
    await bind("USER", user.id, (await createRole({ permissions: readers })).id);
    assert.deepEqual(await groups.getGroup(group.id, TENANT), group);
    await refused(403, groups.deleteGroup(group.id, TENANT));
    await refused(403, roles.searchRoles(1, 10, TENANT, {}));

    await setGroups(user.id, [group.id]);
    const makers = await createRole({ permissions: { ROLE: ["CREATE"] } });
    const binding = await bind("GROUP", group.id, makers.id);
    await roles.createRole(TENANT, roleRequest({ permissions: readers }));
    // Nobody gives rights that they do not have.
    await refused(403, roles.createRole(TENANT, roleRequest()));
    await admin.bindings.deleteBinding(binding.id, TENANT);
    await refused(403, roles.createRole(TENANT, roleRequest({ permissions: readers })));
  },

  async service_accounts_of_tenant() {
    const group = await createGroup();
    const { serviceAccounts } = admin;
    const wanted = { name: newName("robot"), description: "Plans", groups: [{ id: group.id }] };
    const created = await serviceAccounts.createServiceAccount(TENANT, wanted);
    assert.deepEqual(await serviceAccounts.getServiceAccount(created.id, TENANT), created);
    assert.deepEqual([created.name, created.description], [wanted.name, "Plans"]);
    assert.deepEqual(ids(created.groups), [group.id]);
    const twin = await serviceAccounts.createServiceAccount(TENANT, wanted);
    assert(twin.id !== created.id && twin.name === created.name);

    const changed = { ...wanted, description: "Builds", groups: [] };
    const updated = await serviceAccounts.updateServiceAccount(created.id, TENANT, changed);
    assert.deepEqual([updated.description, updated.groups], ["Builds", []]);
    await serviceAccounts.deleteServiceAccount(created.id, TENANT);
    await refused(404, serviceAccounts.getServiceAccount(created.id, TENANT));
  },

  async invitations() {
    const { invitations } = admin;
    const group = await createGroup();
    const invite = (members) => invitations.createInvitation(TENANT, members);
    const [email, other] = [newEmail(), newEmail()];
    await invite({ email, groups: [group.id] });
    await refused(409, invite({ email }));
    const [sent, ...others] = await invitations.listInvitationsByEmail(email, TENANT);
    assert.deepEqual([sent.email, sent.status, ids(sent.groups)], [email, "PENDING", [group.id]]);
    assert.deepEqual(others, []);
    assert.deepEqual(await invitations.getInvitation(sent.id, TENANT), sent);
    const options = { email, status: "PENDING" };
    const found = await invitations.searchInvitations(1, 10, TENANT, options);
    assert.deepEqual(found.results, [sent]);
    await invitations.deleteInvitation(sent.id, TENANT);
    await refused(404, invitations.getInvitation(sent.id, TENANT));

    await invite({ email: other, createUserIfNotExist: true });
    assert.deepEqual(await invitations.listInvitationsByEmail(other, TENANT), []);
    assert.equal((await admin.users.listUsers(1, 10, { q: other })).total, 1);
  },

  async basic_and_bearer() {
    const basic = client(ADMIN);
    assert.deepEqual(await basic.auths.getCurrentUser(), await admin.auths.getCurrentUser());
    const [user, group] = [await createUser({ tenants: [TENANT] }), await createGroup()];
    await setGroups(user.id, [group.id], basic);
    assert.deepEqual(await groupsOf(user.id), [group.id]);
  },

  async unauthorized() {
    const wrong = { username: ADMIN.username, password: "Wrong!1234" };
    for (const credentials of [{}, wrong, { token: "nobody-has-this-token" }]) {
      await refused(401, client(credentials).users.listUsers(1, 10, {}));
    }
  },

  async forbidden() {
    const user = await createUser({ tenants: [TENANT], password: "Password!234" });
    const group = await createGroup();
    const ordinary = client({ username: user.email, password: "Password!234" });
    await refused(403, ordinary.users.listUsers(1, 10, {}));
    await refused(403, setGroups(user.id, [group.id], ordinary));
  },

  async not_found() {
    const [user, group] = [await createUser({ tenants: [TENANT] }), await createGroup()];
    const stranger = await createUser();
    await refused(404, admin.users.getUser("nobody"));
    await refused(404, admin.groups.getGroup("nothing", TENANT));
    await refused(404, admin.groups.getGroup(group.id, "nowhere"));
    await refused(404, admin.groups.addUserToGroup(group.id, "nobody", TENANT));
    await refused(404, admin.tenantAccess.getTenantAccess("nobody", TENANT));
    await refused(404, setGroups(stranger.id, [group.id]));
    await refused(404, setGroups(user.id, [group.id, "nothing"]));
    assert.deepEqual(await groupsOf(user.id), []);
  },

  async conflict() {
    const [user, group] = [await createUser({ tenants: [TENANT] }), await createGroup()];
    await refused(409, createUser({ email: user.email.toUpperCase() }));
    await refused(409, createGroup({ name: group.name }));
    await refused(409, admin.tenantAccess.createTenantAccess(TENANT, { email: user.email }));
    await refused(409, admin.groups.deleteUserFromGroup(group.id, user.id, TENANT));
    await admin.groups.addUserToGroup(group.id, user.id, TENANT);
    await refused(409, admin.groups.addUserToGroup(group.id, user.id, TENANT));
  },

  async unprocessable() {
    await refused(422, createUser({ email: "no address" }));
    await refused(422, createUser({ password: "weak" }));
    await refused(422, createGroup({ name: "" }));
  },

  async bad_request() {
    const group = await createGroup();
    const user = await createUser({ groups: [group.id] });
    for (const groupIds of [undefined, null, [" "]]) {
      await refused(400, setGroups(user.id, groupIds));
    }
    assert.deepEqual(await groupsOf(user.id), [group.id]);
  },

  async clean_up() {
    const group = await createGroup();
    const user = await createUser({ groups: [group.id] });
    await admin.users.deleteUser(user.id);
    await refused(404, admin.users.getUser(user.id));
    assert.deepEqual(await membersOf(group.id), []);
    await admin.groups.deleteGroup(group.id, TENANT);
    await refused(404, admin.groups.getGroup(group.id, TENANT));
    await createGroup({ name: group.name });
  },
};

// All steps run, even after one has failed.
async function run() {
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      console.log(`ok - ${name}`);
    } catch (error) {
      const why = `${error.stack}\n${error.response?.text ?? ""}`;
      console.log(`not ok - ${name}\n${why.replace(/^/gm, "# ")}`);
    }
  }
}

run();
