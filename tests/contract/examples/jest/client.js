// Stands for the code under test: sets groups, and tries again when the server is not well.
const ALAN = "2EPi5XC0oluKRCVF56gcC";
const PLATFORM = "7C1klfgdQmLTCyrnlejrtg";
const DATA_ENG = "4LeYKUcqzLlRGlnKAzeqvF";
const TOKEN = "KESTUB-root-token-for-tests-only-0123456789";

class Client {
  constructor(url) {
    this.url = url;
    this.headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };
  }

  async setGroups(user, groupIds) {
    const url = `${this.url}/api/v1/main/users/${user}/groups`;
    const request = { method: "PUT", headers: this.headers, body: JSON.stringify({ groupIds }) };
    for (let attempt = 0; attempt < 3; attempt++) {
      const answer = await fetch(url, request).catch(() => undefined);
      if (answer?.ok) return;
    }
    throw new Error("the groups could not be set");
  }

  async groupsOf(user) {
    const answer = await fetch(`${this.url}/api/v1/users/${user}`, { headers: this.headers });
    return (await answer.json()).groups.map(({ id }) => id);
  }
}

module.exports = { ALAN, DATA_ENG, PLATFORM, Client };
