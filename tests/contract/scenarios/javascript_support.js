// What the JavaScript scenario shares: clients with promises, names, and the set-up of an empty server.
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
    defaultHeaders: apiClient.defaultHeaders,
    auths: api("AuthsApi"),
    bindings: api("BindingsApi"),
    groups: api("GroupsApi"),
    invitations: api("InvitationsApi"),
    roles: api("RolesApi"),
    scim: api("SCIMApi"),
    scimConfiguration: api("SCIMConfigurationApi"),
    securityIntegrations: api("SecurityIntegrationsApi"),
    serviceAccounts: api("ServiceAccountApi"),
    tenantAccess: api("TenantAccessApi"),
    users: api("UsersApi"),
  };
}

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

const refused = (status, promise) =>
  assert.rejects(promise, (error) => {
    assert.equal(error.status, status);
    return true;
  });

module.exports = {
  ADMIN,
  PERMISSIONS,
  TENANT,
  client,
  firstToken,
  ids,
  newName,
  refused,
  usernames,
};
