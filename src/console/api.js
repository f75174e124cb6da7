// The control plane, the emulated API, and the events. The token is in memory only.
import { ask } from "./dom.js";

const place = location.pathname.replace(/\/__admin\/ui\/?$/, "");
const root = place.replace(/\/sandbox\/[^/]+$/, "");
let sandbox = decodeURIComponent(place.slice(root.length).replace(/^\/sandbox\//, "")) || "default";
let token = null;
let asking = null;
let about = null;

const base = () => (sandbox === "default" ? root : `${root}/sandbox/${encodeURIComponent(sandbox)}`);
export const currentSandbox = () => sandbox;
export const baseUrl = () => location.origin + base();

export function chooseSandbox(name) {
  sandbox = name;
  about = null;
  history.replaceState(null, "", `${base()}/__admin/ui${location.hash}`);
}

async function askForToken() {
  asking ??= ask("The control plane needs its token", [
    { name: "token", label: "Token of --admin-token", type: "password", required: true },
  ], "Use it", "The page keeps it in memory, until you close or reload it.").finally(() => (asking = null));
  const answer = await asking;
  if (!answer) throw new Error("The control plane needs its token; reload the page to give it.");
  token = answer.token;
}

/** Sends a request to the control plane; asks for the token when it needs one. */
export async function fetchAdmin(path, options = {}) {
  for (;;) {
    const used = token;
    const headers = { ...options.headers, ...(used === null ? {} : { Authorization: `Bearer ${used}` }) };
    const answer = await fetch(`${base()}/__admin/${path}`, { ...options, headers });
    if (answer.status !== 401) return answer;
    if (used === token) await askForToken();
  }
}

const explain = (text, status) => {
  try {
    const body = JSON.parse(text);
    const first = body.errors?.[0];
    const where = first?.source?.pointer ?? first?.pointer;
    const what = [first?.title, first?.detail].filter(Boolean).join(": ") || body.detail || body.message || body.title;
    return `${status}: ${what ?? text}${where ? ` (at ${where})` : ""}`;
  } catch {
    return `${status}: ${text.slice(0, 300)}`;
  }
};

async function read(answer) {
  const text = await answer.text();
  if (!answer.ok) throw Object.assign(new Error(explain(text, answer.status)), { status: answer.status });
  return text && answer.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : text;
}

const options = (method, body) => ({
  method,
  ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
});

/** Calls the control plane, and returns the parsed answer. */
export const admin = async (path, method = "GET", body = undefined) => read(await fetchAdmin(path, options(method, body)));

/** What the server says of itself. */
export async function aboutServer() {
  about ??= admin("kestub/console");
  try {
    return await about;
  } catch (failure) {
    about = null;
    throw failure;
  }
}

/** Calls the emulated API as the console. */
export async function api(path, method = "GET", body = undefined) {
  const { key } = await aboutServer();
  const all = options(method, body);
  return read(await fetch(`${base()}/api/v1/${path}`, { ...all, headers: { ...all.headers, "X-Kestub-Console": key } }));
}

/** Splits a stream into events and passes each on. */
async function readEvents(answer, onEvent, note) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const event = { type: "", data: "" };
      for (const line of part.split("\n")) {
        if (line.startsWith("id: ")) note(line.slice(4));
        else if (line.startsWith("event: ")) event.type = line.slice(7);
        else if (line.startsWith("data: ")) event.data += line.slice(6);
      }
      if (event.type) onEvent(event.type, JSON.parse(event.data));
    }
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Follows the journal until `signal` aborts. While streams fail or end early, it polls. */
export async function follow(last, signal, onEvent, onState) {
  const [early, again] = [5000, 30000]; // ms
  let lastId = "";
  let failures = 0;
  let nextStream = 0;
  while (!signal.aborted) {
    const began = Date.now();
    const polls = failures >= 2 && began < nextStream;
    try {
      const answer = await fetchAdmin(`kestub/events?last=${last}${polls ? "&poll=true" : ""}`, {
        signal, cache: "no-store", headers: lastId ? { "Last-Event-ID": lastId } : {},
      });
      if (!answer.ok) throw new Error(explain(await answer.text(), answer.status));
      onState(polls ? "polling" : "live");
      let ended = false;
      await readEvents(answer, (type, data) => {
        ended ||= type === "end";
        if (!signal.aborted) onEvent(type, data);
      }, (id) => (lastId = id));
      if (ended && !signal.aborted) onState("deleted");
      if (ended) return;
      if (!polls) failures = Date.now() - began > early ? 0 : failures + 1;
    } catch (failure) {
      if (signal.aborted) return;
      failures++;
      onState("offline", failure.message);
    }
    if (!polls) nextStream = Date.now() + again;
    await pause(1000);
  }
}
