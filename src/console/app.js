// The frame of the console: which page, which sandbox, and one stream of events for all pages.
import { aboutServer, admin, chooseSandbox, currentSandbox, follow } from "./api.js";
import { attempt, element, notify } from "./dom.js";
import { Journal, requestsPage } from "./requests.js";

// The other pages are loaded when somebody looks at them.
const pages = {
  requests: requestsPage,
  people: async (...all) => (await import("./people.js")).peoplePage(...all),
  coverage: async (...all) => (await import("./coverage.js")).coveragePage(...all),
  faults: async (...all) => (await import("./faults.js")).faultsPage(...all),
  stubs: async (...all) => (await import("./stubs.js")).stubsPage(...all),
  state: async (...all) => (await import("./state.js")).statePage(...all),
};
const main = document.getElementById("main");
const select = document.getElementById("sandbox");
const live = document.getElementById("live");
const journal = new Journal();
let following = null;
let shown = null; // what the page has returned: { onEvents, leave }

const words = { live: "live", polling: "polling", offline: "offline", deleted: "sandbox deleted" };

/** The page, and the parameters behind its name, as in #requests?status=404. */
const readHash = () => {
  const [name, query] = location.hash.slice(1).split("?");
  return { name: Object.hasOwn(pages, name) ? name : "requests", parameters: new URLSearchParams(query) };
};

const show = attempt(async () => {
  if (location.hash === "#main") return;
  const { name, parameters } = readHash();
  document.getElementById("notices").replaceChildren();
  shown?.leave?.();
  shown = null;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const content = element("div", { class: `page ${name}` });
  main.replaceChildren(content);
  document.title = `${name} · ${currentSandbox()} · kestub console`;
  const page = await pages[name](content, { journal, parameters, refreshSandboxes, useSandbox });
  if (content.isConnected) shown = page;
  else page?.leave?.();
});

/** Entries come in bursts; a page looks at them once in a frame. */
let waiting = [];
const deliver = () => {
  const events = waiting;
  waiting = [];
  shown?.onEvents?.(events);
};
const onEvent = (type, data) => {
  journal.take(type, data);
  if (waiting.length === 0) requestAnimationFrame(deliver);
  waiting.push({ type, data });
};

function begin() {
  following?.abort();
  following = new AbortController();
  journal.clear();
  const { signal } = following;
  const onState = (state, reason) => {
    if (signal.aborted) return;
    live.textContent = words[state];
    live.className = `live ${state}`;
    live.title = reason ?? "";
  };
  live.textContent = "connecting";
  attempt(async () => {
    const about = await aboutServer();
    if (!about.journal) notify("The journal is switched off, so there are no requests to see.", true);
    await follow(Math.min(about.maxEntries || 0, 5000), signal, onEvent, onState);
  })();
}

const refreshSandboxes = attempt(async () => {
  const { sandboxes } = await admin("kestub/sandboxes");
  const names = sandboxes.map((item) => item.name);
  if (!names.includes(currentSandbox())) names.push(currentSandbox());
  if (names.join() !== [...select.options].map((option) => option.value).join())
    select.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
  select.value = currentSandbox();
});

async function useSandbox(name) {
  chooseSandbox(name);
  begin();
  await refreshSandboxes();
  await show();
}

select.addEventListener("change", () => useSandbox(select.value));
select.addEventListener("focus", refreshSandboxes);
window.addEventListener("hashchange", show);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

async function start() {
  await attempt(aboutServer)();
  begin();
  await refreshSandboxes();
  await show();
  setInterval(() => document.visibilityState === "visible" && refreshSandboxes(), 5000);
}

start();
