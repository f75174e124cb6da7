// Coverage of the contract: operations by documented status.
import { admin, fetchAdmin } from "./api.js";
import { attempt, button, calm, download, element } from "./dom.js";

const link = (parameters) => `#requests?${new URLSearchParams(parameters)}`;

export async function coveragePage(content) {
  let report;
  let text = "";
  let only = "all";
  const summary = element("p", { role: "status", class: "facts" });
  const box = element("div", { class: "list", tabindex: "0", role: "region", "aria-label": "Coverage" });
  content.append(
    element("div", { class: "filters", role: "search" },
      element("input", {
        type: "search", placeholder: "Search operations", "aria-label": "Search operations",
        oninput: (event) => {
          text = event.target.value.toLowerCase();
          draw();
        },
      }),
      element("label", {}, "Show ", element("select", {
        onchange: (event) => {
          only = event.target.value;
          draw();
        },
      }, [["all", "all operations"], ["exercised", "exercised ones"], ["missing", "those that miss a status"], ["breached", "breached ones"]]
        .map(([value, label]) => element("option", { value }, label)))),
      button("Export as JSON", attempt(() => download("coverage.json", "application/json", JSON.stringify(report, null, 2)))),
      button("Export as a badge", attempt(async () => {
        const answer = await fetchAdmin("kestub/coverage", { headers: { Accept: "image/svg+xml" } });
        download("coverage.svg", "image/svg+xml", await answer.text());
      }))),
    summary, box);

  const wanted = {
    all: () => true,
    exercised: (row) => row.exercised.length > 0,
    missing: (row) => row.missing.length > 0,
    breached: (row) => row.breached.size > 0,
  };

  const cell = (row, status) => {
    const seen = row.exercised.find((item) => item.status === status);
    const breaches = row.breached.get(status) ?? 0;
    if (!seen && breaches === 0)
      return element("td", { class: row.missing.includes(status) ? "missing" : "" },
        row.missing.includes(status) ? element("span", { title: "documented, not seen" }, "–", element("span", { class: "hidden" }, "missing")) : "");
    const label = `${row.operation} ${status}: ${seen?.count ?? 0} seen${breaches ? `, ${breaches} breaches` : ""}`;
    return element("td", { class: breaches ? "breached" : "exercised" },
      element("a", { href: link({ operation: row.operation, status }), title: label },
        seen && [seen.count, element("span", { class: "hidden" }, " seen")],
        breaches > 0 && [` !${breaches}`, element("span", { class: "hidden" }, " breaches")]));
  };

  function draw() {
    const counts = report.summary;
    summary.textContent = `${counts.exercisedOperations} of ${counts.operations} operations, ${counts.exercisedStatuses} of ${counts.statuses} statuses, ${counts.breaches} breaches`;
    const breached = new Map();
    const unknown = report.breaches.filter((breach) => !breach.operation);
    for (const { operation, status } of report.breaches) {
      if (!breached.has(operation)) breached.set(operation, new Map());
      breached.get(operation).set(status, (breached.get(operation).get(status) ?? 0) + 1);
    }
    const rows = report.operations.map((row) => ({ ...row, breached: breached.get(row.operation) ?? new Map() }))
      .filter((row) => wanted[only](row) && `${row.operation} ${row.path} ${row.method}`.toLowerCase().includes(text));
    const statuses = [...new Set(rows.flatMap((row) => [...row.exercised.map((item) => item.status), ...row.missing, ...row.breached.keys()]))].sort((a, b) => a - b);
    box.replaceChildren(element("table", { class: "grid" }, element("caption", { class: "hidden" }, "Operations by status"),
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Operation"), statuses.map((status) => element("th", { scope: "col" }, status)))),
      element("tbody", {}, rows.map((row) => element("tr", {},
        element("th", { scope: "row" }, element("a", { href: link({ operation: row.operation }), title: `${row.method} ${row.path}` }, row.operation)),
        statuses.map((status) => cell(row, status)))))),
    unknown.length > 0 && only !== "missing" ? element("section", {}, element("h2", {}, "Requests without an operation"),
      element("ul", {}, unknown.slice(0, 100).map((breach) => element("li", {}, element("a", { href: link({ id: breach.id }) }, `${breach.method} ${breach.url}`), ` ${breach.status}`)))) : "");
  }

  const read = async () => {
    report = await admin("kestub/coverage");
    if (content.isConnected) draw();
  };
  await read();
  const again = calm(attempt(read), 500);
  return { onEvents: (events) => events.some(({ type }) => type !== "hello") && again() };
}
