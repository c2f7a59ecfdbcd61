// The integrations that were made.

import { byId, clock, count, el } from "./dom.js";

/** Gives what tells of them: how many there are, and the newest. */
export function integrations() {
  return ({ total, last }, providers) => {
    const more = total - last.length;
    byId("integrations-count").textContent = total === 0 ? "none yet" : count(total);
    const lines = last.map((it) => line(it, providers));
    if (more > 0) lines.push(el("li", { class: "muted" }, `and ${count(more)} made before`));
    byId("integrations").replaceChildren(...lines);
  };
}

function line({ id, name, provider_id, status, created_ms }, providers) {
  const about = [providers[provider_id] ?? provider_id, status, clock(created_ms)].join(" · ");
  return el(
    "li",
    { data: { integrationId: id, provider: provider_id } },
    el("span", { class: "id" }, id),
    el("span", { class: "name" }, name, el("span", { class: "muted" }, about)),
  );
}
