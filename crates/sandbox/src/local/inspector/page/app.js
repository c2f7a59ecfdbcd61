// The inspector: passes the events of the sandbox to the parts of the page.

import { Detail } from "./detail.js";
import { byId, printable } from "./dom.js";
import { faults } from "./faults.js";
import { gauges } from "./gauges.js";
import { showIntegrations } from "./integrations.js";
import { Requests } from "./requests.js";
import { again, edit } from "./send.js";
import { ask, follow, keepToken, takeToken } from "./server.js";

takeToken();
if (matchMedia("(max-width: 60rem)").matches) {
  for (const part of document.querySelectorAll("#side > details")) part.open = false;
}

const requests = new Requests();
const detail = new Detail((row) => requests.clock(row), { again: sendAgain, copy, edit: editAndSend });
const showLimits = gauges();
const { show: showFaults, know } = await faults(say);
let [run, providers] = [null, {}];

function show(update) {
  if (update.hello) {
    // After a restart of the sandbox, the same numbers are other requests.
    if (run != null && run !== update.hello.run && detail.id != null) location.hash = "";
    ({ run, providers } = update.hello);
    requests.names = providers;
    know(update.hello.operations);
    showTry(update.hello.has_token);
    requests.epoch = update.hello.epoch_ms;
  }
  if (update.cleared || update.requests.length > 0 || update.left_out > 0) {
    requests.update(update);
    // The open request has changed.
    if (update.requests.some((row) => row.id === detail.id)) detail.open(detail.id);
  }
  if (update.state) {
    showLimits(update.state);
    requests.total = update.state.requests;
  }
  if (update.integrations) showIntegrations(update.integrations, providers);
  if (update.faults) showFaults(update.faults);
}

/** Shows a command that the sandbox accepts, but for a token that this page does not know. */
function showTry(hasToken) {
  byId("try-token").textContent = hasToken ? "Connect any client, with the token that the sandbox was started with." : "Connect any client, with any token.";
  byId("try").textContent = `export OCAMBA_BASE_URL=${location.origin} OCAMBA_TOKEN=${hasToken ? "TOKEN" : "any"}\nocamba integrations create request.json`;
}

function connected(state, why) {
  document.body.dataset.connection = state;
  byId("connection").textContent = { live: "Live", gone: "Disconnected", locked: "Locked" }[state];
  byId("gone").hidden = state !== "gone";
  byId("gone").textContent = state === "gone" ? "The sandbox is not reachable. This page reconnects when it is back." : "";
  byId("token-form").hidden = state !== "locked";
  if (state !== "locked") return null;
  byId("token-error").textContent = byId("token").value === "" ? "" : printable(why);
  byId("token").focus();
  return new Promise((resume) => {
    const submitted = (event) => {
      event.preventDefault();
      keepToken(byId("token").value);
      resume();
    };
    byId("token-form").addEventListener("submit", submitted, { once: true });
  });
}

function route() {
  const id = location.hash.match(/^#request-(\d+)$/)?.[1];
  requests.open(id ? Number(id) : null);
  if (id) detail.open(Number(id));
  else if (detail.id != null) detail.close();
  // A link to a part of the side, which a request in full may have hidden.
  const part = document.querySelector("#side > details:target");
  if (!part) return;
  part.open = true;
  part.scrollIntoView({ block: "nearest" });
  part.querySelector("summary").focus();
}

function sendAgain(id) {
  again(id).then(say, (error) => say(error.message));
}

function editAndSend(id) {
  edit(id, say).catch((error) => say(error.message));
}

function pause() {
  requests.pause();
  byId("pause").setAttribute("aria-pressed", requests.isPaused);
  byId("pause").textContent = requests.isPaused ? "Resume" : "Pause";
}

function clear() {
  location.hash = "";
  ask("journal", { method: "DELETE" }).catch((error) => say(error.message));
}

/** Moves to another request, and opens it if one is open. */
function move(by) {
  const id = requests.move(by);
  if (id == null || detail.id == null) return;
  // Moves do not belong in the history.
  history.replaceState(null, "", `#request-${id}`);
  route();
}

const KEYS = {
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  "/": () => byId("filter").focus(),
  p: pause,
  c: clear,
  r: () => detail.id != null && sendAgain(detail.id),
  e: () => detail.id != null && editAndSend(detail.id),
  "?": () => byId("help").showModal(),
  Escape: () => (location.hash = ""),
};

/** Keys have no effect in text fields, or with a modifier, which is for the browser. */
function press(event) {
  const writes = event.target.matches("input, textarea, select");
  if (event.target.id === "filter" && event.key === "Escape") event.target.blur();
  if (writes || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (KEYS[event.key] == null) return;
  event.preventDefault();
  KEYS[event.key]();
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    say(`Copied ${what}.`);
  } catch {
    // Browsers allow the clipboard only for pages of this machine and of https.
    say(`The browser does not allow this page to copy: ${text}`);
  }
}

let fade;
function say(text) {
  byId("copied").textContent = printable(text);
  clearTimeout(fade);
  fade = setTimeout(() => (byId("copied").textContent = ""), 6000);
}

addEventListener("hashchange", route);
byId("pause").addEventListener("click", pause);
byId("clear").addEventListener("click", clear);
byId("help-button").addEventListener("click", () => byId("help").showModal());
byId("filter").addEventListener("input", (event) => requests.filter(event.target.value));
document.addEventListener("keydown", press);
follow(show, connected);
route();
