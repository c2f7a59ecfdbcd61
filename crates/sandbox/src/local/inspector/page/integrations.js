// The integrations of the sandbox.

import { byId, clock, count, el } from "./dom.js";

/** Shows the number of integrations, and the newest ones. `names` are those of providers. */
export function showIntegrations({ total, last }, names) {
  const more = total - last.length;
  byId("integrations-count").textContent = total === 0 ? "none yet" : count(total);
  byId("integrations-total").textContent = count(total);
  const line = ({ id, name, provider_id: provider, status, created_ms: created }) => {
    const about = el("span", { class: "small muted" }, [names[provider] ?? provider, status, clock(created)].join(" · "));
    const data = { integrationId: id, provider };
    return el("li", { class: "row", data }, el("span", { class: "mono muted" }, id), el("span", {}, name, about));
  };
  const older = more > 0 ? [el("li", { class: "muted" }, `and ${count(more)} older ones`)] : [];
  byId("integrations").replaceChildren(...last.map(line), ...older);
}
