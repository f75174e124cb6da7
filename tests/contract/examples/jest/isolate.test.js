const { randomUUID } = require("node:crypto");
const { ALAN, DATA_ENG, PLATFORM, Client } = require("./client");

const KESTUB = process.env.KESTUB_URL ?? "http://127.0.0.1:8080";

let name, client;
beforeEach(() => {
  name = randomUUID();
  client = new Client(`${KESTUB}/sandbox/${name}`);
});
afterEach(() => fetch(`${KESTUB}/__admin/kestub/sandboxes/${name}`, { method: "DELETE" }));

test.each([PLATFORM, DATA_ENG])("sets the group %s", async (group) => {
  expect(await client.groupsOf(ALAN)).toEqual([]);
  await client.setGroups(ALAN, [group]);
  expect(await client.groupsOf(ALAN)).toEqual([group]);
});
