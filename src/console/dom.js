// Elements without markup: whatever comes from a client is text here, never HTML.

/** Makes an element. `properties` are attributes, or listeners when their names start with "on". */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value") made.value = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const button = (label, onclick, properties = {}) =>
  element("button", { type: "button", ...properties, onclick }, label);

export function table(caption, heads, rows, properties = {}) {
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    element("table", properties,
      element("caption", { class: "hidden" }, caption),
      element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, head)))),
      element("tbody", {}, rows.map((cells) => element("tr", {}, cells.map((cell) => element("td", {}, cell)))))));
}

/** Shows a message for a while; a failure stays until somebody closes it. */
export function notify(message, failed = false) {
  const box = document.getElementById("notices");
  const notice = element("p", { class: failed ? "notice failed" : "notice" }, String(message),
    button("Close", () => notice.remove(), { class: "small" }));
  box.append(notice);
  while (box.children.length > 3) box.firstChild.remove();
  if (!failed) setTimeout(() => notice.remove(), 4000);
}

/** Opens a dialog with a form, and resolves to its values, or to null when it is dismissed. */
export function ask(title, fields, action = "OK", note = "") {
  return new Promise((resolve) => {
    const inputs = fields.map((field) => field.lines
      ? element("textarea", { rows: field.lines, spellcheck: "false", name: field.name, value: field.value ?? "" })
      : element("input", { name: field.name, type: field.type ?? "text", value: field.value ?? "", required: field.required, autocomplete: "off" }));
    const problem = element("p", { class: "problem", role: "alert" });
    let answer = null;
    const form = element("form", {
      method: "dialog",
      onsubmit: (event) => {
        const values = Object.fromEntries(fields.map((field, i) => [field.name, inputs[i].value]));
        for (const field of fields) {
          const message = field.check?.(values[field.name]);
          if (message) {
            problem.textContent = message;
            event.preventDefault();
            return;
          }
        }
        answer = values;
      },
    },
      element("h2", { id: "dialog-title" }, title), note && element("p", {}, note),
      fields.map((field, i) => element("label", { class: "field" }, field.label, inputs[i])), problem,
      element("p", { class: "actions" }, element("button", { class: "main" }, action), button("Cancel", () => dialog.close())));
    const dialog = element("dialog", {
      "aria-labelledby": "dialog-title",
      onclose: () => {
        dialog.remove();
        resolve(answer);
      },
    }, form);
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Shows a text that can be copied. */
export async function showText(title, text) {
  let copied = false;
  try {
    await navigator.clipboard.writeText(text);
    copied = true;
  } catch { /* the text is there to select */ }
  const area = element("textarea", { rows: 8, readonly: true, value: text, "aria-label": title });
  const dialog = element("dialog", { "aria-label": title, onclose: () => dialog.remove() },
    element("h2", {}, title), element("p", {}, copied ? "It is in the clipboard." : "Select it to copy it."), area,
    element("p", { class: "actions" }, button("Close", () => dialog.close(), { class: "main" })));
  document.body.append(dialog);
  dialog.showModal();
  area.select();
}

/** Lets the browser save a text as a file. */
export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

export const pretty = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

/** Calls `act` once, when nobody has called for a while. */
export function calm(act, ms) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(act, ms, ...values);
  };
}

/** Calls `act` and shows its failure. */
export const attempt = (act) => async (...values) => {
  try {
    return await act(...values);
  } catch (failure) {
    notify(failure.message, true);
    return undefined;
  }
};
