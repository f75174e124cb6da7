const { WireMock } = require("wiremock-captain");
const { ALAN, PLATFORM, Client } = require("./client");

const URL = `${process.env.KESTUB_URL ?? "http://127.0.0.1:8080"}/sandbox/verify`;

test("sets groups by one request", async () => {
  await new Client(URL).setGroups(ALAN, [PLATFORM]);

  const wireMock = new WireMock(`${URL}/`);
  const calls = await wireMock.getRequestsForAPI("PUT", `/api/v1/main/users/${ALAN}/groups`);
  expect(calls).toHaveLength(1);
  expect(JSON.parse(calls[0].request.body)).toEqual({ groupIds: [PLATFORM] });
});
