// One request in the list.

import { client } from "./clients.js";
import { duration, el } from "./dom.js";

/** Draws a request as a link to itself. `names` are those of providers. */
export function link(row, { time, names, isOpen, hasFocus }) {
  const { mark, title } = client(row.user_agent);
  const query = row.query ? el("span", { class: "muted" }, `?${row.query}`) : "";
  return el(
    "a",
    { href: `#request-${row.id}`, tabindex: hasFocus ? "0" : "-1", "aria-current": isOpen ? "true" : null },
    el("span", { class: "tag status tint" }, statusText(row)),
    " ",
    el("div", { class: "text" }, el("div", { class: "mono path" }, el("b", {}, row.method), " ", row.path, query), about(row, names)),
    " ",
    el("span", { class: "client row small" }, el("span", { class: "tag", "aria-hidden": "true" }, mark), el("span", { class: "cut" }, title)),
    " ",
    el("span", { class: "took small" }, row.duration_ms == null ? "in flight" : duration(row.duration_ms)),
    " ",
    el("time", { class: "small muted" }, time),
  );
}

/** The attributes for styles and tests. */
export function data(row) {
  return {
    requestId: row.id,
    status: status(row),
    committed: row.committed,
    client: client(row.user_agent).kind,
    operation: row.operation ?? "",
    ...(row.fault ? { fired: row.fault } : {}),
  };
}

/** All that is shown of a request but its times. Requests in flight are unlike all others. */
export function likeness(row) {
  if (row.duration_ms == null) return null;
  const { method, path, query, status, operation, name, provider_id, fault, committed, integration_id, user_agent, account } = row;
  const shown = [method, path, query, status, operation, name, provider_id, fault, committed, integration_id, user_agent, account];
  return JSON.stringify([...shown, row.error?.message]);
}

/** The status for styles and tests. */
export function status(row) {
  if (row.duration_ms == null) return "open";
  return row.status == null ? "none" : String(row.status);
}

export function statusText(row) {
  if (row.duration_ms == null) return "···";
  return row.status == null ? "cut" : String(row.status);
}

/** The second line: operation, provider, name, effect and error. */
function about(row, names) {
  const parts = [el("span", { class: "operation cut" }, row.operation ?? "no operation")];
  if (names[row.provider_id]) parts.push(" ", el("span", { class: "provider" }, names[row.provider_id]));
  if (row.name) parts.push(" ", el("span", { class: "name cut" }, row.name));
  if (row.fault) parts.push(" ", el("span", { class: "chip other tint" }, `fault: ${row.fault}`));
  if (row.committed) {
    const id = row.integration_id ? ` ${row.integration_id}` : "";
    parts.push(" ", el("span", { class: "chip good tint" }, `committed${id}`));
  }
  const violations = row.error?.violations.map((it) => it.field || "the body") ?? [];
  if (violations.length > 0) parts.push(" ", el("span", { class: "chip bad tint cut" }, violations.join(", ")));
  else if (row.error?.message) parts.push(" ", el("span", { class: "message cut" }, row.error.message));
  return el("div", { class: "about row small muted" }, ...parts);
}
