// The list of integrations.

import { byId, clock, count, el } from "./dom.js";

/** Returns the function that shows the number of integrations and the newest ones. */
export function integrations() {
  return ({ total, last }, providers) => {
    const more = total - last.length;
    byId("integrations-count").textContent = total === 0 ? "none yet" : count(total);
    const lines = last.map((it) => line(it, providers));
    if (more > 0) lines.push(el("li", { class: "muted" }, `and ${count(more)} older ones`));
    byId("integrations").replaceChildren(...lines);
  };
}

function line({ id, name, provider_id, status, created_ms }, providers) {
  const about = [providers[provider_id] ?? provider_id, status, clock(created_ms)].join(" · ");
  return el(
    "li",
    { class: "row", data: { integrationId: id, provider: provider_id } },
    el("span", { class: "mono muted" }, id),
    el("span", { class: "name" }, name, el("span", { class: "small muted" }, about)),
  );
}
