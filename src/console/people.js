// A matrix of a tenant's users by its groups. Pages of the API's own listings are read as they are needed.
import { admin, api } from "./api.js";
import { attempt, button, calm, element, notify, table } from "./dom.js";

const [PAGE, COLUMNS] = [50, 12];
const encode = encodeURIComponent;
const letters = { OWNER: "O", MEMBER: "M" };

const query = (parameters) => new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ""));

export async function peoplePage(content, { parameters }) {
  const { results: tenants } = await api("tenants/search?size=100");
  if (tenants.length === 0) {
    content.append(element("p", {}, "There is no tenant yet."));
    return {};
  }
  let tenant = parameters.get("tenant") ?? tenants[0].id;
  let [search, groupSearch, groupPage] = ["", "", 1];
  let groups = [];
  let groupTotal = 0;
  let users = new Map(); // of the rows that were read, by their number
  let total = 0;
  let generation = 0; // answers of earlier ones come too late

  const count = element("span", { role: "status", class: "count" });
  const head = element("tr");
  const body = element("tbody");
  const matrix = element("table", { class: "matrix" }, element("caption", { class: "hidden" }, "Users and their groups"), element("thead", {}, head), body);
  const box = element("div", { class: "list", tabindex: "0", role: "region", "aria-label": "Users by groups" }, matrix);
  const side = element("section", { class: "details", hidden: true, "aria-label": "Details" });
  const field = (label, oninput) => element("input", { type: "search", placeholder: label, "aria-label": label, oninput });
  const turn = (by) => attempt(async () => {
    groupPage += by;
    await readGroups();
  });
  const [back, on] = [button("◀", turn(-1), { "aria-label": "Groups before these" }), button("▶", turn(1), { "aria-label": "More groups" })];

  content.append(
    element("div", { class: "filters", role: "search" },
      element("label", {}, "Tenant ", element("select", {
        onchange: (event) => {
          tenant = event.target.value;
          groupPage = 1;
          readAll();
        },
      }, tenants.map((item) => element("option", { value: item.id, selected: item.id === tenant }, item.id)))),
      field("Search users", calm((event) => {
        search = event.target.value;
        readUsers();
      }, 250)),
      field("Search groups", calm((event) => {
        groupSearch = event.target.value;
        groupPage = 1;
        readGroups();
      }, 250)),
      back, on, count),
    element("p", { class: "facts" }, "O is an owner, M a member, and a dotted border marks memberships that an identity provider manages. A click makes a user a member, then an owner, then neither."),
    element("div", { class: "split" }, box, side));

  /** Reads the kinds of the memberships, which the listing does not tell, and draws the rows again. */
  async function refresh(some, flashes = true) {
    if (some.length === 0) return;
    const mine = generation;
    const { users: found } = await admin(`kestub/memberships?${query({ tenant, users: some.map((user) => user.id).join() })}`);
    if (mine !== generation) return;
    for (const { id, groups: own } of found) {
      const number = numberOf(id);
      if (number === undefined) continue;
      users.get(number).known = new Map(own.map((group) => [group.id, group]));
      redraw(number, flashes);
    }
  }

  const memberships = (user, group) => user.known ? user.known.get(group.id) : user.groups?.find((item) => item.id === group.id);

  async function change(user, group) {
    const now = memberships(user, group);
    const member = `${encode(tenant)}/groups/${encode(group.id)}/members`;
    if (!now) await api(`${member}/${encode(user.id)}`, "PUT");
    else if (now.membership !== "OWNER") await api(`${member}/membership/${encode(user.id)}?membership=OWNER`, "PUT");
    else await api(`${member}/${encode(user.id)}`, "DELETE");
    await refresh([user]);
  }

  const cell = (user, group) => {
    const now = memberships(user, group);
    const kind = now ? (now.membership ?? "MEMBER") : "no member";
    const box = element("button", {
      type: "button", class: now ? `cell ${kind.toLowerCase()}${now.external ? " external" : ""}` : "cell",
      "aria-label": `${user.username} in ${group.name}: ${kind}${now?.external ? ", external" : ""}`,
      title: `${group.name}: ${kind}${now?.external ? ", external" : ""}`,
      onclick: attempt(() => change(user, group)),
    }, now ? letters[kind] : "·");
    return element("td", { "data-group": group.id, "data-kind": kind }, box);
  };

  const row = (number) => {
    const user = users.get(number);
    if (!user) return element("tr", { "data-number": number, class: "waiting" }, element("th", { scope: "row" }, "…"));
    return element("tr", { "data-number": number, "data-user": user.id },
      element("th", { scope: "row" }, button(user.username, attempt(() => showUser(user)), { class: "link", title: user.displayName })),
      groups.map((group) => cell(user, group)));
  };

  /** Draws one row again, and lets the cells flash that differ. */
  function redraw(number, flashes) {
    const old = body.querySelector(`tr[data-number="${number}"]`);
    if (!old) return;
    const focused = old.contains(document.activeElement) ? [...old.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    const made = row(number);
    if (flashes)
      [...made.children].forEach((child, i) => child.dataset.kind !== old.children[i]?.dataset.kind && child.classList.add("flash"));
    old.replaceWith(made);
    if (focused >= 0) made.querySelectorAll("button")[focused]?.focus({ preventScroll: true });
  }

  const numberOf = (id) => [...users].find(([, user]) => user.id === id)?.[0];

  async function readPage(page) {
    const mine = generation;
    const path = `${encode(tenant)}/tenant-access?${query({ page, size: PAGE, q: search })}`;
    const answer = await api(path);
    if (mine !== generation) return;
    total = answer.total;
    answer.results.forEach((user, i) => users.set((page - 1) * PAGE + i, user));
    draw(true);
    tell();
    await refresh(answer.results, false);
  }

  const tell = () => {
    const first = (groupPage - 1) * COLUMNS;
    count.textContent = `${total} users, groups ${groupTotal === 0 ? 0 : first + 1} to ${first + groups.length} of ${groupTotal}`;
    back.disabled = groupPage === 1;
    on.disabled = first + groups.length >= groupTotal;
  };

  const asked = new Set();
  const [top, bottom] = [1, 2].map(() => element("tr", { "aria-hidden": "true", class: "spacer" }));
  let drawn = "";
  function draw(anew = false) {
    const height = parseFloat(getComputedStyle(box).getPropertyValue("--row"));
    const first = Math.max(0, Math.floor(box.scrollTop / height) - 5);
    const end = Math.min(total, Math.ceil((box.scrollTop + box.clientHeight) / height) + 5);
    if (!anew && drawn === `${first} ${end}`) return;
    drawn = `${first} ${end}`;
    const focused = document.activeElement?.closest?.("tr")?.dataset.number;
    const index = focused === undefined ? -1 : [...document.activeElement.closest("tr").querySelectorAll("button")].indexOf(document.activeElement);
    top.style.height = `${first * height}px`;
    bottom.style.height = `${(total - end) * height}px`;
    body.replaceChildren(top, ...Array.from({ length: Math.max(0, end - first) }, (_, i) => row(first + i)), bottom);
    if (index >= 0) body.querySelector(`tr[data-number="${focused}"]`)?.querySelectorAll("button")[index]?.focus({ preventScroll: true });
    readMissing(first, end);
  }

  const readMissing = calm(attempt(async (first, end) => {
    for (let number = first; number < end; number++) {
      const page = Math.floor(number / PAGE) + 1;
      if (users.has(number) || asked.has(page)) continue;
      asked.add(page);
      await readPage(page);
    }
  }), 80);

  const readGroups = attempt(async () => {
    const mine = generation;
    const answer = await api(`${encode(tenant)}/groups/search?${query({ page: groupPage, size: COLUMNS, q: groupSearch })}`);
    if (mine !== generation) return;
    [groups, groupTotal] = [answer.results, answer.total];
    head.replaceChildren(element("th", { scope: "col" }, "User"), ...groups.map((group) =>
      element("th", { scope: "col" }, button(group.name, attempt(() => showGroup(group)), { class: "link", title: group.name }))));
    draw(true);
    tell();
  });

  const readUsers = attempt(async () => {
    generation++;
    users = new Map();
    asked.clear();
    asked.add(1);
    box.scrollTop = 0;
    await readPage(1);
  });

  async function readAll() {
    generation++;
    await readGroups();
    await readUsers();
  }

  function open(title, ...parts) {
    const close = button("Close", () => (side.hidden = true), { class: "small" });
    const heading = element("h2", { tabindex: "-1" }, title);
    side.replaceChildren(element("div", { class: "bar" }, heading, close), ...parts.flat());
    side.hidden = false;
    heading.focus();
  }
  side.addEventListener("keydown", (event) => event.key === "Escape" && (side.hidden = true));

  async function bindings(type, id) {
    const { results } = await api(`${encode(tenant)}/bindings/search?${query({ type, id, size: 100 })}`);
    const own = results.filter((item) => [item.user?.id, item.group?.id, item.externalId].includes(id));
    return own.length === 0 ? element("p", { class: "none" }, "no bindings")
      : table("Bindings", ["Role", "Namespace"], own.map((item) => [item.role?.name ?? item.role?.id ?? item.roleId, item.namespaceId ?? item.namespace ?? "the whole tenant"]));
  }

  async function showUser(user) {
    const { users: [found] } = await admin(`kestub/memberships?${query({ tenant, users: user.id })}`);
    open(user.username,
      element("p", {}, `${user.displayName ?? ""} · ${user.id}`),
      element("h3", {}, "Roles bound to the user"), await bindings("USER", user.id),
      element("h3", {}, "Groups"), table("Groups", ["Group", "Membership"], (found?.groups ?? []).map((group) => [group.name, `${group.membership}${group.external ? ", external" : ""}`])));
  }

  async function showGroup(group) {
    const { results, total: members } = await api(`${encode(tenant)}/groups/${encode(group.id)}/members?size=50`);
    open(group.name, element("p", {}, group.description ?? ""),
      element("h3", {}, "Roles bound to the group"), await bindings("GROUP", group.id),
      element("h3", {}, `${members} members`), table("Members", ["User"], results.map((user) => [user.username])));
  }

  const reload = calm(attempt(async () => {
    await readGroups();
    asked.clear();
    generation++;
    const at = Math.floor(box.scrollTop / parseFloat(getComputedStyle(box).getPropertyValue("--row")) / PAGE) + 1;
    asked.add(at);
    users = new Map([...users].filter(([number]) => Math.floor(number / PAGE) + 1 === at));
    await readPage(at);
  }), 300);

  function onEvents(events) {
    const changed = new Set();
    for (const { type, data } of events) {
      if (type === "reset" || (data.changeCount > 0 && !data.changes)) reload();
      for (const item of data.changes ?? []) {
        if (item.kind === "MEMBERSHIP") changed.add(item.user?.id);
        else if (["USER", "GROUP", "TENANT", "ACCESS"].includes(item.kind)) reload();
      }
    }
    attempt(refresh)([...users.values()].filter((user) => changed.has(user.id)));
  }

  box.addEventListener("scroll", () => draw(), { passive: true });
  box.addEventListener("keydown", (event) => {
    const now = event.target.closest("td, th");
    const by = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    if (!by || !now) return;
    event.preventDefault();
    const column = [...now.parentNode.children].indexOf(now) + by[1];
    const next = by[0] === 0 ? now.parentNode : by[0] > 0 ? now.parentNode.nextSibling : now.parentNode.previousSibling;
    next?.children[column]?.querySelector("button")?.focus();
  });
  const watcher = new ResizeObserver(() => draw(true));
  watcher.observe(box);
  await readAll();
  if (!tenants.some((item) => item.id === tenant)) notify(`There is no tenant ${tenant}.`, true);
  return {
    onEvents,
    leave: () => {
      generation++;
      watcher.disconnect();
    },
  };
}
