// One exchange: request and response side by side, what changed, and what played a part.
import { admin, baseUrl, currentSandbox } from "./api.js";
import { attempt, button, element, pretty, showText, table } from "./dom.js";

const words = {
  UNKNOWN_OPERATION: "The contract has no operation with this method and path.",
  UNKNOWN_PARAMETER: "The operation has no parameter of this name: ",
  INVALID_REQUEST: "The request is not valid; the response says why.",
  UNDOCUMENTED_STATUS: "The contract does not document this status for the operation.",
};

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const own = ["host", "content-length", "connection", "accept-encoding", "x-kestub-console"];

const pairs = (headers) => Object.entries(headers ?? {}).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));

/** The command that repeats the request. Secrets are masked in the journal, so they become variables. */
export function asCurl(request) {
  const lines = [`curl -i -X ${quote(request.method)} ${quote(baseUrl() + request.url)}`];
  for (const [name, value] of pairs(request.headers)) {
    if (own.includes(name.toLowerCase())) continue;
    lines.push(value.includes("***") ? `-H "${name.replace(/[^\w-]/g, "")}: $${name.toUpperCase().replace(/\W/g, "_")}"` : `-H ${quote(`${name}: ${value}`)}`);
  }
  if (request.body) lines.push(`--data-binary ${quote(request.body)}`);
  return lines.join(" \\\n  ");
}

const typeOf = (headers) => pairs(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];

/** A stub that answers such requests as this one was answered. */
function asStub(event) {
  const { request, response } = event;
  const [path, query] = request.url.split("?");
  const type = typeOf(response.headers);
  return {
    name: `from ${request.method} ${path}`.slice(0, 100),
    request: {
      method: request.method,
      ...(query === undefined ? { urlPath: path } : { url: request.url }),
      ...(request.body && typeOf(request.headers)?.includes("json") ? { bodyPatterns: [{ equalToJson: request.body }] } : {}),
    },
    response: {
      status: response.status,
      ...(type ? { headers: { "Content-Type": type } } : {}),
      ...(response.body ? { body: response.body } : {}),
    },
  };
}

const message = (title, part, first) => element("section", { class: "message" },
  element("h3", {}, title), first,
  element("details", {}, element("summary", {}, `${pairs(part.headers).length} headers`),
    element("dl", { class: "headers" }, pairs(part.headers).map(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]))),
  part.body ? element("pre", { tabindex: "0", "aria-label": `Body of the ${title.toLowerCase()}` }, pretty(part.body)) : element("p", { class: "none" }, "no body"));

const named = (part) => part && element("b", {}, part.name ?? part.id);
const signs = { ADDED: "+", REMOVED: "−", UPDATED: "~" };
const acts = { ADDED: "added", REMOVED: "removed", UPDATED: "changed" };

/** A change in words, such as "+ membership of alan in platform, MEMBER". */
export function describeChange(change) {
  const about = [];
  if (change.name ?? change.id) about.push(" ", element("b", {}, change.name ?? change.id));
  if (change.user) about.push(" of ", named(change.user));
  if (change.group) about.push(" in ", named(change.group));
  if (change.role) about.push(" with ", named(change.role));
  if (change.membership) about.push(`, ${change.membership}`);
  if (change.tenant) about.push(` (${change.tenant})`);
  return element("li", { class: change.change.toLowerCase() },
    element("span", { class: "sign", "aria-hidden": "true" }, signs[change.change]),
    `${change.kind.toLowerCase()}`, about, element("span", { class: "hidden" }, ` ${acts[change.change]}`));
}

const changes = (extras) => element("section", {}, element("h3", {}, "What changed in the state"),
  extras.changeCount
    ? element("ul", { class: "changes" }, (extras.changes ?? []).map(describeChange),
      extras.changeCount > (extras.changes ?? []).length && element("li", {}, `and ${extras.changeCount - (extras.changes ?? []).length} more`))
    : element("p", { class: "none" }, "nothing"));

function part(event) {
  const extras = event.request.kestub;
  const found = [];
  if (event.stubMapping)
    found.push(element("li", {}, "The stub ", element("b", {}, event.stubMapping.name ?? event.stubMapping.id), " took the request."));
  for (const fault of extras.faults ?? []) found.push(element("li", { class: "bad" }, "The fault profile ", element("b", {}, fault), " played a part."));
  if (event.response.fault) found.push(element("li", { class: "bad" }, `The response was broken: ${event.response.fault}.`));
  for (const breach of extras.breaches ?? [])
    found.push(element("li", { class: "bad" }, `Contract: ${words[breach.kind]}`, breach.parameter && element("code", {}, breach.parameter)));
  if (extras.console) found.push(element("li", {}, "The console sent it."));
  return found.length > 0 && element("section", {}, element("h3", {}, "What played a part"), element("ul", {}, found));
}

/** The stubs that come closest, with what differs. */
async function nearMisses(event) {
  const { nearMisses: misses } = await admin("near-misses/request", "POST", event.request);
  if (misses.length === 0) return element("p", { class: "none" }, "There are no stubs to compare with.");
  return misses.slice(0, 3).map((miss) => element("div", { class: "miss" },
    element("h4", {}, `${miss.stubMapping.name ?? miss.stubMapping.id}, distance ${miss.matchResult.distance.toFixed(2)}`),
    table("Differences", ["Part", "Expected", "Was"], (miss.request?.kestub?.differences ?? []).map((difference) => [
      `${difference.part} ${difference.name ?? ""}`, element("ins", {}, difference.expected ?? ""),
      difference.actual === undefined ? "absent" : element("del", {}, difference.actual)]))));
}

function render(box, event, close) {
  const { request, response, timing } = event;
  const heading = element("h2", { tabindex: "-1" }, `${request.method} ${request.url}`);
  const misses = !event.wasMatched && element("section", {}, element("h3", {}, "The closest stubs"), element("p", {}, "searching"));
  box.replaceChildren(
    element("div", { class: "bar" }, heading, button("Close", close, { class: "small" })),
    element("p", { class: "facts" }, `${new Date(request.loggedDate).toISOString()} · ${request.clientIp || "a socket"} · ${request.protocol} · ${timing.processTime + timing.addedDelay} ms`),
    element("p", { class: "actions" },
      button("Copy as curl", () => showText("The request as curl", asCurl(request))),
      button("Make a stub from this", async () => (await import("./stubs.js")).editStub(asStub(event))),
      button("Link", () => showText("Link to this request", `${location.href.split("#")[0]}#requests?id=${event.id}`))),
    part(event) || "", changes(request.kestub),
    element("div", { class: "sides" },
      message("Request", request, element("p", { class: "facts" }, `${request.kestub.operation ?? "no operation"} · ${request.kestub.principal ?? "nobody known"}`)),
      message("Response", response, element("p", { class: "facts" }, element("span", { class: `code s${Math.floor(response.status / 100)}` }, response.status), timing.addedDelay ? ` after ${timing.addedDelay} ms of delay` : ""))),
    misses || "");
  heading.focus();
  if (misses)
    nearMisses(event).then((found) => misses.replaceChildren(misses.firstChild, ...[found].flat()), (failure) => (misses.lastChild.textContent = failure.message));
}

export const showExchange = attempt(async (box, id, close) => {
  const sandbox = currentSandbox();
  box.dataset.id = id;
  try {
    const event = await admin(`requests/${encodeURIComponent(id)}`);
    if (box.dataset.id === id && sandbox === currentSandbox()) render(box, event, close);
  } catch (failure) {
    if (failure.status !== 404) throw failure;
    box.replaceChildren(element("p", {}, "The journal has forgotten this request."), button("Close", close));
  }
});
