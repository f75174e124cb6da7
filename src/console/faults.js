// Fault profiles, with their arguments explained.
import { aboutServer, admin } from "./api.js";
import { attempt, button, element, notify } from "./dom.js";

const kinds = {
  MS: "MS is a time in milliseconds.", N: "N is a number.", P: "P is a share from 0 to 1.",
  SEED: "SEED starts the random choice, so that runs are alike.", drop: "drop is the word itself.",
};

const explain = (usage) => Object.entries(kinds).filter(([word]) => new RegExp(`\\b${word}\\b`).test(usage)).map(([, text]) => text).join(" ");

export async function faultsPage(content) {
  const [{ profiles }, { faults }] = await Promise.all([aboutServer(), admin("kestub/faults")]);
  const rows = profiles.map((profile) => {
    const box = element("input", { type: "checkbox", "aria-label": profile.name });
    const argument = profile.usage && element("input", { "aria-label": `Argument of ${profile.name}`, placeholder: profile.usage.replace(/[[\]=]/g, "").replace("MS:", "MS:"), size: 12, oninput: () => (box.checked = true) });
    return { profile, box, argument };
  });

  function fill(texts) {
    for (const { profile, box, argument } of rows) {
      const on = texts.find((text) => text.split("=")[0] === profile.name);
      box.checked = on !== undefined;
      if (argument) argument.value = on?.split("=")[1] ?? "";
    }
  }

  const apply = attempt(async () => {
    const wanted = rows.filter(({ box }) => box.checked).map(({ profile, argument }) => argument?.value.trim() ? `${profile.name}=${argument.value.trim()}` : profile.name);
    const answer = await admin("kestub/faults", "PUT", { faults: wanted });
    fill(answer.faults);
    notify(answer.faults.length > 0 ? `On: ${answer.faults.join(", ")}` : "All profiles are off.");
  });

  content.append(
    element("p", {}, "A fault profile makes kestub misbehave as the real server is known to. The control plane and this page never misbehave."),
    element("form", {
      onsubmit: (event) => {
        event.preventDefault();
        apply();
      },
    },
      element("ul", { class: "profiles" }, rows.map(({ profile, box, argument }) => element("li", {},
        element("label", {}, box, " ", element("b", {}, profile.name)), argument,
        element("p", {}, `${profile.help}. `, element("code", {}, `${profile.name}${profile.usage}`), ` ${explain(profile.usage)}`)))),
      element("p", { class: "actions" }, element("button", { class: "main" }, "Apply"),
        button("All off", attempt(async () => {
          await admin("kestub/faults", "DELETE");
          fill([]);
          notify("All profiles are off.");
        })))));
  fill(faults);
  return {};
}
