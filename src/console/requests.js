// The page of requests: a virtual list that grows as they come, with a filter and the details of one.
import { button, element } from "./dom.js";

const MOST = 5000; // entries that the page keeps

/** The entries of the sandbox that the stream has told, the oldest first. */
export class Journal {
  entries = [];
  missed = 0;
  operations = new Set();
  #ids = new Set();

  clear() {
    this.entries = [];
    this.missed = 0;
    this.#ids.clear();
  }

  take(type, data) {
    if (type === "reset") this.clear();
    else if (type === "missed") this.missed += data.count;
    else if (type === "request" && !this.#ids.has(data.id)) {
      this.#ids.add(data.id);
      this.entries.push(data);
      if (data.operation) this.operations.add(data.operation);
      if (this.entries.length > MOST) this.entries.splice(0, MOST / 10).forEach((entry) => this.#ids.delete(entry.id));
    }
  }
}

const matchesStatus = (status, wanted) =>
  !wanted || (wanted.endsWith("xx") ? Math.floor(status / 100) === Number(wanted[0]) : String(status).startsWith(wanted));

/** Everything that is shown of an entry, for the search. */
const textOf = (entry) =>
  [entry.method, entry.url, entry.principal, entry.operation, entry.stub, entry.breakage, entry.id, ...(entry.faults ?? [])]
    .join(" ").toLowerCase();

const matches = (entry, filter) =>
  matchesStatus(entry.status, filter.status) &&
  (!filter.operation || entry.operation === filter.operation) &&
  (filter.console || !entry.console) &&
  (!filter.text || textOf(entry).includes(filter.text.toLowerCase()));

const time = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hour12: false,
});

export const duration = (microseconds, delay) => {
  const ms = microseconds / 1000 + (delay ?? 0);
  return ms < 10 ? `${ms.toFixed(2)} ms` : ms < 10000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
};

const marks = (entry) => [
  entry.changeCount && element("span", { class: "mark change", title: `${entry.changeCount} changes of the state` }, `Δ${entry.changeCount}`),
  entry.stub && element("span", { class: "mark", title: `stub ${entry.stub}` }, "stub"),
  entry.faults && element("span", { class: "mark bad", title: entry.faults.join(", ") }, "fault"),
  entry.console && element("span", { class: "mark" }, "console"),
];

const row = (entry, number, open) => element("tr", { "data-id": entry.id, "aria-rowindex": number },
  element("td", { class: "time" }, time.format(entry.time)),
  element("td", { class: "method" }, entry.method),
  element("td", { class: "path" }, element("div", {}, button(entry.url, () => open(entry), { class: "link", title: entry.url }), marks(entry))),
  element("td", { class: "operation" }, entry.operation ?? "none"),
  element("td", { class: "principal" }, entry.principal ?? ""),
  element("td", { class: "status" }, element("span", { class: `code s${Math.floor(entry.status / 100)}` }, entry.breakage ? "broken" : entry.status)),
  element("td", { class: "duration" }, duration(entry.microseconds, entry.delay)));

/** Shows only those rows of a long list that are in sight, and a few around them. */
class VirtualRows {
  items = [];
  #around = 10;

  constructor(box, body, make) {
    Object.assign(this, { box, body, make });
    this.top = element("tr", { "aria-hidden": "true", class: "spacer" });
    this.bottom = element("tr", { "aria-hidden": "true", class: "spacer" });
    body.append(this.top, this.bottom);
    box.addEventListener("scroll", () => this.draw(), { passive: true });
    this.watcher = new ResizeObserver(() => this.draw(true));
    this.watcher.observe(box);
  }

  get height() {
    return parseFloat(getComputedStyle(this.box).getPropertyValue("--row"));
  }

  /** Takes the newest items first. Whoever has scrolled down keeps the place. */
  set(items, added) {
    this.items = items;
    if (this.box.scrollTop > 0 && added > 0) this.box.scrollTop += added * this.height;
    this.draw(true);
  }

  draw(anew = false) {
    const height = this.height;
    const first = Math.max(0, Math.floor(this.box.scrollTop / height) - this.#around);
    const end = Math.min(this.items.length, Math.ceil((this.box.scrollTop + this.box.clientHeight) / height) + this.#around);
    if (!anew && first === this.first && end === this.end) return;
    [this.first, this.end] = [first, end];
    const focused = document.activeElement?.closest("tr")?.dataset.id;
    const known = new Map([...this.body.children].map((child) => [child.dataset.id, child]));
    const rows = this.items.slice(first, end).map((item, i) => {
      const old = known.get(item.id);
      old?.setAttribute("aria-rowindex", first + i + 2);
      return old ?? this.make(item, first + i + 2);
    });
    this.top.style.height = `${first * height}px`;
    this.bottom.style.height = `${(this.items.length - end) * height}px`;
    this.body.replaceChildren(this.top, ...rows, this.bottom);
    if (focused && document.activeElement === document.body) this.focus(focused);
  }

  focus(id) {
    [...this.body.children].find((child) => child.dataset.id === id)?.querySelector("button")?.focus({ preventScroll: true });
  }

  /** Moves the focus by so many rows. */
  move(id, by) {
    const now = this.items.findIndex((item) => item.id === id);
    const next = Math.max(0, Math.min(this.items.length - 1, now + by));
    const head = this.box.querySelector("thead").offsetHeight;
    const at = next * this.height;
    if (at < this.box.scrollTop) this.box.scrollTop = at;
    if (at + this.height + head > this.box.scrollTop + this.box.clientHeight)
      this.box.scrollTop = at + this.height + head - this.box.clientHeight;
    this.draw();
    this.focus(this.items[next].id);
  }
}

const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

export function requestsPage(content, { journal, parameters }) {
  const filter = {
    status: parameters.get("status") ?? "", operation: parameters.get("operation") ?? "",
    text: parameters.get("text") ?? "", console: parameters.get("console") === "true",
  };
  const count = element("span", { role: "status", class: "count" });
  const operations = element("datalist", { id: "operations" });
  const input = (name, properties) => element("input", {
    value: filter[name], "aria-label": properties.placeholder, autocomplete: "off",
    oninput: (event) => {
      filter[name] = event.target.value.trim();
      update();
    }, ...properties,
  });
  const form = element("div", { class: "filters", role: "search" },
    input("text", { type: "search", placeholder: "Text: path, principal, stub …", class: "wide" }),
    input("status", { placeholder: "Status: 404, 4xx", size: 12 }),
    input("operation", { placeholder: "Operation", list: "operations" }), operations,
    element("label", {}, element("input", {
      type: "checkbox", checked: filter.console,
      onchange: (event) => {
        filter.console = event.target.checked;
        update();
      },
    }), "the console's own"),
    count);
  const body = element("tbody");
  const box = element("div", { class: "list", tabindex: "0", role: "region", "aria-label": "Requests, the newest first" },
    element("table", { class: "requests", "aria-rowcount": "-1" },
      element("caption", { class: "hidden" }, "Requests"),
      element("thead", {}, element("tr", {},
        ["Time", "Method", "Path", "Operation", "Principal", "Status", "Duration"].map((head) =>
          element("th", { scope: "col", class: head.toLowerCase() }, head)))), body));
  const details = element("section", { class: "details", hidden: true, "aria-label": "Details" });
  content.append(form, element("div", { class: "split" }, box, details));

  let opened = null;
  const close = () => {
    details.hidden = true;
    details.replaceChildren();
    for (const child of body.children) child.classList.remove("chosen");
    rows.focus(opened);
    opened = null;
  };
  const open = (entry) => {
    opened = entry.id;
    for (const child of body.children) child.classList.toggle("chosen", child.dataset.id === entry.id);
    details.hidden = false;
    import("./exchange.js").then(({ showExchange }) => showExchange(details, entry.id, close));
  };
  const rows = new VirtualRows(box, body, (entry, number) => {
    const made = row(entry, number, open);
    made.classList.toggle("chosen", entry.id === opened);
    return made;
  });
  body.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const id = event.target.closest("tr")?.dataset.id;
    if (step === undefined || !id) return;
    event.preventDefault();
    rows.move(id, step);
  });
  details.addEventListener("keydown", (event) => event.key === "Escape" && close());

  let total = 0;
  function update() {
    const shown = journal.entries.filter((entry) => matches(entry, filter)).reverse();
    const added = Math.max(0, shown.length - total);
    total = shown.length;
    rows.set(shown, added);
    box.firstChild.setAttribute("aria-rowcount", shown.length + 1);
    count.textContent = `${shown.length} of ${journal.entries.length}` + (journal.missed > 0 ? `, ${journal.missed} not shown` : "");
    if (operations.children.length !== journal.operations.size)
      operations.replaceChildren(...[...journal.operations].sort().map((name) => element("option", { value: name })));
  }
  update();
  if (parameters.get("id")) open({ id: parameters.get("id") });
  return { onEvents: update, leave: () => rows.watcher.disconnect() };
}
