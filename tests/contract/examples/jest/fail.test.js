const { EndpointFeature, WireMock } = require("wiremock-captain");
const { ALAN, PLATFORM, Client } = require("./client");

const URL = `${process.env.KESTUB_URL ?? "http://127.0.0.1:8080"}/sandbox/fail`;

test.each([{}, { fault: "CONNECTION_RESET_BY_PEER" }])("tries again after %j", async (fault) => {
  const request = {
    method: "PUT",
    endpoint: "/api/v1/main/users/.*/groups",
    metadata: { kestub: { times: 1 } },
  };
  const features = { requestEndpointFeature: EndpointFeature.UrlPathPattern, ...fault };
  await new WireMock(`${URL}/`).register(request, { status: 503 }, features);

  await new Client(URL).setGroups(ALAN, [PLATFORM]);
  expect(await new Client(URL).groupsOf(ALAN)).toEqual([PLATFORM]);
});
