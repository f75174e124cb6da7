// Stub mappings: list, edit, pause, delete.
import { admin } from "./api.js";
import { ask, attempt, button, element, notify } from "./dom.js";

const PAGE = 50;
const encode = encodeURIComponent;

const checkJson = (text) => {
  try {
    JSON.parse(text);
    return "";
  } catch (failure) {
    return `This is not JSON: ${failure.message}`;
  }
};

/** Lets people edit a stub, and saves it: a new one, unless it has an id. Asks again after a refusal. */
export const editStub = attempt(async (stub) => {
  let text = JSON.stringify(stub, null, 2);
  for (let problem = ""; ; ) {
    const answer = await ask(stub.id ? "Edit the stub" : "Make a stub", [{ name: "json", label: "The mapping, as JSON", lines: 16, value: text, check: checkJson }], "Save", problem);
    if (!answer) return false;
    text = answer.json;
    try {
      await admin(stub.id ? `mappings/${encode(stub.id)}` : "mappings", stub.id ? "PUT" : "POST", JSON.parse(text));
      notify("The stub is saved.");
      return true;
    } catch (failure) {
      problem = failure.message;
    }
  }
});

const summarize = (request = {}) => {
  const place = request.url ?? request.urlPath ?? request.urlPattern ?? request.urlPathPattern ?? request.urlPathTemplate ?? "any path";
  return `${request.method ?? "ANY"} ${place}`;
};

const isPaused = (stub) => stub.metadata?.kestub?.times === 0;

/** A stub that may answer no more is paused. Its metadata remember how often it may. */
function paused(stub, pauses) {
  const { pausedTimes, ...metadata } = stub.metadata ?? {};
  const { times, ...own } = metadata.kestub ?? {};
  if (pauses) return { ...stub, metadata: { ...metadata, pausedTimes: times ?? null, kestub: { ...own, times: 0 } } };
  const kestub = typeof pausedTimes === "number" ? { ...own, times: pausedTimes } : own;
  return { ...stub, metadata: { ...metadata, kestub } };
}

export async function stubsPage(content) {
  let first = 0;
  let total = 0;
  const list = element("ul", { class: "stubs" });
  const count = element("span", { role: "status", class: "count" });
  const turn = (by) => attempt(async () => {
    first = Math.max(0, first + by);
    await read();
  });
  const [back, on] = [button("Before these", turn(-PAGE)), button("More", turn(PAGE))];

  const act = (path, method, message) => attempt(async () => {
    await admin(path, method);
    notify(message);
    await read();
  });

  content.append(
    element("div", { class: "filters" },
      button("New stub", async () => {
        const done = await editStub({ request: { method: "GET", urlPath: "/" }, response: { status: 200, jsonBody: {} } });
        if (done) await attempt(read)();
      }, { class: "main" }),
      button("Reset", act("mappings/reset", "POST", "The stubs are those of the start.")),
      button("Save", act("mappings/save", "POST", "The stubs are saved; a reset returns to them.")),
      back, on, count),
    element("p", { class: "facts" }, "The newest stub of the lowest priority number comes first. A paused stub stays, and does not answer."),
    list);

  const item = (stub) => element("li", { class: isPaused(stub) ? "paused" : "" },
    element("div", {}, element("b", {}, stub.name ?? stub.id), isPaused(stub) && element("span", { class: "mark" }, "paused"),
      element("code", {}, `${summarize(stub.request)} → ${stub.response?.fault ?? stub.response?.status ?? 200}`)),
    element("p", { class: "actions" },
      button(isPaused(stub) ? "Resume" : "Pause", attempt(async () => {
        await admin(`mappings/${encode(stub.id)}`, "PUT", paused(stub, !isPaused(stub)));
        await read();
      }), { "aria-label": `${isPaused(stub) ? "Resume" : "Pause"} ${stub.name ?? stub.id}` }),
      button("Edit", async () => {
        const done = await editStub(stub);
        if (done) await attempt(read)();
      }, { "aria-label": `Edit ${stub.name ?? stub.id}` }),
      button("Delete", act(`mappings/${encode(stub.id)}`, "DELETE", "The stub is gone."), { "aria-label": `Delete ${stub.name ?? stub.id}` })));

  async function read() {
    const answer = await admin(`mappings?limit=${PAGE}&offset=${first}`);
    total = answer.meta.total;
    list.replaceChildren(...(answer.mappings.length > 0 ? answer.mappings.map(item) : [element("li", { class: "none" }, "There are no stubs.")]));
    count.textContent = total === 0 ? "" : `${first + 1} to ${first + answer.mappings.length} of ${total}`;
    back.disabled = first === 0;
    on.disabled = first + PAGE >= total;
  }
  await read();
  return {};
}
