// Clock, snapshots, sandboxes, scenarios, journal, and all else that the control plane can do.
import { admin, currentSandbox, fetchAdmin } from "./api.js";
import { ask, attempt, button, download, element, notify, pretty } from "./dom.js";

const encode = encodeURIComponent;
const none = (text) => element("li", { class: "none" }, text);

/** A part of the page that `read` fills, also after each of its actions. */
function part(title, read) {
  const box = element("div");
  const fill = attempt(async () => box.replaceChildren(...(await read(act)).filter(Boolean)));
  const act = (make, message) => attempt(async () => {
    if ((await make()) === false) return;
    if (message) notify(message);
    await fill();
  });
  fill();
  return element("section", { class: "part" }, element("h2", {}, title), box);
}

const clock = async (act) => {
  const { now, frozen } = await admin("kestub/clock");
  const put = (body) => () => admin("kestub/clock", "PUT", body);
  const advance = element("input", { value: "PT1H", size: 8, "aria-label": "Advance by, as an ISO 8601 duration" });
  return [
    element("p", {}, element("b", { class: "now" }, now), frozen ? " stands still" : " runs"),
    element("p", { class: "actions" }, advance, button("Advance", act(() => admin("kestub/clock", "PUT", { advance: advance.value }))),
      frozen ? button("Let it run", act(put({ frozen: false }))) : button("Freeze", act(put({ frozen: true }))),
      button("Set", act(async () => {
        const answer = await ask("Set the clock", [{ name: "now", label: "Date and time", value: now, required: true }], "Set");
        return answer ? admin("kestub/clock", "PUT", { now: answer.now }) : false;
      })),
      button("Reset", act(() => admin("kestub/clock", "DELETE")))),
  ];
};

const snapshots = async (act) => {
  const { snapshots: found } = await admin("kestub/snapshots");
  return [
    element("ul", { class: "rows" }, found.length === 0 && none("There are no snapshots."), found.map(({ name }) => element("li", {}, element("b", {}, name), element("span", { class: "actions" },
      button("Restore", act(() => admin(`kestub/snapshots/${encode(name)}/restore`, "POST"), `The state is that of ${name}.`), { "aria-label": `Restore ${name}` }),
      button("Delete", act(() => admin(`kestub/snapshots/${encode(name)}`, "DELETE")), { "aria-label": `Delete the snapshot ${name}` }))))),
    element("p", { class: "actions" }, button("Save a snapshot", act(async () => {
      const answer = await ask("Save state and clock", [{ name: "name", label: "Name", required: true }], "Save");
      return answer ? admin(`kestub/snapshots/${encode(answer.name)}`, "POST") : false;
    }, "The snapshot is saved."))),
  ];
};

const sandboxes = ({ refreshSandboxes, useSandbox }) => async (act) => {
  const { sandboxes: found } = await admin("kestub/sandboxes");
  await refreshSandboxes();
  return [
    element("ul", { class: "rows" }, found.map(({ name }) => element("li", {}, element("b", {}, name), name === currentSandbox() && " (this one)", element("span", { class: "actions" },
      name !== currentSandbox() && button("Use", () => useSandbox(name), { "aria-label": `Use the sandbox ${name}` }),
      name !== "default" && button("Delete", act(async () => {
        await admin(`kestub/sandboxes/${encode(name)}`, "DELETE");
        if (name === currentSandbox()) await useSandbox("default");
      }), { "aria-label": `Delete the sandbox ${name}` }))))),
    element("p", { class: "actions" }, button("Make a sandbox", act(async () => {
      const answer = await ask("Make a sandbox", [
        { name: "name", label: "Name", required: true },
        { name: "version", label: "Version of the server, such as 1.3; empty for that of kestub" },
        { name: "snapshot", label: "Start from this snapshot; empty for the start of kestub" },
      ], "Make it");
      if (!answer) return false;
      await admin(`kestub/sandboxes/${encode(answer.name)}`, "PUT", {
        ...(answer.version && { serverVersion: answer.version }), ...(answer.snapshot && { snapshot: answer.snapshot }),
      });
      return undefined;
    }, "The sandbox is there."))),
  ];
};

const scenarios = async (act) => {
  const { scenarios: found } = await admin("scenarios");
  return [
    element("ul", { class: "rows" }, found.length === 0 && none("There are no scenarios."), found.map((scenario) => element("li", {}, element("label", {}, `${scenario.name} `,
      element("select", { onchange: (event) => act(() => admin(`scenarios/${encode(scenario.name)}/state`, "PUT", { state: event.target.value }))() },
        scenario.possibleStates.map((state) => element("option", { value: state, selected: state === scenario.state }, state))))))),
    found.length > 0 && button("Reset all", act(() => admin("scenarios/reset", "POST"))),
  ];
};

const journal = async (act) => {
  const found = await admin("kestub/journal");
  return [
    element("p", {}, `${found.entries} of ${found.maxEntries} entries, ${Math.round(found.bytes / 1024)} of ${found.maxBytes / 1024} KiB; ${found.evicted} made room, ${found.lost} lost`),
    button("Empty the journal", act(() => admin("requests", "DELETE"), "The journal is empty.")),
  ];
};

const passwords = async (act) => {
  const { passwordResets: found } = await admin("kestub/password-resets");
  return [element("ul", { class: "rows" }, found.length === 0 && none("Nobody has forgotten a password."),
    found.map((reset) => element("li", {}, element("b", {}, reset.username), " ", element("code", {}, reset.token), ` until ${reset.expiresAt}`))), button("Look again", act(async () => {}))];
};

const everything = async (act) => {
  const file = element("input", { type: "file", accept: ".json,application/json", "aria-label": "A state to load" });
  return [element("p", { class: "actions" },
    button("Download the state", attempt(async () => {
      const answer = await fetchAdmin("kestub/state");
      download(`${currentSandbox()}.json`, "application/json", await answer.text());
    })),
    button("Reset the sandbox", act(() => admin("reset", "POST"), "Everything is as at the start."))),
  element("p", { class: "actions" }, file, button("Load it", act(async () => {
    if (file.files.length === 0) {
      notify("Choose a file first.", true);
      return false;
    }
    return admin("kestub/state", "PUT", JSON.parse(await file.files[0].text()));
  }, "The state is loaded.")))];
};

/** Whatever has no button: any call of the control plane. */
function anyCall() {
  const method = element("select", { "aria-label": "Method" }, ["GET", "POST", "PUT", "PATCH", "DELETE"].map((name) => element("option", {}, name)));
  const path = element("input", { value: "settings", class: "wide", "aria-label": "Path below /__admin/", list: "paths" });
  const paths = element("datalist", { id: "paths" });
  const body = element("textarea", { rows: 4, spellcheck: "false", "aria-label": "Body, as JSON" });
  const answer = element("pre", { tabindex: "0", "aria-label": "Answer", hidden: true });
  const call = attempt(async () => {
    const got = await fetchAdmin(path.value.replace(/^\/?(__admin\/)?/, ""), {
      method: method.value,
      ...(body.value && method.value !== "GET" ? { body: body.value, headers: { "Content-Type": "application/json" } } : {}),
    });
    answer.hidden = false;
    answer.textContent = `${got.status}\n${pretty((await got.text()).slice(0, 200000))}`;
  });
  admin("").then(({ links }) => paths.append(...links.map(({ href }) => href.replace(/^.*\/__admin\//, "")).filter((href) => href && !/^ui|events/.test(href)).map((value) => element("option", { value })))).catch(() => {});
  return element("section", { class: "part" }, element("h2", {}, "Any call of the control plane"),
    element("form", {
      onsubmit: (event) => {
        event.preventDefault();
        call();
      },
    }, element("p", { class: "actions" }, method, path, paths, element("button", {}, "Send")), body), answer);
}

export async function statePage(content, frame) {
  content.append(part("Clock", clock), part("Snapshots", snapshots), part("Sandboxes", sandboxes(frame)), part("Scenarios", scenarios),
    part("Journal", journal), part("Forgotten passwords", passwords), part("The whole state", everything), anyCall());
  return {};
}
