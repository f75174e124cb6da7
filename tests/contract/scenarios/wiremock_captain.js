// wiremock-captain: WireMock's client for Node.js, as Jest and Vitest suites use it.
"use strict";
const assert = require("node:assert/strict");

const [library, url] = process.argv.slice(2);
const { BodyType, DelayType, EndpointFeature, MatchingAttributes, ResponseTransformer, WireMock, WireMockAPI, WireMockFault } =
  require(library);

const ME = "/api/v1/me";
const GROUPS = "/api/v1/main/users/ada/groups";
const JSON_TYPE = { "Content-Type": "application/json" };
const client = new WireMock(url);
const me = new WireMockAPI(url, ME, "GET");

async function send(method, path, { body, headers } = {}) {
  const options = { method, headers, body: body && JSON.stringify(body) };
  const answer = await fetch(url + path, options);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}
const status = async (...request) => (await send(...request)).status;
const text = async (...request) => (await send(...request)).text;

async function milliseconds(call) {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

const ids = (list) => list.map(({ id }) => id);
const ok = (answers) => assert.deepEqual([answers].flat().map((a) => a.status), [answers].flat().map(() => 200));

const steps = {
  async create_stub() {
    const headers = { "X-From": "stub" };
    const made = await me.register({}, { status: 203, headers, body: { id: "ada" } });
    const answer = await send("GET", ME);
    assert.equal(answer.status, 203);
    assert.equal(answer.headers.get("X-From"), "stub");
    assert.match(answer.headers.get("Content-Type"), /^application\/json/);
    assert.deepEqual(JSON.parse(answer.text), { id: "ada" });
    assert.deepEqual(JSON.parse(await text("GET", "/health")), { status: "UP" });

    assert.equal(made.request.url, ME);
    assert.deepEqual(ids(await client.getAllMappings()), [made.id]);
    assert.deepEqual(await client.getMapping(made.id), made);

    const refused = await client.register({ method: "GET", endpoint: ME }, { status: "many" });
    assert(refused.errors[0].detail);
  },

  async priorities() {
    ok(await client.clearAll());
    const answers = (body, stubPriority) =>
      me.register({}, { status: 200, body }, { responseBodyType: BodyType.Body, stubPriority });
    await answers("late", 9);
    await answers("early", 1);
    await answers("usual");
    assert.equal(await text("GET", ME), "early");
    await answers("newest", 1);
    assert.equal(await text("GET", ME), "newest");
  },

  async request_patterns() {
    ok(await client.clearAll());
    const request = {
      method: "PUT",
      endpoint: GROUPS,
      headers: { "X-Team": "plan.*" },
      queryParameters: { page: "2" },
      cookies: { JWT: "any" },
      body: { groupIds: ["a", "b"] },
    };
    await client.register(request, { status: 299 }, {
      requestEndpointFeature: EndpointFeature.UrlPath,
      requestHeaderFeatures: { "X-Team": MatchingAttributes.Matches },
      requestIgnoreArrayOrder: true,
    });
    const path = `${GROUPS}?page=2`;
    const headers = { "X-Team": "planners", Cookie: "JWT=any" };
    const body = { groupIds: ["b", "a"] };
    assert.equal(await status("PUT", path, { headers, body }), 299);
    assert.notEqual(await status("PUT", path, { headers, body: { groupIds: ["b"] } }), 299);
    assert.notEqual(await status("PUT", path, { body }), 299);
    assert.notEqual(await status("PUT", GROUPS, { headers, body }), 299);
  },

  async delays() {
    ok(await client.clearAll());
    const responseDelays = [
      { type: DelayType.FIXED, constantDelay: 200 },
      { type: DelayType.UNIFORM, lower: 200, upper: 250 },
      { type: DelayType.CHUNKED_DRIBBLE, numberOfChunks: 3, totalDuration: 300 },
    ];
    for (const responseDelay of responseDelays) {
      await me.register({}, { status: 200, body: { id: "ada" } }, { responseDelay });
      assert(await milliseconds(() => text("GET", ME)) >= 195, responseDelay.type);
    }
  },

  async faults() {
    ok(await client.clearAll());
    for (const fault of Object.values(WireMockFault)) {
      await me.register({}, { status: 200 }, { fault });
      await assert.rejects(send("GET", ME), TypeError, fault);
    }
    assert.equal(await status("GET", "/health"), 200);
  },

  async scenario() {
    ok(await client.clearAll());
    const scenarioName = "retry";
    const first = { scenarioName, requiredScenarioState: "Started", newScenarioState: "well" };
    await me.register({}, { status: 503 }, { scenario: first });
    await me.register({}, { status: 200 }, { scenario: { scenarioName, requiredScenarioState: "well" } });
    for (let turn = 0; turn < 2; turn++) {
      for (const expected of [503, 200, 200]) assert.equal(await status("GET", ME), expected);
      const [{ name, state, possibleStates }] = await client.getAllScenarios();
      assert.deepEqual([name, state], [scenarioName, "well"]);
      assert.deepEqual(possibleStates.sort(), ["Started", "well"]);
      ok(await client.resetAllScenarios());
    }
  },

  async verify() {
    ok(await client.clearAll());
    await client.register({ method: "PUT", endpoint: GROUPS }, { status: 204 });
    const headers = { "X-Team": "planners" };
    for (const groupIds of [["a"], ["a", "b"]]) await send("PUT", GROUPS, { headers, body: { groupIds } });
    await send("GET", "/health");

    const found = (await client.getRequestsForAPI("PUT", GROUPS)).reverse();
    const bodies = found.map(({ request }) => JSON.parse(request.body).groupIds);
    assert.deepEqual(bodies, [["a"], ["a", "b"]]);
    assert(found.every(({ request }) => request.headers["X-Team"] === "planners"));
    assert(found.every(({ response, wasMatched }) => response.status === 204 && wasMatched));
    assert.deepEqual(await client.getRequestsForAPI("DELETE", GROUPS), []);
    const everything = await client.getAllRequests();
    assert.deepEqual(everything.map(({ request }) => request.url), ["/health", GROUPS, GROUPS]);
  },

  async unmatched() {
    ok(await client.clearAll());
    await client.register({ method: "PUT", endpoint: GROUPS }, { status: 204 });
    for (const path of [GROUPS, `${GROUPS}s`]) await send("PUT", path, { body: { groupIds: [] } });
    const urls = (await client.getUnmatchedRequests()).map((request) => request.url);
    assert.deepEqual(urls, [`${GROUPS}s`]);
  },

  async delete_stub() {
    ok(await client.clearAll());
    const kept = await me.register({}, { status: 250 });
    const removed = await me.register({}, { status: 251 });
    assert.equal(await status("GET", ME), 251);
    ok(await client.deleteMapping(removed.id));
    assert.equal(await status("GET", ME), 250);
    assert.equal((await client.deleteMapping(removed.id)).status, 404);

    const owned = await me.register({ metadata: { owner: "planners" } }, { status: 252 });
    const owner = [{ expression: "$.owner", equalTo: "planners" }, MatchingAttributes.MatchesJsonPath];
    assert.deepEqual(ids(await client.findMappingByMetadata(...owner)), [owned.id]);
    await client.removeMappingByMetadata(...owner);
    assert.deepEqual(ids(await client.getAllMappings()), [kept.id]);
  },

  async templates() {
    ok(await client.clearAll());
    const body = { method: "{{request.method}}", id: "{{jsonPath request.body '$.id'}}" };
    const headers = { Location: "{{request.url}}/{{request.query.n}}" };
    const responseTransformers = [ResponseTransformer.RESPONSE_TEMPLATE];
    const request = { method: "POST", endpoint: `${GROUPS}?n=7` };
    const made = await client.register(request, { status: 201, headers, body }, { responseTransformers });
    const answer = await send("POST", `${GROUPS}?n=7`, { body: { id: "a" } });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get("Location"), `${GROUPS}?n=7/7`);
    assert.deepEqual(JSON.parse(answer.text), { method: "POST", id: "a" });
    assert.deepEqual((await client.getMapping(made.id)).response.transformers, responseTransformers);
    const broken = await me.register({}, { status: 200, body: { a: "{{uper 'a'}}" } }, { responseTransformers });
    assert.match(broken.errors[0].detail, /did you mean upper/);
  },

  async waiting() {
    ok(await client.clearAll());
    const verify = (body) => send("POST", "/__admin/kestub/verify", { headers: JSON_TYPE, body });
    const request = { method: "GET", urlPath: ME };
    const [verified] = await Promise.all([verify({ request, atLeast: 1, within: "PT30S" }), text("GET", ME)]);
    assert.equal(verified.status, 200);
    assert.equal(JSON.parse(verified.text).count, 1);
    const missing = await verify({ request: { urlPath: GROUPS }, exactly: 1, within: "PT0.01S" });
    assert.equal(missing.status, 422);
    assert.match(missing.text, /"count":0/);
  },

  async find_requests() {
    ok(await client.clearAll());
    for (const page of [1, 2]) await send("GET", `${ME}?page=${page}`);
    const found = await client.getRequestsForAPI("GET", `${ME}?page=2`);
    assert.deepEqual(found.map(({ request }) => request.url), [`${ME}?page=2`]);
  },

  // The client has no call for near misses.
  async near_misses() {
    ok(await client.clearAll());
    await client.register({ method: "PUT", endpoint: GROUPS }, { status: 204 });
    await send("PUT", `${GROUPS}s`, { body: {} });
    const { nearMisses } = JSON.parse(await text("GET", "/__admin/requests/unmatched/near-misses"));
    assert.deepEqual(nearMisses.map((miss) => [miss.request.url, miss.stubMapping.request.url]), [[`${GROUPS}s`, GROUPS]]);
  },

  // A reset of the mappings empties the journal, but removing them does not. A reset of the journal keeps
  // the mappings.
  async reset_journal() {
    ok(await client.clearAll());
    await me.register({}, { status: 250 });
    assert.equal(await status("GET", ME), 250);
    ok(await client.resetMappings());
    assert.deepEqual(await client.getAllMappings(), []);
    assert.deepEqual(await client.getAllRequests(), []);
    await me.register({}, { status: 250 });
    assert.equal(await status("GET", ME), 250);
    ok(await client.clearAllMappings());
    assert.equal((await client.getAllRequests()).length, 1);
    await me.register({}, { status: 250 });
    ok(await client.clearAllRequests());
    assert.deepEqual(await client.getAllRequests(), []);
    assert.equal((await client.getAllMappings()).length, 1);
  },

  async reset() {
    ok(await client.clearAll());
    await me.register({}, { status: 250 });
    ok(await client.clearAllExceptDefault());
    assert.deepEqual(await client.getAllMappings(), []);
    assert.deepEqual(await client.getAllRequests(), []);
    assert.equal(await status("GET", ME), 401);
    assert.equal((await client.getAllRequests()).length, 1);
  },
};

// All steps run, even after one has failed.
async function run() {
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      console.log(`ok - ${name}`);
    } catch (error) {
      console.log(`not ok - ${name}`);
      console.log(String(error.stack).replace(/^/gm, "# "));
    }
  }
}

run();
