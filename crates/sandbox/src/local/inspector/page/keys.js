// The keys.

import { byId } from "./dom.js";

/** Keys have no effect in text fields, or with a modifier, which is for the browser. */
export function keys({ move, close, pause, clear }) {
  const actions = {
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    "/": () => byId("filter").focus(),
    p: pause,
    c: clear,
    "?": () => byId("help").showModal(),
    Escape: close,
  };
  document.addEventListener("keydown", (event) => {
    const writes = event.target.matches("input, textarea, select");
    if (event.target.id === "filter" && event.key === "Escape") event.target.blur();
    if (writes || event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
    const action = actions[event.key];
    if (action == null) return;
    event.preventDefault();
    action();
  });
}
