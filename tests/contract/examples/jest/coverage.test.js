const { ALAN, PLATFORM, Client } = require("./client");

const URL = `${process.env.KESTUB_URL ?? "http://127.0.0.1:8080"}/sandbox/coverage`;

test("exercises what it should", async () => {
  await new Client(URL).setGroups(ALAN, [PLATFORM]);

  const coverage = await (await fetch(`${URL}/__admin/kestub/coverage`)).json();
  const update = coverage.operations.find(({ operation }) => operation === "updateUserGroups");
  expect(update.exercised.map(({ status }) => status)).toEqual([204]);
  expect(update.missing).toContain(404); // no test tells what the client makes of it
  expect(coverage.breaches).toEqual([]);
});
